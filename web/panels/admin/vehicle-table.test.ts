import type { TableVehicle, UnitListed } from '@gh/contract'
import { expect, test } from 'vitest'
import { inOrderOfWeight } from './table.ts'
import { differences } from './vehicle-table.ts'

const listed = (changes: Partial<UnitListed> = {}): UnitListed => ({
  kind: 'unit.listed.v1',
  call_sign: '急救01',
  station_id: 's1',
  station_name: '北站',
  station_point: { lat: 50.88, lon: 9.7 },
  unit_kind: 'als',
  assumed: false,
  plate: '',
  ...changes,
})
const row = (was: UnitListed | null, now: UnitListed | null): TableVehicle => ({
  line: 2,
  call_sign: '急救01',
  unit_id: '',
  verdict: 'changed',
  was,
  now,
  faults: [],
})

test('a change tells what was and what will be, field by field', () => {
  const now = listed({ plate: '沪A12345', unit_kind: 'bls', assumed: true })
  expect(differences(row(listed(), now))).toEqual([
    { field: 'plate', was: '无', now: '沪A12345' },
    { field: 'unit_kind', was: '监护型', now: '普通型' },
    { field: 'assumed', was: '否', now: '是' },
  ])
})

test('a new vehicle tells all, and one that stays or is refused tells nothing', () => {
  expect(differences(row(null, listed())).map((one) => one.now)).toEqual([
    '急救01',
    '无',
    '监护型',
    '北站',
    '否',
  ])
  expect(differences(row(listed(), listed()))).toEqual([])
  expect(differences(row(listed(), null))).toEqual([])
})

test('two stations of one name are told apart by their ids', () => {
  expect(differences(row(listed(), listed({ station_id: 's2' })))).toEqual([
    { field: 'station_name', was: '北站 s1', now: '北站 s2' },
  ])
})

test('what is wrong stands first', () => {
  const verdicts = ['unchanged', 'changed', 'refused', 'new'] as const
  const rows = verdicts.map((verdict) => ({ ...row(null, null), verdict }))
  expect(inOrderOfWeight(rows).map((one) => one.verdict)).toEqual([
    'refused',
    'new',
    'changed',
    'unchanged',
  ])
})
