/** An event as a sentence. The server gives small facts; the catalogues give the words.
 *
 * A stretch of a sentence in [brackets] is left out when one of its facts is unknown.
 */
import type { Bilingual, Content, LogRow, Priority } from '@gh/contract'
import { CATALOGUES, clockTime, dayTime, duration, getLang, hasText, t, tOr } from '@gh/i18n'
import { findScript } from '../dispatch/model.ts'
import { answerText, ownerText, say, topicText } from '../dispatch/words.ts'
import { ageSaid } from './age.ts'
import { sceneAlarmText } from './device-alarms.ts'
import { shareText } from './roads.ts'

type Told = Pick<LogRow, 'kind' | 'summary'>

/** Facts whose values are codes of one catalogue. */
const CODES: Record<string, string> = {
  milestone: 'milestone',
  confidence: 'confidence',
  disposition: 'disposition',
  field: 'field',
  code: 'alert_name',
  tier: 'care.tier',
  side: 'care.side',
  sex: 'sex',
  unit_kind: 'unit_kind',
  outcome: 'task_text',
  consciousness: 'care.acvpu',
  sign: 'sign',
  alarm: 'care.alarm',
  by_alarm: 'terminal_alarm',
  rhythm: 'care.rhythm',
  news2_band: 'care.band',
  line: 'fact.line',
  priority: 'alert_priority',
  file_kind: 'file.kind',
}
const REASONS = [
  ...['stand_down', 'oos', 'resolved', 'hospital.refusal', 'hospital.divert_reason'],
  'caller.reason',
]
const ROAD_REASONS = ['road_reason', 'road_reopened']

const firstText = (keys: string[], otherwise: string): string => {
  const known = keys.find(hasText)
  return known === undefined ? otherwise : t(known)
}

function word(name: string, value: string, row: Told, content: Content | undefined): string {
  if (value === 'true' || value === 'false') return tOr(`fact.${name}.${value}`, '')
  if (content && row.kind.startsWith('patient.')) {
    const named = chartWord(content, name, value)
    if (named !== undefined) return named
  }
  if (row.kind === 'incident.ask_ended.v1') {
    if (name === 'outcome') return tOr(`ask.outcome.${value}`, value)
    if (name === 'code')
      return tOr(`errors.${value}`, tOr(`stand_down.${value}`, value), row.summary)
  }
  if (name === 'topic') return value === '' ? '' : topicText(content, value)
  if (name === 'instruction' && content) return say(findScript(content, value)?.title) || value
  if (name === 'placement') return say(content?.ecg.placements[value]?.title) || value
  if (name === 'step') return tOr(`step.${value}`, t('step.n', { n: value }))
  if (name === 'owner') return ownerText(value)
  if (name === 'source') return tOr(`source.${value}`, tOr(`location_source.${value}`, value))
  if (name === 'share') return shareText(Number(value))
  if (row.kind === 'mission.nobody_treated.v1' && name === 'reason')
    return say(content?.record.nobody_treated?.find((one) => one.id === value)?.title) || value
  if (name === 'reason')
    return firstText(
      (row.kind.startsWith('road.') ? ROAD_REASONS : REASONS).map((part) => `${part}.${value}`),
      value,
    )
  if (name === 'eta_s') return duration(Number(value))
  if (name === 'from_ms' || name === 'until_ms') return dayTime(Number(value))
  if (name.endsWith('_ms')) return clockTime(Number(value))
  if (name === 'age_y') return ageSaid(Number(value))
  if (name === 'level' || name === 'proposed' || name === 'possible') {
    const known = firstText([`level.${value}`, `triage.${value}`], '')
    return row.kind.startsWith('incident') || row.kind.startsWith('mission')
      ? `${value} ${known}`.trim()
      : value
  }
  const catalogue = row.kind === 'mission.callback_answered.v1' ? 'caller' : CODES[name]
  return catalogue === undefined ? value : tOr(`${catalogue}.${value}`, value)
}

/** What a record's entry names by the ids of the content. */
function chartWord(content: Content, name: string, value: string): string | undefined {
  const { record, formulary } = content
  const titled = (text: Bilingual | undefined) => (text === undefined ? undefined : say(text))
  const forms = record.forms
  switch (name) {
    case 'drug':
      return titled(formulary.drugs.find((d) => d.id === value)?.name)
    case 'procedure':
      return titled(record.procedures.find((p) => p.id === value))
    case 'region':
      return titled(record.regions.find((r) => r.id === value))
    case 'route':
      return titled(record.routes.find((r) => r.id === value))
    case 'form':
      return titled(forms.find((f) => f.id === value)?.title)
    case 'decision':
      return titled(forms.flatMap((f) => f.decisions).find((d) => d.id === value))
    case 'field':
      return titled(record.sections.flatMap((s) => s.fields).find((f) => f.id === value))
    case 'sheet':
      return titled(content.sheets.find((s) => s.about.id === value)?.about.title)
    case 'result':
      return tOr(`care.result.${value}`, value)
    default:
      return undefined
  }
}

/** Programs sit at no seat. */
const PROGRAMS = ['system', 'vehicle', 'gateway']

/** "席 01 调度员": where an event came from. */
export const seatText = (row: LogRow): string =>
  [
    row.seat === '' || PROGRAMS.includes(row.role) ? '' : t('app.seat', { seat: row.seat }),
    row.role === '' ? '' : tOr(`role.${row.role}`, row.role),
  ]
    .filter(Boolean)
    .join(' ')

/** The question and the answer of the protocol, in the words that the caller heard. */
function asked(row: Told, content: Content | undefined): Record<string, string> {
  const { card = '', question: id = '', answer } = row.summary
  const sheet = card === 'entry' ? content?.entry : content?.cards[card]
  const question = sheet?.questions.find((q) => q.id === id)
  if (question === undefined) return { question: id, answer: answer ?? t('protocol.unknown') }
  if (answer === undefined) {
    // A list is no small fact: the event says only that there was an answer.
    return {
      question: say(question),
      answer: t(question.kind === 'many' ? 'fact.answered' : 'protocol.unknown'),
    }
  }
  const typed =
    answer === 'true' || answer === 'false'
      ? answer === 'true'
      : Number.isFinite(Number(answer)) && answer !== ''
        ? Number(answer)
        : answer
  return { question: say(question), answer: answerText(question, typed) }
}

/** A fact that is empty is not sent: a correction without a patient says that there was none. */
const toNobody = (row: Told): boolean =>
  row.kind === 'mission.monitor_corrected.v1' && row.summary.patient_id === undefined

function sceneSaid({ summary: { device_id = '', what = '', how = '', priority } }: Told): string {
  if (priority === undefined) return t('care.alarm.over')
  const one = { device_id, what, how, priority: priority as Priority, since_ms: 0, silent_ms: null }
  return sceneAlarmText(one)
}

export function eventSentence(row: Told, content: Content | undefined): string {
  const template = CATALOGUES[getLang()][`log.${row.kind}${toNobody(row) ? '.nobody' : ''}`]
  // A kind that is newer than this page: its name, so that nobody takes it for nothing.
  if (template === undefined) return row.kind
  const facts: Record<string, string> = {}
  for (const [name, value] of Object.entries(row.summary)) {
    facts[name] = word(name, value, row, content)
  }
  if (row.kind.startsWith('incident.question_answered')) Object.assign(facts, asked(row, content))
  // The end of an alarm says no more than that.
  if (row.kind === 'patient.vital_alarmed.v1') facts.alarm ??= t('care.alarm.over')
  if (row.kind === 'patient.rhythm_alarmed.v1') facts.rhythm ??= t('care.alarm.over')
  if (row.kind === 'mission.scene_alarmed.v1') facts.said = sceneSaid(row)
  const said = template.replace(/\[([^\]]*)\]/g, (_, part: string) =>
    [...part.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => facts[name]) ? part : '',
  )
  return said.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '').trim()
}
