import { Identified, type KnownEcg } from '@gh/contract'
import { hasText } from '@gh/i18n'
import { expect, test } from 'vitest'
import { firstPair, plain, searchKey, signed, stepFrom } from './ecg-compare.ts'

const ecg = (id: string, change: Partial<KnownEcg> = {}): KnownEcg => ({
  id,
  incident_id: 'i1',
  number: '20260713-0001',
  earlier: false,
  source: 'reading',
  at_ms: 1_000,
  received_ms: 2_000,
  lasts_ms: 10_000,
  device: 'E-1',
  name: '',
  test: false,
  ...change,
})

test('the newest of this case stands beside the newest of an earlier one', () => {
  const list = [
    ecg('old', { earlier: true }),
    ecg('older case, newer', { earlier: true }),
    ecg('first'),
    ecg('second'),
  ]
  expect(firstPair(list).map((one) => one?.id)).toEqual(['second', 'older case, newer'])
  // A file of today may be newer by its own clock than the reading; it is of this case all the same.
  expect(firstPair([ecg('first'), ecg('second')]).map((one) => one?.id)).toEqual([
    'second',
    'first',
  ])
})

test('one alone has nothing beside it', () => {
  expect(firstPair([ecg('first')]).map((one) => one?.id)).toEqual(['first', undefined])
  expect(firstPair([ecg('old', { earlier: true })])).toEqual([null, ecg('old', { earlier: true })])
  expect(firstPair([])).toEqual([null, null])
})

test('a long file is turned by ten seconds, a reading is whole', () => {
  const file = ecg('file', { source: 'file', lasts_ms: 25_000 })
  expect([0, 10_000, 20_000].map((ms) => stepFrom(file, ms, 1))).toEqual([10_000, 20_000, null])
  expect(stepFrom(file, 0, -1)).toBeNull()
  expect(stepFrom(file, 20_000, -1)).toBe(10_000)
  expect(stepFrom(ecg('reading', { lasts_ms: 25_000 }), 0, 1)).toBeNull()
})

test('a difference keeps its sign, and what was not measured is no nought', () => {
  expect([2, -1.5, 0, -0.04].map((value) => signed(value, 1))).toEqual([
    '+2.0',
    '−1.5',
    '0.0',
    '0.0',
  ])
  expect([signed(null, 1), plain(null, 1), plain(-0.5, 1)]).toEqual(['--', '--', '−0.5'])
})

test('every end of the search has its words', () => {
  for (const end of [...Identified, null]) {
    expect(hasText(searchKey(end)), searchKey(end)).toBe(true)
    expect(hasText(`${searchKey(end)}_hint`), searchKey(end)).toBe(true)
  }
})
