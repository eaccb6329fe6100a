/** Signs beyond the patient's limits, as the vehicle's watch has recorded them; the worst sounds. */
import type { AlarmRow, PatientRow, Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow } from '@gh/live'
import { useTone } from '@gh/ui'
import { useState } from 'react'
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
  patient: PatientRow | undefined
  /** Whose alarms these are, where it is not the patient on the screen. */
  who?: string | undefined
}

/** IEC 60601-1-8: high priority sounds until it is over or muted, and muted it stays in sight. */
export function VitalAlarms({ patient, who }: Props) {
  const now = useNow()
  const mute_s = useLimits()?.screen.mute_s ?? 60
  const [until, setUntil] = useState(0)
  const alarms = patient?.alarms ?? []
  const newest = Math.max(0, ...alarms.map((one) => one.since_ms))
  // What begins after the hand on the button is heard again.
  const muted = now < until && newest <= until - mute_s * 1000
  useTone('alarm', alarms.some(isCritical) && !muted)
  if (alarms.length === 0) return null
  return (
    <div
      className={alarms.some(isCritical) ? 'vital-alarms critical' : 'vital-alarms'}
      role="alert"
      data-testid="vital-alarms"
    >
      {who && <b className="nw">{who}</b>}
      <ul>
        {alarms.map((one) => (
          <li key={one.sign} data-alarm={one.alarm}>
            <b>
              {isCritical(one) ? '!!! ' : '! '}
              {signName(one.sign)} {t(`care.alarm.${one.alarm}`)} {numberText(one.sign, one.value)}
            </b>{' '}
            {t('care.alarm.since', { time: clockTime(one.since_ms) })}
          </li>
        ))}
      </ul>
      {alarms.some(isCritical) && (
        <button type="button" className="tap" onClick={() => setUntil(now + mute_s * 1000)}>
          {muted
            ? t('care.alarm.muted', { s: Math.ceil((until - now) / 1000) })
            : t('care.alarm.mute', { s: mute_s })}
        </button>
      )}
    </div>
  )
}
