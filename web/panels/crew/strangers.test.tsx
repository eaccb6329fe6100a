import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { Strangers } from './link-bar.tsx'

vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useLimits: () => ({ screen: { monitor_silent_s: 10 } }),
}))

test('a device that is in no register is named while it is heard', () => {
  const all = [
    {
      way: 'hl7' as const,
      device_id: '00A037EB21A00009',
      first_ms: 500,
      heard_ms: 1_000,
      count: 2,
      reason: 'unknown_device',
    },
  ]
  expect(renderToStaticMarkup(<Strangers all={all} now={2_000} />)).toContain('0009')
  expect(renderToStaticMarkup(<Strangers all={all} now={10_000_000} />)).toBe('')
  expect(renderToStaticMarkup(<Strangers all={[]} now={2_000} />)).toBe('')
})
