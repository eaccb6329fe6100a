import { useEffect, useState, useSyncExternalStore } from 'react'
import { EcgFeed, type EcgState } from './feed.ts'
import { EcgRecord } from './record.ts'

const NOTHING: EcgState = {
  window: null,
  record: new EcgRecord(),
  arrived_ms: 0,
  connected: false,
  taken: 0,
}
const never = () => () => {}

/** One feed a vehicle, however many look at it: the line carries the ECG once. */
const feeds = new Map<string, { feed: EcgFeed; users: number }>()

function take(unit: string): EcgFeed {
  const held = feeds.get(unit) ?? { feed: new EcgFeed(unit), users: 0 }
  if (held.users === 0) held.feed.start()
  held.users += 1
  feeds.set(unit, held)
  return held.feed
}

function leave(unit: string): void {
  const held = feeds.get(unit)
  if (held === undefined) return
  held.users -= 1
  if (held.users > 0) return
  held.feed.stop()
  feeds.delete(unit)
}

/** The live ECG of a vehicle, as long as a component with it is on the screen. */
export function useEcg(unit: string): EcgState {
  const [feed, setFeed] = useState<EcgFeed | null>(null)
  useEffect(() => {
    if (unit === '') return setFeed(null)
    setFeed(take(unit))
    return () => leave(unit)
  }, [unit])
  return useSyncExternalStore(feed?.subscribe ?? never, () => feed?.state ?? NOTHING)
}
