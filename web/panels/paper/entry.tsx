/** Typing in what was written by hand: one card after the other, by the keyboard alone. */
import {
  type AddressHit,
  DISPATCH_LEVELS,
  get,
  type IncidentRow,
  MILESTONES,
  query,
} from '@gh/contract'
import { clockTime, dayOf, inOrder, t, tOr } from '@gh/i18n'
import { serverNow, useContent, useSend, useTable, uuid7 } from '@gh/live'
import { Button, Empty, Panel, Refused, useHotkeys } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { say } from '../dispatch/words.ts'
import { commandOf, EMPTY, missing, nextNumber, type Typed, unreadable } from './form.ts'

const STAND_DOWN = ['cancelled', 'refused', 'no_patient', 'taken_by_other', 'dead_on_scene']
const SEXES = ['unknown', 'male', 'female'] as const
const NONE = ['', ''] as const
const HITS = 6

/** The label of a field, which an error names too. */
const label = (name: string): string => tOr(`paper.f.${name}`, t(`milestone.${name}`))

export function Entry() {
  const [typed, setTyped] = useState<Typed>(() => ({ ...EMPTY, day: dayOf(serverNow()) }))
  const { send, busy, refusal } = useSend()
  const first = useRef<HTMLInputElement>(null)
  const set = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }))
  const run = typed.unit_id !== ''
  const lacking = missing(typed)
  const wrong = unreadable(typed)
  const ready = lacking.length === 0 && wrong.length === 0

  async function save() {
    const command = commandOf(typed, uuid7)
    if (command === null || (await send(command)) === null) return
    // The next card of the pile: the same day, the next number.
    setTyped({ ...EMPTY, day: typed.day, paper_number: nextNumber(typed.paper_number) })
    first.current?.focus()
  }
  useHotkeys({ 'ctrl+Enter': () => void save() }, ready && !busy)

  return (
    <Panel title={t('paper.entry')} testid="paper-entry">
      <form
        className="pp-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) void save()
        }}
      >
        <Text name="paper_number" typed={typed} set={set} />
        <Field label={label('day')}>
          <input
            className="gh-input"
            type="date"
            value={typed.day}
            onChange={(event) => set({ day: event.target.value })}
            data-testid="paper-day"
          />
        </Field>
        <Field label={label('called')} wrong={wrong.includes('called')}>
          <input
            ref={first}
            className="gh-input num"
            value={typed.called}
            placeholder="1510"
            onChange={(event) => set({ called: event.target.value })}
            data-testid="paper-called"
          />
        </Field>
        <Text name="number" typed={typed} set={set} />
        <Place typed={typed} set={set} />
        <Topic typed={typed} set={set} />
        <Unit typed={typed} set={set} />
        {run && (
          <fieldset className="pp-times">
            <legend>{t('paper.times')}</legend>
            <Time
              name="assigned"
              wrong={wrong}
              value={typed.assigned}
              onChange={(assigned) => set({ assigned })}
            />
            {MILESTONES.map((name) => (
              <Time
                key={name}
                name={name}
                wrong={wrong}
                value={typed.times[name] ?? ''}
                onChange={(text) => set({ times: { ...typed.times, [name]: text } })}
              />
            ))}
            <Choice
              name="stood_down"
              value={typed.stood_down}
              options={[
                NONE,
                ...STAND_DOWN.map((code) => [code, t(`stand_down.${code}`)] as const),
              ]}
              onChange={(stood_down) => set({ stood_down })}
            />
          </fieldset>
        )}
        {run && <Who typed={typed} set={set} />}
        <Field label={label('reason')}>
          <input
            className="gh-input"
            list="paper-reasons"
            value={typed.reason}
            onChange={(event) => set({ reason: event.target.value })}
            data-testid="paper-reason"
          />
          <datalist id="paper-reasons">
            {t('intake.close_reasons')
              .split('|')
              .map((text) => (
                <option key={text} value={text} />
              ))}
          </datalist>
        </Field>
        <Text name="note" typed={typed} set={set} wide />
        <div className="pp-do">
          <Refused refusal={refusal} />
          {refusal?.field ? <b className="gh-warnt">{label(refusal.field)}</b> : null}
          {ready ? (
            <Button look="primary" submit busy={busy} keycap="Ctrl ⏎" data-testid="paper-save">
              {t('paper.save')}
            </Button>
          ) : (
            <span className="gh-m" data-testid="paper-lacking">
              {wrong.length > 0
                ? t('paper.unreadable', { what: wrong.map(label).join(t('ui.comma')) })
                : t('paper.lacking', { what: lacking.map(label).join(t('ui.comma')) })}
            </span>
          )}
        </div>
      </form>
    </Panel>
  )
}

interface PartProps {
  typed: Typed
  set: (change: Partial<Typed>) => void
}

function Field(props: {
  label: string
  wrong?: boolean
  wide?: boolean | undefined
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label className={`gh-field${props.wide ? ' wide' : ''}${props.wrong ? ' wrong' : ''}`}>
      <span>{props.label}</span>
      {props.children}
    </label>
  )
}

function Text(
  props: PartProps & { name: 'paper_number' | 'number' | 'note' | 'name' | 'age'; wide?: boolean },
) {
  const { name, typed, set, wide } = props
  return (
    <Field label={label(name)} wide={wide} wrong={unreadable(typed).includes(name)}>
      <input
        className="gh-input"
        value={typed[name]}
        autoComplete="off"
        onChange={(event) => set({ [name]: event.target.value })}
        data-testid={`paper-${name}`}
      />
    </Field>
  )
}

function Choice(props: {
  name: string
  value: string
  /** Each a value and its words. */
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
  testid?: string
}) {
  return (
    <Field label={label(props.name)}>
      <select
        className="gh-input"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        data-testid={props.testid ?? `paper-${props.name}`}
      >
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  )
}

function Time(props: {
  name: string
  wrong: readonly string[]
  value: string
  onChange: (text: string) => void
}) {
  return (
    <Field label={label(props.name)} wrong={props.wrong.includes(props.name)}>
      <input
        className="gh-input num"
        value={props.value}
        inputMode="numeric"
        autoComplete="off"
        onChange={(event) => props.onChange(event.target.value)}
        data-testid={`paper-${props.name}`}
      />
    </Field>
  )
}

/** An address of the index has a point; any other is kept as words. */
function Place({ typed, set }: PartProps) {
  const wanted = typed.point === null ? typed.address.trim() : ''
  const found = useQuery({
    queryKey: ['address', wanted],
    queryFn: () => get<AddressHit[]>(query('/api/address/search', { q: wanted, limit: HITS })),
    enabled: wanted !== '',
    placeholderData: (before) => before,
  })
  const hits = wanted === '' ? [] : (found.data ?? [])
  return (
    <div className="pp-place">
      <Field label={label('address')} wide>
        <input
          className="gh-input"
          value={typed.address}
          autoComplete="off"
          onChange={(event) => set({ address: event.target.value, point: null })}
          data-testid="paper-address"
        />
      </Field>
      {typed.address !== '' && typed.point === null && (
        <span className="gh-m">{t('paper.words_only')}</span>
      )}
      {hits.map((hit, i) => (
        <Button
          key={`${hit.label} ${hit.point.lat} ${hit.point.lon}`}
          onClick={() => set({ address: hit.label, point: hit.point })}
          data-testid={`paper-address-${i}`}
        >
          {hit.label}
        </Button>
      ))}
    </div>
  )
}

function Topic({ typed, set }: PartProps) {
  const topics = useContent()?.topics.topics ?? []
  return (
    <>
      <Choice
        name="topic"
        value={typed.topic}
        options={[NONE, ...topics.map((topic) => [topic.id, say(topic)] as const)]}
        onChange={(topic) => set({ topic })}
      />
      <Choice
        name="level"
        value={typed.level}
        options={[NONE, ...DISPATCH_LEVELS.map((level) => [level, level] as const)]}
        onChange={(level) => set({ level: level as Typed['level'] })}
      />
    </>
  )
}

function Unit({ typed, set }: PartProps) {
  const units = useTable('units')
  const sorted = useMemo(
    () => [...units].sort((a, b) => inOrder(a.call_sign, b.call_sign)),
    [units],
  )
  return (
    <Choice
      name="unit_id"
      testid="paper-unit"
      value={typed.unit_id}
      options={[
        ['', t('paper.no_unit')],
        ...sorted.map((unit) => [unit.id, unit.call_sign] as const),
      ]}
      onChange={(unit_id) => set({ unit_id })}
    />
  )
}

function Who({ typed, set }: PartProps) {
  const hospitals = useTable('hospitals')
  return (
    <>
      <Choice
        name="hospital_id"
        value={typed.hospital_id}
        options={[NONE, ...hospitals.map((one) => [one.id, one.name] as const)]}
        onChange={(hospital_id) => set({ hospital_id })}
      />
      <Text name="name" typed={typed} set={set} />
      <Text name="age" typed={typed} set={set} />
      <Choice
        name="sex"
        value={typed.sex}
        options={SEXES.map((sex) => [sex, t(`sex.${sex}`)] as const)}
        onChange={(sex) => set({ sex: sex as Typed['sex'] })}
      />
    </>
  )
}

/** What is in already, the newest first. */
export function Entered() {
  const incidents = useTable('incidents')
  const entered = incidents
    .filter((one) => one.paper_number !== '')
    .sort((a, b) => inOrder(b.paper_number, a.paper_number))
  return (
    <Panel title={t('paper.entered', { n: entered.length })} testid="paper-entered">
      {entered.length === 0 ? (
        <Empty title={t('paper.none')} hint={t('paper.none_hint')} />
      ) : (
        <ul className="pp-list">
          {entered.map((one) => (
            <Line key={one.id} incident={one} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Line({ incident }: { incident: IncidentRow }) {
  return (
    <li data-testid={`entered-${incident.paper_number}`}>
      <b className="num">{incident.paper_number}</b>
      <span className="num">
        {dayOf(incident.opened_ms)} {clockTime(incident.opened_ms)}
      </span>
      <a href={`/review/${incident.id}`}>{incident.number}</a>
      <span className="gh-ell">{incident.location?.label ?? ''}</span>
      <span className="gh-m">{incident.close_reason}</span>
    </li>
  )
}
