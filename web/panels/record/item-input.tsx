/** One item of the record or of a sheet: what stands there, and the way to write it. Written at once. */
import {
  type Accepted,
  clear,
  type FieldContent,
  type PatientRow,
  type WrittenRow,
} from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { DOUBLE_CLICK_MS, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { memo, useEffect, useRef, useState } from 'react'
import { clockTime, dayTimeUnlessToday } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { say } from '../dispatch/words.ts'
import { BurnHelp } from './burn-help.tsx'
import { TimeBox } from './time-box.tsx'
import { seenIn, unstored } from './unstored.ts'
import { valueText, writtenText } from './words.ts'

type Value = WrittenRow['value']

interface Asked {
  /** `weight_kg`, or `stroke.face` of a sheet. */
  name: string
  item: FieldContent
  /** What the monitor or the record says where no person has answered. */
  live?: Value | undefined
  /** A person says otherwise than this. */
  differs?: Value | undefined
  /** The signature waits for it, or it could still make the level more severe. */
  wanted?: boolean | undefined
}

const NONE: readonly WrittenRow[] = []

const isSame = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b)

export function ItemInput({ patient, ...asked }: Asked & { patient: PatientRow }) {
  const { fields, signed_ms } = patient.record
  return (
    <Item
      {...asked}
      patientId={patient.id}
      writes={fields[asked.name] ?? NONE}
      signed={signed_ms !== null}
    />
  )
}

interface Props extends Asked {
  patientId: string
  writes: readonly WrittenRow[]
  signed: boolean
}

/** A form has dozens, and a touch changes one of them. */
const Item = memo(function Item(props: Props) {
  useLang()
  const { patientId, name, item, writes, signed, live, differs, wanted } = props
  const { send, busy, refusal } = useSend()
  const newest = writes.at(-1)
  const waits = unstored(newest)
  // What is typed stays in its box while it waits, and when it is refused.
  const stored = useRef('')
  if (waits === undefined) stored.current = newest?.write_id ?? ''
  const [helped, setHelped] = useState(0)
  const [reason, setReason] = useState('')
  const [given, setGiven] = useState(0)

  const write = async (value: Value, text: string | null = null) => {
    if (newest && waits && text === newest.text && isSame(value, newest.value)) return null
    return send({
      kind: 'patient.write_field',
      patient_id: patientId,
      write_id: uuid7(),
      field: name,
      value,
      text: text === null ? null : clear(text),
      over: seenIn(writes),
      reason,
    })
  }
  const give = () => {
    if (reason.trim() !== '') setGiven((n) => n + 1)
  }

  return (
    <div
      className="rec-item"
      data-testid={`item-${name}`}
      data-kind={item.kind}
      data-wanted={wanted || undefined}
      data-unstored={waits}
      aria-busy={busy}
    >
      <span className="rec-label">
        {say(item)}
        {item.unit && <small> {item.unit}</small>}
        {wanted && <em className="un">{t('record.wanted')}</em>}
        {waits && <small>{t(`record.unstored.${waits}`)}</small>}
      </span>
      {writes.length > 1 ? (
        <Conflict item={item} writes={writes} onChoose={write} />
      ) : (
        <Control
          box={`${stored.current}/${helped}`}
          name={name}
          item={item}
          value={newest?.value ?? null}
          text={newest?.text ?? ''}
          live={newest === undefined ? live : undefined}
          given={given}
          onWrite={write}
        />
      )}
      {item.helper === 'burns' && writes.length < 2 && (
        <BurnHelp
          patientId={patientId}
          onTake={(pct) => {
            setHelped((n) => n + 1)
            void write(pct)
          }}
        />
      )}
      {item.since && newest && typeof newest.value === 'number' && writes.length === 1 && (
        <small className="mu" data-testid={`since-${name}`}>
          {t('record.since', {
            time: dayTimeUnlessToday(newest.at_ms - newest.value * 60_000, Date.now()),
          })}
        </small>
      )}
      {differs !== undefined && differs !== null && (
        <small className="un" data-testid={`differs-${name}`}>
          {t('record.live_differs', { value: valueText(item, differs) })}
        </small>
      )}
      {signed && (
        <input
          className="crew-input"
          value={reason}
          placeholder={t('record.reason_late')}
          aria-label={t('record.reason_late')}
          onChange={(e) => setReason(e.target.value)}
          onBlur={give}
          onKeyDown={(e) => e.key === 'Enter' && !e.nativeEvent.isComposing && give()}
          data-testid={`reason-${name}`}
        />
      )}
      <Refused refusal={refusal} />
    </div>
  )
})

function Conflict({
  item,
  writes,
  onChoose,
}: {
  item: FieldContent
  writes: readonly WrittenRow[]
  onChoose: (value: Value, text: string | null) => void
}) {
  const who = useWho()
  return (
    <div className="rec-conflict" role="alert">
      <b>{t('record.conflict')}</b>
      {writes.map((one) => (
        <button
          key={one.write_id}
          type="button"
          className="tap"
          onClick={() => onChoose(one.value, one.text)}
          data-testid={`choose-${one.write_id}`}
        >
          {writtenText(item, one)}
          <small>
            {who(one.by)} {clockTime(one.at_ms)} · {t('record.choose_this')}
          </small>
        </button>
      ))}
    </div>
  )
}

interface ControlProps {
  /** Another one: what stands there was typed elsewhere. */
  box: string
  name: string
  item: FieldContent
  value: Value
  text: string
  live: Value | undefined
  /** How often a reason was given: a text that waits for one goes then. */
  given: number
  onWrite: (value: Value, text?: string | null) => Promise<Accepted | null>
}

function Control({ box, name, item, value, text, live, given, onWrite }: ControlProps) {
  const shown = value ?? live ?? null
  const isLive = value === null && live !== undefined && live !== null
  switch (item.kind) {
    case 'flag':
      return (
        <Taps
          name={name}
          options={[
            { id: 'true', label: t('record.yes') },
            { id: 'false', label: t('record.no') },
          ]}
          chosen={typeof shown === 'boolean' ? [String(shown)] : []}
          live={isLive}
          onTap={(id) => onWrite(String(value) === id ? null : id === 'true')}
        />
      )
    case 'choice':
      return (
        <Taps
          name={name}
          options={(item.choices ?? []).map((c) => ({ id: c.id, label: say(c) }))}
          chosen={typeof shown === 'string' ? [shown] : []}
          live={isLive}
          onTap={(id) => onWrite(value === id ? null : id)}
        />
      )
    case 'choices':
      return <Many name={name} item={item} value={value} live={live} onWrite={onWrite} />
    case 'number':
      return <NumberBox key={box} item={item} value={value} live={live} onWrite={onWrite} />
    case 'time':
      return <TimeBox value={value} onWrite={onWrite} />
    default:
      return (
        <TextBox
          key={box}
          text={text}
          given={given}
          onWrite={(words) => onWrite(null, words === '' ? null : words)}
        />
      )
  }
}

interface Tap {
  id: string
  label: string
}

function Taps(props: {
  name: string
  options: readonly Tap[]
  chosen: readonly string[]
  live: boolean
  onTap: (id: string) => void
}) {
  const last = useRef({ id: '', at_ms: 0 })
  const tap = (id: string) => {
    const at_ms = Date.now()
    // A bounce of the finger takes nothing back.
    const bounced = last.current.id === id && at_ms - last.current.at_ms < DOUBLE_CLICK_MS
    last.current = { id, at_ms }
    if (!bounced) props.onTap(id)
  }
  return (
    <div className="rec-taps">
      {props.options.map((option) => {
        const on = props.chosen.includes(option.id)
        return (
          <button
            key={option.id}
            type="button"
            className={`tap ${on && props.live ? 'live' : ''}`}
            aria-pressed={on}
            onClick={() => tap(option.id)}
            data-testid={`${props.name}-${option.id}`}
          >
            <b>
              {on && <i aria-hidden="true">{props.live ? '~' : '✓'}</i>}
              {option.label}
            </b>
          </button>
        )
      })}
    </div>
  )
}

function Many({
  name,
  item,
  value,
  live,
  onWrite,
}: {
  name: string
  item: FieldContent
  value: Value
  live: Value | undefined
  onWrite: (value: Value) => void
}) {
  const [word, setWord] = useState('')
  const shown = value ?? live ?? null
  const chosen = Array.isArray(shown) ? shown : []
  const listed = (item.choices ?? []).map((c) => ({ id: c.id, label: say(c) }))
  const own = chosen.filter((id) => listed.every((c) => c.id !== id))
  const toggle = (id: string) =>
    onWrite(chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id])
  const add = () => {
    const words = word.trim()
    if (words !== '') onWrite([...chosen, words])
    setWord('')
  }
  return (
    <>
      <Taps
        name={name}
        options={[...listed, ...own.map((id) => ({ id, label: id }))]}
        chosen={chosen}
        live={value === null && live !== undefined}
        onTap={toggle}
      />
      <div className="rec-taps">
        <button
          type="button"
          className="tap"
          aria-pressed={Array.isArray(value) && value.length === 0}
          onClick={() => onWrite([])}
          data-testid={`${name}-none`}
        >
          {t('record.none_of_these')}
        </button>
        {item.open && (
          <input
            className="crew-input"
            value={word}
            placeholder={t('record.other_words')}
            aria-label={t('record.other_words')}
            onChange={(e) => setWord(e.target.value)}
            onBlur={add}
            onKeyDown={(e) => e.key === 'Enter' && !e.nativeEvent.isComposing && add()}
            data-testid={`${name}-other`}
          />
        )}
      </div>
    </>
  )
}

function NumberBox({
  item,
  value,
  live,
  onWrite,
}: {
  item: FieldContent
  value: Value
  live: Value | undefined
  onWrite: (value: Value) => void
}) {
  const [typed, setTyped] = useState(value === null ? '' : String(value))
  const number = Number(typed.replace(',', '.'))
  const wrong =
    typed.trim() !== '' &&
    (Number.isNaN(number) ||
      (item.low != null && number < item.low) ||
      (item.high != null && number > item.high))
  const save = () => {
    const next = typed.trim() === '' ? null : number
    if (!wrong && next !== value) onWrite(next)
  }
  return (
    <>
      <input
        className="crew-input num"
        inputMode="decimal"
        value={typed}
        placeholder={
          live === undefined || live === null ? '' : t('record.live', { value: String(live) })
        }
        aria-label={say(item)}
        aria-invalid={wrong}
        onChange={(e) => setTyped(e.target.value)}
        onBlur={save}
        onKeyDown={(e) => e.key === 'Enter' && save()}
      />
      {wrong && (
        <small className="un" role="alert">
          {t('record.out_of_range', { low: item.low ?? '', high: item.high ?? '' })}
        </small>
      )}
    </>
  )
}

/** Kept as it is typed: saved when the hand leaves it, and after a pause in the typing. */
function TextBox({
  text,
  given,
  onWrite,
}: {
  text: string
  given: number
  onWrite: (text: string) => Promise<Accepted | null>
}) {
  const [typed, setTyped] = useState(text)
  const stands = text.trim()
  const written = useRef(stands)
  const save = (words: string) => {
    const next = words.trim()
    if (next === written.current) return
    written.current = next
    void onWrite(next).then((accepted) => {
      // What was refused is not there, and goes again.
      if (accepted === null && written.current === next) written.current = stands
    })
  }
  const saveNow = useRef(save)
  saveNow.current = save
  const latest = useRef(typed)
  latest.current = typed
  useEffect(() => () => saveNow.current(latest.current), [])
  useEffect(() => {
    if (given > 0) saveNow.current(latest.current)
  }, [given])
  return (
    <textarea
      className="crew-input"
      rows={2}
      value={typed}
      onChange={(e) => setTyped(e.target.value)}
      onBlur={() => save(typed)}
    />
  )
}
