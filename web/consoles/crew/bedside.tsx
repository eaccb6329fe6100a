/** What stands on the tablet during a run while nothing is open: way, ECG, vital signs, task, hospital. */
import type { HandoverRow, MissionRow, PatientRow } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useRow, useTable } from '@gh/live'
import { memo } from 'react'
import { patientName, sexAge } from '../../panels/care/words.ts'
import type { Page } from '../../panels/crew/capture-rail.tsx'
import { EcgStrip } from '../../panels/crew/ecg-strip.tsx'
import { HospitalCard } from '../../panels/crew/hospital-card.tsx'
import { MonitorBar } from '../../panels/crew/monitor-bar.tsx'
import { NavCard, useWay } from '../../panels/crew/nav-card.tsx'
import { LevelNotice } from '../../panels/crew/notices.tsx'
import { Proposals } from '../../panels/crew/proposals.tsx'
import { TaskCard } from '../../panels/crew/task-card.tsx'
import { VitalsRow } from '../../panels/crew/vitals-row.tsx'
import { WayMap } from '../../panels/crew/way-map.tsx'
import { PortraitNotice } from '../../panels/portrait/notice.tsx'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
  patient: PatientRow | undefined
  handover: HandoverRow | undefined
  onOpen: (page: Page) => void
  onLeads: (deviceId: string) => void
  /** Which hospital. */
  onChoose: () => void
  onAnnounce: (hospitalId: string) => void
}

export const Bedside = memo(function Bedside(props: Props) {
  useLang()
  const { mission, patients, patient, handover, onOpen } = props
  const incident = useRow('incidents', mission.incident_id)
  const hospital = useRow('hospitals', mission.destination_id)
  const calls = useTable('calls').filter((c) => incident?.calls.includes(c.id))
  const { to, moving, route } = useWay(mission)
  return (
    <>
      <NavCard mission={mission} incident={incident} />
      <Proposals mission={mission} />
      <div className="crew-bedside">
        <EcgStrip
          mission={mission}
          patient={patient}
          facts={{
            patient: patient ? `${patientName(patient)} ${sexAge(patient)}` : t('ui.unknown'),
            case_number: mission.incident_number,
            unit: mission.call_sign,
          }}
          onLeads={props.onLeads}
        />
        <MonitorBar mission={mission} patients={patients} onOpen={() => onOpen('monitor')} />
      </div>
      {moving && to === 'scene' && patient === undefined ? (
        <WayMap mission={mission} incident={incident} way={route.data} to={to} />
      ) : (
        <VitalsRow patient={patient} mission={mission} />
      )}
      <div className="crew-bottom">
        <div className="crew-left">
          {patient && <PortraitNotice patient={patient} onOpen={() => onOpen('portrait')} />}
          {patient && <LevelNotice patient={patient} onOpen={() => onOpen('level')} />}
          <TaskCard
            mission={mission}
            incident={incident}
            calls={calls}
            onNumber={() => onOpen('number')}
          />
        </div>
        <HospitalCard
          mission={mission}
          patient={patient}
          handover={handover}
          hospital={hospital}
          onChoose={props.onChoose}
          onPreAlert={() => props.onAnnounce(mission.destination_id)}
          onCorrect={() => onOpen('correct_prealert')}
          onSign={() => onOpen('sign')}
        />
      </div>
    </>
  )
})
