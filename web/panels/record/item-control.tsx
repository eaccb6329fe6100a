/** What an item is written with, by its kind: taps, a number, a time, words. */
import type { Accepted, FieldContent, WrittenRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { DOUBLE_CLICK_MS } from '@gh/live'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { say } from '../dispatch/words.ts'
import { TimeBox } from './time-box.tsx'

export type Value = WrittenRow['value']

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
  /** What stands in the box of a number, at its end. */
  tag: ReactNode
  onWrite: (value: Value, text?: string | null) => Promise<Accepted | null>
}

export function Control(props: ControlProps) {
  const { box, name, item, value, text, live, given, tag, onWrite } = props
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
      return (
        <NumberBox key={box} item={item} value={value} live={live} tag={tag} onWrite={onWrite} />
      )
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
  tag,
  onWrite,
}: {
  item: FieldContent
  value: Value
  live: Value | undefined
  tag: ReactNode
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
      <span className="rec-box">
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
        {tag}
      </span>
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
