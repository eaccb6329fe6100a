/**
 * Commands to the server. The same (installation, sequence) is the same deed, so a command that
 * found no answer is repeated until one comes; only an answer ends it. A failure of the server says
 * nothing of the deed, so it is repeated too, a few times. An order to a unit is repeated for a while
 * only: then a person says whether it still holds. Where `keepUnsent` was asked for, what waits outlives
 * the page (`unsent.ts`).
 */
import {
  type Accepted,
  type Command,
  NoAnswer,
  Refusal,
  request,
  type TabletKey,
} from '@gh/contract'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { backoff } from './channel.ts'
import { useLimits } from './content.tsx'
import { tabletId, uuid7 } from './ids.ts'
import { sealingKey } from './seal.ts'
import {
  countShut,
  forget,
  keep,
  keepNothing,
  lock,
  markLate,
  recall,
  settle,
  type Unsent,
} from './unsent.ts'

const INSTALLATION = uuid7()
let sequence = 0

export interface Waiting {
  sequence: number
  kind: Command['kind']
  command: Command | null
  since_ms: number
  attempts: number
  /** It is sent again, or given up, by a person only. */
  held: boolean
}
let waiting: Waiting[] = []
const listeners = new Set<() => void>()
function setWaiting(next: Waiting[]): void {
  waiting = next
  for (const listener of listeners) listener()
}

export const waitingNow = (): Waiting[] => waiting

/** Commands that have no answer yet, oldest first. */
export const useWaiting = (): Waiting[] =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, waitingNow)

/** A broken line to the database costs one failure each; what fails so often is a fault to be told. */
const MOST_FAILURES = 5
/** The vehicle's store is closed: it will be opened, and has decided nothing. */
const LOCKED = 423

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Orders to units: when one comes late, somebody may have decided otherwise at another seat. */
const ORDERS: readonly Command['kind'][] = [
  'mission.assign',
  'mission.reserve',
  'mission.activate',
  'mission.divert',
  'mission.relieve',
  'mission.stand_down',
]
const decisions = new Map<number, (again: boolean) => void>()

/** Of a held order: whether it is sent again. Given up, it may have been carried out all the same. */
export const decide = (sequence: number, again: boolean): void => decisions.get(sequence)?.(again)

/**
 * `hold_ms`: how long an order is repeated without a person. `left`: whether the form that it came from
 * is gone; then a refusal of what was kept stands among what is unsent.
 */
export const send = (
  command: Command,
  hold_ms = Number.POSITIVE_INFINITY,
  left = () => false,
): Promise<Accepted> =>
  deliver(
    '/api/commands',
    command.kind,
    { command },
    command,
    ORDERS.includes(command.kind) ? hold_ms : Number.POSITIVE_INFINITY,
    left,
  )

/** The vehicle's computer measures the newest ten seconds for this patient. */
export const readEcg = (patientId: string): Promise<Accepted> =>
  deliver('/api/ecg/readings', 'patient.record_ecg', {
    patient_id: patientId,
    entry_id: uuid7(),
  })

/** What means nothing later: a telephone call is wanted now. */
const MOMENTARY: readonly Command['kind'][] = ['mission.ask_callback']

interface Person {
  person_id: string
  name: string
}
/** In whose name entries are kept; null: they are not. */
let keeper: Person | null = null
const flying = new Set<string>()
const keyOf = (one: Unsent) => `${one.installation}/${one.sequence}`

/** From now on what waits is kept for this person, and what was kept is sent. Answers how to end it. */
export function keepUnsent(person: Person): () => void {
  keeper = person
  void countShut()
  void sendKept(person)
  return () => {
    if (keeper !== person) return
    keeper = null
    lock()
  }
}

/** The vehicle's computer gives it to whoever is logged in; null: it does not, or they have left. */
async function askKey(person: Person): Promise<CryptoKey | null> {
  for (let attempt = 0; keeper === person; attempt++) {
    try {
      const tablet = tabletId()
      const { key } = await request<TabletKey>('POST', '/api/tablets/key', { tablet })
      return await sealingKey(key)
    } catch (error) {
      if (error instanceof Refusal && error.status < 500 && error.status !== LOCKED) {
        if (!isAway(error)) keepNothing()
        return null
      }
      await pause(backoff(attempt, Math.random()))
    }
  }
  return null
}

/** One after the other: what comes later may rest on what was before. */
async function sendKept(person: Person): Promise<void> {
  const key = await askKey(person)
  if (key === null || keeper !== person) return
  for (const one of await recall(key)) {
    if (one.person_id !== person.person_id || one.refusal !== null) continue
    if (keeper !== person || flying.has(keyOf(one))) continue
    sequence += 1
    await repeat(one, sequence, null, Number.POSITIVE_INFINITY).catch((error: unknown) => {
      if (error instanceof Refusal && !isAway(error)) keepRefused(one, error)
    })
  }
}

/** Nobody, or somebody else, sits here now: that says nothing of the deed. */
const isAway = (error: unknown): boolean => error instanceof Refusal && error.status === 401

async function deliver(
  path: string,
  kind: Command['kind'],
  what: object,
  command: Command | null = null,
  hold_ms = Number.POSITIVE_INFINITY,
  left = () => false,
): Promise<Accepted> {
  sequence += 1
  const since_ms = Date.now()
  const { person_id, name } = keeper ?? { person_id: '', name: '' }
  const one: Unsent = {
    installation: INSTALLATION,
    sequence,
    person_id,
    name,
    path,
    kind,
    what,
    since_ms,
    late: false,
    refusal: null,
  }
  if (person_id === '' || MOMENTARY.includes(kind)) return repeat(one, sequence, command, hold_ms)
  keep(one)
  try {
    return await repeat(one, sequence, command, hold_ms)
  } catch (error) {
    if (!isAway(error)) {
      if (left() && error instanceof Refusal) keepRefused(one, error)
      else forget(one)
    }
    throw error
  }
}

const keepRefused = (one: Unsent, { code, field, detail }: Refusal): void =>
  keep({ ...one, refusal: { code, field, detail } })

/** `mine`: by which this page tells what waits; for what was kept it is another than is sent. */
async function repeat(
  one: Unsent,
  mine: number,
  command: Command | null,
  hold_ms: number,
): Promise<Accepted> {
  const { installation, sequence, path, kind, person_id } = one
  const body = { installation, sequence, ...one.what }
  const change = (now: Partial<Waiting>) =>
    setWaiting(waiting.map((w) => (w.sequence === mine ? { ...w, ...now } : w)))
  let { since_ms } = one
  let failures = 0
  flying.add(keyOf(one))
  setWaiting([...waiting, { sequence: mine, kind, command, since_ms, attempts: 0, held: false }])
  try {
    for (let attempt = 0; ; attempt++) {
      if (person_id !== '' && person_id !== keeper?.person_id)
        throw new Refusal('no_session', '', '', 401)
      try {
        const accepted = await request<Accepted>('POST', path, body)
        if (person_id !== '') settle(one)
        return accepted
      } catch (error) {
        const status = error instanceof Refusal ? error.status : 0
        if (status === 500) failures += 1
        const away =
          status === 503 || status === LOCKED || (status === 500 && failures < MOST_FAILURES)
        if (!(error instanceof NoAnswer || away)) throw error
        markLate(one)
        change({ attempts: attempt + 1 })
        await pause(backoff(attempt, Math.random()))
        if (Date.now() - since_ms < hold_ms) continue
        change({ held: true })
        const again = await new Promise<boolean>((resolve) => decisions.set(mine, resolve))
        if (!again) throw new Refusal('given_up')
        since_ms = Date.now()
        change({ held: false, since_ms })
      }
    }
  } finally {
    flying.delete(keyOf(one))
    decisions.delete(mine)
    setWaiting(waiting.filter((w) => w.sequence !== mine))
  }
}

/** Ids and times that a click makes anew; the rest tells whether two clicks mean one deed. */
const MADE: Partial<Record<Command['kind'], readonly string[]>> = {
  'call.ring': ['call_id'],
  'incident.open': ['incident_id'],
  'mission.assign': ['mission_id', 'proposal'],
  'mission.reserve': ['mission_id', 'due_ms', 'latest_ms'],
  'mission.divert': ['new_mission_id', 'proposal'],
  'mission.reach': ['at_ms', 'point'],
  'mission.correct_monitor': ['correction_id'],
  'patient.register': ['patient_id'],
  // By what it is over it tells a second thought from a second press.
  'patient.write_field': ['write_id'],
  'patient.correct_demographic': ['seen'],
  'patient.identify': ['write_id', 'over', 'seen'],
  'patient.give_drug': ['entry_id', 'given_ms'],
  'patient.do_procedure': ['entry_id'],
  'patient.take_note': ['entry_id'],
  'patient.sign_form': ['entry_id'],
  'handover.prealert': ['handover_id', 'eta_s'],
  'unit.check': ['check_id'],
  'roster.plan': ['shift_id'],
}

export function deedKey(command: Command): string {
  const made = MADE[command.kind] ?? []
  const entries = Object.entries(command).filter(([name]) => !made.includes(name))
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const DOUBLE_CLICK_MS = 600

export interface Sender {
  /** Answers null where the server refused or the same deed was just done; see `refusal`. */
  send: (command: Command) => Promise<Accepted | null>
  busy: boolean
  refusal: Refusal | null
  dismiss: () => void
}

/** For one button or form: a double click sends once, a refusal stays until the next try. */
export function useSend(): Sender {
  const [flying, setFlying] = useState(0)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const recent = useRef(new Map<string, { done_ms: number; answer: Promise<Accepted | null> }>())
  const left = useRef(false)
  useEffect(() => {
    left.current = false
    return () => {
      left.current = true
    }
  }, [])
  const resend_s = useLimits()?.screen.resend_s

  const guarded = useCallback(
    (command: Command): Promise<Accepted | null> => {
      const key = deedKey(command)
      const known = recent.current.get(key)
      if (known !== undefined && Date.now() - known.done_ms < DOUBLE_CLICK_MS) return known.answer
      setRefusal(null)
      setFlying((n) => n + 1)
      const entry = {
        done_ms: Number.POSITIVE_INFINITY,
        answer: Promise.resolve<Accepted | null>(null),
      }
      const hold_ms = resend_s === undefined ? undefined : resend_s * 1000
      entry.answer = send(command, hold_ms, () => left.current)
        .then(
          (accepted): Accepted | null => accepted,
          (error: unknown) => {
            entry.done_ms = 0
            setRefusal(
              error instanceof Refusal ? error : new Refusal('unexpected', '', String(error)),
            )
            return null
          },
        )
        .finally(() => {
          if (entry.done_ms !== 0) entry.done_ms = Date.now()
          setFlying((n) => n - 1)
          setTimeout(() => {
            if (recent.current.get(key) === entry) recent.current.delete(key)
          }, DOUBLE_CLICK_MS)
        })
      recent.current.set(key, entry)
      return entry.answer
    },
    [resend_s],
  )

  const dismiss = useCallback(() => setRefusal(null), [])
  return { send: guarded, busy: flying > 0, refusal, dismiss }
}
