/** Own runs that are over: their records are finished and printed here, at the station or on the way. */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useRow, useTable } from '@gh/live'
import { Fragment, useCallback, useState } from 'react'
import { clockTime } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'
import { missionState, patientName, sexAge } from '../care/words.ts'
import { CorrectSheet } from './correct-sheet.tsx'
import './ended.css'
import { FilesSheet } from './files-sheet.tsx'
import { type EndedRun, endedRuns, unsigned, untreatedRuns } from './model.ts'
import { RecordSheet } from './record-sheet.tsx'
import { Sheet } from './sheet.tsx'
import { UntreatedSheet } from './untreated-sheet.tsx'

interface Open {
  page: 'record' | 'files' | 'correct' | 'untreated'
  missionId: string
  patientId: string
}

function useEnded(unitId: string): EndedRun[] {
  return endedRuns(useTable('missions'), useTable('patients'), unitId)
}

function useUntreated(unitId: string): MissionRow[] {
  return untreatedRuns(useTable('missions'), useTable('patients'), unitId)
}

/** In the middle of the screen without a task. */
export function EndedRuns({ unitId }: { unitId: string }) {
  const runs = useEnded(unitId)
  const untreated = useUntreated(unitId)
  const [open, setOpen] = useState<Open | null>(null)
  const close = useCallback(() => setOpen(null), [])
  return (
    <>
      {(runs.length > 0 || untreated.length > 0) && (
        <div className="crew-ended" data-testid="ended-runs">
          <h2>{t('crew.ended.title')}</h2>
          <EndedList runs={runs} untreated={untreated} onOpen={setOpen} />
        </div>
      )}
      {open && <EndedPage open={open} onClose={close} />}
    </>
  )
}

/** The same over another task; only while a signature is missing. */
export function EndedButton({ unitId, onOpen }: { unitId: string; onOpen: () => void }) {
  const count = useEnded(unitId).flatMap((run) => unsigned(run.patients)).length
  if (count === 0) return null
  return (
    <button type="button" className="tap crew-unsigned" onClick={onOpen} data-testid="ended-open">
      <WarnMark /> {t('crew.ended.unsigned_n', { n: count })}
    </button>
  )
}

export function EndedSheet({ unitId, onClose }: { unitId: string; onClose: () => void }) {
  const runs = useEnded(unitId)
  const untreated = useUntreated(unitId)
  const [open, setOpen] = useState<Open | null>(null)
  const close = useCallback(() => setOpen(null), [])
  if (open) return <EndedPage open={open} onClose={close} />
  return (
    <Sheet title={t('crew.ended.title')} onClose={onClose} testId="ended-sheet">
      <div className="crew-ended">
        <EndedList runs={runs} untreated={untreated} onOpen={setOpen} />
      </div>
    </Sheet>
  )
}

function EndedList({
  runs,
  untreated,
  onOpen,
}: {
  runs: readonly EndedRun[]
  untreated: readonly MissionRow[]
  onOpen: (open: Open) => void
}) {
  return (
    <ul>
      {runs.map(({ mission, patients }) => (
        <Fragment key={mission.id}>
          {patients.map((patient) => (
            <li key={patient.id} data-testid={`ended-${patient.id}`}>
              <Who mission={mission} patient={patient} />
              {(['record', 'files', 'correct'] as const).map((page) => (
                <button
                  key={page}
                  type="button"
                  className={
                    page === 'record' && patient.record.signed_ms === null ? 'tap primary' : 'tap'
                  }
                  onClick={() => onOpen({ page, missionId: mission.id, patientId: patient.id })}
                  data-testid={`ended-${page}-${patient.id}`}
                >
                  {t(page === 'correct' ? 'crew.correct' : `crew.page.${page}`)}
                </button>
              ))}
            </li>
          ))}
        </Fragment>
      ))}
      {untreated.map((mission) => (
        <li key={mission.id} data-testid={`untreated-run-${mission.incident_number}`}>
          <div>
            <b>{t('untreated.none')}</b>
            <Which mission={mission} />
            {mission.untreated === null ? (
              <span className="un">
                <WarnMark /> {t('untreated.unsigned')}
              </span>
            ) : (
              <span className="ok">
                ✓ {t('untreated.signed', { name: mission.untreated.name })}
              </span>
            )}
          </div>
          <button
            type="button"
            className={mission.untreated === null ? 'tap primary' : 'tap'}
            onClick={() => onOpen({ page: 'untreated', missionId: mission.id, patientId: '' })}
            data-testid="untreated-open"
          >
            {t('untreated.title')}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Which({ mission }: { mission: MissionRow }) {
  const reason = mission.stand_down_reason
  return (
    <span className="mu">
      {mission.incident_number} ·{' '}
      {reason ? tOr(`stand_down.${reason}`, reason) : missionState(mission.state)}{' '}
      {mission.ended_ms !== null && clockTime(mission.ended_ms)}
    </span>
  )
}

function Who({ mission, patient }: { mission: MissionRow; patient: PatientRow }) {
  return (
    <div>
      <b>
        {patientName(patient)} {sexAge(patient)}
      </b>
      <Which mission={mission} />
      {patient.record.signed_ms === null ? (
        <span className="un">
          <WarnMark /> {t('crew.ended.unsigned')}
        </span>
      ) : (
        <span className="ok">✓ {t('crew.record_signed')}</span>
      )}
    </div>
  )
}

function EndedPage({ open, onClose }: { open: Open; onClose: () => void }) {
  const mission = useRow('missions', open.missionId)
  const patient = useRow('patients', open.patientId)
  if (open.page === 'correct' && mission)
    return <CorrectSheet mission={mission} onClose={onClose} />
  if (open.page === 'untreated' && mission)
    return <UntreatedSheet mission={mission} onClose={onClose} />
  if (open.page === 'record' && patient)
    return <RecordSheet key={patient.id} patient={patient} onClose={onClose} />
  if (open.page === 'files' && patient)
    return <FilesSheet key={patient.id} patient={patient} onClose={onClose} />
  return null
}
