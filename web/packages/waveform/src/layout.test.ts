import { describe, expect, it } from 'vitest'
import { march, measure } from './caliper.ts'
import { fitPxPerMm, LAYOUT_NAMES, leadAt, paperOf, TIMES_MM, TWELVE, ticks } from './layout.ts'

describe('the paper', () => {
  it('holds ten seconds of 3 x 4 and a rhythm strip on 259 mm', () => {
    const paper = paperOf('3x4', 259, 105, 25)
    expect(paper.seconds).toBe(10)
    expect(paper.rows).toBe(4)
    expect(paper.strips.map((strip) => strip.lead)).toEqual([
      ...['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'],
      'II',
    ])
    const v4 = paper.strips.find((strip) => strip.lead === 'V4')
    expect([v4?.from_s, v4?.to_s, v4?.row]).toEqual([7.5, 10, 0])
    expect(paper.strips.at(-1)).toMatchObject({ from_s: 0, to_s: 10, row: 3 })
  })

  it('holds half the time at twice the speed', () => {
    expect(paperOf('12x1', 264, 180, 50).seconds).toBe(5)
    expect(paperOf('12x1', 1000, 180, 25, 10).seconds).toBe(10)
  })

  it.each(LAYOUT_NAMES)('has every lead of %s once, and each row on a line', (name) => {
    const paper = paperOf(name, 260, 190, 25)
    expect(new Set(paper.strips.map((strip) => strip.lead))).toEqual(new Set(TWELVE))
    for (const strip of paper.strips) {
      expect(Number.isInteger(strip.base_mm)).toBe(true)
      expect(strip.base_mm).toBeGreaterThan(strip.top_mm)
      expect(strip.base_mm).toBeLessThan(190)
      expect(strip.top_mm).toBeGreaterThanOrEqual(TIMES_MM)
    }
    for (let column = 0; column < 4; column++) {
      const tops = paper.strips.filter((s) => s.column === column).map((s) => s.top_mm)
      expect(tops).toEqual([...tops].sort((a, b) => a - b))
    }
  })

  it('fits a screen by its width, by its height, and never below what can be read', () => {
    expect(fitPxPerMm('3x4', 2590, 5000)).toBe(10)
    expect(fitPxPerMm('12x1', 5000, 5 * 161)).toBeCloseTo(5)
    expect(fitPxPerMm('3x4', 390, 500)).toBe(2.6)
  })

  it('carries a time at whole seconds', () => {
    expect(ticks(900, 3100, 100)).toEqual([1000, 2000, 3000])
    expect(ticks(900, 11_000, 20)).toEqual([5000, 10_000])
  })
})

describe('the calipers', () => {
  const from = { at_ms: 1000, y_mm: 30 }

  it('read time, height and rate', () => {
    expect(measure(from, { at_ms: 1800, y_mm: 15 }, 10)).toEqual({
      ms: 800,
      mm: 15,
      mv: 1.5,
      bpm: 75,
    })
    expect(measure(from, { at_ms: 400, y_mm: 35 }, 20)).toEqual({
      ms: 600,
      mm: -5,
      mv: -0.25,
      bpm: 100,
    })
  })

  it('give no rate where no beat could be', () => {
    expect(measure(from, { at_ms: 1080, y_mm: 30 }, 5).bpm).toBeNull()
  })

  it('march both ways over the whole paper and never without end', () => {
    expect(march(from, { at_ms: 1500, y_mm: 0 }, 0, 2600)).toEqual([0, 500, 1000, 1500, 2000, 2500])
    expect(march(from, { at_ms: 1001, y_mm: 0 }, 0, 60_000)).toEqual([])
    expect(march(from, { at_ms: 200, y_mm: 0 }, 900, 2700)).toEqual([1000, 1800, 2600])
  })
})

describe('a chest lead whose electrode was moved', () => {
  const channels = (...leads: string[]) => leads.map((lead) => ({ lead }))
  const limb = TWELVE.slice(0, 6)

  it('gives its place to the lead that it is now, and its name to none', () => {
    const at = leadAt(channels(...limb, 'V1', 'V2', 'V3', 'V7', 'V8', 'V9'))
    expect(['V3', 'V4', 'V5', 'V6', 'II'].map(at)).toEqual(['V3', 'V7', 'V8', 'V9', 'II'])
  })

  it('leaves twelve leads where they are, whatever else the device has', () => {
    const at = leadAt(channels(...TWELVE, 'V7', 'X'))
    expect(TWELVE.map(at)).toEqual(TWELVE)
    expect(leadAt(channels('II', 'MCL1'))('V1')).toBe('V1')
  })
})
