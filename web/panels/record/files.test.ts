import { expect, test } from 'vitest'
import { fitted, sizeText } from './files.ts'

test('a picture is made smaller by its longer side and keeps its shape', () => {
  expect(fitted(4096, 3072, 2048)).toEqual({ width: 2048, height: 1536 })
  expect(fitted(1000, 4000, 2000)).toEqual({ width: 500, height: 2000 })
})

test('no picture is made larger, and none vanishes', () => {
  expect(fitted(640, 480, 2048)).toEqual({ width: 640, height: 480 })
  expect(fitted(10_000, 1, 100)).toEqual({ width: 100, height: 1 })
})

test('a length is said in the unit that people use for it', () => {
  expect([400, 820_000, 1_840_000, 2_100_000_000].map(sizeText)).toEqual([
    '1 kB',
    '820 kB',
    '1.8 MB',
    '2.10 GB',
  ])
})
