import type { StationFacts, TableStation } from '@gh/contract'
import { expect, test } from 'vitest'
import { stationDifferences } from './station-table.ts'

const CENTRES = new Map([
  ['centre', '指挥中心'],
  ['subcentre:n', '北县'],
])
const facts = (changes: Partial<StationFacts> = {}): StationFacts => ({
  parent: 'centre',
  name: '北站',
  name_en: 'North',
  point: { lat: 31.2, lon: 121.4 },
  phone: '',
  assumed: true,
  ...changes,
})
const row = (was: StationFacts | null, now: StationFacts | null): TableStation => ({
  line: 2,
  name: '北站',
  station_id: '',
  verdict: 'changed',
  was,
  now,
  faults: [],
})

test('a change tells what was and what will be, centres by their names', () => {
  const now = facts({ parent: 'subcentre:n', point: { lat: 31.25, lon: 121.4 }, phone: '120' })
  expect(stationDifferences(row(facts(), now), CENTRES)).toEqual([
    { field: 'parent', was: '指挥中心', now: '北县' },
    { field: 'point', was: '31.200000, 121.400000', now: '31.250000, 121.400000' },
    { field: 'phone', was: '无', now: '120' },
  ])
})

test('a station whose place nobody knew gets one', () => {
  const [place] = stationDifferences(row(facts({ point: null }), facts()), CENTRES)
  expect(place).toEqual({ field: 'point', was: '位置未知', now: '31.200000, 121.400000' })
})

test('a new station tells all, and one that stays or is refused tells nothing', () => {
  const told = stationDifferences(row(null, facts()), CENTRES).map((one) => one.now)
  expect(told).toEqual(['北站', 'North', '指挥中心', '31.200000, 121.400000', '无', '是'])
  expect(stationDifferences(row(facts(), facts()), CENTRES)).toEqual([])
  expect(stationDifferences(row(facts(), null), CENTRES)).toEqual([])
})
