import type { LogRow } from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useContent, useLoaded, useRow, useTable } from '@gh/live'
import { Button, Empty, Skeleton, useHotkeys } from '@gh/ui'
import { useMemo, useState } from 'react'
import { eventSentence, seatText } from '../care/event-words.ts'
import { useDesk } from './desk.tsx'
import { ownerText } from './words.ts'

const KINDS = ['call', 'incident', 'mission', 'unit', 'alert'] as const
const CLOSED_ROWS = 5
const OPEN_ROWS = 200
/** The one stream of events that all views come from; never edited. */
export function EventLog() {
  const log = useTable('log')
  const loaded = useLoaded()
  const desk = useDesk()
  const [open, setOpen] = useState(false)
  const [filter, setFilter] = useState<string>('all')
  useHotkeys({ 'ctrl+l': () => setOpen((now) => !now) })
  const rows = useMemo(() => {
    const chosen =
      filter === 'all'
        ? log
        : filter === 'case'
          ? log.filter((row) => row.incident_id === desk.incident?.id)
          : log.filter((row) => row.stream.startsWith(`${filter}:`))
    // A snapshot comes stream by stream; people read by time.
    return [...chosen]
      .sort((a, b) => b.received_ms - a.received_ms)
      .slice(0, open ? OPEN_ROWS : CLOSED_ROWS)
  }, [log, filter, open, desk.incident?.id])
  const filters = ['all', ...(desk.incident ? ['case'] : []), ...KINDS]
  return (
    <section
      className={`gh-panel log${open ? ' open' : ''}`}
      aria-label={t('log.title')}
      data-testid="log"
    >
      <div className="gh-ph">
        <h2>{t('log.title')}</h2>
        <span className="gh-m gh-s">{t('log.hint')}</span>
        <span className="fil">
          {filters.map((key) => (
            <button
              type="button"
              key={key}
              aria-pressed={filter === key}
              onClick={() => setFilter(key)}
              data-testid={`log-${key}`}
            >
              {key === 'case'
                ? (desk.incident?.number.split('-').at(-1) ?? '')
                : t(`log.filter.${key}`)}
            </button>
          ))}
        </span>
        <span className="gh-sp" />
        <Button keycap="Ctrl L" onClick={() => setOpen(!open)} data-testid="log-toggle">
          {t(open ? 'log.less' : 'log.more')}
        </Button>
      </div>
      <div className="gh-pb">
        {loaded ? null : <Skeleton rows={3} />}
        {loaded && rows.length === 0 ? <Empty title={t('log.empty')} /> : null}
        <table>
          <tbody>
            {rows.map((row) => (
              <Line key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** Who made the event: a person, the programs of the centre, or a device. */
const SOURCES: Record<string, string> = {
  system: 'rule',
  vehicle: 'vehicle',
  gateway: 'gateway',
  road_feed: 'rule',
}

/** What the event changed, in the words that the boards use. */
function changeText(row: LogRow, value: string): string {
  if (value === '') return t('log.nothing')
  if (row.changed === 'owner') return ownerText(value)
  if (row.changed === 'level') return value
  const kind = row.stream.split(':')[0] ?? ''
  return tOr(`state.${value}_${kind}`, tOr(`state.${value}`, value))
}

function Line({ row }: { row: LogRow }) {
  const content = useContent()
  const incident = useRow('incidents', row.incident_id)
  const kind = row.stream.split(':')[0] ?? ''
  return (
    <tr>
      <td className="k">{clockTime(row.occurred_ms)}</td>
      <td className="k">{tOr(`log.filter.${kind}`, kind)}</td>
      <td>
        <b>{(incident?.number ?? row.summary.incident_number ?? '').split('-').at(-1) ?? ''}</b>
      </td>
      <td>
        <b>{row.summary.call_sign ?? ''}</b>
      </td>
      <td className="what" title={eventSentence(row, content)}>
        {eventSentence(row, content)}
      </td>
      <td className="chg">
        {row.changed === '' ? null : (
          <>
            <span className="gh-m">{changeText(row, row.was)}</span> →{' '}
            <b>{changeText(row, row.now)}</b>
          </>
        )}
      </td>
      <td className="k">{seatText(row)}</td>
      <td className="k">{t(`log.by.${SOURCES[row.role] ?? 'person'}`)}</td>
    </tr>
  )
}
