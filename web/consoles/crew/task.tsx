/** A run on the tablet. */
import type { MissionRow, PatientRow } from '@gh/contract'
import { useLang } from '@gh/i18n'
import { useContent, useRow, useTable } from '@gh/live'
import { Above } from '@gh/ui'
import { Fragment, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { handoverOf, isHandedOver } from '../../panels/care/inbound.ts'
import { Misled } from '../../panels/care/misled.tsx'
import { Reassess } from '../../panels/care/reassess.tsx'
import { VitalAlarms } from '../../panels/care/vital-alarms.tsx'
import { patientName } from '../../panels/care/words.ts'
import { WorseAlarm } from '../../panels/care/worse-alarm.tsx'
import { CaptureRail, type Page } from '../../panels/crew/capture-rail.tsx'
import { Driver, useDriverLock } from '../../panels/crew/driver.tsx'
import { standing } from '../../panels/crew/identity.ts'
import { Silences } from '../../panels/crew/silences.tsx'
import { StatusColumn } from '../../panels/crew/status-column.tsx'
import { UnrecordedAlarms } from '../../panels/crew/unrecorded-alarms.tsx'
import { neededBy } from '../../panels/record/needed.ts'
import { Bedside } from './bedside.tsx'
import { OpenSheet } from './open-sheet.tsx'

interface Props {
  mission: MissionRow
  patientId: string
  onPatient: (id: string) => void
  /** The run whose record or files are open; empty: none. */
  onWriting: (missionId: string) => void
}

export const Task = memo(function Task({ mission, patientId, onPatient, onWriting }: Props) {
  useLang()
  const content = useContent()
  const [page, setPage] = useState<Page | null>(null)
  const [leadsOf, setLeadsOf] = useState('')
  const [announcing, setAnnouncing] = useState('')
  const [needs, setNeeds] = useState<readonly string[]>([])
  const incident = useRow('incidents', mission.incident_id)
  const calls = useTable('calls').filter((c) => incident?.calls.includes(c.id))
  const all = useTable('patients')
  const registered = useMemo(
    () => all.filter((p) => p.mission_id === mission.id),
    [all, mission.id],
  )
  const patients = useMemo(() => standing(registered), [registered])
  const patient = useRow('patients', patientId)
  const everywhere = useTable('handovers')
  const announced = useMemo(
    () => everywhere.filter((h) => h.mission_id === mission.id),
    [everywhere, mission.id],
  )
  const handover = handoverOf(announced, patient)
  const watched = patients.filter((p) => !isHandedOver(mission, handoverOf(announced, p)))
  const announce = useCallback((hospitalId: string) => {
    setAnnouncing(hospitalId)
    setPage('prealert')
  }, [])
  const toDestination = useCallback(
    (of: PatientRow) => {
      setNeeds(neededBy(of, content))
      setPage('hospital')
    },
    [content],
  )
  const told = handover?.needs
  const choose = useCallback(() => {
    // What a hospital was told is still needed, until the crew says otherwise.
    if (told) setNeeds(told)
    setPage('hospital')
  }, [told])
  const openLeads = useCallback((deviceId: string) => {
    setLeadsOf(deviceId)
    setPage('leads')
  }, [])
  const covered = page !== null
  // What lies under a sheet is drawn when it is seen again. The run goes on there: its way is spoken.
  const bed = useRef({ patients, patient, handover })
  if (!covered) bed.current = { patients, patient, handover }
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
          <div className="crew-bed" data-covered={covered || undefined}>
            <Bedside
              mission={mission}
              {...bed.current}
              onOpen={setPage}
              onLeads={openLeads}
              onChoose={choose}
              onAnnounce={announce}
            />
          </div>
          {covered && (
            <OpenSheet
              page={page}
              mission={mission}
              patient={patient}
              patients={patients}
              registered={registered}
              announced={announced}
              handover={handover}
              leadsOf={leadsOf}
              announcing={announcing}
              needs={needs}
              onNeeds={setNeeds}
              onPatient={onPatient}
              onOpen={setPage}
              onDestination={toDestination}
              onAnnounce={announce}
            />
          )}
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
})
