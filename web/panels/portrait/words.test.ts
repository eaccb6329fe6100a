import type { Content, PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { saysAllergy, warnings } from './words.ts'

const content = {
  portrait: {
    allergens: [{ id: 'penicillin', zh: '青霉素', en: 'penicillin' }],
    medicines: [{ id: 'anticoagulant', zh: '抗凝药', en: 'anticoagulant' }],
    directives: [{ id: 'dnr', zh: '不施行心肺复苏意愿', en: 'order not to resuscitate' }],
    ppe: [],
  },
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

const asked = (fields: Record<string, unknown>, alerts: object[] = []) =>
  ({
    portrait: alerts.length > 0 ? { alerts } : null,
    record: {
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, [{ value }]]),
      ),
    },
  }) as unknown as PatientRow

test('what an assessment was told of medicines and allergies is in sight, each once', () => {
  setLang('en')
  const told = {
    'stroke.anticoagulant': true,
    'chest_pain.medicine_cautions': ['allergy', 'bleeding'],
    taking: ['gingko'],
  }
  expect(warnings(content, asked(told))).toEqual([
    'Allergy to what, nobody has said · told to the crew',
    'Medicine gingko, anticoagulant · told to the crew',
  ])
  const alerts = [
    { kind: 'medicine', id: 'anticoagulant' },
    { kind: 'directive', id: 'dnr' },
  ]
  expect(warnings(content, asked({ 'stroke.anticoagulant': true }, alerts))).toEqual([
    "Directive order not to resuscitate · resident's record",
    "Medicine anticoagulant · resident's record",
  ])
})

test('that nobody has asked for allergies is not that there are none', () => {
  expect(saysAllergy(content, asked({}))).toBe(false)
  expect(saysAllergy(content, asked({ allergies: ['none'] }))).toBe(true)
  expect(saysAllergy(content, asked({ 'chest_pain.medicine_cautions': ['allergy'] }))).toBe(true)
  expect(saysAllergy(content, asked({}, [{ kind: 'allergy', id: 'none' }]))).toBe(true)
})
