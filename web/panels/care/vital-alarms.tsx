/** Signs beyond the patient's limits, as the vehicle's watch has recorded them; the worst sounds. */
import type { AlarmRow, PatientRow, RhythmRow, Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow, useSend } from '@gh/live'
import { Refused, useTone } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import { deviceAlarmText, isPressingNow, marks, silentText } from './device-alarms.ts'
import { clockTime } from './format.ts'
import { numberText } from './vitals.ts'
import { signName } from './words.ts'

export const isCritical = (alarm: AlarmRow): boolean => alarm.alarm.startsWith('critical')

/** The class of a tile whose signs these are: its worst alarm, or nothing. */
export function alarmClass(patient: PatientRow | undefined, ...signs: Sign[]): string {
  const mine = patient?.alarms.filter((one) => signs.includes(one.sign)) ?? []
  if (mine.some(isCritical)) return ' alarm critical'
  return mine.length > 0 ? ' alarm' : ''
}

interface Props {
  patient: Alarmed | undefined
  /** Whose alarms these are, where it is not the patient on the screen. */
  who?: ReactNode
  /** At the patient: whoever has looked may end what the ECG made somebody look for. */
  beside?: boolean
}

/** A patient's row, or what alarms and stands in no record. */
type Alarmed = Pick<PatientRow, 'alarms' | 'rhythms' | 'device_alarms'> & { id?: string }

/** IEC 60601-1-8: high priority sounds until it is over or muted, and muted it stays in sight. */
export function VitalAlarms({ patient, who, beside = false }: Props) {
  const now = useNow()
  const mute_s = useLimits()?.screen.mute_s ?? 60
  const [until, setUntil] = useState(0)
  const alarms = patient?.alarms ?? []
  const rhythms = patient?.rhythms ?? []
  const own = patient?.device_alarms ?? []
  const newest = Math.max(0, ...[...alarms, ...rhythms, ...own].map((one) => one.since_ms))
  const critical = rhythms.length > 0 || alarms.some(isCritical) || own.some(isPressingNow)
  // What begins after the hand on the button is heard again.
  const muted = now < until && newest <= until - mute_s * 1000
  useTone('alarm', critical && !muted)
  if (alarms.length + rhythms.length + own.length === 0) return null
  return (
    <div
      className={critical ? 'vital-alarms critical' : 'vital-alarms'}
      role="alert"
      data-testid="vital-alarms"
    >
      {who && <b className="nw">{who}</b>}
      <ul>
        {rhythms.map((one) => (
          <li key={one.device_id} data-rhythm={one.rhythm}>
            <b>!!! {t(`care.rhythm.${one.rhythm}`)}</b>{' '}
            {t('care.alarm.since', { time: clockTime(one.since_ms) })}
          </li>
        ))}
        {alarms.map((one) => (
          <li key={one.sign} data-alarm={one.alarm}>
            <b>
              {isCritical(one) ? '!!! ' : '! '}
              {signName(one.sign)} {t(`care.alarm.${one.alarm}`)} {numberText(one.sign, one.value)}
            </b>{' '}
            {t('care.alarm.since', { time: clockTime(one.since_ms) })}
          </li>
        ))}
        {own.map((one) => (
          <li
            key={`${one.device_id} ${one.key}`}
            data-own-alarm={one.priority}
            data-silent={silentText(one.silent_ms) !== '' || undefined}
          >
            <b>
              {marks(one.priority)} {deviceAlarmText(one)}
            </b>{' '}
            {t('care.alarm.since', { time: clockTime(one.since_ms) })} {silentText(one.silent_ms)}
          </li>
        ))}
      </ul>
      {beside && patient?.id && <Looked patientId={patient.id} rhythms={rhythms} />}
      {critical && (
        <button type="button" className="tap" onClick={() => setUntil(now + mute_s * 1000)}>
          {muted
            ? t('care.alarm.muted', { s: Math.ceil((until - now) / 1000) })
            : t('care.alarm.mute', { s: mute_s })}
        </button>
      )}
    </div>
  )
}

/** Ends what the ECG of each device says; while the signal stays so, the vehicle says it anew. */
function Looked({ patientId, rhythms }: { patientId: string; rhythms: readonly RhythmRow[] }) {
  const { send, busy, refusal } = useSend()
  if (rhythms.length === 0) return null
  const end = async () => {
    for (const one of rhythms)
      await send({ kind: 'patient.see_rhythm', patient_id: patientId, device_id: one.device_id })
  }
  return (
    <>
      <Refused refusal={refusal} />
      <button
        type="button"
        className="tap"
        disabled={busy}
        onClick={() => void end()}
        data-testid="rhythm-looked"
      >
        {t('care.rhythm.looked')}
      </button>
    </>
  )
}
