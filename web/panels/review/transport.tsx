/** Play, pace and the scrub bar with the time nodes; the keyboard does all of it too. */
import type { TimelineNode } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, useHotkeys } from '@gh/ui'
import { useEffect, useMemo, useRef, useState } from 'react'
import { clockTime, span } from '../care/format.ts'
import { advance, CLOCKS, type Clock, lanes, type Mark, SPEEDS, type Speed } from './playback.ts'
import { nodeName } from './words.ts'

const STEP_MS = 10_000
const LEAP_MS = 60_000
/** Ten pictures a second are enough to follow a vehicle, and spare a tablet. */
const DRAW_MS = 100
/** In parts of the bar: names nearer than this stand in different rows. */
const APART = 0.028
const LANES = 4

/** The play head: it runs by real time and stands at the end. */
export function usePlayhead(begun_ms: number, ended_ms: number) {
  const [at_ms, setAt] = useState(begun_ms)
  const [playing, setPlaying] = useState(false)
  const [speed, setSpeed] = useState<Speed>(10)
  useEffect(() => {
    if (!playing) return
    let request = 0
    let before = performance.now()
    const draw = (now: number) => {
      request = requestAnimationFrame(draw)
      if (now - before < DRAW_MS) return
      const elapsed = now - before
      before = now
      setAt((at) => advance(at, elapsed, speed, ended_ms))
    }
    request = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(request)
  }, [playing, speed, ended_ms])
  useEffect(() => {
    if (at_ms >= ended_ms) setPlaying(false)
  }, [at_ms, ended_ms])
  return {
    at_ms,
    playing,
    speed,
    setSpeed,
    seek: (to_ms: number) => setAt(Math.max(begun_ms, Math.min(ended_ms, to_ms))),
    toggle: () => {
      if (at_ms >= ended_ms) setAt(begun_ms)
      setPlaying(!playing)
    },
  }
}
export type Playhead = ReturnType<typeof usePlayhead>

/** By `seen` a node stands where the centre had it; a correction is told by `happened` only. */
export const marksOf = (nodes: readonly TimelineNode[], clock: Clock): Mark[] =>
  nodes
    .flatMap((node) => {
      const at_ms = clock === 'seen' ? node.received_ms : node.at_ms
      const mark = { code: node.code, call_sign: node.call_sign, at_ms }
      const key = `${node.code}${node.call_sign}`
      return [
        { ...mark, key, original: false },
        ...(node.original_ms === null || clock === 'seen'
          ? []
          : [{ ...mark, key: `${key}was`, at_ms: node.original_ms, original: true }]),
      ]
    })
    .sort((a, b) => a.at_ms - b.at_ms)

interface Props {
  head: Playhead
  begun_ms: number
  ended_ms: number
  marks: readonly Mark[]
  clock: Clock
  onClock: (clock: Clock) => void
}

export function Transport({ head, begun_ms, ended_ms, marks, clock, onClock }: Props) {
  const { at_ms, playing, speed, seek } = head
  const pace = (step: number) => {
    const next = SPEEDS[SPEEDS.indexOf(speed) + step]
    if (next !== undefined) head.setSpeed(next)
  }
  // The nodes of the run and the ends of the case, one after the other.
  const stops = [begun_ms, ...marks.map((m) => m.at_ms), ended_ms]
  useHotkeys({
    ' ': head.toggle,
    ArrowLeft: () => seek(at_ms - STEP_MS),
    ArrowRight: () => seek(at_ms + STEP_MS),
    'shift+ArrowLeft': () => seek(at_ms - LEAP_MS),
    'shift+ArrowRight': () => seek(at_ms + LEAP_MS),
    ArrowUp: () => pace(1),
    ArrowDown: () => pace(-1),
    Home: () => seek(begun_ms),
    End: () => seek(ended_ms),
    ',': () => seek(stops.findLast((s) => s < at_ms) ?? begun_ms),
    '.': () => seek(stops.find((s) => s > at_ms) ?? ended_ms),
  })
  return (
    <section className="gh-panel rv-transport" aria-label={t('review.transport')}>
      <div className="rv-controls">
        <Button look="primary" keycap={t('review.space')} onClick={head.toggle} data-testid="play">
          {playing ? `❚❚ ${t('review.pause')}` : `▶ ${t('review.play')}`}
        </Button>
        <span className="gh-row">
          {SPEEDS.map((s) => (
            <Button key={s} on={s === speed} onClick={() => head.setSpeed(s)} data-testid={`x${s}`}>
              {s}×
            </Button>
          ))}
        </span>
        <b className="rv-at num" data-testid="at">
          {clockTime(at_ms)}
        </b>
        <span className="gh-m num">
          {span((at_ms - begun_ms) / 1000)} / {span((ended_ms - begun_ms) / 1000)}
        </span>
        <span className="gh-sp" />
        <span className="gh-row">
          {CLOCKS.map((c) => (
            <Button key={c} on={c === clock} onClick={() => onClock(c)} data-testid={`clock-${c}`}>
              {t(`review.clock.${c}`)}
            </Button>
          ))}
        </span>
      </div>
      <Scrub {...{ at_ms, begun_ms, ended_ms, marks, seek }} />
    </section>
  )
}

function Scrub({
  at_ms,
  begun_ms,
  ended_ms,
  marks,
  seek,
}: Pick<Props, 'begun_ms' | 'ended_ms' | 'marks'> & { at_ms: number; seek: (ms: number) => void }) {
  const whole = Math.max(1, ended_ms - begun_ms)
  const bar = useRef<HTMLInputElement>(null)
  const placed = useMemo(() => {
    const shares = marks.map((m) => Math.max(0, Math.min(1, (m.at_ms - begun_ms) / whole)))
    const rows = lanes(shares, APART, LANES)
    return marks.map((mark, i) => ({ mark, share: shares[i] ?? 0, lane: rows[i] ?? 0 }))
  }, [marks, begun_ms, whole])
  return (
    <div className="rv-scrub">
      <div className="rv-marks">
        {placed.map(({ mark, share, lane }) => (
          <button
            type="button"
            key={mark.key}
            tabIndex={-1}
            className={`rv-mark ${mark.original ? 'was' : ''} ${mark.at_ms <= at_ms ? 'past' : ''}`}
            style={{ left: `${share * 100}%`, ['--lane' as string]: lane }}
            title={`${nodeName(mark.code)} ${mark.call_sign} ${clockTime(mark.at_ms)}${
              mark.original ? ` · ${t('review.was')}` : ''
            }`}
            onClick={() => {
              seek(mark.at_ms)
              bar.current?.focus()
            }}
          >
            {mark.original ? `(${mark.code})` : mark.code === 'loaded' ? '▲' : mark.code}
          </button>
        ))}
      </div>
      <input
        ref={bar}
        type="range"
        min={begun_ms}
        max={ended_ms}
        step={1000}
        value={at_ms}
        aria-label={t('review.scrub')}
        aria-valuetext={clockTime(at_ms)}
        onChange={(e) => seek(Number(e.target.value))}
        data-testid="scrub"
      />
    </div>
  )
}
