import { describe, expect, it } from 'vitest'
import { effective, type FilterChoice, filtered, NO_FILTER, Pass, sections } from './filters.ts'

const RATE_HZ = 500
const SECONDS = 60
const all = (count: number) => new Uint8Array(count).fill(1)
const wave = (hz: number, count = RATE_HZ * SECONDS) =>
  Float32Array.from({ length: count }, (_, n) => Math.sin((2 * Math.PI * hz * n) / RATE_HZ))

/** The amplitude of what is in the middle, where the ends play no part; by its power, since samples miss peaks. */
function amplitude(row: Float32Array): number {
  const middle = row.subarray(RATE_HZ * 20, RATE_HZ * 40)
  return Math.sqrt((2 * middle.reduce((sum, value) => sum + value * value, 0)) / middle.length)
}

/** What is left of a wave of 1. */
function left(hz: number, choice: Partial<FilterChoice>): number {
  const row = wave(hz)
  return amplitude(filtered(row, all(row.length), { ...NO_FILTER, ...choice }, RATE_HZ))
}

describe('what is left of a sine', () => {
  it('is nothing at the mains and all of it elsewhere', () => {
    expect(left(50, { notch_hz: 50 })).toBeLessThan(0.01)
    for (const hz of [1, 10, 40, 60, 100]) expect(left(hz, { notch_hz: 50 })).toBeGreaterThan(0.97)
  })

  it.each([0.5, 0.05] as const)('is 3 dB less at the edge of a high-pass of %s Hz', (edge) => {
    expect(left(edge, { high_pass_hz: edge })).toBeCloseTo(Math.SQRT1_2, 2)
    expect(left(edge * 20, { high_pass_hz: edge })).toBeGreaterThan(0.98)
  })

  it.each([40, 150] as const)('is 3 dB less at the edge of a low-pass of %s Hz', (edge) => {
    expect(left(edge, { low_pass_hz: edge })).toBeCloseTo(Math.SQRT1_2, 2)
    expect(left(edge / 4, { low_pass_hz: edge })).toBeGreaterThan(0.98)
    expect(left(Math.min(edge * 4, 240), { low_pass_hz: edge })).toBeLessThan(0.3)
  })

  it('is 3 dB less at the edge for one pass as well', () => {
    const pass = new Pass(sections({ ...NO_FILTER, low_pass_hz: 40 }, RATE_HZ, 1))
    expect(amplitude(wave(40).map((value) => pass.step(value)))).toBeCloseTo(Math.SQRT1_2, 2)
  })
})

describe('what a filter must not do', () => {
  const choice: FilterChoice = { notch_hz: 50, high_pass_hz: 0.5, low_pass_hz: 40 }

  it('changes no array that it was given', () => {
    const row = wave(7, 2000)
    const before = row.slice()
    const made = filtered(row, all(2000), choice, RATE_HZ)
    expect(row).toEqual(before)
    expect(made.buffer).not.toBe(row.buffer)
    expect(filtered(row, all(2000), NO_FILTER, RATE_HZ)).toEqual(before)
  })

  it('moves no peak in time', () => {
    const row = Float32Array.from({ length: 2000 }, (_, n) => Math.exp(-(((n - 1000) / 12) ** 2)))
    const made = filtered(row, all(2000), choice, RATE_HZ)
    expect(made.indexOf(Math.max(...made))).toBe(1000)
  })

  it('carries nothing across a gap', () => {
    const row = wave(3, 3000)
    const present = all(3000)
    present.fill(0, 1000, 1500)
    const other = row.slice()
    other.fill(9, 0, 1500)
    const one = filtered(row, present, choice, RATE_HZ)
    const two = filtered(other, present, choice, RATE_HZ)
    expect(one.subarray(1500)).toEqual(two.subarray(1500))
    expect(one.subarray(1000, 1500)).toEqual(row.subarray(1000, 1500))
  })

  it('bends no straight line at its ends', () => {
    const flat = new Float32Array(1000).fill(2)
    const made = filtered(flat, all(1000), { ...NO_FILTER, low_pass_hz: 40 }, RATE_HZ)
    for (const value of made) expect(value).toBeCloseTo(2, 5)
  })

  it('promises no edge that the rate has no room for', () => {
    const wide: FilterChoice = { notch_hz: 50, high_pass_hz: 0, low_pass_hz: 150 }
    expect(effective(wide, 250)).toEqual({ notch_hz: 50, high_pass_hz: 0, low_pass_hz: 0 })
    expect(effective(wide, 500)).toEqual(wide)
    expect(sections({ ...NO_FILTER, low_pass_hz: 150 }, 250, 2)).toEqual([])
  })
})
