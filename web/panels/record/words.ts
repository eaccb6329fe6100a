/** The record's ids as words of the content; an id of an older release is shown as it is. */
import type {
  Bilingual,
  Content,
  EntryRow,
  FieldContent,
  Finding,
  Numeric,
  WrittenRow,
} from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { dayTimeUnlessToday } from '../care/format.ts'
import { numberText } from '../care/vitals.ts'
import { note, signName } from '../care/words.ts'
import { say } from '../dispatch/words.ts'

const named = (rows: readonly (Bilingual & { id: string })[], id: string): string =>
  say(rows.find((row) => row.id === id)) || id

export function drugName(content: Content, id: string): string {
  return say(content.formulary.drugs.find((drug) => drug.id === id)?.name) || id
}

export function entryTitle(content: Content, entry: EntryRow): string {
  const { record } = content
  switch (entry.kind) {
    case 'drug': {
      const dose = entry.dose === null ? '' : ` ${entry.dose} ${entry.unit}`
      const route = entry.route === '' ? '' : ` ${named(record.routes, entry.route)}`
      return `${drugName(content, entry.what)}${dose}${route}`
    }
    case 'vitals':
      return entry.values.map((one) => measured(one, entry.confirmed)).join(' · ')
    case 'procedure':
      return named(record.procedures, entry.what)
    case 'form':
      return say(record.forms.find((form) => form.id === entry.what)?.title) || entry.what
    default:
      return entry.text ?? t('care.erased')
  }
}

/** A typed sign; one that was looked at once more because it is rare carries a mark. */
function measured(one: Numeric, confirmed: readonly string[]): string {
  const value = one.value === null ? note(one.note) : numberText(one.sign, one.value)
  return `${signName(one.sign)} ${value}${confirmed.includes(one.sign) ? ' (!)' : ''}`
}

/** What stands beside the title: where on the body, how it went, who signed. */
export function entryFacts(content: Content, entry: EntryRow): string[] {
  const { record } = content
  const facts: string[] = []
  if (entry.region !== '') facts.push(named(record.regions, entry.region))
  if (entry.kind === 'procedure') facts.push(tOr(`care.result.${entry.result}`, entry.result))
  if (entry.kind === 'form') {
    const form = record.forms.find((one) => one.id === entry.what)
    facts.push(named(form?.decisions ?? [], entry.result))
    facts.push(`${entry.signer ?? ''} (${t(`record.relation.${entry.relation}`)})`)
    if (entry.witness) facts.push(t('record.witnessed', { name: entry.witness }))
    facts.push(...entry.doubts.map(doubt))
  }
  if (entry.reason !== '') facts.push(t('record.reason_was', { reason: entry.reason }))
  return facts
}

/** What speaks against a patient's deciding alone. */
export const doubt = (id: string): string => tOr(`record.doubt.${id}`, id)

export function findingText(content: Content, finding: Pick<Finding, 'concern' | 'about'>): string {
  const rule = content.formulary.interactions?.find((one) => one.id === finding.about)
  const about =
    finding.concern === 'interaction' && rule
      ? say(rule.reason)
      : finding.concern === 'unknown_fact'
        ? finding.about
            .split(', ')
            .map((fact) => tOr(`record.fact.${fact}`, fact))
            .join(t('ui.comma'))
        : allergyName(content, finding.about)
  return t(`record.concern.${finding.concern}`, { about })
}

function allergyName(content: Content, id: string): string {
  const listed = content.record.sections
    .flatMap((section) => section.fields)
    .find((field) => field.id === 'allergies')
  return listed ? named(listed.choices ?? [], id) : id
}

/** A value as it is read; empty when there is none. */
export function valueText(
  item: Pick<FieldContent, 'kind' | 'choices' | 'unit'>,
  value: WrittenRow['value'],
): string {
  if (value === null) return ''
  if (value === 'unknown') return t('record.unknown')
  if (typeof value === 'boolean') return t(value ? 'record.yes' : 'record.no')
  if (Array.isArray(value))
    return value.length === 0
      ? t('record.none_of_these')
      : value.map((one) => named(item.choices ?? [], one)).join(t('ui.comma'))
  if (item.kind === 'time') return dayTimeUnlessToday(Number(value), Date.now())
  if (typeof value === 'number') return `${value}${item.unit ? ` ${item.unit}` : ''}`
  return named(item.choices ?? [], value)
}

export const writtenText = (
  item: Pick<FieldContent, 'kind' | 'choices' | 'unit'>,
  one: WrittenRow,
): string => (item.kind === 'text' ? (one.text ?? t('care.erased')) : valueText(item, one.value))
