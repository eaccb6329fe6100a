/** The crew's page of the health portrait: say who it is, ask, read. */
import { clear, type PatientRow } from '@gh/contract'
import { dayOf, t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { ageOn } from '../care/age.ts'
import { patientName } from '../care/words.ts'
import { canSeeCodes, readCode, readHealthCard } from '../portrait/health-card.ts'
import { readIdNumber } from '../portrait/id-number.ts'
import { Portrait } from '../portrait/portrait.tsx'
import { seenOf } from './identity.ts'
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
  const [missed, setMissed] = useState(false)
  const { send, busy, refusal } = useSend()
  const { portrait } = patient
  const value = text.trim()
  // A number is all digits but its last character; whatever else is scanned is a card.
  const field: Field = value === '' || /^[0-9]+[0-9xX]?$/.test(value) ? 'id_number' : 'health_card'
  const number = field === 'id_number' && value !== '' ? readIdNumber(value) : null
  const card = field === 'health_card' ? readHealthCard(value) : null
  const right = number === null ? card !== null : number.ok
  const known = patient.record.fields
  const written = [known.id_number, known.health_card].some((writes) => (writes ?? []).length > 0)

  async function look(picture: File) {
    const code = await readCode(picture).catch(() => null)
    setMissed(code === null)
    if (code !== null) setText(code)
  }

  async function write() {
    const over = (known[field] ?? []).map((one) => one.write_id)
    const write = {
      patient_id: patient.id,
      write_id: uuid7(),
      field,
      text: clear(number?.ok ? number.number : (card ?? value)),
      over,
    }
    const age = number?.ok ? ageOn(number.born, dayOf(Date.now())) : null
    // What a person said of the age stays; the number only says it where nobody did, or finer.
    const says = age !== null && (patient.age_y === null || patient.age_y === Math.floor(age))
    const done = await send(
      says && age !== patient.age_y
        ? {
            kind: 'patient.identify',
            ...write,
            age_y: age,
            seen: seenOf(patient),
            reason: t('identity.by_number'),
          }
        : {
            kind: 'patient.write_field',
            ...write,
            reason: patient.record.signed_ms === null ? '' : t('portrait.ask'),
          },
    )
    if (done) setText('')
  }

  return (
    <form
      className="crew-identify"
      onSubmit={(event) => {
        event.preventDefault()
        if (right) void write()
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
          onChange={(event) => {
            setText(event.target.value)
            setMissed(false)
          }}
          data-testid="identity"
        />
      </label>
      {value !== '' ? (
        <button
          type="submit"
          className="tap primary"
          disabled={busy || !right}
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
      {canSeeCodes() && (
        <label className="tap crew-picture">
          {t('identity.picture')}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            onChange={(event) => {
              const picture = event.target.files?.[0]
              if (picture) void look(picture)
            }}
            data-testid="identity-picture"
          />
        </label>
      )}
      {missed && (
        <p className="un" role="alert">
          {t('identity.no_code')}
        </p>
      )}
      <p className={value !== '' && !right ? 'un' : 'mu'} role="status">
        {number === null
          ? value === ''
            ? ''
            : card === null
              ? t('errors.health_card_number')
              : t('identity.health_card', { number: card })
          : number.ok
            ? t('portrait.says', { sex: t(`sex.${number.sex}`), day: number.born })
            : t(`errors.${number.code}`, { detail: number.detail })}
      </p>
      <Refused refusal={refusal} />
    </form>
  )
}
