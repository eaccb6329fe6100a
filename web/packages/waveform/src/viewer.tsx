/**
 * The ECG on a whole screen: moving as on a monitor or standing as on paper, as far back as the run goes.
 *
 * Rule 1: what is shown is what was stored; speed, gain and filters belong to this screen alone, and
 *         which of them are on is written on it and on the print.
 * Rule 2: whoever scrolls back has stopped the paper: it moves again only when asked to.
 * Rule 3: Esc takes away the newest thing first: the calipers, the comparison, then the viewer.
 */
import { t } from '@gh/i18n'
import { Dialog, useHotkeys } from '@gh/ui'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { Calibration } from './calibration.tsx'
import { Calipers, NO_PAIRS, type Pairs, pairAt, type Tool } from './calipers.tsx'
import { Compare, type Comparison, firstAndNow, SIDES, WINDOW_MS } from './compare.tsx'
import type { EcgState } from './feed.ts'
import type { Paper } from './layout.ts'
import { Overview } from './overview.tsx'
import { FIRST_VIEW, PaperView, type View } from './paper.tsx'
import { type EcgFacts, PrintSheets } from './print.tsx'
import { useWholeRun } from './run.ts'
import { TwelveSweep } from './sweep.tsx'
import { ViewerBar } from './viewer-bar.tsx'
import { StatusLine, ViewerHead } from './viewer-facts.tsx'

const SECOND_MS = 1000
const STEP_MS = SECOND_MS
const BOLD_STEP_MS = 10 * SECOND_MS

interface Props {
  /** The vehicle whose run is shown, back to its beginning. */
  unitId: string
  /** Whose part of it; empty: before anybody is known to wear the device. */
  patientId: string
  state: EcgState
  facts: EcgFacts
  dark: boolean
  onClose: () => void
  /** What a program read from it, when there is one: shown beneath and printed with its caution. */
  reading?: ReactNode
}

export function EcgViewer({ unitId, patientId, state, facts, dark, onClose, reading }: Props) {
  const frame = useRef<HTMLDialogElement>(null)
  const [view, setView] = useState<View>(FIRST_VIEW)
  const [sweeping, setSweeping] = useState(false)
  /** Where the paper ends while it stands still; null while it goes with the newest second. */
  const [frozen, setFrozen] = useState<number | null>(null)
  const [comparison, setComparison] = useState<Comparison | null>(null)
  const [tool, setTool] = useState<Tool>('pan')
  const [pairs, setPairs] = useState<Pairs>(NO_PAIRS)
  const [shown, setShown] = useState<{ paper: Paper; px_a_mm: number } | null>(null)
  const [calibrating, setCalibrating] = useState(false)
  const onPaper = useCallback((paper: Paper, px_a_mm: number) => setShown({ paper, px_a_mm }), [])

  const { record, window } = state
  useWholeRun(unitId, patientId, record)
  const newest_ms = Math.floor((record.end_ms ?? 0) / SECOND_MS) * SECOND_MS
  const begin_ms = record.begin_ms ?? newest_ms
  const end_ms = frozen ?? newest_ms
  const page_ms = (shown?.paper.seconds ?? 10) * 1000
  const from_ms = end_ms - page_ms

  useEffect(() => {
    const dialog = frame.current
    if (dialog === null || dialog.open) return
    dialog.showModal()
    dialog.focus()
  }, [])

  const within = (at_ms: number) => Math.min(Math.max(at_ms, begin_ms + SECOND_MS), newest_ms)
  const moveTo = (at_ms: number) => {
    if (comparison !== null) setComparison({ ...comparison, [comparison.side]: within(at_ms) })
    else {
      setSweeping(false)
      setFrozen(within(at_ms))
    }
  }
  const current = comparison === null ? end_ms : comparison[comparison.side]
  const freeze = () => {
    setFrozen(frozen === null || sweeping ? newest_ms : null)
    setSweeping(false)
  }
  const choose = (next: Tool) => {
    const chosen = tool === next ? 'pan' : next
    setTool(chosen)
    if (chosen === 'pan' || shown === null) return
    setSweeping(false)
    setFrozen(end_ms)
    // From the keyboard there is no drag: a pair stands ready in the middle.
    if (pairs[chosen] === null)
      setPairs({ ...pairs, [chosen]: pairAt(shown.paper, end_ms - page_ms) })
  }
  const compare = () => {
    setSweeping(false)
    setComparison(comparison === null ? firstAndNow(begin_ms, current) : null)
  }
  const print = () => {
    if (frozen === null) setFrozen(newest_ms)
    setSweeping(false)
    // One picture later, when the sheets are there.
    requestAnimationFrame(() => requestAnimationFrame(() => globalThis.print()))
  }
  const back = () => {
    if (pairs.caliper !== null || pairs.march !== null) {
      setPairs(NO_PAIRS)
      setTool('pan')
    } else if (comparison !== null) setComparison(null)
    else onClose()
  }
  // Nothing of the console beneath hears a key; what repeats while it is held is heard below.
  useHotkeys({ Escape: back }, true, true)

  const onKey = (event: KeyboardEvent) => {
    const named = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (calibrating || event.altKey) return
    if (event.ctrlKey || event.metaKey) {
      // The browser's own print would catch the console, or a paper that moves.
      if (named !== 'p') return
      event.preventDefault()
      print()
      return
    }
    const step = event.shiftKey ? BOLD_STEP_MS : STEP_MS
    const keys: Record<string, () => void> = {
      ArrowLeft: () => moveTo(current - step),
      ArrowRight: () => moveTo(current + step),
      PageUp: () => moveTo(current - page_ms),
      PageDown: () => moveTo(current + page_ms),
      Home: () => moveTo(begin_ms + (comparison === null ? page_ms : WINDOW_MS)),
      End: () => moveTo(newest_ms),
      f: freeze,
      c: () => choose('caliper'),
      m: () => choose('march'),
      d: compare,
      p: print,
    }
    // A focused button keeps the space bar.
    if (!(event.target instanceof HTMLButtonElement)) keys[' '] = freeze
    const act = keys[named]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  const heard = useRef(onKey)
  useEffect(() => {
    heard.current = onKey
  })
  useEffect(() => {
    // On the window, since printing takes the focus away from the dialog.
    const hear = (event: KeyboardEvent) => heard.current(event)
    globalThis.addEventListener('keydown', hear)
    return () => globalThis.removeEventListener('keydown', hear)
  }, [])

  const marks =
    comparison === null
      ? [{ key: 'on', from_ms, to_ms: end_ms, label: '' }]
      : SIDES.map((side) => ({
          key: `${side}${side === comparison.side ? ' on' : ''}`,
          from_ms: comparison[side] - WINDOW_MS,
          to_ms: comparison[side],
          label: side.toUpperCase(),
        }))
  const windows =
    comparison === null
      ? [{ name: '', end_ms }]
      : SIDES.map((side) => ({ name: side.toUpperCase(), end_ms: comparison[side] }))

  // Not within its panel, which a narrow screen may hide.
  return createPortal(
    <dialog
      ref={frame}
      tabIndex={-1}
      className={`ecg-viewer${dark ? ' dark' : ''}`}
      aria-label={t('ecg.title')}
      data-testid="ecg-viewer"
      data-frozen={frozen !== null}
      data-end={end_ms}
      onCancel={(event) => event.preventDefault()}
    >
      <ViewerHead
        state={state}
        facts={facts}
        from_ms={comparison === null ? from_ms : current - WINDOW_MS}
        end_ms={current}
        moving={sweeping || (frozen === null && comparison === null)}
        onClose={onClose}
      />
      <ViewerBar
        view={view}
        onView={setView}
        rate_hz={window?.declaration.rate_hz ?? 0}
        sweeping={sweeping}
        frozen={frozen !== null && !sweeping}
        comparison={comparison}
        tool={tool}
        onSweep={(on) => {
          setComparison(null)
          setPairs(NO_PAIRS)
          setTool('pan')
          setSweeping(on)
          setFrozen(on ? null : frozen)
        }}
        onFreeze={freeze}
        onTool={choose}
        onCompare={compare}
        onBeats={(beats) => comparison && setComparison({ ...comparison, beats })}
        onPrint={print}
      />
      <main className="ecg-stage">
        {comparison !== null ? (
          <Compare
            record={record}
            comparison={comparison}
            view={view}
            dark={dark}
            version={record.late}
            onSide={(side) => setComparison({ ...comparison, side })}
          />
        ) : sweeping ? (
          <TwelveSweep state={state} view={view} />
        ) : (
          <>
            <PaperView
              record={record}
              end_ms={end_ms}
              view={view}
              dark={dark}
              version={record.late}
              onPaper={onPaper}
              testid="ecg-sheet"
            />
            {shown && (
              <Calipers
                paper={shown.paper}
                px_a_mm={shown.px_a_mm}
                from_ms={from_ms}
                gain={view.gain}
                tool={tool}
                pairs={pairs}
                onPair={(which, pair) => {
                  setFrozen(end_ms)
                  setPairs({ ...pairs, [which]: pair })
                }}
                onPull={(back_ms) => moveTo(end_ms - back_ms)}
              />
            )}
          </>
        )}
      </main>
      {reading !== undefined && (
        <aside className="ecg-reading">
          {reading} <b>{t('ecg.suspected')}</b>
        </aside>
      )}
      <Overview
        spans={record.spans()}
        full={record.full}
        end_ms={newest_ms}
        marks={marks}
        onGo={(at_ms) => moveTo(at_ms + (comparison === null ? page_ms : WINDOW_MS) / 2)}
      />
      <StatusLine
        view={view}
        rate_hz={window?.declaration.rate_hz ?? 0}
        px_a_mm={shown?.px_a_mm ?? 0}
        pairs={pairs}
        onCalibrate={() => setCalibrating(true)}
      />
      {(frozen !== null || comparison !== null) && (
        <PrintSheets
          key={record.late}
          record={record}
          windows={windows}
          view={view}
          facts={facts}
          reading={reading}
        />
      )}
      {calibrating && (
        <Dialog title={t('ecg.calibrate')} onClose={() => setCalibrating(false)}>
          <Calibration />
        </Dialog>
      )}
    </dialog>,
    document.body,
  )
}
