/** Whom a crew rings up, and how their call to the caller stands. */
import type { CallRow, MissionRow } from '@gh/contract'
import { fieldOf } from './fields.ts'

/** Without a word for so long the centre is out of reach, or the platform behind it. */
const NO_WORD_MS = 20_000

/** The number that the call-taker asked for, else the one that rang; '' where there is none. */
export function callerOf(calls: readonly CallRow[]): { number: string; masked: boolean } {
  const number = fieldOf(calls, 'callback') || calls.find((c) => c.number)?.number || ''
  return { number, masked: calls.some((call) => call.masked) }
}

/** `idle`, `ringing`, `no_word` so far, `offline`, or the word that the call ended with. */
export function callState(
  callback: MissionRow['callback'],
  connected: boolean,
  now_ms: number,
): string {
  // The centre rings both up: without a link nothing can begin.
  if (!connected) return 'offline'
  if (callback == null) return 'idle'
  if (callback.outcome !== '') return callback.outcome
  return now_ms - callback.asked_ms < NO_WORD_MS ? 'ringing' : 'no_word'
}
