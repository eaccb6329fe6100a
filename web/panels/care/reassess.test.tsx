import type { PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { Reassess, reassessText } from './reassess.tsx'

const MINUTE = 60_000
let now = 0
vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useNow: () => now,
  useLimits: () => ({ reassess_s: { II: 600, unknown: 600 } }),
}))

const patient = (reassess: PatientRow['reassess']) =>
  ({ registered_ms: 0, reassess }) as unknown as PatientRow
const second = patient({ level: 'II', taken_ms: 2 * MINUTE, due_ms: 12 * MINUTE })

beforeEach(() => setLang('zh-CN'))

test('signs are old when the interval of the level is over, and no moment before', () => {
  expect(reassessText(second, 12 * MINUTE - 1)).toBe('')
  expect(reassessText(second, 14 * MINUTE)).toBe('生命体征已 12′00″ 未复测')
  expect(reassessText(patient(null), 99 * MINUTE)).toBe('')
  expect(reassessText(undefined, 99 * MINUTE)).toBe('')
})

test('who was never measured is said so, and whose signs they are', () => {
  now = 11 * MINUTE
  const never = patient({ level: '', taken_ms: null, due_ms: 10 * MINUTE })
  const html = renderToStaticMarkup(<Reassess patient={never} who="患者B" />)
  expect(html).toContain('患者B')
  expect(html).toContain('登记 11′00″ 仍无生命体征')
  expect(html).toContain('未定级：每 10 分钟')
  now = 13 * MINUTE
  expect(renderToStaticMarkup(<Reassess patient={second} />)).toContain('Ⅱ级：每 10 分钟')
})
