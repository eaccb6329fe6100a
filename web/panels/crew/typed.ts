/** What stands in the fields of the page for vital signs, key by key. */
import type { NotTaken, Sign } from '@gh/contract'

export const SIGNS: readonly Sign[] = [
  'nibp_sys',
  'nibp_dia',
  'pulse',
  'resp',
  'spo2',
  'temp',
  'glucose',
]
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0', '⌫'] as const
const WITH_FRACTION: readonly Sign[] = ['temp', 'glucose']
const MOST = 5

export type Typed = Partial<Record<Sign, { text: string; reason: NotTaken | '' }>>

export function afterKey(typed: Typed, sign: Sign, key: (typeof KEYS)[number]): Typed {
  const text = typed[sign]?.text ?? ''
  const { [sign]: _, ...rest } = typed
  if (key === '⌫') return text.length > 1 ? with_(rest, sign, text.slice(0, -1)) : rest
  if (key === '.') {
    const fits = WITH_FRACTION.includes(sign) && text !== '' && !text.includes('.')
    return fits ? with_(rest, sign, `${text}.`) : typed
  }
  return text.length < MOST ? with_(rest, sign, (text + key).replace(/^0+(?=\d)/, '')) : typed
}

const with_ = (rest: Typed, sign: Sign, text: string): Typed => ({
  ...rest,
  [sign]: { text, reason: '' },
})

export function toCommand(typed: Typed): {
  values: Partial<Record<Sign, number>>
  not_taken: Partial<Record<Sign, NotTaken>>
} {
  const values: Partial<Record<Sign, number>> = {}
  const not_taken: Partial<Record<Sign, NotTaken>> = {}
  for (const sign of SIGNS) {
    const one = typed[sign]
    if (one === undefined) continue
    if (one.reason !== '') not_taken[sign] = one.reason
    else values[sign] = Number(one.text)
  }
  return { values, not_taken }
}
