import { expect, test } from 'vitest'
import { overlaid } from './compare.tsx'
import { TWELVE } from './layout.ts'

test('the twelve stand in their places, whatever a recording has', () => {
  expect(overlaid(TWELVE, TWELVE)).toEqual({ drawn: [...TWELVE], lone: [] })
  expect(overlaid([], []).drawn).toEqual([...TWELVE])
})

test('right and posterior leads that both have are laid over one another, from front to back', () => {
  const more = ['V9', 'V4R', 'V7', 'V3R', 'V8']
  const { drawn, lone } = overlaid([...TWELVE, ...more], [...more, ...TWELVE])
  expect(drawn.slice(12)).toEqual(['V3R', 'V4R', 'V7', 'V8', 'V9'])
  expect(lone).toEqual([])
})

test('a lead that only one of them has is named, and drawn alone where it is of the twelve', () => {
  const moved = TWELVE.map((lead) => (lead === 'V4' ? 'V4R' : lead))
  const { drawn, lone } = overlaid(TWELVE, [...moved, 'V7'])
  expect(drawn).toEqual([...TWELVE])
  expect(lone).toEqual([
    { lead: 'V4', side: 'a' },
    { lead: 'V4R', side: 'b' },
    { lead: 'V7', side: 'b' },
  ])
})
