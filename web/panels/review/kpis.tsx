/** The indicators with their exact definitions, both counts, and what was left out. */
import { type Kpi, query, Refusal } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Empty, ErrorNote, refusalText, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { dayOf, dayTime, parseDay, span, startOfDay } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { type Cell, saveCsv } from './csv.ts'
import { KpiDetail } from './kpi-detail.tsx'
import { usePrint } from './print.ts'
import { exclusions, kpiName, kpiValue, met } from './words.ts'

const DAY_MS = 86_400_000
const RANGES = [1, 7, 30] as const

export function Kpis() {
  const session = useSession()
  const [today] = useState(() => startOfDay(serverNow()))
  const [from, setFrom] = useState(dayOf(today - 6 * DAY_MS))
  const [to, setTo] = useState(dayOf(today))
  const [printed, print] = usePrint()
  const [params, setParams] = useSearchParams()
  const from_ms = parseDay(from)
  const to_ms = parseDay(to)
  const valid = from_ms !== null && to_ms !== null && from_ms <= to_ms
  const kpis = useGet<Kpi[]>(
    valid ? query('/api/kpis', { from_ms, to_ms: to_ms + DAY_MS }) : null,
    { every_ms: 60_000 },
  )
  const chosen = kpis.data?.find((k) => k.code === params.get('of')) ?? kpis.data?.[0]
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
            disabled={!kpis.data}
            onClick={() => saveCsv(`kpi-${from}-${to}`, exported(kpis.data ?? [], from, to))}
            data-testid="csv"
          >
            {t('review.csv')}
          </Button>
          <Button onClick={() => void print()} data-testid="print">
            {t('review.print')}
          </Button>
        </span>
      </header>
      {!valid ? (
        <Empty title={t('review.bad_days')} />
      ) : kpis.isPending ? (
        <div className="gh-panel">
          <Skeleton rows={12} />
        </div>
      ) : kpis.isError ? (
        <ErrorNote
          what={
            kpis.error instanceof Refusal && kpis.error.status < 500
              ? refusalText(kpis.error)
              : t('review.kpi_failed')
          }
          works={t('review.read_only')}
          retry={() => void kpis.refetch()}
        />
      ) : kpis.data.length === 0 ? (
        <Empty title={t('review.no_kpis')} />
      ) : (
        <div className="rv-kpi-body">
          <nav className="gh-panel rv-kpi-list gh-noprint">
            {kpis.data.map((k) => (
              <Card
                key={k.code}
                kpi={k}
                on={k.code === chosen?.code}
                onSelect={() => setParams({ of: k.code }, { replace: true })}
              />
            ))}
          </nav>
          <Sheet kpis={kpis.data} />
          {chosen && (
            <KpiDetail
              key={chosen.code}
              kpi={chosen}
              from_ms={from_ms}
              to_ms={to_ms + DAY_MS}
              period={t('review.period', { from, to })}
            />
          )}
        </div>
      )}
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

/** An indicator at a glance; its details stand beside the list. */
function Card({ kpi, on, onSelect }: { kpi: Kpi; on: boolean; onSelect: () => void }) {
  return (
    <button
      type="button"
      className="rv-card"
      aria-pressed={on}
      onClick={onSelect}
      data-testid={`kpi-${kpi.code}`}
    >
      <span>{kpiName(kpi.code)}</span>
      <b className="num rv-big">{kpiValue(kpi.value, kpi.unit)}</b>
      <span className="gh-m gh-s num">
        {kpi.unit === 'share' ? `${kpi.numerator} / ${kpi.denominator}` : `n = ${kpi.n}`}
      </span>
      <span className="gh-s">
        <Target kpi={kpi} />
      </span>
    </button>
  )
}

function Target({ kpi }: { kpi: Kpi }) {
  const good = met(kpi)
  if (kpi.target === null) return null
  return (
    <>
      {kpi.unit === 'seconds' ? '≤' : '≥'} {kpiValue(kpi.target, kpi.unit)}{' '}
      {good !== null && (
        <b className={good ? 'ok' : 'bad'}>
          {good ? `✓ ${t('review.met')}` : `✕ ${t('review.not_met')}`}
        </b>
      )}
    </>
  )
}

/** All indicators on paper. */
function Sheet({ kpis }: { kpis: readonly Kpi[] }) {
  return (
    <table className="rv-table rv-kpi-table rv-printonly">
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
        {kpis.map((k) => (
          <Row key={k.code} kpi={k} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ kpi }: { kpi: Kpi }) {
  const { lang } = useLang()
  return (
    <tr>
      <td>
        <b>{kpiName(kpi.code)}</b>
      </td>
      <td className="num rv-big">
        {kpiValue(kpi.value, kpi.unit)}
        {kpi.value === null && <small className="gh-m">{t('review.no_data')}</small>}
      </td>
      <td className="num">
        <Target kpi={kpi} />
        {kpi.target !== null && kpi.sign_off === 'unsigned' && <div>{t('review.unsigned')}</div>}
      </td>
      <td className="num">
        {kpi.unit === 'share' ? `${kpi.numerator} / ${kpi.denominator}` : `n = ${kpi.n}`}
        {kpi.missing > 0 && <div>{t('review.n_missing', { n: kpi.missing })}</div>}
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

const exported = (kpis: readonly Kpi[], from: string, to: string): Cell[][] => [
  [t('review.kpi_title'), t('review.period', { from, to })],
  [
    'code',
    t('review.col_kpi'),
    t('review.col_value'),
    'unit',
    t('review.col_target'),
    t('review.signed_off'),
    t('review.numerator'),
    t('review.denominator'),
    t('review.missing'),
    'P50 s',
    'P90 s',
    t('review.col_excluded'),
    t('review.col_definition'),
    t('review.col_source'),
  ],
  ...kpis.map((k): Cell[] => [
    k.code,
    kpiName(k.code),
    k.value,
    k.unit,
    k.target,
    k.sign_off,
    k.numerator,
    k.denominator,
    k.missing,
    k.p50,
    k.p90,
    exclusions(k),
    k.definition,
    k.source,
  ]),
]
