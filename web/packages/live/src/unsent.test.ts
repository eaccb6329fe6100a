import { type Command, clear, Refusal } from '@gh/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Shelf, Shelved, Unsent } from './unsent.ts'

const LI = { person_id: 'p-li', name: '李' }
const WANG = { person_id: 'p-wang', name: '王' }
const NOTE: Command = {
  kind: 'patient.take_note',
  patient_id: 'p1',
  entry_id: 'e1',
  text: clear('主诉胸痛'),
}

/** Its own test has the cryptography; here it takes no time and shows which key it was. */
vi.mock('./seal.ts', () => ({
  sealingKey: async (bytes: string) => bytes,
  seal: async (text: string, place: string, key: string) => ({
    locked: btoa(encodeURI(text)),
    place,
    key,
  }),
  unseal: async (
    one: { locked: string; place: string; key: string },
    place: string,
    key: string,
  ) => {
    if (one.place !== place || one.key !== key) throw new Error('another key')
    return decodeURI(atob(one.locked))
  },
}))

type Body = { installation: string; sequence: number; command: Command }
let stored: Shelved[] = []
let asked: Body[] = []
let answer: () => Promise<Response>
let giveKey: () => Promise<Response>

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
const keyOf = (letter: string) => () =>
  Promise.resolve(new Response(JSON.stringify({ key: btoa(letter.repeat(32)) })))
const KEY = keyOf('k')

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
  giveKey = KEY
  vi.stubGlobal('fetch', (path: string, init: { body: string }) => {
    if (path === '/api/tablets/key') return giveKey()
    asked.push(JSON.parse(init.body))
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A page on which one person wrote a note that found no answer, and which is gone. */
async function aNoteIsLeft(person = LI): Promise<void> {
  const first = await page()
  const end = first.keepUnsent(person)
  await later()
  first.send(NOTE).catch(() => {})
  await later()
  end()
  await later()
}

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

test('what lies in the browser says nothing but which deed it is', async () => {
  await aNoteIsLeft()
  expect(stored.map((one) => Object.keys(one).sort())).toEqual([
    ['installation', 'sealed', 'sequence'],
  ])
  expect(JSON.stringify(stored)).not.toContain('胸痛')
})

test('without the key it is sent all the same, stays in memory and says so; then it is sealed', async () => {
  giveKey = AWAY
  const only = await page()
  only.keepUnsent(LI)
  only.send(NOTE).catch(() => {})
  await later()
  expect(asked.length).toBeGreaterThan(1)
  expect(stored).toEqual([])
  expect(only.keepingNow()).toBe('no_key')
  giveKey = KEY
  await later()
  expect(only.keepingNow()).toBe('sealed')
  expect(stored.length).toBe(1)
})

test('what lies sealed is counted until the key is here, and opened with it', async () => {
  await aNoteIsLeft()
  giveKey = problem(423, 'box_locked')
  const next = await page()
  next.keepUnsent(LI)
  await later()
  expect([next.shutNow().length, next.unsentNow().length]).toEqual([1, 0])
  giveKey = KEY
  await later()
  expect([next.shutNow().length, next.unsentNow().length]).toEqual([0, 1])
})

test("another computer's key opens nothing and sends nothing, until somebody has read that", async () => {
  await aNoteIsLeft()
  asked = []
  giveKey = keyOf('x')
  const other = await page()
  other.keepUnsent(LI)
  await later()
  expect(asked).toEqual([])
  const [lost] = other.shutNow()
  expect(stored.length).toBe(1)
  if (lost) other.forget(lost)
  await later()
  expect(stored).toEqual([])
})

test('what an earlier version left unsealed is sealed at the first log-in, whoever wrote it', async () => {
  const old: Unsent = {
    installation: 'old',
    sequence: 7,
    ...WANG,
    path: '/api/commands',
    kind: NOTE.kind,
    what: { command: NOTE },
    since_ms: 1,
    late: false,
    refusal: null,
  }
  stored = [old]
  const next = await page()
  next.keepUnsent(LI)
  await later()
  expect(stored.map((one) => 'sealed' in one)).toEqual([true])
  expect(next.unsentNow().map((one) => one.name)).toEqual(['王'])
})

test('with the log-out nothing stays open in the page', async () => {
  const only = await page()
  const end = only.keepUnsent(LI)
  await later()
  only.send(NOTE).catch(() => {})
  await later()
  end()
  expect(only.unsentNow()).toEqual([])
  await later()
  expect(stored.length).toBe(1)
})

test('an answer, and a refusal where the form still stands, end the keeping', async () => {
  const only = await page()
  only.keepUnsent(LI)
  answer = TAKEN
  await only.send(NOTE)
  answer = problem(409, 'patient_merged')
  await expect(only.send(NOTE)).rejects.toMatchObject({ code: 'patient_merged' })
  await later()
  expect(stored).toEqual([])
  expect(only.unsentNow()).toEqual([])
})

test('what is stored is shown until the rows have it, and is kept no more', async () => {
  const only = await page()
  only.keepUnsent(LI)
  await later()
  answer = TAKEN
  const sent = only.send(NOTE)
  expect(only.enteredNow().map((one) => [one.what, one.answered])).toEqual([
    [{ command: NOTE }, false],
  ])
  await sent
  await later()
  expect([stored, only.unsentNow()]).toEqual([[], []])
  expect(only.enteredNow().map((one) => one.answered)).toEqual([true])
  only.letGo(only.enteredNow())
  expect(only.enteredNow()).toEqual([])
})

test('a refusal stands among what is unsent where its form is gone, and is laid over no row', async () => {
  const only = await page()
  only.keepUnsent(LI)
  answer = problem(409, 'record_signed')
  await expect(only.send(NOTE, undefined, () => true)).rejects.toMatchObject({ status: 409 })
  expect(only.unsentNow().map((one) => one.refusal?.code)).toEqual(['record_signed'])
  expect(only.enteredNow()).toEqual([])
})

test('a refusal after a reload is kept until it was read, and is not sent again', async () => {
  await aNoteIsLeft()
  const second = await page()
  answer = problem(409, 'mission_finished')
  const end = second.keepUnsent(LI)
  await later()
  expect(second.unsentNow().map((one) => one.refusal?.code)).toEqual(['mission_finished'])
  end()

  asked = []
  const third = await page()
  third.keepUnsent(LI)
  await later()
  expect(asked).toEqual([])
  const [refused] = third.unsentNow()
  expect(refused?.refusal?.code).toBe('mission_finished')
  if (refused) third.forget(refused)
  await later()
  expect(stored).toEqual([])
})

test("another person's entry is not sent, and waits for that person", async () => {
  await aNoteIsLeft()
  asked = []
  answer = TAKEN
  const second = await page()
  const end = second.keepUnsent(WANG)
  await later()
  expect(asked).toEqual([])
  expect(second.unsentNow().map((one) => one.name)).toEqual(['李'])
  end()
  second.keepUnsent(LI)
  await later()
  expect(asked.length).toBe(1)
  expect(stored).toEqual([])
})

test('a session that has ended leaves the entry for the next log-in', async () => {
  const only = await page()
  const end = only.keepUnsent(LI)
  await later()
  answer = problem(401, 'no_session')
  await expect(only.send(NOTE)).rejects.toMatchObject({ status: 401 })
  end()
  await later()
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

test('a browser without a store, and a page that nobody gives a key, say that they keep nothing', async () => {
  const only = await page()
  only.keepOn({ list: async () => [], put: AWAY, remove: AWAY })
  only.keepUnsent(LI)
  await later()
  only.send(NOTE).catch((error: unknown) => expect(error).toBeInstanceOf(Refusal))
  await later()
  expect(only.keepingNow()).toBe('not')
  const centre = await page()
  giveKey = problem(404, 'absent')
  centre.keepUnsent(LI)
  await later()
  expect(centre.keepingNow()).toBe('not')
})
