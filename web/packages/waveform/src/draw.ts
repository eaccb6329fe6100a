/** Strokes on a canvas: paper, calibration pulse, traces and gaps. Lengths in CSS pixels. */
import { MM_A_MILLIVOLT, MM_A_SECOND } from './scale.ts'
import type { EcgWindow } from './window.ts'

export interface Ink {
  paper: string
  thin: string
  thick: string
  trace: string
  old: string
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
  old: '#8a8078',
  text: '#111111',
  gap: '#f3e3b3',
  gapLine: '#a5791c',
}
export const NIGHT: Ink = {
  paper: '#04100a',
  thin: '#08200f',
  thick: '#0f3a1f',
  trace: '#39e07a',
  old: '#1f7a45',
  text: '#9df0bd',
  gap: '#1c2a12',
  gapLine: '#c9a227',
}

let ruled: { key: string; canvas: HTMLCanvasElement } | null = null

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
  if (ruled?.key !== key) {
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const own = canvas.getContext('2d')
    if (own === null) return
    own.scale(ratio, ratio)
    rule(own, width, height, mm, ink)
    ruled = { key, canvas }
  }
  g.drawImage(ruled.canvas, 0, 0, width, height)
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
    for (let x = 0; x <= width; x += every * mm) {
      g.moveTo(x, 0)
      g.lineTo(x, height)
    }
    for (let y = 0; y <= height; y += every * mm) {
      g.moveTo(0, y)
      g.lineTo(width, y)
    }
    g.stroke()
  }
}

/** 1 mV for 0.2 s: what the reader measures the height against. */
export function pulse(g: CanvasRenderingContext2D, x: number, base: number, mm: number, ink: Ink) {
  g.strokeStyle = ink.trace
  g.lineWidth = 1.3
  g.beginPath()
  g.moveTo(x, base)
  g.lineTo(x + mm, base)
  g.lineTo(x + mm, base - MM_A_MILLIVOLT * mm)
  g.lineTo(x + 6 * mm, base - MM_A_MILLIVOLT * mm)
  g.lineTo(x + 6 * mm, base)
  g.lineTo(x + 7 * mm, base)
  g.stroke()
}

export interface Place {
  channel: number
  /** The sample at x, and one after the last one drawn. */
  from: number
  to: number
  x: number
  base: number
}

/** One lead from one sample to another; the pen is lifted wherever a sample is missing. */
export function trace(
  g: CanvasRenderingContext2D,
  window: EcgWindow,
  place: Place,
  mm: number,
  color: string,
) {
  const step = (MM_A_SECOND * mm) / window.declaration.rate_hz
  g.strokeStyle = color
  g.lineWidth = 1.3
  g.lineJoin = 'round'
  g.beginPath()
  let down = false
  for (let n = Math.max(Math.ceil(place.from), window.start); n < place.to; n++) {
    if (!window.has(n)) {
      down = false
      continue
    }
    const x = place.x + (n - place.from) * step
    const y = place.base - window.millivolt(place.channel, n) * MM_A_MILLIVOLT * mm
    if (down) g.lineTo(x, y)
    else g.moveTo(x, y)
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
  g.font = '600 12px sans-serif'
  const size = g.measureText(words).width
  const left = Math.max(x + (width - size) / 2, 2)
  g.fillStyle = ink.paper
  g.fillRect(left - 3, top + height / 2 - 9, size + 6, 18)
  g.fillStyle = ink.gapLine
  g.fillText(words, left, top + height / 2 + 4)
}

export function label(g: CanvasRenderingContext2D, words: string, x: number, y: number, ink: Ink) {
  g.font = '600 13px sans-serif'
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
