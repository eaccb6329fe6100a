/** Twelve leads as on paper: 3 x 4 and a rhythm strip, moving on by whole seconds. */
import { t } from '@gh/i18n'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { gapBand, grid, type Ink, label, NIGHT, PAPER, prepare, pulse, trace } from './draw.ts'
import type { EcgState } from './feed.ts'
import { MM_A_SECOND, onCalibration, pxPerMm } from './scale.ts'
import type { EcgWindow } from './window.ts'

const COLUMNS = [
  ['I', 'II', 'III'],
  ['aVR', 'aVL', 'aVF'],
  ['V1', 'V2', 'V3'],
  ['V4', 'V5', 'V6'],
]
const RHYTHM = 'II'
const ROWS = 4
const PULSE_MM = 8

export const gapText = (samples: number, rate_hz: number): string =>
  t('ecg.gap', { s: (samples / rate_hz).toFixed(1) })

export function drawPaper(
  g: CanvasRenderingContext2D,
  width: number,
  height: number,
  mm: number,
  window: EcgWindow,
  ink: Ink,
): void {
  const rate = window.declaration.rate_hz
  grid(g, width, height, mm, ink)
  const left = PULSE_MM * mm
  const seconds = (width - left) / mm / MM_A_SECOND
  const second = Math.max(Math.floor(rate), 1)
  const end = Math.floor(window.end / second) * second
  const from = end - seconds * rate
  const quarter = (seconds * rate) / COLUMNS.length
  const x = (sample: number) => left + ((sample - from) / rate) * MM_A_SECOND * mm
  const base = (row: number) => (height / ROWS) * (row + 0.62)
  for (const [first, last] of window.gaps(Math.floor(from), end)) {
    gapBand(g, x(first), x(last) - x(first), 0, height, gapText(last - first, rate), ink)
  }
  for (let row = 0; row < ROWS; row++) pulse(g, 0, base(row), mm, ink)
  COLUMNS.forEach((leads, column) => {
    leads.forEach((lead, row) => {
      const at = from + column * quarter
      const place = { channel: window.lead(lead), from: at, to: at + quarter, x: x(at) }
      if (place.channel >= 0) trace(g, window, { ...place, base: base(row) }, mm, ink.trace)
      label(g, lead, x(at) + 4, base(row) - (height / ROWS) * 0.42, ink)
    })
  })
  const channel = window.lead(RHYTHM)
  const strip = { channel, from, to: end, x: left, base: base(ROWS - 1) }
  if (channel >= 0) trace(g, window, strip, mm, ink.trace)
  label(g, RHYTHM, left + 4, base(ROWS - 1) - (height / ROWS) * 0.42, ink)
}

export function EcgPaper({ state, dark }: { state: EcgState; dark: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const mm = useSyncExternalStore(onCalibration, pxPerMm)
  const { window } = state
  // It stands still for a second at a time, unless something late has come for it.
  const second = window === null ? 0 : Math.floor(window.end / window.declaration.rate_hz)
  const late = window?.late ?? 0
  useEffect(() => {
    const element = canvas.current
    if (element === null || window === null || second + late === 0) return
    const watch = new ResizeObserver(() => {
      const on = prepare(element)
      if (on) drawPaper(on.g, on.width, on.height, mm, window, dark ? NIGHT : PAPER)
    })
    watch.observe(element) // it calls at once, and again at every new size
    return () => watch.disconnect()
  }, [window, second, late, mm, dark])
  return <canvas ref={canvas} className="ecg-canvas" role="img" aria-label={t('ecg.paper_label')} />
}
