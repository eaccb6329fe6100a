import { type Command, clear, Refusal } from '@gh/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Shelf, Unsent } from './unsent.ts'

const LI = { person_id: 'p-li', name: '李' }
const WANG = { person_id: 'p-wang', name: '王' }
const NOTE: Command = {
  kind: 'patient.take_note',
  patient_id: 'p1',
  entry_id: 'e1',
  text: clear('主诉胸痛'),
}

type Body = { installation: string; sequence: number; command: Command }
let stored: Unsent[] = []
let asked: Body[] = []
let answer: () => Promise<Response>

/** What outlives a page: the tests load each page anew. */
const SHELF: Shelf = {
  list: async () => structuredClone(stored),
  put: async (one) => {
    stored = [...stored.filter((other) => other.sequence !== one.sequence), structuredClone(one)]
  },
  remove: async (one) => {
    stored = stored.filter((other) => other.sequence !== one.sequence)
  },
}
const AWAY = () => Promise.reject(new TypeError('away'))
const TAKEN = () => Promise.resolve(new Response('{"versions":{}}'))
const problem = (status: number, code: string) => () =>
  Promise.resolve(new Response(JSON.stringify({ code }), { status }))

async function page() {
  vi.resetModules()
  const unsent = await import('./unsent.ts')
  unsent.keepOn(SHELF)
  const { send, keepUnsent, waitingNow } = await import('./send.ts')
  return { ...unsent, send, keepUnsent, waitingNow }
}
const later = () => vi.advanceTimersByTimeAsync(60_000)

beforeEach(() => {
  vi.useFakeTimers()
  stored = []
  asked = []
  answer = AWAY
  vi.stubGlobal('fetch', (_path: string, init: { body: string }) => {
    asked.push(JSON.parse(init.body))
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('what had no answer when the page died is sent by the next page under the same identity', async () => {
  const first = await page()
  const end = first.keepUnsent(LI)
  first.send(NOTE).catch(() => {})
  await later()
  expect(first.unsentNow().map((one) => one.late)).toEqual([true])
  end()
  await later()
  const [was] = asked
  asked = []

  const second = await page()
  answer = TAKEN
  second.keepUnsent(LI)
  await later()
  expect(asked).toEqual([was])
  expect(stored).toEqual([])
  expect(second.unsentNow()).toEqual([])
  expect(second.waitingNow()).toEqual([])
})

test('an answer, and a refusal where the form still stands, end the keeping', async () => {
  const only = await page()
  only.keepUnsent(LI)
  answer = TAKEN
  await only.send(NOTE)
  answer = problem(409, 'patient_merged')
  await expect(only.send(NOTE)).rejects.toMatchObject({ code: 'patient_merged' })
  expect(stored).toEqual([])
  expect(only.unsentNow()).toEqual([])
})

test('a refusal after a reload is kept until it was read, and is not sent again', async () => {
  const first = await page()
  const end = first.keepUnsent(LI)
  first.send(NOTE).catch(() => {})
  await later()
  end()

  const second = await page()
  answer = problem(409, 'mission_finished')
  const endToo = second.keepUnsent(LI)
  await later()
  expect(stored.map((one) => one.refusal?.code)).toEqual(['mission_finished'])
  endToo()

  asked = []
  const third = await page()
  third.keepUnsent(LI)
  await later()
  expect(asked).toEqual([])
  const [refused] = third.unsentNow()
  expect(refused?.refusal?.code).toBe('mission_finished')
  if (refused) third.forget(refused)
  expect(stored).toEqual([])
})

test("another person's entry is not sent, and waits for that person", async () => {
  const first = await page()
  const end = first.keepUnsent(LI)
  first.send(NOTE).catch(() => {})
  await later()
  end()
  asked = []
  answer = TAKEN
  const second = await page()
  const endToo = second.keepUnsent(WANG)
  await later()
  expect(asked).toEqual([])
  expect(second.unsentNow().map((one) => one.name)).toEqual(['李'])
  endToo()
  second.keepUnsent(LI)
  await later()
  expect(asked.length).toBe(1)
  expect(stored).toEqual([])
})

test('a session that has ended leaves the entry for the next log-in', async () => {
  const only = await page()
  const end = only.keepUnsent(LI)
  answer = problem(401, 'no_session')
  await expect(only.send(NOTE)).rejects.toMatchObject({ status: 401 })
  end()
  expect(stored.length).toBe(1)
  answer = TAKEN
  only.keepUnsent(LI)
  await later()
  expect(asked[1]).toEqual(asked[0])
  expect(stored).toEqual([])
})

test('a call to the caller is wanted now: it is not kept', async () => {
  const only = await page()
  only.keepUnsent(LI)
  answer = TAKEN
  const ask: Command = { kind: 'mission.ask_callback', mission_id: 'm1', callback_id: 'c1' }
  only.send(ask).catch(() => {})
  expect(only.unsentNow()).toEqual([])
})

test('a browser without a store says that it keeps nothing', async () => {
  const only = await page()
  only.keepOn({ list: async () => [], put: AWAY, remove: AWAY })
  only.keepUnsent(LI)
  only.send(NOTE).catch((error: unknown) => expect(error).toBeInstanceOf(Refusal))
  await later()
  expect(only.keepsNow()).toBe(false)
})
