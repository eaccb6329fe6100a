import type { CheckRow, ShiftCheckContent, UnitRow } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { TakeOver } from './shift-sheet.tsx'

vi.mock('@gh/live', () => ({
  useNow: () => 0,
  useSend: () => ({ send: async () => null, busy: false, refusal: null }),
  uuid7: () => 'id',
}))

const content = {
  sections: [
    {
      id: 'oxygen',
      title: { zh: '氧气', en: 'Oxygen' },
      items: [
        { id: 'oxygen_main', zh: '主氧瓶', en: 'Main', defect: { zh: '氧气不足', en: 'low' } },
      ],
    },
  ],
} as unknown as ShiftCheckContent
const check = (now: Partial<CheckRow>): CheckRow => ({
  id: 'k1',
  name: '甲',
  at_ms: 1_800_000_000_000,
  defects: ['oxygen_main'],
  numbers: {},
  taken_by: '',
  taken_ms: null,
  ...now,
})
const shown = (checks: CheckRow[]) =>
  renderToStaticMarkup(
    <TakeOver unit={{ id: 'A-01', checks } as unknown as UnitRow} content={content} />,
  )

it('asks whoever comes on to sign for what the newest check found', () => {
  const html = shown([check({})])
  expect(html).toContain('甲 检查并交出')
  expect(html).toContain('氧气不足')
  // Without a name there is nothing to press.
  expect(html).not.toContain('data-testid="shift-sign"')
})

it('asks for nothing where nobody checked, or somebody has signed', () => {
  expect(shown([])).toBe('')
  expect(shown([check({ taken_by: '乙', taken_ms: 1 }), check({ id: 'k0' })])).toBe('')
})
