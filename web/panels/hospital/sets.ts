/** The vital signs of one patient: the stored history and what has come since, without doubles. */
import { get, type NumericSet, type PatientRow, query } from '@gh/contract'
import { useNumerics, useRow } from '@gh/live'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { devicesOn } from '../care/monitors.ts'
import { extend } from '../care/vitals.ts'

const EVERY_MS = 30_000
/** Between these only what is new is asked for: an hour of signs weighs two megabytes. A vehicle that was out of reach sends its signs late, with their own times. */
const WHOLE_EVERY_MS = 5 * 60_000
const KEEP = 120

export type Sets = {
  sets: readonly NumericSet[]
  live: NumericSet | undefined
  failed: boolean
  loading: boolean
}

interface Kept {
  sets: readonly NumericSet[]
  whole_ms: number
}

function useHistory(patient: PatientRow | undefined) {
  const client = useQueryClient()
  const key = ['vitals', patient?.id ?? '']
  return useQuery<Kept>({
    queryKey: key,
    enabled: patient !== undefined,
    refetchInterval: EVERY_MS,
    refetchOnWindowFocus: false,
    queryFn: async () => {
      const kept = client.getQueryData<Kept>(key)
      const now = Date.now()
      const whole = kept === undefined || now - kept.whole_ms > WHOLE_EVERY_MS
      const newest = kept?.sets.at(-1)?.received_ms ?? 0
      const from_ms = whole ? patient?.registered_ms : newest + 1
      const sets = await get<NumericSet[]>(
        query('/api/vitals', { patient_id: patient?.id, from_ms }),
      )
      return whole
        ? { sets, whole_ms: now }
        : { sets: extend(kept.sets, sets), whole_ms: kept.whole_ms }
    },
  })
}

export function useSets(patient: PatientRow | undefined): Sets {
  const mission = useRow('missions', patient?.mission_id)
  const live = useNumerics(patient?.unit_id ?? '', devicesOn(mission, patient))
  const history = useHistory(patient)
  const [since, setSince] = useState<{ patient: string; sets: readonly NumericSet[] }>({
    patient: '',
    sets: [],
  })
  const id = patient?.id ?? ''
  useEffect(() => {
    if (live === undefined || id === '') return
    // A set that is told again takes the earlier one's place: a device that went to another patient.
    const isAgain = (set: NumericSet) =>
      set.device_id === live.device_id && set.received_ms === live.received_ms
    setSince((was) => ({
      patient: id,
      sets:
        was.patient === id
          ? [...was.sets.filter((set) => !isAgain(set)).slice(-KEEP), live]
          : [live],
    }))
  }, [live, id])
  const known = history.data?.sets ?? []
  return {
    sets: extend(known, since.patient === id ? since.sets : []),
    live,
    failed: history.isError,
    loading: history.isPending && patient !== undefined,
  }
}
