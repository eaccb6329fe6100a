/** The crew's tablet, 1280 x 800. The page talks to the edge in the vehicle and works without the centre. */
import { useLang } from '@gh/i18n'
import { LiveProvider, useLoaded, useRow, useTable } from '@gh/live'
import { useSession } from '@gh/session'
import { Skeleton, useConsoleTheme } from '@gh/ui'
import { useCallback, useEffect, useState } from 'react'
import { Broken } from '../../panels/crew/broken.tsx'
import { CalledOff } from '../../panels/crew/called-off.tsx'
import '../../panels/crew/crew.css'
import { useFinished } from '../../panels/crew/finished.ts'
import { type Choice, keep, shownOf } from '../../panels/crew/identity.ts'
import { Idle, Reserved } from '../../panels/crew/idle.tsx'
import { LinkBar } from '../../panels/crew/link-bar.tsx'
import { currentMission } from '../../panels/crew/model.ts'
import { NewTask } from '../../panels/crew/new-task.tsx'
import { NotTakenBar } from '../../panels/crew/not-taken.tsx'
import { SosBar, SosOver } from '../../panels/crew/sos.tsx'
import { UnsentBar, useKeptEntries } from '../../panels/crew/unsent.tsx'
import { Task } from './task.tsx'

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
  const choose = useCallback((asked: string) => setChoice((was) => ({ ...was, asked })), [])
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
                onPatient={choose}
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
