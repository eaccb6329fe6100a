import type { PeerStatus, PeerUnit, UnitRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { beforeAll, expect, test } from 'vitest'
import { nodeLights, nodesAlone, thereText } from './nodes.tsx'

beforeAll(() => setLang('en'))

const peer = (changes: Partial<PeerStatus>): PeerStatus => ({
  node: 'city',
  connected: true,
  last_contact_ms: 1_000,
  units: [{ unit_id: 'A-01', state: 'ready' } as PeerUnit],
  refused: 0,
  ...changes,
})
const unit = { id: 'A-01', home: 'city' } as UnitRow

test('the header says that this side is on its own while it does not hear another', () => {
  expect(nodesAlone([])).toBeUndefined()
  expect(nodesAlone([peer({})])).toBeUndefined()
  expect(nodesAlone([peer({ connected: false })])).toMatch(/On our own: city/)
})

test('a silent node is a red light with its last word', () => {
  expect(nodeLights([peer({})]).map((one) => one.state)).toEqual(['ok'])
  const silent = nodeLights([peer({ connected: false, last_contact_ms: null })])
  expect(silent.map((one) => [one.state, one.detail])).toEqual([
    ['bad', 'not heard since the start'],
  ])
})

test('how a unit stands at its home has its age, and silence is no state', () => {
  expect(thereText(unit, [peer({})], 31_000)).toMatch(/^there: .*30/)
  expect(thereText(unit, [peer({ last_contact_ms: null, units: [] })], 31_000)).toBe(
    'no word from there',
  )
  expect(thereText({ ...unit, id: 'B-02' }, [peer({})], 31_000)).toBe('no word from there')
})

test('a node whose records could not all be kept has an amber light with their count', () => {
  expect(nodeLights([peer({ refused: 2 })])[0]).toMatchObject({
    state: 'warn',
    detail: 'records not kept: 2',
  })
})
