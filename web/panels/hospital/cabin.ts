/** The cabin live, what of it is pure: pictures out of messages, and what is said instead of one. */
import type { CabinState } from '@gh/contract'
import { type Picture, picturesOf } from '../review/cabin.ts'

/** As `wire/jt1078/segment.py` writes a unit, little endian. */
const RECEIVED_MS_AT = 16
const TYPE_AT = 24
const H264 = 98
/** A picture that is so old is no view of the cabin any more. */
export const SILENT_MS = 5_000

const START = [0, 0, 1]
const NAL_TYPE = 0x1f
const PARAMETERS = 7

/** What a browser must know before it decodes H.264, out of a key frame; empty: it is not told. */
export function codecOf(data: Uint8Array): string {
  for (let at = 0; at + 6 < data.length; at++) {
    if (!START.every((byte, place) => data[at + place] === byte)) continue
    if (((data[at + 3] ?? 0) & NAL_TYPE) !== PARAMETERS) continue
    const told = [...data.subarray(at + 4, at + 7)]
    return `avc1.${told.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
  return ''
}

/** When the vehicle had it, by the centre's clock; and whether browsers play it. */
export function aboutUnit(unit: ArrayBuffer): { received_ms: number; playable: boolean } {
  const view = new DataView(unit)
  return {
    received_ms: Number(view.getBigUint64(RECEIVED_MS_AT, true)),
    playable: view.getUint8(TYPE_AT) === H264,
  }
}

/**
 * Some cameras send parameters and picture apart, with one time; a decoder wants them joined. So a
 * picture is whole when one with another time comes: it is shown one picture later.
 */
export class LiveJoiner {
  #last: Picture | undefined

  take(unit: ArrayBuffer): Picture[] {
    const whole: Picture[] = []
    for (const picture of picturesOf(unit, 0)) {
      const last = this.#last
      if (last !== undefined && last.at_ms === picture.at_ms) {
        const data = new Uint8Array(last.data.length + picture.data.length)
        data.set(last.data)
        data.set(picture.data, last.data.length)
        this.#last = { at_ms: last.at_ms, key: last.key || picture.key, data }
      } else {
        if (last !== undefined) whole.push(last)
        this.#last = picture
      }
    }
    return whole
  }
}

export interface Look {
  /** Why the centre has ended it; empty: it has not. */
  ended: '' | 'not_on_run' | 'session_ended'
  connected: boolean
  /** By the server's clock, as all times here. */
  begun_ms: number
  told: CabinState | null
  /** When the newest picture came here; null: none yet. */
  arrived_ms: number | null
  /** When the vehicle had it. */
  received_ms: number | null
  playable: boolean
}

export type LookWord =
  | 'not_on_run'
  | 'session_ended'
  | 'connecting'
  | 'lost'
  | 'closed'
  | 'no_camera'
  | 'other_codec'
  | 'waiting'
  | 'silent'

/** What is said of the picture; null: it is live. */
export function lookWord(look: Look, now_ms: number): LookWord | null {
  if (look.ended !== '') return look.ended
  if (!look.connected) return look.told === null ? 'connecting' : 'lost'
  if (look.told === null) return 'connecting'
  if (look.told.closed) return 'closed'
  if (look.told.camera === '') return 'no_camera'
  if (!look.playable) return 'other_codec'
  if (now_ms - (look.arrived_ms ?? look.begun_ms) > SILENT_MS) return 'silent'
  return look.arrived_ms === null ? 'waiting' : null
}

/** The last picture stays only where it may and still says something: it is marked as old then. */
export const keepsPicture = (word: LookWord | null): boolean =>
  word === null || word === 'silent' || word === 'lost'
