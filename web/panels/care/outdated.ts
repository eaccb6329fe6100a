/** What a score has used and is out of date by now: missing since, and named with its age. */
import type { Content, Limits, PatientRow, ScoreRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { ageText } from './format.ts'
import { missingName } from './words.ts'

const gone = (until: Readonly<Record<string, number>>, now: number): string[] =>
  Object.keys(until).filter((name) => (until[name] ?? now) < now)

const together = (missing: readonly string[], more: readonly string[]): string[] => [
  ...new Set([...missing, ...more]),
]

/**
 * The score as it may be said now. Nobody takes it anew while nothing comes in: what it used is
 * then "at least", and no band of it reassures.
 */
export function scoreNow(patient: PatientRow | undefined, now: number): ScoreRow | null {
  const score = patient?.score ?? null
  if (patient === undefined || score === null) return null
  const news2 = gone(patient.news2_until, now)
  const level = gone(patient.level_until, now)
  return {
    ...score,
    news2_missing: together(score.news2_missing, news2),
    news2_band: news2.length > 0 && score.news2_band === 'low' ? '' : score.news2_band,
    level_missing: together(score.level_missing, level),
    complete: score.complete && news2.length + level.length === 0,
  }
}

export const isOutdated = (patient: PatientRow, name: string, now: number): boolean => {
  const until = patient.level_until[name] ?? patient.news2_until[name]
  return until !== undefined && until < now
}

/** Each with its age; empty: nothing is out of date. */
export function outdatedText(
  patient: PatientRow,
  now: number,
  limits: Limits | undefined,
  content: Content | undefined,
): string {
  if (limits === undefined) return ''
  const until = { ...patient.news2_until, ...patient.level_until }
  return gone(until, now)
    .map((name) => {
      const valid_s = limits.valid_s[name] ?? limits.vitals_fresh_s
      const age = now - (until[name] ?? now) + valid_s * 1000
      return t('care.aged', { what: missingName(name, content), age: ageText(age) })
    })
    .join(t('ui.comma'))
}
