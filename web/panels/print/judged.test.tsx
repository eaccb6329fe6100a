import type { Content, WholeRecord } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import { clockTime } from '../care/format.ts'
import { Judgements } from './judged.tsx'

vi.mock('./writer.ts', () => ({ useWriter: () => (actor: string) => `<${actor}>` }))

const AT_MS = 1_800_000_000_000
const item = (id: string, zh: string) => ({ id, kind: 'flag', zh, en: id })
const content = {
  sheets: [
    {
      about: { id: 'judged', title: { zh: '人工评定指标', en: 'judged' } },
      sections: [
        {
          id: 'circulation',
          zh: '循环与胸痛',
          en: 'circulation',
          items: [item('shock', '休克'), item('sepsis', '脓毒症')],
        },
        { id: 'mind', zh: '精神与行为', en: 'mind', items: [item('harm', '自伤风险')] },
      ],
    },
  ],
} as unknown as Content
const one = (value: unknown, by = 'crew1') => ({ value, by, at_ms: AT_MS, reason: '', text: null })
const print = (fields: object) =>
  renderToStaticMarkup(
    <Judgements
      content={content}
      whole={{ patient: { record: { fields } } } as unknown as WholeRecord}
    />,
  )

beforeEach(() => setLang('zh-CN'))

it('prints each answer with who and when, and names what nobody judged', () => {
  const html = print({ 'judged.shock': [one(true)], 'judged.harm': [one('unknown', 'crew2')] })
  expect(html).toContain('循环与胸痛</th><td>休克</td><td><b>是</b></td>')
  expect(html).toContain(`&lt;crew1&gt; ${clockTime(AT_MS)}`)
  expect(html).toContain('自伤风险</td><td><b>不详</b></td>')
  expect(html).toContain('未评定 1 / 3 项：')
  expect(html).toMatch(/not-judged.*脓毒症/)
})

it('shows both of two answers, and one that was taken back is not judged', () => {
  const html = print({
    'judged.shock': [one(true), one(false, 'crew2')],
    'judged.sepsis': [one(null)],
  })
  expect(html).toContain('是 / 否')
  expect(html).toMatch(/not-judged.*脓毒症、自伤风险/)
})

it('says that nobody judged anything without naming all of it', () => {
  const html = print({})
  expect(html).toContain('未评定 3 / 3 项')
  expect(html).not.toContain('休克')
})
