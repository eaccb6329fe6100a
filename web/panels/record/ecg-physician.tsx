/**
 * What physicians read in an ECG, and how long one that rules suspect has waited for that.
 *
 * Rule 1: whoever is logged in signs, in the name of that account, and only a physician's may.
 * Rule 2: only a signed reading ends the wait; a later one takes its place with a reason, and what
 *         it corrects stays legible.
 */
import { clear, type EntryRow, type PatientRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useLimits, useNow, useSend, uuid7 } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime, span } from '../care/format.ts'

type Recorded = Pick<PatientRow, 'record'>

const standing = (patient: Recorded | undefined, kind: string): EntryRow[] =>
  patient?.record.entries.filter((one) => one.kind === kind && one.withdrawn === '') ?? []

/** The newest measured ECG that was not withdrawn, as an entry of the record. */
export const newestEcgEntry = (patient: Recorded | undefined): EntryRow | undefined =>
  standing(patient, 'ecg').at(-1)

/** All that was ever read in an ECG, oldest first. */
export const readingsOf = (patient: Recorded, ecgId: string): EntryRow[] =>
  patient.record.entries.filter((one) => one.kind === 'reading' && one.ecg_id === ecgId)

/** In a line what a physician read in the newest ECG, for whoever has no record open. */
export function EcgSaid({ patient }: { patient: Recorded | undefined }) {
  const ecg = newestEcgEntry(patient)
  const said = standing(patient, 'reading').findLast((one) => one.ecg_id === ecg?.id)
  if (said === undefined) return null
  return (
    <span className="gh-ell" data-testid="ecg-said">
      {t('ecg.read_by')} <b>{said.text ?? t('care.erased')}</b> {said.signer}{' '}
      {tOr(`role.${said.role}`, said.role)}
    </span>
  )
}

/** Since when the oldest ECG that rules suspect waits for a physician; null: none does. */
export function waitsSince(patient: Recorded | undefined): number | null {
  const read = new Set(standing(patient, 'reading').map((one) => one.ecg_id))
  const since = standing(patient, 'ecg')
    .filter((one) => one.ecg?.findings.reading === 'suspected' && !read.has(one.id))
    .map((one) => one.charted_ms)
  return since.length === 0 ? null : Math.min(...since)
}

/** The clock of the wait; behind the limit it says so in words as well. */
export function EcgWait({ patient }: { patient: Recorded | undefined }) {
  const now = useNow()
  const limit_s = useLimits()?.ecg_read_s
  const since = waitsSince(patient)
  if (since === null) return null
  const waited_s = Math.max(now - since, 0) / 1000
  const late = limit_s !== undefined && waited_s >= limit_s
  return (
    <b
      className={late ? 'rec-wait bad' : 'rec-wait un'}
      data-testid="ecg-waits"
      data-late={late || undefined}
    >
      {t(late ? 'ecg.read_late' : 'ecg.read_waits', { age: span(waited_s) })}
    </b>
  )
}

interface WordsProps {
  readings: readonly EntryRow[]
  who: (actor: string) => string
}

/** Each with who signed it, as what and when; on a screen and on paper. */
export function EcgReadings({ readings, who }: WordsProps) {
  return readings.map((one) => {
    const gone = one.withdrawn !== ''
    const text = one.text ?? t('care.erased')
    return (
      <p key={one.id} className="rec-read" data-testid="ecg-read" data-gone={gone || undefined}>
        <span>{t('ecg.read_by')}</span> {gone ? <s>{text}</s> : <b>{text}</b>}{' '}
        <small>
          {[one.signer, tOr(`role.${one.role}`, one.role), clockTime(one.charted_ms)]
            .filter(Boolean)
            .join(' · ')}
          {one.corrects !== '' && ` · ${t('ecg.read_corrected', { reason: one.reason })}`}
          {gone &&
            ` · ${t('ecg.read_replaced', { reason: one.withdrawn, who: who(one.withdrawn_by) })}`}
        </small>
      </p>
    )
  })
}

interface SignProps {
  patientId: string
  ecgId: string
  /** What stands of one's own side and would be corrected. */
  before: EntryRow | undefined
}

export function SignEcg({ patientId, ecgId, before }: SignProps) {
  const session = useSession()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const ready = text.trim() !== '' && (!before || reason.trim() !== '')
  async function sign() {
    const done = await send({
      kind: 'patient.interpret_ecg',
      patient_id: patientId,
      entry_id: uuid7(),
      ecg_id: ecgId,
      text: clear(text.trim()),
      corrects: before?.id ?? '',
      reason: before ? reason.trim() : '',
    })
    if (!done) return
    setOpen(false)
    setText('')
    setReason('')
  }
  if (!session?.physician)
    return (
      <p className="mu" data-testid="ecg-read-who">
        {t('errors.physician_required')}
      </p>
    )
  if (!open)
    return (
      <button
        type="button"
        className="tap"
        onClick={() => setOpen(true)}
        data-testid="ecg-read-open"
      >
        {t(before ? 'ecg.read_correct' : 'ecg.read_write')}
      </button>
    )
  return (
    <form
      className="rec-sign-ecg"
      onSubmit={(e) => {
        e.preventDefault()
        if (ready) void sign()
      }}
    >
      <textarea
        className="gh-input"
        rows={3}
        value={text}
        placeholder={t('ecg.read_text')}
        aria-label={t('ecg.read_text')}
        onChange={(e) => setText(e.target.value)}
        data-testid="ecg-read-text"
      />
      {before && (
        <input
          className="gh-input"
          value={reason}
          placeholder={t('ecg.read_reason')}
          aria-label={t('ecg.read_reason')}
          onChange={(e) => setReason(e.target.value)}
          data-testid="ecg-read-reason"
        />
      )}
      <p data-testid="ecg-read-as">{t('ecg.read_as', { name: session.name })}</p>
      <Refused refusal={refusal} />
      <div className="rec-taps">
        <button
          type="submit"
          className="tap primary"
          disabled={busy || !ready}
          data-testid="ecg-read-sign"
        >
          {t('ecg.read_sign')}
        </button>
        <button type="button" className="tap" onClick={() => setOpen(false)}>
          {t('ui.cancel')}
        </button>
      </div>
    </form>
  )
}
