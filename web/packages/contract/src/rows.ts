/** What the live views show, row by row: the TypeScript of `views/rows.py`. Names are the wire's. */
import type { Milestone, NumericSet, Point, Sex, Source } from './basics.ts'

/** null: the caller does not know; a list answers a question of several choices. */
export type Answer = boolean | number | string | string[] | null

export interface Location {
  label: string
  lat: number
  lon: number
}

export type CallState = 'ringing' | 'answered' | 'abandoned' | 'ended'

export interface CallRow {
  table: 'calls'
  id: string
  state: CallState
  number: string | null
  line: string
  location: Location | null
  fields: Record<string, string>
  owner: string
  incident_id: string
  disposition: string
  rang_ms: number
  answered_ms: number | null
  abandoned_ms: number | null
  ended_ms: number | null
  ring_backs: number
}

export interface InstructionRow {
  instruction: string
  step: string
  at_ms: number
}

export interface IncidentRow {
  table: 'incidents'
  id: string
  state: 'open' | 'closed'
  number: string
  calls: string[]
  location: Location | null
  location_source: string
  accuracy_m: number
  topic: string
  answers: Record<string, Record<string, Answer>>
  /** What to ask, in order; a question of the entry sheet or of the topic's card. */
  next_questions: string[]
  /** R0-R5 or empty: not known yet. */
  level: string
  level_possible: string
  level_overridden: boolean
  level_complete: boolean
  rules: string[]
  flags: string[]
  plan: string[]
  /** Instructions to read to the caller; the first belongs to the most severe row. */
  scripts: string[]
  instructions: InstructionRow[]
  dispatchable: boolean
  seat: string
  opened_ms: number
  located_ms: number | null
  levelled_ms: number | null
  dispatched_ms: number | null
  dispatch_target_s: number | null
  waiting_since_ms: number
  closed_ms: number | null
  close_reason: string
  missions: string[]
  patients: string[]
}

export interface NodeRow {
  milestone: Milestone
  at_ms: number
  source: Source
  actor: string
  received_ms: number
  original_ms: number | null
  reason: string
  supplied_late: boolean
}

export type MissionState =
  | 'reserved'
  | 'assigned'
  | 'acknowledged'
  | 'en_route'
  | 'on_scene'
  | 'at_patient'
  | 'loaded'
  | 'to_hospital'
  | 'at_hospital'
  | 'handed_over'
  | 'cleared'
  | 'stood_down'

export interface MissionRow {
  table: 'missions'
  id: string
  state: MissionState
  active: boolean
  incident_id: string
  incident_number: string
  unit_id: string
  call_sign: string
  level: string
  due_ms: number | null
  nodes: NodeRow[]
  next_milestone: Milestone | null
  proposed: Milestone[]
  can_stand_down: boolean
  destination_id: string
  destination_name: string
  stand_down_reason: string
  task_text: string
  flags: string[]
  assigned_ms: number | null
  since_ms: number
  /** How long this state may last before its age is shown as overdue; null: no limit. */
  limit_s: number | null
  ended_ms: number | null
}

export interface UnitRow {
  table: 'units'
  id: string
  call_sign: string
  station_id: string
  station_name: string
  station_point: Point
  unit_kind: string
  assumed: boolean
  /** ready, off_duty, out_of_service, or the state of its active mission. */
  state: string
  out_of_service: string
  crew: string[]
  mission_id: string
  incident_id: string
  level: string
  since_ms: number
}

export interface HospitalRow {
  table: 'hospitals'
  id: string
  name: string
  name_en: string
  point: Point
  capabilities: string[]
  assumed: boolean
  free_beds: Record<string, number>
  beds_reported_ms: number | null
  diverting: boolean
  diversion_reason: string
}

export interface ScoreRow {
  news2: number | null
  news2_band: string
  news2_missing: string[]
  level: string
  level_reasons: string[]
  complete: boolean
  at_ms: number
}

export interface PatientRow {
  table: 'patients'
  id: string
  incident_id: string
  mission_id: string
  unit_id: string
  call_sign: string
  name: string | null
  age_y: number | null
  sex: Sex
  vitals: NumericSet['values']
  vitals_ms: number | null
  consciousness: string
  on_oxygen: boolean | null
  gcs: number | null
  pain: number | null
  score: ScoreRow | null
  score_history: ScoreRow[]
  /** I-IV as a clinician confirmed it, or empty. */
  level: string
  level_by: string
  level_ms: number | null
  registered_ms: number
}

export interface SignatureRow {
  name: string
  at_ms: number
}

export interface HandoverRow {
  table: 'handovers'
  id: string
  state: 'sent' | 'acknowledged' | 'declined' | 'withdrawn' | 'handed_over'
  incident_id: string
  incident_number: string
  mission_id: string
  patient_id: string
  unit_id: string
  call_sign: string
  hospital_id: string
  tier: string
  needs: string[]
  eta_s: number | null
  summary: string | null
  acknowledged_name: string
  bay: string
  acknowledged_ms: number | null
  reason: string
  signatures: Record<string, SignatureRow>
  sent_ms: number
  ended_ms: number | null
}

export interface AlertRow {
  table: 'alerts'
  id: string
  state: 'open' | 'acknowledged' | 'resolved'
  code: string
  priority: number
  subject: string
  incident_id: string
  owner: string
  details: Record<string, string>
  raised_ms: number
  acknowledged_by: string
  acknowledged_ms: number | null
  resolved_ms: number | null
}

export interface LogRow {
  table: 'log'
  id: string
  stream: string
  kind: string
  incident_id: string
  summary: Record<string, string>
  actor: string
  seat: string
  role: string
  occurred_ms: number
  received_ms: number
}

export type Row =
  | CallRow
  | IncidentRow
  | MissionRow
  | UnitRow
  | HospitalRow
  | PatientRow
  | HandoverRow
  | AlertRow
  | LogRow

export type TableName = Row['table']
export type RowOf<T extends TableName> = Extract<Row, { table: T }>
