/** Values that rows, commands and queries share: `kernel/` and the enumerations of `domain/`. */

export interface Point {
  lat: number
  lon: number
}

export const MILESTONES = [
  'acknowledged',
  'departed',
  'on_scene',
  'at_patient',
  'loaded',
  'left_scene',
  'at_hospital',
  'handed_over',
  'cleared',
] as const
export type Milestone = (typeof MILESTONES)[number]

export type Source = 'crew' | 'station' | 'dispatcher' | 'geofence' | 'system'
export type Sex = 'male' | 'female' | 'unknown'
export type Consciousness = 'A' | 'C' | 'V' | 'P' | 'U'
export type Tier = 'alert' | 'notice'
export type UnitKind = 'als' | 'bls'

export const DISPATCH_LEVELS = ['R0', 'R1', 'R2', 'R3', 'R4', 'R5'] as const
export type DispatchLevel = (typeof DISPATCH_LEVELS)[number]
export const TRIAGE_LEVELS = ['I', 'II', 'III', 'IV'] as const
export type TriageLevel = (typeof TRIAGE_LEVELS)[number]

export const CALL_FIELDS = ['callback', 'what', 'patient_name', 'meeting_point', 'note'] as const
export type CallField = (typeof CALL_FIELDS)[number]

export const DISPOSITIONS = [
  'incident',
  'duplicate',
  'advice',
  'nuisance',
  'wrong_number',
  'test',
  'transferred',
  'no_contact',
] as const
export type Disposition = (typeof DISPOSITIONS)[number]

export type LocationSource = 'typed' | 'address_index' | 'map_pin' | 'operator' | 'registry'

export const STAND_DOWN_REASONS = [
  'cancelled',
  'refused',
  'no_patient',
  'taken_by_other',
  'dead_on_scene',
  'diverted',
  'mistake',
] as const
export const OUT_OF_SERVICE_REASONS = [
  'decontamination',
  'refuel',
  'fault',
  'meal',
  'shift_change',
] as const

/** The ids are those of `domain/register/city.py`. */
export const CAPABILITIES = [
  'pci_24h',
  'thrombolysis',
  'thrombectomy_24h',
  'ct_24h',
  'neurosurgery_24h',
  'trauma_level',
  'pediatric_trauma',
  'burn',
  'maternal_critical',
  'neonatal_critical',
  'poison',
  'hyperbaric',
  'ecmo',
  'dialysis',
  'antivenom',
  'isolation',
] as const
export const BED_KINDS = ['resus', 'ed', 'icu', 'cath_lab', 'ventilator'] as const

/** Personal text on its way in; the server seals it. */
export interface Clear {
  as: 'clear'
  text: string
}
export const clear = (text: string): Clear => ({ as: 'clear', text })

export interface Fix {
  unit_id: string
  point: Point | null
  speed_kmh: number
  heading_deg: number
  altitude_m: number
  device_ms: number
  received_ms: number
  catch_up: boolean
  mileage_km: number | null
  satellites: number | null
  alarms: string[]
}

export type Sign =
  | 'heart_rate'
  | 'pulse'
  | 'spo2'
  | 'resp'
  | 'nibp_sys'
  | 'nibp_dia'
  | 'nibp_mean'
  | 'temp'
  | 'etco2'
  | 'glucose'

export interface Numeric {
  sign: Sign
  /** null: the device reports the sign but has no value; never zero, never normal. */
  value: number | null
  note: string
}

export interface NumericSet {
  device_id: string
  unit_id: string
  device_ms: number | null
  received_ms: number
  values: Numeric[]
}
