import type { LogRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { aboard, devicesIn } from './monitors.ts'

const row = (
  kind: string,
  stream: string,
  occurred_ms: number,
  summary: Record<string, string>,
): LogRow => ({ kind, stream, occurred_ms, summary }) as LogRow

const EVENTS = [
  row('patient.registered.v1', 'patient:p1', 1, { mission_id: 'm1', sex: 'male', age_y: '62.0' }),
  row('mission.monitor_bound.v1', 'mission:m1', 2, {
    device_id: 'd1',
    patient_id: 'p1',
    call_sign: 'A-01',
  }),
  row('patient.registered.v1', 'patient:p2', 3, { mission_id: 'm1', sex: 'female' }),
  row('mission.monitor_released.v1', 'mission:m1', 4, { device_id: 'd1', call_sign: 'A-01' }),
  row('mission.band_given.v1', 'mission:m1', 5, { patient_id: 'p2', band: 'B1' }),
  row('patient.registered.v1', 'patient:p3', 6, { mission_id: 'm2', sex: 'unknown' }),
  row('patient.vitals_moved_in.v1', 'patient:p2', 7, { device_id: 'd1' }),
]

test('a device stands once a run, from its first place on', () => {
  expect(devicesIn(EVENTS)).toEqual([
    { id: 'd1', mission_id: 'm1', call_sign: 'A-01', begun_ms: 2 },
  ])
})

test('the patients of a run, with the bands that they wear', () => {
  expect(aboard(EVENTS, 'm1')).toEqual([
    { id: 'p1', registered_ms: 1, sex: 'male', age_y: '62.0', band: '' },
    { id: 'p2', registered_ms: 3, sex: 'female', age_y: '', band: 'B1' },
  ])
})
