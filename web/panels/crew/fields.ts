import type { CallRow } from '@gh/contract'

/** The newest non-empty word of any call of the case. */
export function fieldOf(calls: readonly CallRow[], field: string): string {
  for (const call of [...calls].sort((a, b) => b.rang_ms - a.rang_ms)) {
    const value = call.fields[field]
    if (value) return value
  }
  return ''
}
