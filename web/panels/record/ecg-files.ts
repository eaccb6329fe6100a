/** ECG as files: what is asked of the server, and its refusals in the words of this page. */
import { NoAnswer, query, Refusal } from '@gh/contract'

export const FORMS = ['dicom', 'edf', 'fhir'] as const
export type Form = (typeof FORMS)[number] | 'original'

/** The whole run, or its last so many seconds. */
export const STRETCHES_S = [0, 300, 10] as const

/** What is taken out: the vehicle's own recording, ending when the run did or now. */
export function recordingPath(
  patientId: string,
  form: Form,
  stretch_s: number,
  end_ms: number,
): string {
  const to_ms = Math.round(end_ms)
  const part = stretch_s === 0 ? {} : { from_ms: to_ms - stretch_s * 1000, to_ms }
  return query('/api/ecg/recording', { patient_id: patientId, form, ...part })
}

export const brought = (patientId: string, sha256: string, form: Form): string =>
  query(`/api/ecg/files/${sha256}`, { patient_id: patientId, form })

export const bringing = (patientId: string, name: string): string =>
  query('/api/ecg/files', { patient_id: patientId, name: name.slice(-200) || 'ecg' })

/** `attachment; filename="20260713-0001-0192.dcm"` */
export const nameOf = (disposition: string | null): string =>
  /filename="([^"]+)"/.exec(disposition ?? '')?.[1] ?? 'ecg'

const OUT: Record<string, string> = { out_of_range: 'ecg_not_in_form', absent: 'ecg_none' }
const IN: Record<string, string> = { out_of_range: 'ecg_not_kept', invalid: 'ecg_unreadable' }

/** The server's codes are general; what they mean of an ECG file is said here. */
export function inWords(problem: unknown, way: 'in' | 'out'): Refusal {
  if (problem instanceof NoAnswer) return new Refusal('no_answer')
  if (!(problem instanceof Refusal)) return new Refusal('unexpected', '', String(problem))
  if (problem.status === 413) return new Refusal('ecg_too_long', '', '', 413)
  const code = (way === 'in' ? IN : OUT)[problem.code]
  return code === undefined
    ? problem
    : new Refusal(code, problem.field, problem.detail, problem.status)
}
