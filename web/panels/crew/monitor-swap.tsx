/** The device was on another patient for a while: from when to when, who it was, and why. */
import type { MissionRow, MonitorRow, PatientRow, PickedFile } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { nameOf } from '../care/monitors.ts'
import { useWho } from '../care/who.ts'
import { patientName } from '../care/words.ts'
import { GoAlong } from '../record/go-along.tsx'
import { Choice, ReasonPicker } from './sheet.tsx'

/** Stands among the ids of patients; a choice that is empty is none yet. */
const NOBODY = 'nobody'

const STEPS = [
  { ms: -600_000, label: '−10 min' },
  { ms: -60_000, label: '−1 min' },
  { ms: -10_000, label: '−10 s' },
  { ms: 10_000, label: '+10 s' },
  { ms: 60_000, label: '+1 min' },
  { ms: 600_000, label: '+10 min' },
]

interface Props {
  mission: MissionRow
  monitor: MonitorRow
  patients: readonly PatientRow[]
  onClose: () => void
}

export function MonitorSwap({ mission, monitor, patients, onClose }: Props) {
  const now = useNow()
  const who = useWho()
  const [id] = useState(() => uuid7())
  const [from_ms, setFrom] = useState(monitor.since_ms)
  const [to_ms, setTo] = useState(now)
  const [wearer, setWearer] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [picked, setPicked] = useState<PickedFile[]>([])
  const { send, busy, refusal } = useSend()
  const told = mission.monitor_corrections.filter((one) => one.device_id === monitor.device_id)
  const lacks =
    from_ms >= to_ms
      ? 'monitor.span_wrong'
      : wearer === null
        ? 'monitor.choose_patient'
        : reason.trim() === ''
          ? 'crew.reason_first'
          : ''

  async function save() {
    if (wearer === null) return
    const done = await send({
      kind: 'mission.correct_monitor',
      mission_id: mission.id,
      correction_id: id,
      device_id: monitor.device_id,
      from_ms,
      to_ms,
      patient_id: wearer === NOBODY ? '' : wearer,
      reason: reason.trim(),
      files: wearer === NOBODY ? [] : picked.filter((one) => one.patient_id !== wearer),
    })
    if (done) onClose()
  }

  return (
    <div className="crew-part">
      <p className="mu">{t('monitor.swap_hint')}</p>
      <Moment
        label={t('monitor.from')}
        at_ms={from_ms}
        onMove={(ms) => setFrom((was) => Math.min(was + ms, now))}
        testId="swap-from"
      />
      <Moment
        label={t('monitor.to')}
        at_ms={to_ms}
        onMove={(ms) => setTo((was) => Math.min(was + ms, now))}
        testId="swap-to"
      />
      <Choice<string>
        label={t('monitor.swap_to')}
        value={wearer}
        onChange={setWearer}
        testId="swap-patient"
        options={[
          ...patients.map((p) => ({ value: p.id, label: patientName(p) })),
          { value: NOBODY, label: t('monitor.swap_nobody') },
        ]}
      />
      {wearer !== null && wearer !== NOBODY && (
        <GoAlong
          missionId={mission.id}
          others={patients
            .filter((p) => p.id !== wearer)
            .map((p) => ({ id: p.id, name: patientName(p) }))}
          deviceId={monitor.device_id}
          from_ms={from_ms}
          to_ms={to_ms}
          picked={picked}
          onPick={setPicked}
        />
      )}
      <ReasonPicker
        label={t('crew.reason_required')}
        value={reason}
        onChange={setReason}
        reasons={['leads', 'moved', 'slip', 'bench'].map((one) => t(`monitor.reason.${one}`))}
      />
      <div className="crew-actions">
        <Refused refusal={refusal} />
        {lacks === '' ? (
          <button
            type="button"
            className="tap primary wide"
            disabled={busy}
            onClick={() => void save()}
            data-testid="swap-save"
          >
            {busy ? t('crew.sending') : t('monitor.swap_save')}
          </button>
        ) : (
          <p className="mu">{t(lacks)}</p>
        )}
      </div>
      {told.length > 0 && (
        <section data-testid="swaps">
          <h3>{t('monitor.corrections')}</h3>
          {told.map((one) => (
            <p key={one.id}>
              {t('monitor.corrected', {
                from: clockTime(one.from_ms),
                to: clockTime(one.to_ms),
                patient:
                  one.patient_id === ''
                    ? t('monitor.swap_nobody')
                    : nameOf(patients, one.patient_id),
                reason: one.reason,
              })}{' '}
              <small className="mu">
                {t('monitor.corrected_by', {
                  time: clockTime(one.at_ms),
                  who: who(one.by) || one.by,
                })}
              </small>
            </p>
          ))}
        </section>
      )}
    </div>
  )
}

function Moment(props: {
  label: string
  at_ms: number
  onMove: (ms: number) => void
  testId: string
}) {
  return (
    <div className="crew-moment">
      <p>
        <span className="mu">{props.label}</span>{' '}
        <output className="num" data-testid={props.testId}>
          {clockTime(props.at_ms)}
        </output>
      </p>
      <div className="crew-steps">
        {STEPS.map((step) => (
          <button
            key={step.ms}
            type="button"
            className="tap num"
            onClick={() => props.onMove(step.ms)}
          >
            {step.label}
          </button>
        ))}
      </div>
    </div>
  )
}
