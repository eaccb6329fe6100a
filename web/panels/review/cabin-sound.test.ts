import { expect, test } from 'vitest'
import { aLaw, dueIn, muLaw, soundsOf } from './cabin-sound.ts'

const OFFSET_MS = 7_000

/** One unit as the recorder writes it; nobody reads the checksum here. */
function unit(device_ms: number, payload: number, kind: number, data: number[]): number[] {
  const head = new DataView(new ArrayBuffer(26))
  head.setUint32(0, data.length, true)
  head.setBigUint64(8, BigInt(device_ms), true)
  head.setUint8(24, payload)
  head.setUint8(25, kind)
  return [...new Uint8Array(head.buffer), ...data]
}
const file = (...units: number[][]): ArrayBuffer => new Uint8Array(units.flat()).buffer

test('the decoder output values of G.711', () => {
  // Table 1a: the first and last positive and negative values, and the least ones.
  expect([0xd5, 0x55, 0xaa, 0x2a, 0xd4, 0x80].map(aLaw)).toEqual([
    8, -8, 32_256, -32_256, 24, 5_504,
  ])
  // Table 2a.
  expect([0xff, 0x80, 0x00, 0xfe, 0x7e].map(muLaw)).toEqual([0, 32_124, -32_124, 8, -8])
})

test('every code has a value of its own, and the two halves mirror each other', () => {
  const codes = Array.from({ length: 256 }, (_, byte) => byte)
  expect(new Set(codes.map(aLaw)).size).toBe(256)
  for (const byte of codes) {
    expect(aLaw(byte ^ 0x80)).toBe(-aLaw(byte))
    expect(Math.abs(muLaw(byte ^ 0x80))).toBe(Math.abs(muLaw(byte)))
  }
})

test('sound stands on the vehicle clock, pictures and other codecs are left out', () => {
  const found = soundsOf(
    file(
      unit(10_000, 98, 0, [1, 2]),
      unit(10_020, 6, 3, [0xd5, 0x2a]),
      unit(10_060, 7, 3, [0x80]),
      unit(10_080, 19, 3, [9, 9]),
    ),
    OFFSET_MS,
  )
  expect(found.other).toBe(1)
  expect(found.sounds.map((one) => one.at_ms)).toEqual([3_020, 3_060])
  expect([...(found.sounds[0]?.samples ?? [])]).toEqual([8 / 32_768, -32_256 / 32_768])
})

test('the head that some chips put before a block is no sound, a torn end neither', () => {
  const headed = [0, 1, 2, 0, 0xd5, 0xd5, 0xd5, 0xd5]
  const whole = file(unit(0, 6, 3, headed), unit(20, 6, 3, [0, 1, 9, 0, 0xd5]))
  expect(soundsOf(whole, 0).sounds.map((one) => one.samples.length)).toEqual([4, 5])
  expect(soundsOf(whole.slice(0, whole.byteLength - 1), 0).sounds).toHaveLength(1)
  expect(soundsOf(new ArrayBuffer(0), 0)).toEqual({ sounds: [], other: 0 })
})

test('what begins in a stretch is due, its end is the next one’s beginning', () => {
  const { sounds } = soundsOf(file(unit(0, 6, 3, [1]), unit(40, 6, 3, [1])), 0)
  expect(dueIn(sounds, 0, 40).map((one) => one.at_ms)).toEqual([0])
  expect(dueIn(sounds, 40, 80).map((one) => one.at_ms)).toEqual([40])
})
