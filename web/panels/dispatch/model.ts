/** What the dispatcher's panels ask of the rows: order, grouping and parsing. Pure; no clock, no React. */
import {
  type AlertRow,
  type Answer,
  type CallRow,
  type CardContent,
  type Content,
  type HandoverRow,
  type IncidentRow,
  type MissionRow,
  type QuestionContent,
  type ScriptContent,
  type TopicContent,
  TRIAGE_LEVELS,
  type UnitRow,
} from '@gh/contract'
import { inOrder } from '@gh/i18n'
import { yearsOf } from '../care/age.ts'

/** R0 first; a level that is not known yet stands with the urgent ones, never at the end. */
export const levelRank = (level: string): number => {
  const rank = Number(level.slice(1))
  return /^R\d$/.test(level) ? rank : 2.5
}

/** An emergency of unknown level still goes before a standby. */
const urgency = (incident: IncidentRow): number =>
  incident.standby === null ? levelRank(incident.level) : Number.POSITIVE_INFINITY

const byUrgency = (a: IncidentRow, b: IncidentRow): number => {
  const [first, second] = [urgency(a), urgency(b)]
  return first === second ? a.waiting_since_ms - b.waiting_since_ms : first - second
}

/** Open cases without a unit: worst level first, then the longest wait. */
export const pendingOf = (incidents: readonly IncidentRow[]): IncidentRow[] =>
  incidents
    .filter((incident) => incident.state === 'open' && incident.dispatched_ms === null)
    .sort(byUrgency)

/** Cases whose units have all ended, which somebody must close or send to again. */
export const finishedOf = (
  incidents: readonly IncidentRow[],
  missions: readonly MissionRow[],
): IncidentRow[] => {
  const busy = new Set(missions.filter((m) => m.ended_ms === null).map((m) => m.incident_id))
  return incidents
    .filter((i) => i.state === 'open' && i.dispatched_ms !== null && !busy.has(i.id))
    .sort((a, b) => levelRank(a.level) - levelRank(b.level) || a.opened_ms - b.opened_ms)
}

export const activeOf = (missions: readonly MissionRow[]): MissionRow[] =>
  missions
    .filter((mission) => mission.active)
    .sort((a, b) => levelRank(a.level) - levelRank(b.level) || a.since_ms - b.since_ms)

export const reservedOf = (missions: readonly MissionRow[]): MissionRow[] =>
  missions
    .filter((mission) => mission.state === 'reserved')
    .sort((a, b) => (a.due_ms ?? 0) - (b.due_ms ?? 0))

/** The pre-alert that stands, else the newest that was declined: a second hospital settles a no. */
export const currentHandover = (
  handovers: readonly HandoverRow[],
  missionId: string,
): HandoverRow | undefined => {
  const own = handovers
    .filter((h) => h.mission_id === missionId && h.state !== 'withdrawn')
    .sort((a, b) => b.sent_ms - a.sent_ms)
  return own.find((h) => h.state !== 'declined') ?? own[0]
}

export interface About {
  /** Empty where there is none. */
  callId: string
  incidentId: string
}

/** Whether it is the same emergency: a case that a call opens, or that outlives it, is no other. */
export const sameAbout = (before: About, after: About): boolean =>
  before.incidentId !== '' && after.incidentId !== ''
    ? before.incidentId === after.incidentId
    : before.callId !== '' && before.callId === after.callId

export const ringingOf = (calls: readonly CallRow[]): CallRow[] =>
  calls.filter((call) => call.state === 'ringing').sort((a, b) => a.rang_ms - b.rang_ms)

const STRIP: Record<string, number> = { ringing: 0, abandoned: 2 }
/** The phone strip: ringing oldest first, then this seat's calls, abandoned ones, others' calls. */
export function stripOf(calls: readonly CallRow[], seat: string): CallRow[] {
  const rank = (call: CallRow) =>
    call.state === 'answered' ? (call.owner === seat ? 1 : 3) : (STRIP[call.state] ?? 4)
  return calls
    .filter((call) => call.state !== 'ended')
    .sort((a, b) => rank(a) - rank(b) || a.rang_ms - b.rang_ms)
}

export interface AlertGroup {
  key: string
  code: string
  priority: number
  /** Oldest first. */
  alerts: AlertRow[]
  open: AlertRow[]
}

/** Identical conditions stand together; priority-1 alerts are single, since each needs its own deed. */
export function groupAlerts(alerts: readonly AlertRow[]): AlertGroup[] {
  const groups = new Map<string, AlertGroup>()
  const standing = alerts
    .filter((alert) => alert.state !== 'resolved')
    .sort((a, b) => a.raised_ms - b.raised_ms)
  for (const alert of standing) {
    // Ringing calls stand one by one in the phone strip; here they must not hide other alarms.
    const single = alert.priority === 1 && alert.code !== 'ring_unanswered'
    const key = single ? alert.id : `${alert.priority}:${alert.code}:${alert.state}`
    const group = groups.get(key) ?? {
      key,
      code: alert.code,
      priority: alert.priority,
      alerts: [],
      open: [],
    }
    group.alerts.push(alert)
    if (alert.state === 'open') group.open.push(alert)
    groups.set(key, group)
  }
  return [...groups.values()].sort(
    (a, b) =>
      Number(a.open.length === 0) - Number(b.open.length === 0) ||
      a.priority - b.priority ||
      (a.alerts[0]?.raised_ms ?? 0) - (b.alerts[0]?.raised_ms ?? 0),
  )
}

export const topicOf = (content: Content, id: string): TopicContent | undefined =>
  content.topics.topics.find((topic) => topic.id === id)

/** The card that serves a topic; the fallback card where its own is not written yet. */
export const cardOf = (content: Content, topic: string): CardContent | undefined =>
  topic === '' ? undefined : content.cards[topicOf(content, topic)?.card ?? content.topics.fallback]

export interface Asked {
  card: string
  question: QuestionContent
}

/** A question by its id: of the entry sheet, else of the topic's card. */
export function findQuestion(content: Content, topic: string, id: string): Asked | undefined {
  for (const card of [content.entry, cardOf(content, topic)]) {
    const question = card?.questions.find((q) => q.id === id)
    if (card && question) return { card: card.about.id, question }
  }
  return undefined
}

export interface Given extends Asked {
  answer: Answer
}

/** The answers given, in the order of the sheets. */
export function answersOf(content: Content, incident: IncidentRow): Given[] {
  const given: Given[] = []
  for (const card of [content.entry, cardOf(content, incident.topic)]) {
    const answers = card ? incident.answers[card.about.id] : undefined
    if (!card || !answers) continue
    for (const question of card.questions) {
      const answer = answers[question.id]
      if (answer !== undefined) given.push({ card: card.about.id, question, answer })
    }
  }
  return given
}

export function findScript(content: Content, id: string): ScriptContent | undefined {
  const sheets = [content.entry, ...Object.values(content.cards)]
  for (const script of [...content.tcpr.scripts, ...sheets.flatMap((s) => s.scripts ?? [])]) {
    if (script.id === id) return script
  }
  return undefined
}

export const isTcpr = (script: string): boolean => script.startsWith('tcpr')

/** Topics whose name in either language, or whose id, holds the text. */
export function filterTopics(topics: readonly TopicContent[], text: string): TopicContent[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return [...topics]
  return topics.filter(
    (topic) =>
      topic.zh.includes(wanted) ||
      topic.en.toLowerCase().includes(wanted) ||
      topic.id.includes(wanted),
  )
}

/** "62" years, "7m" or "7月" months, "12d" or "12天" days; null where it is none of these. */
export function parseAge(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d)?)\s*(m|月|个月|d|天|y|岁)?$/i.exec(text.trim())
  if (match === null) return null
  const n = Number(match[1])
  const unit = (match[2] ?? '').toLowerCase()
  const years = yearsOf(n, /m|月/.test(unit) ? 'mo' : /d|天/.test(unit) ? 'd' : 'y')
  return years <= 130 ? years : null
}

/** "40", "40m" minutes, "2h" or "2小时" hours, "3d" or "3天" days; in minutes. */
export function parseMinutes(text: string): number | null {
  const match = /^(\d{1,4}(?:\.\d)?)\s*(m|min|分|分钟|h|时|小时|d|天)?$/i.exec(text.trim())
  if (match === null) return null
  const n = Number(match[1])
  const unit = (match[2] ?? '').toLowerCase()
  if (/^(h|时|小时)$/.test(unit)) return n * 60
  if (/^(d|天)$/.test(unit)) return n * 1440
  return n
}

const UNIT_ORDER: Record<string, number> = {
  ready: 0,
  off_duty: 2,
  out_of_service: 3,
  other_node: 4,
}
export const sortUnits = (units: readonly UnitRow[]): UnitRow[] =>
  [...units].sort(
    (a, b) =>
      (UNIT_ORDER[a.state] ?? 1) - (UNIT_ORDER[b.state] ?? 1) || inOrder(a.call_sign, b.call_sign),
  )

/** "HH:MM" or "HH:MM:SS" of Shanghai, as the latest such moment that is not after `now_ms`. */
export function pastTime(text: string, now_ms: number): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim())
  if (match === null) return null
  const [h, m, s] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  if (h > 23 || m > 59 || s > 59) return null
  const zone = 8 * 3_600_000
  const day = 86_400_000
  const midnight = Math.floor((now_ms + zone) / day) * day - zone
  const at = midnight + ((h * 60 + m) * 60 + s) * 1000
  return at <= now_ms ? at : at - day
}

/** The same, as the next such moment. */
export function comingTime(text: string, now_ms: number): number | null {
  const at = pastTime(text, now_ms)
  return at === null ? null : at + 86_400_000
}

/** The same, as the moment after `due_ms` that is meant: past midnight, or by mistake before it. */
export function timeAfter(text: string, due_ms: number): number | null {
  const at = comingTime(text, due_ms - 1)
  if (at === null) return null
  return at - due_ms > 43_200_000 ? at - 86_400_000 : at
}

/** What a field for day and time says, read as China time; null while it is not whole. */
export function chinaTime(text: string): number | null {
  const at_ms = Date.parse(`${text}:00+08:00`)
  return Number.isNaN(at_ms) ? null : at_ms
}

export const worstTriage = (levels: readonly string[]): string =>
  TRIAGE_LEVELS.find((level) => levels.includes(level)) ?? ''
