import type { AlertRow, UnitRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { alertOf, helpState } from './help.ts'

const unit = { id: 'w126-2', help_ms: 5 } as UnitRow
const alert = (over: Partial<AlertRow>): AlertRow =>
  ({ code: 'sos', subject: 'unit:w126-2', state: 'open', ...over }) as AlertRow

test('help is said to be heard only when the centre says so, and not to be sent without a link', () => {
  expect(helpState(undefined, false)).toBe('unsent')
  expect(helpState(undefined, true)).toBe('sending')
  expect(helpState(alert({}), true)).toBe('heard')
  // What the centre has said stands, though the link is lost since.
  expect(helpState(alert({}), false)).toBe('heard')
  expect(helpState(alert({ state: 'acknowledged' }), true)).toBe('answered')
})

test('neither an earlier call for help nor another vehicle answers this one', () => {
  expect(alertOf(unit, [alert({ state: 'resolved' })])).toBeUndefined()
  expect(alertOf(unit, [alert({ subject: 'unit:w126-1' })])).toBeUndefined()
  expect(alertOf(unit, [alert({ state: 'acknowledged' })])).toBeDefined()
})
