import type { AlertRow, HandoverRow, IncidentRow } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  chinaTime,
  comingTime,
  currentHandover,
  filterTopics,
  groupAlerts,
  parseAge,
  parseMinutes,
  pastTime,
  pendingOf,
  sameAbout,
} from './model.ts'

const incident = (id: string, level: string, waiting_since_ms: number, dispatched = false) =>
  ({
    id,
    level,
    waiting_since_ms,
    standby: null,
    state: 'open',
    dispatched_ms: dispatched ? 1 : null,
  }) as IncidentRow
const alert = (id: string, priority: number, raised_ms: number, state = 'open') =>
  ({ id, code: 'x', priority, raised_ms, state }) as AlertRow

test('pending: worst first, then the longest wait; an unknown level before R3', () => {
  const rows = [
    incident('late3', 'R3', 5),
    incident('early3', 'R3', 1),
    incident('r1', 'R1', 9),
    incident('unknown', '', 8),
    incident('sent', 'R0', 0, true),
  ]
  expect(pendingOf(rows).map((i) => i.id)).toEqual(['r1', 'unknown', 'early3', 'late3'])
})

test('identical alerts stand together, priority 1 alone, acknowledged last', () => {
  const groups = groupAlerts([
    alert('a', 3, 10),
    alert('b', 3, 5),
    alert('p1', 1, 9),
    alert('q1', 1, 7),
    alert('seen', 1, 1, 'acknowledged'),
    alert('gone', 1, 0, 'resolved'),
  ])
  expect(groups.map((g) => g.alerts.map((a) => a.id))).toEqual([
    ['q1'],
    ['p1'],
    ['b', 'a'],
    ['seen'],
  ])
})

test('a case that its call opens, or that outlives it, is the same emergency; another call is not', () => {
  const call = { callId: 'a', incidentId: '' }
  const both = { callId: 'a', incidentId: '1' }
  const after = { callId: '', incidentId: '1' }
  expect([sameAbout(call, both), sameAbout(both, after)]).toEqual([true, true])
  expect([
    sameAbout(call, { callId: 'b', incidentId: '' }),
    sameAbout(both, { callId: 'a', incidentId: '2' }),
    sameAbout(after, { callId: 'b', incidentId: '' }),
    sameAbout({ callId: '', incidentId: '' }, call),
  ]).toEqual([false, false, false, false])
})

test('ages and times as people type them', () => {
  expect([
    parseAge('62'),
    parseAge('6m'),
    parseAge('73天'),
    parseAge('old'),
    parseAge('200'),
  ]).toEqual([62, 0.5, 73 / 365.25, null, null])
  expect([parseMinutes('40'), parseMinutes('2h'), parseMinutes('3天'), parseMinutes('x')]).toEqual([
    40,
    120,
    4320,
    null,
  ])
  const now = Date.UTC(2026, 10, 21, 6, 32, 8) // 14:32:08 in Shanghai
  expect(pastTime('14:30', now)).toBe(Date.UTC(2026, 10, 21, 6, 30))
  expect(pastTime('23:10', now)).toBe(Date.UTC(2026, 10, 20, 15, 10))
  expect(comingTime('15:10', now)).toBe(Date.UTC(2026, 10, 21, 7, 10))
  expect(pastTime('25:00', now)).toBeNull()
})

test('a standby waits behind every emergency, known or not', () => {
  const standby = {
    ...incident('s', '', 1),
    standby: { occasion: 'x', from_ms: 1, until_ms: 2 },
  }
  const rows = [standby, incident('u', '', 3), incident('r4', 'R4', 2)]
  expect(pendingOf(rows).map((row) => row.id)).toEqual(['u', 'r4', 's'])
})

test('a day and a time are read as China time, whatever the clock of the machine', () => {
  expect(chinaTime('2026-11-21T15:10')).toBe(Date.UTC(2026, 10, 21, 7, 10))
  expect(chinaTime('')).toBeNull()
})

test('topics are found by either language or id', () => {
  const topics = [
    { id: 'chest_pain', zh: '胸痛', en: 'chest pain' },
    { id: 'fall', zh: '跌落/摔倒', en: 'fall' },
  ]
  expect(filterTopics(topics, '摔').map((topic) => topic.id)).toEqual(['fall'])
  expect(filterTopics(topics, 'CHEST').map((topic) => topic.id)).toEqual(['chest_pain'])
})

test('a second hospital that was told settles the first one that declined', () => {
  const told = (id: string, state: HandoverRow['state'], sent_ms: number) =>
    ({ id, state, sent_ms, mission_id: 'm' }) as HandoverRow
  const declined = told('a', 'declined', 1)
  expect(currentHandover([declined, told('b', 'sent', 2)], 'm')?.id).toBe('b')
  expect(currentHandover([told('b', 'withdrawn', 2), declined], 'm')?.id).toBe('a')
  expect(currentHandover([declined], 'other')).toBeUndefined()
})
