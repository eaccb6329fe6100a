/** A device is bound by the band of a patient: scanned, or typed and ended with Enter. */
import type { MissionRow, MonitorRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { bandsOf, deviceName, isUnbound, nameOf, placeText, wearerOf } from '../care/monitors.ts'
import { patientName } from '../care/words.ts'
import { BandsWorn } from './bands-worn.tsx'
import { MonitorSwap } from './monitor-swap.tsx'
import { Choice, Sheet } from './sheet.tsx'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
  onClose: () => void
}

export function MonitorSheet({ mission, patients, onClose }: Props) {
  const [chosen, setChosen] = useState(
    () => (mission.monitors.find(isUnbound) ?? mission.monitors[0])?.device_id,
  )
  const [swapping, setSwapping] = useState(false)
  const monitor = mission.monitors.find((m) => m.device_id === chosen)
  return (
    <Sheet
      title={t('monitor.title')}
      onClose={onClose}
      testId="monitor-sheet"
      side={
        <button
          type="button"
          className="tap"
          aria-pressed={swapping}
          onClick={() => setSwapping(!swapping)}
          data-testid="monitor-swap"
        >
          {t('monitor.swap')}
        </button>
      }
    >
      <div className="crew-form">
        <Choice<string>
          label={t('monitor.title')}
          value={chosen ?? null}
          onChange={setChosen}
          testId="monitor-device"
          options={mission.monitors.map((m) => ({
            value: m.device_id,
            label: deviceName(m.device_id),
            hint: placeText(m, patients),
          }))}
        />
        {monitor !== undefined && !swapping && (
          <OnOff key={`off ${monitor.device_id}`} mission={mission} monitor={monitor} />
        )}
        {monitor === undefined ? null : swapping ? (
          <MonitorSwap
            key={monitor.device_id}
            mission={mission}
            monitor={monitor}
            patients={patients}
            onClose={onClose}
          />
        ) : (
          <Bind
            key={monitor.device_id}
            deviceId={monitor.device_id}
            mission={mission}
            patients={patients}
            onClose={onClose}
          />
        )}
        <BandsWorn mission={mission} patients={patients} />
      </div>
    </Sheet>
  )
}

/** The device lies on the bench, or is connected again to whom it was on. */
function OnOff({ mission, monitor }: { mission: MissionRow; monitor: MonitorRow }) {
  const { send, busy, refusal } = useSend()
  const kind = monitor.off ? 'mission.put_back_monitor' : 'mission.take_off_monitor'
  return (
    <div className="crew-actions">
      <Refused refusal={refusal} />
      {monitor.off && <p className="mu">{t('monitor.put_back_hint')}</p>}
      <button
        type="button"
        className="tap wide"
        disabled={busy}
        onClick={() => void send({ kind, mission_id: mission.id, device_id: monitor.device_id })}
        data-testid={monitor.off ? 'monitor-put-back' : 'monitor-take-off'}
      >
        {busy ? t('crew.sending') : t(monitor.off ? 'monitor.put_back' : 'monitor.take_off')}
      </button>
    </div>
  )
}

function Bind({ mission, patients, onClose, deviceId }: Props & { deviceId: string }) {
  const [band, setBand] = useState('')
  const [wearer, setWearer] = useState<string | null>(() =>
    patients.length === 1 ? (patients[0]?.id ?? null) : null,
  )
  const [asked, setAsked] = useState(false)
  const { send, busy, refusal } = useSend()
  const code = band.trim()
  const known = wearerOf(mission, code)

  async function bind() {
    if (code === '') return
    if (known === undefined && wearer === null) {
      setAsked(true)
      return
    }
    const done = await send({
      kind: 'mission.bind_monitor',
      mission_id: mission.id,
      device_id: deviceId,
      band: code,
      ...(known === undefined && wearer !== null ? { patient_id: wearer } : {}),
    })
    if (done) onClose()
  }

  return (
    <form
      className="crew-part"
      onSubmit={(event) => {
        event.preventDefault()
        void bind()
      }}
    >
      <label className="crew-field">
        <span>
          {t('monitor.scan')} · {t('monitor.scan_hint')}
        </span>
        <input
          className="crew-input num"
          value={band}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: a scanner types into the field that has the focus
          autoFocus
          onChange={(event) => setBand(event.target.value)}
          data-testid="monitor-band"
        />
      </label>
      {known !== undefined ? (
        <p data-testid="monitor-wearer">
          {t('monitor.wears', { band: code, patient: nameOf(patients, known) })}
        </p>
      ) : (
        <Choice<string>
          label={t('monitor.new_band')}
          value={wearer}
          onChange={setWearer}
          testId="monitor-patient"
          options={patients.map((p) => ({
            value: p.id,
            label: patientName(p),
            hint: bandsOf(mission, p).join(' ') || t('monitor.no_band'),
          }))}
        />
      )}
      <div className="crew-actions">
        <Refused refusal={refusal} />
        {asked && known === undefined && wearer === null && (
          <p className="un" role="alert">
            {t('monitor.choose_wearer')}
          </p>
        )}
        <button
          type="submit"
          className="tap primary wide"
          disabled={busy || code === ''}
          data-testid="monitor-bind"
        >
          {busy ? t('crew.sending') : t('monitor.bind')}
        </button>
      </div>
    </form>
  )
}
