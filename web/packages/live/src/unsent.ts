/**
 * What was entered on this tablet and has no answer yet, in the tablet's own store.
 *
 * Rule 1: an entry is kept under its (installation, sequence) from the moment it is sent until there
 *         is an answer: after a reload or a crash the same deed is sent, never a second one.
 * Rule 2: it is sent in the name of whoever entered it, or not at all: another person's waits.
 * Rule 3: where the form that it came from is gone, a refusal stands here until it was read.
 */
import type { Command } from '@gh/contract'
import { useSyncExternalStore } from 'react'

export interface Unsent {
  installation: string
  sequence: number
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

export interface Shelf {
  list(): Promise<Unsent[]>
  put(one: Unsent): Promise<unknown>
  remove(one: Unsent): Promise<unknown>
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
/** False: this browser does not keep them, and whoever reloads loses them. */
let keeps = true
const listeners = new Set<() => void>()
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
function set(next: Unsent[]): void {
  unsent = next
  for (const listener of listeners) listener()
}
const same = (one: Unsent) => (other: Unsent) =>
  one.installation === other.installation && one.sequence === other.sequence

function written(done: Promise<unknown>): void {
  done.catch(() => {
    keeps = false
    set([...unsent])
  })
}

export function keep(one: Unsent): void {
  set([...unsent.filter((other) => !same(one)(other)), one])
  written(shelf.put(one))
}

/** Shown only: of an earlier life it is late by being there. */
export const markLate = (one: Unsent): void =>
  set(unsent.map((other) => (same(one)(other) ? { ...other, late: true } : other)))

export function forget(one: Unsent): void {
  set(unsent.filter((other) => !same(one)(other)))
  written(shelf.remove(one))
}

/** What earlier lives of this page have left, with what it holds itself, oldest first. */
export async function recall(): Promise<Unsent[]> {
  const left = await shelf.list().catch(() => {
    keeps = false
    return []
  })
  const new_ = left.filter((one) => !unsent.some(same(one)))
  set([...new_.map((one) => ({ ...one, late: true })), ...unsent])
  return [...unsent].sort((a, b) => a.since_ms - b.since_ms)
}

export const unsentNow = (): Unsent[] => unsent
export const useUnsent = (): Unsent[] => useSyncExternalStore(subscribe, unsentNow)
export const keepsNow = (): boolean => keeps
export const useKeeps = (): boolean => useSyncExternalStore(subscribe, keepsNow)
