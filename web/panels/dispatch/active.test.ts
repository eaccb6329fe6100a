import type { HandoverRow, MissionRow, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { standing } from './active.tsx'

const run = (now: Partial<MissionRow> = {}) =>
  ({
    state: 'en_route',
    flags: [],
    proposed: [],
    proposals: [],
    scene_alarms: [],
    destination_name: '人民医院',
    ...now,
  }) as MissionRow
const asked = (state: string) => ({ state }) as HandoverRow
const patient = (...worse: unknown[]) =>
  ({ worse, level: '', level_ms: null, merged_into: '' }) as unknown as PatientRow

test('a patient who got worse hides no hospital that has not answered', () => {
  expect(standing(run(), [patient({})], asked('sent'), false, 0)).toEqual({
    text: '医院未确认 · 病情加重',
    warn: true,
  })
  expect(standing(run(), [patient({})], asked('declined'), false, 0).text).toBe(
    '医院拒收 · 病情加重',
  )
  expect(standing(run(), [patient({})], undefined, false, 0).text).toBe('病情加重')
})

test('what a place proposes waits for what is due, and nothing due is where it goes', () => {
  const proposed = run({ proposed: ['on_scene'] })
  expect(standing(proposed, [patient()], asked('sent'), false, 0).text).toBe('医院未确认')
  expect(standing(proposed, [patient()], asked('acknowledged'), false, 0).warn).toBe(true)
  const unsure = run({
    proposed: ['on_scene'],
    proposals: [{ milestone: 'on_scene', confidence: 'low', doubts: ['edge', 'single'] }],
  })
  expect(standing(unsure, [patient()], asked('acknowledged'), false, 0).text).toBe(
    '围栏提示 到达现场 · 把握不大',
  )
  expect(standing(run(), [patient()], asked('acknowledged'), false, 0)).toEqual({
    text: '人民医院',
    warn: false,
  })
})

test('a call for help stands before all else', () => {
  expect(standing(run({ state: 'assigned' }), [], undefined, true, 0).text).toBe('呼救')
})

test('signs that nobody took again are said beside all that is due, until somebody else has them', () => {
  const old = { ...patient(), reassess: { level: 'II', taken_ms: 0, due_ms: 600_000 } }
  expect(standing(run(), [old], asked('sent'), false, 599_999).text).toBe('医院未确认')
  expect(standing(run(), [old], asked('sent'), false, 600_000).text).toBe('医院未确认 · 体征待复测')
  expect(standing(run({ state: 'handed_over' }), [old], undefined, false, 600_000).warn).toBe(false)
})

test('what alarms at the scene is said beside what is due, the most urgent of it', () => {
  const alarm = (what: string, how: string, priority: 'high' | 'low') => ({
    device_id: 'm',
    what,
    how,
    priority,
    since_ms: 0,
    silent_ms: null,
  })
  const alarming = run({
    state: 'on_scene',
    scene_alarms: [alarm('ecg', 'chaotic', 'high'), alarm('MDC_EVT_LEAD_OFF', 'technical', 'low')],
  })
  expect(standing(alarming, [], undefined, false, 0)).toEqual({
    text: '!!! 现场设备报警：心电波形紊乱',
    warn: true,
  })
  expect(standing(alarming, [], undefined, true, 0).text).toMatch(/^呼救 · !!! /)
})
