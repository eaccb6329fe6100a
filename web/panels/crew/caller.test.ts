import type { CallRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { callerOf, callState } from './caller.ts'

const WAIT_MS = 60_000
const call = (row: Partial<CallRow>): CallRow =>
  ({ number: null, fields: {}, rang_ms: 0, masked: false, ...row }) as CallRow

test('the number that was asked for goes before the one that rang', () => {
  expect(callerOf([])).toEqual({ number: '', masked: false })
  const rang = call({ number: '139****5678', masked: true })
  expect(callerOf([rang])).toEqual({ number: '139****5678', masked: true })
  const asked = call({ fields: { callback: '137****0001' }, rang_ms: 5, masked: true })
  expect(callerOf([rang, asked]).number).toBe('137****0001')
})

test('a call without a word is ringing for as long as no other is let through', () => {
  expect(callState(null, true, 0, WAIT_MS)).toBe('idle')
  expect(callState(null, false, 0, WAIT_MS)).toBe('offline')
  const asked = { id: 'a', asked_ms: 1_000, outcome: '' }
  expect(callState(asked, true, 60_999, WAIT_MS)).toBe('ringing')
  expect(callState(asked, true, 61_000, WAIT_MS)).toBe('no_word')
  expect(callState(asked, false, 2_000, WAIT_MS)).toBe('offline')
  expect(callState({ ...asked, outcome: 'caller_busy' }, true, 99_000, WAIT_MS)).toBe('caller_busy')
})
