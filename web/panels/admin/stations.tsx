/** The stations: where each is, whose it is, who stands there, and how it came about. */
import { query, type StationRow, type StreamEvent, type TableStation } from '@gh/contract'
import { dayTime, getLang, named, t } from '@gh/i18n'
import { useContent } from '@gh/live'
import { Assumed, Button, Dialog, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { type ReactNode, useMemo, useState } from 'react'
import './admin.css'
import { eventSentence, seatText } from '../care/event-words.ts'
import { useGet } from '../care/query.ts'
import { placeText, stationDifferences } from './station-table.ts'
import { TableImportDialog, type TableOf } from './table-import.tsx'

interface Props {
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
  /** To the other registers. */
  turn: ReactNode
}

const centreOf = (row: StationRow): string =>
  named({ name: row.centre_name, name_en: row.centre_name_en })
const holds = (row: StationRow, needle: string): boolean =>
  [row.name, row.name_en, row.centre_name, row.phone, ...row.units].some((text) =>
    text.toLowerCase().includes(needle),
  )

export function Stations({ within, turn }: Props) {
  const stations = useGet<StationRow[]>('/api/stations', { every_ms: 30_000 })
  const [text, setText] = useState('')
  const [looking, setLooking] = useState<StationRow | null>(null)
  const [importing, setImporting] = useState(false)
  const table = useMemo(() => tableOf(stations.data ?? []), [stations.data])
  const needle = text.trim().toLowerCase()
  const shown = (stations.data ?? [])
    .filter((row) => within === null || within.has(`station:${row.station_id}`))
    .filter((row) => needle === '' || holds(row, needle))
  return (
    <section className="gh-panel ad-people" data-testid="stations">
      <div className="gh-ph">
        <h2>{t('station.title')}</h2>
        {stations.data && <span className="gh-m">{t('station.n', { n: shown.length })}</span>}
        {turn}
        <span className="gh-sp" />
        <input
          className="gh-input ad-find"
          value={text}
          placeholder={t('station.find')}
          aria-label={t('station.find')}
          onChange={(event) => setText(event.target.value)}
          data-testid="station-search"
        />
        {['csv', 'xlsx'].map((form) => (
          <a
            key={form}
            className="gh-btn"
            href={query('/api/stations/export', { form, lang: getLang() })}
            download
            data-testid={`station-export-${form}`}
          >
            {t(`table.export_${form}`)}
          </a>
        ))}
        <Button look="primary" onClick={() => setImporting(true)} data-testid="station-import">
          {t('table.import')}
        </Button>
      </div>
      <div className="gh-pb">
        {stations.isPending ? (
          <Skeleton rows={10} />
        ) : stations.isError ? (
          <ErrorNote
            what={t('station.failed')}
            works={t('admin.others_work')}
            retry={() => void stations.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('station.none')} hint={t('station.none_hint')} />
        ) : (
          <table className="ad-table ad-vehicles">
            <thead>
              <tr>
                <th>{t('admin.kind.station')}</th>
                <th>{t('station.centre')}</th>
                <th>{t('station.units')}</th>
                <th>{t('station.field.phone')}</th>
                <th>{t('station.place')}</th>
                <th aria-label={t('admin.actions')} />
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.station_id} data-testid={`station-${row.name}`}>
                  <td>
                    <b>{named(row)}</b> {row.assumed && <Assumed />}
                    {!row.told && <div className="gh-m gh-s">{t('station.by_city')}</div>}
                  </td>
                  <td>{centreOf(row)}</td>
                  <td>
                    <Units row={row} />
                  </td>
                  <td className="num">{row.phone}</td>
                  <td className={row.point === null ? 'un' : 'num'}>
                    {row.point === null && '▲ '}
                    {placeText(row.point)}
                  </td>
                  <td className="ad-do">
                    <Button
                      onClick={() => setLooking(row)}
                      data-testid={`station-history-${row.name}`}
                    >
                      {t('station.history')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {looking && <StationDialog row={looking} onClose={() => setLooking(null)} />}
      {importing && (
        <TableImportDialog
          of={table}
          onWritten={() => void stations.refetch()}
          onClose={() => {
            setImporting(false)
            void stations.refetch()
          }}
        />
      )}
    </section>
  )
}

function tableOf(rows: readonly StationRow[]): TableOf<TableStation> {
  const centres = new Map(rows.map((row) => [row.centre, centreOf(row)]))
  return {
    words: 'station',
    path: '/api/stations',
    nameOf: (row) => (row.name === '' ? (row.was?.name ?? '') : row.name),
    differences: (row) => stationDifferences(row, centres),
  }
}

function Units({ row }: { row: StationRow }) {
  if (row.units.length === 0) return <span className="gh-m">{t('station.no_units')}</span>
  return (
    <>
      {row.units.map((callSign) => (
        <span key={callSign} className="gh-tag">
          {callSign}
        </span>
      ))}{' '}
      <span className="gh-m">{t('station.duty', { n: row.on_duty })}</span>
    </>
  )
}

function StationDialog({ row, onClose }: { row: StationRow; onClose: () => void }) {
  const content = useContent()
  const told = useGet<StreamEvent[]>(query('/api/stations/history', { station_id: row.station_id }))
  return (
    <Dialog
      title={t('station.history_of', { station: named(row) })}
      onClose={onClose}
      testid="station-dialog"
    >
      {told.isPending ? (
        <Skeleton rows={4} />
      ) : told.isError ? (
        <ErrorNote what={t('roster.history_failed')} retry={() => void told.refetch()} />
      ) : told.data.length === 0 ? (
        <p className="gh-m">{t('station.no_history')}</p>
      ) : (
        <ol className="ad-lines">
          {told.data.map(({ line, name }) => (
            <li key={line.id} data-kind={line.kind}>
              <span className="num gh-m">{dayTime(line.occurred_ms)}</span>
              <span>{name || seatText(line)}</span>
              <span>{eventSentence(line, content)}</span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  )
}
