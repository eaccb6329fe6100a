/** The vital signs of one patient: the stored history and what has come since, without doubles. */
import { type NumericSet, type PatientRow, query } from '@gh/contract'
import { useNumerics } from '@gh/live'
import { useEffect, useState } from 'react'
import { useGet } from '../care/query.ts'
import { extend } from '../care/vitals.ts'

const EVERY_MS = 30_000
const KEEP = 120

export type Sets = {
  sets: readonly NumericSet[]
  live: NumericSet | undefined
  failed: boolean
  loading: boolean
}

export function useSets(patient: PatientRow | undefined): Sets {
  const live = useNumerics(patient?.unit_id ?? '')
  const history = useGet<NumericSet[]>(
    patient
      ? query('/api/vitals', { patient_id: patient.id, from_ms: patient.registered_ms })
      : null,
    { every_ms: EVERY_MS },
  )
  const [since, setSince] = useState<{ patient: string; sets: readonly NumericSet[] }>({
    patient: '',
    sets: [],
  })
  const id = patient?.id ?? ''
  useEffect(() => {
    if (live === undefined || id === '') return
    setSince((was) => ({
      patient: id,
      sets: was.patient === id ? [...was.sets.slice(-KEEP), live] : [live],
    }))
  }, [live, id])
  const known = history.data ?? []
  return {
    sets: extend(known, since.patient === id ? since.sets : []),
    live,
    failed: history.isError,
    loading: history.isPending && patient !== undefined,
  }
}
