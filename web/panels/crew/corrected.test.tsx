import type { HandoverRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Corrected as AtHospital } from '../hospital/inbound-row.tsx'
import { Corrected } from './hospital-card.tsx'

const row = (changes: Partial<HandoverRow>) =>
  ({
    state: 'sent',
    corrected_ms: Date.parse('2026-09-01T15:04:05+08:00'),
    changed: ['tier', 'needs'],
    died_ms: null,
    needs: ['ct_24h', 'pci_24h'],
    needs_before: ['ct_24h', 'icu'],
    ...changes,
  }) as HandoverRow
const shown = (changes: Partial<HandoverRow> = {}) =>
  renderToStaticMarkup(<Corrected handover={row(changes)} />)

beforeEach(() => setLang('zh-CN'))
afterEach(() => setLang('zh-CN'))

it('says when and what was corrected, with the needs that came and went, until it is answered', () => {
  const open = shown()
  expect(open).toContain('15:04:05 已更正：紧急程度、需求')
  expect(open).toMatch(/ \+ .*<s> .*<\/s>/)
  expect(open).toContain('class="un"')
  const answered = shown({ state: 'acknowledged' })
  expect(answered).toContain('已更正：紧急程度、需求')
  expect(answered).not.toContain('<s>')
  expect(answered).toContain('class="mu"')
  expect(shown({ corrected_ms: null })).toBe('')
})

it('says of a death whether it was told or taken back, in the words of the hospital', () => {
  const died = row({ changed: ['death'], died_ms: 1, needs: [], needs_before: [] })
  const back = row({ changed: ['death'], needs: [], needs_before: [] })
  for (const [one, zh, en] of [
    [died, '患者死亡', 'the patient has died'],
    [back, '死亡更正：未死亡', 'death taken back: alive'],
  ] as const) {
    setLang('zh-CN')
    expect(renderToStaticMarkup(<Corrected handover={one} />)).toContain(zh)
    expect(renderToStaticMarkup(<AtHospital handover={one} />)).toContain(zh)
    setLang('en')
    expect(renderToStaticMarkup(<Corrected handover={one} />)).toContain(en)
  }
})

it('is complete in English', () => {
  setLang('en')
  expect(shown()).toContain('corrected at 15:04:05: urgency, needs')
})
