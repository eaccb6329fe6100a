/** Typing in what was written by hand: one card after the other, by the keyboard alone. */
import { type AddressHit, DISPATCH_LEVELS, get, type IncidentRow, query } from '@gh/contract'
import { clockTime, dayOf, t, tOr } from '@gh/i18n'
import { serverNow, useContent, useSend, useTable, uuid7 } from '@gh/live'
import { Button, Empty, Panel, Refused, useHotkeys } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { say } from '../dispatch/words.ts'
import {
  commandOf,
  EMPTY,
  MILESTONES,
  missing,
  nextNumber,
  type Typed,
  wrongTimes,
} from './form.ts'

const STAND_DOWN = ['cancelled', 'refused', 'no_patient', 'taken_by_other', 'dead_on_scene']
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
  const wrong = wrongTimes(typed)
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
            <Field label={label('stood_down')}>
              <select
                className="gh-input"
                value={typed.stood_down}
                onChange={(event) => set({ stood_down: event.target.value })}
                data-testid="paper-stood_down"
              >
                <option value="" />
                {STAND_DOWN.map((code) => (
                  <option key={code} value={code}>
                    {t(`stand_down.${code}`)}
                  </option>
                ))}
              </select>
            </Field>
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
                ? t('paper.no_time', { what: wrong.map(label).join(t('ui.comma')) })
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
    <Field label={label(name)} wide={wide}>
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
  const content = useContent().data
  return (
    <>
      <Field label={label('topic')}>
        <select
          className="gh-input"
          value={typed.topic}
          onChange={(event) => set({ topic: event.target.value })}
          data-testid="paper-topic"
        >
          <option value="" />
          {content?.topics.topics.map((topic) => (
            <option key={topic.id} value={topic.id}>
              {say(topic)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={label('level')}>
        <select
          className="gh-input"
          value={typed.level}
          onChange={(event) => set({ level: event.target.value as Typed['level'] })}
          data-testid="paper-level"
        >
          <option value="" />
          {DISPATCH_LEVELS.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </Field>
    </>
  )
}

function Unit({ typed, set }: PartProps) {
  const units = useTable('units')
  const sorted = useMemo(
    () =>
      [...units].sort((a, b) => a.call_sign.localeCompare(b.call_sign, 'zh-CN', { numeric: true })),
    [units],
  )
  return (
    <Field label={label('unit_id')}>
      <select
        className="gh-input"
        value={typed.unit_id}
        onChange={(event) => set({ unit_id: event.target.value })}
        data-testid="paper-unit"
      >
        <option value="">{t('paper.no_unit')}</option>
        {sorted.map((unit) => (
          <option key={unit.id} value={unit.id}>
            {unit.call_sign}
          </option>
        ))}
      </select>
    </Field>
  )
}

function Who({ typed, set }: PartProps) {
  const hospitals = useTable('hospitals')
  return (
    <>
      <Field label={label('hospital_id')}>
        <select
          className="gh-input"
          value={typed.hospital_id}
          onChange={(event) => set({ hospital_id: event.target.value })}
          data-testid="paper-hospital"
        >
          <option value="" />
          {hospitals.map((hospital) => (
            <option key={hospital.id} value={hospital.id}>
              {hospital.name}
            </option>
          ))}
        </select>
      </Field>
      <Text name="name" typed={typed} set={set} />
      <Text name="age" typed={typed} set={set} />
      <Field label={label('sex')}>
        <select
          className="gh-input"
          value={typed.sex}
          onChange={(event) => set({ sex: event.target.value as Typed['sex'] })}
          data-testid="paper-sex"
        >
          {(['unknown', 'male', 'female'] as const).map((sex) => (
            <option key={sex} value={sex}>
              {t(`sex.${sex}`)}
            </option>
          ))}
        </select>
      </Field>
    </>
  )
}

/** What is in already, the newest first. */
export function Entered() {
  const incidents = useTable('incidents')
  const entered = incidents
    .filter((one) => one.paper_number !== '')
    .sort((a, b) => b.paper_number.localeCompare(a.paper_number, undefined, { numeric: true }))
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
