/**
 * How old the newest sample on the screen is: for how long nothing newer came, and how late it was
 * already when it was sent. Both are seconds that the wave lies in the past; which it is, the word says.
 */
import type { EcgState } from './feed.ts'

/** Nothing for so long is a broken signal; so much behind is no picture of now. */
export const SILENT_MS = 2_000

export interface EcgAge {
  word: 'ecg.age' | 'ecg.silent' | 'ecg.behind'
  ms: number
  late: boolean
}

export function ecgAge({ newest_ms, late_ms }: EcgState, now_ms: number): EcgAge {
  const silent_ms = Math.max(now_ms - newest_ms, 0)
  const ms = silent_ms + Math.max(late_ms, 0)
  if (silent_ms > SILENT_MS) return { word: 'ecg.silent', ms, late: true }
  return ms > SILENT_MS
    ? { word: 'ecg.behind', ms, late: true }
    : { word: 'ecg.age', ms, late: false }
}
