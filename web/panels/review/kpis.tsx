/** The indicators with their exact definitions, both counts, and what was left out. */
import { type Kpi, query } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { dayOf, dayTime, parseDay, span, startOfDay } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { exclusions, kpiName, kpiValue, met } from './words.ts'

const DAY_MS = 86_400_000
const RANGES = [1, 7, 30] as const

export function Kpis() {
  const session = useSession()
  const [today] = useState(() => startOfDay(serverNow()))
  const [from, setFrom] = useState(dayOf(today - 6 * DAY_MS))
  const [to, setTo] = useState(dayOf(today))
  const [printed, setPrinted] = useState(0)
  const from_ms = parseDay(from)
  const to_ms = parseDay(to)
  const valid = from_ms !== null && to_ms !== null && from_ms <= to_ms
  const kpis = useGet<Kpi[]>(
    valid ? query('/api/kpis', { from_ms, to_ms: to_ms + DAY_MS }) : null,
    { every_ms: 60_000 },
  )
  return (
    <article className="rv-kpis" data-testid="kpis">
      <header className="gh-panel rv-head">
        <div>
          <h1>{t('review.kpi_title')}</h1>
          <p className="gh-m">{t('review.period', { from, to })}</p>
        </div>
        <span className="gh-sp" />
        <span className="gh-row gh-noprint">
          {RANGES.map((days) => {
            const start = dayOf(today - (days - 1) * DAY_MS)
            return (
              <Button
                key={days}
                on={from === start && to === dayOf(today)}
                onClick={() => {
                  setFrom(start)
                  setTo(dayOf(today))
                }}
                data-testid={`range-${days}`}
              >
                {t(`review.range.${days}`)}
              </Button>
            )
          })}
          <input
            className="gh-input"
            type="date"
            value={from}
            aria-label={t('review.from')}
            onChange={(e) => setFrom(e.target.value)}
          />
          –
          <input
            className="gh-input"
            type="date"
            value={to}
            aria-label={t('review.to')}
            onChange={(e) => setTo(e.target.value)}
          />
          <Button
            onClick={() => {
              setPrinted(serverNow())
              window.setTimeout(() => window.print(), 50)
            }}
            data-testid="print"
          >
            {t('review.print')}
          </Button>
        </span>
      </header>
      <div className="gh-panel rv-kpi-body">
        {!valid ? (
          <Empty title={t('review.bad_days')} />
        ) : kpis.isPending ? (
          <Skeleton rows={12} />
        ) : kpis.isError ? (
          <ErrorNote
            what={t('review.kpi_failed')}
            works={t('review.read_only')}
            retry={() => void kpis.refetch()}
          />
        ) : kpis.data.length === 0 ? (
          <Empty title={t('review.no_kpis')} />
        ) : (
          <table className="rv-table rv-kpi-table">
            <thead>
              <tr>
                <th>{t('review.col_kpi')}</th>
                <th>{t('review.col_value')}</th>
                <th>{t('review.col_target')}</th>
                <th>{t('review.col_counts')}</th>
                <th>{t('review.col_spread')}</th>
                <th>{t('review.col_definition')}</th>
              </tr>
            </thead>
            <tbody>
              {kpis.data.map((k) => (
                <Row key={k.code} kpi={k} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      <footer className="rv-print-foot">
        {t('review.printed', {
          time: dayTime(printed || kpis.dataUpdatedAt),
          name: session?.name ?? '',
          org: session?.org_name ?? '',
        })}
      </footer>
    </article>
  )
}

function Row({ kpi }: { kpi: Kpi }) {
  const { lang } = useLang()
  const good = met(kpi)
  const atMost = kpi.unit === 'seconds'
  return (
    <tr data-testid={`kpi-${kpi.code}`}>
      <td>
        <b>{kpiName(kpi.code)}</b>
      </td>
      <td className="num rv-big">
        {kpiValue(kpi.value, kpi.unit)}
        {kpi.value === null && <small className="gh-m">{t('review.no_data')}</small>}
      </td>
      <td className="num">
        {kpi.target !== null && (
          <>
            {atMost ? '≤' : '≥'} {kpiValue(kpi.target, kpi.unit)}{' '}
            {good !== null && (
              <b className={good ? 'ok' : 'bad'}>
                {good ? `✓ ${t('review.met')}` : `✕ ${t('review.not_met')}`}
              </b>
            )}
          </>
        )}
      </td>
      <td className="num">
        {kpi.unit === 'share' ? `${kpi.numerator} / ${kpi.denominator}` : `n = ${kpi.n}`}
      </td>
      <td className="num gh-m">
        {kpi.p50 !== null && `P50 ${span(kpi.p50)}`}
        {kpi.p90 !== null && ` · P90 ${span(kpi.p90)}`}
      </td>
      <td className="rv-definition">
        {lang === 'en' ? kpi.definition_en : kpi.definition}
        <span className="gh-m">{t('review.excluded_label', { what: exclusions(kpi) })}</span>
      </td>
    </tr>
  )
}
