import type { MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useTable } from '@gh/live'
import { Button, Empty, StateRing } from '@gh/ui'
import { useDesk } from './desk.tsx'
import { MissionStrip } from './mission-strip.tsx'
import { Recommend } from './recommend.tsx'

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
            {incident.state === 'open' ? (
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
            <span className="gh-m gh-ell">
              {incident.number} · {incident.location?.label ?? t('case.no_location')}
            </span>
          </>
        ) : (
          <h2>{t('recommend.title')}</h2>
        )}
      </div>
      {incident === undefined ? (
        <Empty title={t('recommend.empty')} hint={t('recommend.empty_hint')} />
      ) : shown ? (
        <MissionStrip key={shown.id} mission={shown} />
      ) : incident.state === 'open' ? (
        <Recommend incident={incident} />
      ) : (
        <Empty title={t('recommend.closed')} />
      )}
    </section>
  )
}
