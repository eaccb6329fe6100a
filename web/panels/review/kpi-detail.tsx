/** One indicator: its exact definition, by what it can be told apart, and the cases behind a bar. */
import { type Breakdown, type Dimension, type Kpi, type Measure, query } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { Button, Empty, ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { Link } from 'react-router'
import { dayTime, span } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { type Cell, saveCsv } from './csv.ts'
import { GroupChart, TimesChart } from './kpi-charts.tsx'
import { exclusion, exclusions, groupName, kpiName, kpiValue } from './words.ts'

interface Props {
  kpi: Kpi
  from_ms: number
  to_ms: number
  period: string
}

/** What the list of cases is narrowed to. */
type Chosen = { group: string } | { bin: number } | null

export function KpiDetail({ kpi, from_ms, to_ms, period }: Props) {
  const { lang } = useLang()
  const [by, setBy] = useState<Dimension>('hour')
  const [chosen, setChosen] = useState<Chosen>(null)
  const found = useGet<Breakdown>(
    query(`/api/kpis/${encodeURIComponent(kpi.code)}`, { by, from_ms, to_ms }),
    { stale_ms: 30_000 },
  )
  const timed = kpi.p50 !== null
  return (
    <section className="rv-detail" data-testid="kpi-detail">
      <div className="gh-panel rv-def">
        <h2>{kpiName(kpi.code)}</h2>
        <p>{lang === 'en' ? kpi.definition_en : kpi.definition}</p>
        <p className="gh-m">
          {t('review.source_label', { what: kpi.source })}{' '}
          {kpi.sign_off === 'unsigned' ? (
            <span className="gh-tag assumed">{t('review.unsigned')}</span>
          ) : (
            t('review.signed', { who: kpi.sign_off })
          )}
        </p>
        <dl>
          <Fact name={t('review.col_value')} value={kpiValue(kpi.value, kpi.unit)} />
          <Fact
            name={t('review.col_counts')}
            value={kpi.unit === 'share' ? `${kpi.numerator} / ${kpi.denominator}` : `n = ${kpi.n}`}
          />
          <Fact name={t('review.median')} value={kpi.p50 === null ? '--' : span(kpi.p50)} />
          <Fact name="P90" value={kpi.p90 === null ? '--' : span(kpi.p90)} />
          <Fact name={t('review.missing')} value={String(kpi.missing)} />
        </dl>
        <p className="gh-m">{t('review.excluded_label', { what: exclusions(kpi) })}</p>
      </div>
      {found.isError ? (
        <ErrorNote
          what={t('review.kpi_failed')}
          works={t('review.read_only')}
          retry={() => void found.refetch()}
        />
      ) : !found.data ? (
        <Panel title={t('review.chart_groups')}>
          <Skeleton rows={8} />
        </Panel>
      ) : (
        <Told
          found={found.data}
          timed={timed}
          period={period}
          chosen={chosen}
          onChoose={setChosen}
          onBy={(next) => {
            setBy(next)
            setChosen(null)
          }}
        />
      )}
    </section>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt className="gh-m">{name}</dt>
    <dd className="num">{value}</dd>
  </div>
)

interface ToldProps {
  found: Breakdown
  timed: boolean
  period: string
  chosen: Chosen
  onChoose: (chosen: Chosen) => void
  onBy: (by: Dimension) => void
}

function Told({ found, timed, period, chosen, onChoose, onBy }: ToldProps) {
  const { by, groups, bins, kpi } = found
  const share = kpi.unit === 'share'
  return (
    <>
      <Panel
        title={t('review.chart_groups')}
        testid="kpi-groups"
        extra={
          <>
            <span className="gh-row gh-noprint">
              {found.dimensions.map((d) => (
                <Button
                  key={d}
                  look="quiet"
                  on={d === by}
                  onClick={() => onBy(d)}
                  data-testid={`by-${d}`}
                >
                  {t(`review.by.${d}`)}
                </Button>
              ))}
            </span>
            <span className="gh-m gh-s rv-key">
              {share ? t('review.key_share') : t('review.key_seconds')}
            </span>
          </>
        }
      >
        <GroupChart found={found} onPick={(group) => onChoose({ group })} />
        <table className="rv-table">
          <thead>
            <tr>
              <th>{t(`review.by.${by}`)}</th>
              <th>{t('review.col_value')}</th>
              <th>{t('review.col_counts')}</th>
              <th>{t('review.col_spread')}</th>
              <th>{t('review.missing')}</th>
              <th>{t('review.col_excluded')}</th>
            </tr>
          </thead>
          <tbody>
            {groups
              .filter((g) => g.figure.denominator > 0 || Object.keys(g.figure.excluded).length > 0)
              .map(({ key, figure }) => (
                <tr
                  key={key}
                  className={chosen && 'group' in chosen && chosen.group === key ? 'sel' : ''}
                >
                  <td>
                    <button
                      type="button"
                      className="rv-link"
                      onClick={() => onChoose({ group: key })}
                      data-testid={`group-${key}`}
                    >
                      {groupName(by, key)}
                    </button>
                  </td>
                  <td className="num">
                    <b>{kpiValue(figure.value, kpi.unit)}</b>
                  </td>
                  <td className="num">
                    {share
                      ? `${figure.numerator} / ${figure.denominator}`
                      : `n = ${figure.denominator}`}
                  </td>
                  <td className="num gh-m">
                    {figure.p50 !== null && `P50 ${span(figure.p50)}`}
                    {figure.p90 !== null && ` · P90 ${span(figure.p90)}`}
                  </td>
                  <td className="num">{figure.missing || ''}</td>
                  <td className="gh-m">
                    {Object.keys(figure.excluded).length > 0 && exclusions(figure)}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Panel>
      {timed && (
        <Panel
          title={t('review.chart_times')}
          testid="kpi-times"
          extra={
            <span className="gh-m gh-s rv-key">
              {found.limit_s !== null && t('review.key_limit', { limit: span(found.limit_s) })}
              {kpi.missing > 0 && ` · ${t('review.n_missing', { n: kpi.missing })}`}
            </span>
          }
        >
          <TimesChart found={found} onPick={(bin) => onChoose({ bin })} />
        </Panel>
      )}
      <Cases found={found} chosen={chosen} onAll={() => onChoose(null)} period={period} />
      {bins.length === 0 && timed ? <Empty title={t('review.no_times')} /> : null}
    </>
  )
}

function inBin(found: Breakdown, m: Measure, bin: number): boolean {
  const bar = found.bins[bin]
  if (bar === undefined || m.seconds === null) return false
  const above = bar.over_s === 0 || m.seconds > bar.over_s
  return above && (bar.to_s === null || m.seconds <= bar.to_s)
}

interface CasesProps {
  found: Breakdown
  chosen: Chosen
  onAll: () => void
  period: string
}

function Cases({ found, chosen, onAll, period }: CasesProps) {
  const { by, kpi, measures } = found
  const shown = measures.filter((m) =>
    chosen === null
      ? true
      : 'group' in chosen
        ? m.groups[by] === chosen.group
        : inBin(found, m, chosen.bin),
  )
  const bar = chosen && 'bin' in chosen ? found.bins[chosen.bin] : undefined
  const name =
    chosen === null
      ? t('ui.all')
      : 'group' in chosen
        ? groupName(by, chosen.group)
        : bar
          ? `${span(bar.over_s)} – ${bar.to_s === null ? '' : span(bar.to_s)}`
          : ''
  const result = (m: Measure) =>
    m.excluded !== ''
      ? t('review.is_excluded', { why: exclusion(m.excluded) })
      : m.met === null
        ? ''
        : t(m.met ? 'review.met' : 'review.not_met')
  const exported = (): Cell[][] => [
    [kpiName(kpi.code), period, t(`review.by.${by}`)],
    [kpi.definition],
    [
      t('review.col_begun'),
      t(`review.by.${by}`),
      t('review.col_unit'),
      's',
      t('review.col_result'),
      'id',
    ],
    ...shown.map((m): Cell[] => [
      dayTime(m.at_ms),
      groupName(by, m.groups[by] ?? ''),
      m.call_sign,
      m.seconds,
      result(m),
      m.incident_id,
    ]),
  ]
  return (
    <Panel
      title={t('review.behind')}
      testid="kpi-cases"
      className="gh-noprint"
      extra={
        <>
          <span className="gh-m">
            {name} · {t('review.n_things', { n: shown.length })}
            {found.left_out > 0 && ` · ${t('review.n_left_out', { n: found.left_out })}`}
          </span>
          <span className="gh-sp" />
          {chosen !== null && (
            <Button look="quiet" onClick={onAll}>
              {t('ui.all')}
            </Button>
          )}
          <Button onClick={() => saveCsv(`${kpi.code}-${by}`, exported())} data-testid="csv-cases">
            {t('review.csv')}
          </Button>
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty title={t('review.no_data')} />
      ) : (
        <table className="rv-table">
          <tbody>
            {shown.map((m) => (
              <tr key={`${m.incident_id}${m.call_sign}${m.at_ms}`}>
                <td className="num">{dayTime(m.at_ms)}</td>
                <td>{m.call_sign}</td>
                <td className="num">
                  {m.seconds === null ? (
                    <span className="gh-m">
                      {m.excluded === '' && kpi.p50 !== null ? t('review.no_value') : ''}
                    </span>
                  ) : (
                    <b>{span(m.seconds)}</b>
                  )}
                </td>
                <td className={m.met === false ? 'bad' : 'gh-m'}>{result(m)}</td>
                <td>
                  {m.incident_id === '' ? (
                    <span className="gh-m">{t('review.no_case')}</span>
                  ) : (
                    <>
                      <Link to={`/review/${m.incident_id}`}>{t('review.case')}</Link>
                      {' · '}
                      <Link to={`/review/${m.incident_id}/replay`}>{t('review.replay')}</Link>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
