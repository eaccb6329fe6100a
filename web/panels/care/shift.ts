/** The check before a shift: whether it was done for this one, and what was not in order. */
import type { CheckItemContent, CheckRow, ShiftCheckContent, UnitRow } from '@gh/contract'
import { say } from '../dispatch/words.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** The newest check and whether it still counts; null: nobody has done one for this shift yet. */
export function checkOfShift(
  unit: UnitRow,
  content: ShiftCheckContent,
  now: number,
): { check: CheckRow; due: boolean } | null {
  const newest = unit.checks[0]
  if (newest === undefined) return null
  const begun = unit.duty_ms === null ? 0 : unit.duty_ms - content.early_min * MINUTE_MS
  const due = newest.at_ms < now - content.every_h * HOUR_MS
  if (newest.at_ms < begun || (due && unit.duty_ms === null)) return null
  return { check: newest, due }
}

const itemsOf = (content: ShiftCheckContent | undefined): CheckItemContent[] =>
  content?.sections.flatMap((section) => section.items) ?? []

/** As the dispatcher reads them; an item of another release by its id. */
export const defectWords = (check: CheckRow, content: ShiftCheckContent | undefined): string[] =>
  check.defects.map((id) => defectWord(id, content))

export const defectWord = (id: string, content: ShiftCheckContent | undefined): string =>
  say(itemsOf(content).find((item) => item.id === id)?.defect) || id

/** What was measured: "主氧瓶压力 4 MPa". */
export const measuredWords = (check: CheckRow, content: ShiftCheckContent | undefined): string[] =>
  itemsOf(content)
    .filter((item) => check.numbers[item.id] !== undefined)
    .map((item) => `${say(item)} ${check.numbers[item.id]} ${item.unit}`)

export type Answers = Record<string, boolean | string>

/** What was typed as what is sent; null: something is unanswered or no number. */
export function answered(
  content: ShiftCheckContent,
  typed: Answers,
): Record<string, boolean | number> | null {
  const answers: Record<string, boolean | number> = {}
  for (const item of itemsOf(content)) {
    const value = typed[item.id]
    if (value === undefined || value === '') return null
    if (typeof value === 'boolean') {
      answers[item.id] = value
      continue
    }
    if (isNoNumber(item, value)) return null
    answers[item.id] = Number(value)
  }
  return answers
}

/** Whether what was typed is no number that the item can have. */
export function isNoNumber(item: CheckItemContent, value: boolean | string | undefined): boolean {
  if (value === undefined || value === '' || typeof value === 'boolean') return false
  const number = Number(value)
  return !Number.isFinite(number) || number < item.least || number > item.most
}

/** Whether this answer, as it stands, would be told as a defect. */
export function isDefect(item: CheckItemContent, value: boolean | string | undefined): boolean {
  if (value === undefined || value === '') return false
  if (typeof value === 'boolean') return !value
  const number = Number(value)
  return (item.low !== null && number < item.low) || (item.high !== null && number > item.high)
}
