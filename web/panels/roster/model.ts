/** The week as a grid, and the words of its shifts. */
import type { CrewMember, RosterWeek, Shift, ShiftWarning, UnitWeekRow } from '@gh/contract'
import { inOrder, t } from '@gh/i18n'
import { ageText, dayOf, hm, startOfDay } from '../care/format.ts'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The first millisecond of each of the seven days. */
export const daysOf = (from_ms: number): number[] =>
  Array.from({ length: 7 }, (_, i) => from_ms + i * DAY_MS)

/** The stream of a unit's week, as the server names it: by its Monday in Shanghai. */
export function rosterId(unit_id: string, at_ms: number): string {
  const day_ms = startOfDay(at_ms)
  // 1970-01-01 was a Thursday.
  const since_monday = (Math.round((day_ms + 8 * HOUR_MS) / DAY_MS) + 3) % 7
  return `${unit_id}@${dayOf(day_ms - since_monday * DAY_MS).replaceAll('-', '')}`
}

export const shiftsOn = (row: UnitWeekRow, day_ms: number) =>
  row.shifts.filter(({ shift }) => startOfDay(shift.from_ms) === day_ms)

/** Whether the unit has a shift at any moment of that day, one that began before it included. */
export const isCovered = (row: UnitWeekRow, day_ms: number): boolean =>
  [...row.before, ...row.shifts.map((one) => one.shift)].some(
    (shift) => shift.from_ms < day_ms + DAY_MS && shift.to_ms > day_ms,
  )

/** `08:00–20:00`; the day beside an end that is neither of the same day nor of the next night. */
export function hoursText(shift: Shift): string {
  const far = startOfDay(shift.to_ms) - startOfDay(shift.from_ms) > DAY_MS
  return `${hm(shift.from_ms)}–${far ? `${dayOf(shift.to_ms).slice(5)} ` : ''}${hm(shift.to_ms)}`
}

export const spanText = (from_ms: number, to_ms: number): string =>
  `${dayOf(from_ms)} ${hm(from_ms)} – ${dayOf(to_ms)} ${hm(to_ms)}`

export const memberText = ({ name, number }: CrewMember): string =>
  number === '' ? name : `${name}#${number}`

/** What a person typed or chose: a name, and behind # the staff number. */
export function readMember(text: string, role: CrewMember['function']): CrewMember {
  const [name = '', number = ''] = text.split('#', 2)
  return { name: name.trim(), function: role, number: number.trim() }
}

export const crewText = (crew: readonly CrewMember[]): string =>
  crew.map((one) => one.name).join(t('ui.comma'))

export function warningText(warning: ShiftWarning, sign: (unit: string) => string): string {
  return t(`roster.warning.${warning.code}`, {
    person: warning.person,
    unit: sign(warning.unit_id),
    span: warning.from_ms === 0 ? '' : spanText(warning.from_ms, warning.to_ms),
    rest: ageText(warning.rest_ms),
  })
}

/** A day shift of that day; what the dialog begins with. */
export const firstHours = (day_ms: number): { from_ms: number; to_ms: number } => ({
  from_ms: day_ms + 8 * HOUR_MS,
  to_ms: day_ms + 20 * HOUR_MS,
})

const holds = (row: UnitWeekRow, needle: string): boolean =>
  [
    row.call_sign,
    row.station_name,
    ...row.shifts.flatMap(({ shift }) => shift.crew.map((one) => memberText(one))),
  ].some((text) => text.toLowerCase().includes(needle))

/** By station, then by call sign, as people count. */
export const byPlace = (
  a: { station_name: string; call_sign: string },
  b: { station_name: string; call_sign: string },
): number => inOrder(a.station_name, b.station_name) || inOrder(a.call_sign, b.call_sign)

export interface Wanted {
  text: string
  marked: boolean
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
}

export const list = (week: RosterWeek, { text, marked, within }: Wanted): UnitWeekRow[] =>
  week.units
    .filter(
      (row) =>
        (within === null || within.has(`unit:${row.unit_id}`)) &&
        (text.trim() === '' || holds(row, text.trim().toLowerCase())) &&
        (!marked || row.shifts.some((one) => one.warnings.length > 0)),
    )
    .sort(byPlace)

/** Shifts, those without a crew, and those that somebody should look at. */
export function count(rows: readonly UnitWeekRow[]): {
  shifts: number
  empty: number
  marked: number
} {
  const all = rows.flatMap((row) => row.shifts)
  return {
    shifts: all.length,
    empty: all.filter(({ shift }) => shift.crew.length === 0).length,
    marked: all.filter(({ warnings }) => warnings.length > 0).length,
  }
}
