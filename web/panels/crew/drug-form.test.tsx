import type { Content, PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, test } from 'vitest'
import { findingText } from '../record/words.ts'
import { Minded } from './drug-form.tsx'

beforeEach(() => setLang('en'))

const content = {
  portrait: { allergens: [], medicines: [], directives: [], ppe: [] },
  record: { sections: [] },
  formulary: {
    drugs: [],
    interactions: [
      { id: 'pde5', drug: 'nitroglycerin', reason: { zh: '西地那非', en: 'no nitrate after it' } },
    ],
  },
} as unknown as Content

const UNKNOWN = { '': ['weight_kg', 'pregnant'], atropine: ['weight_kg', 'age_y'] }

const shown = (drug: string, told?: string[]) => {
  const fields = told === undefined ? {} : { allergies: [{ value: told }] }
  const patient = { portrait: null, record: { fields, unknown: UNKNOWN } } as unknown as PatientRow
  return renderToStaticMarkup(<Minded content={content} patient={patient} drug={drug} />)
}

test('before a drug is given its allergies stand there, and that nobody has asked', () => {
  expect(shown('glucose')).toContain('Nobody has asked for allergies yet')
  expect(shown('glucose', ['none'])).not.toContain('Nobody has asked')
  expect(shown('glucose', ['latex'])).toContain('Allergy latex · told to the crew')
})

test('what nobody knows is said before, and what this drug asks besides', () => {
  expect(shown('glucose')).toContain('Not known: the weight, whether she is pregnant')
  expect(shown('atropine')).toContain('Not known: the weight, the age')
})

test('what it must not be given beside is asked before, of this drug alone', () => {
  expect(shown('nitroglycerin')).toContain('Before giving it: no nitrate after it')
  expect(shown('glucose')).not.toContain('no nitrate')
})

test('each fact that is missing is named in words', () => {
  const finding = { concern: 'unknown_fact', about: 'age_y, taking' } as const
  expect(findingText(content, finding)).toBe(
    'Not checked, the age, what the patient takes is unknown',
  )
})
