import type { MissionRow, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { untreatedRuns } from './model.ts'
import { lacking } from './untreated-sheet.tsx'

const text = { zh: '文', en: 'text' }
const FOUND = { id: 'not_found', title: text, text }
const REFUSED = { id: 'refused', title: text, text, signed: true }
const typed = { name: '李', signer: '', witness: '', strokes: '' }

test('the crew signs by name, and whoever refuses signs too or a witness does', () => {
  expect(lacking(undefined, typed)).toBe('untreated.reason_first')
  expect(lacking(FOUND, { ...typed, name: ' ' })).toBe('crew.name_first')
  expect(lacking(FOUND, typed)).toBe('')
  expect(lacking(REFUSED, typed)).toBe('errors.signer_required')
  expect(lacking(REFUSED, { ...typed, signer: '张' })).toBe('errors.witness_required')
  expect(lacking(REFUSED, { ...typed, signer: '张', witness: '王' })).toBe('')
  expect(lacking(REFUSED, { ...typed, signer: '张', strokes: 'M1 1L2 2' })).toBe('')
})

test('ended runs without a patient are listed, those without a reason first', () => {
  const run = (now: Partial<MissionRow>) =>
    ({
      unit_id: 'A-01',
      ended_ms: 9,
      nodes: [{}],
      standby: false,
      untreated: null,
      ...now,
    }) as unknown as MissionRow
  const runs = [
    run({ id: 'signed', ended_ms: 30, untreated: {} as MissionRow['untreated'] }),
    run({ id: 'old', ended_ms: 10 }),
    run({ id: 'new', ended_ms: 20 }),
    run({ id: 'treated' }),
    run({ id: 'never-taken', nodes: [] }),
    run({ id: 'runs', ended_ms: null }),
    run({ id: 'waits', standby: true }),
    run({ id: 'other', unit_id: 'B-02' }),
  ]
  const patients = [{ mission_id: 'treated' }] as unknown as PatientRow[]
  expect(untreatedRuns(runs, patients, 'A-01').map((one) => one.id)).toEqual([
    'new',
    'old',
    'signed',
  ])
})
