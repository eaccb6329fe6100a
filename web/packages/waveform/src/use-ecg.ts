import { useEffect, useState, useSyncExternalStore } from 'react'
import { EcgFeed, type EcgState } from './feed.ts'
import { EcgRecord } from './record.ts'

const NOTHING: EcgState = {
  window: null,
  record: new EcgRecord(),
  newest_ms: 0,
  late_ms: 0,
  connected: false,
  elsewhere: false,
  taken: 0,
}
const never = () => () => {}

/** One feed a patient, however many look at it: the line carries the ECG once. */
const feeds = new Map<string, { feed: EcgFeed; users: number }>()

function take(unit: string, patientId: string): EcgFeed {
  const key = `${unit} ${patientId}`
  const held = feeds.get(key) ?? { feed: new EcgFeed(unit, patientId), users: 0 }
  if (held.users === 0) held.feed.start()
  held.users += 1
  feeds.set(key, held)
  return held.feed
}

function leave(unit: string, patientId: string): void {
  const key = `${unit} ${patientId}`
  const held = feeds.get(key)
  if (held === undefined) return
  held.users -= 1
  if (held.users > 0) return
  held.feed.stop()
  feeds.delete(key)
}

/**
 * The live ECG of a patient in a vehicle, as long as a component with it is on the screen. `packets`:
 * drawn anew with each, five times a second. Paper needs that: what comes in one go when a page opens
 * would stand there unfinished until something else draws it. A sweep takes it from the window itself.
 */
export function useEcg(unit: string, patientId: string, packets: boolean): EcgState {
  const [made, setMade] = useState<EcgFeed | null>(null)
  useEffect(() => {
    if (unit === '') return setMade(null)
    setMade(take(unit, patientId))
    return () => leave(unit, patientId)
  }, [unit, patientId])
  // Not for one picture is the last patient's ECG the next one's.
  const feed = made?.isOf(unit, patientId) ? made : null
  const subscribe = packets ? feed?.subscribe : feed?.subscribeCalm
  return useSyncExternalStore(subscribe ?? never, () => feed?.state ?? NOTHING)
}
