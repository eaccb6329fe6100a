/** The events in the order of the clock; the last played is marked and kept in sight. */
import type { Frame, LogRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Panel } from '@gh/ui'
import { useEffect, useMemo, useRef } from 'react'
import { clockTime, span } from '../care/format.ts'
import { groupOf } from './words.ts'

const LATE_MS = 5_000

interface Props {
  events: readonly LogRow[]
  frames: readonly Frame[]
  played: number
  sentence: (row: LogRow) => string
  who: (actor: string) => string
  onPick: (at_ms: number) => void
}

export function EventTrack({ events, frames, played, sentence, who, onPick }: Props) {
  const lines = useMemo(() => new Map(events.map((e) => [e.id, e])), [events])
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const now = list.current?.children[Math.max(0, played - 1)]
    now?.scrollIntoView({ block: 'nearest' })
  }, [played])
  return (
    <Panel title={t('review.events')} className="rv-track" testid="event-track">
      <ol ref={list}>
        {frames.map((frame, i) => {
          const line = lines.get(frame.event)
          return (
            <li key={frame.event} aria-current={i === played - 1 ? 'step' : undefined}>
              <button
                type="button"
                className={i < played ? 'past' : ''}
                onClick={() => onPick(frame.at_ms)}
              >
                <b className="num">{clockTime(frame.at_ms)}</b>
                <span>
                  {line ? sentence(line) : frame.event}
                  <small className="gh-m">
                    {t(`review.group.${groupOf(line?.kind ?? '')}`)}
                    {line && who(line.actor) !== '' && ` · ${who(line.actor)}`}
                    {frame.late_ms > LATE_MS && (
                      <em> · {t('review.arrived', { after: span(frame.late_ms / 1000) })}</em>
                    )}
                  </small>
                </span>
              </button>
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}
