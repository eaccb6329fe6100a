/** What only a person can see: consciousness, oxygen, GCS, pain. Not assessed is not normal. */
import type { Consciousness, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { Choice, Sheet } from './sheet.tsx'

const ACVPU: readonly Consciousness[] = ['A', 'C', 'V', 'P', 'U']
const GCS = { E: [1, 2, 3, 4], V: [1, 2, 3, 4, 5], M: [1, 2, 3, 4, 5, 6] } as const
type Part = keyof typeof GCS
const PAIN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const

interface Touched {
  consciousness?: Consciousness
  oxygen?: boolean
  pain?: number
}

export function ObserveSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  // What no hand has touched stays what the row says: another tablet writes it meanwhile.
  const [touched, setTouched] = useState<Touched>({})
  const [parts, setParts] = useState<Record<Part, number | null>>({ E: null, V: null, M: null })
  const consciousness =
    touched.consciousness ?? ACVPU.find((c) => c === patient.consciousness) ?? null
  const oxygen = touched.oxygen ?? patient.on_oxygen
  const pain = touched.pain ?? patient.pain
  const { send, busy, refusal } = useSend()
  const { E, V, M } = parts
  const sum = E !== null && V !== null && M !== null ? E + V + M : null
  const begun = E !== null || V !== null || M !== null
  const gcs = sum ?? patient.gcs
  const gcs_motor = sum === null ? patient.gcs_motor : M

  async function save() {
    const done = await send({
      kind: 'patient.observe',
      patient_id: patient.id,
      consciousness,
      on_oxygen: oxygen,
      gcs,
      gcs_motor,
      pain,
    })
    if (done) onClose()
  }

  return (
    <Sheet
      title={t('crew.observe')}
      onClose={onClose}
      testId="observe-sheet"
      footer={
        <>
          <Refused refusal={refusal} />
          {begun && sum === null && <span className="un">{t('crew.gcs_incomplete')}</span>}
          <button
            type="button"
            className="tap primary wide"
            disabled={busy || (begun && sum === null)}
            onClick={() => void save()}
            data-testid="observe-save"
          >
            {busy ? t('crew.sending') : t('ui.save')}
          </button>
        </>
      }
    >
      <div className="crew-form">
        <Choice<Consciousness>
          label={t('crew.consciousness')}
          value={consciousness}
          onChange={(value) => setTouched({ ...touched, consciousness: value })}
          testId="acvpu"
          options={ACVPU.map((value) => ({ value, label: value, hint: t(`care.acvpu.${value}`) }))}
        />
        <Choice<boolean>
          label={t('crew.oxygen')}
          value={oxygen}
          onChange={(value) => setTouched({ ...touched, oxygen: value })}
          testId="oxygen"
          options={[
            { value: false, label: t('crew.air') },
            { value: true, label: t('crew.on_oxygen') },
          ]}
        />
        <fieldset className="crew-choice" data-testid="gcs">
          <legend>
            GCS <b className="num">{gcs ?? t('crew.not_assessed')}</b>
          </legend>
          <div className="crew-gcs">
            {(Object.keys(GCS) as Part[]).map((part) => (
              <div key={part}>
                <span>{t(`care.gcs.${part}`)}</span>
                {GCS[part].map((n) => (
                  <button
                    key={n}
                    type="button"
                    className="tap num"
                    aria-pressed={parts[part] === n}
                    onClick={() => setParts({ ...parts, [part]: n })}
                    data-testid={`gcs-${part}${n}`}
                    title={t(`care.gcs.${part}${n}`)}
                  >
                    {n}
                  </button>
                ))}
                <small className="mu">
                  {parts[part] !== null && t(`care.gcs.${part}${parts[part]}`)}
                </small>
              </div>
            ))}
          </div>
        </fieldset>
        <fieldset className="crew-choice" data-testid="pain">
          <legend>
            {t('crew.pain')} <b className="num">{pain ?? t('crew.not_assessed')}</b>
          </legend>
          <div className="crew-pain">
            {PAIN.map((n) => (
              <button
                key={n}
                type="button"
                className="tap num"
                aria-pressed={pain === n}
                onClick={() => setTouched({ ...touched, pain: n })}
                data-testid={`pain-${n}`}
              >
                {n}
              </button>
            ))}
          </div>
        </fieldset>
      </div>
    </Sheet>
  )
}
