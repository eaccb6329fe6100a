import type { WindowAnswer } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { afterEach, expect, test } from 'vitest'
import { eventSentence } from '../care/event-words.ts'
import { windowNamed, windowText } from '../care/window.ts'
import { alertText } from './alert-strip.tsx'
import { timeAfter } from './model.ts'
import { keepingText } from './window.tsx'

afterEach(() => setLang('zh-CN'))

const at = (text: string) => Date.parse(`2026-09-01T${text}:00+08:00`)
const answer = (changes: Partial<WindowAnswer>): WindowAnswer => ({
  mission_id: 'm1',
  unit_id: 'A-01',
  keeping: 'early',
  road_s: 720,
  estimated: false,
  activate_ms: at('14:45'),
  busy: false,
  computed_ms: at('14:00'),
  ...changes,
})

test('a window says both ends, a time of use one', () => {
  setLang('zh-CN')
  expect(windowText(at('15:00'), at('15:20'))).toBe('15:00–15:20')
  expect(windowNamed(at('15:00'), at('15:20'))).toBe('时间窗 15:00–15:20')
  expect(windowNamed(at('15:00'), null)).toBe('用车 15:00')
  setLang('en')
  expect(windowNamed(at('15:00'), at('15:20'))).toBe('Window 15:00–15:20')
})

test('the desk reads what to do, by what way, and what comes of it', () => {
  setLang('zh-CN')
  expect(keepingText(answer({}))).toBe('路上 12′00″，14:45 启用')
  expect(keepingText(answer({ keeping: 'now', estimated: true }))).toBe(
    '请启用：路上 ≈12′00″，现在出发 14:12 到',
  )
  expect(keepingText(answer({ keeping: 'lost' }))).toContain('14:12')
  expect(keepingText(answer({ keeping: 'lost', road_s: null }))).toBe('时间窗已过，未启用')
  expect(keepingText(answer({ road_s: null }))).toBe('路程未知，14:45 启用')
})

test('the latest arrival is meant after the earliest, past midnight too, and a slip stays a slip', () => {
  expect(timeAfter('15:20', at('15:00'))).toBe(at('15:20'))
  expect(timeAfter('15:00', at('15:00'))).toBe(at('15:00'))
  expect(timeAfter('00:30', at('23:50'))).toBe(at('23:50') + 40 * 60_000)
  // The server refuses it by its name.
  expect(timeAfter('14:40', at('15:00'))).toBe(at('14:40'))
  expect(timeAfter('', at('15:00'))).toBeNull()
})

test('its alert and its line in the log say the window', () => {
  setLang('zh-CN')
  const details = {
    number: '120-0007',
    call_sign: 'A-01',
    due_ms: String(at('15:00')),
    latest_ms: String(at('15:20')),
  }
  expect(alertText({ code: 'window_lost', details }, [])).toBe('0007 A-01 预约赶不上 15:20')
  const { latest_ms: _, ...plain } = details
  expect(alertText({ code: 'reservation_due', details: plain }, [])).toBe(
    '0007 A-01 请启用预约 15:00',
  )
  const kind = 'mission.reserved.v1'
  expect(eventSentence({ kind, summary: details }, undefined)).toBe(
    '预约 A-01，15:00:00 用车，最晚 15:20:00',
  )
  expect(eventSentence({ kind, summary: plain }, undefined)).toBe('预约 A-01，15:00:00 用车')
})
