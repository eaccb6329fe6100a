/** What the fleet drove in a period: distance, hours on the road, speed; as a table and for a spreadsheet. */
import { type MileageRow, query } from '@gh/contract'
import { dayOf, duration, t } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { Button, Empty, ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'
import { type Cell, saveCsv } from './csv.ts'
import { usePrint } from './print.ts'

const DAY_MS = 86_400_000
const LIVE_MS = 15_000

/** The beginning of that day in Shanghai; null: no day. */
const midnight = (day: string): number | null => {
  const at_ms = Date.parse(`${day}T00:00:00+08:00`)
  return Number.isNaN(at_ms) ? null : at_ms
}

const one = (value: number | null | undefined): string => (value == null ? '--' : value.toFixed(1))

export function Fleet() {
  const [from, setFrom] = useState(() => dayOf(serverNow()))
  const [until, setUntil] = useState(() => dayOf(serverNow()))
  const [over, setOver] = useState('120')
  const [, print] = usePrint()
  const [from_ms, last_ms, over_kmh] = [midnight(from), midnight(until), Number(over)]
  const asked = from_ms !== null && last_ms !== null && last_ms >= from_ms && over_kmh >= 1
  const rows = useGet<MileageRow[]>(
    asked ? query('/api/fleet/mileage', { from_ms, to_ms: last_ms + DAY_MS, over_kmh }) : null,
    // A day that is over drives no more.
    {
      stale_ms: LIVE_MS,
      keep: true,
      ...(until >= dayOf(serverNow()) ? { every_ms: LIVE_MS } : {}),
    },
  )
  const heads = ['unit', 'station', 'odometer', 'track', 'moving', 'top', 'over', 'fixes']
  const names = heads.map((name) => t(`fleet.${name}`, { kmh: over }))
  const cells = (row: MileageRow): Cell[] => {
    const driven = row.driven
    return [
      row.call_sign,
      row.station_name,
      driven?.odometer_km ?? null,
      driven?.track_km ?? null,
      driven ? driven.moving_ms / 1000 : null,
      driven?.top_kmh ?? null,
      driven ? driven.over_ms / 1000 : null,
      driven?.fixes ?? 0,
    ]
  }
  return (
    <Panel
      title={t('fleet.title')}
      testid="fleet"
      extra={
        <span className="gh-row gh-noprint">
          <input
            className="gh-input"
            type="date"
            value={from}
            aria-label={t('fleet.from')}
            onChange={(event) => setFrom(event.target.value)}
            data-testid="fleet-from"
          />
          <input
            className="gh-input"
            type="date"
            value={until}
            aria-label={t('fleet.until')}
            onChange={(event) => setUntil(event.target.value)}
            data-testid="fleet-until"
          />
          <label className="gh-row" style={{ flex: 'none' }}>
            {t('fleet.limit')}
            <input
              className="gh-input num"
              style={{ width: 64 }}
              inputMode="numeric"
              value={over}
              onChange={(event) => setOver(event.target.value)}
              data-testid="fleet-over"
            />
          </label>
          <Button
            disabled={rows.data === undefined}
            onClick={() =>
              saveCsv(`mileage-${from}-${until}`, [names, ...(rows.data ?? []).map(cells)])
            }
            data-testid="fleet-csv"
          >
            CSV
          </Button>
          <Button onClick={() => void print()} data-testid="fleet-print">
            {t('review.print')}
          </Button>
        </span>
      }
    >
      {!asked ? (
        <Empty title={t('fleet.no_period')} />
      ) : rows.isError ? (
        <ErrorNote
          what={t('fleet.failed')}
          works={t('review.list_works')}
          retry={() => void rows.refetch()}
        />
      ) : rows.data === undefined ? (
        <Skeleton rows={12} />
      ) : rows.data.length === 0 ? (
        <Empty title={t('fleet.none')} />
      ) : (
        <table className="rv-table">
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.data.map(({ call_sign, station_name, driven }) => (
              <tr key={call_sign} data-testid={`fleet-${call_sign}`}>
                <td>
                  <b>{call_sign}</b>
                </td>
                <td>{station_name}</td>
                <td className="num">{one(driven?.odometer_km)}</td>
                <td className="num">{one(driven?.track_km)}</td>
                <td className="num">{driven ? duration(driven.moving_ms / 1000) : '--'}</td>
                <td className="num">{driven ? Math.round(driven.top_kmh) : '--'}</td>
                <td className={driven && driven.over_ms > 0 ? 'num gh-warnt' : 'num'}>
                  {driven ? duration(driven.over_ms / 1000) : '--'}
                </td>
                <td className="num gh-m">{driven?.fixes ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
