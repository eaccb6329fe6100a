/** What devices alarm by themselves, in words: the device's own, and ours where it gives but a code. */
import type { DeviceAlarmRow, Priority, SceneAlarmRow, Sign } from '@gh/contract'
import { hasText, t, tOr } from '@gh/i18n'
import { deviceName } from './monitors.ts'
import { signName } from './words.ts'

/** IEC 60601-1-8: one more mark for each step of urgency. What is not said ranks with the highest. */
const MARKS: Record<Priority, string> = { high: '!!!', unknown: '!!!', medium: '!!', low: '!' }

const SIGNS: Record<string, Sign> = {
  MDC_ECG_HEART_RATE: 'heart_rate',
  MDC_PULS_OXIM_PULS_RATE: 'pulse',
  MDC_PULS_OXIM_SAT_O2: 'spo2',
  MDC_RESP_RATE: 'resp',
  MDC_TTHOR_RESP_RATE: 'resp',
  MDC_PRESS_BLD_NONINV_SYS: 'nibp_sys',
  MDC_PRESS_BLD_NONINV_DIA: 'nibp_dia',
  MDC_PRESS_BLD_NONINV_MEAN: 'nibp_mean',
  MDC_TEMP: 'temp',
  MDC_CONC_AWAY_CO2_ET: 'etco2',
}

export const marks = (priority: Priority): string => MARKS[priority]

export const isPressing = (priority: Priority): boolean =>
  priority === 'high' || priority === 'unknown'

/** What an event means; of a code that is not known here, nothing. */
function eventText(event: string, source: string): string {
  const key = `care.event.${event}`
  const sign = SIGNS[source]
  return [sign ? signName(sign) : '', hasText(key) ? t(key) : ''].filter(Boolean).join(' ')
}

const natureText = (nature: string): string => t(`care.own_alarm.${nature || 'unsaid'}`)

export function deviceAlarmText(one: DeviceAlarmRow): string {
  // A device that gives only the standard's code speaks to nobody: its meaning stands in its place.
  const bare = one.words === one.event || one.words === one.source
  const meant = eventText(one.event, one.source)
  const said = bare ? meant || natureText(one.nature) : one.words
  return [
    t('care.own_alarm.of', { device: deviceName(one.device_id), said }),
    one.value,
    one.priority === 'unknown' ? t('care.own_alarm.unranked') : '',
    one.silenced === '' ? '' : tOr(`care.own_alarm.${one.silenced}`, t('care.own_alarm.quiet')),
  ]
    .filter(Boolean)
    .join(' ')
}

/** A scene's: no value, and no word of the device. */
export function sceneAlarmText(one: SceneAlarmRow): string {
  const { what, how } = one
  if (what === 'ecg') return t(`care.rhythm_short.${how}`)
  if (hasText(`sign.${what}`)) return `${signName(what as Sign)} ${t(`care.alarm.${how}`)}`
  const [event = '', source = ''] = what.split(' ')
  return eventText(event, source) || natureText(how)
}
