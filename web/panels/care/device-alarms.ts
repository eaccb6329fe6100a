/** What devices alarm by themselves, in words: the device's own, and ours where it gives but a code. */
import type { DeviceAlarmRow, Priority, SceneAlarmRow, Sign } from '@gh/contract'
import { hasText, t, tOr } from '@gh/i18n'
import { clockTime } from './format.ts'
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

/** A device that has fallen silent says nothing of now: it sounds no more, and stays in sight. */
export const isPressingNow = (one: DeviceAlarmRow): boolean =>
  isPressing(one.priority) && one.silent_ms === null

/** Of a device that says nothing any more: what it is worth, and since when. */
export const silentText = (silent_ms: number | null): string =>
  silent_ms === null ? '' : t('care.own_alarm.silent', { time: clockTime(silent_ms) })

/** What an event means; of a code that is not known here, nothing. */
function eventText(event: string, source: string): string {
  const key = `care.event.${event}`
  const sign = SIGNS[source]
  return [sign ? signName(sign) : '', hasText(key) ? t(key) : ''].filter(Boolean).join(' ')
}

const natureText = (nature: string): string => t(`care.own_alarm.${nature || 'unsaid'}`)

/** How it is quiet at the device. */
export const quietText = (how: string): string =>
  tOr(`care.own_alarm.${how}`, t('care.own_alarm.quiet'))

/** A device that gives only the standard's code speaks to nobody: its meaning stands in its place. */
export function saidText(one: { words: string; event: string; source: string; nature: string }) {
  const bare = one.words === one.event || one.words === one.source
  return bare ? eventText(one.event, one.source) || natureText(one.nature) : one.words
}

export function deviceAlarmText(one: DeviceAlarmRow): string {
  return [
    t('care.own_alarm.of', { device: deviceName(one.device_id), said: saidText(one) }),
    one.value,
    one.priority === 'unknown' ? t('care.own_alarm.unranked') : '',
    one.silenced === '' ? '' : quietText(one.silenced),
  ]
    .filter(Boolean)
    .join(' ')
}

/** A scene's: no value, and no word of the device. */
export const sceneAlarmText = (one: SceneAlarmRow): string =>
  [sceneText(one), silentText(one.silent_ms)].filter(Boolean).join(' ')

function sceneText({ what, how }: SceneAlarmRow): string {
  if (what === 'ecg') return t(`care.rhythm_short.${how}`)
  if (hasText(`sign.${what}`)) return `${signName(what as Sign)} ${t(`care.alarm.${how}`)}`
  const [event = '', source = ''] = what.split(' ')
  return eventText(event, source) || natureText(how)
}
