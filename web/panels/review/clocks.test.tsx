import type { VehicleClock } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, test } from 'vitest'
import { Clocks, clockText } from './clocks.tsx'

beforeEach(() => setLang('zh-CN'))
const clock = (offset_ms: number, uncertainty_ms: number, call_sign = '急救 01'): VehicleClock => ({
  unit_id: 'A-01',
  call_sign,
  heard_ms: Date.UTC(2026, 10, 28, 0, 12),
  offset_ms,
  uncertainty_ms,
})

test('a clock is behind or ahead only beyond what is uncertain', () => {
  expect(clockText(clock(2_500, 40))).toBe('慢 2.50 s（±0.04 s，08:12:00 测得）')
  expect(clockText(clock(-2_500, 40))).toBe('快 2.50 s（±0.04 s，08:12:00 测得）')
  expect(clockText(clock(30, 40))).toBe('与中心一致（±0.04 s，08:12:00 测得）')
})

test('every vehicle has its line, and that nothing was heard is said', () => {
  const html = renderToStaticMarkup(
    <Clocks clocks={[clock(2_500, 40), clock(0, 40, '急救 02'), clock(2_600, 40)]} />,
  )
  expect(html.match(/<p>/g)).toHaveLength(2)
  expect(html).toContain('急救 01')
  expect(html).toContain('慢 2.60 s')
  expect(renderToStaticMarkup(<Clocks clocks={[]} />)).toContain('没有')
})
