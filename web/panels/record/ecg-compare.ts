/** Which ECGs of a patient stand beside each other, and how a difference is written. */
import {
  type EcgComparison,
  type Identified,
  type KnownEcg,
  type KnownEcgs,
  query,
} from '@gh/contract'
import { dayTime } from '@gh/i18n'
import { type Reading, useGet } from '../care/query.ts'

/** Each question is on the access log: an answer is kept as long as it is looked at. */
const KEPT = { stale_ms: Number.POSITIVE_INFINITY }

export const useKnown = (patientId: string): Reading<KnownEcgs> =>
  useGet<KnownEcgs>(query('/api/ecg/known', { patient_id: patientId }), KEPT)

export interface Side {
  id: string
  from_ms: number
}

export const useComparison = (
  patientId: string,
  one: Side | null,
  other: Side | null,
): Reading<EcgComparison> =>
  useGet<EcgComparison>(
    one === null || other === null
      ? null
      : query('/api/ecg/comparison', {
          patient_id: patientId,
          one: one.id,
          other: other.id,
          one_from_ms: one.from_ms,
          other_from_ms: other.from_ms,
        }),
    { ...KEPT, keep: true },
  )

/** The newest of this case beside the newest of an earlier one, or of this one where there is none. */
export function firstPair(ecgs: readonly KnownEcg[]): [KnownEcg | null, KnownEcg | null] {
  const own = ecgs.findLast((ecg) => !ecg.earlier) ?? null
  const others = ecgs.filter((ecg) => ecg !== own)
  return [own, others.findLast((ecg) => ecg.earlier) ?? others.at(-1) ?? null]
}

/** By the device's clock; of a file without one when it came, which the screen says. */
export const whenText = (ecg: KnownEcg): string => dayTime(ecg.at_ms ?? ecg.received_ms)

const STRETCH_MS = 10_000

/** Where the stretch before or after begins; null: there is none. */
export function stepFrom(ecg: KnownEcg, from_ms: number, by: -1 | 1): number | null {
  const next = from_ms + by * STRETCH_MS
  return ecg.source === 'file' && next >= 0 && next < ecg.lasts_ms ? next : null
}

/** `+1.5`, `−0.5`, `0.0`; two strokes where one of the two was not measured. */
export function signed(value: number | null, digits: number): string {
  if (value === null) return '--'
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`
}

export const plain = (value: number | null, digits: number): string =>
  value === null ? '--' : value.toFixed(digits).replace('-', '−')

/** The key of what is said of the search for earlier cases. */
export const searchKey = (search: Identified | null): string =>
  `ecgcmp.search.${search ?? 'no_history'}`
