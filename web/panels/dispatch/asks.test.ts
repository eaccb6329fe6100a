import type { Ask } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { beforeAll, expect, test } from 'vitest'
import { askText, waits } from './asks.tsx'

beforeAll(() => setLang('en'))

const ask = (changes: Partial<Ask>): Ask => ({
  mission_id: 'm1',
  unit_id: 'A-01',
  call_sign: 'A-01',
  node: 'city',
  asked_ms: 0,
  due_ms: 20_000,
  outcome: null,
  code: '',
  detail: '',
  linked_ms: null,
  late: false,
  ...changes,
})

test('a unit is never called sent before its run is here', () => {
  expect(waits(ask({}))).toBe(true)
  expect(askText(ask({}), 5_000)).toMatch(/awaited.*15.*Not sent yet/)
  expect(askText(ask({ outcome: 'unanswered' }), 30_000)).toMatch(/telephone/)
  expect(waits(ask({ linked_ms: 1 }))).toBe(false)
  expect(askText(ask({ linked_ms: 1 }), 5_000)).toMatch(/city has sent A-01/)
})

test('a refusal is told with its words', () => {
  const refused = ask({ outcome: 'refused', code: 'lender_is_short', detail: '0' })
  expect(askText(refused, 0)).toBe(
    'city does not send A-01: that node is short of units (0 others ready)',
  )
  expect(askText(ask({ outcome: 'called_off', code: 'mistake' }), 0)).toBe(
    'city has called A-01 off: Sent by mistake',
  )
})
