/** What only a person can see: consciousness, oxygen, GCS, pain. Not assessed is not normal. */
import type { Consciousness, GcsParts, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow, useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import { isOutdated } from '../care/outdated.ts'
import { say } from '../dispatch/words.ts'
import { Choice, Sheet } from './sheet.tsx'

const ACVPU: readonly Consciousness[] = ['A', 'C', 'V', 'P', 'U']
const PARTS = ['eye', 'verbal', 'motor'] as const
type Part = (typeof PARTS)[number]
/** Besides points: not testable, and of speech intubated. */
const UNTESTED = { eye: ['NT'], verbal: ['NT', 'T'], motor: ['NT'] } as const
const NONE: GcsParts = { eye: null, verbal: null, motor: null }
const PAIN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const

const SEEN = ['consciousness', 'on_oxygen', 'gcs', 'pain'] as const
type Seen = (typeof SEEN)[number]

interface Touched {
  consciousness?: Consciousness
  oxygen?: boolean
  pain?: number
}

export function ObserveSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  // What no hand has touched stays what the row says: another tablet writes it meanwhile.
  const [touched, setTouched] = useState<Touched>({})
  const [touchedParts, setParts] = useState<Partial<GcsParts>>({})
  const [again, setAgain] = useState<readonly Seen[]>([])
  const now = useNow()
  const scale = useContent()?.gcs
  const consciousness =
    touched.consciousness ?? ACVPU.find((c) => c === patient.consciousness) ?? null
  const oxygen = touched.oxygen ?? patient.on_oxygen
  const pain = touched.pain ?? patient.pain
  const { send, busy, refusal } = useSend()
  const begun = Object.keys(touchedParts).length > 0
  const parts = { ...NONE, ...patient.gcs_parts, ...touchedParts }
  const infant =
    scale !== undefined && patient.age_y !== null && patient.age_y < scale.infant_below_y
  const wording = (part: Part, points: GcsParts[Part]) => {
    if (typeof points === 'string') return t(`care.gcs.${points}`)
    const choice = scale?.[part].find((one) => one.points === points)
    if (choice === undefined) return ''
    return infant && choice.infant_zh
      ? say({ zh: choice.infant_zh, en: choice.infant_en })
      : say(choice)
  }
  const looked: Record<Seen, boolean> = {
    consciousness: touched.consciousness !== undefined,
    on_oxygen: touched.oxygen !== undefined,
    gcs: begun,
    pain: touched.pain !== undefined,
  }
  const asBefore = SEEN.filter(
    (one) => patient.seen_ms[one] !== undefined && !looked[one] && !again.includes(one),
  )
  const age = (name: Seen) =>
    asBefore.includes(name) && (
      <Age
        at_ms={patient.seen_ms[name] ?? now}
        old={isOutdated(patient, name, now)}
        now={now}
        onStill={() => setAgain([...again, name])}
        testId={`still-${name}`}
      />
    )
  const shown = begun ? textOf(parts) : patient.gcs_text

  async function save() {
    const done = await send({
      kind: 'patient.observe',
      patient_id: patient.id,
      consciousness,
      on_oxygen: oxygen,
      gcs: patient.gcs,
      gcs_motor: patient.gcs_motor,
      // Nothing touched and only a sum known: the sum stands.
      gcs_parts: begun ? parts : patient.gcs_parts,
      pain,
      as_before: asBefore,
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
          <button
            type="button"
            className="tap primary wide"
            disabled={busy}
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
        {age('consciousness')}
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
        {age('on_oxygen')}
        <fieldset className="crew-choice" data-testid="gcs">
          <legend>
            GCS <b className="num">{shown || t('crew.not_assessed')}</b>
          </legend>
          <div className="crew-gcs">
            {PARTS.map((part) => {
              const points = (scale?.[part] ?? []).map((one) => one.points).sort((a, b) => a - b)
              const letter = part.charAt(0).toUpperCase()
              return (
                <div key={part} data-part={part}>
                  <span>{t(`care.gcs.${letter}`)}</span>
                  {[...points, ...UNTESTED[part]].map((one) => (
                    <button
                      key={one}
                      type="button"
                      className="tap num"
                      aria-pressed={parts[part] === one}
                      // The same once more: not examined after all.
                      onClick={() =>
                        setParts({ ...touchedParts, [part]: parts[part] === one ? null : one })
                      }
                      data-testid={`gcs-${letter}${one}`}
                      title={wording(part, one)}
                    >
                      {one}
                    </button>
                  ))}
                  <small className="mu">{wording(part, parts[part])}</small>
                </div>
              )
            })}
          </div>
        </fieldset>
        {age('gcs')}
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
        {age('pain')}
      </div>
    </Sheet>
  )
}

/** How long ago it was seen; one touch says that somebody has looked and it is the same. */
function Age(props: {
  at_ms: number
  old: boolean
  now: number
  onStill: () => void
  testId: string
}) {
  return (
    <p className={props.old ? 'un' : 'mu'} data-old={props.old || undefined}>
      {t(props.old ? 'crew.stale' : 'crew.ago', { age: ageText(props.now - props.at_ms) })}{' '}
      <button type="button" className="tap" onClick={props.onStill} data-testid={props.testId}>
        {t('crew.still_so')}
      </button>
    </p>
  )
}

/** The sum where every part has points, else the parts; the server says the same. */
export function textOf({ eye, verbal, motor }: GcsParts): string {
  if (typeof eye === 'number' && typeof verbal === 'number' && typeof motor === 'number')
    return String(eye + verbal + motor)
  if (eye === null && verbal === null && motor === null) return ''
  return `E${eye ?? '?'}V${verbal ?? '?'}M${motor ?? '?'}`
}
