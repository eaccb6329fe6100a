/** Vital signs that the crew measured themselves: each by large keys, or why it was not taken. */
import { NotTaken, type PatientRow, type Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { hm } from '../care/format.ts'
import { UNITS } from '../care/vitals.ts'
import { signName } from '../care/words.ts'
import { Entries } from '../record/entries.tsx'
import '../record/record.css'
import { Sheet } from './sheet.tsx'
import {
  afterKey,
  afterShown,
  KEYS,
  OF_METERS,
  SHOWN,
  SIGNS,
  type Typed,
  toCommand,
} from './typed.ts'

const STEPS_MIN = [1, 5, 15] as const

export function VitalsSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  const now = useNow()
  const content = useContent()
  const [typed, setTyped] = useState<Typed>({})
  const [sign, setSign] = useState<Sign>('nibp_sys')
  const [ago, setAgo] = useState(0)
  const [id, setId] = useState(uuid7)
  const { send, busy, refusal } = useSend()
  const [asked, setAsked] = useState<Typed | null>(null)
  // A question is about what was typed then; whoever changes it is asked anew.
  const doubtful =
    refusal?.code === 'implausible' && asked === typed ? refusal.detail.split(' ') : []
  const one = typed[sign]

  async function save(confirmed: string[]) {
    setAsked(typed)
    const done = await send({
      kind: 'patient.enter_vitals',
      patient_id: patient.id,
      entry_id: id,
      ...toCommand(typed),
      confirmed: SIGNS.filter((s) => confirmed.includes(s)),
      taken_ms: ago === 0 ? null : Math.round(now - ago * 60_000),
    })
    if (!done) return
    setTyped({})
    setAgo(0)
    setSign('nibp_sys')
    setId(uuid7())
  }

  return (
    <Sheet
      title={t('crew.page.vitals')}
      onClose={onClose}
      testId="vitals-sheet"
      footer={
        doubtful.length > 0 ? (
          <>
            <b className="un" role="alert" data-testid="vitals-doubt">
              {t('crew.implausible', { what: doubtful.map(signName).join(t('ui.comma')) })}
            </b>
            <button
              type="button"
              className="tap primary wide"
              disabled={busy}
              onClick={() => void save(doubtful)}
              data-testid="vitals-confirm"
            >
              {t('crew.implausible_sure')}
            </button>
          </>
        ) : (
          <>
            {refusal && refusal.code !== 'implausible' && (
              <span>
                {SIGNS.some((s) => s === refusal.field) && <b>{signName(refusal.field)} </b>}
                <Refused refusal={refusal} />
              </span>
            )}
            <button
              type="button"
              className="tap primary wide"
              disabled={busy || Object.keys(typed).length === 0}
              onClick={() => void save([])}
              data-testid="vitals-save"
            >
              {busy ? t('crew.sending') : t('ui.save')}
            </button>
          </>
        )
      }
    >
      <div className="crew-form two">
        <div className="crew-typed">
          {SIGNS.map((s) => (
            <button
              key={s}
              type="button"
              className="tap"
              aria-pressed={s === sign}
              data-doubt={doubtful.includes(s) || undefined}
              onClick={() => setSign(s)}
              data-testid={`typed-${s}`}
            >
              <span>{signName(s)}</span>
              <b className="num">
                {typed[s]?.text || (typed[s]?.reason ? t('care.note.not_taken') : '--')}
              </b>
              <small className="mu">
                {typed[s]?.reason ? t(`care.not_taken.${typed[s].reason}`) : UNITS[s]}
              </small>
            </button>
          ))}
        </div>
        <div>
          <div className="crew-keys">
            {KEYS.map((key) => (
              <button
                key={key}
                type="button"
                className="tap num"
                aria-label={key === '⌫' ? t('crew.clear') : key}
                onClick={() => setTyped(afterKey(typed, sign, key))}
                data-testid={`key-${key}`}
              >
                {key}
              </button>
            ))}
            {OF_METERS.includes(sign) &&
              Object.keys(SHOWN).map((shown) => (
                <button
                  key={shown}
                  type="button"
                  className="tap"
                  aria-pressed={one?.text === shown}
                  onClick={() => setTyped(afterShown(typed, sign, shown))}
                  data-testid={`shown-${shown}`}
                >
                  {shown}
                </button>
              ))}
          </div>
          <fieldset className="crew-choice">
            <legend>{t('crew.not_taken', { what: signName(sign) })}</legend>
            <div>
              {NotTaken.map((reason) => (
                <button
                  key={reason}
                  type="button"
                  className="tap"
                  aria-pressed={one?.reason === reason}
                  onClick={() => setTyped({ ...typed, [sign]: { text: '', reason } })}
                  data-testid={`not-taken-${reason}`}
                >
                  {t(`care.not_taken.${reason}`)}
                </button>
              ))}
            </div>
          </fieldset>
          <fieldset className="crew-choice">
            <legend>
              {t('crew.measured_at')}{' '}
              <b className="num">{ago === 0 ? t('record.now') : hm(now - ago * 60_000)}</b>
            </legend>
            <div>
              <button type="button" className="tap" onClick={() => setAgo(0)}>
                {t('record.now')}
              </button>
              {STEPS_MIN.map((n) => (
                <button
                  key={n}
                  type="button"
                  className="tap num"
                  onClick={() => setAgo(ago + n)}
                  data-testid={`ago-${n}`}
                >
                  −{n} min
                </button>
              ))}
            </div>
          </fieldset>
        </div>
      </div>
      {content && <Entries content={content} patient={patient} kinds={['vitals']} editable />}
    </Sheet>
  )
}
