/** Whom a crew rings up, and how their call to the caller stands. */
import type { CallRow, MissionRow } from '@gh/contract'
import { fieldOf } from './fields.ts'

/** The number that the call-taker asked for, else the one that rang; '' where there is none. */
export function callerOf(calls: readonly CallRow[]): { number: string; masked: boolean } {
  const number = fieldOf(calls, 'callback') || calls.find((c) => c.number)?.number || ''
  return { number, masked: calls.some((call) => call.masked) }
}

/**
 * `idle`, `ringing`, `no_word` so far, `offline`, or the word that the call ended with.
 * Without a word the centre lets nobody ask again before `callback_s` of the limits is over.
 */
export function callState(
  callback: MissionRow['callback'],
  connected: boolean,
  now_ms: number,
  wait_ms: number,
): string {
  // The centre rings both up: without a link nothing can begin.
  if (!connected) return 'offline'
  if (callback == null) return 'idle'
  if (callback.outcome !== '') return callback.outcome
  return now_ms - callback.asked_ms < wait_ms ? 'ringing' : 'no_word'
}
