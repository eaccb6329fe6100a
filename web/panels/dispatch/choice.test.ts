import type { Candidate } from '@gh/contract'
import { expect, test } from 'vitest'
import { closestOther, worsened } from './choice.ts'

const unit = (unit_id: string, eta_s: number | null, ...reasons: string[]): Candidate => ({
  unit_id,
  call_sign: unit_id.toUpperCase(),
  eta_s,
  estimated: false,
  position_age_s: 3,
  reasons,
})
const ranking = (ranked: Candidate[], skipped: Candidate[] = []) => ({ ranked, skipped })

test('a choice that stays as good as it was is sent at once', () => {
  const before = ranking([unit('a', 200), unit('b', 260)])
  expect(worsened(before, ranking([unit('a', 230), unit('b', 260)]), 'a', 60)).toBeNull()
  // All are later by the same: the roads changed, and not the choice.
  expect(worsened(before, ranking([unit('a', 900), unit('b', 960)]), 'b', 60)).toBeNull()
  expect(worsened(before, ranking([unit('b', 200), unit('a', 260)]), 'a', 60)).toBeNull()
})

test('a choice that fell behind by more than the limit is shown first', () => {
  const before = ranking([unit('a', 200), unit('b', 260)])
  const after = ranking([unit('b', 199), unit('a', 260)])
  expect(worsened(before, after, 'a', 60)).toEqual({ first: 'B', by_s: 61, reasons: [] })
  // The second choice was 60 s behind before: what it was is not counted against it.
  expect(worsened(before, ranking([unit('a', 200), unit('b', 320)]), 'b', 60)).toBeNull()
})

test('a choice that may not go any more says why, and who is first now', () => {
  const before = ranking([unit('a', 200), unit('b', 260)])
  const after = ranking([unit('b', 260)], [unit('a', 200, 'on_mission')])
  expect(worsened(before, after, 'a', 60)).toEqual({
    first: 'B',
    by_s: null,
    reasons: ['on_mission'],
  })
  expect(worsened(before, ranking([]), 'a', 60)).toEqual({ first: '', by_s: null, reasons: [] })
})

test('who was skipped before was chosen by hand, and nothing was promised', () => {
  const before = ranking([unit('a', 200)], [unit('c', 90, 'wrong_kind')])
  expect(worsened(before, before, 'c', 60)).toBeNull()
})

test('the plain closest unit is named where it is not the first choice', () => {
  expect(closestOther(ranking([unit('a', 200), unit('b', 260)]))).toBeNull()
  expect(closestOther(ranking([unit('a', 200), unit('b', 150)]))?.unit_id).toBe('b')
  expect(closestOther(ranking([unit('a', 200)], [unit('c', 90, 'wrong_kind')]))?.unit_id).toBe('c')
  expect(closestOther(ranking([], [unit('c', null, 'no_route')]))).toBeNull()
  expect(closestOther(ranking([], [unit('c', 90, 'off_duty')]))?.unit_id).toBe('c')
})
