import { expect, test } from 'vitest'
import { edgeOf } from './edge.ts'
import { halfWay } from './overlays.ts'

const BOX = { width: 800, height: 600 }

test('what is on the map has no tag', () => {
  expect(edgeOf({ x: 10, y: 590 }, BOX, [])).toBeNull()
})

test('a tag stands inside the frame, on the side of its thing', () => {
  const tag = edgeOf({ x: 5_000, y: 300 }, BOX, [])
  expect(tag?.degrees).toBe(0)
  expect(tag?.y).toBe(300)
  expect(tag && tag.x > 600 && tag.x < 800).toBe(true)
  const above = edgeOf({ x: 400, y: -40 }, BOX, [])
  expect(above?.degrees).toBe(-90)
  expect(above && above.y > 0 && above.y < 40).toBe(true)
})

test('two tags at one place do not cover one another', () => {
  const first = edgeOf({ x: 5_000, y: 900 }, BOX, [])
  if (first === null) throw new Error('no tag')
  const second = edgeOf({ x: 5_000, y: 900 }, BOX, [first])
  expect(second && Math.abs(second.y - first.y) >= 26).toBe(true)
})

test('the label of a way stands half way, not at half of its vertices', () => {
  const line = [0, 0.001, 0.002, 0.003, 1].map((lon) => ({ lat: 0, lon }))
  expect(halfWay(line)?.lon).toBe(1)
  expect(halfWay([])).toBeUndefined()
})
