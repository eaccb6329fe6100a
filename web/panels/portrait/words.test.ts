import type { Content, PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { warnings } from './words.ts'

const content = {
  portrait: { allergens: [{ id: 'penicillin', zh: '青霉素', en: 'penicillin' }], ppe: [] },
  record: {
    sections: [
      { fields: [{ id: 'allergies', choices: [{ id: 'latex', zh: '乳胶', en: 'latex' }] }] },
    ],
  },
} as unknown as Content

const patient = (told: string[][], portrait: object | null = null) =>
  ({
    portrait,
    record: { fields: { allergies: told.map((value) => ({ value })) } },
  }) as unknown as PatientRow

test('an allergy told to the crew stands beside the record and where nobody asked for one', () => {
  setLang('en')
  expect(warnings(content, patient([['latex', 'prawns']]))).toEqual([
    'Allergy latex, prawns · told to the crew',
  ])
  const alerts = [{ kind: 'allergy', id: 'penicillin', severity: '' }]
  expect(warnings(content, patient([['none'], ['latex']], { alerts }))).toEqual([
    "Allergy penicillin · resident's record",
    'Allergy latex · told to the crew',
  ])
  expect(warnings(content, patient([['none']]))).toEqual([])
})
