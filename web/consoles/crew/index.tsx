/** The crew's tablet, 1280 x 800. The page talks to the edge in the vehicle and works without the centre. */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { LiveProvider, useContent, useLoaded, useRow, useTable } from '@gh/live'
import { useSession } from '@gh/session'
import { Above, Skeleton, useConsoleTheme } from '@gh/ui'
import { Fragment, useCallback, useEffect, useState } from 'react'
import { useLexicon } from '../../panels/care/content.tsx'
import { handoverOf, isHandedOver, isOf } from '../../panels/care/inbound.ts'
import { Misled } from '../../panels/care/misled.tsx'
import { Reassess } from '../../panels/care/reassess.tsx'
import { VitalAlarms } from '../../panels/care/vital-alarms.tsx'
import { patientName, sexAge } from '../../panels/care/words.ts'
import { WorseAlarm } from '../../panels/care/worse-alarm.tsx'
import { AssessSheet } from '../../panels/crew/assess-sheet.tsx'
import { Broken } from '../../panels/crew/broken.tsx'
import { CalledOff } from '../../panels/crew/called-off.tsx'
import { CaptureRail, type Page } from '../../panels/crew/capture-rail.tsx'
import { ChartSheet } from '../../panels/crew/chart-sheet.tsx'
import { CorrectSheet } from '../../panels/crew/correct-sheet.tsx'
import { useFinished } from '../../panels/crew/finished.ts'
import '../../panels/crew/crew.css'
import { NumberSheet } from '../../panels/crew/caller.tsx'
import { Driver, useDriverLock } from '../../panels/crew/driver.tsx'
import { EcgStrip } from '../../panels/crew/ecg-strip.tsx'
import { EndedSheet } from '../../panels/crew/ended.tsx'
import { FilesSheet } from '../../panels/crew/files-sheet.tsx'
import { HospitalCard } from '../../panels/crew/hospital-card.tsx'
import { HospitalSheet } from '../../panels/crew/hospital-sheet.tsx'
import { type Choice, keep, shownOf, standing } from '../../panels/crew/identity.ts'
import { Idle, Reserved } from '../../panels/crew/idle.tsx'
import { LeadsSheet } from '../../panels/crew/leads-sheet.tsx'
import { LevelSheet } from '../../panels/crew/level-sheet.tsx'
import { LinkBar } from '../../panels/crew/link-bar.tsx'
import { currentMission } from '../../panels/crew/model.ts'
import { MonitorBar } from '../../panels/crew/monitor-bar.tsx'
import { MonitorSheet } from '../../panels/crew/monitor-sheet.tsx'
import { NavCard, useWay } from '../../panels/crew/nav-card.tsx'
import { NewTask } from '../../panels/crew/new-task.tsx'
import { NotTakenBar } from '../../panels/crew/not-taken.tsx'
import { LevelNotice } from '../../panels/crew/notices.tsx'
import { ObserveSheet } from '../../panels/crew/observe-sheet.tsx'
import { PatientSheet } from '../../panels/crew/patient-sheet.tsx'
import { PortraitSheet } from '../../panels/crew/portrait-sheet.tsx'
import { PreAlertSheet } from '../../panels/crew/prealert-sheet.tsx'
import { Proposals } from '../../panels/crew/proposals.tsx'
import { RecordSheet } from '../../panels/crew/record-sheet.tsx'
import { SignSheet } from '../../panels/crew/sign-sheet.tsx'
import { Silences } from '../../panels/crew/silences.tsx'
import { SosBar, SosOver } from '../../panels/crew/sos.tsx'
import { StatusColumn } from '../../panels/crew/status-column.tsx'
import { TaskCard } from '../../panels/crew/task-card.tsx'
import { UltrasoundSheet } from '../../panels/crew/ultrasound-sheet.tsx'
import { UnrecordedAlarms } from '../../panels/crew/unrecorded-alarms.tsx'
import { UnsentBar, useKeptEntries } from '../../panels/crew/unsent.tsx'
import { UntreatedSheet } from '../../panels/crew/untreated-sheet.tsx'
import { VitalsRow } from '../../panels/crew/vitals-row.tsx'
import { VitalsSheet } from '../../panels/crew/vitals-sheet.tsx'
import { WayMap } from '../../panels/crew/way-map.tsx'
import { PortraitNotice } from '../../panels/portrait/notice.tsx'
import { neededBy } from '../../panels/record/needed.ts'

export default function CrewConsole() {
  const session = useSession()
  useConsoleTheme('crew', 'auto')
  useKeptEntries()
  if (!session) return null
  return (
    <LiveProvider view="crew" unit={session.unit_id || undefined}>
      <Tablet unitId={session.unit_id} />
    </LiveProvider>
  )
}

function Tablet({ unitId }: { unitId: string }) {
  useLang()
  const loaded = useLoaded()
  const missions = useTable('missions')
  const hospitals = useTable('hospitals')
  const calls = useTable('calls')
  const units = useTable('units')
  const [writingId, setWriting] = useState('')
  const current = currentMission(missions)
  const finished = useFinished(missions)
  // Whoever writes is not thrown out by the end of the run.
  const ended = finished ?? missions.find((m) => m.id === writingId && m.ended_ms !== null)
  const incoming = current?.state === 'assigned' ? current : undefined
  const run = current?.active && !incoming ? current : ended
  const mission = current?.active ? current : (ended ?? current)
  const unit = units.find((u) => u.id === (mission?.unit_id ?? unitId)) ?? units[0]
  const incident = useRow('incidents', mission?.incident_id)
  const [choice, setChoice] = useState<Choice>({ asked: '', kept: '' })
  const registered = useTable('patients').filter((p) => p.mission_id === run?.id)
  const patient = shownOf(registered, choice)
  useEffect(() => setChoice((was) => keep(was, patient)), [patient])
  const caseCalls = calls.filter((c) => incident?.calls.includes(c.id))
  return (
    <div className="crew">
      <LinkBar
        unit={unit}
        unitId={mission?.unit_id ?? unitId}
        mission={mission}
        incident={incident}
        patient={patient}
      />
      <SosBar unit={unit} />
      <SosOver unit={unit} />
      <NotTakenBar />
      <UnsentBar />
      <Broken />
      {unit && <CalledOff missions={missions} unitId={unit.id} />}
      {!loaded ? (
        <main className="panel crew-loading" data-testid="loading">
          <Skeleton rows={8} />
        </main>
      ) : (
        <>
          {incoming && <NewTask mission={incoming} incident={incident} calls={caseCalls} />}
          {/* What was being written stands again when the new task is called off. */}
          <div className="crew-under" hidden={incoming !== undefined}>
            {run ? (
              <Task
                key={run.id}
                mission={run}
                patientId={patient?.id ?? ''}
                onPatient={(asked) => setChoice((was) => ({ ...was, asked }))}
                onWriting={setWriting}
              />
            ) : (
              <>
                {mission?.state === 'reserved' && <Reserved mission={mission} />}
                <Idle unit={unit} hospitals={hospitals} />
              </>
            )}
          </div>
        </>
      )}
    </div>
  )
}

interface TaskProps {
  mission: MissionRow
  patientId: string
  onPatient: (id: string) => void
  /** The run whose record or files are open; empty: none. */
  onWriting: (missionId: string) => void
}

function Task({ mission, patientId, onPatient, onWriting }: TaskProps) {
  const lexicon = useLexicon()
  const content = useContent()
  const [page, setPage] = useState<Page | null>(null)
  const [leadsOf, setLeadsOf] = useState('')
  const [triage, setTriage] = useState({ patientId: '', sheetId: '' })
  const [announcing, setAnnouncing] = useState('')
  const [needs, setNeeds] = useState<readonly string[]>([])
  const incident = useRow('incidents', mission.incident_id)
  const registered = useTable('patients').filter((p) => p.mission_id === mission.id)
  const patients = standing(registered)
  const patient = useRow('patients', patientId)
  const hospitals = useTable('hospitals')
  const hospital = useRow('hospitals', mission.destination_id)
  const calls = useTable('calls').filter((c) => incident?.calls.includes(c.id))
  const announced = useTable('handovers').filter((h) => h.mission_id === mission.id)
  const handover = handoverOf(announced, patient)
  const watched = patients.filter((p) => !isHandedOver(mission, handoverOf(announced, p)))
  const close = useCallback(() => setPage(null), [])
  const announce = (hospitalId: string) => {
    setAnnouncing(hospitalId)
    setPage('prealert')
  }
  const toDestination = (of: PatientRow) => {
    setNeeds(neededBy(of, content))
    setPage('hospital')
  }
  const choose = () => {
    // What a hospital was told is still needed, until the crew says otherwise.
    if (handover) setNeeds(handover.needs)
    setPage('hospital')
  }
  const { to, moving, route } = useWay(mission)
  const lock = useDriverLock(mission.unit_id)
  const { locked } = lock
  // What was open when the vehicle moved off is not there when it stops.
  useEffect(() => {
    if (locked) setPage(null)
  }, [locked])
  const writing = page === 'record' || page === 'files'
  useEffect(() => {
    onWriting(writing ? mission.id : '')
    return () => onWriting('')
  }, [writing, mission.id, onWriting])
  // Above every sheet and on the driver's screen: what sounds is always seen, and silenced there.
  const alarms = (
    <Above className="crew-alarms">
      {watched.map((p) => {
        const who = p.id === patientId ? undefined : patientName(p)
        return (
          <Fragment key={p.id}>
            <VitalAlarms patient={p} who={who} beside />
            <WorseAlarm patient={p} who={who} />
            <Reassess patient={p} who={who} />
            <Misled patient={p} who={who} />
          </Fragment>
        )
      })}
      <UnrecordedAlarms
        mission={mission}
        patients={watched}
        onRegister={locked ? undefined : () => setPage('patient')}
        onMonitor={locked ? undefined : () => setPage('monitor')}
      />
      {watched.length > 0 && <Silences mission={mission} />}
    </Above>
  )
  if (locked)
    return (
      <Driver
        mission={mission}
        incident={incident}
        calls={calls}
        alarms={alarms}
        onOpen={lock.open}
      />
    )
  return (
    <div className="crew-grid">
      <CaptureRail
        page={page}
        patient={patient}
        handover={handover}
        destination={mission.destination_id}
        onOpen={setPage}
      />
      <main className="crew-main">
        {alarms}
        <div className="crew-mid">
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
              onLeads={(deviceId) => {
                setLeadsOf(deviceId)
                setPage('leads')
              }}
            />
            <MonitorBar mission={mission} patients={patients} onOpen={() => setPage('monitor')} />
          </div>
          {moving && to === 'scene' && patient === undefined ? (
            <WayMap mission={mission} incident={incident} way={route.data} to={to} />
          ) : (
            <VitalsRow patient={patient} mission={mission} />
          )}
          <div className="crew-bottom">
            <div className="crew-left">
              {patient && <PortraitNotice patient={patient} onOpen={() => setPage('portrait')} />}
              {patient && <LevelNotice patient={patient} onOpen={() => setPage('level')} />}
              <TaskCard
                mission={mission}
                incident={incident}
                calls={calls}
                onNumber={() => setPage('number')}
              />
            </div>
            <HospitalCard
              mission={mission}
              patient={patient}
              handover={handover}
              hospital={hospital}
              onChoose={choose}
              onPreAlert={() => announce(mission.destination_id)}
              onCorrect={() => setPage('correct_prealert')}
              onSign={() => setPage('sign')}
            />
          </div>
          {page === 'patient' && (
            <PatientSheet
              mission={mission}
              patients={patients}
              patient={patient}
              registered={registered}
              handovers={announced}
              onSelect={onPatient}
              onPortrait={() => setPage('portrait')}
              onTriage={(patientId, sheetId) => {
                onPatient(patientId)
                setTriage({ patientId, sheetId })
                setPage('triage')
              }}
              onClose={close}
            />
          )}
          {/* Keyed by patient: what was typed for one never goes to another. */}
          {page === 'portrait' && patient && (
            <PortraitSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'vitals' && patient && (
            <VitalsSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'observe' && patient && (
            <ObserveSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'assess' && patient && (
            <AssessSheet
              key={patient.id}
              patient={patient}
              topic={incident?.topic ?? ''}
              onDestination={() => toDestination(patient)}
              onClose={close}
            />
          )}
          {/* The row of somebody who was registered just now may come later than the page. */}
          {page === 'triage' && patient && isOf(patient, triage.patientId) && (
            <AssessSheet
              key={patient.id}
              patient={patient}
              topic={triage.sheetId}
              sheetId={triage.sheetId}
              onDestination={() => toDestination(patient)}
              onClose={close}
            />
          )}
          {page === 'chart' && patient && (
            <ChartSheet
              key={patient.id}
              patient={patient}
              onUltrasound={() => setPage('ultrasound')}
              onClose={close}
            />
          )}
          {page === 'ultrasound' && patient && (
            <UltrasoundSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'files' && patient && (
            <FilesSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'record' && patient && (
            <RecordSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'level' && patient && (
            <LevelSheet key={patient.id} patient={patient} onClose={close} />
          )}
          {page === 'hospital' && (
            <HospitalSheet
              mission={mission}
              handover={handover}
              hospitals={hospitals}
              needs={needs}
              onNeeds={setNeeds}
              onChosen={(hospitalId) => (patient ? announce(hospitalId) : setPage(null))}
              onClose={close}
            />
          )}
          {(page === 'prealert' || (page === 'correct_prealert' && handover)) && patient && (
            <PreAlertSheet
              key={`${page}.${patient.id}`}
              mission={mission}
              patient={patient}
              hospitalId={page === 'prealert' ? announcing : (handover?.hospital_id ?? '')}
              complaint={incident ? lexicon.topic(incident.topic) : ''}
              needs={needs}
              told={page === 'prealert' ? undefined : handover}
              onClose={close}
            />
          )}
          {page === 'sign' && handover && (
            <SignSheet key={handover.id} handover={handover} onClose={close} />
          )}
          {page === 'monitor' && (
            <MonitorSheet mission={mission} patients={patients} onClose={close} />
          )}
          {page === 'leads' && <LeadsSheet mission={mission} deviceId={leadsOf} onClose={close} />}
          {page === 'number' && <NumberSheet mission={mission} onClose={close} />}
          {page === 'ended' && <EndedSheet unitId={mission.unit_id} onClose={close} />}
          {page === 'untreated' && <UntreatedSheet mission={mission} onClose={close} />}
          {page === 'correct' && <CorrectSheet mission={mission} onClose={close} />}
        </div>
      </main>
      <StatusColumn
        mission={mission}
        onCorrect={() => setPage('correct')}
        onEnded={() => setPage('ended')}
        onUntreated={() => setPage('untreated')}
      />
    </div>
  )
}
