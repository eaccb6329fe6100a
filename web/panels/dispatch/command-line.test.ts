import type { IncidentRow, UnitRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { findUnit, hintsOf, parseLine } from './command-line.ts'

const unit = (call_sign: string, mission_id = '') =>
  ({ id: call_sign, call_sign, mission_id, state: mission_id ? 'assigned' : 'ready' }) as UnitRow
const incident = (number: string, opened_ms: number, state = 'open') =>
  ({ id: number, number, opened_ms, state }) as IncidentRow

const UNITS = [unit('A-01', 'm1'), unit('A-02'), unit('B-12', 'm2')]
const CASES = [
  incident('20261121-0149', 1),
  incident('20261122-0149', 2),
  incident('20261122-0150', 3, 'closed'),
]
const read = (text: string) => parseLine(text, UNITS, CASES)

test('the command bar knows units however they are typed', () => {
  expect(findUnit(UNITS, 'a01')?.id).toBe('A-01')
  expect(findUnit(UNITS, '12')?.id).toBe('B-12')
  expect(findUnit([...UNITS, unit('C-12')], '12')).toBeUndefined()
})

test('a line is a deed, or says what is wrong with it', () => {
  expect(read('/s A-01 cd')).toMatchObject({ kind: 'node', milestone: 'departed' })
  expect(read('/s A-02 cd')).toEqual({ kind: 'wrong', code: 'no_mission' })
  expect(read('/s A-01 xx')).toEqual({ kind: 'wrong', code: 'unknown_node' })
  expect(read('/s A-01')).toEqual({ kind: 'wrong', code: 'unknown_command' })
  expect(read('/z 学府路 76')).toEqual({ kind: 'address', text: '学府路 76' })
  expect(read('/u b12')).toMatchObject({ kind: 'show', unit: { id: 'B-12' } })
  expect(read('/p a02')).toMatchObject({ kind: 'send', unit: { id: 'A-02' } })
  expect(read('/p x')).toEqual({ kind: 'wrong', code: 'unknown_unit' })
  expect(read('/q 1')).toEqual({ kind: 'wrong', code: 'unknown_command' })
})

test('a case is named by the end of its number, and the newest of that number is meant', () => {
  expect(read('/c 149')).toMatchObject({ kind: 'case', incident: { id: '20261122-0149' } })
  expect(read('/c 7')).toEqual({ kind: 'wrong', code: 'unknown_case' })
})

test('while one types, what could follow is offered', () => {
  const lines = (text: string) => hintsOf(text, UNITS, CASES).map((hint) => hint.line)
  expect(lines('/')).toEqual(['/s ', '/z ', '/c ', '/u ', '/p '])
  expect(lines('/s ')).toEqual(['/s A-01 ', '/s B-12 '])
  expect(lines('/p ')).toEqual(['/p A-02'])
  expect(lines('/s A-01 j')).toEqual(['/s A-01 jd', '/s A-01 jc', '/s A-01 jj'])
  expect(lines('/c 01')).toEqual(['/c 0149', '/c 0149'])
  expect(lines('/z x')).toEqual([])
})
