import type { UnitRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { homeCommand, homeDeeds } from './home-node.tsx'

const unit = (changes: Partial<UnitRow>) =>
  ({ home: '', epoch: 0, away: false, ...changes }) as UnitRow

test('where there is one node nothing is asked', () => {
  expect(homeDeeds(unit({}), '', 'supervisor')).toEqual([])
})

test('a dispatcher takes over nothing', () => {
  expect(homeDeeds(unit({ home: 'city', away: true }), 'county', 'dispatcher')).toEqual([])
})

test('another node’s is taken over, one’s own is given; a home is named once', () => {
  const own = (changes: Partial<UnitRow>) => homeDeeds(unit(changes), 'county', 'supervisor')
  expect(own({ home: 'city', away: true })).toEqual(['take_over'])
  expect(own({ home: 'county', epoch: 1 })).toEqual(['give'])
  expect(own({})).toEqual(['give', 'name_home'])
})

test('each deed is its command', () => {
  expect(homeCommand('take_over', 'A-01', '', '失联')).toEqual({
    kind: 'unit.take_over',
    unit_id: 'A-01',
    reason: '失联',
  })
  expect(homeCommand('name_home', 'A-01', 'city', '')).toEqual({
    kind: 'unit.name_home',
    unit_id: 'A-01',
    node: 'city',
  })
})
