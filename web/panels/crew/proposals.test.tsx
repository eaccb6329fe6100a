import type { MissionRow, ProposalRow } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { Proposals } from './proposals.tsx'

vi.mock('@gh/live', () => ({ useSend: () => ({ send: vi.fn(), busy: false, refusal: null }) }))
vi.mock('@gh/session', () => ({ useSession: () => ({ roles: ['crew'] }) }))

const shown = (...proposals: ProposalRow[]) =>
  renderToStaticMarkup(
    <Proposals
      mission={
        {
          id: 'm',
          state: 'en_route',
          nodes: [],
          proposed: ['on_scene'],
          proposals,
        } as unknown as MissionRow
      }
    />,
  )
const confirm = (html: string) =>
  /class="([^"]*)"[^>]*data-testid="proposal-confirm"/.exec(html)?.[1]

it('says how sure the fence is, and why not surer', () => {
  const sure = shown({ milestone: 'on_scene', confidence: 'high', doubts: [] })
  expect(sure).toContain('按车辆位置提示，把握大，由您确认')
  expect(confirm(sure)).toBe('tap primary')
  expect(shown({ milestone: 'on_scene', confidence: 'fair', doubts: ['single'] })).toContain(
    '把握一般（只有一次定位）',
  )
})

it('asks to check an unsure one first, and does not put it forward', () => {
  const unsure = shown({ milestone: 'on_scene', confidence: 'low', doubts: ['edge', 'single'] })
  expect(unsure).toContain('把握不大（离围栏边界太近、只有一次定位），请先核实')
  expect(confirm(unsure)).toBe('tap')
})

it('says nothing of it where an older release did not', () => {
  expect(shown()).toContain('按车辆位置提示，由您确认')
})
