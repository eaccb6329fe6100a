/** The whole record: its fields, the papers that somebody signs, and the signature of the crew. */
import { type Content, clear, type PaperFormContent, type PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend, uuid7 } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { say } from '../dispatch/words.ts'
import { Entries } from '../record/entries.tsx'
import { ItemInput } from '../record/item-input.tsx'
import '../record/record.css'
import { SignaturePad } from '../record/signature-pad.tsx'
import { doubt } from '../record/words.ts'
import { Choice, Sheet, TextLine } from './sheet.tsx'

export function RecordSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  const content = useContent()
  const [part, setPart] = useState('')
  const sections = content?.record.sections ?? []
  const section = sections.find((one) => one.id === part) ?? sections[0]
  const paper = content?.record.forms.find((one) => `form.${one.id}` === part)
  const { missing } = patient.record
  const lacks = (ids: readonly string[]) => ids.filter((id) => missing.includes(id)).length
  return (
    <Sheet title={t('record.record')} onClose={onClose} testId="record-sheet">
      {content === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <div className="rec-assess">
          <nav className="rec-tabs" aria-label={t('record.record')}>
            {sections.map((one) => {
              const open = lacks(one.fields.map((field) => field.id))
              return (
                <button
                  key={one.id}
                  type="button"
                  className="tap"
                  aria-pressed={paper === undefined && part !== 'sign' && one.id === section?.id}
                  onClick={() => setPart(one.id)}
                  data-testid={`section-${one.id}`}
                >
                  {say(one.title)}
                  {open > 0 && <small className="un">{t('record.missing_n', { n: open })}</small>}
                </button>
              )
            })}
            {content.record.forms.map((one) => (
              <button
                key={one.id}
                type="button"
                className="tap"
                aria-pressed={paper?.id === one.id}
                onClick={() => setPart(`form.${one.id}`)}
                data-testid={`form-${one.id}`}
              >
                {say(one.title)}
                {lacks([`form.${one.id}`]) > 0 && (
                  <small className="un">{t('record.missing_n', { n: 1 })}</small>
                )}
              </button>
            ))}
            <button
              type="button"
              className="tap"
              aria-pressed={part === 'sign'}
              onClick={() => setPart('sign')}
              data-testid="section-sign"
            >
              {t('record.sign')}
            </button>
          </nav>
          <div className="rec-items">
            {part === 'sign' ? (
              <SignRecord content={content} patient={patient} />
            ) : paper ? (
              <Paper key={paper.id} content={content} paper={paper} patient={patient} />
            ) : (
              section?.fields.map((field) => (
                <ItemInput
                  key={field.id}
                  patient={patient}
                  name={field.id}
                  item={field}
                  wanted={missing.includes(field.id)}
                />
              ))
            )}
          </div>
        </div>
      )}
    </Sheet>
  )
}

function Paper({
  content,
  paper,
  patient,
}: {
  content: Content
  paper: PaperFormContent
  patient: PatientRow
}) {
  const [decision, setDecision] = useState('')
  const [relation, setRelation] = useState('')
  const [signer, setSigner] = useState('')
  const [witness, setWitness] = useState('')
  const [details, setDetails] = useState('')
  const [strokes, setStrokes] = useState('')
  const { send, busy, refusal } = useSend()
  const personal = (text: string) => (text.trim() === '' ? null : clear(text.trim()))
  const lacksDetails = (paper.details_for ?? []).includes(decision) && details.trim() === ''
  const ready = decision !== '' && relation !== '' && signer.trim() !== '' && !lacksDetails
  async function sign() {
    const done = await send({
      kind: 'patient.sign_form',
      patient_id: patient.id,
      entry_id: uuid7(),
      form: paper.id,
      decision,
      signer: clear(signer.trim()),
      relation,
      signature: personal(strokes),
      witness: personal(witness),
      details: personal(details),
    })
    if (!done) return
    setDecision('')
    setStrokes('')
    setSigner('')
    setDetails('')
  }
  return (
    <div className="rec-form" data-testid="paper">
      <h3>{say(paper.title)}</h3>
      <p className="rec-paper">{say(paper.text)}</p>
      {content.record.sections
        .flatMap((one) => one.fields)
        .filter((field) => paper.fields?.includes(field.id))
        .map((field) => (
          <ItemInput
            key={field.id}
            patient={patient}
            name={field.id}
            item={field}
            wanted={patient.record.missing.includes(field.id)}
          />
        ))}
      <Choice<string>
        label={t('record.decision')}
        value={decision}
        onChange={setDecision}
        testId="decision"
        options={paper.decisions.map((one) => ({ value: one.id, label: say(one) }))}
      />
      <Choice<string>
        label={t('record.signed_as')}
        value={relation}
        onChange={setRelation}
        testId="relation"
        options={paper.relations.map((id) => ({ value: id, label: t(`record.relation.${id}`) }))}
      />
      {relation === 'patient' && patient.record.doubts.length > 0 && (
        <p className="un" role="alert" data-testid="signer-doubt">
          {t('record.doubt', { what: patient.record.doubts.map(doubt).join(t('ui.comma')) })}
        </p>
      )}
      <TextLine label={t('record.signer')} value={signer} onChange={setSigner} testId="signer" />
      <TextLine
        label={t(paper.witness ? 'record.witness' : 'record.witness_if_unable')}
        value={witness}
        onChange={setWitness}
        testId="witness"
      />
      <TextLine
        label={t('record.details')}
        value={details}
        onChange={setDetails}
        testId="details"
      />
      <SignaturePad value={strokes} onChange={setStrokes} />
      <Refused refusal={refusal} />
      {lacksDetails && (
        <p className="un" data-testid="details-first">
          {t('errors.details_required')}
        </p>
      )}
      <button
        type="button"
        className="tap primary wide"
        disabled={busy || !ready}
        onClick={() => void sign()}
        data-testid="paper-sign"
      >
        {busy ? t('crew.sending') : t('record.sign_paper')}
      </button>
      <Entries
        content={content}
        patient={{
          ...patient,
          record: {
            ...patient.record,
            entries: patient.record.entries.filter((entry) => entry.what === paper.id),
          },
        }}
        kinds={['form']}
      />
    </div>
  )
}

export function SignRecord({ content, patient }: { content: Content; patient: PatientRow }) {
  const session = useSession()
  const [name, setName] = useState(session?.name ?? '')
  const { send, busy, refusal } = useSend()
  const { missing, signed_by, signed_ms } = patient.record
  const fields = content.record.sections.flatMap((section) => section.fields)
  const titles = missing.map((id) =>
    id.startsWith('form.')
      ? say(content.record.forms.find((form) => `form.${form.id}` === id)?.title)
      : say(fields.find((field) => field.id === id)),
  )
  const print = (
    <a
      className="tap"
      href={`/record/${patient.id}`}
      target="_blank"
      rel="noreferrer"
      data-testid="record-print"
    >
      {t('record.print')}
    </a>
  )
  if (signed_ms !== null)
    return (
      <div className="rec-form">
        <p className="rec-signed" data-testid="record-signed">
          ✓ {t('record.signed', { name: signed_by, time: clockTime(signed_ms) })}
        </p>
        {print}
      </div>
    )
  return (
    <div className="rec-form">
      {titles.length > 0 && (
        <div className="rec-stop">
          <b>{t('record.before_signing')}</b>
          <ul>
            {titles.map((title) => (
              <li key={title}>{title}</li>
            ))}
          </ul>
        </div>
      )}
      <TextLine
        label={t('record.your_name')}
        value={name}
        onChange={setName}
        testId="record-name"
      />
      <Refused refusal={refusal} />
      <button
        type="button"
        className="tap primary wide"
        disabled={busy || titles.length > 0 || name.trim() === ''}
        onClick={() =>
          void send({ kind: 'patient.sign_record', patient_id: patient.id, name: name.trim() })
        }
        data-testid="record-sign"
      >
        {t('record.sign_record')}
      </button>
      {print}
    </div>
  )
}
