import type { PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Misled } from './misled.tsx'

test('a measurement that proves nothing is named with why, in the language of the screen', () => {
  const row = { finding: 'spo2_pct', zh: '疑似CO', en: 'CO suspected' }
  const patient = { misleading: [row] } as unknown as PatientRow
  setLang('zh-CN')
  expect(renderToStaticMarkup(<Misled patient={patient} who="患者B" />)).toMatch(
    /患者B.*血氧 疑似CO/,
  )
  setLang('en')
  expect(renderToStaticMarkup(<Misled patient={patient} />)).toContain('CO suspected')
  expect(renderToStaticMarkup(<Misled patient={undefined} />)).toBe('')
  setLang('zh-CN')
})
