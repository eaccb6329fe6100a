/** NEWS2 over the ride, what it is made of, and the level that a clinician made of it. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow } from '@gh/live'
import { Empty, TriageBadge } from '@gh/ui'
import { clockTime, hm } from '../care/format.ts'
import { scoreNow } from '../care/outdated.ts'
import { useWho } from '../care/who.ts'
import { band, isAtLeast, levelMissing, levelReason, missingName } from '../care/words.ts'

export function Score({ patient }: { patient: PatientRow }) {
  const score = scoreNow(patient, useNow())
  const who = useWho()
  const content = useContent()
  const history = patient.score_history.filter((s) => s.news2 !== null)
  return (
    <section className="gh-panel hs-score" data-testid="news2">
      <div className="gh-ph">
        <h2>NEWS2</h2>
        {score && (
          <b className={score.news2_band === 'high' ? 'bad' : undefined}>
            {band(score.news2_band)}
          </b>
        )}
        <span className="gh-sp" />
        {score && (
          <span className="gh-m gh-s">
            {t('hospital.computed', { time: clockTime(score.at_ms) })}
          </span>
        )}
      </div>
      {score === null ? (
        <Empty title={t('hospital.no_score')} hint={t('hospital.no_score_hint')} />
      ) : (
        <div className="hs-score-body">
          <div className="hs-score-now">
            <b className={score.news2_band === 'high' ? 'num bad' : 'num'}>
              {score.news2 !== null && score.news2_missing.length > 0 && <small>≥</small>}
              {score.news2 ?? '--'}
            </b>
            <div>
              <p>
                {t('hospital.level_proposed')}{' '}
                {isAtLeast(score) && <b className="un">{t('record.at_least')} </b>}
                <TriageBadge level={score.level} words />
              </p>
              <p>
                {t('hospital.level_confirmed')} <TriageBadge level={patient.level} words />{' '}
                <span className="gh-m gh-s">
                  {patient.level_ms === null
                    ? t('hospital.level_open')
                    : `${who(patient.level_by)} ${hm(patient.level_ms)}`.trim()}
                </span>
              </p>
              {score.level_reasons.length > 0 && (
                <p className="gh-m gh-s">
                  {[...new Set(score.level_reasons.map((one) => levelReason(one, content)))].join(
                    ' · ',
                  )}
                </p>
              )}
              {isAtLeast(score) && (
                <p className="un gh-s" data-testid="level-missing">
                  {t('care.level_missing', { what: levelMissing(score, content) })}
                </p>
              )}
              {score.news2_missing.length > 0 && (
                <p className="un gh-s">
                  {t('hospital.score_missing', {
                    what: score.news2_missing
                      .map((one) => missingName(one, content))
                      .join(t('ui.comma')),
                  })}
                </p>
              )}
            </div>
          </div>
          {history.length > 1 && (
            <Steps
              history={history.map((s) => ({
                at_ms: s.at_ms,
                value: s.news2 ?? 0,
                high: s.news2_band === 'high',
              }))}
            />
          )}
        </div>
      )}
    </section>
  )
}

/** About as wide as its panel is, so that its text keeps its size. */
const WIDTH = 240
const HEIGHT = 84
const TIME_WIDTH = 40
const VALUE_WIDTH = 16

/** A score holds until the next one: a stair, with a number at every change. */
function Steps({ history }: { history: { at_ms: number; value: number; high: boolean }[] }) {
  const first = history[0]?.at_ms ?? 0
  const last = history.at(-1)?.at_ms ?? 1
  const top = Math.max(8, ...history.map((h) => h.value))
  const x = (ms: number) => 14 + ((ms - first) / Math.max(1, last - first)) * (WIDTH - 40)
  const y = (v: number) => HEIGHT - 20 - (v / top) * (HEIGHT - 40)
  const steps = history.filter((h, i) => history[i - 1]?.value !== h.value)
  // What would cover the text before it is left out; the stair itself stays.
  const thinned = (width: number) => {
    let free = 0
    return steps.map((h) => {
      const fits = x(h.at_ms) >= free
      if (fits) free = x(h.at_ms) + width
      return fits
    })
  }
  const timed = thinned(TIME_WIDTH)
  const told = thinned(VALUE_WIDTH)
  const path = history
    .map((h, i) => (i === 0 ? `M${x(h.at_ms)} ${y(h.value)}` : `H${x(h.at_ms)}V${y(h.value)}`))
    .join('')
  return (
    <svg
      className="hs-steps"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t('hospital.score_history')}
    >
      <path className="base" d={`M8 ${HEIGHT - 20}H${WIDTH - 8}`} />
      <path className="line" d={path} />
      {steps.map((h, i) => (
        <g key={h.at_ms} className={h.high ? 'high' : undefined}>
          <circle cx={x(h.at_ms)} cy={y(h.value)} r="3.5" />
          {told[i] ? (
            <text className="val" x={x(h.at_ms)} y={y(h.value) - 7} textAnchor="middle">
              {h.value}
            </text>
          ) : null}
          {timed[i] ? (
            <text x={x(h.at_ms)} y={HEIGHT - 5} textAnchor="middle">
              {hm(h.at_ms)}
            </text>
          ) : null}
        </g>
      ))}
    </svg>
  )
}
