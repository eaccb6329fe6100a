import type { PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { beside, keep, nextLetter, type Person, shownOf, standing } from './identity.ts'

const CARD: Person = { name: '赵虚构', sex: 'male', age: '64', number: '990000196203040019' }
const NOBODY: Person = { name: '', sex: 'unknown', age: '', number: '' }

test('over an unknown patient a card differs from nothing', () => {
  expect(beside(NOBODY, CARD).map((line) => [line.now, line.differs])).toEqual([
    ['', false],
    ['', false],
    ['', false],
    ['', false],
  ])
})

test('what was typed stands beside the card, and what differs is marked', () => {
  const typed: Person = { ...CARD, name: ' 赵虚购 ', age: '60' }
  expect(beside(typed, CARD).filter((line) => line.differs)).toEqual([
    { field: 'name', now: '赵虚购', card: '赵虚构', differs: true },
    { field: 'age', now: '60', card: '64', differs: true },
  ])
})

const row = (id: string, changes: Partial<PatientRow>): PatientRow =>
  ({ id, letter: '', merged_into: '', joined: [] as string[], ...changes }) as PatientRow

test('the next letter is the first that nobody has, and numbers follow', () => {
  expect(nextLetter('AB', [])).toBe('A')
  expect(nextLetter('AB', [row('p', { letter: 'A' })])).toBe('B')
  expect(nextLetter('AB', [row('p', { letter: 'B' }), row('q', { letter: '' })])).toBe('A')
  expect(nextLetter('AB', [row('p', { letter: 'A' }), row('q', { letter: 'B' })])).toBe('3')
})

test('a merged record is left out where the other one stands beside it', () => {
  const pair = [row('p', {}), row('q', { merged_into: 'p' })]
  expect(standing(pair).map((p) => p.id)).toEqual(['p'])
  // Its own crew has nothing else to write on.
  expect(standing(pair.slice(1)).map((p) => p.id)).toEqual(['q'])
})

const NOT_CHOSEN = { asked: '', kept: '' }
const [A, B, C] = [row('a', {}), row('b', {}), row('c', {})] as const
const MERGED = [A, row('b', { merged_into: 'c' }), row('c', { joined: ['b'] })]

test('a record that was merged leads to the one that shows it, and not to the first', () => {
  expect(shownOf(MERGED, { asked: 'b', kept: '' })?.id).toBe('c')
  expect(shownOf(MERGED, { asked: '', kept: 'b' })?.id).toBe('c')
  // Parted again, the one that was on the screen stays there.
  const kept = keep({ asked: '', kept: 'b' }, shownOf(MERGED, { asked: '', kept: 'b' }))
  expect(shownOf([A, B, C], kept)?.id).toBe('c')
})

test('who is shown without a choice stays, whatever comes before them', () => {
  const kept = keep(NOT_CHOSEN, shownOf([B, C], NOT_CHOSEN))
  expect(kept).toEqual({ asked: '', kept: 'b' })
  expect(shownOf([A, B, C], kept)?.id).toBe('b')
  expect(shownOf([A, C], kept)?.id).toBe('a')
  expect(shownOf([], kept)).toBeUndefined()
})

test('a choice whose row is not here yet waits, and is done once it came', () => {
  const asked = { asked: 'c', kept: 'a' }
  expect(shownOf([A, B], asked)?.id).toBe('a')
  expect(keep(asked, A)).toBe(asked)
  expect(shownOf([A, B, C], asked)?.id).toBe('c')
  expect(keep(asked, C)).toEqual({ asked: '', kept: 'c' })
  expect(keep(asked, undefined)).toBe(asked)
})
