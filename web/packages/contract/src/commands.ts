/** Everything a person can ask for: the TypeScript of `domain/commands.py`, told apart by `kind`. */
import type {
  CallField,
  Clear,
  Consciousness,
  DispatchLevel,
  Disposition,
  LocationSource,
  Milestone,
  NumericSet,
  Point,
  Sex,
  Source,
  Tier,
  TriageLevel,
  UnitKind,
} from './basics.ts'
import type { Candidate } from './queries.ts'
import type { Answer } from './rows.ts'

export interface Proposal {
  ranked: Candidate[]
  skipped: Candidate[]
  metric_version: number
  computed_ms: number
}

export type Command =
  | { kind: 'call.ring'; call_id: string; number: Clear; line: string; location?: Clear | null }
  | { kind: 'call.answer'; call_id: string }
  | { kind: 'call.abandon'; call_id: string }
  | { kind: 'call.ring_back'; call_id: string; reached: boolean }
  | { kind: 'call.record_field'; call_id: string; field: CallField; value: Clear }
  | { kind: 'call.end'; call_id: string; disposition: Disposition }
  | { kind: 'incident.open'; incident_id: string; call_id: string }
  | { kind: 'incident.join_call'; incident_id: string; call_id: string }
  | {
      kind: 'incident.set_location'
      incident_id: string
      location: Clear
      source: LocationSource
      accuracy_m: number
    }
  | { kind: 'incident.set_complaint'; incident_id: string; topic: string }
  | {
      kind: 'incident.answer'
      incident_id: string
      card: string
      question: string
      answer: Answer
    }
  | { kind: 'incident.override_level'; incident_id: string; level: DispatchLevel; reason?: string }
  | { kind: 'incident.give_instruction'; incident_id: string; instruction: string; step: string }
  | { kind: 'incident.close'; incident_id: string; reason: string }
  | { kind: 'incident.reopen'; incident_id: string; reason: string }
  | {
      kind: 'mission.assign'
      mission_id: string
      incident_id: string
      unit_id: string
      proposal?: Proposal | null
    }
  | {
      kind: 'mission.reserve'
      mission_id: string
      incident_id: string
      unit_id: string
      due_ms: number
    }
  | { kind: 'mission.activate'; mission_id: string }
  | {
      kind: 'mission.reach'
      mission_id: string
      milestone: Milestone
      source: Source
      point?: Point | null
      /** Only for a node supplied late: when it really was. */
      at_ms?: number | null
    }
  | { kind: 'mission.undo'; mission_id: string; milestone: Milestone }
  | {
      kind: 'mission.correct'
      mission_id: string
      milestone: Milestone
      at_ms: number
      reason: string
    }
  | { kind: 'mission.stand_down'; mission_id: string; reason: string }
  | { kind: 'mission.divert'; mission_id: string; new_mission_id: string; incident_id: string }
  | {
      kind: 'mission.set_destination'
      mission_id: string
      hospital_id: string
      reasons?: string[]
    }
  | {
      kind: 'patient.register'
      patient_id: string
      mission_id: string
      name?: Clear | null
      age_y?: number | null
      sex?: Sex
    }
  | {
      kind: 'patient.correct_demographic'
      patient_id: string
      reason: string
      name?: Clear | null
      age_y?: number | null
      sex?: Sex
    }
  | { kind: 'patient.chart_vitals'; patient_id: string; vitals: NumericSet }
  | {
      kind: 'patient.observe'
      patient_id: string
      consciousness?: Consciousness | null
      on_oxygen?: boolean | null
      gcs?: number | null
      pain?: number | null
    }
  | { kind: 'patient.confirm_level'; patient_id: string; level: TriageLevel; reason?: string }
  | {
      kind: 'handover.prealert'
      handover_id: string
      mission_id: string
      patient_id: string
      hospital_id: string
      tier: Tier
      needs?: string[]
      eta_s?: number | null
      summary?: Clear | null
    }
  | { kind: 'handover.acknowledge'; handover_id: string; name: string; bay: string }
  | { kind: 'handover.decline'; handover_id: string; reason: string }
  | { kind: 'handover.withdraw'; handover_id: string; reason: string }
  | { kind: 'handover.sign'; handover_id: string; side: 'crew' | 'hospital'; name: string }
  | {
      kind: 'alert.raise'
      alert_id: string
      code: string
      priority: number
      subject: string
      incident_id: string
      owner: string
      details: Record<string, string>
    }
  | { kind: 'alert.acknowledge'; alert_id: string }
  | { kind: 'alert.resolve'; alert_id: string; reason: string }
  | {
      kind: 'unit.list'
      unit_id: string
      call_sign: string
      station_id: string
      station_name: string
      station_point: Point
      unit_kind: UnitKind
      assumed: boolean
    }
  | { kind: 'unit.set_duty'; unit_id: string; on_duty: boolean; crew?: string[] }
  | { kind: 'unit.take_out_of_service'; unit_id: string; reason: string }
  | { kind: 'unit.put_back_in_service'; unit_id: string }
  | { kind: 'hospital.report_beds'; hospital_id: string; free: Record<string, number> }
  | { kind: 'hospital.set_diversion'; hospital_id: string; diverting: boolean; reason?: string }

export interface Accepted {
  outcome: 'accepted'
  versions: Record<string, number>
}
