/** The answers of the query calls (docs/interfaces/web-api.md) and the live channel's messages. */
import type { Fix, NumericSet, Point } from './basics.ts'
import type { LogRow, Row, TableName } from './rows.ts'

export type Role =
  | 'dispatcher'
  | 'supervisor'
  | 'station'
  | 'crew'
  | 'hospital'
  | 'police'
  | 'fire'
  | 'volunteer'
  | 'quality'
  | 'admin'

export interface Session {
  person_id: string
  name: string
  role: Role
  org: string
  org_name: string
  seat: string
  unit_id: string
  hospital_id: string
  world: string
  demo: boolean
  second_factor_skipped: boolean
  /** Names of every adapter that is a test double. */
  doubles: string[]
  server_ms: number
  expires_ms: number
  views: string[]
}

export interface DemoAccount {
  username: string
  password: string
  role: Role
  name: string
  url: string
}

export interface Problem {
  type: string
  title: string
  status: number
  code: string
  field: string
  detail: string
}

export type ViewName = 'board' | 'crew' | 'ed'

export type LiveMessage =
  | { type: 'snapshot'; at: number; rows: Row[] }
  | { type: 'patch'; at: number; put: Row[]; drop: [TableName, string][] }
  | { type: 'fixes'; fixes: Fix[] }
  | { type: 'numerics'; numerics: NumericSet[] }
  | { type: 'ping'; server_ms: number; delivery: number }
  | { type: 'ended'; code: string }

export interface Candidate {
  unit_id: string
  call_sign: string
  eta_s: number | null
  estimated: boolean
  position_age_s: number | null
  reasons: string[]
}

export interface Recommendation {
  ranked: Candidate[]
  skipped: Candidate[]
  metric_version: number
  computed_ms: number
  shortfall: string[]
}

export interface RankedHospital {
  hospital_id: string
  name: string
  eta_s: number | null
  estimated: boolean
  capable: boolean
  missing: string[]
  diverting: boolean
  free_beds: Record<string, number>
  beds_reported_ms: number | null
  reasons: string[]
  recommended: boolean
}

export interface AddressHit {
  label: string
  point: Point
  kind: string
  score: number
}
export interface ReverseHit {
  label: string
  point: Point
  kind: string
  distance_m: number
}

export interface Manoeuvre {
  text?: string
  kind?: string
  street?: string
  distance_m?: number
  seconds?: number
  point?: Point
}
export interface Route {
  points: Point[]
  seconds: number
  metres: number
  manoeuvres: Manoeuvre[]
}

export interface Duplicate {
  incident_id: string
  number: string
  distance_m: number
  minutes: number
  label: string
  topic: string
}

export interface CaseHead {
  incident_id: string
  number: string
  opened_ms: number
  closed_ms: number | null
  level: string
  topic: string
  label: string
  call_signs: string[]
  hospital: string
}
export interface TimelineNode {
  code: string
  at_ms: number
  source: string
  actor: string
  original_ms: number | null
  reason: string
  estimated: boolean
}
export interface Interval {
  code: string
  seconds: number | null
  target_s: number | null
}
export interface Timeline {
  case: CaseHead
  nodes: TimelineNode[]
  events: LogRow[]
  intervals: Interval[]
}
export interface Track {
  fixes: { at_ms: number; point: Point; speed_kmh: number; call_sign: string }[]
}
export interface Kpi {
  code: string
  numerator: number | null
  denominator: number | null
  value: number | null
  unit: string
  target: number | null
  p50: number | null
  p90: number | null
  n: number
  definition: string
  excluded: Record<string, number> | string[] | string
}

export interface City {
  name: string
  name_en: string
  fictional: boolean
  bbox?: { south: number; west: number; north: number; east: number }
  bounds?: { south: number; west: number; north: number; east: number }
  centre: Point
  attribution: string
  stations: { id: string; name: string; name_en: string; point: Point }[]
  hospitals: {
    id: string
    name: string
    name_en: string
    point: Point
    capabilities: string[]
    assumed: boolean
  }[]
  aeds: {
    id: string
    name: string
    name_en: string
    point: Point
    access: string
    opening_hours: string
  }[]
  signals: { id: string; name: string; name_en: string; point: Point }[]
}

export interface EdgeStatus {
  connected: boolean
  pending: number
  last_contact_ms: number | null
  unit_id: string
  call_sign: string
}

export interface Person {
  person_id: string
  username: string
  name: string
  role: Role
  org: string
  seat: string
  unit_id: string
  hospital_id: string
  active: boolean
  has_totp: boolean
  last_seen_ms: number | null
  sessions: number
}
export interface Org {
  id: string
  parent: string | null
  kind: string
  name: string
  name_en: string
}
export interface TotpSecret {
  secret: string
  uri: string
  qr_svg: string
}
