/** What was known at a moment: level, units, the proposal and the choice, alerts and their owners. */
import type { Choice, MissionRow } from '@gh/contract'
import { duration, t, tOr } from '@gh/i18n'
import { Empty, LevelBadge, Panel, StateRing, TriageBadge } from '@gh/ui'
import { ageText, clockTime } from '../care/format.ts'
import { milestone, missionState, patientName, source } from '../care/words.ts'
import { useReasonText } from '../dispatch/recommend.tsx'
import { type Placed, rowsOf, type Screen } from './playback.ts'

const TOP = 3

interface Props {
  screen: Screen
  choices: readonly Choice[]
  places: ReadonlyMap<string, Placed | null>
  at_ms: number
  who: (actor: string) => string
}

export function Moment({ screen, choices, places, at_ms, who }: Props) {
  const incident = rowsOf(screen, 'incidents')[0]
  const missions = rowsOf(screen, 'missions')
  const alerts = rowsOf(screen, 'alerts').sort((a, b) => a.raised_ms - b.raised_ms)
  return (
    <>
      <Panel title={t('review.known')} testid="known">
        {incident === undefined ? (
          <Empty title={t('review.not_begun')} />
        ) : (
          <p className="rv-known">
            <LevelBadge level={incident.level} />{' '}
            {incident.level === '' ? t('level.unknown') : t(`level.${incident.level}`)}
            {incident.level_overridden && (
              <span className="gh-tag warn">{t('review.overridden')}</span>
            )}
            {!incident.level_complete && incident.level !== '' && (
              <span className="gh-m"> · {t('review.level_open')}</span>
            )}
            {rowsOf(screen, 'patients').map((p) => (
              <span key={p.id} className="rv-patient">
                <TriageBadge level={p.level} /> {patientName(p)}
                {p.score?.news2 !== null && p.score?.news2 !== undefined && (
                  <b className="num"> NEWS2 {p.score.news2}</b>
                )}
              </span>
            ))}
          </p>
        )}
        {choices.map((choice) => (
          <ChoiceLine key={choice.event} choice={choice} who={who} />
        ))}
      </Panel>
      <Panel title={t('review.units')} testid="units-then">
        {missions.length === 0 ? (
          <Empty title={t('review.no_unit')} />
        ) : (
          missions.map((m) => (
            <RunLine key={m.id} mission={m} place={places.get(m.id) ?? null} at_ms={at_ms} />
          ))
        )}
      </Panel>
      <Panel title={t('review.alerts')} testid="alerts-then">
        {alerts.length === 0 ? (
          <Empty title={t('review.no_alerts')} />
        ) : (
          alerts.map((alert) => (
            <p key={alert.id} className={`rv-alert ${alert.state}`}>
              <b className="num">{clockTime(alert.raised_ms)}</b>{' '}
              {tOr(`alert_name.${alert.code}`, alert.code)}
              <span className="gh-m">
                {' '}
                → {tOr(`alert_owner.${alert.owner}`, t('app.seat', { seat: alert.owner }))}
              </span>
              <br />
              {alert.acknowledged_ms === null ? (
                <span className={alert.resolved_ms === null ? 'un' : 'gh-m'}>
                  {t('review.not_acknowledged', {
                    age: duration(((alert.resolved_ms ?? at_ms) - alert.raised_ms) / 1000),
                  })}
                </span>
              ) : (
                t('review.acknowledged', {
                  who: who(alert.acknowledged_by) || alert.acknowledged_by,
                  time: clockTime(alert.acknowledged_ms),
                  after: duration((alert.acknowledged_ms - alert.raised_ms) / 1000),
                })
              )}
              {alert.resolved_ms !== null && (
                <span className="gh-m">
                  {' '}
                  · {t('review.resolved', { time: clockTime(alert.resolved_ms) })}
                </span>
              )}
            </p>
          ))
        )}
      </Panel>
    </>
  )
}

function ChoiceLine({ choice, who }: { choice: Choice; who: (actor: string) => string }) {
  const reason = useReasonText()
  const ranked = choice.proposal?.ranked ?? []
  const place = ranked.findIndex((c) => c.unit_id === choice.unit_id)
  const skipped = choice.proposal?.skipped.find((c) => c.unit_id === choice.unit_id)
  return (
    <div className="rv-choice" data-testid="choice">
      <p>
        <b className="num">{clockTime(choice.at_ms)}</b> {t('review.chosen')}{' '}
        <b>{choice.call_sign}</b> <span className="gh-m">{who(choice.actor)}</span>
      </p>
      {choice.proposal === null ? (
        <p className="gh-m">{t('review.no_proposal')}</p>
      ) : (
        <ol>
          {ranked.slice(0, TOP).map((c) => (
            <li key={c.unit_id} className={c.unit_id === choice.unit_id ? 'chosen' : ''}>
              {c.unit_id === choice.unit_id ? '✓ ' : ''}
              {c.call_sign} {c.eta_s === null ? '--' : duration(c.eta_s)}
              {c.estimated && '≈'}
              <span className="gh-m"> {c.reasons.map(reason).join(' · ')}</span>
            </li>
          ))}
        </ol>
      )}
      {choice.proposal !== null && place >= TOP && (
        <p className="rv-was">{t('review.chosen_rank', { n: place + 1 })}</p>
      )}
      {skipped && (
        <p className="rv-was">
          {t('review.chosen_skipped', { why: skipped.reasons.map(reason).join(' · ') })}
        </p>
      )}
    </div>
  )
}

function RunLine({
  mission,
  place,
  at_ms,
}: {
  mission: MissionRow
  place: Placed | null
  at_ms: number
}) {
  const last = mission.nodes.at(-1)
  const changed = mission.nodes.filter((n) => n.original_ms !== null)
  return (
    <div className="rv-run">
      <p>
        <StateRing state={mission.state} /> <b>{mission.call_sign}</b> {missionState(mission.state)}{' '}
        <b className="num">{duration(((mission.ended_ms ?? at_ms) - mission.since_ms) / 1000)}</b>
        {last && <span className="gh-m"> · {source(last.source)}</span>}
      </p>
      <p className={place !== null && place.age_ms > 60_000 ? 'un' : 'gh-m'}>
        {place === null
          ? t('review.no_position')
          : t('review.position', {
              age: ageText(place.age_ms),
              n: place.satellites ?? '--',
            })}
        {place?.late && <span className="gh-tag assumed">{t('review.trail.late')}</span>}
        {place?.tablet && <span className="gh-tag">{t('map.tablet')}</span>}
      </p>
      {changed.map((n) => (
        <p key={n.milestone} className="rv-was">
          {milestone(n.milestone)} {clockTime(n.at_ms)} · {t('review.was')}{' '}
          <s>{clockTime(n.original_ms ?? 0)}</s> {n.reason}
        </p>
      ))}
    </div>
  )
}
