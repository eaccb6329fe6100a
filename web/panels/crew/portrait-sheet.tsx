/** The crew's page of the health portrait: say who it is, ask, read. */
import { clear, type PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { patientName } from '../care/words.ts'
import { readIdNumber } from '../portrait/id-number.ts'
import { Portrait } from '../portrait/portrait.tsx'
import { Sheet } from './sheet.tsx'

export function PortraitSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  return (
    <Sheet
      title={`${t('portrait.title')} · ${patientName(patient)}`}
      onClose={onClose}
      testId="portrait-sheet"
    >
      <Portrait patient={patient} ask={<Identify key={patient.id} patient={patient} />} />
    </Sheet>
  )
}

type Field = 'id_number' | 'health_card'

function Identify({ patient }: { patient: PatientRow }) {
  const [text, setText] = useState('')
  const { send, busy, refusal } = useSend()
  const { portrait } = patient
  const value = text.trim()
  // A number is all digits but its last character; whatever else is scanned is a card.
  const field: Field = value === '' || /^[0-9]+[0-9xX]?$/.test(value) ? 'id_number' : 'health_card'
  const number = field === 'id_number' && value !== '' ? readIdNumber(value) : null
  const known = patient.record.fields
  const written = [known.id_number, known.health_card].some((writes) => (writes ?? []).length > 0)

  async function write() {
    const over = (known[field] ?? []).map((one) => one.write_id)
    const done = await send({
      kind: 'patient.write_field',
      patient_id: patient.id,
      write_id: uuid7(),
      field,
      text: clear(number?.ok ? number.number : value),
      over,
      reason: patient.record.signed_ms === null ? '' : t('portrait.ask'),
    })
    if (done) setText('')
  }

  return (
    <form
      className="crew-identify"
      onSubmit={(event) => {
        event.preventDefault()
        if (value !== '' && (number === null || number.ok)) void write()
      }}
    >
      <label className="crew-field">
        <span>
          {t('portrait.id_number')} / {t('portrait.health_card')}
        </span>
        <input
          className="crew-input num"
          value={text}
          autoComplete="off"
          spellCheck={false}
          placeholder={t('portrait.id_hint')}
          onChange={(event) => setText(event.target.value)}
          data-testid="identity"
        />
      </label>
      {value !== '' ? (
        <button
          type="submit"
          className="tap primary"
          disabled={busy || number?.ok === false}
          data-testid="identity-write"
        >
          {busy ? t('crew.sending') : t('portrait.write_ask')}
        </button>
      ) : (
        written && (
          <button
            type="button"
            className="tap"
            disabled={busy || portrait?.state === 'asking'}
            onClick={() =>
              void send({ kind: 'patient.ask_portrait', patient_id: patient.id, ask_id: uuid7() })
            }
            data-testid="portrait-ask"
          >
            {t(portrait?.state === 'failed' ? 'portrait.retry' : 'portrait.refresh')}
          </button>
        )
      )}
      <p className={number?.ok === false ? 'un' : 'mu'} role="status">
        {number === null
          ? value === ''
            ? ''
            : t('portrait.health_card')
          : number.ok
            ? t('portrait.says', { sex: t(`sex.${number.sex}`), day: number.born })
            : t(`errors.${number.code}`, { detail: number.detail })}
      </p>
      <Refused refusal={refusal} />
    </form>
  )
}
