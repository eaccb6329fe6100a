import type { MissionRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { beforeEach, expect, it } from 'vitest'
import { diedText } from './died.tsx'

const run = (left_ms: number | null) =>
  ({
    nodes: left_ms === null ? [] : [{ milestone: 'left_scene', at_ms: left_ms }],
  }) as unknown as MissionRow

beforeEach(() => setLang('zh-CN'))

it('is on the way from when the vehicle has left the scene', () => {
  expect(diedText(60_000, run(null))).toBe('死亡 08:01')
  expect(diedText(60_000, run(120_000))).toBe('死亡 08:01')
  expect(diedText(60_000, run(60_000))).toBe('途中死亡 08:01')
  expect(diedText(60_000, undefined)).toBe('死亡 08:01')
  setLang('en')
  expect(diedText(120_000, run(60_000))).toBe('Died on the way 08:02')
})
