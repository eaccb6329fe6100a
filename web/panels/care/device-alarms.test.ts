import type { DeviceAlarmRow, SceneAlarmRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { beforeEach, expect, it } from 'vitest'
import {
  deviceAlarmText,
  isPressing,
  isPressingNow,
  marks,
  sceneAlarmText,
  silentText,
} from './device-alarms.ts'

const own = (changes: Partial<DeviceAlarmRow>): DeviceAlarmRow => ({
  device_id: '00A037EB21A00009',
  key: 'k',
  event: 'MDC_EVT_LO_VAL_LT_LIM',
  source: 'MDC_PULS_OXIM_SAT_O2',
  nature: 'physiological',
  priority: 'high',
  words: 'SPO2 LOW',
  value: '82 %',
  limits: '>90',
  silenced: '',
  since_ms: 0,
  silent_ms: null,
  ...changes,
})
const scene = (what: string, how: string): SceneAlarmRow => ({
  device_id: 'm',
  what,
  how,
  priority: 'high',
  since_ms: 0,
  silent_ms: null,
})

beforeEach(() => setLang('zh-CN'))

it("keeps the device's own words, and says what only a code says", () => {
  expect(deviceAlarmText(own({}))).toBe('设备 0009：SPO2 LOW 82 %')
  const bare = own({ words: 'MDC_EVT_LEAD_OFF', event: 'MDC_EVT_LEAD_OFF', source: '', value: '' })
  expect(deviceAlarmText(bare)).toBe('设备 0009：导联脱落')
  const unknown = own({
    words: 'MDC_EVT_Q',
    event: 'MDC_EVT_Q',
    source: '',
    value: '',
    nature: 'technical',
  })
  expect(deviceAlarmText(unknown)).toBe('设备 0009：设备技术报警')
})

it('says that the device is quiet and that it gave no priority', () => {
  expect(deviceAlarmText(own({ silenced: 'audio-paused' }))).toContain('设备端已静音')
  expect(deviceAlarmText(own({ silenced: 'maker-quiet' }))).toContain('设备端已静音')
  expect(deviceAlarmText(own({ priority: 'unknown' }))).toContain('未说明级别')
})

it('ranks what is not said with the highest', () => {
  expect([marks('high'), marks('unknown'), marks('medium'), marks('low')]).toEqual([
    '!!!',
    '!!!',
    '!!',
    '!',
  ])
  expect(isPressing('unknown')).toBe(true)
  expect(isPressing('medium')).toBe(false)
})

it('says of a scene what alarms, without a value and without a code', () => {
  expect(sceneAlarmText(scene('spo2', 'critical_low'))).toMatch(/危急值 过低$/)
  expect(sceneAlarmText(scene('ecg', 'chaotic'))).toBe('心电波形紊乱')
  expect(
    sceneAlarmText(scene('MDC_EVT_LO_VAL_LT_LIM MDC_PULS_OXIM_SAT_O2', 'physiological')),
  ).toMatch(/低于下限$/)
  expect(sceneAlarmText(scene('MNDRY_EVT_7', 'technical'))).toBe('设备技术报警')
  expect(sceneAlarmText(scene('device', ''))).toBe('设备报警')
})

it('says of a silent device what it is worth, and no longer presses', () => {
  expect(isPressingNow(own({}))).toBe(true)
  expect(isPressingNow(own({ silent_ms: 1 }))).toBe(false)
  expect(silentText(null)).toBe('')
  expect(silentText(0)).toBe('最后已知：设备自 08:00:00 起无信号')
  const silent = { ...scene('ecg', 'chaotic'), silent_ms: 0 }
  expect(sceneAlarmText(silent)).toContain('自 08:00:00 起无信号')
})
