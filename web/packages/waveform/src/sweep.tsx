/** Leads as on a monitor: the pen goes from left to right and writes over the last round. */
import { t } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { grid, NIGHT, prepare } from './draw.ts'
import type { EcgState } from './feed.ts'
import { type FilterChoice, NO_FILTER } from './filters.ts'
import { type Gain, leadAt, rowsOf, type Speed, TWELVE } from './layout.ts'
import { gapText, type View } from './paper.tsx'
import { onCalibration, pxPerMm } from './scale.ts'
import { awaited, cellsOf, furnish, penAfter, SweepPainter } from './sweep-painter.ts'
import { useInView } from './use-in-view.ts'
import { useSize } from './use-size.ts'

/**
 * Then the next frame of the screen: as smooth as a monitor, and half the work of its own pace: a frame
 * that is asked for is laid out and committed, whether or not something is drawn in it.
 */
const REST_MS = 30

interface Props {
  state: EcgState
  leads: readonly string[]
  columns?: number
  speed?: Speed
  gain?: Gain
  /** Pixels of a millimetre; else those of this screen. */
  px_a_mm?: number
  filter?: FilterChoice
}

export function EcgSweep({
  state,
  leads,
  columns = 1,
  speed = 25,
  gain = 10,
  px_a_mm,
  filter = NO_FILTER,
}: Props) {
  const paper = useRef<HTMLCanvasElement>(null)
  const traces = useRef<HTMLCanvasElement>(null)
  const size = useSize(traces)
  const inView = useInView(traces)
  const screen_mm = useSyncExternalStore(onCalibration, pxPerMm)
  const mm = px_a_mm ?? screen_mm
  const { window } = state
  const arrived = useRef(0)
  arrived.current = state.newest_ms
  useEffect(() => {
    if (!inView) return
    const under = paper.current && prepare(paper.current)
    const on = traces.current && prepare(traces.current)
    if (under === null || on === null || window === null) return
    if (size.width === 0) return
    const cells = cellsOf(leads, columns, on.width, on.height)
    const scale = { px_a_s: speed * mm, px_a_mv: gain * mm }
    grid(under.g, under.width, under.height, mm, NIGHT)
    furnish(under.g, cells, scale, NIGHT)
    const painter = new SweepPainter(on.g, cells, window, scale, filter, NIGHT, gapText)
    let pen = window.end
    let late = window.late
    let last = performance.now()
    let newest = window.end
    let came = last - Math.max(serverNow() - arrived.current, 0)
    painter.all(pen)
    let frame = 0
    let rest: ReturnType<typeof setTimeout> | undefined
    const next = () => {
      frame = requestAnimationFrame(draw)
    }
    const draw = (now: number) => {
      rest = setTimeout(next, REST_MS)
      // What came behind a pen that had gone on without it stands as missing.
      const passed = window.end !== newest && pen > newest
      if (window.end !== newest) came = now
      newest = window.end
      const { rate_hz } = window.declaration
      pen = penAfter(
        pen,
        awaited(newest, rate_hz, (now - came) / 1000),
        rate_hz,
        (now - last) / 1000,
      )
      last = now
      if (window.late === late && !passed) painter.to(pen)
      else painter.all(pen)
      late = window.late
    }
    next()
    return () => {
      clearTimeout(rest)
      cancelAnimationFrame(frame)
    }
  }, [inView, window, leads, columns, speed, gain, mm, filter, size])
  return (
    <div className="ecg-sweep">
      <canvas ref={paper} className="ecg-canvas" />
      <canvas
        ref={traces}
        className="ecg-canvas"
        role="img"
        aria-label={t('ecg.sweep_label', { lead: leads.join(' ') })}
      />
    </div>
  )
}

/** All twelve on a whole screen: in two columns, or each over the full width. */
export function TwelveSweep({ state, view }: { state: EcgState; view: View }) {
  const columns = view.layout === '12x1' ? 1 : 2
  const channels = state.window?.declaration.channels
  const leads = useMemo(() => TWELVE.map(leadAt(channels ?? [])), [channels])
  const frame = useRef<HTMLDivElement>(null)
  const size = useSize(frame)
  const screen_mm = useSyncExternalStore(onCalibration, pxPerMm)
  const rows = columns === 1 ? rowsOf('12x1') : rowsOf('6x2')
  // Twenty millimetres a row: a beat of 1 mV and its T wave stay within their own.
  const mm = view.fit && size.height > 0 ? Math.max(size.height / rows / 20, 2.6) : screen_mm
  return (
    <div ref={frame} className="ecg-twelve" data-testid="ecg-sweep">
      <EcgSweep
        state={state}
        leads={leads}
        columns={columns}
        speed={view.speed}
        gain={view.gain}
        px_a_mm={mm}
        filter={view.filter}
      />
    </div>
  )
}
