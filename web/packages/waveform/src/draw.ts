/** Strokes on a canvas: paper, calibration pulse, traces and gaps. Lengths in CSS pixels. */
import { PULSE_S } from './layout.ts'
import type { Slice } from './slice.ts'

export const FONT = '"Noto Sans SC", sans-serif'

export interface Ink {
  paper: string
  thin: string
  thick: string
  trace: string
  text: string
  gap: string
  gapLine: string
}

/** Black on cream, as paper is read; and green on black, as a monitor is watched. */
export const PAPER: Ink = {
  paper: '#fff9ee',
  thin: '#f6d9cf',
  thick: '#e9ab9c',
  trace: '#111111',
  text: '#111111',
  gap: '#f3e3b3',
  gapLine: '#a5791c',
}
export const NIGHT: Ink = {
  paper: '#04100a',
  thin: '#08200f',
  thick: '#0f3a1f',
  trace: '#39e07a',
  text: '#9df0bd',
  gap: '#1c2a12',
  gapLine: '#c9a227',
}

/** A page shows few sizes of paper at a time: a panel, a full screen, two windows of a comparison. */
const RULED = 4
const ruled = new Map<string, HTMLCanvasElement>()

/** The paper; ruled once for each size, since thousands of strokes a frame warm a tablet. */
export function grid(
  g: CanvasRenderingContext2D,
  width: number,
  height: number,
  mm: number,
  ink: Ink,
): void {
  const ratio = globalThis.devicePixelRatio || 1
  const key = [width, height, mm, ink.paper, ratio].join()
  let canvas = ruled.get(key)
  if (canvas === undefined) {
    canvas = document.createElement('canvas')
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const own = canvas.getContext('2d')
    if (own === null) return
    own.scale(ratio, ratio)
    rule(own, width, height, mm, ink)
  }
  ruled.delete(key)
  ruled.set(key, canvas)
  for (const oldest of [...ruled.keys()].slice(0, -RULED)) ruled.delete(oldest)
  g.drawImage(canvas, 0, 0, width, height)
}

function rule(
  g: CanvasRenderingContext2D,
  width: number,
  height: number,
  mm: number,
  ink: Ink,
): void {
  g.fillStyle = ink.paper
  g.fillRect(0, 0, width, height)
  for (const [every, color, line] of [
    [1, ink.thin, 0.5],
    [5, ink.thick, 0.8],
  ] as const) {
    g.strokeStyle = color
    g.lineWidth = line
    g.beginPath()
    for (let k = 0; k * every * mm <= width; k++) {
      g.moveTo(k * every * mm, 0)
      g.lineTo(k * every * mm, height)
    }
    for (let k = 0; k * every * mm <= height; k++) {
      g.moveTo(0, k * every * mm)
      g.lineTo(width, k * every * mm)
    }
    g.stroke()
  }
}

/** How long a second and how high a millivolt is drawn, in pixels. */
export interface Scale {
  px_a_s: number
  px_a_mv: number
}

const LINE = 1.3

/** 1 mV for 0.2 s: what the reader measures the height against. */
export function pulse(
  g: CanvasRenderingContext2D,
  x: number,
  base: number,
  { px_a_s, px_a_mv }: Scale,
  ink: Ink,
) {
  const wide = PULSE_S * px_a_s
  const foot = wide / 5
  g.strokeStyle = ink.trace
  g.lineWidth = LINE
  g.beginPath()
  g.moveTo(x, base)
  g.lineTo(x + foot, base)
  g.lineTo(x + foot, base - px_a_mv)
  g.lineTo(x + foot + wide, base - px_a_mv)
  g.lineTo(x + foot + wide, base)
  g.lineTo(x + 2 * foot + wide, base)
  g.stroke()
}

/** One lead between two times, the first one at x; the pen is lifted wherever a sample is missing. */
export function trace(
  g: CanvasRenderingContext2D,
  slice: Slice,
  lead: string,
  from_ms: number,
  to_ms: number,
  x: number,
  base: number,
  { px_a_s, px_a_mv }: Scale,
  color: string,
) {
  const row = slice.rows[slice.lead(lead)]
  if (row === undefined) return
  const step = px_a_s / slice.declaration.rate_hz
  const begin = slice.sampleAt(from_ms)
  const end = Math.min(slice.sampleAt(to_ms), slice.count)
  g.strokeStyle = color
  g.lineWidth = LINE
  g.lineJoin = 'round'
  g.beginPath()
  let down = false
  for (let n = Math.max(Math.ceil(begin), 0); n < end; n++) {
    // What one lead alone lacks is no number in its row.
    if (slice.present[n] === 0 || Number.isNaN(row[n])) {
      down = false
      continue
    }
    const at = x + (n - begin) * step
    const y = base - (row[n] as number) * px_a_mv
    if (down) g.lineTo(at, y)
    else g.moveTo(at, y)
    down = true
  }
  g.stroke()
}

/** A hatched band with its length in words: never a line where nothing was measured. */
export function gapBand(
  g: CanvasRenderingContext2D,
  x: number,
  width: number,
  top: number,
  height: number,
  words: string,
  ink: Ink,
) {
  g.save()
  g.beginPath()
  g.rect(x, top, width, height)
  g.clip()
  g.fillStyle = ink.gap
  g.fillRect(x, top, width, height)
  g.strokeStyle = ink.gapLine
  g.globalAlpha = 0.55
  g.lineWidth = 1
  g.beginPath()
  for (let at = x - height; at < x + width; at += 7) {
    g.moveTo(at, top + height)
    g.lineTo(at + height, top)
  }
  g.stroke()
  g.globalAlpha = 1
  g.strokeRect(x + 0.5, top - 1, width - 1, height + 2)
  g.restore()
  g.font = `600 12px ${FONT}`
  const size = g.measureText(words).width
  const left = Math.max(x + (width - size) / 2, 2)
  g.fillStyle = ink.paper
  g.fillRect(left - 3, top + height / 2 - 9, size + 6, 18)
  g.fillStyle = ink.gapLine
  g.fillText(words, left, top + height / 2 + 4)
}

/** A lead's name, on a patch of paper so that no trace runs through it. */
export function label(g: CanvasRenderingContext2D, words: string, x: number, y: number, ink: Ink) {
  g.font = `600 13px ${FONT}`
  g.globalAlpha = 0.82
  g.fillStyle = ink.paper
  g.fillRect(x - 2, y - 12, g.measureText(words).width + 4, 15)
  g.globalAlpha = 1
  g.fillStyle = ink.text
  g.fillText(words, x, y)
}

/** A canvas as sharp as the screen: its own pixels, our lengths. */
export function prepare(canvas: HTMLCanvasElement): {
  g: CanvasRenderingContext2D
  width: number
  height: number
} | null {
  const ratio = globalThis.devicePixelRatio || 1
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  const g = canvas.getContext('2d')
  if (g === null || width === 0 || height === 0) return null
  const across = Math.round(width * ratio)
  const down = Math.round(height * ratio)
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across
    canvas.height = down
  }
  g.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { g, width, height }
}
