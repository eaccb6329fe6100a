import { type Command, clear, type EntryRow, type PatientRow, type WrittenRow } from '@gh/contract'
import type { Entered } from '@gh/live'
import { expect, test } from 'vitest'
import { layOver, seenIn, unstored } from './unstored.ts'

let sequence = 0
const entered = (command: Command, now: Partial<Entered> = {}): Entered => ({
  installation: 'i',
  sequence: ++sequence,
  person_id: 'p-li',
  name: '李',
  path: '/api/commands',
  kind: command.kind,
  what: { command },
  since_ms: 1_800_000_000_000 + sequence,
  late: false,
  refusal: null,
  answered: false,
  ...now,
})
const write = (write_id: string, value: boolean, over: string[] = []): Command => ({
  kind: 'patient.write_field',
  patient_id: 'p1',
  write_id,
  field: 'stroke.face',
  value,
  over,
})
const stored = (write_id: string, value: boolean): WrittenRow => ({
  write_id,
  value,
  text: null,
  by: 'p-wang',
  at_ms: 1,
  reason: '',
})
const row = (face: WrittenRow[] = [], entries: EntryRow[] = []): PatientRow =>
  ({
    id: 'p1',
    record: { fields: face.length > 0 ? { 'stroke.face': face } : {}, entries },
  }) as unknown as PatientRow
const face = (patient: PatientRow) => patient.record.fields['stroke.face'] ?? []
const ids = (patient: PatientRow) => face(patient).map((one) => one.write_id)

test('an answer stands at once, says that it waits, and is the row as soon as the row has it', () => {
  const one = entered(write('a', true))
  const laid = layOver(row(), [one])
  expect(face(laid).map((w) => [w.value, w.by, unstored(w)])).toEqual([[true, 'p-li', 'saving']])
  expect(unstored(face(layOver(row(), [{ ...one, late: true }]))[0])).toBe('waiting')
  const came = row([stored('a', true)])
  expect(layOver(came, [one])).toBe(came)
})

test('between its answer and its row it stands still', () => {
  expect(ids(layOver(row(), [entered(write('a', true), { answered: true })]))).toEqual(['a'])
  const over = entered(write('a', false, ['w']), { answered: true })
  expect(ids(layOver(row([stored('w', true)]), [over]))).toEqual(['a'])
})

test('a refusal takes it away, and what it was over stands again', () => {
  const was = row([stored('w', true)])
  expect(ids(layOver(was, [entered(write('a', false, ['w']))]))).toEqual(['a'])
  expect(layOver(was, [])).toBe(was)
})

test('of two thoughts the second stands, whichever is answered first', () => {
  const first = entered(write('a', true, ['w']))
  const second = entered(
    write('b', false, seenIn(face(layOver(row([stored('w', true)]), [first])))),
  )
  expect((second.what as { command: { over: string[] } }).command.over).toEqual(['a', 'w'])
  expect(ids(layOver(row([stored('w', true)]), [first, second]))).toEqual(['b'])
  expect(ids(layOver(row([stored('w', true)]), [second, first]))).toEqual(['b'])
  // The first was refused: what both were over is replaced all the same.
  expect(ids(layOver(row([stored('w', true)]), [second]))).toEqual(['b'])
  expect(ids(layOver(row([stored('b', false)]), [first, { ...second, answered: true }]))).toEqual([
    'b',
  ])
})

test('what somebody else has written meanwhile is shown beside it', () => {
  const mine = entered(write('a', true))
  expect(ids(layOver(row([stored('x', false)]), [mine]))).toEqual(['x', 'a'])
})

test('written over by somebody before its row came, it does not come back', () => {
  const mine = entered(write('a', true, ['w']), { answered: true })
  const since = row([stored('x', false)])
  expect(layOver(since, [mine])).toBe(since)
})

test('what is charted stands in the list at once, with the time that was said', () => {
  const given = entered({
    kind: 'patient.give_drug',
    patient_id: 'p1',
    entry_id: 'd1',
    drug: 'aspirin',
    dose: 300,
    unit: 'mg',
    route: 'po',
    given_ms: 5,
  })
  const note = entered({
    kind: 'patient.take_note',
    patient_id: 'p1',
    entry_id: 'n1',
    text: clear('主诉胸痛'),
  })
  const signs = entered({
    kind: 'patient.enter_vitals',
    patient_id: 'p1',
    entry_id: 'v1',
    values: { nibp_sys: 178 },
    not_taken: { temp: 'no_device' },
    out_of_range: { glucose: 'hi' },
  })
  const laid = layOver(row(), [given, note, signs]).record.entries
  expect(laid.map((one) => [one.id, one.kind, unstored(one)])).toEqual([
    ['d1', 'drug', 'saving'],
    ['n1', 'note', 'saving'],
    ['v1', 'vitals', 'saving'],
  ])
  expect([laid[0]?.what, laid[0]?.dose, laid[0]?.at_ms]).toEqual(['aspirin', 300, 5])
  expect([laid[1]?.text, laid[1]?.at_ms]).toEqual(['主诉胸痛', note.since_ms])
  expect(laid[2]?.values.map((one) => [one.sign, one.value, one.note])).toEqual([
    ['nibp_sys', 178, ''],
    ['temp', null, 'not taken: no_device'],
    ['glucose', null, 'above range'],
  ])
  const came = row([], laid)
  expect(layOver(came, [given, note, signs])).toBe(came)
})

test('struck out is struck out at once', () => {
  const note = { id: 'n1', withdrawn: '' } as EntryRow
  const out = entered({
    kind: 'patient.withdraw_entry',
    patient_id: 'p1',
    entry_id: 'n1',
    reason: '记错',
  })
  const [laid] = layOver(row([], [note]), [out]).record.entries
  expect([laid?.withdrawn, laid?.withdrawn_by, unstored(laid)]).toEqual(['记错', 'p-li', 'saving'])
})

test('what was entered for another patient, and what is no part of a record, changes nothing', () => {
  const one = row()
  const other = entered({ ...write('a', true), patient_id: 'p2' } as Command)
  const sheet = entered({ kind: 'patient.open_sheet', patient_id: 'p1', sheet: 'stroke' })
  expect(layOver(one, [other, sheet])).toBe(one)
})
