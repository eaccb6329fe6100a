/**
 * How large a millimetre is on this screen.
 *
 * A browser's own millimetre is a convention (96 px an inch) that no screen keeps. So the reader
 * holds a ruler to the screen once; the factor is kept on this device.
 */
export const MM_A_SECOND = 25
export const MM_A_MILLIVOLT = 10
const CSS_PX_A_MM = 96 / 25.4
const KEY = 'gh.ecg.calibration'
export const LEAST_FACTOR = 0.5
export const GREATEST_FACTOR = 2

const listeners = new Set<() => void>()
let factor: number | null = read()

function read(): number | null {
  try {
    const value = Number(localStorage.getItem(KEY) ?? '')
    return value >= LEAST_FACTOR && value <= GREATEST_FACTOR ? value : null
  } catch {
    return null
  }
}

export const isCalibrated = (): boolean => factor !== null

/** CSS pixels of one millimetre. */
export const pxPerMm = (): number => CSS_PX_A_MM * (factor ?? 1)

/** `next` is how much longer than a convention's millimetre this screen's must be drawn. */
export function calibrate(next: number): void {
  factor = Math.min(Math.max(next, LEAST_FACTOR), GREATEST_FACTOR)
  try {
    localStorage.setItem(KEY, String(factor))
  } catch {
    // A locked-down browser keeps it for this page only.
  }
  for (const listener of listeners) listener()
}

export function onCalibration(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
