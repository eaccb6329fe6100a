/**
 * What alarms in this vehicle and stands in no record: the device is on nobody that is known, or the
 * disk is full. Whose it is is asked here and never assumed.
 */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useUnrecorded } from '@gh/live'
import { VitalAlarms } from '../care/vital-alarms.tsx'
import { patientName } from '../care/words.ts'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
  /** Undefined while the vehicle drives: nothing is opened then. */
  onRegister: (() => void) | undefined
  onMonitor: (() => void) | undefined
}

export function UnrecordedAlarms({ mission, patients, onRegister, onMonitor }: Props) {
  const mine = useUnrecorded().filter((one) => one.mission_id === mission.id)
  const nobody = patients.length === 0
  const ask = nobody ? onRegister : onMonitor
  return mine.map((one) => {
    const worn = patients.find((p) => p.id === one.patient_id || p.joined.includes(one.patient_id))
    return (
      <div
        key={one.patient_id || one.device_id}
        className="crew-unrecorded"
        data-testid="unrecorded-alarms"
      >
        <VitalAlarms
          patient={one}
          who={
            one.patient_id !== ''
              ? `${worn ? patientName(worn) : ''} ${t('crew.unrecorded.full')}`.trim()
              : t(nobody ? 'crew.unrecorded.nobody' : 'crew.unrecorded.whose')
          }
        />
        {one.patient_id === '' && ask && (
          <button type="button" className="tap" onClick={ask} data-testid="unrecorded-ask">
            {t(nobody ? 'crew.unrecorded.register' : 'crew.unrecorded.bind')}
          </button>
        )}
      </div>
    )
  })
}
