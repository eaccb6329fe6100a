import type { StoredSegment } from '@gh/contract'
import { expect, test } from 'vitest'
import { camerasOf, feedOf, type Picture, picturesOf, sceneAt } from './cabin.ts'

const OFFSET_MS = 7_000

/** One unit as the recorder writes it; nobody reads the checksum here. */
function unit(device_ms: number, kind: number, data: number[]): number[] {
  const head = new DataView(new ArrayBuffer(26))
  head.setUint32(0, data.length, true)
  head.setBigUint64(8, BigInt(device_ms), true)
  head.setBigUint64(16, BigInt(device_ms - OFFSET_MS + 90), true)
  head.setUint8(24, 98)
  head.setUint8(25, kind)
  return [...new Uint8Array(head.buffer), ...data]
}
const file = (...units: number[][]): ArrayBuffer => new Uint8Array(units.flat()).buffer

const segment = (first_device_ms: number, last_device_ms: number, channel = 1): StoredSegment => ({
  origin: {
    sha256: `${channel}-${first_device_ms}`,
    size_bytes: 1,
    mission_id: 'm1',
    device: '12345678999',
    channel,
    begun_ms: first_device_ms - OFFSET_MS,
    holes: 0,
    cut: false,
  },
  payload_type: 98,
  codec: 'avc1.4d0014',
  pictures: 1,
  audio: 0,
  first_device_ms,
  last_device_ms,
  last_received_ms: last_device_ms - OFFSET_MS,
  clock_offset_ms: OFFSET_MS,
})

test('pictures stand on the vehicle clock, sound is left out, a torn end is no picture', () => {
  const whole = file(unit(10_000, 0, [1, 2]), unit(10_020, 3, [9]), unit(10_040, 1, [3]))
  const found = picturesOf(whole, OFFSET_MS)
  expect(found.map(({ at_ms, key, data }) => [at_ms, key, [...data]])).toEqual([
    [3_000, true, [1, 2]],
    [3_040, false, [3]],
  ])
  expect(picturesOf(whole.slice(0, whole.byteLength - 1), OFFSET_MS)).toHaveLength(1)
  expect(picturesOf(new ArrayBuffer(0), OFFSET_MS)).toEqual([])
})

test('parameters and picture of one time are given to the decoder as one', () => {
  const apart = file(unit(10_000, 0, [7]), unit(10_000, 0, [8]), unit(10_000, 1, [5]))
  const found = picturesOf(apart, OFFSET_MS)
  expect(found.map(({ key, data }) => [key, [...data]])).toEqual([[true, [7, 8, 5]]])
})

test('cameras are told apart, and their stretches stand in order', () => {
  const cameras = camerasOf([
    segment(20_000, 29_000),
    segment(10_000, 19_900),
    segment(9_000, 9_900, 2),
  ])
  expect(cameras.map((c) => [c.key, c.stretches.map((s) => [s.from_ms, s.to_ms])])).toEqual([
    [
      '12345678999/1',
      [
        [3_000, 12_900],
        [13_000, 22_000],
      ],
    ],
    ['12345678999/2', [[2_000, 2_900]]],
  ])
  expect(camerasOf([])).toEqual([])
})

test('a gap is told with both its ends', () => {
  const [camera] = camerasOf([
    segment(10_000, 19_900),
    segment(20_000, 29_000),
    segment(60_000, 69_000),
  ])
  const at = (at_ms: number) => sceneAt(camera?.stretches ?? [], at_ms)
  expect(at(2_999)).toEqual({ kind: 'gap', before_ms: null, after_ms: 3_000 })
  expect(at(12_950)).toMatchObject({ kind: 'stretch', stretch: { from_ms: 3_000 } })
  expect(at(13_000)).toMatchObject({ stretch: { from_ms: 13_000 }, next: { from_ms: 53_000 } })
  expect(at(24_000)).toMatchObject({ kind: 'stretch' })
  expect(at(24_001)).toEqual({ kind: 'gap', before_ms: 22_000, after_ms: 53_000 })
  expect(at(99_000)).toEqual({ kind: 'gap', before_ms: 62_000, after_ms: null })
  expect(sceneAt([], 0)).toEqual({ kind: 'gap', before_ms: null, after_ms: null })
})

test('a decoder goes on, begins anew to go back, and leaps over what is long past', () => {
  const pictures: Picture[] = Array.from({ length: 100 }, (_, i) => ({
    at_ms: i * 100,
    key: i % 20 === 0,
    data: new Uint8Array(1),
  }))
  const feed = (fed: number | null, at_ms: number) => feedOf(pictures, fed, at_ms)
  expect(feed(null, 4_550)).toEqual({ from: 40, to: 46, again: true })
  expect(feed(46, 4_600)).toEqual({ from: 46, to: 47, again: false })
  expect(feed(46, 4_550)).toEqual({ from: 46, to: 46, again: false })
  expect(feed(46, 4_200)).toEqual({ from: 40, to: 43, again: true })
  expect(feed(59, 6_100)).toEqual({ from: 59, to: 62, again: false })
  expect(feed(10, 9_900)).toEqual({ from: 80, to: 100, again: true })
  expect(feed(null, -1)).toBeNull()
  expect(feedOf([], null, 0)).toBeNull()
})
