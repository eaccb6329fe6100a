import type { Limits, MissionRow, NodeRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { currentMission, guessTime, isMoving, lowers, rail, stageOf, undoable } from './model.ts'

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
