import type { IncidentRow, MissionRow } from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useTable } from '@gh/live'
import { Button, Empty, LevelBadge, StateRing } from '@gh/ui'
import { Asks } from './asks.tsx'
import { shortNumber } from './board-parts.tsx'
import { isOpenHere } from './copy-note.tsx'
import { useDesk, useRecommendation } from './desk.tsx'
import { MissionStrip } from './mission-strip.tsx'
import { Recommend } from './recommend.tsx'
import { SceneButton } from './scene.tsx'
import { othersText } from './words.ts'

/** Under the map: which units could go, or the run of one that went. */
export function CaseStrip() {
  const desk = useDesk()
  const { incident } = desk
  const missions = useTable('missions').filter((m) => m.incident_id === incident?.id)
  const shown: MissionRow | undefined = missions.find((m) => m.id === desk.missionId)
  return (
    <section className="gh-panel strip" data-testid="case-strip">
      <div className="gh-ph">
        {incident ? (
          <>
            {isOpenHere(incident) ? (
              <Button on={!shown} keycap="F4" onClick={desk.showCandidates} data-testid="tab-units">
                {t(missions.some((m) => m.active) ? 'recommend.more' : 'recommend.title')}
              </Button>
            ) : null}
            {missions.map((mission) => (
              <Button
                key={mission.id}
                on={mission.id === shown?.id}
                onClick={() => desk.openMission(mission)}
                data-testid={`tab-${mission.call_sign}`}
              >
                <StateRing state={mission.state} />
                <b>{mission.call_sign}</b> {t(`state.${mission.state}`)}
              </Button>
            ))}
            <span className="gh-sp" />
            {shown || incident.node ? null : <Wanted incident={incident} />}
            <SceneButton incident={incident} />
            <LevelBadge level={incident.level} />
            <b>{shortNumber(incident.number)}</b>
            <span className="gh-m gh-ell">{incident.location?.label ?? t('case.no_location')}</span>
          </>
        ) : (
          <h2>{t('recommend.title')}</h2>
        )}
      </div>
      {incident?.state === 'open' ? <Asks incident={incident} /> : null}
      {incident === undefined ? (
        <Empty title={t('recommend.empty')} hint={t('recommend.empty_hint')} />
      ) : shown ? (
        <MissionStrip key={shown.id} mission={shown} />
      ) : isOpenHere(incident) ? (
        <Recommend incident={incident} />
      ) : incident.node ? (
        <Empty
          title={t('node.case_of', { node: incident.node })}
          hint={t('node.sends_itself', { node: incident.node })}
        />
      ) : (
        <Empty title={t('recommend.closed')} />
      )}
    </section>
  )
}

/** What the level asks for, and when the ways were last computed. */
function Wanted({ incident }: { incident: IncidentRow }) {
  const { wanted } = incident
  const proposal = useRecommendation().data
  return (
    <span className="gh-m gh-s">
      {wanted && wanted.unit_kinds.length > 0
        ? `${t('recommend.wants', {
            kinds: wanted.unit_kinds.map((kind) => tOr(`unit_kind.${kind}`, kind)).join('/'),
            n: wanted.crews,
          })} · `
        : ''}
      {wanted && wanted.others.length > 0 ? (
        <span className="gh-warnt" data-testid="others">
          {othersText(wanted)} ·{' '}
        </span>
      ) : null}
      {proposal
        ? t('recommend.computed', {
            n: proposal.ranked.length,
            at: clockTime(proposal.computed_ms),
          })
        : ''}
    </span>
  )
}
