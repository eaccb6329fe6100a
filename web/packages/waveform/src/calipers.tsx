/** Two pairs of points on the paper: one measures, the other marches its interval on. */
import { t } from '@gh/i18n'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { march, measure, type Point } from './caliper.ts'
import type { Gain, Paper } from './layout.ts'

export type Tool = 'pan' | 'caliper' | 'march'
export interface Pair {
  from: Point
  to: Point
}
export type Pairs = Readonly<Record<'caliper' | 'march', Pair | null>>
export const NO_PAIRS: Pairs = { caliper: null, march: null }

/** A pair in the middle of the paper, for whoever has no pointer. */
export const pairAt = (paper: Paper, from_ms: number): Pair => {
  const middle = from_ms + paper.seconds * 500
  const y_mm = Math.round(paper.height_mm / 2)
  return { from: { at_ms: middle - 400, y_mm }, to: { at_ms: middle + 400, y_mm: y_mm - 10 } }
}

interface Props {
  paper: Paper
  px_a_mm: number
  from_ms: number
  gain: Gain
  tool: Tool
  pairs: Pairs
  onPair: (which: 'caliper' | 'march', pair: Pair) => void
  /** The paper was pulled: how many milliseconds further back it shall show. */
  onPull: (back_ms: number) => void
}

const KEY_MS = 10
const KEY_MM = 0.5
const BOLD = 5

export function Calipers({ paper, px_a_mm, from_ms, gain, tool, pairs, onPair, onPull }: Props) {
  const held = useRef<{ point: Point; x: number } | null>(null)
  const width = paper.width_mm * px_a_mm
  const height = paper.height_mm * px_a_mm
  const x = (at_ms: number) => (paper.left_mm + ((at_ms - from_ms) / 1000) * paper.speed) * px_a_mm
  const pointAt = (event: PointerEvent<SVGSVGElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect()
    const mm = (event.clientX - box.left) / px_a_mm - paper.left_mm
    return {
      at_ms: from_ms + (mm / paper.speed) * 1000,
      y_mm: (event.clientY - box.top) / px_a_mm,
    }
  }
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const begun = held.current
    if (begun === null) return
    if (tool === 'pan') {
      const moved_mm = (event.clientX - begun.x) / px_a_mm
      held.current = { ...begun, x: event.clientX }
      onPull((moved_mm / paper.speed) * 1000)
    } else onPair(tool, { from: begun.point, to: pointAt(event) })
  }
  return (
    <svg
      className={`ecg-calipers ${tool}`}
      width={width}
      height={height}
      data-testid="calipers"
      role="application"
      aria-label={t('ecg.calipers')}
      onPointerDown={(event) => {
        // A handle has the keyboard only; a drag always sets a new pair.
        event.currentTarget.setPointerCapture(event.pointerId)
        held.current = { point: pointAt(event), x: event.clientX }
      }}
      onPointerMove={move}
      onPointerUp={() => {
        held.current = null
      }}
      onPointerCancel={() => {
        held.current = null
      }}
    >
      {pairs.march && (
        <g className="ecg-march">
          {march(pairs.march.from, pairs.march.to, from_ms, from_ms + paper.seconds * 1000).map(
            (at) => (
              <line key={at} x1={x(at)} x2={x(at)} y1={0} y2={height} data-testid="march-line" />
            ),
          )}
          <PairMarks
            which="march"
            pair={pairs.march}
            {...{ x, px_a_mm, width, height, gain, onPair }}
          />
        </g>
      )}
      {pairs.caliper && (
        <g className="ecg-caliper">
          <PairMarks
            which="caliper"
            pair={pairs.caliper}
            {...{ x, px_a_mm, width, height, gain, onPair }}
          />
        </g>
      )}
    </svg>
  )
}

interface MarksProps {
  which: 'caliper' | 'march'
  pair: Pair
  x: (at_ms: number) => number
  px_a_mm: number
  width: number
  height: number
  gain: Gain
  onPair: (which: 'caliper' | 'march', pair: Pair) => void
}

/** 820 ms · 73 /min, and for the caliper also 1.25 mV · 12.5 mm. */
export function measureText(which: 'caliper' | 'march', pair: Pair, gain: Gain): string {
  const { ms, mm, mv, bpm } = measure(pair.from, pair.to, gain)
  const rate = bpm === null ? '' : ` · ${t('ecg.bpm', { n: Math.round(bpm) })}`
  const time = `${Math.round(ms)} ms${rate}`
  const sign = mm < 0 ? '−' : '+'
  if (which === 'march') return time
  return `${time} · ${sign}${Math.abs(mv).toFixed(2)} mV (${sign}${Math.abs(mm).toFixed(1)} mm)`
}

const NOTE_PX = { wide: 300, narrow: 136, height: 24 }

function PairMarks({ which, pair, x, px_a_mm, width, height, gain, onPair }: MarksProps) {
  const { from, to } = pair
  const [x1, x2] = [x(from.at_ms), x(to.at_ms)]
  const [y1, y2] = [from.y_mm * px_a_mm, to.y_mm * px_a_mm]
  const wide = which === 'caliper' ? NOTE_PX.wide : NOTE_PX.narrow
  const left = Math.min(Math.max((x1 + x2) / 2 - wide / 2, 2), Math.max(width - wide - 2, 2))
  const above = Math.min(y1, y2) - NOTE_PX.height - 10
  const top = above > 2 ? above : Math.min(Math.max(y1, y2) + 10, height - NOTE_PX.height - 2)
  const onKey = (end: 'from' | 'to') => (event: KeyboardEvent) => {
    const step = event.shiftKey ? BOLD : 1
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [-KEY_MS, 0],
      ArrowRight: [KEY_MS, 0],
      ArrowUp: [0, -KEY_MM],
      ArrowDown: [0, KEY_MM],
    }
    const by = moves[event.key]
    if (by === undefined) return
    event.preventDefault()
    event.stopPropagation() // the paper itself stays where it is
    const point = pair[end]
    const moved = { at_ms: point.at_ms + by[0] * step, y_mm: point.y_mm + by[1] * step }
    onPair(which, { ...pair, [end]: moved })
  }
  const text = measureText(which, pair, gain)
  return (
    <>
      <line x1={x1} x2={x1} y1={0} y2={height} />
      <line x1={x2} x2={x2} y1={0} y2={height} />
      <line x1={x1} x2={x2} y1={y2} y2={y2} className="span" />
      {which === 'caliper' && (
        <>
          <line x1={0} x2={width} y1={y1} y2={y1} className="level" />
          <line x1={0} x2={width} y1={y2} y2={y2} className="level" />
        </>
      )}
      {(['from', 'to'] as const).map((end) => (
        <circle
          key={end}
          role="slider"
          tabIndex={0}
          aria-label={t(`ecg.handle_${end}`)}
          aria-valuenow={Math.round(pair[end].at_ms)}
          aria-valuetext={text}
          cx={end === 'from' ? x1 : x2}
          cy={end === 'from' ? y1 : y2}
          r={6}
          onKeyDown={onKey(end)}
          data-testid={`${which}-${end}`}
        />
      ))}
      <g transform={`translate(${left} ${top})`} className="note">
        <rect width={wide} height={NOTE_PX.height} rx={4} />
        <text x={wide / 2} y={16} textAnchor="middle" data-testid={`${which}-text`}>
          {text}
        </text>
      </g>
    </>
  )
}
