/** Where the beats are, only to lay two windows over one another. It measures and judges nothing. */
import type { Slice } from './slice.ts'

const SMOOTH_S = 0.12
const REFRACTORY_S = 0.24
/** Of the steepest beats' energy: lower is a T wave. */
const SHARE = 0.3

/** Samples of the R peaks (or of the deepest S, where a lead points down). */
export function peaks(row: Float32Array, present: Uint8Array, rate_hz: number): number[] {
  const half = Math.max(Math.round((SMOOTH_S * rate_hz) / 2), 1)
  const sums = new Float64Array(row.length + 1)
  for (let n = 1; n <= row.length; n++) {
    const whole = n > 1 && n < row.length && present[n] === 1 && present[n - 2] === 1
    const slope = whole ? (row[n] as number) - (row[n - 2] as number) : 0
    sums[n] = (sums[n - 1] as number) + slope * slope
  }
  const energy = row.map((_, n) => {
    const to = Math.min(n + half, row.length)
    return (sums[to] as number) - (sums[Math.max(n - half, 0)] as number)
  })
  const sorted = [...energy].sort((a, b) => a - b)
  const limit = SHARE * (sorted[Math.floor(sorted.length * 0.97)] ?? 0)
  if (limit <= 0) return []
  const found: number[] = []
  for (let n = 0; n < row.length; n++) {
    if ((energy[n] as number) < limit) continue
    const from = n
    while (n < row.length && (energy[n] as number) >= limit) n += 1
    const level = middleOf(row.subarray(from, n))
    let best = from
    for (let k = from; k < n; k++) {
      if (
        present[k] === 1 &&
        Math.abs((row[k] as number) - level) > Math.abs((row[best] as number) - level)
      ) {
        best = k
      }
    }
    const last = found.at(-1)
    if (last === undefined || best - last > REFRACTORY_S * rate_hz) found.push(best)
  }
  return found
}

function middleOf(values: Float32Array | number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

export interface Beat {
  leads: string[]
  /** One array a lead, in millivolts, all of one length. */
  rows: Float32Array[]
  /** Samples before the peak. */
  before: number
  rate_hz: number
  /** How many beats it is the middle of. */
  beats: number
}

/** The middle beat of a slice, sample by sample; a beat with a gap in it does not count. */
export function middleBeat(
  slice: Slice,
  lead: string,
  before_s: number,
  after_s: number,
): Beat | null {
  const rate_hz = slice.declaration.rate_hz
  const channel = slice.rows[slice.lead(lead)]
  if (channel === undefined) return null
  const before = Math.round(before_s * rate_hz)
  const size = before + Math.round(after_s * rate_hz)
  const starts = peaks(channel, slice.present, rate_hz)
    .map((peak) => peak - before)
    .filter((from) => from >= 0 && from + size <= slice.count)
    .filter((from) => slice.present.subarray(from, from + size).every((here) => here === 1))
  if (starts.length === 0) return null
  const rows = slice.rows.map((row) =>
    Float32Array.from({ length: size }, (_, n) =>
      middleOf(starts.map((from) => row[from + n] as number)),
    ),
  )
  const leads = slice.declaration.channels.map((one) => one.lead)
  return { leads, rows, before, rate_hz, beats: starts.length }
}
