/** Two windows of one patient's record: one above the other, or their middle beats over one another. */
import { clockTime, t } from '@gh/i18n'
import { useEffect, useMemo, useRef } from 'react'
import { grid, type Ink, label, NIGHT, PAPER, prepare } from './draw.ts'
import type { FilterChoice } from './filters.ts'
import { SHEET_S, TWELVE } from './layout.ts'
import { PaperView, sliceFor, type View } from './paper.tsx'
import { type Beat, middleBeat } from './peaks.ts'
import type { EcgRecord } from './record.ts'
import { useSize } from './use-size.ts'

export type Side = 'a' | 'b'
export interface Comparison {
  /** Where each window ends. */
  a: number
  b: number
  /** The one that the arrow keys move. */
  side: Side
  beats: boolean
}

export const WINDOW_MS = SHEET_S * 1000
const ALIGN_BY = 'II'
const BEFORE_S = 0.3
const AFTER_S = 0.5
const ROWS = 3
/** As in viewer.css. */
const OLDER = { dark: '#ffb454', light: '#1554b8' }
export const SIDES: readonly Side[] = ['a', 'b']

/** The first whole window of a record and the newest one. */
export const firstAndNow = (begin_ms: number, end_ms: number): Comparison => ({
  a: Math.min(begin_ms + WINDOW_MS, end_ms),
  b: end_ms,
  side: 'a',
  beats: false,
})

interface Props {
  record: EcgRecord
  comparison: Comparison
  view: View
  dark: boolean
  version: number
  onSide: (side: Side) => void
}

export function Compare({ record, comparison, view, dark, version, onSide }: Props) {
  if (comparison.beats)
    return <Beats key={version} {...{ record, comparison, view, dark, onSide }} />
  return (
    <div className="ecg-compare" data-testid="compare-stacked">
      {SIDES.map((side) => (
        <section key={side} className={side === comparison.side ? 'on' : ''}>
          <SideName comparison={comparison} side={side} onSide={onSide} />
          <PaperView
            record={record}
            end_ms={comparison[side]}
            view={view}
            dark={dark}
            version={version}
            half
            testid={`compare-${side}`}
          />
        </section>
      ))}
    </div>
  )
}

function SideName({
  comparison,
  side,
  onSide,
  beats,
}: {
  comparison: Comparison
  side: Side
  onSide: (side: Side) => void
  beats?: number | undefined
}) {
  const end = comparison[side]
  return (
    <button
      type="button"
      className={`ecg-side ${side}`}
      aria-pressed={side === comparison.side}
      onClick={() => onSide(side)}
      data-testid={`side-${side}`}
      data-end={Math.round(end)}
    >
      <b>{side.toUpperCase()}</b> {clockTime(end - WINDOW_MS)}–{clockTime(end)}
      {beats !== undefined && ` · ${t('ecg.beats_of', { n: beats, lead: ALIGN_BY })}`}
    </button>
  )
}

export interface Overlaid {
  /** In the order of the paper: the twelve, and what else both have. */
  drawn: string[]
  /** What one of them does not have, with whose it is. */
  lone: { lead: string; side: Side }[]
}

/**
 * Which leads are laid over one another. A lead beside the twelve stands there where both have it;
 * of the twelve each has its place, and where one lacks it the other's beat stands alone.
 */
export function overlaid(a: readonly string[], b: readonly string[]): Overlaid {
  const further = [...new Set([...a, ...b])].filter((lead) => !TWELVE.includes(lead)).sort(byPlace)
  const lone = [...TWELVE, ...further].flatMap((lead) =>
    a.includes(lead) === b.includes(lead)
      ? []
      : [{ lead, side: a.includes(lead) ? ('a' as const) : ('b' as const) }],
  )
  const both = further.filter((lead) => a.includes(lead) && b.includes(lead))
  return { drawn: [...TWELVE, ...both], lone }
}

/** Right of the breastbone before the back: V3R, V4R, V7, V8, V9. */
const byPlace = (one: string, other: string): number =>
  Number(other.endsWith('R')) - Number(one.endsWith('R')) ||
  one.localeCompare(other, 'en', { numeric: true })

/** Found once for each window: it is the costliest thing on this screen. */
const useBeat = (record: EcgRecord, end_ms: number, filter: FilterChoice): Beat | null =>
  useMemo(() => {
    const slice = sliceFor(record, end_ms - WINDOW_MS, end_ms, filter)
    return slice && middleBeat(slice, ALIGN_BY, BEFORE_S, AFTER_S)
  }, [record, end_ms, filter])

/** A is drawn thin and in the accent, B as a trace: told apart in print by their weight as well. */
function Beats({ record, comparison, view, dark, onSide }: Omit<Props, 'version'>) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(canvas)
  const a = useBeat(record, comparison.a, view.filter)
  const b = useBeat(record, comparison.b, view.filter)
  const { drawn, lone } = useMemo(() => overlaid(a?.leads ?? [], b?.leads ?? []), [a, b])
  useEffect(() => {
    const on = canvas.current && prepare(canvas.current)
    if (on === null || size.width === 0) return
    const older = dark ? OLDER.dark : OLDER.light
    drawBeats(on.g, on.width, on.height, drawn, [a, b], view, dark ? NIGHT : PAPER, older)
  }, [a, b, drawn, view, dark, size])
  return (
    <div className="ecg-compare beats" data-testid="compare-beats">
      <header>
        <SideName comparison={comparison} side="a" onSide={onSide} beats={a?.beats ?? 0} />
        <SideName comparison={comparison} side="b" onSide={onSide} beats={b?.beats ?? 0} />
        <span className="gh-m">{t('ecg.beats_hint', { lead: ALIGN_BY })}</span>
        {a !== null && b !== null && lone.length > 0 && (
          <b data-testid="beats-lone">
            {t('ecg.beats_one_sided', {
              leads: lone.map((one) => `${one.lead} ${one.side.toUpperCase()}`).join(t('ui.comma')),
            })}
          </b>
        )}
      </header>
      <canvas
        ref={canvas}
        className="ecg-canvas"
        role="img"
        aria-label={t('ecg.beats_label')}
        data-beats={`${a?.beats ?? 0} ${b?.beats ?? 0}`}
        data-leads={drawn.join(' ')}
      />
    </div>
  )
}

function drawBeats(
  g: CanvasRenderingContext2D,
  width: number,
  height: number,
  leads: readonly string[],
  beats: readonly (Beat | null)[],
  view: View,
  ink: Ink,
  older: string,
) {
  const columns = Math.ceil(leads.length / ROWS)
  // The largest scale at which a beat fits its cell, by width and at 26 mm of height.
  const mm = Math.max(
    Math.min(width / columns / ((BEFORE_S + AFTER_S) * view.speed + 4), height / ROWS / 26),
    2,
  )
  grid(g, width, height, mm, ink)
  leads.forEach((lead, n) => {
    const left = (Math.floor(n / ROWS) * width) / columns
    const middle = left + width / columns / 2 - ((AFTER_S - BEFORE_S) / 2) * view.speed * mm
    const base = ((n % ROWS) + 0.62) * (height / ROWS)
    // The thin one last, or it would be lost beneath an equal thick one.
    for (const k of [1, 0]) {
      const beat = beats[k]
      const row = beat?.rows[beat.leads.indexOf(lead)]
      if (beat == null || row === undefined) continue
      const step = (view.speed * mm) / beat.rate_hz
      g.strokeStyle = k === 0 ? older : ink.trace
      g.lineWidth = k === 0 ? 1.4 : 3
      g.lineJoin = 'round'
      g.beginPath()
      row.forEach((value, i) => {
        g.lineTo(middle + (i - beat.before) * step, base - value * view.gain * mm)
      })
      g.stroke()
    }
    label(g, lead, left + 8, (n % ROWS) * (height / ROWS) + 18, ink)
  })
}
