/** What stands in the fields of the page for vital signs, key by key. */
import type { NotTaken, OutOfRange, Sign } from '@gh/contract'

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
/** What a meter shows in the place of a number. */
export const SHOWN: Readonly<Record<string, OutOfRange>> = { LO: 'lo', HI: 'hi' }
/** Of meters: with a fraction, and LO or HI beyond their range. */
export const OF_METERS: readonly Sign[] = ['temp', 'glucose']
const MOST = 5

export type Typed = Partial<Record<Sign, { text: string; reason: NotTaken | '' }>>

export function afterKey(typed: Typed, sign: Sign, key: (typeof KEYS)[number]): Typed {
  const stood = typed[sign]?.text ?? ''
  const text = stood in SHOWN ? '' : stood
  const { [sign]: _, ...rest } = typed
  if (key === '⌫') return text.length > 1 ? with_(rest, sign, text.slice(0, -1)) : rest
  if (key === '.') {
    const fits = OF_METERS.includes(sign) && text !== '' && !text.includes('.')
    return fits ? with_(rest, sign, `${text}.`) : typed
  }
  return text.length < MOST ? with_(rest, sign, (text + key).replace(/^0+(?=\d)/, '')) : typed
}

export const afterShown = (typed: Typed, sign: Sign, shown: string): Typed =>
  with_(typed, sign, shown)

const with_ = (rest: Typed, sign: Sign, text: string): Typed => ({
  ...rest,
  [sign]: { text, reason: '' },
})

export function toCommand(typed: Typed): {
  values: Partial<Record<Sign, number>>
  not_taken: Partial<Record<Sign, NotTaken>>
  out_of_range: Partial<Record<Sign, OutOfRange>>
} {
  const values: Partial<Record<Sign, number>> = {}
  const not_taken: Partial<Record<Sign, NotTaken>> = {}
  const out_of_range: Partial<Record<Sign, OutOfRange>> = {}
  for (const sign of SIGNS) {
    const one = typed[sign]
    if (one === undefined) continue
    const shown = SHOWN[one.text]
    if (one.reason !== '') not_taken[sign] = one.reason
    else if (shown !== undefined) out_of_range[sign] = shown
    else values[sign] = Number(one.text)
  }
  return { values, not_taken, out_of_range }
}
