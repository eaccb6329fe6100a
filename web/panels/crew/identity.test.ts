import { expect, test } from 'vitest'
import { beside, type Person } from './identity.ts'

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
