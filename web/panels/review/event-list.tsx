/** Every event of the case, oldest first, with who, which seat, and when it arrived. */
import type { LogRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { Button, Empty } from '@gh/ui'
import { useState } from 'react'
import { clockTime, span } from '../care/format.ts'
import { eventFacts, eventText, GROUPS, type Group, groupOf } from './words.ts'

/** Later than this between deed and arrival is worth saying: it came from an offline vehicle. */
const LATE_MS = 5_000

export function EventList({ events }: { events: readonly LogRow[] }) {
  const [group, setGroup] = useState<Group | ''>('')
  const [text, setText] = useState('')
  const counts = new Map<Group, number>()
  for (const e of events) counts.set(groupOf(e.kind), (counts.get(groupOf(e.kind)) ?? 0) + 1)
  const needle = text.trim().toLowerCase()
  const shown = events.filter(
    (e) =>
      (group === '' || groupOf(e.kind) === group) &&
      (needle === '' ||
        `${eventText(e)} ${eventFacts(e)} ${e.actor} ${e.kind}`.toLowerCase().includes(needle)),
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
        {shown.length === 0 ? (
          <Empty title={t('review.no_events')} />
        ) : (
          <table className="rv-table">
            <tbody>
              {shown.map((e) => (
                <tr key={e.id}>
                  <td className="num">{clockTime(e.occurred_ms)}</td>
                  <td className="gh-m">{t(`review.group.${groupOf(e.kind)}`)}</td>
                  <td>
                    {eventText(e)} <span className="gh-m">{eventFacts(e)}</span>
                  </td>
                  <td className="gh-m">
                    {e.actor}
                    {e.seat && ` · ${t('app.seat', { seat: e.seat })}`}
                  </td>
                  <td className="gh-m">{e.role && tOr(`role.${e.role}`, e.role)}</td>
                  <td className="num gh-m">
                    {e.received_ms - e.occurred_ms > LATE_MS &&
                      t('review.arrived', { after: span((e.received_ms - e.occurred_ms) / 1000) })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}
