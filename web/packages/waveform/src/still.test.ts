import type { DrawnEcg, KnownEcg } from '@gh/contract'
import { describe, expect, it } from 'vitest'
import { paperOf } from './layout.ts'
import { pairScale } from './pair.tsx'
import { beginOf, stillSlice } from './still.ts'

const ECG: KnownEcg = {
  id: 'p1/file/ab',
  incident_id: 'i1',
  number: '20260713-0001',
  earlier: true,
  source: 'file',
  at_ms: 1_000_000,
  received_ms: 5_000_000,
  lasts_ms: 10_000,
  device: 'HOUSE-3',
  name: 'old.edf',
  test: false,
}
const drawn = (change: Partial<DrawnEcg> = {}): DrawnEcg => ({
  ecg: ECG,
  from_ms: 0,
  rate_hz: 250,
  leads: [
    { lead: 'I', nanovolt: 5_000, zero_nanovolt: 0, values: [200, null, -100, null] },
    { lead: 'V6', nanovolt: -2_500, zero_nanovolt: 1_000_000, values: [null, null, 400, 0] },
  ],
  measured: null,
  recorded: false,
  ...change,
})

describe('a recording that is over', () => {
  it('is drawn in millivolts, by its own unit and zero', () => {
    const slice = stillSlice(drawn())
    expect(slice.rows[0]?.[0]).toBeCloseTo(1)
    expect(slice.rows[0]?.[2]).toBeCloseTo(-0.5)
    expect(slice.rows[1]?.[2]).toBeCloseTo(0)
    expect(slice.rows[1]?.[3]).toBeCloseTo(1)
    expect(slice.lead('V6')).toBe(1)
  })

  it('is missing where no lead was measured, and has no number where one was not', () => {
    const slice = stillSlice(drawn())
    expect(slice.gaps()).toEqual([[1, 2]])
    expect(slice.rows[0]?.[3]).toBeNaN()
    expect(slice.rows[1]?.[0]).toBeNaN()
  })

  it('begins by its device, or when it came where the file does not say', () => {
    expect(beginOf(drawn({ from_ms: 10_000 }))).toBe(1_010_000)
    expect(beginOf(drawn({ ecg: { ...ECG, at_ms: null } }))).toBe(5_000_000)
  })

  it('has nothing to draw where its samples are gone', () => {
    const slice = stillSlice(drawn({ leads: [], rate_hz: 0 }))
    expect([slice.count, slice.rows.length, slice.gaps()]).toEqual([0, 0, []])
  })
})

describe('two papers', () => {
  it('share one scale, by which the whole ten seconds stand on each', () => {
    for (const fit of [true, false]) {
      const { px_a_mm, width_px } = pairScale({ layout: '3x4', speed: 50, fit }, 700, 500, 3.78)
      expect(px_a_mm).toBe(fit ? 700 / 259 : 3.78)
      const paper = paperOf('3x4', width_px / px_a_mm, 500 / px_a_mm, 50, 10)
      expect(paper.seconds).toBeCloseTo(10, 5)
    }
  })
})
