import { expect, test } from 'vitest'
import { exclusions, groupName, groupOf, kpiValue, met } from './words.ts'

test('shares want to be high, times short, and nothing is judged without a value', () => {
  expect(met({ value: 0.97, target: 0.95, unit: 'share' })).toBe(true)
  expect(met({ value: 700, target: 600, unit: 'seconds' })).toBe(false)
  expect(met({ value: null, target: 600, unit: 'seconds' })).toBeNull()
})

test('a missing value is never a zero', () => {
  expect(kpiValue(null, 'seconds')).toBe('--')
  expect(kpiValue(551, 'seconds')).toBe('09′11″')
  expect(kpiValue(0.9875, 'share')).toBe('98.8 %')
})

test('events are grouped by what they are about', () => {
  expect(groupOf('mission.milestone.v1')).toBe('mission')
  expect(groupOf('hospital.beds_reported.v1')).toBe('other')
})

test('groups are named, and the unknown is said to be unknown', () => {
  expect(groupName('day', '20261121')).toBe('11-21')
  expect(groupName('hour', '07')).toBe('07 时')
  expect(groupName('level', '')).toBe('未知')
  expect(exclusions({ excluded: { 'missing:T6': 2 } })).toContain('2')
})
