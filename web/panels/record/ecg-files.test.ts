import { NoAnswer, Refusal } from '@gh/contract'
import { hasText } from '@gh/i18n'
import { expect, test } from 'vitest'
import { bringing, inWords, nameOf, recordingPath } from './ecg-files.ts'

test('a stretch ends with the run; the whole run has no times', () => {
  expect(recordingPath('p1', 'edf', 0, 90_000)).toBe('/api/ecg/recording?patient_id=p1&form=edf')
  expect(recordingPath('p1', 'dicom', 10, 90_000.4)).toBe(
    '/api/ecg/recording?patient_id=p1&form=dicom&from_ms=80000&to_ms=90000',
  )
})

test('a name is taken from the answer, and given to the server no longer than it takes', () => {
  expect(nameOf('attachment; filename="20260713-0001-p1.dcm"')).toBe('20260713-0001-p1.dcm')
  expect(nameOf(null)).toBe('ecg')
  const sent = new URLSearchParams(bringing('p1', `${'x'.repeat(300)}.edf`).split('?')[1])
  expect(sent.get('name')).toMatch(/^x{196}\.edf$/)
})

test('a refusal says what it means of an ECG file, and every one has words', () => {
  const problem = new Refusal('out_of_range', 'samples', 'too many', 409)
  expect(inWords(problem, 'out').code).toBe('ecg_not_in_form')
  expect(inWords(problem, 'in').code).toBe('ecg_not_kept')
  expect(inWords(new Refusal('invalid', 'file', '', 400), 'in').code).toBe('ecg_unreadable')
  expect(inWords(new Refusal('absent', 'ecg', '', 404), 'out').code).toBe('ecg_none')
  expect(inWords(new Refusal('http_413', '', '', 413), 'in').code).toBe('ecg_too_long')
  expect(inWords(new Refusal('device_elsewhere', '', '', 409), 'out').code).toBe('device_elsewhere')
  expect(inWords(new NoAnswer(), 'in').code).toBe('no_answer')
  for (const code of ['none', 'not_in_form', 'not_kept', 'too_long', 'unreadable'])
    expect(hasText(`errors.ecg_${code}`)).toBe(true)
})
