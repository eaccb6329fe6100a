import type { CallRow, MissionRow } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { Driver } from './driver.tsx'

vi.mock('@gh/live', () => ({
  useFix: () => undefined,
  useLimits: () => undefined,
  useNow: () => 0,
  useSend: () => ({ send: async () => null, busy: false, refusal: null }),
  uuid7: () => 'id',
}))
vi.mock('../care/query.ts', () => ({ useGet: () => ({ data: { connected: true } }) }))
vi.mock('./nav-card.tsx', () => ({ NavCard: () => null, useWay: () => ({ to: '', way: null }) }))
vi.mock('./status-column.tsx', () => ({ NextButton: () => null }))
vi.mock('./way-map.tsx', () => ({ WayMap: () => null }))

const run = (callback: MissionRow['callback']) =>
  ({ id: 'm', active: true, number_shown: false, callback }) as unknown as MissionRow
const calls = [
  { number: '139****5678', fields: {}, rang_ms: 0, masked: true },
] as unknown as CallRow[]
const shown = (callback: MissionRow['callback']) =>
  renderToStaticMarkup(
    <Driver
      mission={run(callback)}
      incident={undefined}
      calls={calls}
      alarms={null}
      onOpen={() => {}}
    />,
  )

it('calls the caller with one tap while the vehicle moves', () => {
  expect(shown(null)).toContain('data-testid="callback"')
  expect(shown(null)).toContain('139****5678')
})

it('asks no driver for the reason that a number needs', () => {
  const html = shown({ id: 'c', asked_ms: 0, outcome: 'caller_busy' })
  expect(html).toContain('data-testid="callback-state"')
  expect(html).not.toContain('data-testid="show-number"')
})
