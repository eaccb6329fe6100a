/** The check before a shift: every item answered, by a named person. It works without a link. */
import type { CheckItemContent, ShiftCheckContent, UnitRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime, dayTime } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'
import {
  type Answers,
  answered,
  checkOfShift,
  defectWords,
  isDefect,
  isNoNumber,
  measuredWords,
} from '../care/shift.ts'
import { say } from '../dispatch/words.ts'
import { Sheet } from './sheet.tsx'

interface Props {
  unit: UnitRow
  content: ShiftCheckContent
}

/** On the idle screen: done or not, and what was found. */
export function ShiftNote({ unit, content, onOpen }: Props & { onOpen: () => void }) {
  const now = useNow()
  const found = checkOfShift(unit, content, now)
  const check = found?.check ?? null
  const defects = check ? defectWords(check, content) : []
  return (
    <div
      className="crew-shift"
      data-testid="shift-note"
      data-done={found?.due === false || undefined}
    >
      {check === null ? (
        <p className="un" role="status">
          <WarnMark /> {t('shift.missing')}
        </p>
      ) : (
        <p className={defects.length > 0 || found?.due ? 'un' : 'mu'}>
          {t('shift.done', { time: clockTime(check.at_ms), name: check.name })}
          {check.taken_by === '' ? (
            <b className="un"> · {t('shift.not_taken')}</b>
          ) : (
            ` · ${t('shift.taken', { name: check.taken_by })}`
          )}
          {found?.due && ` · ${t('shift.due', { h: content.every_h })}`}
          {defects.length > 0 && ` · ${defects.join(t('ui.comma'))}`}
        </p>
      )}
      <button type="button" className="tap" onClick={onOpen} data-testid="shift-open">
        {t('shift.title')}
      </button>
    </div>
  )
}

export function ShiftSheet({ unit, content, onClose }: Props & { onClose: () => void }) {
  const [typed, setTyped] = useState<Answers>({})
  const [name, setName] = useState('')
  const { send, busy, refusal } = useSend()
  const answers = answered(content, typed)
  const set = (id: string, value: boolean | string) => setTyped((was) => ({ ...was, [id]: value }))

  async function save() {
    if (answers === null) return
    const done = await send({
      kind: 'unit.check',
      unit_id: unit.id,
      check_id: uuid7(),
      name: name.trim(),
      answers,
    })
    if (done) onClose()
  }

  return (
    <Sheet title={t('shift.title')} onClose={onClose} testId="shift-sheet">
      <div className="crew-form two">
        {content.sections.map((section) => (
          <fieldset key={section.id} className="crew-choice crew-shift-items">
            <legend>
              <b>{say(section.title)}</b>
            </legend>
            {section.items.map((item) => (
              <CheckLine
                key={item.id}
                item={item}
                value={typed[item.id]}
                onChange={(value) => set(item.id, value)}
              />
            ))}
          </fieldset>
        ))}
        <div>
          <label className="crew-field">
            <span>{t('shift.name')}</span>
            <input
              className="crew-input"
              value={name}
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
              data-testid="shift-name"
            />
          </label>
          {unit.crew.length > 0 && (
            <div className="crew-shift-names">
              {unit.crew.map((one) => (
                <button
                  key={one}
                  type="button"
                  className="tap"
                  aria-pressed={name === one}
                  onClick={() => setName(one)}
                >
                  {one}
                </button>
              ))}
            </div>
          )}
          <div className="crew-actions">
            <Refused refusal={refusal} />
            {answers === null || name.trim() === '' ? (
              <p className="mu">{t(answers === null ? 'shift.all_first' : 'crew.name_first')}</p>
            ) : (
              <button
                type="button"
                className="tap primary wide"
                disabled={busy}
                onClick={() => void save()}
                data-testid="shift-save"
              >
                {t(busy ? 'crew.sending' : 'shift.save')}
              </button>
            )}
          </div>
          <TakeOver unit={unit} content={content} />
          <Earlier unit={unit} content={content} />
        </div>
      </div>
    </Sheet>
  )
}

/** The newest check waits for the signature of whoever comes on: another person than the first. */
export function TakeOver({ unit, content }: Props) {
  const check = unit.checks[0]
  const [name, setName] = useState('')
  const { send, busy, refusal } = useSend()
  if (check === undefined || check.taken_by !== '') return null
  const defects = defectWords(check, content).join(t('ui.comma'))
  const same = name.trim() === check.name
  return (
    <section className="crew-field" data-testid="shift-take-over">
      <h4>{t('shift.take_over')}</h4>
      <p className={defects === '' ? 'mu' : 'un'}>
        {t('shift.handed', { time: dayTime(check.at_ms), name: check.name })} ·{' '}
        {defects === '' ? t('shift.in_order') : defects}
      </p>
      <input
        className="crew-input"
        value={name}
        autoComplete="off"
        aria-label={t('shift.taker')}
        placeholder={t('shift.taker')}
        onChange={(event) => setName(event.target.value)}
        data-testid="shift-taker"
      />
      <Refused refusal={refusal} />
      {same && <p className="un">{t('errors.second_person_required')}</p>}
      {name.trim() !== '' && !same && (
        <button
          type="button"
          className="tap primary wide"
          disabled={busy}
          onClick={() =>
            void send({
              kind: 'unit.take_over_check',
              unit_id: unit.id,
              check_id: check.id,
              name: name.trim(),
            })
          }
          data-testid="shift-sign"
        >
          {t(busy ? 'crew.sending' : 'shift.sign')}
        </button>
      )}
    </section>
  )
}

function CheckLine(props: {
  item: CheckItemContent
  value: boolean | string | undefined
  onChange: (value: boolean | string) => void
}) {
  const { item, value, onChange } = props
  const wrong = isNoNumber(item, value)
  const bad = !wrong && isDefect(item, value)
  return (
    <div className="crew-shift-item" data-testid={`shift-${item.id}`}>
      <span>
        {say(item)}
        {bad && <b className="un"> {say(item.defect)}</b>}
        {wrong && (
          <b className="un"> {t('shift.no_number', { least: item.least, most: item.most })}</b>
        )}
      </span>
      {item.kind === 'yes_no' ? (
        [true, false].map((answer) => (
          <button
            key={String(answer)}
            type="button"
            className="tap"
            aria-pressed={value === answer}
            onClick={() => onChange(answer)}
            data-testid={`shift-${item.id}-${answer}`}
          >
            {t(answer ? 'shift.yes' : 'shift.no')}
          </button>
        ))
      ) : (
        <label>
          <input
            className="crew-input num"
            inputMode="decimal"
            value={typeof value === 'string' ? value : ''}
            aria-label={say(item)}
            aria-invalid={wrong}
            placeholder={`${item.least}–${item.most}`}
            onChange={(event) => onChange(event.target.value.trim())}
            data-testid={`shift-${item.id}-number`}
          />{' '}
          {item.unit}
        </label>
      )}
    </div>
  )
}

function Earlier({ unit, content }: Props) {
  if (unit.checks.length === 0) return null
  return (
    <section className="crew-shift-earlier" data-testid="shift-earlier">
      <h4>{t('shift.earlier')}</h4>
      {unit.checks.map((check) => (
        <p key={check.id}>
          {dayTime(check.at_ms)} {check.name}
          {check.taken_by !== '' && ` → ${check.taken_by}`}{' '}
          {check.defects.length === 0 ? (
            <span className="mu">{t('shift.in_order')}</span>
          ) : (
            <b className="un">{defectWords(check, content).join(t('ui.comma'))}</b>
          )}
          <small className="mu"> {measuredWords(check, content).join(t('ui.comma'))}</small>
        </p>
      ))}
    </section>
  )
}
