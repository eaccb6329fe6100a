/** Records of one case that are one person's: merged into the one that stands, and parted again. */
import type { HandoverRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import './merging.css'
import { patientName, sexAge } from './words.ts'

interface Props {
  /** The record that stands. */
  patient: PatientRow
  /** All of the same case. */
  all: readonly PatientRow[]
  handovers: readonly HandoverRow[]
  /** What a button looks like on this screen. */
  button: string
  onDone?: () => void
}

const REASONS = {
  merge: ['twice', 'two_crews', 'identified'],
  part: ['two_people', 'slip'],
} as const

export function Merging({ patient, all, handovers, button, onDone }: Props) {
  const [asking, setAsking] = useState<{ other: string; deed: 'merge' | 'part' } | null>(null)
  const { send, busy, refusal } = useSend()
  const joined = all.filter((p) => patient.joined.includes(p.id))
  const candidates = all.filter(
    (p) => p.id !== patient.id && p.merged_into === '' && p.joined.length === 0,
  )
  if (patient.merged_into !== '') {
    const into = all.find((p) => p.id === patient.merged_into)
    return (
      <p className="un" data-testid="merged-into">
        {t('identity.merged_into', { name: into ? patientName(into) : t('ui.unknown') })}
      </p>
    )
  }
  if (joined.length === 0 && candidates.length === 0) return null

  async function go(other: string, deed: 'merge' | 'part', reason: string) {
    const about = {
      patient_id: patient.id,
      other_id: other,
      reason,
      handover_ids: handovers
        .filter((h) => h.patient_id === patient.id || h.patient_id === other)
        .map((h) => h.id),
    }
    const done = await send(
      deed === 'merge' ? { kind: 'patient.merge', ...about } : { kind: 'patient.part', ...about },
    )
    if (done === null) return
    setAsking(null)
    onDone?.()
  }

  const line = (other: PatientRow, deed: 'merge' | 'part') => (
    <li key={other.id} data-testid={`${deed}-${other.id}`}>
      <span>
        {patientName(other)} · {sexAge(other)} · {other.call_sign}
      </span>{' '}
      {deed === 'part' && (
        <a href={`/record/${encodeURIComponent(other.id)}`} target="_blank" rel="noreferrer">
          {t('identity.open_record')}
        </a>
      )}
      <button
        type="button"
        className={button}
        aria-pressed={asking?.other === other.id}
        onClick={() => setAsking(asking?.other === other.id ? null : { other: other.id, deed })}
        data-testid={`${deed}-ask`}
      >
        {t(`identity.${deed}`)}
      </button>
      {asking?.other === other.id && (
        <div className="mg-reasons">
          {REASONS[deed].map((reason) => (
            <button
              key={reason}
              type="button"
              className={button}
              disabled={busy}
              onClick={() => void go(other.id, deed, t(`identity.reason.${reason}`))}
              data-testid={`${deed}-${reason}`}
            >
              {t(`identity.reason.${reason}`)}
            </button>
          ))}
        </div>
      )}
    </li>
  )

  return (
    <section className="mg" data-testid="merging">
      {joined.length > 0 && (
        <>
          <h4>{t('identity.merged')}</h4>
          <ul>{joined.map((other) => line(other, 'part'))}</ul>
        </>
      )}
      {candidates.length > 0 && (
        <>
          <h4>{t('identity.same_person')}</h4>
          <p className="mu">{t('identity.merge_hint')}</p>
          <ul>{candidates.map((other) => line(other, 'merge'))}</ul>
        </>
      )}
      <Refused refusal={refusal} />
    </section>
  )
}
