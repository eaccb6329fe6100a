/** What this tablet is for, and whether it speaks: kept on the tablet, since it is fixed to its place. */
import { useSyncExternalStore } from 'react'

export type Place = 'cabin' | 'driver'

interface Kept {
  place: Place
  voice: boolean
}

const KEY = 'gh.crew.tablet'
const FIRST: Kept = { place: 'cabin', voice: false }
const listeners = new Set<() => void>()

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>
    return { place: kept.place === 'driver' ? 'driver' : 'cabin', voice: kept.voice === true }
  } catch {
    return FIRST
  }
}
let current = read()

export function setTablet(change: Partial<Kept>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // A locked-down browser keeps the choice for this page only.
  }
  for (const listener of listeners) listener()
}

export const useTablet = (): Kept =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )

export const canSpeak = (): boolean => typeof speechSynthesis !== 'undefined'
