/** Vital signs older than the level allows: a hint that a new set ends. It makes no sound. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow } from '@gh/live'
import { ageText } from './format.ts'
import { WarnMark } from './marks.tsx'
import { LEVEL_ROMAN } from './words.ts'

export const isDue = (patient: PatientRow | undefined, now: number): boolean =>
  patient?.reassess != null && patient.reassess.due_ms <= now

/** How long ago the newest set was taken, or that there never was one; empty: it is good enough. */
export function reassessText(patient: PatientRow | undefined, now: number): string {
  if (patient?.reassess == null || !isDue(patient, now)) return ''
  const { taken_ms } = patient.reassess
  return taken_ms === null
    ? t('care.reassess.never', { age: ageText(now - patient.registered_ms) })
    : t('care.reassess.taken', { age: ageText(now - taken_ms) })
}

interface Props {
  patient: PatientRow
  /** Whose signs they are, where it is not the patient on the screen. */
  who?: string | undefined
}

export function Reassess({ patient, who }: Props) {
  const text = reassessText(patient, useNow())
  const level = patient.reassess?.level ?? ''
  const every_s = useLimits()?.reassess_s[level || 'unknown']
  if (text === '') return null
  return (
    <p className="care-hint" role="status" data-testid="reassess">
      <WarnMark /> {who && <b className="nw">{who}</b>} <b>{text}</b>{' '}
      {every_s !== undefined && (
        <span className="mu">
          {level === ''
            ? t('care.reassess.unlevelled', { n: every_s / 60 })
            : t('care.reassess.every', { level: LEVEL_ROMAN[level] ?? level, n: every_s / 60 })}
        </span>
      )}
    </p>
  )
}
