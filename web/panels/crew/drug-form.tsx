/** A drug: what the approved formulary says for this patient, what was given, and what stops it. */
import type { Advice, Content, PatientRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { say } from '../dispatch/words.ts'
import { saysAllergy, warnings } from '../portrait/words.ts'
import { drugName, findingText } from '../record/words.ts'
import { Choice } from './sheet.tsx'

/** Minutes ago; most is charted as it happens. */
const AGO_MIN = [0, 2, 5, 10] as const

export function DrugForm({ content, patient }: { content: Content; patient: PatientRow }) {
  const now = useNow()
  const [drug, setDrug] = useState('')
  const [other, setOther] = useState('')
  const [dose, setDose] = useState('')
  const [unit, setUnit] = useState('mg')
  const [route, setRoute] = useState('iv')
  const [ago, setAgo] = useState(0)
  const [reason, setReason] = useState('')
  /** The row that was chosen: for what it is given. */
  const [doseId, setDoseId] = useState('')
  const [entryId, setEntryId] = useState(uuid7)
  const { send, busy, refusal, dismiss } = useSend()
  const advice = patient.record.doses[drug] ?? []
  const stopped = refusal?.code === 'drug_stopped'
  const amount = Number(dose)
  const wrong = dose.trim() !== '' && !(amount > 0)

  const choose = (id: string) => {
    dismiss()
    setReason('')
    setDrug(id)
    setDose('')
    setDoseId('')
    const [only, ...others] = patient.record.doses[id] ?? []
    // Of several, which is meant is for a person to say.
    if (only && others.length === 0) take(only)
  }
  const take = (one: Advice) => {
    setDose(String(one.amount))
    setUnit(one.unit)
    setDoseId(one.dose_id)
    const row = content.formulary.doses?.find((row) => row.id === one.dose_id)
    if (row) setRoute(row.route)
  }
  async function give() {
    const done = await send({
      kind: 'patient.give_drug',
      patient_id: patient.id,
      entry_id: entryId,
      drug,
      dose: dose.trim() === '' ? null : amount,
      unit: dose.trim() === '' ? '' : unit,
      route,
      dose_id: doseId,
      given_ms: ago === 0 ? null : Math.round(now - ago * 60_000),
      reason,
    })
    if (!done) return
    setEntryId(uuid7())
    setAgo(0)
    choose('')
  }

  if (drug === '')
    return (
      <div className="rec-grid">
        {content.formulary.drugs.map((one) => (
          <button
            key={one.id}
            type="button"
            className="tap"
            onClick={() => choose(one.id)}
            data-testid={`drug-${one.id}`}
          >
            {say(one.name)}
            {(patient.record.doses[one.id] ?? []).slice(0, 1).map((a) => (
              <small key={a.dose_id} className="num">
                {a.amount} {a.unit}
              </small>
            ))}
          </button>
        ))}
        <form
          className="rec-taps"
          onSubmit={(e) => {
            e.preventDefault()
            if (other.trim() !== '') choose(other.trim())
            setOther('')
          }}
        >
          <input
            className="crew-input"
            value={other}
            placeholder={t('record.other_drug')}
            aria-label={t('record.other_drug')}
            onChange={(e) => setOther(e.target.value)}
            data-testid="drug-other"
          />
        </form>
      </div>
    )
  return (
    <div className="rec-two" data-testid="drug-form">
      <div className="rec-form">
        <h3>
          {drugName(content, drug)}
          <button type="button" className="tap" onClick={() => choose('')}>
            {t('record.other_choice')}
          </button>
        </h3>
        {advice.length === 0 ? (
          <p className="un">{t('record.no_dose')}</p>
        ) : (
          <div className="rec-taps">
            {advice.map((one) => (
              <button
                key={one.dose_id}
                type="button"
                className="tap"
                aria-pressed={doseId === one.dose_id}
                onClick={() => take(one)}
              >
                <b className="num">
                  {one.amount} {one.unit}
                </b>
                <small>
                  {say(content.formulary.doses?.find((row) => row.id === one.dose_id)?.indication)}
                  {one.capped && ` · ${t('record.capped')}`}
                </small>
              </button>
            ))}
          </div>
        )}
        <div className="rec-taps">
          <input
            className="crew-input num"
            inputMode="decimal"
            value={dose}
            placeholder={t('record.dose')}
            aria-label={t('record.dose')}
            aria-invalid={wrong}
            onChange={(e) => setDose(e.target.value)}
            data-testid="dose"
          />
          {content.record.units.map((one) => (
            <button
              key={one}
              type="button"
              className="tap"
              aria-pressed={unit === one}
              onClick={() => setUnit(one)}
            >
              {one === 'ug' ? 'µg' : one}
            </button>
          ))}
        </div>
        <Choice<string>
          label={t('record.route')}
          value={route}
          onChange={setRoute}
          testId="route"
          options={content.record.routes.map((one) => ({ value: one.id, label: say(one) }))}
        />
        <Choice<number>
          label={t('record.when')}
          value={ago}
          onChange={setAgo}
          testId="ago"
          options={AGO_MIN.map((min) => ({
            value: min,
            label: min === 0 ? t('record.now') : t('record.min_ago', { n: min }),
          }))}
        />
      </div>
      <aside className="rec-side">
        <Minded content={content} patient={patient} drug={drug} />
        {stopped && (
          <div className="rec-stop" role="alert" data-testid="drug-stop">
            <b>{stopText(content, refusal.detail)}</b>
            <input
              className="crew-input"
              value={reason}
              placeholder={t('record.given_all_the_same')}
              aria-label={t('record.given_all_the_same')}
              onChange={(e) => setReason(e.target.value)}
              data-testid="drug-reason"
            />
          </div>
        )}
        <Refused refusal={refusal} />
        <button
          type="button"
          className="tap primary wide"
          disabled={busy || wrong || (stopped && reason.trim() === '')}
          onClick={() => void give()}
          data-testid="drug-give"
        >
          {busy ? t('crew.sending') : t('record.chart_drug')}
        </button>
      </aside>
    </div>
  )
}

/** What must be in mind before it is given, whether or not the check can know it. */
export function Minded({
  content,
  patient,
  drug,
}: {
  content: Content
  patient: PatientRow
  drug: string
}) {
  const known = warnings(content, patient)
  const rules = (content.formulary.interactions ?? []).filter((one) => one.drug === drug)
  const { unknown } = patient.record
  const open = (unknown[drug] ?? unknown[''] ?? []).map((fact) => tOr(`record.fact.${fact}`, fact))
  return (
    <div data-testid="drug-minded">
      {known.map((line) => (
        <p key={line} className="bad">
          {line}
        </p>
      ))}
      {!saysAllergy(content, patient) && <p className="un">{t('record.allergies_unasked')}</p>}
      {open.length > 0 && (
        <p className="un" data-testid="drug-unknown">
          {t('record.not_known', { what: open.join(t('ui.comma')) })}
        </p>
      )}
      {rules.map((one) => (
        <p key={one.id} className="un">
          {t('record.mind', { what: say(one.reason) })}
        </p>
      ))}
    </div>
  )
}

/** `concern: about`, as the refusal carries it. */
function stopText(content: Content, detail: string): string {
  const [concern = '', about = ''] = detail.split(': ')
  return findingText(content, { concern: concern as 'allergy', about })
}
