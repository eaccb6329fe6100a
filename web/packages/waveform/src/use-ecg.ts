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

/** The live ECG of a vehicle, as long as the component is on the screen. */
export function useEcg(unit: string): EcgState {
  const [feed, setFeed] = useState<EcgFeed | null>(null)
  useEffect(() => {
    if (unit === '') return
    const made = new EcgFeed(unit)
    made.start()
    setFeed(made)
    return () => made.stop()
  }, [unit])
  return useSyncExternalStore(feed?.subscribe ?? never, () => feed?.state ?? NOTHING)
}
