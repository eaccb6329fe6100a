/** The quality desk says on whom a device was: also after the hand-over, when the crew may not. */
import type { LogRow, PickedFile } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { deviceName } from '../care/monitors.ts'
import { pastTime } from '../dispatch/model.ts'
import { GoAlong } from '../record/go-along.tsx'
import { aboard, aboardText, devicesIn } from './monitors.ts'

/** Stands among the ids of patients; a choice that is empty is none yet. */
const NOBODY = 'nobody'
const DAY_MS = 86_400_000

interface Props {
  events: readonly LogRow[]
  onDone: () => void
  onClose: () => void
}

export function MonitorDialog({ events, onDone, onClose }: Props) {
  const devices = devicesIn(events)
  const [id] = useState(() => uuid7())
  const [chosen, setChosen] = useState(0)
  const [patient, setPatient] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const [picked, setPicked] = useState<PickedFile[]>([])
  const { send, busy, refusal } = useSend()
  const device = devices[chosen]
  const people = device ? aboard(events, device.mission_id) : []
  // The first such moment of the run: the case may be of another day.
  const begun_ms = device ? Math.floor(device.begun_ms / 1000) * 1000 : 0
  const moment = (text: string) => pastTime(text, begun_ms + DAY_MS - 1)
  const [from_ms, to_ms] = [moment(from), moment(to)]
  const lacks =
    from_ms === null || to_ms === null
      ? 'node.need_time'
      : from_ms >= to_ms
        ? 'monitor.span_wrong'
        : patient === ''
          ? 'monitor.choose_patient'
          : reason.trim() === ''
            ? 'errors.reason_required'
            : ''

  async function go() {
    if (device === undefined || from_ms === null || to_ms === null) return
    const done = await send({
      kind: 'mission.correct_monitor',
      mission_id: device.mission_id,
      correction_id: id,
      device_id: device.id,
      from_ms,
      to_ms,
      patient_id: patient === NOBODY ? '' : patient,
      reason: reason.trim(),
      files: patient === NOBODY ? [] : picked.filter((one) => one.patient_id !== patient),
    })
    if (done) onDone()
  }

  return (
    <Dialog
      title={t('monitor.swap')}
      onClose={onClose}
      testid="monitor-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {lacks === '' ? (
            <Button look="primary" busy={busy} onClick={() => void go()} data-testid="monitor-go">
              {t('monitor.swap_save')}
            </Button>
          ) : (
            <span className="gh-m">{t(lacks)}</span>
          )}
        </>
      }
    >
      <p className="gh-m">{t('monitor.swap_hint')}</p>
      <label className="gh-field">
        <span>{t('monitor.which')}</span>
        <select
          className="gh-input"
          value={chosen}
          onChange={(event) => {
            setChosen(Number(event.target.value))
            setPatient('')
            setPicked([])
          }}
          data-testid="monitor-which"
        >
          {devices.map((one, place) => (
            <option key={`${one.mission_id}${one.id}`} value={place}>
              {one.call_sign} {deviceName(one.id)} {clockTime(one.begun_ms)}
            </option>
          ))}
        </select>
      </label>
      {(
        [
          ['monitor.from', from, setFrom, 'monitor-from'],
          ['monitor.to', to, setTo, 'monitor-to'],
        ] as const
      ).map(([name, text, set, testid]) => (
        <label key={name} className="gh-field">
          <span>{t(name)}</span>
          <input
            className="gh-input"
            value={text}
            placeholder="14:32:08"
            onChange={(event) => set(event.target.value)}
            data-testid={testid}
          />
        </label>
      ))}
      <label className="gh-field">
        <span>{t('monitor.swap_to')}</span>
        <select
          className="gh-input"
          value={patient}
          onChange={(event) => setPatient(event.target.value)}
          data-testid="monitor-whose"
        >
          <option value="">{t('monitor.choose_patient')}</option>
          {people.map((one) => (
            <option key={one.id} value={one.id}>
              {aboardText(one)}
            </option>
          ))}
          <option value={NOBODY}>{t('monitor.swap_nobody')}</option>
        </select>
      </label>
      {device !== undefined && patient !== '' && patient !== NOBODY && (
        <GoAlong
          missionId={device.mission_id}
          others={people
            .filter((one) => one.id !== patient)
            .map((one) => ({ id: one.id, name: aboardText(one) }))}
          deviceId={device.id}
          from_ms={from_ms ?? 0}
          to_ms={to_ms ?? 0}
          picked={picked}
          onPick={setPicked}
        />
      )}
      <label className="gh-field">
        <span>{t('ui.reason')}</span>
        <input
          className="gh-input"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          data-testid="monitor-why"
        />
      </label>
    </Dialog>
  )
}
