import type { CabinState } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  aboutUnit,
  codecOf,
  keepsPicture,
  LiveJoiner,
  type Look,
  lookWord,
  SILENT_MS,
} from './cabin.ts'

const KEY = 0
const PREDICTED = 1
const AUDIO = 3
const PARAMETERS = [0, 0, 0, 1, 0x67, 0x4d, 0x00, 0x14, 0x95]

/** One unit as the centre passes it on. */
function unit(device_ms: number, kind: number, data: number[], type = 98): ArrayBuffer {
  const head = new DataView(new ArrayBuffer(26))
  head.setUint32(0, data.length, true)
  head.setBigUint64(8, BigInt(device_ms), true)
  head.setBigUint64(16, BigInt(device_ms + 90), true)
  head.setUint8(24, type)
  head.setUint8(25, kind)
  return new Uint8Array([...new Uint8Array(head.buffer), ...data]).buffer
}

test('a picture is whole when one with another time comes; parameters are joined to theirs', () => {
  const joiner = new LiveJoiner()
  expect(joiner.take(unit(1_000, KEY, PARAMETERS))).toEqual([])
  expect(joiner.take(unit(1_000, KEY, [1, 2]))).toEqual([])
  expect(joiner.take(unit(1_010, AUDIO, [9]))).toEqual([])
  expect(joiner.take(unit(1_040, PREDICTED, [3]))).toEqual([
    { at_ms: 1_000, key: true, data: new Uint8Array([...PARAMETERS, 1, 2]) },
  ])
  expect(joiner.take(unit(1_080, PREDICTED, [4])).map((one) => [...one.data])).toEqual([[3]])
})

test('a key frame says its codec, and nothing is guessed where it does not', () => {
  expect(codecOf(new Uint8Array(PARAMETERS))).toBe('avc1.4d0014')
  expect(codecOf(new Uint8Array([0, 0, 1, 0x68, 1, 2, 3, ...PARAMETERS]))).toBe('avc1.4d0014')
  expect(codecOf(new Uint8Array([0, 0, 1, 0x65, 1, 2, 3, 4]))).toBe('')
  expect(codecOf(new Uint8Array([0, 0, 1, 0x67, 0x4d]))).toBe('')
})

test('a unit says when the vehicle had it, and whether it plays', () => {
  expect(aboutUnit(unit(1_000, KEY, [1]))).toEqual({ received_ms: 1_090, playable: true })
  expect(aboutUnit(unit(1_000, KEY, [1], 99)).playable).toBe(false)
})

const TOLD: CabinState = { server_ms: 0, cameras: ['1/1'], camera: '1/1', closed: false }
const LIVE: Look = {
  ended: '',
  connected: true,
  begun_ms: 0,
  told: TOLD,
  arrived_ms: 10_000,
  received_ms: 9_800,
  playable: true,
}

test('what is missing is said, the gravest first', () => {
  const word = (change: Partial<Look>, now_ms = 10_000) => lookWord({ ...LIVE, ...change }, now_ms)
  expect(word({})).toBeNull()
  expect(word({}, 10_000 + SILENT_MS)).toBeNull()
  expect(word({}, 10_001 + SILENT_MS)).toBe('silent')
  expect(word({ arrived_ms: null }, 1_000)).toBe('waiting')
  expect(word({ arrived_ms: null }, SILENT_MS + 1)).toBe('silent')
  expect(word({ playable: false })).toBe('other_codec')
  expect(word({ told: { ...TOLD, cameras: [], camera: '' } })).toBe('no_camera')
  expect(word({ told: { ...TOLD, closed: true, camera: '' } })).toBe('closed')
  expect(word({ connected: false })).toBe('lost')
  expect(word({ connected: false, told: null })).toBe('connecting')
  expect(word({ told: null })).toBe('connecting')
  expect(word({ ended: 'not_on_run', connected: false })).toBe('not_on_run')
})

test('what the crew has closed, or may not be seen any more, leaves no picture behind', () => {
  expect(keepsPicture(null)).toBe(true)
  expect(keepsPicture('silent')).toBe(true)
  expect(keepsPicture('closed')).toBe(false)
  expect(keepsPicture('not_on_run')).toBe(false)
  expect(keepsPicture('session_ended')).toBe(false)
})
