/** The codes of the review in words, and numbers as the reports print them. */
import type { Dimension, Kpi } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { span } from '../care/format.ts'
import { milestone } from '../care/words.ts'

/** `T1` to `T16` are the field's numbers; their names stand beside them. */
export const nodeName = (code: string): string => tOr(`review.node.${code}`, milestone(code))
export const intervalName = (code: string): string => tOr(`review.interval.${code}`, code)
export const kpiName = (code: string): string => tOr(`review.kpi.${code}`, code)

export const GROUPS = [
  'call',
  'incident',
  'mission',
  'patient',
  'handover',
  'alert',
  'other',
] as const
export type Group = (typeof GROUPS)[number]

export function groupOf(kind: string): Group {
  const head = kind.split('.')[0]
  return GROUPS.find((g) => g === head) ?? 'other'
}

/** The server's units are `share` and `seconds`. */
export function kpiValue(value: number | null, unit: string): string {
  if (value === null) return '--'
  return unit === 'share' ? `${(value * 100).toFixed(1)} %` : span(value)
}

/** Shares want to be high, times to be short. Null: there is nothing to compare. */
export function met(kpi: Pick<Kpi, 'value' | 'target' | 'unit'>): boolean | null {
  if (kpi.value === null || kpi.target === null) return null
  return kpi.unit === 'seconds' ? kpi.value <= kpi.target : kpi.value >= kpi.target
}

/** Why something does not count. */
export function exclusion(code: string): string {
  const [head = '', what = ''] = code.split(':')
  // Behind the colon stands a time node's number, or the name of a node of the network.
  return tOr(`review.excluded.${head}`, tOr(`disposition.${head}`, code), {
    what: head === 'missing' ? nodeName(what) : what,
  })
}

/** What was left out, with its count; "nothing" is said too. */
export function exclusions({ excluded }: { excluded: Record<string, number> }): string {
  const entries = Object.entries(excluded)
  return entries.length === 0
    ? t('review.nothing_excluded')
    : entries.map(([code, n]) => `${exclusion(code)} ${n}`).join(t('ui.comma'))
}

/** The key of a group in words: an hour, a day, a level, a name; empty is said to be unknown. */
export function groupName(by: Dimension, key: string): string {
  if (key === '') return t('review.not_known')
  if (by === 'day') return `${key.slice(4, 6)}-${key.slice(6)}`
  if (by === 'hour') return t('review.hour', { n: key })
  if (by === 'seat') return t('app.seat', { seat: key })
  if (by === 'level') return `${key} ${t(`level.${key}`)}`
  return key
}
