import type { EdgeStatus, Limits, NumericSet } from '@gh/contract'
import { expect, test } from 'vitest'
import {
  clockError,
  diskWord,
  lookedAt,
  rateOf,
  recordingWord,
  spares,
  unheard,
  uplinkName,
  waitingClasses,
} from './links.ts'

const uplink = (name: string) => ({
  name,
  up: true,
  since_ms: 0,
  answered_ms: 0,
  rate_kbit_s: 512,
  carries: [],
})
const waiting = (data: EdgeStatus['classes'][number]['data'], n: number | null) => ({
  data,
  uplink: 'public',
  since_ms: 0,
  waiting: n,
})
const STATUS: EdgeStatus = {
  connected: true,
  pending: 0,
  last_contact_ms: 0,
  unit_id: 'A-01',
  call_sign: 'A-01',
  uplinks: [uplink('private'), uplink('public')],
  classes: [
    waiting('events', 2),
    waiting('vitals', 0),
    waiting('ecg', null),
    waiting('backlog', 0),
  ],
  clock: null,
  video: null,
  card_reader: null,
  disk_used: null,
  commander: '',
  refused: [],
  strangers: [],
  map: null,
}

test('the network is named only where there are two', () => {
  expect(uplinkName(STATUS)).toBe('public')
  expect(uplinkName({ ...STATUS, uplinks: [uplink('centre')] })).toBe('')
  expect(uplinkName(undefined)).toBe('')
})

test('what waits, and of ECG only more than is always under way', () => {
  expect(waitingClasses(STATUS)).toEqual([{ data: 'events', n: 2 }])
  const backlog = (n: number) => ({ ...STATUS, classes: [waiting('backlog', n)] })
  expect(waitingClasses(backlog(25))).toEqual([])
  expect(waitingClasses(backlog(300))).toEqual([{ data: 'backlog', n: 60_000 }])
})

test('a clock is wrong when it is certain and more than a second', () => {
  expect(clockError({ offset_ms: 900, uncertainty_ms: 10 })).toBeNull()
  expect(clockError({ offset_ms: -4_000, uncertainty_ms: 5_000 })).toBeNull()
  expect(clockError({ offset_ms: -4_000, uncertainty_ms: 300 })).toBe(-4_000)
  expect(clockError(null)).toBeNull()
})

test('the cabin is filmed, or it is said that it is not; outside a run nothing is said', () => {
  const word = (recording: number, full: boolean, onRun: boolean) =>
    recordingWord(
      { ...STATUS, video: { cameras: 2, recording, full, watchers: 0, closed: false } },
      onRun,
    )
  expect(word(2, false, true)).toBe('recording')
  expect(word(1, false, false)).toBe('recording')
  expect(word(0, false, true)).toBe('not_recording')
  expect(word(0, true, true)).toBe('no_room')
  expect(word(0, true, false)).toBeNull()
  expect(recordingWord(STATUS, true)).toBeNull()
  expect(recordingWord(undefined, true)).toBeNull()
})

test('the crew reads that a hospital is looking, and that it may not', () => {
  const word = (watchers: number, closed: boolean) =>
    lookedAt({ ...STATUS, video: { cameras: 1, recording: 1, full: false, watchers, closed } })
  expect(word(0, false)).toBeNull()
  expect(word(2, false)).toBe('watched')
  expect(word(2, true)).toBe('closed_here')
  expect(word(0, true)).toBe('closed_here')
  expect(lookedAt(STATUS)).toBeNull()
  expect(lookedAt(undefined)).toBeNull()
})

test('a disk is told when it is rather full, and loudly when nothing is kept', () => {
  const limits = { screen: { disk_warn_share: 0.7 } } as Limits
  const set = (unstored: boolean) => ({ unstored }) as NumericSet
  const used = (disk_used: number | null) => diskWord({ ...STATUS, disk_used }, limits, set(false))
  expect([used(null), used(0.7), used(0.83)]).toEqual([null, null, 83])
  expect(diskWord(STATUS, limits, set(true))).toBe('unstored')
  expect(diskWord(undefined, undefined, undefined)).toBeNull()
})

test('the network in use says what it carries, and the other one how it is', () => {
  expect(rateOf(STATUS)).toBe(512)
  expect(rateOf({ ...STATUS, uplinks: [{ ...uplink('only'), rate_kbit_s: 0 }] })).toBeNull()
  expect(rateOf({ ...STATUS, uplinks: [uplink('only')] })).toBe(512)
  expect(rateOf(undefined)).toBeNull()
  expect(spares(STATUS).map((one) => one.name)).toEqual(['private'])
  expect(spares({ ...STATUS, uplinks: [uplink('only')] })).toEqual([])
  expect(spares(undefined)).toEqual([])
})

test('a centre that was not heard for a while is said, though nothing is known to be cut', () => {
  expect(unheard(STATUS, 6_000)).toBeNull()
  expect(unheard(STATUS, 6_001)).toBe(6_001)
  expect(unheard({ ...STATUS, last_contact_ms: null }, 6_001)).toBeNull()
})
