import type { CrewMember, RosterWeek, Shift, UnitWeekRow } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  count,
  DAY_MS,
  daysOf,
  hoursText,
  isCovered,
  list,
  readMember,
  rosterId,
  shiftsOn,
} from './model.ts'

/** Monday 2026-11-23 in Shanghai. */
const MONDAY = Date.UTC(2026, 10, 22, 16)
const HOUR = 3_600_000

const shift = (from_h: number, to_h: number, crew: CrewMember[] = []): Shift => ({
  shift_id: `s${from_h}`,
  from_ms: MONDAY + from_h * HOUR,
  to_ms: MONDAY + to_h * HOUR,
  duty: 'emergency',
  crew,
})
const row = (unit: string, shifts: Shift[], before: Shift[] = []): UnitWeekRow => ({
  unit_id: unit,
  call_sign: unit,
  station_id: 's',
  station_name: '一站',
  unit_kind: 'als',
  assumed: false,
  roster_id: `${unit}@20261123`,
  shifts: shifts.map((one) => ({
    shift: one,
    warnings:
      one.crew.length > 0
        ? []
        : [{ code: 'no_crew', person: '', unit_id: '', from_ms: 0, to_ms: 0, rest_ms: 0 }],
  })),
  before,
})
const driver: CrewMember = { name: '张伟', function: 'driver', number: '1023' }
const week = (units: UnitWeekRow[]): RosterWeek => ({
  from_ms: MONDAY,
  to_ms: MONDAY + 7 * DAY_MS,
  units,
  people: [],
})

test('a shift stands on the day on which it begins', () => {
  const one = row('A-01', [shift(20, 32), shift(32, 44)])
  const [monday, tuesday] = daysOf(MONDAY)
  expect(shiftsOn(one, monday ?? 0).map((s) => s.shift.shift_id)).toEqual(['s20'])
  expect(shiftsOn(one, tuesday ?? 0).map((s) => s.shift.shift_id)).toEqual(['s32'])
})

test('a week is named by its Monday in Shanghai', () => {
  expect(rosterId('A-01', MONDAY)).toBe('A-01@20261123')
  expect(rosterId('A-01', MONDAY + 7 * DAY_MS - 1)).toBe('A-01@20261123')
  expect(rosterId('A-01', MONDAY - 1)).toBe('A-01@20261116')
})

test('a day is a gap only where no shift reaches into it', () => {
  const night = row('A-01', [shift(20, 32)], [shift(-4, 8)])
  expect(daysOf(MONDAY).map((day) => isCovered(night, day))).toEqual([
    true,
    true,
    ...Array.from({ length: 5 }, () => false),
  ])
  expect(isCovered(row('A-01', [], [shift(-4, 8)]), MONDAY)).toBe(true)
  expect(isCovered(row('A-01', [], [shift(-4, 0)]), MONDAY)).toBe(false)
})

test('hours name the day of an end that is far off', () => {
  expect(hoursText(shift(8, 20))).toBe('08:00–20:00')
  expect(hoursText(shift(20, 32))).toBe('20:00–08:00')
  expect(hoursText(shift(8, 56))).toBe('08:00–11-25 08:00')
})

test('a typed person has a name and perhaps a staff number', () => {
  expect(readMember(' 张伟 # 1023 ', 'driver')).toEqual(driver)
  expect(readMember('李娜', 'nurse')).toEqual({ name: '李娜', function: 'nurse', number: '' })
})

test('units are found by sign, station and person, and by what should be looked at', () => {
  const all = week([row('A-01', [shift(8, 20, [driver])]), row('A-02', [shift(8, 20)])])
  const found = (text: string, marked = false, within: Set<string> | null = null) =>
    list(all, { text, marked, within }).map((one) => one.call_sign)
  expect(found('')).toEqual(['A-01', 'A-02'])
  const many = week([row('A-10', []), row('A-9', [])])
  expect(list(many, { text: '', marked: false, within: null })[0]?.call_sign).toBe('A-9')
  expect(found('张伟')).toEqual(['A-01'])
  expect(found('1023')).toEqual(['A-01'])
  expect(found('a-02')).toEqual(['A-02'])
  expect(found('', true)).toEqual(['A-02'])
  expect(found('', false, new Set(['unit:A-01']))).toEqual(['A-01'])
  expect(count(all.units)).toEqual({ shifts: 2, empty: 1, marked: 1 })
})
