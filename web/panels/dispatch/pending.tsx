/** Cases that wait for a unit, and units that are reserved for later. */
import type { Keeping, MissionRow } from '@gh/contract'
import { clockTime, t } from '@gh/i18n'
import { useLoaded, useRow, useTable } from '@gh/live'
import { Elapsed, Empty, LevelBadge, Panel, Skeleton, StateRing } from '@gh/ui'
import { CaseName, Columns, heads, limitText, shortNumber } from './board-parts.tsx'
import { useDesk } from './desk.tsx'
import { pendingOf, reservedOf } from './model.ts'
import { keepingLook, useWindows } from './window.tsx'

export function Pending() {
  const desk = useDesk()
  const loaded = useLoaded()
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const calls = useTable('calls')
  const pending = pendingOf(incidents)
  const reserved = reservedOf(missions)
  const windows = useWindows()
  return (
    <Panel
      title={`${t('board.pending')} ${pending.length}`}
      className="pend"
      testid="board-pending"
      extra={
        <>
          {reserved.length > 0 ? (
            <span className="gh-m">{t('board.reserved', { n: reserved.length })}</span>
          ) : null}
          <span className="gh-sp" />
          <span className="gh-m gh-s">{t('board.pending_order')}</span>
        </>
      }
    >
      {loaded ? null : <Skeleton rows={3} />}
      {loaded && pending.length + reserved.length === 0 ? (
        <Empty title={t('board.pending_empty')} />
      ) : null}
      {pending.length > 0 ? <Columns names={heads('wait', 'level', 'case', 'source')} /> : null}
      {pending.map((incident) => {
        const first = calls.find((call) => incident.calls.includes(call.id))
        return (
          <button
            type="button"
            key={incident.id}
            className={`row${incident.id === desk.incident?.id ? ' sel' : ''}`}
            onClick={() => desk.openCase(incident.id)}
            data-testid={`pending-${shortNumber(incident.number)}`}
          >
            <span className="age">
              {incident.standby ? (
                <b>{clockTime(incident.standby.from_ms).slice(0, 5)}</b>
              ) : (
                <Elapsed
                  since_ms={incident.waiting_since_ms}
                  limit_s={incident.dispatch_target_s}
                />
              )}
              <small className="gh-m">
                {incident.dispatch_target_s
                  ? t('case.limit', { n: limitText(incident.dispatch_target_s) })
                  : ''}
              </small>
            </span>
            <LevelBadge level={incident.level} />
            <span className="two">
              <CaseName incident={incident} />
              <p className="gh-m gh-s gh-ell">
                {incident.location?.label ?? t('case.no_location')}
              </p>
            </span>
            <span className="two right">
              <p className="gh-ell">
                {incident.standby
                  ? t('standby.word')
                  : t(first?.line === 'typed' ? 'case.by_hand' : 'case.by_phone')}
                {incident.seat ? ` · ${t('app.seat', { seat: incident.seat })}` : ''}
              </p>
              <p className="gh-m gh-s">
                {incident.calls.length > 1
                  ? t('case.more_calls', { n: incident.calls.length - 1 })
                  : ''}
              </p>
            </span>
          </button>
        )
      })}
      {reserved.map((mission) => (
        <Reserved key={mission.id} mission={mission} keeping={windows.get(mission.id)?.keeping} />
      ))}
    </Panel>
  )
}

function Reserved({
  mission,
  keeping,
}: {
  mission: MissionRow
  /** Undefined: not known yet. */
  keeping: Keeping | undefined
}) {
  const desk = useDesk()
  const incident = useRow('incidents', mission.incident_id)
  return (
    <button
      type="button"
      className={`row${mission.id === desk.missionId ? ' sel' : ''}`}
      onClick={() => desk.openMission(mission)}
      data-testid={`reserved-${mission.call_sign}`}
    >
      <span className="age">
        <b>{clockTime(mission.due_ms ?? mission.since_ms).slice(0, 5)}</b>
        {mission.latest_ms === null ? null : (
          <small className="gh-m">
            {t('window.until', { at: clockTime(mission.latest_ms).slice(0, 5) })}
          </small>
        )}
      </span>
      <LevelBadge level={incident?.level ?? ''} />
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident?.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two right">
        <p>
          <StateRing state="reserved" /> {mission.call_sign}
        </p>
        <p className={`gh-s ${keepingLook(keeping)}`} data-keeping={keeping}>
          {t(`window.short.${keeping ?? 'early'}`)}
        </p>
      </span>
    </button>
  )
}
