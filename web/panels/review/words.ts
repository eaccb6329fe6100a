/** The codes of the review in words, and numbers as the reports print them. */
import type { Kpi, LogRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { span } from '../care/format.ts'
import { milestone } from '../care/words.ts'

/** `T1` to `T16` are the field's numbers; their names stand beside them. */
export const nodeName = (code: string): string => tOr(`review.node.${code}`, milestone(code))
export const intervalName = (code: string): string =>
  tOr(`review.interval.${code}`, tOr(`review.kpi.${code}`, code))
export const kpiName = (code: string): string => tOr(`review.kpi.${code}`, intervalName(code))

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

/** One sentence of the catalogue for an event, or its kind and facts where there is none yet. */
export function eventText(row: LogRow): string {
  const facts = Object.entries(row.summary)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
  return tOr(`log.${row.kind}`, `${row.kind} ${facts}`, row.summary)
}

/** Facts that the sentence did not already name. */
export function eventFacts(row: LogRow): string {
  const text = eventText(row)
  return Object.entries(row.summary)
    .filter(([key, value]) => !key.endsWith('_id') && value.length < 80 && !text.includes(value))
    .map(([key, value]) => `${tOr(`review.fact.${key}`, key)} ${factValue(key, value)}`)
    .join(' · ')
}

const CATALOGUE_OF: Record<string, string> = {
  milestone: 'milestone',
  source: 'source',
  tier: 'care.tier',
}

function factValue(key: string, value: string): string {
  if (key === 'level') return `${value} ${tOr(`level.${value}`, tOr(`triage.${value}`, ''))}`.trim()
  const prefix = CATALOGUE_OF[key]
  return prefix === undefined ? value : tOr(`${prefix}.${value}`, value)
}

export function kpiValue(value: number | null, unit: string): string {
  if (value === null) return '--'
  if (unit === 'ratio') return `${(value * 100).toFixed(1)} %`
  if (unit === '%') return `${value.toFixed(1)} %`
  if (unit === 's') return span(value)
  return `${Number.isInteger(value) ? value : value.toFixed(2)} ${unit}`.trim()
}

/** Shares want to be high, times to be short. Null: there is nothing to compare. */
export function met(kpi: Pick<Kpi, 'value' | 'target' | 'unit'>): boolean | null {
  if (kpi.value === null || kpi.target === null) return null
  return kpi.unit === 's' || kpi.unit === 'min' ? kpi.value <= kpi.target : kpi.value >= kpi.target
}

/** What was left out, with its count; "nothing" is said too. */
export function exclusions(kpi: Kpi): string {
  const name = (code: string) => tOr(`review.excluded.${code}`, code)
  const { excluded } = kpi
  if (typeof excluded === 'string')
    return excluded === '' ? t('review.nothing_excluded') : name(excluded)
  if (Array.isArray(excluded))
    return excluded.length === 0 ? t('review.nothing_excluded') : excluded.map(name).join('、')
  const entries = Object.entries(excluded)
  return entries.length === 0
    ? t('review.nothing_excluded')
    : entries.map(([code, n]) => `${name(code)} ${n}`).join('、')
}
