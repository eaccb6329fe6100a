import { expect, test } from 'vitest'
import { dayTimeUnlessToday } from '../care/format.ts'
import { stepped } from './time-box.tsx'

const NOW = Date.UTC(2026, 10, 28, 1, 0) // 09:00 in Shanghai
const MIN = 60_000

test('a slip is stepped forth again, and never past now', () => {
  expect(stepped(null, -30 * MIN, NOW)).toBe(NOW - 30 * MIN)
  expect(stepped(NOW - 30 * MIN, 5 * MIN, NOW)).toBe(NOW - 25 * MIN)
  expect(stepped(NOW - 2 * MIN, 5 * MIN, NOW)).toBe(NOW)
})

test('a time of yesterday says its day', () => {
  expect(dayTimeUnlessToday(NOW, NOW)).toBe('09:00')
  expect(dayTimeUnlessToday(NOW - 10 * 60 * MIN, NOW)).toBe('11-27 23:00')
})
