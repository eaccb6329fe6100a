import { expect, test } from 'vitest'
import { commandOf, EMPTY, listNumbers, missing, nextNumber, timeOn, unreadable } from './form.ts'

const DAY = '2026-11-27'
const at = (text: string) => timeOn(DAY, text) ?? 0
const WHOLE = {
  ...EMPTY,
  paper_number: 'P-000123',
  day: DAY,
  called: '2350',
  unit_id: 'A-01',
  assigned: '23:51',
  times: { departed: '2353', at_hospital: '0031', cleared: '0050' },
  reason: '已送达',
}
let id = 0
const newId = () => `id${++id}`

test('a time is read as it is written on paper', () => {
  expect(at('15:10')).toBe(Date.parse('2026-11-27T15:10:00+08:00'))
  expect(at('1510')).toBe(at('15:10'))
  expect(at('9:05')).toBe(at('0905'))
  expect(at('151030')).toBe(at('15:10') + 30_000)
  for (const text of ['', '25:00', '12:60', 'noon', '151']) {
    expect([text, timeOn(DAY, text)]).toEqual([text, text === '151' ? at('1:51') : null])
  }
})

test('what happened after midnight is of the next day', () => {
  const command = commandOf(WHOLE, newId)
  if (command?.kind !== 'incident.enter_paper') throw new Error('no command')
  const day = 86_400_000
  expect(command.called_ms).toBe(at('23:50'))
  expect(command.times).toEqual({
    departed: at('23:53'),
    at_hospital: at('0:31') + day,
    cleared: at('0:50') + day,
  })
})

test('a slip below half a day stays on its day, where the server finds it', () => {
  const command = commandOf({ ...WHOLE, times: { departed: '2340', cleared: '0050' } }, newId)
  if (command?.kind !== 'incident.enter_paper') throw new Error('no command')
  expect(command.times?.departed).toBe(at('23:40'))
})

test('what is missing or no time is named, and nothing is sent', () => {
  expect(missing(EMPTY)).toEqual(['paper_number', 'day', 'called', 'reason'])
  expect(missing({ ...WHOLE, assigned: '', times: {} })).toEqual(['assigned', 'cleared'])
  expect(missing({ ...WHOLE, times: {}, stood_down: 'refused' })).toEqual([])
  const odd = { ...WHOLE, times: { departed: 'soon', cleared: '0050' } }
  expect(unreadable(odd)).toEqual(['departed'])
  expect(commandOf(odd, newId)).toBeNull()
  for (const [age, wrong] of [
    ['六十二', ['age']],
    ['-1', ['age']],
    ['151', ['age']],
    [' 0.5 ', []],
    ['', []],
  ] as const) {
    expect([age, unreadable({ ...WHOLE, age })]).toEqual([age, wrong])
  }
  expect(commandOf({ ...WHOLE, age: '六十二' }, newId)).toBeNull()
})

test('an address without a point is kept as words; nobody is a patient by sex alone', () => {
  const command = commandOf({ ...WHOLE, address: '村口', note: '有犬', sex: 'male' }, newId)
  if (command?.kind !== 'incident.enter_paper') throw new Error('no command')
  expect([command.location, command.note?.text, command.patient_id]).toEqual([
    null,
    '村口 · 有犬',
    '',
  ])
})

test('the next form has the next number', () => {
  expect(nextNumber('P-000199')).toBe('P-000200')
  expect(nextNumber('9')).toBe('10')
  expect(nextNumber('none')).toBe('')
  expect(listNumbers('P-08', 3)).toEqual(['P-08', 'P-09', 'P-10'])
  expect(listNumbers('none', 3)).toEqual(['none'])
  expect(listNumbers('', 3)).toEqual([])
})
