import { expect, test } from 'vitest'
import { afterKey, afterShown, type KEYS, type Typed, toCommand } from './typed.ts'

const type = (typed: Typed, sign: Parameters<typeof afterKey>[1], text: string): Typed =>
  [...text].reduce((at, key) => afterKey(at, sign, key as (typeof KEYS)[number]), typed)

test('keys make a number, and a fraction only where the sign has one', () => {
  let typed = type({}, 'nibp_sys', '0120.')
  typed = type(typed, 'temp', '.36..8')
  expect(toCommand(typed)).toMatchObject({ values: { nibp_sys: 120, temp: 36.8 }, not_taken: {} })
})

test('what is emptied again is not sent, never a zero', () => {
  expect(toCommand(type({}, 'pulse', '8⌫'))).toEqual({
    values: {},
    not_taken: {},
    out_of_range: {},
  })
})

test('a number takes the place of a reason why there is none', () => {
  const refused: Typed = { temp: { text: '', reason: 'refused' } }
  expect(toCommand(refused)).toMatchObject({ values: {}, not_taken: { temp: 'refused' } })
  expect(toCommand(type(refused, 'temp', '37'))).toMatchObject({
    values: { temp: 37 },
    not_taken: {},
  })
})

test('what a meter shows beyond its range is said as it is, and a number takes its place', () => {
  const low = afterShown(type({}, 'glucose', '4'), 'glucose', 'LO')
  expect(toCommand(low)).toEqual({ values: {}, not_taken: {}, out_of_range: { glucose: 'lo' } })
  expect(toCommand(type(low, 'glucose', '3.1'))).toMatchObject({
    values: { glucose: 3.1 },
    out_of_range: {},
  })
  expect(toCommand(type(low, 'glucose', '⌫'))).toMatchObject({ values: {}, out_of_range: {} })
})
