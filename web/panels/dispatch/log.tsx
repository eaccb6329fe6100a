import type { LogRow } from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useLoaded, useRow, useTable } from '@gh/live'
import { Button, Empty, Skeleton, useHotkeys } from '@gh/ui'
import { useMemo, useState } from 'react'
import { useContent, useDesk } from './desk.tsx'
import { findScript } from './model.ts'
import { say, topicText } from './words.ts'

const KINDS = ['call', 'incident', 'mission', 'unit', 'alert'] as const
const CLOSED_ROWS = 5
const OPEN_ROWS = 200
/** Facts that the sentence already says or that say nothing to a person. */
const SILENT = new Set([
  'call_sign',
  'number',
  'incident_number',
  'incident_id',
  'mission_id',
  'unit_id',
  'patient_id',
  'call_id',
  'hospital_id',
  'station_id',
  'card_version',
  'complete',
  'kind',
  'instructions',
  'possible',
  'subject',
  'reserved',
])
/** Facts whose values are codes of a catalogue. */
const PREFIX: Record<string, string> = {
  milestone: 'milestone',
  disposition: 'disposition',
  field: 'field',
  code: 'alert_name',
}

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
    return chosen.slice(-(open ? OPEN_ROWS : CLOSED_ROWS)).reverse()
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

function Line({ row }: { row: LogRow }) {
  const content = useContent()
  const incident = useRow('incidents', row.incident_id)
  const kind = row.stream.split(':')[0] ?? ''
  const facts = Object.entries(row.summary)
    .filter(([name, value]) => !SILENT.has(name) && value !== 'null' && value !== '')
    .map(([name, value]) => {
      const plain = value.replace(/^"|"$/g, '')
      if (name === 'topic') return topicText(content.data, plain)
      if (name === 'level') return plain
      if (name.endsWith('_ms')) return clockTime(Number(plain))
      if (name === 'question' || name === 'card') {
        const all = content.data
          ? [content.data.entry, ...Object.values(content.data.cards)].flatMap((c) => c.questions)
          : []
        return name === 'card' ? '' : say(all.find((q) => q.id === plain)) || plain
      }
      if (name === 'supplied_late' && plain === 'false') return ''
      if (name === 'instruction' && content.data) {
        return say(findScript(content.data, plain)?.title) || plain
      }
      if (name === 'step') return tOr(`step.${plain}`, t('step.n', { n: plain }))
      if (plain === 'true' || plain === 'false') {
        return `${tOr(`fact.${name}`, name)} ${t(plain === 'true' ? 'ui.yes' : 'ui.no')}`
      }
      if (name === 'reason') {
        return tOr(`stand_down.${plain}`, tOr(`oos.${plain}`, tOr(`resolved.${plain}`, plain)))
      }
      if (name === 'owner') {
        return `${t('fact.owner')} ${tOr(`alert_owner.${plain}`, t('app.seat', { seat: plain }))}`
      }
      if (name === 'source') return tOr(`source.${plain}`, tOr(`location_source.${plain}`, plain))
      const prefix = PREFIX[name]
      if (prefix) return tOr(`${prefix}.${plain}`, plain)
      return `${tOr(`fact.${name}`, name)} ${plain}`
    })
    .filter(Boolean)
  return (
    <tr>
      <td className="k">{clockTime(row.occurred_ms)}</td>
      <td className="k">{tOr(`log.filter.${kind}`, kind)}</td>
      <td>
        <b>
          {[
            incident?.number.split('-').at(-1) ?? row.summary.incident_number?.split('-').at(-1),
            row.summary.call_sign,
          ]
            .filter(Boolean)
            .join(' · ')}
        </b>
      </td>
      <td className="what">
        {tOr(`log.${row.kind}`, row.kind)}
        {facts.length > 0 ? `：${facts.join(' · ')}` : ''}
      </td>
      <td className="k">
        {row.seat ? t('app.seat', { seat: row.seat }) : ''} {tOr(`role.${row.role}`, row.role)}
      </td>
    </tr>
  )
}
