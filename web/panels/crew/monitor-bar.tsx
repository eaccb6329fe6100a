/** Which patient each device of the run is on, beside its numbers, and loud while it is on nobody. */
import type { MissionRow, MonitorRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNumerics } from '@gh/live'
import { EndKept } from '../care/end-kept.tsx'
import { ageText } from '../care/format.ts'
import { isOf } from '../care/inbound.ts'
import { WarnMark } from '../care/marks.tsx'
import { clockOff, deviceName, isMismatched, isUnbound, placeText } from '../care/monitors.ts'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
  onOpen: () => void
}

export function MonitorBar({ mission, patients, onOpen }: Props) {
  const { monitors } = mission
  if (monitors.length === 0) return null
  const unbound = monitors.some(isUnbound)
  return (
    <section
      className="crew-monitors"
      aria-label={t('monitor.title')}
      role={unbound ? 'alert' : undefined}
      data-testid="monitors"
    >
      <button type="button" className="tap" data-warn={unbound || undefined} onClick={onOpen}>
        {monitors.map((monitor) => (
          <Device
            key={monitor.device_id}
            monitor={monitor}
            unitId={mission.unit_id}
            patients={patients}
            alone={monitors.length === 1}
          />
        ))}
      </button>
    </section>
  )
}

interface DeviceProps {
  monitor: MonitorRow
  unitId: string
  patients: readonly PatientRow[]
  /** There is room for the whole word of it. */
  alone: boolean
}

function Device({ monitor, unitId, patients, alone }: DeviceProps) {
  const set = useNumerics(unitId, [monitor.device_id])
  const other = isMismatched(monitor, set)
  const off = clockOff(set, useLimits())
  const nobody = isUnbound(monitor)
  return (
    <span
      className={`crew-monitor${alone ? ' alone' : ''}${nobody || other ? ' warn' : ''}`}
      data-testid={`monitor-${monitor.device_id}`}
    >
      <small>
        {(nobody || other) && <WarnMark />} {deviceName(monitor.device_id)}
      </small>
      <EndKept
        text={placeText(monitor, patients)}
        patient={patients.find((p) => isOf(p, monitor.patient_id))}
      />
      {nobody && alone && <small>{t('monitor.bind_now')}</small>}
      {off !== null && (
        <small className="un" data-testid="monitor-clock">
          {t(off > 0 ? 'monitor.clock_fast' : 'monitor.clock_slow', {
            age: ageText(Math.abs(off)),
          })}
        </small>
      )}
      {other && <small data-testid="monitor-mismatch">{t('monitor.mismatch')}</small>}
    </span>
  )
}
