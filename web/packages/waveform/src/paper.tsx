/** Twelve leads as on paper: drawn once for each picture, from a slice of the record. */
import { clockTime, t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { SILENT_MS } from './age.ts'
import {
  FONT,
  gapBand,
  grid,
  type Ink,
  label,
  NIGHT,
  PAPER,
  prepare,
  pulse,
  type Scale,
  trace,
} from './draw.ts'
import type { EcgState } from './feed.ts'
import { type FilterChoice, isOn, NO_FILTER } from './filters.ts'
import {
  fitPxPerMm,
  type Gain,
  type LayoutName,
  type Paper,
  paperOf,
  SHEET_S,
  type Speed,
  standing,
  TIMES_MM,
  ticks,
} from './layout.ts'
import type { EcgRecord } from './record.ts'
import { onCalibration, pxPerMm } from './scale.ts'
import type { Slice } from './slice.ts'
import { useSize } from './use-size.ts'

/** How an ECG is looked at; nothing of it changes what is stored. */
export interface View {
  layout: LayoutName
  speed: Speed
  gain: Gain
  /** A sheet as wide as the screen; else a millimetre is a millimetre. */
  fit: boolean
  filter: FilterChoice
}
export const FIRST_VIEW: View = {
  layout: '3x4',
  speed: 25,
  gain: 10,
  fit: true,
  filter: NO_FILTER,
}

/** A filter knows the samples beside the paper as well, so that its edges are not those of the paper. */
const BESIDE_MS = 5_000

export function sliceFor(
  record: EcgRecord,
  from_ms: number,
  to_ms: number,
  filter: FilterChoice,
): Slice | null {
  if (!isOn(filter)) return record.slice(from_ms, to_ms)
  const wide = record.slice(from_ms - BESIDE_MS, to_ms + BESIDE_MS)
  return wide?.through(filter).cut(from_ms, to_ms) ?? null
}

/** `open`: it goes on beyond what is shown. */
export const gapText = (ms: number, open = false): string =>
  t('ecg.gap', { s: `${open ? '≥ ' : ''}${(ms / 1000).toFixed(1)}` })

export function drawPaper(
  g: CanvasRenderingContext2D,
  slice: Slice,
  paper: Paper,
  from_ms: number,
  px_a_mm: number,
  gain: Gain,
  ink: Ink,
  /** Where the record begins: before it nothing is known to be missing. */
  begun_ms: number,
): void {
  const scale: Scale = { px_a_s: paper.speed * px_a_mm, px_a_mv: gain * px_a_mm }
  const width = paper.width_mm * px_a_mm
  const height = paper.height_mm * px_a_mm
  const top = TIMES_MM * px_a_mm
  const left = paper.left_mm * px_a_mm
  const end_ms = from_ms + paper.seconds * 1000
  const x = (at_ms: number) => left + ((at_ms - from_ms) / 1000) * scale.px_a_s
  const strips = standing(paper, slice.declaration.channels)
  grid(g, width, height, px_a_mm, ink)
  for (const [first, last] of slice.gaps()) {
    const begin = Math.max(slice.timeOf(first), from_ms)
    const end = Math.min(slice.timeOf(last), end_ms)
    if (end > begin) {
      const ms = slice.timeOf(last) - slice.timeOf(first)
      const words =
        slice.timeOf(last) <= begun_ms
          ? t('ecg.before_record')
          : gapText(ms, first === 0 || last === slice.count)
      gapBand(g, x(begin), x(end) - x(begin), top, height - top, words, ink)
    }
  }
  for (const { column, row, base_mm } of strips) {
    const base = base_mm * px_a_mm
    if (column === 0 || row === paper.rows - 1) pulse(g, 0, base, scale, ink)
    if (column === 0) continue
    // Where one lead ends and the next begins.
    const at = x(from_ms + (strips.find((s) => s.column === column)?.from_s ?? 0) * 1000)
    g.strokeStyle = ink.text
    g.lineWidth = 1
    g.beginPath()
    g.moveTo(at, base - 3 * px_a_mm)
    g.lineTo(at, base + 3 * px_a_mm)
    g.stroke()
  }
  for (const { lead, from_s, to_s, base_mm } of strips) {
    const begin = from_ms + from_s * 1000
    trace(
      g,
      slice,
      lead,
      begin,
      from_ms + to_s * 1000,
      x(begin),
      base_mm * px_a_mm,
      scale,
      ink.trace,
    )
  }
  for (const { lead, from_s, top_mm } of strips) {
    label(g, lead, x(from_ms + from_s * 1000) + 5, top_mm * px_a_mm + 14, ink)
  }
  times(g, ticks(from_ms, end_ms, scale.px_a_s), x, top, ink)
}

const TICK_PX = 16

function times(
  g: CanvasRenderingContext2D,
  at: readonly number[],
  x: (at_ms: number) => number,
  top: number,
  ink: Ink,
) {
  g.font = `600 11px ${FONT}`
  g.strokeStyle = ink.text
  g.fillStyle = ink.text
  g.lineWidth = 1
  g.beginPath()
  for (const at_ms of at) {
    g.moveTo(x(at_ms), 0)
    g.lineTo(x(at_ms), Math.min(top, TICK_PX))
    g.fillText(clockTime(at_ms), x(at_ms) + 3, Math.min(top, TICK_PX) - 3)
  }
  g.stroke()
}

interface Props {
  record: EcgRecord
  /** Of the paper's right edge. */
  end_ms: number
  view: View
  dark: boolean
  /** `late` of the record: what stands still is drawn anew only when it changes. */
  version: number
  /** Of two on one screen: a window of ten seconds and no more. */
  half?: boolean
  onPaper?: (paper: Paper, px_a_mm: number) => void
  testid?: string
}

export function PaperView({
  record,
  end_ms,
  view,
  dark,
  version,
  half = false,
  onPaper,
  testid,
}: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(canvas)
  const screen_mm = useSyncExternalStore(onCalibration, pxPerMm)
  const { layout, speed, gain, fit, filter } = view
  const [paper, px_a_mm] = useMemo(() => {
    const px = fit ? fitPxPerMm(layout, size.width, size.height, half) : screen_mm
    const most_s = half ? SHEET_S : Number.POSITIVE_INFINITY
    return [paperOf(layout, size.width / px, size.height / px, speed, most_s), px] as const
  }, [layout, speed, fit, half, size, screen_mm])
  useEffect(() => {
    if (size.width > 0) onPaper?.(paper, px_a_mm)
  }, [onPaper, paper, px_a_mm, size])
  useEffect(() => {
    const on = canvas.current && prepare(canvas.current)
    if (on === null || size.width === 0 || version < 0) return
    const from_ms = end_ms - paper.seconds * 1000
    const slice = sliceFor(record, from_ms, end_ms, filter)
    if (slice === null) grid(on.g, on.width, on.height, px_a_mm, dark ? NIGHT : PAPER)
    else
      drawPaper(
        on.g,
        slice,
        paper,
        from_ms,
        px_a_mm,
        gain,
        dark ? NIGHT : PAPER,
        record.begin_ms ?? 0,
      )
  }, [record, end_ms, paper, px_a_mm, gain, filter, dark, version, size])
  return (
    <canvas
      ref={canvas}
      className="ecg-canvas"
      role="img"
      aria-label={t('ecg.paper_label')}
      data-testid={testid}
      data-seconds={paper.seconds.toFixed(2)}
      data-recorded={
        (record.begin_ms ?? end_ms) <= end_ms - paper.seconds * 1000 ? 'whole' : 'part'
      }
      data-px-a-mm={px_a_mm.toFixed(3)}
    />
  )
}

const PANEL_VIEW: View = { ...FIRST_VIEW, fit: false }

/** As much of what does not come is beside the last that came. */
const EDGE_MS = 3_000

/** Where a panel's paper ends: at the newest second, or behind it while nothing comes. */
export const panelEnd = (newest_ms: number, silent_ms: number): number =>
  Math.floor((newest_ms + (silent_ms > SILENT_MS ? EDGE_MS : 0)) / 1000) * 1000

/** The newest seconds in a panel: it stands still for a second at a time, or until something late comes. */
export function EcgPaper({ state, dark }: { state: EcgState; dark: boolean }) {
  const end_ms = panelEnd(state.record.end_ms ?? 0, useNow() - state.newest_ms)
  return (
    <PaperView
      record={state.record}
      end_ms={end_ms}
      view={PANEL_VIEW}
      dark={dark}
      version={state.record.late}
    />
  )
}
