import { expect, test } from 'vitest'
import { ecgAge } from './age.ts'
import { EcgFeed } from './feed.ts'

const said = (newest_ms: number, late_ms: number) => ({
  ...new EcgFeed('A-01').state,
  newest_ms,
  late_ms,
})

test('a wave that keeps coming late says how far behind it is', () => {
  expect(ecgAge(said(10_000, 300), 10_400)).toEqual({ word: 'ecg.age', ms: 700, late: false })
  expect(ecgAge(said(10_000, 7_000), 10_400)).toEqual({ word: 'ecg.behind', ms: 7_400, late: true })
})

test('a signal that broke off is as old as its silence and what it was late before', () => {
  expect(ecgAge(said(10_000, 0), 12_001)).toEqual({ word: 'ecg.silent', ms: 2_001, late: true })
  expect(ecgAge(said(10_000, 1_500), 13_000)).toEqual({ word: 'ecg.silent', ms: 4_500, late: true })
})

test('a source whose clock is ahead is no younger than now', () => {
  expect(ecgAge(said(10_000, -900), 10_100).ms).toBe(100)
  expect(ecgAge(said(10_000, 0), 9_900).ms).toBe(0)
})

test('what comes late for a gap is no news', () => {
  const feed = new EcgFeed('A-01')
  const declaration = {
    device_id: 'E-1',
    replay: false,
    device_ms: 5_000,
    rate_mhz: 500_000,
    channels: [{ lead: 'II', nanovolt: 5_000 }],
    sealed: new Uint8Array(32),
  }
  const take = (sequence: number, first: number, now_ms: number) =>
    feed.settle(
      {
        data: new Uint8Array(),
        packet: { epoch: 1, sequence, first, count: 100, declaration, coded: new Uint8Array() },
        pieces: [{ first, count: 100, declaration, rows: [new Int32Array(100)] }],
      } as never,
      now_ms,
    )
  take(0, 0, 1_000)
  take(2, 200, 1_400)
  take(1, 100, 9_000)
  expect(feed.state.newest_ms).toBe(1_400)
  expect(feed.state.taken).toBe(3)
})
