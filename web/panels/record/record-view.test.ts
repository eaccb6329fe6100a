import type { Content } from '@gh/contract'
import { expect, test } from 'vitest'
import { sectionsOf } from './record-view.tsx'

test('what was judged for the level is read with the record, under its own fields', () => {
  const item = { id: 'shock', kind: 'flag', zh: '休克', en: 'shock' }
  const content = {
    record: { sections: [{ id: 'person', title: { zh: '身份', en: 'Person' }, fields: [] }] },
    sheets: [
      {
        about: { id: 'judged', title: { zh: '人工评定', en: 'Judged' } },
        sections: [{ id: 'circulation', zh: '循环', en: 'Circulation', items: [item] }],
      },
    ],
  } as unknown as Content
  const sections = sectionsOf(content)
  expect(sections.map((one) => one.id)).toEqual(['person', 'judged.circulation'])
  expect(sections[1]?.fields.map((one) => one.id)).toEqual(['judged.shock'])
  expect(sections[1]?.heading).toContain('循环')
})
