import { type Command, type Fix, type NumericSet, type UnitRow, whenNoSession } from '@gh/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { backoff, Channel, liveUrl } from './channel.ts'
import { uuid7 } from './ids.ts'
import { deedKey } from './send.ts'
import { LiveStore } from './store.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const unit = (id: string, state = 'ready'): UnitRow => ({
  table: 'units',
  id,
  call_sign: id,
  station_id: 's',
  station_name: 'S',
  station_point: { lat: 28, lon: 115 },
  unit_kind: 'als',
  assumed: true,
  state,
  out_of_service: '',
  crew: [],
  mission_id: '',
  incident_id: '',
  level: '',
  help_ms: null,
  since_ms: 0,
  duty_ms: null,
  checks: [],
  home: '',
  epoch: 0,
  away: false,
  help_over: null,
})
const fix = (unit_id: string, device_ms: number, catch_up = false): Fix => ({
  unit_id,
  point: { lat: 28, lon: 115 },
  speed_kmh: 0,
  heading_deg: 0,
  altitude_m: 0,
  device_ms,
  received_ms: device_ms,
  catch_up,
  mileage_km: null,
  satellites: null,
  alarms: [],
  tablet: false,
  accuracy_m: null,
})

test('a snapshot forgets what was known', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 5, rows: [unit('a'), unit('b')] })
  store.apply({ type: 'snapshot', at: 9, rows: [unit('c')] })
  expect(store.list('units').map((u) => u.id)).toEqual(['c'])
  expect(store.at).toBe(9)
})

test('a patch puts and drops whole rows and tells only the tables it touched', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 1, rows: [unit('a'), unit('b')] })
  const told: string[] = []
  store.subscribe('units', () => told.push('units'))
  store.subscribe('calls', () => told.push('calls'))
  store.apply({ type: 'patch', at: 2, put: [unit('a', 'assigned')], drop: [['units', 'b']] })
  expect(store.list('units').map((u) => [u.id, u.state])).toEqual([['a', 'assigned']])
  expect(told).toEqual(['units'])
})

test('a list is the same array until its table changes', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 1, rows: [unit('a')] })
  const before = store.list('units')
  expect(store.list('units')).toBe(before)
  store.apply({ type: 'patch', at: 2, put: [], drop: [['units', 'zzz']] })
  expect(store.list('units')).toBe(before)
  store.apply({ type: 'patch', at: 3, put: [unit('b')], drop: [] })
  expect(store.list('units')).not.toBe(before)
})

test('a row that says nothing new is the same row, and so is each part of one that does', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 1, rows: [unit('a')] })
  const [before] = store.list('units')
  let told = 0
  store.subscribe('units', () => told++)
  store.apply({ type: 'patch', at: 2, put: [unit('a')], drop: [] })
  expect([store.find('units', 'a') === before, told, store.at]).toEqual([true, 0, 2])
  store.apply({ type: 'patch', at: 3, put: [unit('a', 'assigned')], drop: [] })
  const after = store.find('units', 'a')
  expect([after?.state, after?.station_point === before?.station_point, told]).toEqual([
    'assigned',
    true,
    1,
  ])
})

test('patches repeated after a reconnect change nothing', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 1, rows: [unit('a')] })
  store.apply({ type: 'patch', at: 3, put: [unit('a', 'en_route')], drop: [] })
  store.apply({ type: 'patch', at: 2, put: [unit('a', 'assigned')], drop: [] })
  expect(store.find('units', 'a')?.state).toBe('en_route')
})

test('a sweep of ended rights carries no new number and still counts', () => {
  const store = new LiveStore()
  store.apply({ type: 'snapshot', at: 7, rows: [unit('a'), unit('b')] })
  store.apply({ type: 'patch', at: 7, put: [], drop: [['units', 'a']] })
  expect(store.list('units').map((u) => u.id)).toEqual(['b'])
})

test('stale state and patches give the fresh state', () => {
  const stale = new LiveStore()
  stale.apply({ type: 'snapshot', at: 1, rows: [unit('a'), unit('b')] })
  stale.apply({ type: 'patch', at: 2, put: [unit('c')], drop: [['units', 'a']] })
  const fresh = new LiveStore()
  fresh.apply({ type: 'snapshot', at: 2, rows: [unit('b'), unit('c')] })
  expect(stale.list('units')).toEqual(fresh.list('units'))
})

test('a catch-up or older fix never moves a vehicle', () => {
  const store = new LiveStore()
  store.apply({ type: 'fixes', fixes: [fix('a', 100)], doubted: [] })
  store.apply({ type: 'fixes', fixes: [fix('a', 90), fix('a', 200, true)], doubted: [] })
  expect(store.findFix('a')?.device_ms).toBe(100)
  store.apply({ type: 'fixes', fixes: [fix('a', 110)], doubted: [] })
  expect(store.findFix('a')?.device_ms).toBe(110)
})

test('between terminal and tablet the server has decided, whose clock is behind too', () => {
  const store = new LiveStore()
  store.apply({ type: 'fixes', fixes: [{ ...fix('a', 100), tablet: true }], doubted: [] })
  store.apply({ type: 'fixes', fixes: [fix('a', 98)], doubted: [] })
  expect(store.findFix('a')?.device_ms).toBe(98)
  store.apply({ type: 'fixes', fixes: [fix('a', 97)], doubted: [] })
  expect(store.findFix('a')?.device_ms).toBe(98)
})

test('a unit that is not believed keeps its place and is marked until it is believed', () => {
  const store = new LiveStore()
  store.apply({ type: 'fixes', fixes: [fix('a', 100)], doubted: [] })
  let heard = 0
  store.subscribe('fix:a', () => heard++)
  store.apply({ type: 'fixes', fixes: [], doubted: ['a'] })
  expect([store.findFix('a')?.device_ms, store.doubted.has('a'), heard]).toEqual([100, true, 1])
  store.apply({ type: 'fixes', fixes: [], doubted: ['a'] })
  expect(heard).toBe(1)
  store.apply({ type: 'fixes', fixes: [fix('a', 200)], doubted: [] })
  expect([store.findFix('a')?.device_ms, store.doubted.has('a')]).toEqual([200, false])
})

test('each device of a unit keeps its newest set, and the newest of those asked for is found', () => {
  const set = (device_id: string, received_ms: number): NumericSet => ({
    device_id,
    unit_id: 'u',
    device_ms: null,
    received_ms,
    values: [],
    mismatch: false,
    clock_doubted: false,
    unstored: false,
  })
  const store = new LiveStore()
  store.apply({ type: 'numerics', numerics: [set('a', 10), set('b', 20), set('a', 5)] })
  expect(store.findNumerics('u')?.device_id).toBe('b')
  expect(store.findNumerics('u', ['a'])?.received_ms).toBe(10)
  expect(store.findNumerics('u', undefined, 1)).toBeUndefined()
  expect(store.findNumerics('u', [])).toBeUndefined()
  expect(store.findNumerics('other')).toBeUndefined()
})

test('a reconnect names what was seen', () => {
  expect(liveUrl('https://x:8443', 'board', undefined, 0)).toBe('wss://x:8443/api/live?view=board')
  expect(liveUrl('https://x', 'crew', 'u1', 42)).toBe('wss://x/api/live?view=crew&after=42&unit=u1')
})

test('a line on which nothing came asks whether the session ended; one that was heard does not', async () => {
  vi.useFakeTimers()
  class Line {
    onmessage: ((event: { data: string }) => void) | null = null
    onclose: (() => void) | null = null
    constructor() {
      lines.push(this)
    }
    close(): void {}
  }
  const lines: Line[] = []
  const asked: string[] = []
  vi.stubGlobal('WebSocket', Line)
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    return Promise.resolve({ status: 401, text: () => Promise.resolve('{"code":"no_session"}') })
  })
  let told = 0
  whenNoSession(() => {
    told += 1
  })
  const channel = new Channel('board', undefined, () => {})
  channel.start()
  lines[0]?.onclose?.()
  await vi.advanceTimersByTimeAsync(0)
  expect([asked, told]).toEqual([['/api/session'], 1])

  await vi.advanceTimersByTimeAsync(300)
  const ping = { type: 'ping', server_ms: Date.now(), delivery: 0 }
  lines[1]?.onmessage?.({ data: JSON.stringify(ping) })
  lines[1]?.onclose?.()
  await vi.advanceTimersByTimeAsync(0)
  expect([lines.length, asked.length]).toEqual([2, 1])
  channel.stop()
})

test('waits grow, stay bounded and are spread', () => {
  expect(backoff(0, 0)).toBe(150)
  expect(backoff(0, 1)).toBe(300)
  expect(backoff(20, 1)).toBe(10_000)
})

test('two clicks on one button are one deed, two milestones are two', () => {
  const assign = (mission_id: string): Command => ({
    kind: 'mission.assign',
    mission_id,
    incident_id: 'i',
    unit_id: 'u',
  })
  expect(deedKey(assign('m1'))).toBe(deedKey(assign('m2')))
  const reach = (milestone: 'departed' | 'on_scene'): Command => ({
    kind: 'mission.reach',
    mission_id: 'm',
    milestone,
    source: 'dispatcher',
  })
  expect(deedKey(reach('departed'))).not.toBe(deedKey(reach('on_scene')))
})

test('a UUIDv7 begins with its time', () => {
  const id = uuid7()
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Math.abs(Number.parseInt(id.replace('-', '').slice(0, 12), 16) - Date.now())).toBeLessThan(
    50,
  )
})

test('what alarms and stands in no record is told whole: an empty word ends it', () => {
  const store = new LiveStore()
  const heard = vi.fn()
  store.subscribe('unrecorded', heard)
  const one = { unit_id: 'u', mission_id: 'm', device_id: 'd', patient_id: '' }
  store.apply({
    type: 'unrecorded',
    alarms: [{ ...one, alarms: [], rhythms: [], device_alarms: [] }],
  })
  expect(store.unrecorded).toHaveLength(1)
  store.apply({ type: 'unrecorded', alarms: [] })
  expect(store.unrecorded).toEqual([])
  expect(heard).toHaveBeenCalledTimes(2)
})
