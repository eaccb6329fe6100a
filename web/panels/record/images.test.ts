import { expect, test } from 'vitest'
import { deviceTime, frameAt, lengthOf } from './images.ts'

const REGION = { left: 10, top: 20, right: 109, bottom: 119, mm_per_px_x: 0.5, mm_per_px_y: 0.25 }
const OTHER = { left: 200, top: 20, right: 299, bottom: 119, mm_per_px_x: 2, mm_per_px_y: 2 }

test('a line within a calibrated region is measured in millimetres, by both directions', () => {
  const line = { from: { x: 20, y: 30 }, to: { x: 26, y: 46 } }
  expect(lengthOf(line, [REGION, OTHER])).toEqual({ unit: 'mm', n: 5 })
})

test('a line that leaves its region, or has none, is never given in millimetres', () => {
  const across = { from: { x: 20, y: 30 }, to: { x: 220, y: 30 } }
  expect(lengthOf(across, [REGION, OTHER])).toEqual({ unit: 'px', n: 200 })
  expect(lengthOf({ from: { x: 0, y: 0 }, to: { x: 3, y: 4 } }, [])).toEqual({ unit: 'px', n: 5 })
})

test('the last pixel of a region belongs to it, the next one does not', () => {
  const from = { x: 109.9, y: 30 }
  expect(lengthOf({ from, to: { x: 109.9, y: 119.9 } }, [REGION]).unit).toBe('mm')
  expect(lengthOf({ from, to: { x: 110, y: 50 } }, [REGION]).unit).toBe('px')
})

test('a loop begins again after its last frame', () => {
  expect([0, 49, 50, 149, 150].map((ms) => frameAt(1, ms, 50, 3))).toEqual([1, 1, 2, 0, 1])
})

test('a device time is shown as the device wrote it', () => {
  expect(deviceTime('20261126193015')).toBe('11-26 19:30:15')
  expect(deviceTime('')).toBe('')
})
