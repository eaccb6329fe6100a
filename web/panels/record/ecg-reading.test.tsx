import type { Content, EcgRead } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { EcgReading } from './ecg-reading.tsx'

const said = (zh: string) => ({ zh, en: zh })
const content = {
  ecg: {
    standard: ['V1'],
    confounders: {},
    cautions: {},
    prompts: {},
    not_assessed: { de_winter: said('de Winter 改变') },
  },
} as unknown as Content
const read = (title: { zh: string; en: string } | null) =>
  ({
    begun_ms: 0,
    lasts_ms: 10_000,
    test: false,
    measured: {
      leads: { V1: { st_j_mm: null, reason: 'noise' }, V2: { st_j_mm: null, reason: 'noise' } },
      pr_ms: null,
      reasons: { pr_ms: 'no_clear_p_wave', qt_ms: 'no_clear_t_wave', qtcf_ms: 'no_clear_t_wave' },
    },
    findings: {
      reading_text: said('说明'),
      findings: [{ rule: 'posterior', title, leads: [{ lead: 'V3', st_mm: -1, cut_mm: -0.5 }] }],
      needs_human: [],
      prompts: [],
      missing: ['V5_qrs', 'age_y'],
      not_assessed: ['de_winter'],
      sign_off: 'unsigned',
    },
  }) as unknown as EcgRead
const shown = (title: { zh: string; en: string } | null) =>
  renderToStaticMarkup(<EcgReading content={content} read={read(title)} />)

test('what was not looked at is named', () => {
  expect(shown(null)).toContain('本程序不评估: de Winter 改变')
})

test('a rule has its name only from the signed content', () => {
  expect(shown(null)).toContain('ST 达到界值: V3 -1.0 mm (≤ -0.5)')
  expect(shown(null)).not.toContain('后壁')
  expect(shown(said('V1-V3 水平型 ST 压低'))).toContain('V1-V3 水平型 ST 压低: V3')
})

test('what could not be measured says why, in words', () => {
  const html = shown(null)
  expect(html).toContain('未能测量: PR (P 波不清)、QT (T 波不清)、V1 V2 (干扰)')
  expect(html).toContain('尚缺: V5 主波方向、年龄')
})
