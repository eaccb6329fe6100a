import type { CheckRow, ShiftCheckContent, UnitRow } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  answered,
  checkOfShift,
  defectWords,
  isDefect,
  isNoNumber,
  measuredWords,
} from './shift.ts'

const OXYGEN = {
  id: 'oxygen_main',
  kind: 'number' as const,
  zh: '主氧瓶压力',
  en: 'Main cylinder',
  defect: { zh: '氧气不足', en: 'low on oxygen' },
  unit: 'MPa',
  least: 0,
  most: 20,
  low: 5,
  high: null,
}
const RADIO = {
  ...OXYGEN,
  id: 'radio',
  kind: 'yes_no' as const,
  defect: { zh: '电台故障', en: 'radio faulty' },
  low: null,
}
const CONTENT = {
  every_h: 12,
  early_min: 60,
  sections: [{ id: 'all', title: { zh: '全部', en: 'all' }, items: [OXYGEN, RADIO] }],
} as unknown as ShiftCheckContent
const check = (at_ms: number): CheckRow => ({
  id: 'k',
  name: '甲',
  at_ms,
  defects: ['oxygen_main', 'gone'],
  taken_by: '',
  taken_ms: null,
  numbers: { oxygen_main: 4 },
})
const unit = (duty_ms: number | null, ...checks: CheckRow[]): UnitRow =>
  ({ duty_ms, checks }) as unknown as UnitRow

const HOUR = 3_600_000

test('a check is of this shift when it is not much older than the duty, nor too old', () => {
  expect(checkOfShift(unit(null), CONTENT, 0)).toBeNull()
  expect(checkOfShift(unit(10 * HOUR, check(9.5 * HOUR)), CONTENT, 11 * HOUR)).not.toBeNull()
  expect(checkOfShift(unit(10 * HOUR, check(8.5 * HOUR)), CONTENT, 11 * HOUR)).toBeNull()
  // Of a long shift it was done, and is due once more.
  expect(checkOfShift(unit(10 * HOUR, check(10 * HOUR)), CONTENT, 21 * HOUR)?.due).toBe(false)
  expect(checkOfShift(unit(10 * HOUR, check(10 * HOUR)), CONTENT, 23 * HOUR)?.due).toBe(true)
  expect(checkOfShift(unit(null, check(10 * HOUR)), CONTENT, 23 * HOUR)).toBeNull()
  expect(checkOfShift(unit(null, check(10 * HOUR)), CONTENT, 21 * HOUR)).not.toBeNull()
})

test('defects and numbers are told in words, an unknown item by its id', () => {
  expect(defectWords(check(0), CONTENT)).toEqual(['氧气不足', 'gone'])
  expect(measuredWords(check(0), CONTENT)).toEqual(['主氧瓶压力 4 MPa'])
  expect(measuredWords(check(0), undefined)).toEqual([])
})

test('only a whole list can be sent', () => {
  expect(answered(CONTENT, { oxygen_main: '12.5', radio: false })).toEqual({
    oxygen_main: 12.5,
    radio: false,
  })
  expect(answered(CONTENT, { oxygen_main: '12.5' })).toBeNull()
  expect(answered(CONTENT, { oxygen_main: '', radio: true })).toBeNull()
  expect(answered(CONTENT, { oxygen_main: '120', radio: true })).toBeNull()
  expect(answered(CONTENT, { oxygen_main: 'x', radio: true })).toBeNull()
})

test('what is no number of the item is told apart from what is not filled in', () => {
  expect(['4,5', '120', '-1', 'x'].every((typed) => isNoNumber(OXYGEN, typed))).toBe(true)
  expect([undefined, '', '4.5'].some((typed) => isNoNumber(OXYGEN, typed))).toBe(false)
})

test('a defect is seen while it is typed', () => {
  expect(isDefect(OXYGEN, '4')).toBe(true)
  expect(isDefect(OXYGEN, '5')).toBe(false)
  expect(isDefect(OXYGEN, undefined)).toBe(false)
  expect(isDefect(RADIO, false)).toBe(true)
})
