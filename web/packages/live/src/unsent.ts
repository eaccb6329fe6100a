/**
 * What was entered on this tablet and has no answer yet, in the tablet's own store.
 *
 * Rule 1: an entry is kept under its (installation, sequence) from the moment it is sent until there
 *         is an answer: after a reload or a crash the same deed is sent, never a second one.
 * Rule 2: it is sent in the name of whoever entered it, or not at all: another person's waits.
 * Rule 3: where the form that it came from is gone, a refusal stands here until it was read.
 * Rule 4: it is written down sealed, by a key that the vehicle's computer gives to whoever is logged
 *         in and that no page keeps. Without the key it stays in memory, and the screen says so.
 */
import type { Command } from '@gh/contract'
import { useSyncExternalStore } from 'react'
import { type Sealed, seal, unseal } from './seal.ts'

interface Place {
  installation: string
  sequence: number
}

export interface Unsent extends Place {
  person_id: string
  name: string
  path: string
  kind: Command['kind']
  /** What goes beside the identity into the body. */
  what: object
  since_ms: number
  /** It has found no answer, or is of an earlier life of this page. */
  late: boolean
  refusal: { code: string; field: string; detail: string } | null
}

/** As an earlier version has left it, too: not sealed. */
export type Shelved = (Place & { sealed: Sealed }) | Unsent

export interface Shelf {
  list(): Promise<Shelved[]>
  put(one: Shelved): Promise<unknown>
  remove(one: Place): Promise<unknown>
}

const TABLE = 'unsent'
let opened: Promise<IDBDatabase> | undefined

const open = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open('goldenhour', 1)
    asked.onupgradeneeded = () =>
      asked.result.createObjectStore(TABLE, { keyPath: ['installation', 'sequence'] })
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })

async function run<T>(
  mode: IDBTransactionMode,
  act: (table: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  opened ??= open()
  const deed = (await opened).transaction(TABLE, mode, { durability: 'strict' })
  const answer = act(deed.objectStore(TABLE))
  return new Promise((resolve, reject) => {
    deed.oncomplete = () => resolve(answer.result)
    deed.onabort = () => reject(deed.error)
  })
}

let shelf: Shelf = {
  list: () => run('readonly', (table) => table.getAll()),
  put: (one) => run('readwrite', (table) => table.put(one)),
  remove: (one) => run('readwrite', (table) => table.delete([one.installation, one.sequence])),
}
export const keepOn = (other: Shelf): void => {
  shelf = other
}

let unsent: Unsent[] = []
/** Stored, as their answers say, while a row may not show it yet. */
let answered: Unsent[] = []
/** What was entered and is not refused; a row that came since may show it. */
export interface Entered extends Unsent {
  answered: boolean
}
let entered: readonly Entered[] = []
/** What lies here sealed and is not open: there is no key yet, or it is another computer's. */
let shut: Place[] = []
let key: CryptoKey | null = null
/** False: this browser does not keep them, and whoever reloads loses them. */
let keeps = true
let written: Promise<unknown> = Promise.resolve()

/** `no_key`: in memory until the vehicle's computer has given its key. */
export type Keeping = 'sealed' | 'no_key' | 'not'

const listeners = new Set<() => void>()
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
function set(next: Unsent[]): void {
  unsent = next
  entered = [
    ...answered.map((one) => ({ ...one, answered: true })),
    ...unsent.filter((one) => one.refusal === null).map((one) => ({ ...one, answered: false })),
  ]
  for (const listener of listeners) listener()
}
const same = (one: Place) => (other: Place) =>
  one.installation === other.installation && one.sequence === other.sequence
const nameOf = (one: Place) => `${one.installation}/${one.sequence}`

/** One after the other: what has found its answer must not be written down behind it. */
function write(job: () => Promise<unknown>): void {
  written = written.then(job).catch(() => {
    keeps = false
    set([...unsent])
  })
}

function shelve(one: Unsent): void {
  const with_ = key
  if (with_ === null) return
  const { installation, sequence } = one
  write(async () => {
    const sealed = await seal(JSON.stringify(one), nameOf(one), with_)
    await shelf.put({ installation, sequence, sealed })
  })
}

export function keep(one: Unsent): void {
  set([...unsent.filter((other) => !same(one)(other)), one])
  shelve(one)
}

/** Shown only: of an earlier life it is late by being there. */
export const markLate = (one: Unsent): void =>
  set(unsent.map((other) => (same(one)(other) ? { ...other, late: true } : other)))

export function forget(one: Place): void {
  shut = shut.filter((other) => !same(one)(other))
  set(unsent.filter((other) => !same(one)(other)))
  write(() => shelf.remove(one))
}

/** Stored: it is kept no more, and shown until the rows have it. */
export function settle(one: Unsent): void {
  answered = [...answered, one]
  forget(one)
}

/** The rows have them. */
export function letGo(ones: readonly Place[]): void {
  answered = answered.filter((one) => !ones.some(same(one)))
  set(unsent)
}

async function unshelve(one: Shelved, with_: CryptoKey): Promise<Unsent | null> {
  if (!('sealed' in one)) return { ...one, late: true }
  const text = await unseal(one.sealed, nameOf(one), with_).catch(() => null)
  return text === null ? null : { ...(JSON.parse(text) as Unsent), late: true }
}

/** What earlier lives of this page have left, with what it holds itself, oldest first. */
export async function recall(with_: CryptoKey): Promise<Unsent[]> {
  key = with_
  await written
  const left = await shelf.list().catch(() => {
    keeps = false
    return []
  })
  const found = await Promise.all(left.map((one) => unshelve(one, with_)))
  const here = new Set(unsent.map(nameOf))
  const new_ = found.filter((one) => one !== null && !here.has(nameOf(one))) as Unsent[]
  shut = left.filter((one, at) => found[at] === null && !here.has(nameOf(one)))
  set([...new_, ...unsent])
  // What has waited for the key, and what an earlier version has left as it was.
  const sealed = new Set(left.filter((one) => 'sealed' in one).map(nameOf))
  for (const one of unsent) if (!sealed.has(nameOf(one))) shelve(one)
  return [...unsent].sort((a, b) => a.since_ms - b.since_ms)
}

/** Nobody sits here any more: what is written down is opened for whoever comes. */
export function lock(): void {
  answered = []
  set(key !== null && keeps ? [] : unsent)
  key = null
}

/** Nobody gives a key here: what waits is in memory for good. */
export function keepNothing(): void {
  keeps = false
  set([...unsent])
}

/** How many lie here sealed while nobody has a key. */
export async function countShut(): Promise<void> {
  const left = await shelf.list().catch(() => [])
  shut = left.filter((one) => 'sealed' in one && !unsent.some(same(one)))
  set([...unsent])
}

export const unsentNow = (): Unsent[] => unsent
export const enteredNow = (): readonly Entered[] => entered
export const useUnsent = (): Unsent[] => useSyncExternalStore(subscribe, unsentNow)
/** Drawn anew when what is read of it changes: `read` answers the same object until it does. */
export const useEntered = <T>(read: (entered: readonly Entered[]) => T): T =>
  useSyncExternalStore(subscribe, () => read(entered))
export const shutNow = (): Place[] => shut
export const useShut = (): Place[] => useSyncExternalStore(subscribe, shutNow)
export const keepingNow = (): Keeping => (!keeps ? 'not' : key === null ? 'no_key' : 'sealed')
export const useKeeping = (): Keeping => useSyncExternalStore(subscribe, keepingNow)
