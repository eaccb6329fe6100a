/** An identity card on the vehicle's reader: a proposal, which one press takes over. */
import {
  clear,
  type EdgeStatus,
  type IdCard,
  NoAnswer,
  type PatientRow,
  post,
  Refusal,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { ageSaid } from '../care/age.ts'
import { useGet } from '../care/query.ts'
import { seenIn } from '../record/unstored.ts'
import { beside, type Line, type Person, seenOf } from './identity.ts'

interface Props {
  missionId: string
  /** Of the patient, or of the one who is being registered. */
  id: string
  patient: PatientRow | undefined
  /** What stands in the form. */
  typed: Omit<Person, 'number'>
  /** Of the working name of somebody new. */
  letter: string
  onDone: (id: string) => void
}

export function ReadCard(props: Props) {
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 })
  const [card, setCard] = useState<IdCard | null>(null)
  const [reading, setReading] = useState(false)
  const [problem, setProblem] = useState<Refusal | null>(null)
  const connected = edge.data?.card_reader ?? null
  if (connected === null) return null

  async function read() {
    setReading(true)
    setProblem(null)
    setCard(null)
    try {
      setCard(await post<IdCard>('/api/edge/id-card'))
    } catch (error) {
      if (error instanceof Refusal) setProblem(error)
      else if (error instanceof NoAnswer) setProblem(new Refusal('card_slow'))
      else throw error
    } finally {
      setReading(false)
    }
  }

  return (
    <div className="crew-card" data-testid="id-card">
      <button
        type="button"
        className="tap"
        disabled={reading || !connected}
        onClick={() => void read()}
        data-testid="read-card"
      >
        {t(reading ? 'identity.reading' : 'identity.read')}
      </button>
      {!connected && <span className="un">{t('identity.no_reader')}</span>}
      <Refused refusal={problem} />
      {card && <Proposal key={card.number} card={card} {...props} />}
    </div>
  )
}

function Proposal({
  card,
  patient,
  id,
  missionId,
  typed,
  letter,
  onDone,
}: Props & { card: IdCard }) {
  const { send, busy, refusal } = useSend()
  const [registered, setRegistered] = useState(patient !== undefined)
  const writes = patient?.record.fields.id_number ?? []
  const lines = beside(
    { ...typed, number: writes.map((one) => one.text ?? '').join(t('ui.comma')) },
    { name: card.name, sex: card.sex, age: String(card.age_y), number: card.number },
  )
  const differ = lines.filter((line) => line.differs).length

  async function take() {
    if (!registered) {
      const made = await send({
        kind: 'patient.register',
        patient_id: id,
        mission_id: missionId,
        name: clear(card.name),
        age_y: card.age_y,
        sex: card.sex,
        letter,
      })
      if (!made) return
      setRegistered(true)
    }
    const done = await send({
      kind: 'patient.identify',
      patient_id: id,
      write_id: uuid7(),
      field: 'id_number',
      text: clear(card.number),
      over: seenIn(writes),
      reason: t('identity.by_card'),
      ...(patient === undefined || patient.name === card.name ? {} : { name: clear(card.name) }),
      ...(patient === undefined ? {} : { age_y: card.age_y, sex: card.sex, seen: seenOf(patient) }),
    })
    if (done) onDone(id)
  }

  return (
    <div className="crew-card-said" data-testid="card-proposal">
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('identity.now')}</th>
            <th scope="col">{t('identity.card')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.field} data-differs={line.differs || undefined}>
              <th scope="row">{t(`identity.field.${line.field}`)}</th>
              <td className={line.differs ? 'un' : 'mu'}>
                {said(line.field, line.now) || '—'}
                {line.differs && ` · ${t('identity.differs')}`}
              </td>
              <td>
                <b>{said(line.field, line.card)}</b>
                {line.field === 'age' && ` · ${card.birth_day}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {card.expired && <p className="un">{t('identity.expired')}</p>}
      <button
        type="button"
        className="tap primary wide"
        disabled={busy}
        onClick={() => void take()}
        data-testid="take-card"
      >
        {busy
          ? t('crew.sending')
          : differ > 0
            ? t('identity.take_over', { n: differ })
            : t('identity.take')}
      </button>
      <Refused refusal={refusal} />
    </div>
  )
}

function said(field: Line['field'], value: string): string {
  if (value === '') return ''
  if (field === 'sex') return t(`sex.${value}`)
  return field === 'age' ? ageSaid(Number(value)) : value
}
