import type { CallRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { callerOf, callState } from './caller.ts'

const call = (row: Partial<CallRow>): CallRow =>
  ({ number: null, fields: {}, rang_ms: 0, masked: false, ...row }) as CallRow

test('the number that was asked for goes before the one that rang', () => {
  expect(callerOf([])).toEqual({ number: '', masked: false })
  const rang = call({ number: '139****5678', masked: true })
  expect(callerOf([rang])).toEqual({ number: '139****5678', masked: true })
  const asked = call({ fields: { callback: '137****0001' }, rang_ms: 5, masked: true })
  expect(callerOf([rang, asked]).number).toBe('137****0001')
})

test('a call without a word is ringing for a while, and then nobody knows', () => {
  expect(callState(null, true, 0)).toBe('idle')
  expect(callState(null, false, 0)).toBe('offline')
  const asked = { id: 'a', asked_ms: 1_000, outcome: '' }
  expect(callState(asked, true, 20_999)).toBe('ringing')
  expect(callState(asked, true, 21_000)).toBe('no_word')
  expect(callState(asked, false, 2_000)).toBe('offline')
  expect(callState({ ...asked, outcome: 'caller_busy' }, true, 99_000)).toBe('caller_busy')
})
