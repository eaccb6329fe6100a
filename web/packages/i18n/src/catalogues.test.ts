import { expect, test } from 'vitest'
import { CATALOGUES, duration, t } from './index.ts'

const keys = (lang: 'zh-CN' | 'en') => Object.keys(CATALOGUES[lang]).sort()

test('both languages have the same keys', () => {
  expect(keys('zh-CN').length).toBeGreaterThan(100)
  expect(keys('en')).toEqual(keys('zh-CN'))
})

test('both languages use the same parameters', () => {
  const params = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
  for (const key of keys('zh-CN')) {
    expect([key, params(CATALOGUES.en[key] ?? '')]).toEqual([
      key,
      params(CATALOGUES['zh-CN'][key] ?? ''),
    ])
  }
})

test('no text is empty', () => {
  for (const lang of ['zh-CN', 'en'] as const) {
    for (const [key, text] of Object.entries(CATALOGUES[lang]))
      expect([key, text.trim()]).not.toEqual([key, ''])
  }
})

test('an unknown key shows itself', () => {
  expect(t('no.such_key')).toBe('no.such_key')
})

test('durations', () => {
  expect([duration(38), duration(134), duration(3_960), duration(90_000)]).toEqual([
    '38 s',
    '2′14″',
    '1 h 06′',
    '1 d 1 h',
  ])
})
