/** The server's clock on this page. Latency only makes a sample late, so the largest wins. */
import { useSyncExternalStore } from 'react'

const KEEP = 30
const TICK_MS = 1_000
const samples: number[] = []
let offset = 0
let tick = Date.now()
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

export function syncClock(server_ms: number): void {
  samples.push(server_ms - Date.now())
  if (samples.length > KEEP) samples.shift()
  offset = Math.max(...samples)
}

/** Milliseconds since 1970 as the server counts them. */
export const serverNow = (): number => Date.now() + offset

function beat(): void {
  tick = serverNow()
  for (const listener of listeners) listener()
  // On the full second of the server, so that all clocks of a room change together.
  timer = setTimeout(beat, TICK_MS - (tick % TICK_MS) + 2)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) beat()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearTimeout(timer)
      timer = undefined
    }
  }
}

/** Ticks each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => tick)

/** What the time says: whoever reads it is drawn anew when that changes, not with each second. */
export const useAsOf = <T extends boolean | number | string | null>(read: (now: number) => T): T =>
  useSyncExternalStore(subscribe, () => read(tick))
