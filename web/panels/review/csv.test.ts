import { expect, test } from 'vitest'
import { csv } from './csv.ts'

test('cells are quoted where they must be, and nothing is no zero', () => {
  expect(csv([['a,b', 'say "no"', 0, null]])).toBe('\uFEFF"a,b","say ""no""",0,\r\n')
})

test('what a spreadsheet would run is text', () => {
  expect(csv([['=1+1', '-5', '@x', -5]])).toBe("\uFEFF'=1+1,'-5,'@x,-5\r\n")
})
