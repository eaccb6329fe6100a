/** The page that is open over the bedside. Drawn anew when its own rows change, and for nothing else. */
import type { HandoverRow, MissionRow, PatientRow } from '@gh/contract'
import { useLang } from '@gh/i18n'
import { useRow, useTable } from '@gh/live'
import { memo, useCallback, useState } from 'react'
import { useLexicon } from '../../panels/care/content.tsx'
import { isOf } from '../../panels/care/inbound.ts'
import { AssessSheet } from '../../panels/crew/assess-sheet.tsx'
import { NumberSheet } from '../../panels/crew/caller.tsx'
import type { Page } from '../../panels/crew/capture-rail.tsx'
import { ChartSheet } from '../../panels/crew/chart-sheet.tsx'
import { CorrectSheet } from '../../panels/crew/correct-sheet.tsx'
import { EndedSheet } from '../../panels/crew/ended.tsx'
import { FilesSheet } from '../../panels/crew/files-sheet.tsx'
import { HospitalSheet } from '../../panels/crew/hospital-sheet.tsx'
import { LeadsSheet } from '../../panels/crew/leads-sheet.tsx'
import { LevelSheet } from '../../panels/crew/level-sheet.tsx'
import { MonitorSheet } from '../../panels/crew/monitor-sheet.tsx'
import { ObserveSheet } from '../../panels/crew/observe-sheet.tsx'
import { PatientSheet } from '../../panels/crew/patient-sheet.tsx'
import { PortraitSheet } from '../../panels/crew/portrait-sheet.tsx'
import { PreAlertSheet } from '../../panels/crew/prealert-sheet.tsx'
import { RecordSheet } from '../../panels/crew/record-sheet.tsx'
import { SignSheet } from '../../panels/crew/sign-sheet.tsx'
import { UltrasoundSheet } from '../../panels/crew/ultrasound-sheet.tsx'
import { UntreatedSheet } from '../../panels/crew/untreated-sheet.tsx'
import { VitalsSheet } from '../../panels/crew/vitals-sheet.tsx'
import { useUnstored } from '../../panels/record/unstored.ts'

interface Props {
  page: Page
  mission: MissionRow
  patient: PatientRow | undefined
  patients: readonly PatientRow[]
  registered: readonly PatientRow[]
  announced: readonly HandoverRow[]
  handover: HandoverRow | undefined
  leadsOf: string
  announcing: string
  needs: readonly string[]
  onNeeds: (needs: readonly string[]) => void
  onPatient: (id: string) => void
  onOpen: (page: Page | null) => void
  onDestination: (of: PatientRow) => void
  onAnnounce: (hospitalId: string) => void
}

export const OpenSheet = memo(function OpenSheet(props: Props) {
  useLang()
  const { page, mission, patients, handover, needs, onOpen, onPatient } = props
  const patient = useUnstored(props.patient)
  const lexicon = useLexicon()
  const incident = useRow('incidents', mission.incident_id)
  const hospitals = useTable('hospitals')
  const [triage, setTriage] = useState({ patientId: '', sheetId: '' })
  const close = useCallback(() => onOpen(null), [onOpen])
  const toDestination = (of: PatientRow) => () => props.onDestination(of)
  const triageSheet = (patientId: string, sheetId: string) => {
    onPatient(patientId)
    setTriage({ patientId, sheetId })
    onOpen('triage')
  }
  switch (page) {
    case 'patient':
      return (
        <PatientSheet
          mission={mission}
          patients={patients}
          patient={patient}
          registered={props.registered}
          handovers={props.announced}
          onSelect={onPatient}
          onPortrait={() => onOpen('portrait')}
          onTriage={triageSheet}
          onClose={close}
        />
      )
    case 'hospital':
      return (
        <HospitalSheet
          mission={mission}
          handover={handover}
          hospitals={hospitals}
          needs={needs}
          onNeeds={props.onNeeds}
          onChosen={(hospitalId) => (patient ? props.onAnnounce(hospitalId) : close())}
          onClose={close}
        />
      )
    case 'sign':
      return handover && <SignSheet key={handover.id} handover={handover} onClose={close} />
    case 'monitor':
      return <MonitorSheet mission={mission} patients={patients} onClose={close} />
    case 'leads':
      return <LeadsSheet mission={mission} deviceId={props.leadsOf} onClose={close} />
    case 'number':
      return <NumberSheet mission={mission} onClose={close} />
    case 'ended':
      return <EndedSheet unitId={mission.unit_id} onClose={close} />
    case 'untreated':
      return <UntreatedSheet mission={mission} onClose={close} />
    case 'correct':
      return <CorrectSheet mission={mission} onClose={close} />
  }
  if (patient === undefined) return null
  // Keyed by patient: what was typed for one never goes to another.
  switch (page) {
    case 'portrait':
      return <PortraitSheet key={patient.id} patient={patient} onClose={close} />
    case 'vitals':
      return <VitalsSheet key={patient.id} patient={patient} onClose={close} />
    case 'observe':
      return <ObserveSheet key={patient.id} patient={patient} onClose={close} />
    case 'assess':
      return (
        <AssessSheet
          key={patient.id}
          patient={patient}
          topic={incident?.topic ?? ''}
          onDestination={toDestination(patient)}
          onClose={close}
        />
      )
    case 'triage':
      // The row of somebody who was registered just now may come later than the page.
      return (
        isOf(patient, triage.patientId) && (
          <AssessSheet
            key={patient.id}
            patient={patient}
            topic={triage.sheetId}
            sheetId={triage.sheetId}
            onDestination={toDestination(patient)}
            onClose={close}
          />
        )
      )
    case 'chart':
      return (
        <ChartSheet
          key={patient.id}
          patient={patient}
          onUltrasound={() => onOpen('ultrasound')}
          onClose={close}
        />
      )
    case 'ultrasound':
      return <UltrasoundSheet key={patient.id} patient={patient} onClose={close} />
    case 'files':
      return <FilesSheet key={patient.id} patient={patient} onClose={close} />
    case 'record':
      return <RecordSheet key={patient.id} patient={patient} onClose={close} />
    case 'level':
      return <LevelSheet key={patient.id} patient={patient} onClose={close} />
    case 'prealert':
    case 'correct_prealert': {
      const told = page === 'correct_prealert' ? handover : undefined
      if (page === 'correct_prealert' && told === undefined) return null
      return (
        <PreAlertSheet
          key={`${page}.${patient.id}`}
          mission={mission}
          patient={patient}
          hospitalId={told?.hospital_id ?? props.announcing}
          complaint={incident ? lexicon.topic(incident.topic) : ''}
          needs={needs}
          told={told}
          onClose={close}
        />
      )
    }
  }
})
