/** The emergency department: the board of who is coming, and one patient in full. 1920 x 1080. */
import { t, useLang } from '@gh/i18n'
import { LiveProvider, useCold, useLimits, useLink, useNow, useRow } from '@gh/live'
import { useSession } from '@gh/session'
import {
  Button,
  Empty,
  Header,
  type LinkLight,
  Panel,
  Stale,
  useAudioReady,
  useConsoleTheme,
  useHotkeys,
  useTone,
} from '@gh/ui'
import { useEffect, useState } from 'react'
import { ageText } from '../../panels/care/format.ts'
import { alarms } from '../../panels/care/inbound.ts'
import { patientName, sexAge } from '../../panels/care/words.ts'
import { Alarms } from '../../panels/hospital/alarms.tsx'
import { AcknowledgeDialog, Answer, DeclineDialog } from '../../panels/hospital/answer.tsx'
import { useArrivals } from '../../panels/hospital/arrivals.ts'
import { Beds, BedsDialog, DivertDialog } from '../../panels/hospital/beds.tsx'
import { Board } from '../../panels/hospital/board.tsx'
import { CabinLive } from '../../panels/hospital/cabin-live.tsx'
import { Ecg } from '../../panels/hospital/ecg.tsx'
import '../../panels/hospital/hospital.css'
import { Nodes, PatientHead } from '../../panels/hospital/patient-head.tsx'
import { Report } from '../../panels/hospital/report.tsx'
import { Score } from '../../panels/hospital/score.tsx'
import { VehicleMap } from '../../panels/hospital/vehicle-map.tsx'
import { Vitals } from '../../panels/hospital/vitals.tsx'
import { EcgCompareButton } from '../../panels/record/ecg-compare.tsx'
import { EcgFilesButton } from '../../panels/record/ecg-files.tsx'
import { FilesButton } from '../../panels/record/files.tsx'
import { UltrasoundButton } from '../../panels/record/ultrasound-button.tsx'

export default function HospitalConsole() {
  const session = useSession()
  useConsoleTheme('hospital', 'light')
  if (!session) return null
  return (
    <LiveProvider view="ed">
      <Desk hospitalId={session.hospital_id} />
    </LiveProvider>
  )
}

const WALL = 'gh.hospital.wall'
/** A screen on the wall comes back as one after a power cut. */
function wallWas(): boolean {
  try {
    return localStorage.getItem(WALL) === 'on'
  } catch {
    return false
  }
}
function keepWall(on: boolean): void {
  try {
    localStorage.setItem(WALL, on ? 'on' : 'off')
  } catch {
    // A locked-down browser keeps the choice for this page only.
  }
}

type Open = { dialog: 'acknowledge' | 'decline'; id: string } | { dialog: 'beds' | 'divert' } | null

function Desk({ hospitalId }: { hospitalId: string }) {
  useLang()
  const now = useNow()
  const link = useLink()
  const cold = useCold()
  const hospital = useRow('hospitals', hospitalId)
  const arrivals = useArrivals(hospitalId)
  const { open, done } = arrivals
  const all = [...open, ...done]
  const [chosen, setChosen] = useState('')
  // Nobody graver slips in under the hand. Who was handed over only fills an empty board.
  const [kept, setKept] = useState('')
  const selected =
    all.find((i) => i.handover.id === chosen) ??
    open.find((i) => i.handover.id === kept) ??
    open[0] ??
    done[0]
  const shown = selected?.handover.id ?? ''
  useEffect(() => setKept(shown), [shown])
  const [dialog, setDialog] = useState<Open>(null)
  const [wall, setWall] = useState(wallWas)
  // On a narrow screen the board and the patient take turns.
  const [reading, setReading] = useState(false)
  const ask_ms = (useLimits()?.screen.beds_ask_s ?? Number.POSITIVE_INFINITY) * 1000
  const close = () => setDialog(null)
  const incident = useRow('incidents', selected?.handover.incident_id)
  const subject =
    dialog !== null && 'id' in dialog ? all.find((i) => i.handover.id === dialog.id) : undefined

  const audible = useAudioReady()
  const alarm = open.some((i) => alarms(i.handover))
  useTone('prealert', alarm)

  const move = (step: number) => {
    const at = all.findIndex((i) => i.handover.id === selected?.handover.id)
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))]
    if (next) setChosen(next.handover.id)
  }
  const turnWall = () => {
    keepWall(!wall)
    setWall(!wall)
  }
  const acknowledge = (id: string) => {
    setChosen(id)
    setDialog({ dialog: 'acknowledge', id })
  }
  useHotkeys(
    {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      F6: () => {
        // The one that sounds comes first, else the one on the screen.
        const first = open.find((i) => alarms(i.handover)) ?? selected
        if (first && ['sent', 'acknowledged'].includes(first.handover.state))
          acknowledge(first.handover.id)
      },
      F9: () => turnWall(),
      F8: () => hospital && setDialog({ dialog: 'beds' }),
    },
    dialog === null,
  )

  const beds = hospital?.beds_reported_ms ?? null
  const links: LinkLight[] = [
    {
      key: 'centre',
      label: t('hospital.link_centre'),
      state: link.state === 'live' ? 'ok' : link.state === 'connecting' ? 'unknown' : 'bad',
    },
    {
      key: 'beds',
      label: t('hospital.link_beds'),
      state: beds === null || now - beds > ask_ms ? 'warn' : 'ok',
      detail: beds === null ? t('hospital.never') : ageText(now - beds),
    },
    {
      key: 'sound',
      label: t('hospital.link_sound'),
      state: audible ? 'ok' : 'warn',
      detail: audible ? undefined : t('hospital.sound_blocked'),
    },
  ]

  return (
    <div
      className={[
        'hs',
        alarm ? 'alarm' : '',
        wall ? 'wall' : '',
        reading ? 'reading' : '',
        cold ? 'cold' : '',
      ].join(' ')}
    >
      <Header title={t('hospital.title')} links={links}>
        <Button keycap="F9" on={wall} onClick={turnWall} data-testid="wall">
          {t('hospital.wall')}
        </Button>
      </Header>
      <Stale />
      <Alarms open={open} hospitalId={hospitalId} />
      <main className="hs-main">
        <div className="hs-left">
          <Board
            arrivals={arrivals}
            selected={selected?.handover.id ?? ''}
            onSelect={(id) => {
              setChosen(id)
              setReading(true)
            }}
            onAcknowledge={acknowledge}
          />
          <Beds
            hospital={hospital}
            onReport={() => setDialog({ dialog: 'beds' })}
            onDivert={() => setDialog({ dialog: 'divert' })}
          />
        </div>
        {wall ? null : selected === undefined ? (
          <Panel title={t('hospital.patient')} className="hs-nobody" testid="no-patient">
            <Empty title={t('hospital.none')} hint={t('hospital.none_hint')} />
          </Panel>
        ) : (
          <div className="hs-patient" key={selected.handover.id}>
            <Button className="hs-back" onClick={() => setReading(false)} data-testid="to-board">
              ‹ {t('hospital.to_board')}
            </Button>
            <PatientHead inbound={selected} incident={incident} />
            <Nodes inbound={selected} incident={incident} />
            <div className="hs-middle">
              {selected.patient ? (
                <>
                  <Vitals patient={selected.patient} />
                  <div className="hs-low">
                    <Score patient={selected.patient} />
                    <Report inbound={selected} incident={incident} />
                  </div>
                </>
              ) : (
                <>
                  <Panel title={t('hospital.trends')}>
                    <Empty title={t('hospital.no_patient')} hint={t('hospital.no_patient_hint')} />
                  </Panel>
                  <Report inbound={selected} incident={incident} />
                </>
              )}
            </div>
            <div className="hs-side">
              <div className="hs-tools">
                {selected.patient && <UltrasoundButton patient={selected.patient} />}
                {selected.patient && <FilesButton patientId={selected.patient.id} />}
                {selected.patient && (
                  <div className="hs-ecg-tools" key={selected.patient.id}>
                    <EcgCompareButton
                      patientId={selected.patient.id}
                      who={`${patientName(selected.patient)} ${sexAge(selected.patient)}`}
                    />
                    <EcgFilesButton patient={selected.patient} />
                  </div>
                )}
                <CabinLive mission={selected.mission} />
              </div>
              <VehicleMap inbound={selected} hospital={hospital} />
              <Answer
                inbound={selected}
                onAcknowledge={() => acknowledge(selected.handover.id)}
                onDecline={() => setDialog({ dialog: 'decline', id: selected.handover.id })}
              />
            </div>
            <Ecg
              patient={selected.patient}
              unitId={selected.mission?.unit_id ?? ''}
              facts={{
                patient: selected.patient
                  ? `${patientName(selected.patient)} ${sexAge(selected.patient)}`
                  : t('ui.unknown'),
                case_number: selected.handover.incident_number,
                unit: selected.handover.call_sign,
              }}
            />
          </div>
        )}
      </main>
      {dialog?.dialog === 'acknowledge' && subject && (
        <AcknowledgeDialog handover={subject.handover} onClose={close} />
      )}
      {dialog?.dialog === 'decline' && subject && (
        <DeclineDialog handover={subject.handover} onClose={close} />
      )}
      {dialog?.dialog === 'beds' && hospital && <BedsDialog hospital={hospital} onClose={close} />}
      {dialog?.dialog === 'divert' && hospital && (
        <DivertDialog hospital={hospital} onClose={close} />
      )}
    </div>
  )
}
