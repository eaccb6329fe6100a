/** Cabin video: how pictures lie in a segment, which stands at a moment, what to decode. Pure. */
import type { StoredSegment } from '@gh/contract'

/** As `wire/jt1078/segment.py` writes them, little endian: a head, then the picture. */
export const HEAD_BYTES = 26
export const DEVICE_MS_AT = 8
export const PAYLOAD_AT = 24
export const KIND_AT = 25
const KEY = 0
export const AUDIO = 3
/** Between the last picture of a segment and the first of the next: no gap that anybody sees. */
const JOIN_MS = 2_000
/** A decoder that is so many pictures behind goes on from a later key frame. */
const SKIP = 30

export interface Picture {
  /** By the vehicle's clock. */
  at_ms: number
  key: boolean
  data: Uint8Array
}

/** Its pictures in the order of decoding; `offset_ms`: how far the camera's clock is ahead. */
export function picturesOf(segment: ArrayBuffer, offset_ms: number): Picture[] {
  const view = new DataView(segment)
  const found: Picture[] = []
  let at = 0
  while (at + HEAD_BYTES <= view.byteLength) {
    const begin = at + HEAD_BYTES
    const end = begin + view.getUint32(at, true)
    if (end > view.byteLength) break
    const kind = view.getUint8(at + KIND_AT)
    if (kind < AUDIO) {
      const at_ms = Number(view.getBigUint64(at + DEVICE_MS_AT, true)) - offset_ms
      const data = new Uint8Array(segment, begin, end - begin)
      const last = found.at(-1)
      // Some cameras send parameters and picture apart, with one time; a decoder wants them joined.
      if (last !== undefined && last.at_ms === at_ms) {
        last.data = joined(last.data, data)
        last.key ||= kind === KEY
      } else found.push({ at_ms, key: kind === KEY, data })
    }
    at = end
  }
  return found
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** A segment on the vehicle's clock. */
export interface Stretch {
  segment: StoredSegment
  from_ms: number
  to_ms: number
}

export interface Camera {
  key: string
  device: string
  channel: number
  /** Oldest first. */
  stretches: Stretch[]
}

export function camerasOf(segments: readonly StoredSegment[]): Camera[] {
  const cameras = new Map<string, Camera>()
  for (const segment of segments) {
    const { device, channel } = segment.origin
    const key = `${device}/${channel}`
    const camera = cameras.get(key) ?? { key, device, channel, stretches: [] }
    camera.stretches.push({
      segment,
      from_ms: segment.first_device_ms - segment.clock_offset_ms,
      to_ms: segment.last_device_ms - segment.clock_offset_ms,
    })
    cameras.set(key, camera)
  }
  for (const camera of cameras.values()) camera.stretches.sort((a, b) => a.from_ms - b.from_ms)
  return [...cameras.values()].sort((a, b) => a.key.localeCompare(b.key))
}

export type Scene =
  | { kind: 'stretch'; stretch: Stretch; next: Stretch | undefined }
  | { kind: 'gap'; before_ms: number | null; after_ms: number | null }

/** What a camera has of a moment, or where its gap begins and ends. */
export function sceneAt(stretches: readonly Stretch[], at_ms: number): Scene {
  const index = stretches.findLastIndex((one) => one.from_ms <= at_ms)
  const here = stretches[index]
  const next = stretches[index + 1]
  if (here !== undefined && at_ms <= here.to_ms + JOIN_MS)
    return { kind: 'stretch', stretch: here, next }
  return { kind: 'gap', before_ms: here?.to_ms ?? null, after_ms: next?.from_ms ?? null }
}

export interface Feed {
  from: number
  to: number
  /** The decoder begins anew, with the key frame at `from`. */
  again: boolean
}

/**
 * What a decoder must be given so that the picture of a moment comes out: from up to `to`.
 * `fed`: how many pictures it has; null: none. Answers null where nothing can be shown.
 */
export function feedOf(
  pictures: readonly Picture[],
  fed: number | null,
  at_ms: number,
): Feed | null {
  const to = pictures.findLastIndex((one) => one.at_ms <= at_ms) + 1
  const key = pictures.slice(0, to).findLastIndex((one) => one.key)
  if (key < 0) return null
  if (fed === null || to < fed || key > fed + SKIP) return { from: key, to, again: true }
  return { from: fed, to, again: false }
}
