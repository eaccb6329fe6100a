import type { Org } from '@gh/contract'
import { expect, test } from 'vitest'
import { branches, under } from './tree.ts'

const org = (id: string, parent: string): Org => ({
  id,
  parent,
  kind: 'station',
  name: id,
  name_en: id,
  edited_ms: null,
  closed_ms: null,
})

test('a tree in reading order, and what lies below a branch', () => {
  const orgs = [org('s1', 'c'), org('city', ''), org('c', 'city'), org('h', 'city'), org('s2', 'c')]
  expect(branches(orgs).map((b) => `${b.depth}${b.org.id}`)).toEqual([
    '0city',
    '1c',
    '2s1',
    '2s2',
    '1h',
  ])
  expect([...under(orgs, 'c')]).toEqual(['c', 's1', 's2'])
})

test('an orphan stands at the root and a ring is not lost', () => {
  const orgs = [org('a', 'b'), org('b', 'a'), org('x', 'gone')]
  expect(
    branches(orgs)
      .map((b) => b.org.id)
      .sort(),
  ).toEqual(['a', 'b', 'x'])
})
