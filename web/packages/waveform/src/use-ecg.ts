import { useEffect, useState, useSyncExternalStore } from 'react'
import { EcgFeed, type EcgState } from './feed.ts'
import { EcgRecord } from './record.ts'

const NOTHING: EcgState = {
  window: null,
  record: new EcgRecord(),
  arrived_ms: 0,
  connected: false,
  elsewhere: false,
  taken: 0,
}
const never = () => () => {}

/** The live ECG of a patient in a vehicle, as long as the component is on the screen. */
export function useEcg(unit: string, patientId: string): EcgState {
  const [made, setMade] = useState<EcgFeed | null>(null)
  useEffect(() => {
    if (unit === '') return
    const feed = new EcgFeed(unit, patientId)
    feed.start()
    setMade(feed)
    return () => feed.stop()
  }, [unit, patientId])
  // Not for one picture is the last patient's ECG the next one's.
  const feed = made?.isOf(unit, patientId) ? made : null
  return useSyncExternalStore(feed?.subscribe ?? never, () => feed?.state ?? NOTHING)
}
