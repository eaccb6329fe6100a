import type { PatientRow, SheetContent } from '@gh/contract'
import { expect, test } from 'vitest'
import { countJudged, found } from './judged.tsx'

const item = (id: string) => ({ id, kind: 'flag', zh: id, en: id })
const sheet = {
  sections: [
    { id: 'a', zh: 'a', en: 'a', items: [item('shock'), item('sepsis')] },
    { id: 'b', zh: 'b', en: 'b', items: [item('stupor'), item('asthma')] },
  ],
} as unknown as SheetContent

const written = (...values: unknown[]) => values.map((value) => ({ value }))

test('unknown and an answer that was taken back are not answers, and a yes stands over a no', () => {
  const patient = {
    record: {
      fields: {
        'judged.shock': written(true, false),
        'judged.sepsis': written('unknown'),
        'judged.stupor': written(null),
        'judged.asthma': written(false),
      },
    },
  } as unknown as PatientRow
  expect(countJudged(sheet, patient)).toEqual({ items: 4, yes: 1, open: 2 })
})

test('a sign is found by any of its words in either language', () => {
  const shock = { zh: '休克', en: 'Shock' }
  expect(found(shock, ' sho')).toBe(true)
  expect(found(shock, '休')).toBe(true)
  expect(found(shock, '')).toBe(true)
  expect(found(shock, 'stroke')).toBe(false)
})
