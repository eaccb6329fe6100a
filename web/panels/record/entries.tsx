/** What was given, done, noted and signed, newest first; a struck-out entry stays legible. */
import type { Content, EntryRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime, hm } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { unstored } from './unstored.ts'
import { entryFacts, entryTitle, findingText } from './words.ts'

interface Props {
  content: Content
  patient: PatientRow
  kinds: readonly string[]
  /** The crew may strike out; a hospital reads. */
  editable?: boolean
}

export function Entries({ content, patient, kinds, editable }: Props) {
  const shown = patient.record.entries
    .filter((entry) => kinds.includes(entry.kind))
    .sort((a, b) => b.at_ms - a.at_ms)
  if (shown.length === 0) return <p className="mu">{t('record.no_entries')}</p>
  return (
    <ul className="rec-entries">
      {shown.map((entry) => (
        <Entry
          key={entry.id}
          content={content}
          patient={patient}
          entry={entry}
          editable={editable === true && entry.kind !== 'form'}
        />
      ))}
    </ul>
  )
}

function Entry({
  content,
  patient,
  entry,
  editable,
}: {
  content: Content
  patient: PatientRow
  entry: EntryRow
  editable: boolean
}) {
  const who = useWho()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const gone = entry.withdrawn !== ''
  const waits = unstored(entry)
  const late = entry.charted_ms - entry.at_ms > 60_000
  const facts = entryFacts(content, entry)
  async function withdraw() {
    const done = await send({
      kind: 'patient.withdraw_entry',
      patient_id: patient.id,
      entry_id: entry.id,
      reason,
    })
    if (done) setAsking(false)
  }
  return (
    <li
      data-kind={entry.kind}
      data-gone={gone || undefined}
      data-unstored={waits}
      data-testid={`entry-${entry.id}`}
    >
      <time className="num">{hm(entry.at_ms)}</time>
      <div>
        {gone ? <s>{entryTitle(content, entry)}</s> : <b>{entryTitle(content, entry)}</b>}
        {facts.length > 0 && <span> {facts.join(' · ')}</span>}
        {entry.findings
          .filter((finding) => finding.concern !== 'unchecked')
          .map((finding) => (
            <small key={finding.concern} className={finding.stops ? 'bad' : 'un'}>
              {findingText(content, finding)}
            </small>
          ))}
        <small className="mu">
          {who(entry.by)}
          {waits && ` · ${t(`record.unstored.${waits}`)}`}
          {late && ` · ${t('record.charted_at', { time: clockTime(entry.charted_ms) })}`}
          {gone &&
            ` · ${t('record.withdrawn', { reason: entry.withdrawn, who: who(entry.withdrawn_by) })}`}
        </small>
        {asking && (
          <div className="rec-taps">
            <input
              className="crew-input"
              value={reason}
              placeholder={t('record.why_withdraw')}
              aria-label={t('record.why_withdraw')}
              onChange={(e) => setReason(e.target.value)}
              data-testid="withdraw-reason"
            />
            <button
              type="button"
              className="tap primary"
              disabled={busy || reason.trim() === ''}
              onClick={() => void withdraw()}
              data-testid="withdraw-go"
            >
              {t('record.withdraw')}
            </button>
          </div>
        )}
        <Refused refusal={refusal} />
      </div>
      {editable && !gone && waits === undefined && (
        <button type="button" className="tap" onClick={() => setAsking(!asking)}>
          {asking ? t('ui.cancel') : t('record.withdraw')}
        </button>
      )}
    </li>
  )
}
