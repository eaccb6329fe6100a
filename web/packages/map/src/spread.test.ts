import { expect, test } from 'vitest'
import { lifts } from './spread.ts'

test('units of one station stand one above the other, over its sign', () => {
  const units = ['a', 'b', 'c'].map((id) => ({ id, x: 100, y: 100 }))
  expect([...lifts(units, [{ x: 90, y: 100 }])]).toEqual([
    ['a', 25],
    ['b', 50],
    ['c', 75],
  ])
})

test('a unit alone stays where it is', () => {
  expect([...lifts([{ id: 'a', x: 100, y: 100 }], [{ x: 300, y: 100 }])]).toEqual([['a', 0]])
})
