/** A week of shifts by station and unit. What is missing is as plain as what is there. */
import { query, type RosterWeek, type ShiftRow, type UnitWeekRow } from '@gh/contract'
import { getLang, t, weekday } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { Assumed, Button, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { Fragment, type KeyboardEvent, useState } from 'react'
import '../admin/admin.css'
import { dayOf, parseDay, startOfDay } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { RosterHistory } from './history-dialog.tsx'
import { RosterImport } from './import-dialog.tsx'
import {
  count,
  crewText,
  DAY_MS,
  daysOf,
  hoursText,
  isCovered,
  list,
  shiftsOn,
  warningText,
} from './model.ts'
import './roster.css'
import { ShiftDialog } from './shift-dialog.tsx'

const WEEK_MS = 7 * DAY_MS

interface Props {
  /** Only these organisations; null: all that the reader may see. */
  within: ReadonlySet<string> | null
}

interface Chosen {
  row: UnitWeekRow
  day_ms: number
  shift: ShiftRow | null
}

export function Roster({ within }: Props) {
  const [at_ms, setAt] = useState(() => startOfDay(serverNow()))
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(false)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [importing, setImporting] = useState(false)
  const [told, setTold] = useState<UnitWeekRow | null>(null)
  const week = useGet<RosterWeek>(query('/api/roster/week', { at_ms }), {
    every_ms: 30_000,
    keep: true,
  })
  const shown = week.data === undefined ? [] : list(week.data, { text, marked, within })
  const sum = count(shown)
  const sign = (unit: string) =>
    week.data?.units.find((row) => row.unit_id === unit)?.call_sign ?? unit
  const today_ms = startOfDay(serverNow())
  const file = (name: string) => query(`/api/roster/${name}`, { at_ms, lang: getLang() })
  const written = () => {
    setChosen(null)
    void week.refetch()
  }
  return (
    <section className="gh-panel ro" data-testid="roster">
      <div className="gh-ph">
        <h2>{t('roster.title')}</h2>
        <Button
          onClick={() => setAt(at_ms - WEEK_MS)}
          aria-label={t('roster.previous')}
          data-testid="roster-previous"
        >
          ‹
        </Button>
        <input
          className="gh-input ro-day"
          type="date"
          value={dayOf(at_ms)}
          aria-label={t('roster.title')}
          onChange={(event) => setAt(parseDay(event.target.value) ?? at_ms)}
          data-testid="roster-day"
        />
        <Button
          onClick={() => setAt(at_ms + WEEK_MS)}
          aria-label={t('roster.next')}
          data-testid="roster-next"
        >
          ›
        </Button>
        <Button onClick={() => setAt(today_ms)} data-testid="roster-now">
          {t('roster.now')}
        </Button>
        <span className="gh-m" data-testid="roster-count">
          {t('roster.count', { n: sum.shifts })}
        </span>
        {sum.empty > 0 && (
          <span className="gh-badt" data-testid="roster-empty">
            ▲ {t('roster.n_no_crew', { n: sum.empty })}
          </span>
        )}
        <Button on={marked} onClick={() => setMarked(!marked)} data-testid="roster-marked">
          {sum.marked > 0 ? `▲ ${t('roster.n_marked', { n: sum.marked })}` : t('roster.marked')}
        </Button>
        <span className="gh-sp" />
        <input
          className="gh-input ad-find"
          value={text}
          placeholder={t('roster.find')}
          aria-label={t('roster.find')}
          onChange={(event) => setText(event.target.value)}
          data-testid="roster-find"
        />
        <a className="gh-btn" href={file('export')} download data-testid="roster-export">
          {t('roster.export')}
        </a>
        <Button look="primary" onClick={() => setImporting(true)} data-testid="roster-import">
          {t('roster.import')}
        </Button>
      </div>
      <div className="gh-pb">
        {week.isPending ? (
          <Skeleton rows={12} />
        ) : week.isError ? (
          <ErrorNote
            what={t('roster.failed')}
            works={t('admin.others_work')}
            retry={() => void week.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('roster.no_units')} hint={t('roster.no_units_hint')} />
        ) : (
          // The week before stands there until this one has come: to be seen, not to be planned into.
          <table
            className="ro-grid"
            onKeyDown={moveFocus}
            inert={week.isPlaceholderData}
            aria-busy={week.isPlaceholderData}
          >
            <thead>
              <tr>
                <th scope="col">{t('roster.unit')}</th>
                {daysOf(week.data.from_ms).map((day) => (
                  <th key={day} scope="col" className={day === today_ms ? 'now' : undefined}>
                    {weekday(day)} <span className="num">{dayOf(day).slice(5)}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, i) => (
                <Fragment key={row.unit_id}>
                  {row.station_id !== shown[i - 1]?.station_id && (
                    <tr className="station">
                      <th colSpan={8} scope="colgroup">
                        {row.station_name}
                      </th>
                    </tr>
                  )}
                  <Unit
                    row={row}
                    from_ms={week.data.from_ms}
                    today_ms={today_ms}
                    sign={sign}
                    onChoose={setChosen}
                    onTold={() => setTold(row)}
                  />
                </Fragment>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {chosen && week.data && (
        <ShiftDialog
          row={chosen.row}
          day_ms={chosen.day_ms}
          shift={chosen.shift?.shift ?? null}
          people={week.data.people}
          sign={sign}
          onDone={written}
          onClose={() => setChosen(null)}
        />
      )}
      {importing && (
        <RosterImport
          template={file('template')}
          sign={sign}
          onWritten={() => void week.refetch()}
          onClose={() => setImporting(false)}
        />
      )}
      {told && week.data && (
        <RosterHistory row={told} from_ms={week.data.from_ms} onClose={() => setTold(null)} />
      )}
    </section>
  )
}

/** The arrows go from cell to cell, up and down over every shift of a day. */
function moveFocus(event: KeyboardEvent<HTMLTableElement>): void {
  const at = event.target
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0
  const cell = at instanceof HTMLButtonElement ? at.closest('td') : null
  if (cell === null || (across === 0 && down === 0)) return
  event.preventDefault()
  const path = `tr:not(.station) > td:nth-child(${cell.cellIndex + 1}) > button`
  const column = [...event.currentTarget.querySelectorAll<HTMLElement>(path)]
  const next =
    across === 0
      ? column[column.indexOf(at as HTMLElement) + down]
      : cell.parentElement?.children[cell.cellIndex + across]?.querySelector('button')
  next?.focus()
}

function Unit({
  row,
  from_ms,
  today_ms,
  sign,
  onChoose,
  onTold,
}: {
  row: UnitWeekRow
  from_ms: number
  today_ms: number
  sign: (unit: string) => string
  onChoose: (chosen: Chosen) => void
  onTold: () => void
}) {
  return (
    <tr data-testid={`roster-${row.call_sign}`}>
      <th scope="row">
        <b>{row.call_sign}</b> <span className="gh-m gh-s">{t(`unit_kind.${row.unit_kind}`)}</span>
        {row.assumed && <Assumed />}
        <Button look="quiet" onClick={onTold} data-testid={`roster-history-${row.call_sign}`}>
          {t('roster.history')}
        </Button>
      </th>
      {daysOf(from_ms).map((day, i) => (
        <td
          key={day}
          className={[day === today_ms ? 'now' : '', isCovered(row, day) ? '' : 'gap'].join(' ')}
          data-testid={`roster-${row.call_sign}-${i}`}
        >
          {i === 0 &&
            row.before.map((shift) => (
              <span key={shift.shift_id} className="gh-m gh-s">
                {t('roster.still', { span: hoursText(shift) })}
              </span>
            ))}
          {shiftsOn(row, day).map((one) => (
            <Chip
              key={one.shift.shift_id}
              one={one}
              sign={sign}
              onChoose={() => onChoose({ row, day_ms: day, shift: one })}
            />
          ))}
          <button
            type="button"
            className="ro-add"
            aria-label={t('roster.add_at', { unit: row.call_sign, day: dayOf(day) })}
            onClick={() => onChoose({ row, day_ms: day, shift: null })}
            data-testid={`roster-add-${row.call_sign}-${i}`}
          >
            {isCovered(row, day) ? '+' : `+ ${t('roster.day_gap')}`}
          </button>
        </td>
      ))}
    </tr>
  )
}

function Chip({
  one,
  sign,
  onChoose,
}: {
  one: ShiftRow
  sign: (unit: string) => string
  onChoose: () => void
}) {
  const { shift, warnings } = one
  const empty = shift.crew.length === 0
  const words = warnings.map((warning) => warningText(warning, sign))
  return (
    <button
      type="button"
      className={['ro-chip', empty ? 'empty' : '', words.length > 0 ? 'marked' : ''].join(' ')}
      title={words.join('\n')}
      onClick={onChoose}
      data-testid={`shift-${shift.shift_id}`}
      data-warnings={warnings.map((warning) => warning.code).join(' ')}
    >
      <b className="num">{hoursText(shift)}</b>
      {shift.duty !== 'emergency' && <i>{t(`roster.duty.${shift.duty}`)}</i>}
      <span>{empty ? `▲ ${t('roster.no_crew')}` : crewText(shift.crew)}</span>
      {!empty && words.length > 0 && <em>▲ {words[0]}</em>}
    </button>
  )
}
