/** The paper as paper: A4 across, true to scale in the printer's own millimetres, drawn as lines. */
import { clockTime, dayTime, t } from '@gh/i18n'
import { memo, type ReactNode, useMemo } from 'react'
import { createPortal } from 'react-dom'
import { leftMm, type Paper, PULSE_S, paperOf, SHEET_S, standing, TIMES_MM } from './layout.ts'
import { gapText, sliceFor, type View } from './paper.tsx'
import type { EcgRecord } from './record.ts'
import type { Slice } from './slice.ts'
import { filterText } from './words.ts'

/** Who and what it is of; in words, since this package knows no patient. */
export interface EcgFacts {
  patient: string
  case_number: string
  unit: string
}

/** A4 across, without 10 mm at each side, a head and a foot. */
export const WIDTH_MM = 277
export const HEIGHT_MM = 156

interface Sheet {
  name: string
  end_ms: number
}

/** A window of ten seconds is as many sheets as its speed asks for, the earlier ones first. */
export function sheetsOf(name: string, end_ms: number, speed: 25 | 50): Sheet[] {
  const each_s = Math.min((WIDTH_MM - leftMm(speed)) / speed, SHEET_S)
  const count = Math.ceil(SHEET_S / each_s - 1e-9)
  const step_ms = (SHEET_S * 1000) / count
  return Array.from({ length: count }, (_, k) => ({
    name,
    end_ms: end_ms - (count - 1 - k) * step_ms,
  }))
}

interface Props {
  record: EcgRecord
  windows: readonly { name: string; end_ms: number }[]
  view: View
  facts: EcgFacts
  reading?: ReactNode
}

/** While there is something to print, the page prints that and nothing of its console. */
export const ALONE = `@page { size: A4 landscape; margin: 0 }
@media print {
  body > :not(.ecg-print) { display: none !important }
  html, body { height: auto; margin: 0; overflow: visible; background: #fff }
}`

/** Stands beside the page's own root and is seen by the printer only. */
export function PrintSheets({ record, windows, view, facts, reading }: Props) {
  const sheets = windows.flatMap(({ name, end_ms }) => sheetsOf(name, end_ms, view.speed))
  const of = sheets.length + (reading === undefined ? 0 : 1)
  return createPortal(
    <div className="ecg-print" data-testid="print-sheets">
      <style>{ALONE}</style>
      {sheets.map(({ name, end_ms }, k) => (
        <PrintSheet
          key={`${name}${end_ms}`}
          {...{ record, end_ms, view, facts, name }}
          page={t('ecg.page', { n: k + 1, of })}
        />
      ))}
      {reading !== undefined && (
        <ReadingSheet facts={facts} reading={reading} page={t('ecg.page', { n: of, of })} />
      )}
    </div>,
    document.body,
  )
}

interface SheetProps {
  record: EcgRecord
  end_ms: number
  view: View
  facts: EcgFacts
  name: string
  page: string
}

/** What a program read, on a sheet of its own: beside the paper it would push the scale off it. */
function ReadingSheet({
  facts,
  reading,
  page,
}: Pick<SheetProps, 'facts' | 'page'> & { reading: ReactNode }) {
  return (
    <article data-testid="print-reading">
      <header>
        <Who facts={facts} />
      </header>
      <aside>
        {reading} <b>{t('ecg.suspected')}</b>
      </aside>
      <footer>
        <span className="gh-sp" />
        <span>{page}</span>
      </footer>
    </article>
  )
}

export function Who({ facts }: { facts: EcgFacts }) {
  return (
    <>
      <b>{facts.patient}</b>
      <span>{facts.case_number}</span>
      <span>{facts.unit}</span>
    </>
  )
}

function PrintSheet({ record, end_ms, view, facts, name, page }: SheetProps) {
  const { layout, speed, gain, filter } = view
  const paper = useMemo(
    () => paperOf(layout, WIDTH_MM, HEIGHT_MM, speed, speed === 25 ? SHEET_S : SHEET_S / 2),
    [layout, speed],
  )
  const from_ms = end_ms - paper.seconds * 1000
  const slice = useMemo(
    () => sliceFor(record, from_ms, end_ms, filter),
    [record, from_ms, end_ms, filter],
  )
  return (
    <article data-testid="print-sheet" data-mm-a-second={speed} data-mm-a-millivolt={gain}>
      <header>
        <Who facts={facts} />
        <span>{slice && t('ecg.device', { id: slice.declaration.device_id })}</span>
        {slice?.declaration.replay && <strong>{t('ecg.replay')}</strong>}
        <span className="gh-sp" />
        <b>
          {name} {dayTime(from_ms)}–{clockTime(end_ms)}
        </b>
      </header>
      {slice && <PaperSvg slice={slice} paper={paper} from_ms={from_ms} gain={gain} />}
      <footer>
        <span>
          {speed} mm/s · {gain} mm/mV · {filterText(filter, slice?.declaration.rate_hz ?? 0)}
        </span>
        <span>{t('ecg.device_clock')}</span>
        <span className="gh-sp" />
        <span>{page}</span>
      </footer>
    </article>
  )
}

const fixed = (value: number) => value.toFixed(2)

/** One lead as the `d` of a path, in millimetres; a new stroke behind each gap. */
function pathOf(
  slice: Slice,
  lead: string,
  from_ms: number,
  to_ms: number,
  left_mm: number,
  base_mm: number,
  speed: number,
  gain: number,
): string {
  const row = slice.rows[slice.lead(lead)]
  if (row === undefined) return ''
  const begin = slice.sampleAt(from_ms)
  const end = Math.min(slice.sampleAt(to_ms), slice.count)
  let path = ''
  let down = false
  for (let n = Math.max(Math.ceil(begin), 0); n < end; n++) {
    // One lead may lack what the others have.
    const here = slice.present[n] === 1 && !Number.isNaN(row[n])
    if (here) {
      const x = left_mm + ((n - begin) * speed) / slice.declaration.rate_hz
      path += `${down ? 'L' : 'M'}${fixed(x)} ${fixed(base_mm - (row[n] as number) * gain)}`
    }
    down = here
  }
  return path
}

const lines = (every: number, width: number, height: number): string => {
  let path = ''
  for (let x = 0; x <= width; x += every) path += `M${x} 0V${height}`
  for (let y = 0; y <= height; y += every) path += `M0 ${y}H${width}`
  return path
}

/** Some ten thousand points: made once for each paper, not with every packet that comes. */
export const PaperSvg = memo(function PaperSvg({
  slice,
  paper,
  from_ms,
  gain,
}: {
  slice: Slice
  paper: Paper
  from_ms: number
  gain: number
}) {
  const { width_mm, height_mm, left_mm, speed, seconds } = paper
  const strips = standing(paper, slice.declaration.channels)
  const x = (at_ms: number) => left_mm + ((at_ms - from_ms) / 1000) * speed
  const pulse = PULSE_S * speed
  const gaps = slice
    .gaps()
    .map(([a, b]) => ({
      begin: Math.max(slice.timeOf(a), from_ms),
      end: Math.min(slice.timeOf(b), from_ms + seconds * 1000),
      words: gapText(slice.timeOf(b) - slice.timeOf(a), a === 0 || b === slice.count),
    }))
    .filter(({ begin, end }) => end > begin)
  const whole = Array.from({ length: Math.ceil(seconds) }, (_, k) => Math.ceil(from_ms / 1000 + k))
  return (
    <svg
      width={`${width_mm}mm`}
      height={`${height_mm}mm`}
      viewBox={`0 0 ${width_mm} ${height_mm}`}
      role="img"
      aria-label={t('ecg.paper_label')}
    >
      <defs>
        <pattern id="ecg-hatch" width="2" height="2" patternUnits="userSpaceOnUse">
          <path d="M0 2L2 0" className="hatch" />
        </pattern>
      </defs>
      <path d={lines(1, width_mm, height_mm)} className="thin" />
      <path d={lines(5, width_mm, height_mm)} className="thick" />
      {gaps.map(({ begin, end, words }) => (
        <g key={begin}>
          <rect
            x={x(begin)}
            width={x(end) - x(begin)}
            y={TIMES_MM}
            height={height_mm - TIMES_MM}
            fill="url(#ecg-hatch)"
            className="gap"
          />
          <text x={(x(begin) + x(end)) / 2} y={height_mm / 2} textAnchor="middle">
            {words}
          </text>
        </g>
      ))}
      {whole.map((s) => (
        <g key={s}>
          <path d={`M${fixed(x(s * 1000))} 0v2.5`} className="tick" />
          {x(s * 1000) < width_mm - 14 && (
            <text x={x(s * 1000) + 0.8} y={3}>
              {clockTime(s * 1000)}
            </text>
          )}
        </g>
      ))}
      {strips.map(({ lead, row, column, from_s, to_s, base_mm, top_mm }) => (
        <g key={`${lead}${row}`}>
          {column === 0 && (
            <path
              d={`M0.5 ${base_mm}h1v${-gain}h${pulse}v${gain}h1`}
              className="trace"
              data-testid="print-pulse"
            />
          )}
          <path
            className="trace"
            data-lead={lead}
            d={pathOf(
              slice,
              lead,
              from_ms + from_s * 1000,
              from_ms + to_s * 1000,
              x(from_ms + from_s * 1000),
              base_mm,
              speed,
              gain,
            )}
          />
          <text x={x(from_ms + from_s * 1000) + 1.2} y={top_mm + 4.5} className="lead">
            {lead}
          </text>
        </g>
      ))}
    </svg>
  )
})
