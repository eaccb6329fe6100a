/** One lead as on a monitor: the pen goes from left to right and writes over the last round. */
import { t } from '@gh/i18n'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { gapBand, grid, type Ink, NIGHT, prepare, trace } from './draw.ts'
import type { EcgState } from './feed.ts'
import { gapText } from './paper.tsx'
import { MM_A_SECOND, onCalibration, pxPerMm } from './scale.ts'
import type { EcgWindow } from './window.ts'

const BEHIND_S = 0.3
/** The pen stays so far behind the newest sample that packets arrive before it needs them. */
const CATCH_UP = 0.05
const LOST_S = 1
const WIPED_MM = 6

/** Where the pen is after `passed_s`: it glides, never passes what is here, and jumps when it lost. */
export function penAfter(pen: number, end: number, rate_hz: number, passed_s: number): number {
  const wanted = end - BEHIND_S * rate_hz
  const moved = pen + passed_s * rate_hz
  if (Math.abs(wanted - moved) > LOST_S * rate_hz) return wanted
  return Math.min(moved + (wanted - moved) * CATCH_UP, end)
}

export function drawSweep(
  g: CanvasRenderingContext2D,
  width: number,
  height: number,
  mm: number,
  window: EcgWindow,
  lead: string,
  pen: number,
  ink: Ink,
): void {
  const rate = window.declaration.rate_hz
  const step = (MM_A_SECOND * mm) / rate
  const round = width / step
  const begun = Math.floor(pen / round) * round
  const wiped = (WIPED_MM * mm) / step
  const base = height * 0.62
  grid(g, width, height, mm, ink)
  const channel = window.lead(lead)
  if (channel < 0) return
  const rounds = [
    { from: begun - round, to: begun, shown: pen - round + wiped, color: ink.old },
    { from: begun, to: pen, shown: begun, color: ink.trace },
  ]
  for (const { from, to, shown, color } of rounds) {
    for (const [first, last] of window.gaps(Math.ceil(shown), Math.floor(to))) {
      const words = gapText(last - first, rate)
      gapBand(g, (first - from) * step, (last - first) * step, 0, height, words, ink)
    }
    const x = (shown - from) * step
    trace(g, window, { channel, from: shown, to, x, base }, mm, color)
  }
  g.strokeStyle = ink.text
  g.lineWidth = 1.5
  g.beginPath()
  g.moveTo((pen - begun) * step, 0)
  g.lineTo((pen - begun) * step, height)
  g.stroke()
}

export function EcgSweep({ state, lead }: { state: EcgState; lead: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const mm = useSyncExternalStore(onCalibration, pxPerMm)
  const { window } = state
  useEffect(() => {
    const element = canvas.current
    if (element === null || window === null) return
    let pen = window.end
    let last = performance.now()
    let frame = 0
    const draw = (now: number) => {
      pen = penAfter(pen, window.end, window.declaration.rate_hz, (now - last) / 1000)
      last = now
      const on = prepare(element)
      if (on) drawSweep(on.g, on.width, on.height, mm, window, lead, pen, NIGHT)
      frame = requestAnimationFrame(draw)
    }
    frame = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(frame)
  }, [window, lead, mm])
  return (
    <canvas
      ref={canvas}
      className="ecg-canvas"
      role="img"
      aria-label={t('ecg.sweep_label', { lead })}
    />
  )
}
