/** Codes as words; a code that no catalogue knows is shown as it is. */
import type {
  Content,
  HospitalRow,
  MissionRow,
  PatientRow,
  ScoreRow,
  SheetContent,
  WrittenRow,
} from '@gh/contract'
import { named, t, tOr } from '@gh/i18n'
import { say } from '../dispatch/words.ts'
import { ageSaid } from './age.ts'
import { clockTime } from './format.ts'

/** A capability, or a condition of the destination rules: both are needs. */
export const capability = (id: string): string =>
  tOr(`capability.${id}`, tOr(`care.condition.${id}`, id))
export const bedKind = (id: string): string => tOr(`bed.${id}`, id)
export const milestone = (code: string): string => tOr(`milestone.${code}`, code)

/** How sure the geofence is of a node and why not surer; empty where an older release did not say. */
export function sureness(mission: MissionRow, code: string): string {
  const said = findProposal(mission, code)
  if (said === undefined) return ''
  const confidence = t(`confidence.${said.confidence}`)
  if (said.doubts.length === 0) return confidence
  const doubts = said.doubts.map((doubt) => t(`fence.doubt.${doubt}`)).join(t('ui.comma'))
  const why = t('fence.why', { confidence, doubts })
  return said.confidence === 'low' ? t('fence.check', { why }) : why
}
export const findProposal = (mission: MissionRow, code: string) =>
  mission.proposals.find((one) => one.milestone === code)
export const isUnsure = (mission: MissionRow, code: string): boolean =>
  findProposal(mission, code)?.confidence === 'low'

export const source = (code: string): string => tOr(`source.${code}`, code)
export const signName = (sign: string): string => tOr(`sign.${sign}`, sign)
export const missionState = (state: string): string => tOr(`state.${state}`, state)

/** A reason of the ranking, for example `missing:pci_24h` or `beds:3`. */
export function reason(code: string): string {
  const [head = '', what = ''] = code.split(':')
  return tOr(`care.reason.${head}`, code, {
    what: tOr(`care.condition.${what}`, capability(what)),
  })
}

/** Why a pre-alert ended: somebody's words, or the code for which its run was called off. */
export const endedReason = (reason: string): string =>
  tOr(`stand_down.${reason}`, tOr(`care.ended.${reason}`, reason))

/** The sheet of what only a person can judge, the head of its fields, and the finding of the limits. */
export const JUDGED = 'judged'

/** Why the level was proposed: `table@version#row` as the sign that it is about, or as the sheet. */
export function levelReason(code: string, content: Content | undefined): string {
  const [table = '', row = code] = code.split('#')
  const sheet = content?.sheets.find((one) => one.about.id === table.split('@')[0])
  if (sheet !== undefined) return ofSheet(sheet, say(sheet.levels.find((one) => one.id === row)))
  const judged = content?.sheets
    .find((one) => one.about.id === JUDGED)
    ?.sections.flatMap((one) => one.items ?? [])
    .find((one) => one.id === row)
  if (judged !== undefined) return say(judged)
  return tOr(`care.level_reason.${row.replace(/_(\d.*|fell)$/, '')}`, row)
}

/** An input that a score or a level still lacks; `stroke.face` is an item of a sheet. */
export function missingName(code: string, content?: Content): string {
  const [head = '', item = ''] = code.split('.')
  const sheet = content?.sheets.find((one) => one.about.id === head)
  if (content === undefined || sheet === undefined) {
    return tOr(`care.missing.${code}`, signName(code))
  }
  const items = [...sheet.sections.flatMap((one) => one.items ?? []), ...content.inputs.items]
  return ofSheet(sheet, say(items.find((one) => one.id === item)) || item)
}

const ofSheet = (sheet: SheetContent, words: string): string =>
  words === ''
    ? say(sheet.about.title)
    : t('care.of_sheet', { sheet: say(sheet.about.title), what: words })

/** A device's remark on a value: known ones in words, others as the gateway wrote them. */
const NOTES: readonly [RegExp, string][] = [
  [/^not available/, 'care.note.not_available'],
  [/^empty/, 'care.note.empty'],
  [/^not a number/, 'care.note.not_a_number'],
  [/^impossible/, 'care.note.impossible'],
  [/^below range$/, 'care.note.below_range'],
  [/^above range$/, 'care.note.above_range'],
]

/** A meter has measured and can say no number; somebody has to judge. */
export const isBeyond = (text: string): boolean => /^(below|above) range$/.test(text)

export function note(text: string): string {
  const converted = /^converted from (.*)$/.exec(text)
  if (converted) return t('care.note.converted', { unit: converted[1] ?? '' })
  const reason = /^not taken: (.*)$/.exec(text)?.[1]
  if (reason) return `${t('care.note.not_taken')} (${tOr(`care.not_taken.${reason}`, reason)})`
  const known = NOTES.find(([pattern]) => pattern.test(text))
  return known === undefined ? text : t(known[1])
}

/** Whom nobody knows is called as the content says; without the run, by the vehicle and the time. */
export const patientName = (p: PatientRow): string =>
  differing(p, 'name') ||
  p.name ||
  say(p.working_name) ||
  t('care.unknown_patient', { call_sign: p.call_sign, time: clockTime(p.registered_ms) })

export const sexAge = (p: PatientRow): string =>
  [differing(p, 'sex') || t(`sex.${p.sex}`), differing(p, 'age_y') || ageSaid(p.age_y)].join(' ')

export type Told = 'name' | 'sex' | 'age_y'

/** What somebody said of it, in words; '': that it is not known. */
export function toldText(field: Told, one: WrittenRow): string {
  if (field === 'name') return one.text ?? ''
  if (field === 'sex') return one.value === 'unknown' ? '' : t(`sex.${one.value}`)
  return typeof one.value === 'number' ? ageSaid(one.value) : ''
}

/** Everything that was said of it where two people said different things; '': they agree. */
export const differing = (p: PatientRow, field: Told): string =>
  p.differs.includes(field)
    ? t('care.differs', {
        told: [...new Set((p.identity[field] ?? []).map((one) => toldText(field, one)))]
          .filter(Boolean)
          .join(' / '),
      })
    : ''

export const hospitalName = (h: HospitalRow): string => named(h)

export const LEVEL_ROMAN: Record<string, string> = { I: 'Ⅰ', II: 'Ⅱ', III: 'Ⅲ', IV: 'Ⅳ' }

/** A score lacks inputs: it is a lower bound, and never says that all is well. */
export const news2Text = (score: ScoreRow | null | undefined): string =>
  score?.news2 == null ? '--' : `${score.news2_missing.length > 0 ? '≥ ' : ''}${score.news2}`

/** A proposed level while something is missing that could make it worse. */
export const isAtLeast = (score: ScoreRow | null | undefined): boolean =>
  score != null && score.level !== '' && score.level_missing.length > 0

/** What the proposed level lacks; empty: nothing that could make it worse. */
export const levelMissing = (
  score: ScoreRow | null | undefined,
  content: Content | undefined,
): string =>
  score != null && isAtLeast(score)
    ? score.level_missing.map((one) => missingName(one, content)).join(t('ui.comma'))
    : ''

/** NEWS2 bands as the score table names them. */
export const band = (code: string): string => tOr(`care.band.${code}`, code)
