import type { Content } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { levelReason, missingName } from './words.ts'

const content = {
  inputs: { items: [{ id: 'cpss_face', kind: 'flag', zh: '面瘫', en: 'Face droop' }] },
  sheets: [
    {
      about: { id: 'stroke', title: { zh: '卒中评估', en: 'Stroke' } },
      sections: [],
      levels: [{ id: 'signs', level: 'II', zh: '卒中体征', en: 'Signs of stroke' }],
    },
  ],
} as unknown as Content

test('a level of a sheet names the sheet, and one of a sign the sign', () => {
  setLang('en')
  expect(levelReason('stroke@3#signs', content)).toBe('Stroke: Signs of stroke')
  expect(levelReason('stroke@3#otherwise', content)).toBe('Stroke')
  expect(levelReason('triage_adult@2#hr_150', content)).toBe(levelReason('x@1#hr_40', content))
  expect(missingName('stroke.cpss_face', content)).toBe('Stroke: Face droop')
})
