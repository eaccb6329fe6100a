/** Reading sets of vital signs: newest values, trends and the gaps between them. */
import type { Limits, Numeric, NumericSet, PatientRow, Sign } from '@gh/contract'
import { isBeyond } from './words.ts'

/** From which age a value is shown grey, and a monitor counts as silent; in milliseconds. */
export interface SignAges {
  stale_ms: (sign: string) => number
  silent_ms: number
}

/** Signs that the limits name apart, by the finding. */
const SLOW: Readonly<Record<string, string>> = { temp: 'temp_c', glucose: 'glucose_mmol_l' }

/** By the release's limits; until they are here nothing is called old. */
export const signAges = (limits: Limits | undefined): SignAges => ({
  stale_ms: (sign) =>
    (limits?.valid_s[SLOW[sign] ?? ''] ?? limits?.vitals_fresh_s ?? Number.POSITIVE_INFINITY) *
    1000,
  silent_ms: (limits?.screen.monitor_silent_s ?? Number.POSITIVE_INFINITY) * 1000,
})

export const UNITS: Readonly<Record<Sign, string>> = {
  heart_rate: '/min',
  pulse: '/min',
  spo2: '%',
  resp: '/min',
  nibp_sys: 'mmHg',
  nibp_dia: 'mmHg',
  nibp_mean: 'mmHg',
  temp: '℃',
  etco2: 'mmHg',
  glucose: 'mmol/L',
}

/** A pause longer than this is drawn as a gap, never as a line. */
export const GAP_MS = 90_000

export type Reading = { value: number | null; note: string; at_ms: number; device_id: string }
export type Readings = ReadonlyMap<string, Reading>

const timeOf = (set: NumericSet) =>
  set.clock_doubted ? set.received_ms : (set.device_ms ?? set.received_ms)

const says = (one: { value: number | null; note: string }): boolean =>
  one.value !== null || isBeyond(one.note)

function take(into: Map<string, Reading>, n: Numeric, at_ms: number, device_id: string): void {
  const known = into.get(n.sign)
  // A monitor without its probe does not wipe out what a thermometer measured.
  const idle = !says(n) && known !== undefined && says(known) && known.device_id !== device_id
  if (idle) return
  if (known === undefined || at_ms > known.at_ms || (at_ms === known.at_ms && n.value !== null))
    into.set(n.sign, { value: n.value, note: n.note, at_ms, device_id })
}

/**
 * The newest word on each sign. A sign that stopped coming keeps its last value and its own time;
 * a sign that came without a value says so.
 */
export function readings(
  history: readonly NumericSet[],
  live: NumericSet | undefined,
  charted: Pick<PatientRow, 'vitals' | 'measured'> | undefined,
): Readings {
  const found = new Map<string, Reading>()
  for (const n of charted?.vitals ?? []) {
    const measured = charted?.measured[n.sign]
    if (measured !== undefined) take(found, n, measured.at_ms, measured.device_id)
  }
  for (const set of live === undefined ? history : [...history, live]) {
    for (const n of set.values) take(found, n, set.received_ms - (n.age_ms ?? 0), set.device_id)
  }
  return found
}

export type Series = { at_ms: number[]; value: (number | null)[] }

/** One sign over time, with a hole of its own wherever the device was silent. */
export function series(sets: readonly NumericSet[], sign: string, from_ms: number): Series {
  const out: Series = { at_ms: [], value: [] }
  for (const set of sets) {
    const at = timeOf(set)
    const value = set.values.find((n) => n.sign === sign)
    if (at < from_ms || value === undefined) continue
    const last = out.at_ms.at(-1)
    if (last !== undefined && at <= last) continue
    if (last !== undefined && at - last > GAP_MS) {
      out.at_ms.push(last + 1)
      out.value.push(null)
    }
    out.at_ms.push(at)
    out.value.push(value.value)
  }
  return out
}

/** Rising, falling or level over the last minutes; '' when there is too little to say so. */
export function trend(s: Series, step: number): '' | '↑' | '↓' | '→' {
  const values = s.value.filter((v): v is number => v !== null)
  const last = values.at(-1)
  if (last === undefined || values.length < 4) return ''
  const before = values.slice(0, -1).slice(-12)
  const mean = before.reduce((a, b) => a + b, 0) / before.length
  if (last - mean >= step) return '↑'
  if (mean - last >= step) return '↓'
  return '→'
}

/** Adds a live set to a history without doubling it. */
export function extend(
  history: readonly NumericSet[],
  live: readonly NumericSet[],
): readonly NumericSet[] {
  const newest = history.at(-1)?.received_ms ?? 0
  const fresh = live.filter((s) => s.received_ms > newest)
  return fresh.length === 0 ? history : [...history, ...fresh]
}

export function numberText(sign: string, value: number): string {
  return sign === 'temp' || sign === 'glucose' ? value.toFixed(1) : String(Math.round(value))
}

export type Aligned = { at_ms: number[]; values: (number | null)[][] }

/** Several signs on one time axis; where the device was silent, all of them have a hole. */
export function aligned(
  sets: readonly NumericSet[],
  signs: readonly string[],
  from_ms: number,
): Aligned {
  const out: Aligned = { at_ms: [], values: signs.map(() => []) }
  const push = (at: number, of: (sign: string) => number | null) => {
    out.at_ms.push(at)
    signs.forEach((sign, i) => {
      out.values[i]?.push(of(sign))
    })
  }
  for (const set of sets) {
    const at = timeOf(set)
    const last = out.at_ms.at(-1)
    if (at < from_ms || (last !== undefined && at <= last)) continue
    if (last !== undefined && at - last > GAP_MS) push(last + 1, () => null)
    push(at, (sign) => set.values.find((n) => n.sign === sign)?.value ?? null)
  }
  return out
}
