import type { Frame, MatchedAnswer, TrackFix } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  advance,
  aligned,
  chartedSamples,
  lanes,
  matchedAt,
  placeAt,
  playedAt,
  rowsOf,
  screenAfter,
  trailsAt,
} from './playback.ts'
import { marksOf } from './transport.tsx'

const frame = (at_ms: number, state: string, drop: [string, string][] = []): Frame => ({
  at_ms,
  event: `mission:m1@${at_ms}`,
  late_ms: 0,
  put: state === '' ? [] : ([{ table: 'missions', id: 'm1', state }] as unknown as Frame['put']),
  drop,
})

const fix = (at_ms: number, lon: number, more: Partial<TrackFix> = {}): TrackFix => ({
  point: { lat: 31, lon },
  speed_kmh: 40,
  heading_deg: 90,
  at_ms,
  received_ms: at_ms,
  catch_up: false,
  satellites: 9,
  after_gap: false,
  tablet: false,
  ...more,
})

test('frames of one moment are played together, and going back takes them away again', () => {
  const frames = [frame(10, 'assigned'), frame(20, 'en_route'), frame(20, 'on_scene')]
  expect([0, 10, 19, 20, 99].map((at) => playedAt(frames, at))).toEqual([0, 1, 1, 3, 3])
  const states = [3, 1, 0].map((n) => rowsOf(screenAfter(frames, n), 'missions')[0]?.state)
  expect(states).toEqual(['on_scene', 'assigned', undefined])
  const gone = [...frames, frame(30, '', [['missions', 'm1']])]
  expect(rowsOf(screenAfter(gone, 4), 'missions')).toEqual([])
})

test('the play head runs by its pace and stands at the end', () => {
  expect(advance(1_000, 100, 60, 1_000_000)).toBe(7_000)
  expect(advance(1_000, 100, 60, 5_000)).toBe(5_000)
})

test('between kept positions the way is straight; over a gap the last one grows old', () => {
  const fixes = [fix(0, 121), fix(10_000, 121.01), fix(400_000, 121.5, { after_gap: true })]
  expect(placeAt(fixes, 5_000, 'happened')?.point.lon).toBeCloseTo(121.005)
  expect(placeAt(fixes, 110_000, 'happened')).toMatchObject({
    point: { lon: 121.01 },
    age_ms: 100_000,
  })
  expect(placeAt(fixes, -1, 'happened')).toBeNull()
})

test('the centre never sees ahead, and sees what comes late only when it comes', () => {
  const fixes = [
    fix(0, 121),
    fix(10_000, 121.01, { received_ms: 90_000, catch_up: true }),
    fix(20_000, 121.02, { received_ms: 90_000, catch_up: true }),
  ]
  expect(placeAt(fixes, 15_000, 'seen')).toMatchObject({
    point: { lon: 121 },
    age_ms: 15_000,
    late: false,
  })
  expect(placeAt(fixes, 95_000, 'seen')).toMatchObject({
    point: { lon: 121.02 },
    age_ms: 75_000,
    late: true,
  })
  expect(trailsAt(fixes, 15_000, 'seen')).toEqual([])
  expect(trailsAt(fixes, 15_000, 'happened').map((s) => s.look)).toEqual(['late'])
})

test('a place that the tablet told says so', () => {
  const fixes = [fix(0, 121), fix(10_000, 121.01, { tablet: true })]
  expect(placeAt(fixes, 5_000, 'seen')).toMatchObject({ tablet: false })
  expect(placeAt(fixes, 12_000, 'seen')).toMatchObject({ tablet: true })
})

test('the way is told in stretches: live, known later, not known', () => {
  const fixes = [
    fix(0, 1),
    fix(1, 2),
    fix(2, 3, { catch_up: true }),
    fix(3, 4, { catch_up: true }),
    fix(4, 5, { after_gap: true }),
  ]
  expect(trailsAt(fixes, 9, 'happened').map((s) => [s.look, s.points.length])).toEqual([
    ['live', 2],
    ['late', 3],
    ['gap', 2],
  ])
})

test('the way along the streets grows with time, and what fits no street stays a dot', () => {
  const at = (lon: number) => ({ lat: 31, lon })
  const page: MatchedAnswer = {
    mission_id: 'm1',
    unit_id: 'u1',
    call_sign: 'A-01',
    matched_ms: 0,
    stored: 4,
    next_ms: null,
    way: {
      used: 4,
      matched: 3,
      unmatched: [{ at_ms: 20, point: at(9) }],
      stretches: [
        {
          driven_m: 200,
          steps: [
            { at_ms: 0, points: [at(1)] },
            { at_ms: 10, points: [at(1), at(2)] },
          ],
        },
        { driven_m: 0, steps: [{ at_ms: 30, points: [at(4)] }] },
      ],
    },
  }
  const fixes = [fix(0, 1), fix(10, 2), fix(20, 9), fix(30, 4)]
  const looks = (at_ms: number) =>
    matchedAt([page], fixes, at_ms).map((trail) => [trail.look, trail.points.length])
  expect(looks(-1)).toEqual([])
  expect(looks(0)).toEqual([['sent', 1]])
  expect(looks(10)).toEqual([
    ['matched', 3],
    ['sent', 2],
  ])
  expect(looks(30)).toEqual([
    ['matched', 3],
    ['sent', 4],
    ['unmatched', 1],
  ])
})

test('signs share one axis of time, and what is not there stays empty', () => {
  const samples = [
    { at_ms: 2, sign: 'spo2', value: 93 },
    { at_ms: 1, sign: 'heart_rate', value: 80 },
    { at_ms: 2, sign: 'heart_rate', value: null },
    { at_ms: 9, sign: 'spo2', value: 99 },
  ]
  expect(aligned(samples, ['heart_rate', 'spo2'], 5)).toEqual({
    at_ms: [1, 2],
    values: [
      [80, null],
      [null, 93],
    ],
  })
})

test('a charted set counts once, at the moment at which it came', () => {
  const row = (vitals_ms: number, value: number) =>
    ({
      table: 'patients',
      id: 'p1',
      vitals_ms,
      vitals: [{ sign: 'spo2', value, note: '' }],
    }) as unknown as Frame['put'][number]
  const told = [
    { ...frame(50, ''), put: [row(40, 93)] },
    { ...frame(60, ''), put: [row(40, 93)] },
    { ...frame(70, ''), put: [row(65, 95)] },
  ]
  expect(chartedSamples(told)).toEqual([
    { at_ms: 50, sign: 'spo2', value: 93 },
    { at_ms: 70, sign: 'spo2', value: 95 },
  ])
})

test('marks that are near stand in different rows', () => {
  expect(lanes([0, 0.01, 0.02, 0.5], 0.05, 4)).toEqual([0, 1, 2, 0])
  expect(lanes([0, 0, 0], 0.05, 2)).toEqual([0, 1, 1])
})

test('a corrected node has both its times on the bar', () => {
  const node = {
    code: 'T8',
    call_sign: 'A-01',
    at_ms: 100,
    received_ms: 170,
    source: 'crew',
    actor: 'c',
    original_ms: 160,
    reason: '按晚了',
    estimated: false,
  }
  expect(marksOf([node], 'seen').map((m) => [m.at_ms, m.original])).toEqual([[170, false]])
  expect(marksOf([node], 'happened').map((m) => [m.at_ms, m.original])).toEqual([
    [100, false],
    [160, true],
  ])
})
