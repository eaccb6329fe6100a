/** One shift: planned, changed with a reason, or withdrawn with one. Conflicts are told while it is written. */
import {
  CrewFunction,
  type CrewMember,
  DutyKind,
  post,
  type Shift,
  type ShiftWarning,
  type UnitWeekRow,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { serverNow, useSend, uuid7 } from '@gh/live'
import { Button, Dialog, Refused } from '@gh/ui'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Field } from '../admin/person-dialog.tsx'
import { dayOf, hm } from '../care/format.ts'
import { chinaTime } from '../dispatch/model.ts'
import { firstHours, memberText, readMember, rosterId, warningText } from './model.ts'

/** Whom a new shift asks for first. */
const FIRST: readonly CrewMember['function'][] = ['doctor', 'nurse', 'driver']

interface Line {
  key: string
  role: CrewMember['function']
  text: string
}
const lineOf = (role: CrewMember['function'], text: string): Line => ({ key: uuid7(), role, text })

const boxTime = (ms: number): string => `${dayOf(ms)}T${hm(ms)}`

interface Props {
  row: UnitWeekRow
  day_ms: number
  /** null: a new one. */
  shift: Shift | null
  people: readonly string[]
  sign: (unit: string) => string
  onDone: () => void
  onClose: () => void
}

export function ShiftDialog({ row, day_ms, shift, people, sign, onDone, onClose }: Props) {
  const first = shift ?? firstHours(day_ms)
  const [from, setFrom] = useState(() => boxTime(first.from_ms))
  const [to, setTo] = useState(() => boxTime(first.to_ms))
  const [duty, setDuty] = useState<DutyKind>(shift?.duty ?? 'emergency')
  const [lines, setLines] = useState<Line[]>(() =>
    shift === null
      ? FIRST.map((role) => lineOf(role, ''))
      : shift.crew.map((one) => lineOf(one.function, memberText(one))),
  )
  const [reason, setReason] = useState('')
  const [seen] = useState(shift)
  const [shiftId] = useState(() => shift?.shift_id ?? uuid7())
  const known = useId()
  const { send, busy, refusal } = useSend()
  const from_ms = chinaTime(from)
  const to_ms = chinaTime(to)
  const crew = lines
    .filter((line) => line.text.trim() !== '')
    .map((line) => readMember(line.text, line.role))
  const whole = from_ms !== null && to_ms !== null && to_ms > from_ms
  const late = from_ms !== null && from_ms <= serverNow()
  const lacking =
    from_ms === null || to_ms === null
      ? t('admin.lacking', { what: `${t('roster.from')} ${t('roster.to')}` })
      : to_ms <= from_ms
        ? t('errors.ends_before_it_begins')
        : (shift !== null || late) && reason.trim() === ''
          ? t('roster.lacking_reason')
          : ''
  const change = (key: string, what: Partial<Line>) =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...what } : line)))

  async function save() {
    if (from_ms === null || to_ms === null || lacking !== '') return
    const about = { unit_id: row.unit_id, shift_id: shiftId, from_ms, to_ms, duty, crew }
    const done = await send({
      kind: shift === null ? 'roster.plan' : 'roster.change',
      // A new one may be put into another week; one that stands keeps its own.
      roster_id: shift === null ? rosterId(row.unit_id, from_ms) : row.roster_id,
      ...about,
      // Of two who change it at once, the second is told.
      ...(seen === null ? {} : { was: seen }),
      reason: reason.trim(),
    })
    if (done !== null) onDone()
  }

  async function withdraw() {
    const done = await send({
      kind: 'roster.withdraw',
      roster_id: row.roster_id,
      unit_id: row.unit_id,
      shift_id: shiftId,
      reason: reason.trim(),
    })
    if (done !== null) onDone()
  }

  return (
    <Dialog
      title={`${row.call_sign} · ${t(shift === null ? 'roster.add' : 'roster.change')}`}
      onClose={onClose}
      testid="shift-dialog"
    >
      <form
        className="ad-form ro-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Field label={t('roster.from')}>
          <input
            className="gh-input"
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
            data-testid="shift-from"
          />
        </Field>
        <Field label={t('roster.to')}>
          <input
            className="gh-input"
            type="datetime-local"
            value={to}
            onChange={(event) => setTo(event.target.value)}
            data-testid="shift-to"
          />
        </Field>
        <Field label={t('roster.duty')}>
          <select
            className="gh-input"
            value={duty}
            onChange={(event) => setDuty(event.target.value as DutyKind)}
            data-testid="shift-duty"
          >
            {DutyKind.map((one) => (
              <option key={one} value={one}>
                {t(`roster.duty.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('roster.reason')}>
          <input
            className="gh-input"
            value={reason}
            maxLength={200}
            placeholder={t('roster.reason_hint')}
            onChange={(event) => setReason(event.target.value)}
            data-testid="shift-reason"
          />
        </Field>
        <fieldset className="ro-crew">
          <legend>{t('roster.crew')}</legend>
          <p className="gh-m gh-s">{t('roster.crew_hint')}</p>
          {lines.map((line, i) => (
            <div key={line.key} className="gh-row">
              <select
                className="gh-input"
                value={line.role}
                aria-label={t('roster.function')}
                onChange={(event) =>
                  change(line.key, { role: event.target.value as CrewMember['function'] })
                }
                data-testid={`shift-role-${i}`}
              >
                {CrewFunction.map((one) => (
                  <option key={one} value={one}>
                    {t(`roster.function.${one}`)}
                  </option>
                ))}
              </select>
              <input
                className="gh-input"
                value={line.text}
                list={known}
                maxLength={60}
                autoComplete="off"
                placeholder={t('roster.member_name')}
                aria-label={t('roster.member_name')}
                onChange={(event) => change(line.key, { text: event.target.value })}
                data-testid={`shift-name-${i}`}
              />
              <Button
                look="quiet"
                aria-label={t('roster.member_remove', { name: line.text })}
                onClick={() => setLines(lines.filter((one) => one.key !== line.key))}
              >
                ✕
              </Button>
            </div>
          ))}
          <datalist id={known}>
            {people.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <Button
            onClick={() => setLines([...lines, lineOf('stretcher_bearer', '')])}
            data-testid="shift-member-add"
          >
            {t('roster.member_add')}
          </Button>
        </fieldset>
        {whole && (
          <Warnings
            draft={{
              shift_id: shift?.shift_id ?? '',
              unit_id: row.unit_id,
              from_ms,
              to_ms,
              crew,
            }}
            sign={sign}
          />
        )}
        <div className="ad-form-do">
          <Refused refusal={refusal} />
          {lacking !== '' && <span className="un">{lacking}</span>}
          {shift !== null && reason.trim() !== '' && (
            <Button
              look="danger"
              busy={busy}
              onClick={() => void withdraw()}
              data-testid="shift-withdraw"
            >
              {t('roster.withdraw')}
            </Button>
          )}
          {lacking === '' && (
            <Button look="primary" submit busy={busy} data-testid="shift-save">
              {t('ui.save')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

interface Draft {
  shift_id: string
  unit_id: string
  from_ms: number
  to_ms: number
  crew: CrewMember[]
}

/** What the server finds in the shift as it stands in the dialog; nothing here refuses it. */
function Warnings({ draft, sign }: { draft: Draft; sign: (unit: string) => string }) {
  const found = useQuery<ShiftWarning[], Error>({
    queryKey: ['roster-check', draft],
    queryFn: () => post<ShiftWarning[]>('/api/roster/check', draft),
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (found.isError) return <p className="ro-found gh-warnt">{t('roster.check_failed')}</p>
  if (found.data === undefined) return <p className="ro-found gh-m">{t('roster.checking')}</p>
  if (found.data.length === 0) {
    return (
      <p className="ro-found gh-goodt" data-testid="shift-clear">
        ✓ {t('roster.clear')}
      </p>
    )
  }
  return (
    <ul className="ro-found gh-warnt" role="status" data-testid="shift-warnings">
      {found.data.map((warning) => {
        const words = warningText(warning, sign)
        return (
          <li key={words} data-code={warning.code}>
            ▲ {words}
          </li>
        )
      })}
    </ul>
  )
}
