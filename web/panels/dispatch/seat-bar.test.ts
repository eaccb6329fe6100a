import type { MissionRow, SeatStatus } from '@gh/contract'
import { expect, test } from 'vitest'
import { aloneText, centreLight, toTell } from './seat-bar.tsx'

const SEAT: SeatStatus = {
  mode: 'alone',
  seat: '01',
  centre_url: 'https://centre:8443',
  connected: false,
  last_contact_ms: 1_000,
  since_ms: 50_000,
  pending: 3,
  aside: 0,
  aside_units: [],
  phones: {},
}

const mission = (changes: Partial<MissionRow>): MissionRow =>
  ({ id: 'm', state: 'assigned', assigned_ms: 60_000, ...changes }) as MissionRow

test('only who was sent alone and has not answered is to be told', () => {
  const missions = [
    mission({ id: 'sent alone' }),
    mission({ id: 'before', assigned_ms: 49_000 }),
    mission({ id: 'knows', state: 'en_route' }),
    mission({ id: 'reserved', assigned_ms: null }),
  ]
  expect(toTell(missions, 50_000).map((one) => one.id)).toEqual(['sent alone'])
  expect(toTell(missions, null)).toEqual([])
})

test('the header says that the seat decides alone, and nothing at a centre', () => {
  expect(aloneText(SEAT)).toContain('自主调度')
  expect(aloneText({ ...SEAT, mode: 'silent', since_ms: null })).toBeUndefined()
  expect(aloneText(undefined)).toBeUndefined()
})

test('the light of the centre says when it was last heard', () => {
  expect(centreLight(undefined)).toEqual([])
  expect(centreLight(SEAT)[0]?.state).toBe('bad')
  expect(centreLight({ ...SEAT, last_contact_ms: null })[0]?.detail).toBe('本机启动后未联系上中心')
  expect(centreLight({ ...SEAT, connected: true })[0]?.detail).toBeUndefined()
})
