/** Runs under way, the worst level first; then the cases whose units have all ended. */
import type { HandoverRow, IncidentRow, MissionRow, PatientRow } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { useLoaded, useNow, useRow, useTable } from '@gh/live'
import { Elapsed, Empty, LevelBadge, Panel, Skeleton, StateRing, TriageBadge } from '@gh/ui'
import { marks, sceneAlarmText } from '../care/device-alarms.ts'
import { risenTo } from '../care/inbound.ts'
import { isDue } from '../care/reassess.tsx'
import { isUnsure, LEVEL_ROMAN } from '../care/words.ts'
import { CaseName, Columns, heads, limitText, shortNumber, UnitAge } from './board-parts.tsx'
import { useDesk } from './desk.tsx'
import { activeOf, currentHandover, finishedOf, worstTriage } from './model.ts'
import { arrivesText, leftOf, useEtas } from './ways.ts'

export function Active() {
  const loaded = useLoaded()
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const active = activeOf(missions)
  const finished = finishedOf(incidents, missions)
  const cases = new Set(active.map((m) => m.incident_id)).size + finished.length
  return (
    <Panel
      title={t('board.active', { cases, units: active.length })}
      className="act"
      testid="board-active"
      extra={
        <>
          <span className="gh-sp" />
          <span className="gh-m gh-s">{t('board.active_order')}</span>
        </>
      }
    >
      {loaded ? null : <Skeleton rows={5} />}
      {loaded && active.length + finished.length === 0 ? (
        <Empty title={t('board.active_empty')} />
      ) : null}
      {active.length > 0 ? (
        <Columns names={heads('state', 'level', 'case', 'unit', 'eta')} />
      ) : null}
      {active.map((mission) => (
        <ActiveRow key={mission.id} mission={mission} />
      ))}
      {finished.map((incident) => (
        <Finished key={incident.id} incident={incident} />
      ))}
    </Panel>
  )
}

/** What somebody has to do here, the worst first; a node that a place proposes can wait. */
function due(mission: MissionRow, handover: HandoverRow | undefined, help: boolean): string {
  if (help) return t('board.help')
  if (mission.flags.length > 0) return t('case.flags', { n: mission.flags.length })
  if (mission.state === 'assigned') return t('case.not_acknowledged')
  if (handover?.state === 'sent') return t('case.prealert_open')
  if (handover?.state === 'declined') return t('case.prealert_declined')
  return ''
}

/** The second line of a run: what is due, and never in its place that somebody aboard got worse. */
export function standing(
  mission: MissionRow,
  patients: readonly PatientRow[],
  handover: HandoverRow | undefined,
  help: boolean,
  now: number,
): { text: string; warn: boolean } {
  const risen = worstTriage(patients.map(risenTo))
  const worse = risen !== '' || patients.some((p) => p.worse.length > 0)
  const graver = worse ? `${t('care.worse.title')} ${LEVEL_ROMAN[risen] ?? ''}`.trim() : ''
  const alarm = mission.scene_alarms[0]
  const heard = alarm
    ? `${marks(alarm.priority)} ${t('case.scene_alarm', { what: sceneAlarmText(alarm) })}`
    : ''
  // Who was handed over is measured by others.
  const watched =
    mission.state === 'handed_over' ? [] : patients.filter((p) => p.merged_into === '')
  const old = watched.some((p) => isDue(p, now)) ? t('care.reassess.short') : ''
  const pressing = [due(mission, handover, help), graver, heard, old].filter(Boolean)
  if (pressing.length > 0) return { text: pressing.join(' · '), warn: true }
  const [first] = mission.proposed
  if (first === undefined) return { text: mission.destination_name, warn: false }
  const proposed = t('case.proposed', { node: t(`milestone.${first}`) })
  const text = isUnsure(mission, first) ? `${proposed} · ${t('confidence.low')}` : proposed
  return { text, warn: true }
}

function ActiveRow({ mission }: { mission: MissionRow }) {
  const desk = useDesk()
  const incident = useRow('incidents', mission.incident_id)
  const patients = useTable('patients').filter((p) => p.mission_id === mission.id)
  const handover = currentHandover(useTable('handovers'), mission.id)
  const triage = worstTriage(patients.map((p) => p.level))
  const help = useRow('units', mission.unit_id)?.help_ms != null
  const { text, warn } = standing(mission, patients, handover, help, useNow())
  return (
    <button
      type="button"
      className={`row${mission.id === desk.missionId ? ' sel' : ''}${
        mission.incident_id === desk.incident?.id ? ' same' : ''
      }`}
      onClick={() => desk.openMission(mission)}
      data-testid={`active-${mission.call_sign}`}
      data-state={mission.state}
    >
      <span className="age">
        <Elapsed since_ms={mission.since_ms} limit_s={mission.limit_s} />
        <small className="gh-m">
          {mission.limit_s ? t('case.limit', { n: limitText(mission.limit_s) }) : ''}
        </small>
      </span>
      <span className="lvs">
        <LevelBadge level={mission.level || (incident?.level ?? '')} />
        {triage ? <TriageBadge level={triage} /> : null}
      </span>
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident?.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two">
        <p className="gh-ell">
          <StateRing state={mission.state} /> <b>{mission.call_sign}</b>{' '}
          {t(`state.${mission.state}`)}
        </p>
        {/* All that is due is said, on a second line where one is too short. */}
        <p className={`gh-s ${warn ? 'gh-warnt' : 'gh-m gh-ell'}`}>{text}</p>
      </span>
      <Arrival mission={mission} />
    </button>
  )
}

/** When it arrives; at a place there is nothing to arrive at, and only its position has an age. */
function Arrival({ mission }: { mission: MissionRow }) {
  const now = useNow()
  const eta = useEtas().get(mission.id)
  const left_s = eta ? leftOf(eta, now) : null
  return (
    <span className="arr">
      {eta && left_s !== null ? (
        <>
          <b title={eta.estimated ? t('recommend.estimated') : undefined}>
            {eta.estimated ? '≈' : ''}
            {duration(left_s)}
          </b>
          <small className="gh-m" title={eta.range ? t('route.range') : undefined}>
            {arrivesText(eta, left_s, now)}
          </small>
        </>
      ) : null}
      <small>
        <UnitAge unitId={mission.unit_id} />
      </small>
    </span>
  )
}

/** All units of the case have ended: somebody must close it, or send again. */
function Finished({ incident }: { incident: IncidentRow }) {
  const desk = useDesk()
  return (
    <button
      type="button"
      className={`row${incident.id === desk.incident?.id ? ' sel' : ''}`}
      onClick={() => desk.openCase(incident.id)}
      data-testid={`finished-${shortNumber(incident.number)}`}
    >
      <span className="age gh-m">—</span>
      <LevelBadge level={incident.level} />
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two">
        <p>{t('case.finished')}</p>
        <p className="gh-s gh-warnt">{t('case.to_close')}</p>
      </span>
      <span />
    </button>
  )
}
