import type { Limits, MissionRow, NodeRow, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  calledOff,
  currentMission,
  endedRuns,
  guessTime,
  isMoving,
  lingers,
  lowers,
  rail,
  stageOf,
  undoable,
  unsigned,
} from './model.ts'

const node = (milestone: NodeRow['milestone'], at_ms: number, supplied_late = false): NodeRow => ({
  milestone,
  at_ms,
  source: 'crew',
  actor: 'a',
  received_ms: at_ms,
  original_ms: null,
  reason: '',
  supplied_late,
})
const mission = (over: Partial<MissionRow>): MissionRow =>
  ({
    id: 'm',
    state: 'assigned',
    active: true,
    nodes: [],
    assigned_ms: 0,
    since_ms: 0,
    ...over,
  }) as MissionRow

test('an active run comes before a reservation', () => {
  const reserved = mission({ id: 'r', state: 'reserved', active: false, since_ms: 9 })
  const active = mission({ id: 'a', since_ms: 1 })
  expect(currentMission([reserved, active])?.id).toBe('a')
  expect(currentMission([reserved])?.id).toBe('r')
  expect(currentMission([mission({ state: 'cleared', active: false })])).toBeUndefined()
})

test('a forgotten node is named as missed and its time is guessed between its neighbours', () => {
  const run = mission({
    state: 'on_scene',
    nodes: [node('acknowledged', 100), node('on_scene', 300)],
  })
  const items = rail(run)
  expect(items.filter((i) => i.missed).map((i) => i.milestone)).toEqual(['departed'])
  expect(items.find((i) => i.current)?.milestone).toBe('on_scene')
  expect(guessTime(run, 'departed', 900)).toBe(200)
  expect(guessTime(run, 'loaded', 900)).toBe(600)
  expect(stageOf(run)).toBe('scene')
})

test('only the newest node can be undone, for ten seconds, and never one supplied late', () => {
  const run = mission({ nodes: [node('acknowledged', 1000)] })
  expect(undoable(run, 4000, 10_000)).toEqual({ milestone: 'acknowledged', left_ms: 7000 })
  expect(undoable(run, 11_000, 10_000)).toBeNull()
  expect(undoable({ ...run, state: 'stood_down' }, 4000, 10_000)).toBeNull()
  expect(undoable(mission({ nodes: [node('acknowledged', 1000, true)] }), 2000, 10_000)).toBeNull()
})

test('a milder level than proposed needs a reason', () => {
  expect(lowers('III', 'II')).toBe(true)
  expect(lowers('I', 'II')).toBe(false)
  expect(lowers('III', '')).toBe(false)
})

test('the lock follows the speed of a fresh position, and knows nothing without one', () => {
  const limits = { screen: { position_amber_s: 60, driver_lock_kmh: 5 } } as Limits
  const fix = { speed_kmh: 6, received_ms: 1_000 }
  expect(isMoving(fix, 2_000, limits)).toBe(true)
  expect(isMoving({ ...fix, speed_kmh: 5 }, 2_000, limits)).toBe(false)
  expect(isMoving(fix, 62_000, limits)).toBe(false)
  expect(isMoving(undefined, 2_000, limits)).toBe(false)
  expect(isMoving(fix, 2_000, undefined)).toBe(false)
})

test('a run that was called off is told until the crew has read it, and a reservation never', () => {
  const off = (over: Partial<MissionRow>) =>
    mission({
      unit_id: 'u',
      state: 'stood_down',
      active: false,
      assigned_ms: 1,
      ended_ms: 5,
      stand_down_seen_ms: null,
      ...over,
    })
  const rows = [
    off({ id: 'old' }),
    off({ id: 'new', ended_ms: 9 }),
    off({ id: 'read', stand_down_seen_ms: 6 }),
    off({ id: 'reserved', assigned_ms: null }),
    off({ id: 'other', unit_id: 'v' }),
    mission({ id: 'running', unit_id: 'u' }),
  ]
  expect(calledOff(rows, 'u').map((m) => m.id)).toEqual(['new', 'old'])
})

test('the records of own ended runs are listed, those without a signature first', () => {
  const over = (id: string, ended_ms: number | null, unit_id = 'u') =>
    mission({ id, unit_id, ended_ms, state: 'cleared', active: false })
  const patient = (id: string, mission_id: string, signed_ms: number | null) =>
    ({ id, mission_id, merged_into: '', record: { signed_ms } }) as PatientRow
  const rows = [
    over('unsigned', 1),
    over('signed', 9),
    over('empty', 8),
    over('running', null),
    over('other', 7, 'v'),
  ]
  const patients = [
    patient('a', 'unsigned', null),
    patient('b', 'signed', 10),
    patient('c', 'running', null),
    patient('d', 'other', null),
  ]
  const listed = endedRuns(rows, patients, 'u')
  expect(listed.map((run) => run.mission.id)).toEqual(['unsigned', 'signed'])
  expect(listed.map((run) => unsigned(run.patients).map((p) => p.id))).toEqual([['a'], []])
})

test('a finished run stays on the screen while its end can be undone', () => {
  const run = mission({ state: 'cleared', active: false, nodes: [node('cleared', 1_000)] })
  expect(lingers(run, 4_000, 10_000)).toBe(7_000)
  expect(lingers(run, 11_000, 10_000)).toBe(0)
  expect(lingers(run, 900, 10_000)).toBe(10_000)
  expect(lingers({ ...run, state: 'stood_down' }, 4_000, 10_000)).toBe(0)
  expect(lingers({ ...run, nodes: [node('cleared', 1_000, true)] }, 4_000, 10_000)).toBe(0)
})
