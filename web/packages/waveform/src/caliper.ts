/** What lies between two points of the paper, and the same interval marched on. */
import type { Gain } from './layout.ts'

/** A time of the record and a height on the paper, downwards as the paper is read. */
export interface Point {
  at_ms: number
  y_mm: number
}

export interface Measure {
  ms: number
  /** Upwards is positive, from the first point to the second. */
  mm: number
  mv: number
  /** Beats a minute if this is one beat; null where that would mean nothing. */
  bpm: number | null
}

/** Shorter than any beat: a march of it would paint the paper full. */
export const LEAST_BEAT_MS = 150

export function measure(from: Point, to: Point, gain: Gain): Measure {
  const ms = Math.abs(to.at_ms - from.at_ms)
  const mm = from.y_mm - to.y_mm
  return { ms, mm, mv: mm / gain, bpm: ms < LEAST_BEAT_MS ? null : 60_000 / ms }
}

/** Every place of the interval between two times, in both directions, as long as the paper. */
export function march(from: Point, to: Point, begin_ms: number, end_ms: number): number[] {
  const step = Math.abs(to.at_ms - from.at_ms)
  if (step < LEAST_BEAT_MS) return []
  const first = Math.ceil((begin_ms - from.at_ms) / step)
  const last = Math.floor((end_ms - from.at_ms) / step)
  return Array.from(
    { length: Math.max(last - first + 1, 0) },
    (_, k) => from.at_ms + (first + k) * step,
  )
}
