/** Small marks: the shape says what the colour says. */

import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { TriageBadge } from '@gh/ui'
import { risenTo } from './inbound.ts'

/** The score has risen above what a clinician confirmed. */
export function Risen({ patient }: { patient: PatientRow | undefined }) {
  const level = risenTo(patient)
  if (level === '') return null
  return (
    <span className="gh-tag warn" data-testid="risen">
      {t('care.risen')} <TriageBadge level={level} />
    </span>
  )
}

export function WarnMark() {
  return (
    <svg className="care-mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 .9 15.5 15H.5z" fill="var(--al2)" />
      <path d="M8 5.4v4.4M8 11.4v1.8" stroke="#1c1200" strokeWidth="1.8" />
    </svg>
  )
}

export function OkMark() {
  return (
    <svg className="care-mark" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7.2" fill="var(--lv4)" />
      <path d="M4.4 8.2 7 10.8l4.7-5.2" fill="none" stroke="#fff" strokeWidth="2" />
    </svg>
  )
}

export function OpenMark() {
  return (
    <svg className="care-mark" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--muted)" strokeWidth="1.8" />
    </svg>
  )
}
