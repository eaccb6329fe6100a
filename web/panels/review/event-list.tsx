/** Every event of the case, oldest first, with who, which seat, and when it arrived. */
import type { LogRow, VehicleClock } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Button, Empty } from '@gh/ui'
import { useState } from 'react'
import { useContentWords } from '../care/content.tsx'
import { eventSentence } from '../care/event-words.ts'
import { clockTime, span } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { Clocks } from './clocks.tsx'
import { PaintedDialog } from './proof.tsx'
import { GROUPS, type Group, groupOf } from './words.ts'

/** Later than this between deed and arrival is worth saying: it came from an offline vehicle. */
const LATE_MS = 5_000

interface Props {
  incidentId: string
  events: readonly LogRow[]
  clocks: readonly VehicleClock[]
}

export function EventList({ incidentId, events, clocks }: Props) {
  const content = useContentWords()
  const who = useWho(events)
  const [group, setGroup] = useState<Group | ''>('')
  const [text, setText] = useState('')
  const [asked, setAsked] = useState<LogRow | null>(null)
  const session = useSession()
  // Who had seen what is for those who judge, not for those who are judged.
  const judges = session?.role === 'quality' || session?.role === 'supervisor'
  const counts = new Map<Group, number>()
  for (const e of events) counts.set(groupOf(e.kind), (counts.get(groupOf(e.kind)) ?? 0) + 1)
  const needle = text.trim().toLowerCase()
  const shown = events.filter(
    (e) =>
      (group === '' || groupOf(e.kind) === group) &&
      (needle === '' ||
        `${eventSentence(e, content)} ${who(e.actor)} ${e.kind}`.toLowerCase().includes(needle)),
  )
  return (
    <section className="gh-panel rv-events" data-testid="events">
      <div className="gh-ph">
        <h2>{t('review.events')}</h2>
        <span className="gh-m">
          {shown.length === events.length
            ? t('review.n_events', { n: events.length })
            : t('review.n_of_events', { n: shown.length, all: events.length })}
        </span>
        <span className="rv-filter gh-noprint">
          <Button
            look="quiet"
            on={group === ''}
            onClick={() => setGroup('')}
            data-testid="filter-all"
          >
            {t('ui.all')}
          </Button>
          {GROUPS.filter((g) => counts.has(g)).map((g) => (
            <Button
              key={g}
              look="quiet"
              on={group === g}
              onClick={() => setGroup(g)}
              data-testid={`filter-${g}`}
            >
              {t(`review.group.${g}`)} {counts.get(g)}
            </Button>
          ))}
        </span>
        <span className="gh-sp" />
        <input
          className="gh-input rv-find gh-noprint"
          value={text}
          placeholder={t('review.find')}
          aria-label={t('review.find')}
          onChange={(e) => setText(e.target.value)}
          data-testid="event-search"
        />
      </div>
      <div className="gh-pb">
        <Clocks clocks={clocks} />
        {shown.length === 0 ? (
          <Empty title={t('review.no_events')} />
        ) : (
          <table className="rv-table">
            <tbody>
              {shown.map((e) => (
                <tr key={e.id}>
                  <td className="num">{clockTime(e.occurred_ms)}</td>
                  <td className="gh-m">{t(`review.group.${groupOf(e.kind)}`)}</td>
                  <td>{eventSentence(e, content)}</td>
                  <td className="gh-m">{who(e.actor)}</td>
                  <td className="num gh-m">
                    {e.received_ms - e.occurred_ms > LATE_MS &&
                      t('review.arrived', { after: span((e.received_ms - e.occurred_ms) / 1000) })}
                  </td>
                  {judges && (
                    <td className="gh-noprint">
                      <button
                        type="button"
                        className="rv-link"
                        onClick={() => setAsked(e)}
                        data-testid={`painted-${e.id}`}
                      >
                        {t('review.painted')}
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {asked !== null && (
        <PaintedDialog
          incidentId={incidentId}
          event={asked}
          sentence={eventSentence(asked, content)}
          who={who}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  )
}
