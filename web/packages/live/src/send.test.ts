import { type Command, Refusal } from '@gh/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decide, send, type Waiting, waitingNow } from './send.ts'

const ORDER: Command = {
  kind: 'mission.assign',
  mission_id: 'm1',
  incident_id: 'i1',
  unit_id: 'A-01',
  proposal: null,
}
const NOTE: Command = { kind: 'call.answer', call_id: 'c1' }
const HOLD_MS = 30_000

let away = true
let asked = 0
let failures = 0

beforeEach(() => {
  vi.useFakeTimers()
  away = true
  asked = 0
  failures = 0
  vi.stubGlobal('fetch', () => {
    asked += 1
    if (failures > 0) {
      failures -= 1
      return Promise.resolve(new Response('{"status_code":500}', { status: 500 }))
    }
    return away ? Promise.reject(new TypeError('away')) : Promise.resolve(new Response('{"id":1}'))
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const held = (): Waiting[] => waitingNow().filter((one) => one.held)

async function untilHeld(): Promise<Waiting> {
  await vi.advanceTimersByTimeAsync(3 * HOLD_MS)
  const [one] = held()
  if (one === undefined) throw new Error('nothing is held')
  return one
}

test('an order that found no answer for long is sent again by a person alone', async () => {
  const answer = send(ORDER, HOLD_MS)
  const order = await untilHeld()
  expect(order.command).toEqual(ORDER)
  const before = asked
  away = false
  await vi.advanceTimersByTimeAsync(10 * HOLD_MS)
  expect(asked).toBe(before)
  decide(order.sequence, true)
  await vi.advanceTimersByTimeAsync(0)
  expect(await answer).toEqual({ id: 1 })
  expect(waitingNow()).toEqual([])
})

test('sent again without an answer it waits for a person again', async () => {
  const answer = send(ORDER, HOLD_MS)
  const order = await untilHeld()
  decide(order.sequence, true)
  await vi.advanceTimersByTimeAsync(HOLD_MS / 2)
  expect(held()).toEqual([])
  await untilHeld()
  decide(order.sequence, false)
  await expect(answer).rejects.toThrow('given_up')
})

test('given up it is sent no more and is said to be so', async () => {
  const answer = send(ORDER, HOLD_MS)
  const order = await untilHeld()
  const before = asked
  decide(order.sequence, false)
  await expect(answer).rejects.toBeInstanceOf(Refusal)
  await vi.advanceTimersByTimeAsync(10 * HOLD_MS)
  expect(asked).toBe(before)
  expect(waitingNow()).toEqual([])
})

test('what is no order is repeated until there is an answer', async () => {
  const answer = send(NOTE, HOLD_MS)
  await vi.advanceTimersByTimeAsync(10 * HOLD_MS)
  expect(held()).toEqual([])
  away = false
  await vi.advanceTimersByTimeAsync(HOLD_MS)
  expect(await answer).toEqual({ id: 1 })
})

test('where the server fails once or twice the deed is asked for again', async () => {
  away = false
  failures = 2
  const answer = send(ORDER, HOLD_MS)
  await vi.advanceTimersByTimeAsync(HOLD_MS / 2)
  expect(await answer).toEqual({ id: 1 })
  expect(asked).toBe(3)
})

test('a server that fails every time is said to fail', async () => {
  failures = Number.POSITIVE_INFINITY
  const said = expect(send(ORDER, HOLD_MS)).rejects.toMatchObject({ code: 'http_500' })
  await vi.advanceTimersByTimeAsync(HOLD_MS)
  await said
  expect(asked).toBe(5)
  expect(waitingNow()).toEqual([])
})

test('an order whose server fails after a long silence waits for a person all the same', async () => {
  const answer = send(ORDER, HOLD_MS)
  await vi.advanceTimersByTimeAsync(HOLD_MS / 2)
  failures = 1
  await untilHeld()
  const before = asked
  away = false
  await vi.advanceTimersByTimeAsync(10 * HOLD_MS)
  expect(asked).toBe(before)
  decide((await untilHeld()).sequence, true)
  await vi.advanceTimersByTimeAsync(0)
  expect(await answer).toEqual({ id: 1 })
})
