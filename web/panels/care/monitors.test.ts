import type { Limits, MissionRow, MonitorRow, NumericSet, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { isOf } from './inbound.ts'
import {
  bandsOf,
  clockOff,
  deviceName,
  devicesOn,
  isElsewhere,
  isMismatched,
  isUnbound,
  placeText,
  shownWearer,
  wearerOf,
  wearersOf,
} from './monitors.ts'

const monitor = (over: Partial<MonitorRow>): MonitorRow => ({
  device_id: '00A037EB21A00001',
  patient_id: 'p1',
  band: '',
  since_ms: 0,
  off: false,
  ...over,
})
const patient = {
  id: 'p1',
  name: '周建明',
  call_sign: 'A-01',
  registered_ms: 0,
  merged_into: '',
  joined: [] as string[],
  differs: [] as string[],
} as PatientRow
const whole: PatientRow = { ...patient, joined: ['p2'] }
const mission = (monitors: MonitorRow[], bands: Record<string, string> = {}): MissionRow =>
  ({ monitors, bands }) as unknown as MissionRow
const live = (mismatch: boolean): NumericSet => ({
  device_id: '00A037EB21A00001',
  unit_id: 'u',
  device_ms: null,
  received_ms: 0,
  values: [],
  mismatch,
  clock_doubted: false,
  unstored: false,
})

test('a device is named by the end of its number, and one that has a title by that', () => {
  expect(deviceName('00A037EB21A00001')).toContain('0001')
  expect(deviceName('00A037EB21A00001')).not.toContain('00A037')
  expect(deviceName('SIM-US-0007')).toContain('SIM-US-0007')
})

test('numbers of a device on another patient or on nobody are left out', () => {
  expect(devicesOn(mission([]), patient)).toBeUndefined()
  expect(devicesOn(mission([monitor({})]), patient)).toEqual(['00A037EB21A00001'])
  expect(devicesOn(mission([monitor({ patient_id: '' })]), patient)).toEqual([])
  expect(devicesOn(mission([monitor({ patient_id: 'p2' })]), patient)).toEqual([])
})

test('the bar names every wearer once, and that a device is on nobody', () => {
  const worn = (...ids: string[]) => [
    ...wearersOf(mission(ids.map((patient_id) => monitor({ patient_id }))), [patient]).keys(),
  ]
  expect(worn()).toEqual([])
  expect(worn('p1', 'p1')).toEqual(['周建明'])
  expect(worn('')).toEqual(['未绑定'])
  expect(worn('p1', '')).toEqual(['周建明', '未绑定'])
})

test('a place is said with the word that it stands on', () => {
  expect(placeText(monitor({}), [patient])).toBe('周建明 · 按车绑定')
  expect(placeText(monitor({ band: 'B1' }), [patient])).toBe('周建明 · 腕带 B1')
  expect(placeText(monitor({ patient_id: '' }), [patient])).toBe('未绑定：读数不记到任何人')
  expect(placeText(monitor({ patient_id: 'p2' }), [patient])).toBe('另一名患者 · 按车绑定')
})

test('a device that names somebody else is a warning while it is bound by a band', () => {
  expect(isMismatched(monitor({ band: 'B1' }), live(true))).toBe(true)
  expect(isMismatched(monitor({ band: 'B1' }), live(false))).toBe(false)
  expect(isMismatched(monitor({}), live(true))).toBe(false)
  expect(isMismatched(monitor({ band: 'B1', device_id: 'other' }), live(true))).toBe(false)
  expect(isMismatched(monitor({ band: 'B1' }), undefined)).toBe(false)
})

test('a band names its wearer', () => {
  expect(wearerOf(mission([], { B1: 'p1', B2: 'p2' }), 'B2')).toBe('p2')
  expect(wearerOf(mission([]), 'B2')).toBeUndefined()
})

test('somebody may wear two bands, and either names them', () => {
  const worn = mission([], { B1: 'p1', B2: 'p2', B3: 'p1' })
  expect(bandsOf(worn, patient)).toEqual(['B1', 'B3'])
  expect(bandsOf(worn, { ...patient, id: 'p3' })).toEqual([])
  expect(bandsOf(worn, whole)).toEqual(['B1', 'B2', 'B3'])
  expect(wearerOf(worn, 'B1')).toBe('p1')
  expect(wearerOf(worn, 'B3')).toBe('p1')
})

test('the band of a merged record leads to the record that stands', () => {
  const other = { ...patient, id: 'p2', merged_into: 'p1' }
  const worn = mission([], { B2: 'p2' })
  expect(shownWearer(worn, [patient, other], 'B2')).toBe('p1')
  // The record that it went into is of another run: here it stands for itself.
  expect(shownWearer(worn, [other], 'B2')).toBe('p2')
  expect(shownWearer(worn, [other], 'B9')).toBeUndefined()
})

test('a device of another patient or of nobody is elsewhere, and one without a place among several', () => {
  const on = (patient_id: string) => mission([monitor({ patient_id })])
  const id = '00A037EB21A00001'
  expect(isElsewhere(on('p1'), patient, id)).toBe(false)
  expect(isElsewhere(on('p2'), patient, id)).toBe(true)
  expect(isElsewhere(on(''), patient, id)).toBe(true)
  expect(isElsewhere(mission([]), patient, 'other')).toBe(false)
  expect(isElsewhere(on('p1'), patient, 'other')).toBe(false)
  expect(isElsewhere(on('p2'), patient, 'other')).toBe(true)
  expect(isElsewhere(on(''), patient, 'other')).toBe(true)
  expect(isElsewhere(on('p2'), undefined, id)).toBe(false)
  expect(isElsewhere(undefined, patient, id)).toBe(false)
})

test('a device on a record that was merged into another is on that person', () => {
  const on = monitor({ patient_id: 'p2' })
  expect(['p1', 'p2', 'p3', ''].map((id) => isOf(whole, id))).toEqual([true, true, false, false])
  expect(devicesOn(mission([on]), whole)).toEqual([on.device_id])
  expect(isElsewhere(mission([on]), whole, on.device_id)).toBe(false)
  expect(isElsewhere(mission([monitor({ patient_id: 'p3' })]), whole, on.device_id)).toBe(true)
  const other: PatientRow = { ...patient, id: 'p2', name: '林晓', merged_into: 'p1' }
  expect(placeText(on, [whole])).toBe('周建明 · 按车绑定')
  expect(placeText(on, [other, whole])).toBe('周建明 · 按车绑定')
  // The record that it went into is of another run: here it stands for itself.
  expect(placeText(on, [other])).toBe('林晓 · 按车绑定')
})

test('a clock that is too far off is told with its direction', () => {
  const limits = { screen: { device_clock_off_s: 60 } } as Limits
  const set = (device_ms: number | null) => ({ device_ms, received_ms: 1_000_000 }) as NumericSet
  const off = (device_ms: number | null) => clockOff(set(device_ms), limits)
  expect([off(null), off(1_060_000), off(1_061_000), off(400_000)]).toEqual([
    null,
    null,
    61_000,
    -600_000,
  ])
  expect(clockOff(set(0), undefined)).toBeNull()
  expect(clockOff(undefined, limits)).toBeNull()
})

test('a device that was taken off is on nobody, and asks for no band', () => {
  const off = monitor({ patient_id: '', off: true })
  expect(placeText(off, [patient])).toBe('已取下：读数不记到任何人')
  expect([...wearersOf(mission([off]), [patient])]).toEqual([['已取下', undefined]])
  expect(isUnbound(off)).toBe(false)
  expect(isUnbound(monitor({ patient_id: '' }))).toBe(true)
  expect(devicesOn(mission([off]), patient)).toEqual([])
  expect(isElsewhere(mission([off]), patient, off.device_id)).toBe(true)
  expect(isElsewhere(mission([off]), patient, 'another')).toBe(false)
})
