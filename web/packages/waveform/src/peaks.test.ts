import { describe, expect, it } from 'vitest'
import { middleBeat, peaks } from './peaks.ts'
import { Slice } from './slice.ts'

const RATE_HZ = 500
const BEAT_S = 0.8
const beat = (t: number) =>
  1.2 * Math.exp(-((t / 0.012) ** 2)) + 0.3 * Math.exp(-(((t - 0.25) / 0.05) ** 2))

function sliceOf(seconds: number, sign = 1): Slice {
  const declaration = {
    device_id: 'E-1',
    replay: true,
    device_ms: 0,
    rate_hz: RATE_HZ,
    channels: [{ lead: 'II', nanovolt: 1000 }],
  }
  const slice = new Slice(declaration, 0, seconds * RATE_HZ)
  slice.present.fill(1)
  slice.rows[0]?.forEach((_, n, row) => {
    const t = n / RATE_HZ
    const nearest = Math.round((t - 0.4) / BEAT_S) * BEAT_S + 0.4
    row[n] = sign * (beat(t - nearest) + beat(t - nearest + BEAT_S)) + 0.02 * Math.sin(t)
  })
  return slice
}
const wanted = (seconds: number) => {
  const all: number[] = []
  for (let t = 0.4; t < seconds; t += BEAT_S) all.push(Math.round(t * RATE_HZ))
  return all
}

describe('the beats', () => {
  it.each([1, -1])('are found where they stand, upwards and downwards (%s)', (sign) => {
    const slice = sliceOf(9.8, sign)
    const found = peaks(slice.rows[0] as Float32Array, slice.present, RATE_HZ)
    expect(found).toHaveLength(wanted(9.8).length)
    found.forEach((at, k) => {
      expect(Math.abs(at - (wanted(9.8)[k] as number))).toBeLessThanOrEqual(1)
    })
  })

  it('are none on a flat line', () => {
    const flat = new Float32Array(5000)
    expect(peaks(flat, new Uint8Array(5000).fill(1), RATE_HZ)).toEqual([])
  })

  it('make a middle one that a single odd beat does not bend', () => {
    const slice = sliceOf(10)
    for (let n = 1150; n < 1250; n++) (slice.rows[0] as Float32Array)[n] = 5
    const made = middleBeat(slice, 'II', 0.2, 0.4)
    expect(made?.rows[0]?.[made.before]).toBeCloseTo(1.2, 1)
  })

  it('leave out a beat with a gap in it', () => {
    const slice = sliceOf(10)
    const whole = middleBeat(slice, 'II', 0.2, 0.4)
    slice.present.fill(0, 1000, 1010)
    const less = middleBeat(slice, 'II', 0.2, 0.4)
    expect(less?.beats).toBe((whole?.beats ?? 0) - 1)
    expect(middleBeat(slice, 'V9', 0.2, 0.4)).toBeNull()
  })
})
