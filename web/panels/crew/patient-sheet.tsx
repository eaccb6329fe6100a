/** Who the patient is. Unknown is allowed; every field can be corrected on board, with a reason. */
import { clear, type HandoverRow, type MissionRow, type PatientRow, type Sex } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { AGE_UNITS, type AgeUnit, ageIn, ageSaid, yearsOf } from '../care/age.ts'
import { Merging } from '../care/merging.tsx'
import { patientName, sexAge, type Told } from '../care/words.ts'
import { portraitHint } from '../portrait/words.ts'
import { BandsWorn } from './bands-worn.tsx'
import { nextLetter } from './identity.ts'
import { ReadCard } from './read-card.tsx'
import { ScanBand } from './scan-band.tsx'
import { Choice, ReasonPicker, Sheet } from './sheet.tsx'
import { WhomConflict } from './whom-conflict.tsx'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
  /** Of this run, the merged ones too. */
  registered: readonly PatientRow[]
  handovers: readonly HandoverRow[]
  /** The patient to correct; undefined: a new one. */
  patient: PatientRow | undefined
  onSelect: (id: string) => void
  onPortrait: () => void
  onTriage: (patientId: string, sheetId: string) => void
  onClose: () => void
}

export function PatientSheet(props: Props) {
  const { mission, patients, patient, onSelect, onClose } = props
  const [adding, setAdding] = useState(patient === undefined)
  const [scanning, setScanning] = useState(false)
  const target = adding ? undefined : patient
  const letters = useContent()?.record.unknown.letters ?? ''
  const letter = nextLetter(letters, props.registered)
  return (
    <Sheet
      title={t(
        scanning ? 'monitor.scan_band' : target ? 'crew.patient_correct' : 'crew.patient_register',
      )}
      onClose={onClose}
      testId="patient-sheet"
      side={
        <>
          <button
            type="button"
            className="tap"
            aria-pressed={scanning}
            onClick={() => setScanning(!scanning)}
            data-testid="scan-band"
          >
            {t('monitor.scan_band')}
          </button>
          {patients.map((p) => (
            <button
              key={p.id}
              type="button"
              className="tap"
              aria-pressed={!scanning && !adding && p.id === patient?.id}
              onClick={() => {
                setScanning(false)
                setAdding(false)
                onSelect(p.id)
              }}
            >
              {patientName(p)} · {sexAge(p)}
            </button>
          ))}
          {target && (
            <button
              type="button"
              className="tap"
              onClick={props.onPortrait}
              data-testid="patient-portrait"
            >
              {t('portrait.short')} · {portraitHint(target.portrait)}
            </button>
          )}
          {patients.length > 0 && !adding && (
            <button
              type="button"
              className="tap"
              onClick={() => {
                setScanning(false)
                setAdding(true)
              }}
              data-testid="patient-add"
            >
              {t('crew.patient_add')}
            </button>
          )}
        </>
      }
    >
      {scanning ? (
        <>
          <ScanBand
            mission={mission}
            registered={props.registered}
            letter={letter}
            onTriage={props.onTriage}
          />
          <BandsWorn mission={mission} patients={props.registered} />
        </>
      ) : (
        <>
          <PatientForm
            key={target?.id ?? 'new'}
            missionId={mission.id}
            patient={target}
            letter={letter}
            onDone={(id) => {
              onSelect(id)
              onClose()
            }}
          />
          {target && (
            <Merging
              key={`merging/${target.id}`}
              patient={target}
              all={props.registered}
              handovers={props.handovers}
              button="tap"
            />
          )}
        </>
      )}
    </Sheet>
  )
}

function PatientForm(props: {
  missionId: string
  patient: PatientRow | undefined
  /** Of the working name of somebody new. */
  letter: string
  onDone: (id: string) => void
}) {
  const { patient, missionId } = props
  const [id] = useState(() => patient?.id ?? uuid7())
  // What no hand has touched stays what the row says: another tablet writes it meanwhile.
  const [touched, setTouched] = useState<{
    name?: string
    age?: string
    unit?: AgeUnit
    sex?: Sex
  }>({})
  const name = touched.name ?? patient?.name ?? ''
  const told = patient?.age_y == null ? null : ageIn(patient.age_y)
  const age = touched.age ?? (told === null ? '' : String(told.n))
  const unit = touched.unit ?? told?.unit ?? 'y'
  const sex = touched.sex ?? patient?.sex ?? 'unknown'
  const [reason, setReason] = useState('')
  const [seen, setSeen] = useState<Record<string, string[]>>({})
  const { send, busy, refusal } = useSend()
  /** What stood there when a hand came: a value that arrives later is not written over unseen. */
  const touch = (field: Told, to: typeof touched) => {
    const stood = (patient?.identity[field] ?? []).map((one) => one.write_id)
    setSeen((was) => ({ [field]: stood, ...was }))
    setTouched({ ...touched, ...to })
  }
  const agedByHand = touched.age !== undefined || touched.unit !== undefined
  const years = !agedByHand
    ? (patient?.age_y ?? null)
    : age === ''
      ? null
      : yearsOf(Number(age), unit)
  // Nought years are every infant: the limits of a newborn are not those of eleven months.
  const vague = agedByHand && years === 0 && unit !== 'd'
  // A correction cannot take a name away: the server keeps the one that it has.
  const chosen = touched.name !== undefined && patient?.differs.includes('name') === true
  const renamed = name.trim() !== '' && (chosen || name.trim() !== (patient?.name ?? ''))
  const changed = patient === undefined || renamed || years !== patient.age_y || sex !== patient.sex
  const ready = changed && !vague && (patient === undefined || reason.trim() !== '')
  const setAge = (to: string) => touch('age_y', { age: to, unit })
  const digit = (d: string) => age.length < 3 && setAge((age + d).replace(/^0+(?=\d)/, ''))

  async function save() {
    const who = name.trim() === '' ? null : clear(name.trim())
    const done = await send(
      patient === undefined
        ? {
            kind: 'patient.register',
            patient_id: id,
            mission_id: missionId,
            name: who,
            age_y: years,
            sex,
            letter: props.letter,
          }
        : {
            kind: 'patient.correct_demographic',
            patient_id: id,
            reason: reason.trim(),
            seen,
            ...(renamed ? { name: who } : {}),
            ...(years === patient.age_y ? {} : { age_y: years }),
            ...(sex === patient.sex ? {} : { sex }),
          },
    )
    if (done) props.onDone(id)
  }

  return (
    <div className="crew-form two">
      <div>
        <ReadCard
          missionId={missionId}
          id={id}
          patient={patient}
          typed={{ name, sex, age: years === null ? '' : String(years) }}
          letter={props.letter}
          onDone={props.onDone}
        />
        {patient && (
          <WhomConflict
            patient={patient}
            onChoose={(field, one) => {
              if (field === 'name') touch(field, { name: one.text ?? '' })
              else if (field === 'sex') touch(field, { sex: one.value as Sex })
              else if (typeof one.value === 'number') {
                const { n, unit: by } = ageIn(one.value)
                touch(field, { age: String(n), unit: by })
              }
            }}
          />
        )}
        <label className="crew-field">
          <span>{t('crew.name')}</span>
          <input
            className="crew-input"
            value={name}
            autoComplete="off"
            placeholder={t('crew.name_unknown')}
            onChange={(e) => touch('name', { name: e.target.value })}
            data-testid="patient-name"
          />
        </label>
        <Choice<Sex>
          label={t('crew.sex')}
          value={sex}
          onChange={(value) => touch('sex', { sex: value })}
          testId="patient-sex"
          options={(['male', 'female', 'unknown'] as const).map((value) => ({
            value,
            label: t(`sex.${value}`),
          }))}
        />
        {patient && (
          <ReasonPicker
            label={t('crew.reason_required')}
            value={reason}
            onChange={setReason}
            reasons={[t('crew.reason.document'), t('crew.reason.family'), t('crew.reason.typing')]}
          />
        )}
      </div>
      <div>
        <fieldset className="crew-choice">
          <legend>{t('crew.age')}</legend>
          <div className="crew-age">
            <output className="num" data-testid="patient-age">
              {agedByHand && age !== '' ? t(`care.age_${unit}`, { n: age }) : ageSaid(years)}
            </output>
            <div className="crew-units">
              {AGE_UNITS.map((one) => (
                <button
                  key={one}
                  type="button"
                  className="tap"
                  aria-pressed={one === unit}
                  onClick={() => touch('age_y', { age, unit: one })}
                  data-testid={`age-unit-${one}`}
                >
                  {t(`crew.age_unit.${one}`)}
                </button>
              ))}
            </div>
            <div className="crew-pad">
              {['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'].map((d) => (
                <button
                  key={d}
                  type="button"
                  className="tap num"
                  onClick={() => digit(d)}
                  data-testid={`age-${d}`}
                >
                  {d}
                </button>
              ))}
              <button type="button" className="tap" onClick={() => setAge('')}>
                {t('crew.clear')}
              </button>
            </div>
          </div>
        </fieldset>
        <div className="crew-actions">
          <Refused refusal={refusal} />
          {vague && <p className="un">{t('crew.age_vague')}</p>}
          {!ready && !vague && patient !== undefined && (
            <p className="mu">{t(changed ? 'crew.reason_first' : 'crew.nothing_changed')}</p>
          )}
          {ready && (
            <button
              type="button"
              className="tap primary wide"
              disabled={busy}
              onClick={() => void save()}
              data-testid="patient-save"
            >
              {busy ? t('crew.sending') : t(patient ? 'crew.save_correction' : 'crew.register')}
            </button>
          )}
        </div>
      </div>
    </div>
  )
}
