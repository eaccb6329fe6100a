/** The whole run in one line: what is here, what is missing, and which part is on the paper. */
import { clockTime, t } from '@gh/i18n'
import type { PointerEvent } from 'react'
import type { Span } from './assemble.ts'

export interface Mark {
  key: string
  from_ms: number
  to_ms: number
  label: string
}

interface Props {
  spans: readonly Span[]
  /** What was let go before the first span. */
  full: boolean
  end_ms: number
  marks: readonly Mark[]
  onGo: (at_ms: number) => void
}

const LEAST_SPAN_MS = 60_000
const share = (part: number, whole: number) => `${(100 * part) / whole}%`

/** Round times that divide a run into a handful of parts. */
export function hours(begin_ms: number, end_ms: number): number[] {
  const steps = [15_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000]
  const step = steps.find((ms) => (end_ms - begin_ms) / ms <= 8) ?? 3_600_000
  const found: number[] = []
  for (let at = Math.ceil(begin_ms / step) * step; at < end_ms; at += step) found.push(at)
  return found
}

export function Overview({ spans, full, end_ms, marks, onGo }: Props) {
  const begin_ms = Math.min(spans[0]?.[0] ?? end_ms, end_ms - LEAST_SPAN_MS)
  const whole = end_ms - begin_ms
  const go = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    onGo(begin_ms + ((event.clientX - box.left) / box.width) * whole)
  }
  const active = marks.at(-1)
  return (
    <div
      className="ecg-overview"
      role="slider"
      tabIndex={0}
      aria-label={t('ecg.overview')}
      aria-valuemin={Math.round(begin_ms)}
      aria-valuemax={Math.round(end_ms)}
      aria-valuenow={Math.round(active?.from_ms ?? end_ms)}
      aria-valuetext={active && `${clockTime(active.from_ms)}–${clockTime(active.to_ms)}`}
      data-testid="overview"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event)
      }}
    >
      {full && <i className="gone" title={t('ecg.let_go')} />}
      {spans.map(([from, to], k) => {
        const before = spans[k - 1]?.[1]
        return (
          <span key={from}>
            {before !== undefined && from > before && (
              <i
                className="gap"
                data-testid="overview-gap"
                style={{
                  left: share(before - begin_ms, whole),
                  width: share(from - before, whole),
                }}
              />
            )}
            <i
              className="have"
              style={{ left: share(from - begin_ms, whole), width: share(to - from, whole) }}
            />
          </span>
        )
      })}
      {hours(begin_ms, end_ms).map((at) => (
        <em key={at} style={{ left: share(at - begin_ms, whole) }}>
          {clockTime(at)}
        </em>
      ))}
      {marks.map(({ key, from_ms, to_ms, label }) => (
        <b
          key={key}
          className={key}
          style={{ left: share(from_ms - begin_ms, whole), width: share(to_ms - from_ms, whole) }}
        >
          {label}
        </b>
      ))}
    </div>
  )
}
