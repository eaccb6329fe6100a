// Written by tools/contract.py from the server's own types. Do not edit.

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

export const OUT_OF_SERVICE_REASONS = [
  'decontamination',
  'refuel',
  'fault',
  'meal',
  'shift_change',
] as const

export const STAND_DOWN_REASONS = [
  'cancelled',
  'refused',
  'no_patient',
  'taken_by_other',
  'dead_on_scene',
  'diverted',
  'relieved',
  'mistake',
] as const

export interface AddressHit {
  kind: AddressKind
  label: string
  label_en: string
  locality: string
  point: Point
  score: number
  span: [number, number] | null
  distance_m: number | null
}

export const AddressKind = [
  'house',
  'street',
  'place',
  'poi',
] as const
export type AddressKind = (typeof AddressKind)[number]

export interface Advice {
  dose_id: string
  amount: number
  unit: string
  capped: boolean
}

export interface Aed {
  id: string
  name: string
  name_en: string
  point: Point
  access: string
  opening_hours: string
}

export const Alarm = [
  'low',
  'high',
  'critical_low',
  'critical_high',
] as const
export type Alarm = (typeof Alarm)[number]

export interface AlarmRow {
  sign: Sign
  alarm: Alarm
  value: number
  since_ms: number
}

export const AlertKind = [
  'allergy',
  'infection',
  'medicine',
  'directive',
  'device',
] as const
export type AlertKind = (typeof AlertKind)[number]

export interface AlertRow {
  table: 'alerts'
  id: string
  state: AlertState
  code: string
  priority: number
  subject: string
  incident_id: string
  owner: string
  details: Record<string, string>
  raised_ms: number
  limit_s: number | null
  next_owner: string
  climbs_ms: number | null
  acknowledged_by: string
  acknowledged_ms: number | null
  resolved_ms: number | null
}

export const AlertState = [
  'open',
  'acknowledged',
  'resolved',
] as const
export type AlertState = (typeof AlertState)[number]

export interface Announced {
  phone: string
  media_id: number
  kind: string
  format: string
  occasion: string
  channel: number
  heard_ms: number
}

export interface ArrivalRange {
  low_s: number
  high_s: number
}

export interface AsideItem {
  sequence: number
  reason: string
  event: LogRow
}

export interface Ask {
  mission_id: string
  unit_id: string
  call_sign: string
  node: string
  asked_ms: number
  due_ms: number
  outcome: AskOutcome | null
  code: string
  detail: string
  linked_ms: number | null
  late: boolean
}

export const AskOutcome = [
  'refused',
  'unanswered',
  'withdrawn',
  'recall_refused',
  'called_off',
] as const
export type AskOutcome = (typeof AskOutcome)[number]

export interface Bin {
  over_s: number
  to_s: number | null
  n: number
}

export interface Bounds {
  south: number
  west: number
  north: number
  east: number
}

export interface Breakdown {
  kpi: Kpi
  counts: Counted
  by: Dimension
  dimensions: Dimension[]
  limit_s: number | null
  groups: Group[]
  bins: Bin[]
  measures: Measure[]
  left_out: number
}

export interface BurnAnswer {
  regions: BurnRegionAnswer[]
  tbsa_pct: number | null
  weight_kg: number | null
  fluid: BurnFluid | null
  ml_per_kg_pct: number
  first_h: number
  fluid_h: number
  table: string
}

export interface BurnFluid {
  total_ml: number
  first_ml: number
  first_until_ms: number | null
  until_ms: number | null
}

export interface BurnRegionAnswer {
  id: string
  zh: string
  en: string
  pct: number
}

export interface CabinState {
  server_ms: number
  cameras: string[]
  camera: string
  closed: boolean
}

export interface CabinSwitched {
  closed: boolean
}

export const CallField = [
  'callback',
  'what',
  'patient_name',
  'meeting_point',
  'note',
] as const
export type CallField = (typeof CallField)[number]

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
  masked: boolean
  node: string
}

export const CallState = [
  'ringing',
  'answered',
  'abandoned',
  'ended',
] as const
export type CallState = (typeof CallState)[number]

export interface CallbackRow {
  id: string
  asked_ms: number
  outcome: string
}

export interface Candidate {
  unit_id: string
  call_sign: string
  eta_s: number | null
  estimated: boolean
  position_age_s: number | null
  reasons: string[]
}

export interface CarriedDevice {
  kind: string
  id: string
  enabled: boolean
  seen_ms: number | null
}

export interface CaseAnswer {
  incident_id: string
  number: string
  opened_ms: number
  closed_ms: number | null
  level: string
  topic: string
  occasion: string
  label: string
  call_signs: string[]
  hospital: string
  node: string
}

export interface CasePatientsAnswer {
  patients: PatientRow[]
  handovers: HandoverRow[]
}

export interface CentreAnswer {
  id: string
  name: string
  name_en: string
  kind: string
}

export interface ChartedRow {
  at_ms: number
  device: string
  values: Numeric[]
  origin: string
  by: string
}

export interface CheckRow {
  id: string
  name: string
  at_ms: number
  defects: string[]
  numbers: Record<string, number>
  taken_by: string
  taken_ms: number | null
}

export interface Choice {
  event: string
  mission_id: string
  unit_id: string
  call_sign: string
  actor: string
  seat: string
  at_ms: number
  proposal: Proposal | null
}

export interface City {
  name: string
  name_en: string
  fictional: boolean
  bounds: Bounds
  centre: Point
  attribution: string
  source_sha256: string
  overrides_sha256: string | null
  stations: Station[]
  hospitals: CityHospital[]
  aeds: Aed[]
  signals: Signal[]
  units: CityUnit[]
  points: FirstAidPoint[]
  localities: Locality[]
  core: Bounds | null
}

export interface CityHospital {
  id: string
  name: string
  name_en: string
  point: Point
  capabilities: string[]
  assumed: boolean
  beds: number | null
}

export interface CityUnit {
  id: string
  call_sign: string
  station_id: string
  kind: UnitKind
  assumed: boolean
}

export interface ClassStatus {
  data: DataClass
  uplink: string
  since_ms: number
  waiting: number | null
}

export interface Clear {
  as: 'clear'
  text: string
}

export const ClockOf = [
  'happened',
  'seen',
] as const
export type ClockOf = (typeof ClockOf)[number]

export interface ClockOffset {
  offset_ms: number
  uncertainty_ms: number
}

export interface Code {
  system: string
  code: string
}

export const Colour = [
  'grey',
  'green',
  'orange',
  'red',
] as const
export type Colour = (typeof Colour)[number]

export type Command =
  | {
    kind: 'call.ring'
    call_id: string
    number: Clear
    line: string
    location?: Clear | null
  }
  | {
    kind: 'call.answer'
    call_id: string
  }
  | {
    kind: 'call.abandon'
    call_id: string
  }
  | {
    kind: 'call.ring_back'
    call_id: string
    reached: boolean
  }
  | {
    kind: 'call.record_field'
    call_id: string
    field: CallField
    value: Clear
  }
  | {
    kind: 'call.end'
    call_id: string
    disposition: Disposition
  }
  | {
    kind: 'incident.open'
    incident_id: string
    call_id: string
  }
  | {
    kind: 'incident.open_standby'
    incident_id: string
    occasion: string
    from_ms: number
    until_ms: number
  }
  | {
    kind: 'incident.enter_paper'
    incident_id: string
    call_id: string
    paper_number: string
    called_ms: number
    reason: string
    number?: Clear | null
    location?: Clear | null
    note?: Clear | null
    topic?: string
    level?: DispatchLevel | null
    mission_id?: string
    unit_id?: string
    assigned_ms?: number | null
    times?: Partial<Record<Milestone, number>>
    stood_down?: string
    hospital_id?: string
    patient_id?: string
    name?: Clear | null
    age_y?: number | null
    sex?: Sex
  }
  | {
    kind: 'incident.join_call'
    incident_id: string
    call_id: string
  }
  | {
    kind: 'incident.set_location'
    incident_id: string
    location: Clear
    source: LocationSource
    accuracy_m: number
  }
  | {
    kind: 'incident.set_complaint'
    incident_id: string
    topic: string
  }
  | {
    kind: 'incident.answer'
    incident_id: string
    card: string
    question: string
    answer: boolean | number | string | string[] | null
  }
  | {
    kind: 'incident.override_level'
    incident_id: string
    level: DispatchLevel
    reason?: string
  }
  | {
    kind: 'incident.give_instruction'
    incident_id: string
    instruction: string
    step: string
  }
  | {
    kind: 'incident.close'
    incident_id: string
    reason: string
  }
  | {
    kind: 'incident.reopen'
    incident_id: string
    reason: string
  }
  | {
    kind: 'incident.ask_unit'
    incident_id: string
    unit_id: string
    mission_id: string
  }
  | {
    kind: 'incident.withdraw_ask'
    incident_id: string
    mission_id: string
    reason: string
  }
  | {
    kind: 'incident.check_ask'
    incident_id: string
    mission_id: string
  }
  | {
    kind: 'incident.answer_ask'
    incident_id: string
    mission_id: string
    code: string
    detail?: string
  }
  | {
    kind: 'incident.link_run'
    incident_id: string
    mission_id: string
  }
  | {
    kind: 'incident.lose_run'
    incident_id: string
    mission_id: string
  }
  | {
    kind: 'mission.lend'
    mission_id: string
    incident_id: string
    unit_id: string
    node: string
  }
  | {
    kind: 'incident.offer'
    incident_id: string
    org: string
    reason: string
    seat?: string
    org_name?: string
  }
  | {
    kind: 'incident.withdraw_offer'
    incident_id: string
    reason?: string
  }
  | {
    kind: 'incident.decline'
    incident_id: string
    reason: string
  }
  | {
    kind: 'incident.take'
    incident_id: string
    reason?: string
    org_name?: string
    node?: string
  }
  | {
    kind: 'incident.check_moved'
    incident_id: string
  }
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
    latest_ms?: number | null
  }
  | {
    kind: 'mission.activate'
    mission_id: string
  }
  | {
    kind: 'mission.reach'
    mission_id: string
    milestone: Milestone
    source: Source
    point?: Point | null
    at_ms?: number | null
  }
  | {
    kind: 'mission.propose_milestone'
    mission_id: string
    milestone: Milestone
    distance_m: number
    confidence?: Confidence | null
    doubts?: Doubt[]
    sight?: FenceSight | null
  }
  | {
    kind: 'mission.undo'
    mission_id: string
    milestone: Milestone
  }
  | {
    kind: 'mission.correct'
    mission_id: string
    milestone: Milestone
    at_ms: number
    reason: string
  }
  | {
    kind: 'mission.stand_down'
    mission_id: string
    reason: string
  }
  | {
    kind: 'mission.divert'
    mission_id: string
    new_mission_id: string
    incident_id: string
    proposal?: Proposal | null
  }
  | {
    kind: 'mission.relieve'
    mission_id: string
    new_mission_id: string
    unit_id: string
    proposal?: Proposal | null
  }
  | {
    kind: 'mission.set_destination'
    mission_id: string
    hospital_id: string
    reasons?: string[]
    reason?: string
  }
  | {
    kind: 'mission.reroute'
    mission_id: string
    hospital_id: string
    reasons?: string[]
    reason?: string
    eta_s?: number | null
    renewals?: Renewal[]
  }
  | {
    kind: 'mission.record_task_text'
    mission_id: string
    outcome: string
  }
  | {
    kind: 'mission.add_file'
    mission_id: string
    sha256: string
    file_kind: FileKind
    media_type: string
    size_bytes: number
    taken_ms: number
    taken_source: TakenSource
    device?: string
    waiting?: boolean
  }
  | {
    kind: 'mission.put_file'
    mission_id: string
    patient_id: string
    sha256: string
    reason?: string
    claim?: boolean
  }
  | {
    kind: 'mission.ask_callback'
    mission_id: string
    callback_id: string
  }
  | {
    kind: 'mission.answer_callback'
    mission_id: string
    callback_id: string
    outcome: string
  }
  | {
    kind: 'mission.show_number'
    mission_id: string
    reason: string
  }
  | {
    kind: 'mission.see_stand_down'
    mission_id: string
  }
  | {
    kind: 'mission.refuse_order'
    mission_id: string
    epoch: number
    node: string
  }
  | {
    kind: 'mission.close_untreated'
    mission_id: string
    entry_id: string
    reason: string
    name: string
    signer?: Clear | null
    signature?: Clear | null
    witness?: Clear | null
    details?: Clear | null
  }
  | {
    kind: 'mission.bind_monitor'
    mission_id: string
    device_id: string
    band: string
    patient_id?: string
  }
  | {
    kind: 'mission.give_band'
    mission_id: string
    patient_id: string
    band: string
  }
  | {
    kind: 'mission.take_band'
    mission_id: string
    band: string
    reason: string
  }
  | {
    kind: 'mission.take_off_monitor'
    mission_id: string
    device_id: string
  }
  | {
    kind: 'mission.put_back_monitor'
    mission_id: string
    device_id: string
  }
  | {
    kind: 'mission.place_leads'
    mission_id: string
    device_id: string
    placement: string
    from_ms?: number | null
  }
  | {
    kind: 'mission.place_monitor'
    mission_id: string
    device_id: string
    patient_id?: string
  }
  | {
    kind: 'mission.correct_monitor'
    mission_id: string
    correction_id: string
    device_id: string
    from_ms: number
    to_ms: number
    patient_id: string
    reason: string
    files?: PickedFile[]
  }
  | {
    kind: 'mission.check_acknowledged'
    mission_id: string
  }
  | {
    kind: 'mission.check_departed'
    mission_id: string
  }
  | {
    kind: 'mission.check_window'
    mission_id: string
    road_s?: number | null
  }
  | {
    kind: 'patient.register'
    patient_id: string
    mission_id: string
    name?: Clear | null
    age_y?: number | null
    sex?: Sex
    letter?: string
  }
  | {
    kind: 'patient.correct_demographic'
    patient_id: string
    reason: string
    name?: Clear | null
    age_y?: number | null
    sex?: Sex
    seen?: Record<string, string[]> | null
  }
  | {
    kind: 'patient.identify'
    patient_id: string
    write_id: string
    field: string
    text: Clear
    reason: string
    over?: string[]
    name?: Clear | null
    age_y?: number | null
    sex?: Sex
    seen?: Record<string, string[]> | null
  }
  | {
    kind: 'patient.merge'
    patient_id: string
    other_id: string
    reason: string
    handover_ids?: string[]
  }
  | {
    kind: 'patient.part'
    patient_id: string
    other_id: string
    reason: string
    handover_ids?: string[]
  }
  | {
    kind: 'patient.chart_vitals'
    patient_id: string
    vitals: NumericSet
  }
  | {
    kind: 'patient.enter_vitals'
    patient_id: string
    entry_id: string
    values?: Partial<Record<Sign, number>>
    not_taken?: Partial<Record<Sign, NotTaken>>
    confirmed?: Sign[]
    taken_ms?: number | null
    out_of_range?: Partial<Record<Sign, OutOfRange>>
  }
  | {
    kind: 'patient.set_alarm'
    patient_id: string
    sign: Sign
    alarm: Alarm | null
    value: number
    limit_id: string
  }
  | {
    kind: 'patient.set_rhythm'
    patient_id: string
    device_id: string
    rhythm: Rhythm | null
  }
  | {
    kind: 'patient.set_device_alarm'
    patient_id: string
    told: DeviceAlarm
  }
  | {
    kind: 'patient.set_device_silent'
    patient_id: string
    device_id: string
    since_ms: number
  }
  | {
    kind: 'mission.set_scene_alarm'
    mission_id: string
    device_id: string
    what: string
    how: string
    priority: Priority | null
    silent_ms?: number | null
  }
  | {
    kind: 'patient.see_rhythm'
    patient_id: string
    device_id: string
  }
  | {
    kind: 'patient.observe'
    patient_id: string
    consciousness?: Consciousness | null
    on_oxygen?: boolean | null
    gcs?: number | null
    pain?: number | null
    gcs_motor?: number | null
    gcs_parts?: GcsParts | null
    as_before?: ('consciousness' | 'gcs' | 'on_oxygen' | 'pain')[]
  }
  | {
    kind: 'patient.confirm_level'
    patient_id: string
    level: TriageLevel
    reason?: string
  }
  | {
    kind: 'patient.see_worsening'
    patient_id: string
    through_ms: number
  }
  | {
    kind: 'patient.write_field'
    patient_id: string
    write_id: string
    field: string
    value?: boolean | number | string | string[] | null
    text?: Clear | null
    over?: string[]
    reason?: string
  }
  | {
    kind: 'patient.open_sheet'
    patient_id: string
    sheet: string
  }
  | {
    kind: 'patient.give_drug'
    patient_id: string
    entry_id: string
    drug: string
    dose?: number | null
    unit?: string
    route?: string
    given_ms?: number | null
    reason?: string
    dose_id?: string
  }
  | {
    kind: 'patient.do_procedure'
    patient_id: string
    entry_id: string
    procedure: string
    region?: string
    result?: string
    done_ms?: number | null
  }
  | {
    kind: 'patient.take_note'
    patient_id: string
    entry_id: string
    text: Clear
    region?: string
  }
  | {
    kind: 'patient.record_ecg'
    patient_id: string
    entry_id: string
    begun_ms: number
    lasts_ms: number
    device: string
    test: boolean
    measured: Measured
    findings: EcgFindings
  }
  | {
    kind: 'patient.interpret_ecg'
    patient_id: string
    entry_id: string
    ecg_id: string
    text: Clear
    name?: string
    corrects?: string
    reason?: string
  }
  | {
    kind: 'patient.check_ecg'
    patient_id: string
  }
  | {
    kind: 'patient.withdraw_entry'
    patient_id: string
    entry_id: string
    reason: string
  }
  | {
    kind: 'patient.sign_form'
    patient_id: string
    entry_id: string
    form: string
    decision: string
    signer: Clear
    relation: string
    signature?: Clear | null
    witness?: Clear | null
    details?: Clear | null
  }
  | {
    kind: 'patient.sign_record'
    patient_id: string
    name: string
  }
  | {
    kind: 'patient.ask_portrait'
    patient_id: string
    ask_id: string
    basis?: string
  }
  | {
    kind: 'patient.record_portrait'
    patient_id: string
    ask_id: string
    facts?: ResidentFact[]
    words?: Clear | null
    not_understood?: number
    reason?: string
    detail?: string
    again?: boolean
  }
  | {
    kind: 'patient.add_file'
    patient_id: string
    sha256: string
    file_kind: FileKind
    media_type: string
    size_bytes: number
    taken_ms: number
    taken_source: TakenSource
    device?: string
    caption?: Clear | null
  }
  | {
    kind: 'patient.withdraw_file'
    patient_id: string
    sha256: string
    reason: string
  }
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
  | {
    kind: 'handover.correct'
    handover_id: string
    tier: Tier
    needs?: string[]
    eta_s?: number | null
    summary?: Clear | null
  }
  | {
    kind: 'handover.acknowledge'
    handover_id: string
    name: string
    bay: string
    corrections?: number | null
  }
  | {
    kind: 'handover.decline'
    handover_id: string
    reason: string
  }
  | {
    kind: 'handover.withdraw'
    handover_id: string
    reason: string
  }
  | {
    kind: 'handover.sign'
    handover_id: string
    side: string
    name: string
  }
  | {
    kind: 'handover.check_acknowledged'
    handover_id: string
  }
  | {
    kind: 'handover.drop'
    handover_id: string
    reason: string
  }
  | {
    kind: 'alert.raise'
    alert_id: string
    code: string
    priority: number
    subject: string
    incident_id: string
    owner: string
    details: Record<string, string>
    anew?: boolean
    if_changed?: boolean
  }
  | {
    kind: 'alert.acknowledge'
    alert_id: string
  }
  | {
    kind: 'alert.escalate'
    alert_id: string
  }
  | {
    kind: 'alert.move'
    alert_id: string
    owner: string
  }
  | {
    kind: 'alert.resolve'
    alert_id: string
    reason: string
  }
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
  | {
    kind: 'unit.import'
    unit_id: string
    changes: UnitChange[]
  }
  | {
    kind: 'station.import'
    station_id: string
    changes: StationChange[]
    unit_ids?: string[]
  }
  | {
    kind: 'unit.set_duty'
    unit_id: string
    on_duty: boolean
    crew?: string[]
  }
  | {
    kind: 'unit.check'
    unit_id: string
    check_id: string
    name: string
    answers: Record<string, boolean | number>
  }
  | {
    kind: 'unit.take_over_check'
    unit_id: string
    check_id: string
    name: string
  }
  | {
    kind: 'unit.take_out_of_service'
    unit_id: string
    reason: string
  }
  | {
    kind: 'unit.put_back_in_service'
    unit_id: string
  }
  | {
    kind: 'unit.call_help'
    unit_id: string
    point?: Point | null
    by_alarm?: HelpAlarm | null
  }
  | {
    kind: 'unit.end_help'
    unit_id: string
    reason: string
  }
  | {
    kind: 'unit.name_home'
    unit_id: string
    node: string
  }
  | {
    kind: 'unit.take_over'
    unit_id: string
    reason: string
  }
  | {
    kind: 'unit.give'
    unit_id: string
    node: string
    reason: string
  }
  | {
    kind: 'unit.learn_home'
    unit_id: string
    node: string
    epoch: number
  }
  | {
    kind: 'roster.plan'
    roster_id: string
    unit_id: string
    shift_id: string
    from_ms: number
    to_ms: number
    duty: DutyKind
    crew: CrewMember[]
    reason?: string
  }
  | {
    kind: 'roster.change'
    roster_id: string
    unit_id: string
    shift_id: string
    from_ms: number
    to_ms: number
    duty: DutyKind
    crew: CrewMember[]
    reason: string
    was?: Shift | null
  }
  | {
    kind: 'roster.withdraw'
    roster_id: string
    unit_id: string
    shift_id: string
    reason: string
  }
  | {
    kind: 'roster.import'
    roster_id: string
    parts: Command[]
  }
  | {
    kind: 'hospital.list'
    hospital_id: string
    name: string
    name_en: string
    point: Point
    capabilities: string[]
    assumed: boolean
  }
  | {
    kind: 'hospital.report_beds'
    hospital_id: string
    free: Record<string, number>
  }
  | {
    kind: 'hospital.set_diversion'
    hospital_id: string
    diverting: boolean
    reason?: string
  }
  | {
    kind: 'road.close'
    closure_id: string
    line: Point[]
    both_ways?: boolean
    share?: number
    reason?: RoadReason
    label?: string
    until_ms?: number | null
  }
  | {
    kind: 'road.change'
    closure_id: string
    share: number
    until_ms: number | null
  }
  | {
    kind: 'road.reopen'
    closure_id: string
    reason: string
  }

export interface CommandRequest {
  installation: string
  sequence: number
  command: Command
}

export interface Completeness {
  standard: string
  filled: number
  counted: number
  rows: ElementRow[]
}

export const Concern = [
  'unchecked',
  'allergy',
  'cross_allergy',
  'over_single',
  'over_total',
  'too_soon',
  'not_for',
  'interaction',
  'unknown_fact',
  'other_unit',
  'other_route',
] as const
export type Concern = (typeof Concern)[number]

export const Confidence = [
  'high',
  'fair',
  'low',
] as const
export type Confidence = (typeof Confidence)[number]

export interface ConfirmedRow {
  at_ms: number
  by: string
  level: string
  proposed: string
  reason: string
  origin: string
}

export const Consciousness = [
  'A',
  'C',
  'V',
  'P',
  'U',
] as const
export type Consciousness = (typeof Consciousness)[number]

export const Counted = [
  'call',
  'case',
  'run',
] as const
export type Counted = (typeof Counted)[number]

export const CrewFunction = [
  'doctor',
  'nurse',
  'driver',
  'stretcher_bearer',
] as const
export type CrewFunction = (typeof CrewFunction)[number]

export interface CrewMember {
  name: string
  function: CrewFunction
  number: string
}

export const DataClass = [
  'events',
  'vitals',
  'ecg',
  'backlog',
  'images',
  'video',
] as const
export type DataClass = (typeof DataClass)[number]

export const Datum = [
  'wgs84',
  'gcj02',
  'bd09',
] as const
export type Datum = (typeof Datum)[number]

export interface DemoAccount {
  username: string
  password: string
  role: Role
  name: string
  url: string
  org: string
}

export interface DeviceAlarm {
  device_id: string
  key: string
  event: string
  source: string
  nature: string
  priority: Priority
  words: string
  value: string
  limits: string
  silenced: string
  over: boolean
  passing: boolean
  left: boolean
}

export interface DeviceAlarmRow {
  device_id: string
  key: string
  event: string
  source: string
  nature: string
  priority: Priority
  words: string
  value: string
  limits: string
  silenced: string
  since_ms: number
  silent_ms: number | null
}

export interface DeviceName {
  kind: 'edge' | 'monitor' | 'phone' | 'terminal' | 'seat'
  device_id: string
}

export interface DeviceRow {
  id: string
  kind: string
  unit_id: string
  enabled: boolean
  seen_ms: number | null
  datum: Datum
  clock: TerminalClock
  length: TerminalLength
  reads: TerminalReads
  key_given_ms: number | null
  org: string
  seat: string
}

export const Dimension = [
  'hour',
  'day',
  'level',
  'station',
  'unit',
  'seat',
] as const
export type Dimension = (typeof Dimension)[number]

export const DispatchLevel = [
  'R0',
  'R1',
  'R2',
  'R3',
  'R4',
  'R5',
] as const
export type DispatchLevel = (typeof DispatchLevel)[number]

export const Disposition = [
  'incident',
  'duplicate',
  'advice',
  'nuisance',
  'wrong_number',
  'test',
  'transferred',
  'no_contact',
] as const
export type Disposition = (typeof Disposition)[number]

export const Doubt = [
  'old',
  'edge',
  'speed',
  'single',
] as const
export type Doubt = (typeof Doubt)[number]

export interface DraftShift {
  shift_id: string
  unit_id: string
  from_ms: number
  to_ms: number
  crew: CrewMember[]
}

export interface DrawnEcg {
  ecg: KnownEcg
  from_ms: number
  rate_hz: number
  leads: DrawnLead[]
  measured: Measured | null
  recorded: boolean
}

export interface DrawnLead {
  lead: string
  nanovolt: number
  zero_nanovolt: number
  values: (number | null)[]
}

export interface DriverSaid {
  heard_ms: number
  said_ms: number | null
  card: string
  result: string
  certificate: string
  issuer: string
  valid_until: string
}

export interface DuplicateAnswer {
  incident_id: string
  number: string
  distance_m: number
  minutes: number
  label: string
  topic: string
}

export const DutyKind = [
  'emergency',
  'reserve',
  'transfer',
  'standby',
] as const
export type DutyKind = (typeof DutyKind)[number]

export interface EcgChanges {
  numbers: NumberChange[]
  leads: StChange[]
}

export interface EcgComparison {
  older: DrawnEcg
  newer: DrawnEcg
  changes: EcgChanges | null
}

export interface EcgFinding {
  rule: Rule
  leads: LeadValue[]
  territories: string[]
  confounded: boolean
  title: Text | null
}

export interface EcgFindings {
  table_id: string
  table_version: number
  sign_off: SignOff
  status: Status
  reading: EcgVerdict
  reading_text: Text
  findings: EcgFinding[]
  prompts: PromptId[]
  needs_human: string[]
  missing: string[]
  not_assessed: string[]
}

export interface EcgRead {
  kind: 'patient.ecg_read.v1'
  entry_id: string
  begun_ms: number
  lasts_ms: number
  device: string
  test: boolean
  measured: Measured
  findings: EcgFindings
}

export const EcgVerdict = [
  'suspected',
  'none',
  'incomplete',
] as const
export type EcgVerdict = (typeof EcgVerdict)[number]

export interface EdgeStatus {
  connected: boolean
  pending: number
  last_contact_ms: number | null
  unit_id: string
  call_sign: string
  uplinks: UplinkStatus[]
  classes: ClassStatus[]
  clock: ClockOffset | null
  video: VideoStatus | null
  card_reader: boolean | null
  disk_used: number | null
  commander: string
  refused: string[]
  map: MapStatus | null
  strangers: Stranger[]
}

export interface ElementRow {
  id: string
  usage: Usage
  zh: string
  found: Found
  held: string[]
  reason: string
}

export const End = [
  'device',
  'left',
  'moment',
] as const
export type End = (typeof End)[number]

export interface Ended {
  type: 'ended'
  code: string
}

export interface EntryRow {
  id: string
  kind: string
  what: string
  at_ms: number
  charted_ms: number
  by: string
  text: string | null
  region: string
  result: string
  dose: number | null
  unit: string
  route: string
  findings: Finding[]
  reason: string
  signer: string | null
  relation: string
  signature: string | null
  witness: string | null
  form_version: number | null
  ecg: EcgRead | null
  ecg_id: string
  corrects: string
  role: string
  values: Numeric[]
  confirmed: Sign[]
  withdrawn: string
  withdrawn_by: string
  doubts: string[]
}

export interface EtaAnswer {
  mission_id: string
  unit_id: string
  to: string
  seconds: number | null
  range: ArrivalRange | null
  estimated: boolean
  position_age_s: number | null
  computed_ms: number
}

export const FactKind = [
  'condition',
  'allergy',
  'medicine',
  'observation',
  'device',
  'directive',
] as const
export type FactKind = (typeof FactKind)[number]

export const FaultCode = [
  'no_column',
  'double_column',
  'unknown_column',
  'no_rows',
  'too_many_cells',
  'formula',
  'required',
  'unknown_unit',
  'not_a_time',
  'unknown_duty',
  'not_a_name',
  'ends_early',
  'too_long',
  'person_twice',
  'too_many',
  'overlaps',
  'double_line',
  'unknown_vehicle',
  'double_vehicle',
  'not_a_sign',
  'sign_twice',
  'sign_of_several',
  'sign_taken',
  'not_a_plate',
  'plate_taken',
  'unknown_kind',
  'unknown_station',
  'station_twice',
  'no_place',
  'not_yes_no',
  'on_run',
  'unknown_centre',
  'centre_twice',
  'station_taken',
  'double_station',
  'not_a_degree',
  'half_place',
  'off_the_map',
  'not_a_phone',
  'name_too_long',
  'station_on_run',
] as const
export type FaultCode = (typeof FaultCode)[number]

export interface FenceSight {
  age_s: number
  inside_m: number
  error_m: number
  error_told: boolean
  satellites: number | null
  speed_kmh: number
  fixes: number
  tablet: boolean
}

export interface Figure {
  numerator: number
  denominator: number
  value: number | null
  p50: number | null
  p90: number | null
  missing: number
  excluded: Record<string, number>
}

export const FileKind = [
  'photo',
  'voice',
  'body_camera',
  'ecg',
  'ultrasound',
] as const
export type FileKind = (typeof FileKind)[number]

export interface FileOrigin {
  sha256: string
  size_bytes: number
  patient_id: string
  mission_id: string
  kind: FileKind
  media_type: string
  received_ms: number
}

export interface FileRow {
  patient_id: string
  sha256: string
  kind: FileKind
  media_type: string
  size_bytes: number
  taken_ms: number
  taken_source: TakenSource
  device: string
  caption: string | null
  by: string
  name: string
  added_ms: number
  standing: FileStanding
}

export const FileStanding = [
  'here',
  'awaited',
  'erased',
] as const
export type FileStanding = (typeof FileStanding)[number]

export interface Finding {
  concern: Concern
  stops: boolean
  about: string
}

export interface FirstAidPoint {
  id: string
  name: string
  name_en: string
  point: Point
}

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
  tablet: boolean
  accuracy_m: number | null
}

export interface Fixes {
  type: 'fixes'
  fixes: Fix[]
  doubted: string[]
}

export interface ForecastQuality {
  drives: number
  error_s: number
  bias: number
  ranged: number
  within: number
}

export const Found = [
  'filled',
  'empty',
  'not_held',
  'not_applicable',
] as const
export type Found = (typeof Found)[number]

export interface Frame {
  at_ms: number
  event: string
  late_ms: number
  put: (CallRow | IncidentRow | MissionRow | UnitRow | HospitalRow | PatientRow | HandoverRow | AlertRow | RoadRow | LogRow)[]
  drop: [string, string][]
}

export interface FramePage {
  frames: KeptFrame[]
  more: boolean
  most: number
  days: number
}

export interface GcsParts {
  eye: number | 'NT' | 'T' | null
  verbal: number | 'NT' | 'T' | null
  motor: number | 'NT' | 'T' | null
}

export interface Group {
  key: string
  figure: Figure
}

export interface HandoverRow {
  table: 'handovers'
  id: string
  state: HandoverState
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
  answer_due_ms: number | null
  ended_ms: number | null
  corrections: number
  corrected_ms: number | null
  changed: string[]
  died_ms: number | null
  needs_before: string[]
}

export const HandoverState = [
  'sent',
  'acknowledged',
  'declined',
  'withdrawn',
  'handed_over',
] as const
export type HandoverState = (typeof HandoverState)[number]

export const HelpAlarm = [
  'sos',
  'collision',
  'rollover',
] as const
export type HelpAlarm = (typeof HelpAlarm)[number]

export interface HelpOverRow {
  at_ms: number
  reason: string
  by: string
  seat: string
  role: string
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

export interface HourSpeed {
  weekend: boolean
  hour: number
  share: number
  driven_s: number
}

export interface IdCard {
  name: string
  sex: Sex
  birth_day: string
  age_y: number
  number: string
  expired: boolean
}

export const Identified = [
  'known',
  'unknown',
  'hidden',
  'wrong',
  'disputed',
] as const
export type Identified = (typeof Identified)[number]

export interface ImageOrigin {
  sha256: string
  size_bytes: number
  mission_id: string
  patient_id: string
  device: string
  received_ms: number
  waiting: boolean
}

export interface ImageRegion {
  left: number
  top: number
  right: number
  bottom: number
  mm_per_px_x: number
  mm_per_px_y: number
}

export interface ImportAnswer {
  rows: number
  faults: TableFault[]
  fault_count: number
  changes: ImportRow[]
  unchanged: number
  needs_reason: boolean
  digest: string
  written: boolean
}

export interface ImportRow {
  change: TableChange
  call_sign: string
  warnings: ShiftWarning[]
}

export interface IncidentRow {
  table: 'incidents'
  id: string
  state: IncidentState
  number: string
  calls: string[]
  location: Location | null
  location_source: string
  accuracy_m: number
  topic: string
  answers: Record<string, Record<string, boolean | number | string | string[] | null>>
  next_questions: string[]
  level: string
  level_possible: string
  level_overridden: boolean
  level_complete: boolean
  rules: string[]
  flags: string[]
  plan: string[]
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
  standby: Standby | null
  paper_number: string
  org: string
  offer: Offer | null
  wanted: WantedRow | null
  asks: Ask[]
  node: string
  moved: boolean
}

export const IncidentState = [
  'open',
  'closed',
] as const
export type IncidentState = (typeof IncidentState)[number]

export interface InstructionRow {
  instruction: string
  step: string
  at_ms: number
}

export interface Interval {
  code: string
  call_sign: string
  seconds: number | null
  target_s: number | null
  problem: string
}

export const Keeping = [
  'early',
  'now',
  'lost',
] as const
export type Keeping = (typeof Keeping)[number]

export interface KeptFrame {
  at_ms: number
  sent: boolean
  hex: string
  n: number
  line_ms: number
}

export interface KnownEcg {
  id: string
  incident_id: string
  number: string
  earlier: boolean
  source: 'file' | 'reading'
  at_ms: number | null
  received_ms: number
  lasts_ms: number
  device: string
  name: string
  test: boolean
}

export interface KnownEcgs {
  search: Identified | null
  ecgs: KnownEcg[]
}

export interface Kpi {
  code: string
  numerator: number
  denominator: number
  value: number | null
  unit: string
  target: number | null
  p50: number | null
  p90: number | null
  n: number
  missing: number
  definition: string
  definition_en: string
  source: string
  sign_off: string
  excluded: Record<string, number>
}

export interface Lane {
  ways: Turn[]
  fits: boolean
}

export interface LeadMeasured {
  st_j_mm: number | null
  st_80_mm: number | null
  t_mm: number | null
  q_mm: number | null
  r_mm: number | null
  s_mm: number | null
  reason: string
}

export interface LeadValue {
  lead: string
  st_mm: number
  cut_mm: number
}

export interface LeadsRow {
  device_id: string
  placement: string
  from_ms: number
  by: string
  at_ms: number
}

export interface LearntAnswer {
  learnt_ms: number
  quality: ForecastQuality | null
  fewest: number
  aimed: number
  hours: HourSpeed[]
}

export interface LevelIfAnswer {
  answer: string
  level: string
}

export interface Limits {
  id: string
  version: string
  sign_off: string
  sources: string[]
  ring_s: number
  acknowledge_s: number
  depart_s: number
  prealert_s: number
  vitals_fresh_s: number
  valid_s: Record<string, number>
  reassess_s: Record<string, number>
  chart_every_s: number
  chart_change_s: number
  ecg_clock_s: number
  ecg_read_s: number
  undo_s: number
  callback_s: number
  ask_s: number
  escalate_s: Record<string, number>
  grant_after_handover_h: number
  grant_after_reroute_s: number
  grant_after_run_h: number
  state_s: Record<string, number>
  screen: ScreenLimits
  roster: RosterLimits
}

export type LiveMessage =
  | Snapshot
  | PatchMessage
  | Fixes
  | Numerics
  | Unrecorded
  | Ping
  | Ended

export interface Locality {
  id: string
  name: string
  name_en: string
  kind: string
  point: Point
  population: number | null
}

export interface Location {
  label: string
  lat: number
  lon: number
}

export const LocationSource = [
  'typed',
  'address_index',
  'map_pin',
  'operator',
  'registry',
] as const
export type LocationSource = (typeof LocationSource)[number]

export interface LogIn {
  username: string
  password: string
  totp?: string
}

export interface LogRow {
  table: 'log'
  id: string
  stream: string
  kind: string
  incident_id: string
  summary: Record<string, string>
  changed: string
  was: string
  now: string
  actor: string
  seat: string
  role: string
  occurred_ms: number
  received_ms: number
}

export interface Manoeuvre {
  turn: Turn
  text: string
  streets: string[]
  begin_index: number
  seconds: number
  metres: number
  roundabout_exit: number | null
  lanes: Lane[]
}

export interface MapStatus {
  state: 'fetched' | 'none' | 'own'
  built_ms: number | null
  looked_ms: number | null
  fetched_bytes: number
  fetching_bytes: number
  no_room: boolean
}

export interface MappedPlace {
  place: string
  zh: string
  element: string
  name: string
  note: string
}

export interface MatchedAnswer {
  mission_id: string
  unit_id: string
  call_sign: string
  way: MatchedWay
  matched_ms: number
  stored: number
  next_ms: number | null
}

export interface MatchedStep {
  at_ms: number
  points: Point[]
}

export interface MatchedStretch {
  steps: MatchedStep[]
  driven_m: number
}

export interface MatchedWay {
  stretches: MatchedStretch[]
  unmatched: Unmatched[]
  used: number
  matched: number
}

export interface Measure {
  incident_id: string
  call_sign: string
  at_ms: number
  seconds: number | null
  met: boolean | null
  excluded: string
  groups: Partial<Record<Dimension, string>>
}

export interface Measured {
  leads: Record<string, LeadMeasured>
  heart_rate_per_min: number | null
  rr_irregular: boolean | null
  pr_ms: number | null
  qrs_ms: number | null
  qt_ms: number | null
  qtcf_ms: number | null
  qtcb_ms: number | null
  pacing_spikes: boolean | null
  reasons: Record<string, string>
}

export interface MeasuredRow {
  at_ms: number
  device_id: string
}

export interface MediaPage {
  rows: MediaRow[]
  older: boolean
  announced: Announced[]
}

export interface MediaRow {
  phone: string
  media_id: number
  sha256: string
  size_bytes: number
  unit_id: string
  kind: string
  format: string
  occasion: string
  channel: number
  point: Point | null
  taken_ms: number | null
  received_ms: number
  media_type: string
  erased: boolean
}

export interface Mileage {
  unit_id: string
  fixes: number
  top_kmh: number
  odometer_km: number | null
  track_km: number
  moving_ms: number
  over_ms: number
}

export interface MileageRow {
  call_sign: string
  station_name: string
  driven: Mileage | null
}

export const Milestone = [
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
export type Milestone = (typeof Milestone)[number]

export interface MisleadingRow {
  finding: string
  zh: string
  en: string
}

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
  latest_ms: number | null
  nodes: NodeRow[]
  next_milestone: Milestone | null
  proposed: Milestone[]
  proposals: ProposalRow[]
  can_stand_down: boolean
  destination_id: string
  destination_name: string
  stand_down_reason: string
  task_text: string
  flags: string[]
  assigned_ms: number | null
  since_ms: number
  limit_s: number | null
  ended_ms: number | null
  monitors: MonitorRow[]
  monitor_corrections: MonitorCorrectionRow[]
  bands: Record<string, string>
  leads: LeadsRow[]
  standby: boolean
  callback: CallbackRow | null
  number_shown: boolean
  stand_down_seat: string
  stand_down_seen_ms: number | null
  untreated: UntreatedRow | null
  scene_alarms: SceneAlarmRow[]
  of_node: string
  lent_to: string
}

export const MissionState = [
  'reserved',
  'assigned',
  'acknowledged',
  'en_route',
  'on_scene',
  'at_patient',
  'loaded',
  'to_hospital',
  'at_hospital',
  'handed_over',
  'cleared',
  'stood_down',
] as const
export type MissionState = (typeof MissionState)[number]

export interface MonitorCorrectionRow {
  id: string
  device_id: string
  from_ms: number
  to_ms: number
  patient_id: string
  reason: string
  by: string
  at_ms: number
}

export interface MonitorRow {
  device_id: string
  patient_id: string
  band: string
  since_ms: number
  off: boolean
}

export interface NewDevice {
  kind: 'edge' | 'monitor' | 'phone' | 'terminal'
  unit_id: string
  device_id?: string
}

export interface NewDeviceAnswer {
  device: DeviceRow
  key: string
  vehicle: Vehicle[]
}

export interface NewOrder {
  id: string
  order: Order
}

export interface NewOrganisation {
  kind: 'centre' | 'county' | 'fire' | 'police' | 'station' | 'volunteer'
  parent: string
  name: string
  name_en?: string
}

export interface NewPerson {
  username: string
  name: string
  role: Role
  org: string
  password: string
  seat?: string
  unit_id?: string
  hospital_id?: string
  physician?: boolean
}

export interface NewProfile {
  kind: 'edge' | 'monitor' | 'phone' | 'terminal'
  device_id: string
  datum: Datum
  clock: TerminalClock
  length?: TerminalLength
  reads?: TerminalReads
}

export interface NewSeat {
  org: string
  seat: string
}

export interface NewSeatAnswer {
  device: DeviceRow
  file: Seat
}

export interface NewTotp {
  secret: string
  uri: string
  qr_svg: string
}

export interface Node {
  code: string
  call_sign: string
  at_ms: number
  received_ms: number
  source: string
  actor: string
  original_ms: number | null
  reason: string
  estimated: boolean
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

export const NotTaken = [
  'refused',
  'not_possible',
  'no_device',
  'no_time',
] as const
export type NotTaken = (typeof NotTaken)[number]

export interface NumberAnswer {
  number: string
}

export interface NumberChange {
  what: string
  unit: string
  older: number | null
  newer: number | null
  change: number | null
}

export interface Numeric {
  sign: Sign
  value: number | null
  note: string
  age_ms: number
}

export interface NumericSet {
  device_id: string
  unit_id: string
  device_ms: number | null
  received_ms: number
  values: Numeric[]
  mismatch: boolean
  clock_doubted: boolean
  unstored: boolean
}

export interface Numerics {
  type: 'numerics'
  numerics: NumericSet[]
}

export interface ObservedRow {
  at_ms: number
  by: string
  consciousness: string
  on_oxygen: boolean | null
  gcs: number | null
  pain: number | null
  origin: string
  gcs_text: string
  gcs_eye: number | 'NT' | 'T' | null
  gcs_verbal: number | 'NT' | 'T' | null
  gcs_motor: number | 'NT' | 'T' | null
}

export interface Offer {
  org: string
  org_name: string
  seat: string
  reason: string
  from_org: string
  from_seat: string
  at_ms: number
}

export interface Order {
  kind: OrderKind
  parameter_id: number
  value: string
  interval_s: number
  duration_s: number
  text: string
  channel: number
}

export const OrderKind = [
  'query_parameters',
  'set_parameter',
  'query_position',
  'track',
  'text',
  'query_driver',
  'take_picture',
] as const
export type OrderKind = (typeof OrderKind)[number]

export interface OrderRow {
  id: string
  phone: string
  order: Order
  asked_by: string
  asked_ms: number
  done_ms: number | null
  outcome: string
  parameters: Told[]
  place: string
  read: '' | 'read' | 'unread' | 'waiting'
  read_ms: number | null
}

export interface Organisation {
  id: string
  parent: string
  kind: string
  name: string
  name_en: string
  edited_ms: number | null
  closed_ms: number | null
}

export interface OrganisationChange {
  id: string
  name?: string
  name_en?: string
  parent?: string
  closed?: boolean
}

export const Origin = [
  'person',
  'live',
] as const
export type Origin = (typeof Origin)[number]

export interface OriginRow {
  call_sign: string
  letter: string
}

export const OutOfRange = [
  'lo',
  'hi',
] as const
export type OutOfRange = (typeof OutOfRange)[number]

export interface Outcome {
  outcome: 'accepted'
  versions: Record<string, number>
}

export interface OwnAlarmRow {
  device: string
  event: string
  source: string
  nature: string
  priority: Priority
  words: string
  value: string
  limits: string
  begun_ms: number
  ended_ms: number | null
  end: End | null
  times: number
  quiet: string
  quiet_ms: number | null
  silent_ms: number | null
  origin: string
}

export interface Painted {
  type: 'painted'
  at: number
}

export interface PaintedAnswer {
  delivery: number | null
  received_ms: number
  seats: SeatPainted[]
}

export interface PatchMessage {
  type: 'patch'
  at: number
  put: (CallRow | IncidentRow | MissionRow | UnitRow | HospitalRow | PatientRow | HandoverRow | AlertRow | RoadRow | LogRow)[]
  drop: [string, string][]
}

export interface PatientAboard {
  patient_id: string
  band: string
  letter: string
  sex: Sex
  age_y: number | null
  registered_ms: number
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
  vitals: Numeric[]
  vitals_ms: number | null
  measured: Partial<Record<Sign, MeasuredRow>>
  consciousness: string
  on_oxygen: boolean | null
  gcs: number | null
  gcs_motor: number | null
  gcs_parts: GcsParts | null
  gcs_text: string
  pain: number | null
  score: ScoreRow | null
  score_history: ScoreRow[]
  level: string
  level_by: string
  level_ms: number | null
  registered_ms: number
  record: RecordRow
  alarms: AlarmRow[]
  worse: WorseRow[]
  portrait: PortraitRow | null
  working_name: WorkingName
  seen_ms: Record<string, number>
  news2_until: Record<string, number>
  level_until: Record<string, number>
  letter: string
  joined: string[]
  merged_into: string
  identity: Record<string, WrittenRow[]>
  differs: string[]
  rhythms: RhythmRow[]
  device_alarms: DeviceAlarmRow[]
  reassess: ReassessRow | null
  misleading: MisleadingRow[]
  died_ms: number | null
}

export interface PeerStatus {
  node: string
  connected: boolean
  last_contact_ms: number | null
  units: PeerUnit[]
  refused: number
}

export interface PeerUnit {
  unit_id: string
  call_sign: string
  station_name: string
  unit_kind: string
  state: string
  since_ms: number
  home: string
  epoch: number
  fix: Fix | null
}

export interface PersonChange {
  name?: string
  role?: Role
  org?: string
  seat?: string
  unit_id?: string
  hospital_id?: string
  active?: boolean
  physician?: boolean
  password?: string
}

export interface PersonRow {
  person_id: string
  username: string
  name: string
  role: Role
  org: string
  seat: string
  unit_id: string
  hospital_id: string
  active: boolean
  physician: boolean
  has_totp: boolean
  demo: boolean
  last_seen_ms: number | null
  sessions: number
}

export interface PickedFile {
  patient_id: string
  sha256: string
}

export interface Ping {
  type: 'ping'
  server_ms: number
  delivery: number
}

export interface PlaceTableAnswer {
  zh: string
  en: string
  version: number
  rows: MappedPlace[]
}

export interface Point {
  lat: number
  lon: number
}

export interface PortraitAlertRow {
  kind: AlertKind
  id: string
  name: string | null
  reaction: string | null
  source: string | null
  severity: string
  ppe: string
  day: string
  old: boolean
  verified: boolean
  mri: boolean
  cautions: string[]
  against: PortraitItemRow[]
}

export interface PortraitItemRow {
  rule: string
  colour: Colour
  name: string | null
  source: string | null
  day: string
  live: boolean
  old: boolean
  candidate: boolean
  against: boolean
}

export interface PortraitRegionRow {
  region: string
  colour: Colour
  items: PortraitItemRow[]
}

export interface PortraitRow {
  state: string
  reason: string
  detail: string
  again: boolean
  field: string
  basis: string
  asked_by: string
  asked_ms: number
  taken_ms: number | null
  rules: string
  as_of_day: string
  regions: PortraitRegionRow[]
  alerts: PortraitAlertRow[]
  others: PortraitItemRow[]
  contacts: string[]
  not_understood: number
}

export const Priority = [
  'high',
  'medium',
  'low',
  'unknown',
] as const
export type Priority = (typeof Priority)[number]

export interface Problem {
  type: string
  title: string
  status: number
  code: string
  field: string
  detail: string
}

export const PromptId = [
  'record_v7_v9',
  'record_v3r_v4r',
] as const
export type PromptId = (typeof PromptId)[number]

export interface Proposal {
  ranked: Candidate[]
  skipped: Candidate[]
  metric_version: number
  computed_ms: number
}

export interface ProposalRow {
  milestone: Milestone
  confidence: Confidence
  doubts: Doubt[]
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

export interface Reading {
  sign: Sign
  at_ms: number
  value: number | null
}

export interface ReadingsAnswer {
  mission_id: string
  unit_id: string
  call_sign: string
  readings: Reading[]
  stored: number
  next_ms: number | null
}

export interface ReassessRow {
  level: string
  taken_ms: number | null
  due_ms: number
}

export interface RecommendAnswer {
  ranked: Candidate[]
  skipped: Candidate[]
  metric_version: number
  computed_ms: number
  shortfall: string[]
  ranges: Record<string, ArrivalRange>
}

export interface RecordRow {
  sheets: SheetRead[]
  fields: Record<string, WrittenRow[]>
  entries: EntryRow[]
  missing: string[]
  doses: Record<string, Advice[]>
  signed_by: string
  signed_ms: number | null
  unknown: Record<string, string[]>
  doubts: string[]
}

export interface RedirectAnswer {
  mission_id: string
  candidate: Candidate
  sooner_s: number | null
  from_number: string
  from_level: string
  instead_call_sign: string
  later_s: number | null
}

export interface RefusedCopy {
  node: string
  stream: string
  version: number
  reason: string
  first_ms: number
  last_ms: number
  times: number
  dismissed_ms: number | null
  dismissed_by: string
}

export interface Renewal {
  standing_id: string
  handover_id: string
  needs: string[]
  summary: Clear | null
}

export interface ReplacedRow {
  item: string
  was: boolean | number | string | string[] | null
  was_text: string | null
  was_by: string
  was_ms: number
  personal: boolean
  by: string
  at_ms: number
  reason: string
}

export interface ReplayAnswer {
  clock: ClockOf
  begun_ms: number
  ended_ms: number
  frames: Frame[]
  choices: Choice[]
}

export interface ResidentFact {
  id: string
  kind: FactKind
  standing: Standing
  codes: Code[]
  day: string
  told_day: string
  verified: boolean
  severity: string
  value: number | null
  unit: string
  means: string[]
}

export const Rhythm = [
  'beats',
  'no_beat',
  'chaotic',
  'unclear',
] as const
export type Rhythm = (typeof Rhythm)[number]

export interface RhythmRow {
  device_id: string
  rhythm: Rhythm
  since_ms: number
}

export const RoadReason = [
  'crash',
  'works',
  'water',
  'control',
  'fire',
  'other',
] as const
export type RoadReason = (typeof RoadReason)[number]

export interface RoadRow {
  table: 'roads'
  id: string
  line: Point[]
  both_ways: boolean
  share: number
  reason: string
  label: string
  since_ms: number
  until_ms: number | null
  seat: string
  role: string
}

export const Role = [
  'dispatcher',
  'supervisor',
  'station',
  'crew',
  'hospital',
  'police',
  'fire',
  'volunteer',
  'quality',
  'admin',
  'gateway',
  'vehicle',
  'seat',
  'node',
] as const
export type Role = (typeof Role)[number]

export interface RosterEntry {
  shift_id: string
  kind: string
  at_ms: number
  by: string
  reason: string
  from_ms: number | null
  to_ms: number | null
  duty: DutyKind | null
  crew: CrewMember[]
}

export interface RosterEntryRow {
  entry: RosterEntry
  name: string
}

export interface RosterLimits {
  rest_h: number
  longest_h: number
}

export interface RosterWeek {
  from_ms: number
  to_ms: number
  units: UnitWeekRow[]
  people: string[]
}

export interface Route {
  points: Point[]
  seconds: number
  metres: number
  manoeuvres: Manoeuvre[]
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
  | RoadRow
  | LogRow

export const Rule = [
  'st_elevation',
  'posterior',
  'left_main',
  'sgarbossa_a',
  'sgarbossa_b',
  'sgarbossa_c',
] as const
export type Rule = (typeof Rule)[number]

export interface RunVideo {
  segments: StoredSegment[]
  erased: number
}

export interface SceneAlarmRow {
  device_id: string
  what: string
  how: string
  priority: Priority
  since_ms: number
  silent_ms: number | null
}

export interface ScoreRow {
  news2: number | null
  news2_band: string
  news2_missing: string[]
  level: string
  level_reasons: string[]
  level_missing: string[]
  complete: boolean
  at_ms: number
}

export interface ScreenLimits {
  position_amber_s: number
  position_grey_s: number
  beds_old_s: number
  beds_ask_s: number
  monitor_silent_s: number
  alarms_silent_s: number
  device_clock_off_s: number
  disk_warn_share: number
  link_alarm_s: number
  mute_s: number
  offload_s: number[]
  help_hold_s: number
  driver_lock_kmh: number
  choice_worse_s: number
  resend_s: number
}

export interface Seat {
  org: string
  seat: string
  key: string
}

export interface SeatAnswer {
  seat: string
  org: string
  name: string
  role: string
  present: boolean
}

export const SeatMode = [
  'centre',
  'silent',
  'alone',
] as const
export type SeatMode = (typeof SeatMode)[number]

export interface SeatPainted {
  seat: string
  person: string
  role: string
  at_ms: number | null
  before: number | null
}

export interface SeatStatus {
  mode: SeatMode
  seat: string
  centre_url: string
  connected: boolean
  last_contact_ms: number | null
  since_ms: number | null
  pending: number
  aside: number
  aside_units: string[]
  phones: Record<string, string>
}

export interface SegmentOrigin {
  sha256: string
  size_bytes: number
  mission_id: string
  device: string
  channel: number
  begun_ms: number
  holes: number
  cut: boolean
}

export interface Session {
  person_id: string
  name: string
  role: Role
  org: string
  org_name: string
  seat: string
  unit_id: string
  hospital_id: string
  physician: boolean
  world: string
  demo: boolean
  second_factor_skipped: boolean
  doubles: string[]
  server_ms: number
  expires_ms: number
  views: string[]
  fallback_seat: boolean
  node: string
}

export const Sex = [
  'male',
  'female',
  'unknown',
] as const
export type Sex = (typeof Sex)[number]

export interface SheetRead {
  kind: 'patient.sheet_read.v1'
  sheet: string
  version: number
  status: Status
  used: Used[]
  level: TriageLevel | null
  response: DispatchLevel | null
  scores: SheetScore[]
  reasons: string[]
  responses: string[]
  actions: string[]
  needs: string[]
  missing: string[]
  contradictions: string[]
}

export interface SheetScore {
  table: string
  total: number | null
  band: string
  complete: boolean
}

export interface Shift {
  shift_id: string
  from_ms: number
  to_ms: number
  duty: DutyKind
  crew: CrewMember[]
}

export interface ShiftRow {
  shift: Shift
  warnings: ShiftWarning[]
}

export interface ShiftWarning {
  code: WarningCode
  person: string
  unit_id: string
  from_ms: number
  to_ms: number
  rest_ms: number
}

export const Sign = [
  'heart_rate',
  'pulse',
  'spo2',
  'resp',
  'nibp_sys',
  'nibp_dia',
  'nibp_mean',
  'temp',
  'etco2',
  'glucose',
] as const
export type Sign = (typeof Sign)[number]

export const SignOff = [
  'unsigned',
  'signed',
] as const
export type SignOff = (typeof SignOff)[number]

export interface Signal {
  id: string
  name: string
  name_en: string
  point: Point
}

export interface SignatureRow {
  name: string
  at_ms: number
}

export interface Snapshot {
  type: 'snapshot'
  at: number
  rows: (CallRow | IncidentRow | MissionRow | UnitRow | HospitalRow | PatientRow | HandoverRow | AlertRow | RoadRow | LogRow)[]
}

export const Source = [
  'crew',
  'station',
  'dispatcher',
  'geofence',
  'paper',
  'system',
] as const
export type Source = (typeof Source)[number]

export interface StChange {
  lead: string
  older_mm: number | null
  newer_mm: number | null
  change_mm: number | null
}

export interface Standby {
  occasion: string
  from_ms: number
  until_ms: number
}

export const Standing = [
  'active',
  'past',
  'refuted',
] as const
export type Standing = (typeof Standing)[number]

export interface Station {
  id: string
  name: string
  name_en: string
  point: Point
  level: StationLevel
  parent: string
}

export interface StationChange {
  station_id: string
  was: StationListed | null
  now: StationListed
}

export interface StationFacts {
  parent: string
  name: string
  name_en: string
  point: Point | null
  phone: string
  assumed: boolean
}

export interface StationImport {
  rows: TableStation[]
  faults: TableFault[]
  new: number
  changed: number
  unchanged: number
  refused: number
  digest: string
  written: boolean
}

export const StationLevel = [
  'centre',
  'subcentre',
  'station',
] as const
export type StationLevel = (typeof StationLevel)[number]

export interface StationListed {
  kind: 'station.listed.v1'
  name: string
  name_en: string
  point: Point
  phone: string
  assumed: boolean
}

export interface StationRow {
  station_id: string
  name: string
  name_en: string
  centre: string
  centre_name: string
  centre_name_en: string
  point: Point | null
  phone: string
  assumed: boolean
  units: string[]
  on_duty: number
  told: boolean
}

export const Status = [
  'complete',
  'partial',
  'not_applicable',
  'contradictory',
] as const
export type Status = (typeof Status)[number]

export interface StoredImage {
  origin: ImageOrigin
  instance: string
  study: string
  device_time: string
  label: string
  rows: number
  columns: number
  frames: number
  frame_ms: number | null
  regions: ImageRegion[]
  test: boolean
  problem: string
}

export interface StoredSegment {
  origin: SegmentOrigin
  payload_type: number
  codec: string
  pictures: number
  audio: number
  first_device_ms: number
  last_device_ms: number
  last_received_ms: number
  clock_offset_ms: number
}

export interface Stranger {
  way: 'dicom' | 'ecg' | 'hl7' | 'jt1078' | 'jt808'
  device_id: string
  first_ms: number
  heard_ms: number
  count: number
  reason: string
}

export interface StrangerName {
  place: string
  way: 'dicom' | 'ecg' | 'hl7' | 'jt1078' | 'jt808'
  device_id: string
}

export interface StrangerRow {
  place: string
  others: number
  way: 'dicom' | 'ecg' | 'hl7' | 'jt1078' | 'jt808'
  device_id: string
  first_ms: number
  heard_ms: number
  count: number
  reason: string
  kind: string
  holder: string
  revoked: boolean
  dismissed_ms: number | null
  dismissed_by: string
}

export interface StreamEvent {
  line: LogRow
  name: string
}

export interface TableChange {
  line: number
  unit_id: string
  was: Shift | null
  now: Shift
}

export interface TableFault {
  line: number
  column: string
  value: string
  code: FaultCode
  detail: string
}

export interface TableStation {
  line: number
  name: string
  station_id: string
  verdict: Verdict
  was: StationFacts | null
  now: StationFacts | null
  faults: TableFault[]
}

export interface TableVehicle {
  line: number
  call_sign: string
  unit_id: string
  verdict: Verdict
  was: UnitListed | null
  now: UnitListed | null
  faults: TableFault[]
}

export interface TabletAnswer {
  unheard: Unheard | null
}

export interface TabletCode {
  url: string
  qr: string
  expires_ms: number
}

export interface TabletKey {
  key: string
}

export interface TabletPosition {
  unit_id: string
  point: Point
  accuracy_m: number
  speed_kmh: number | null
  heading_deg: number | null
  device_ms: number
}

export const TakenSource = [
  'tablet',
  'device',
  'received',
] as const
export type TakenSource = (typeof TakenSource)[number]

export interface TerminalAnswer {
  state: TerminalState
  orders: OrderRow[]
}

export const TerminalClock = [
  'china',
  'utc',
] as const
export type TerminalClock = (typeof TerminalClock)[number]

export const TerminalLength = [
  'stated',
  'counted',
] as const
export type TerminalLength = (typeof TerminalLength)[number]

export const TerminalReads = [
  'no',
  'question',
] as const
export type TerminalReads = (typeof TerminalReads)[number]

export interface TerminalState {
  phone: string
  unit_id: string
  connected: boolean
  peer: string
  edition: number
  since_ms: number
  last_ms: number
  frames: number
  bad: number
  last_bad: string
  driver: DriverSaid | null
  trace: WireFrame[]
}

export interface Text {
  zh: string
  en: string
}

export const Tier = [
  'alert',
  'notice',
] as const
export type Tier = (typeof Tier)[number]

export interface TimelineAnswer {
  case: CaseAnswer
  nodes: Node[]
  events: LogRow[]
  intervals: Interval[]
  clocks: VehicleClock[]
  copies: Record<string, string>
}

export interface TogetherAnswer {
  incident_id: string
  candidate: Candidate | null
  first_call_sign: string
  first_for: string
  first_for_level: string
}

export interface Told {
  parameter_id: number
  value: string
}

export interface TrackAnswer {
  mission_id: string
  unit_id: string
  call_sign: string
  fixes: TrackFix[]
  stored: number
  next_ms: number | null
}

export interface TrackFix {
  point: Point
  speed_kmh: number
  heading_deg: number
  at_ms: number
  received_ms: number
  catch_up: boolean
  satellites: number | null
  after_gap: boolean
  tablet: boolean
}

export const TriageLevel = [
  'I',
  'II',
  'III',
  'IV',
] as const
export type TriageLevel = (typeof TriageLevel)[number]

export const Turn = [
  'depart',
  'arrive',
  'continue',
  'slight_right',
  'right',
  'sharp_right',
  'u_turn',
  'sharp_left',
  'left',
  'slight_left',
  'ramp',
  'ramp_right',
  'ramp_left',
  'keep_straight',
  'keep_right',
  'keep_left',
  'merge',
  'roundabout_enter',
  'roundabout_exit',
  'ferry',
] as const
export type Turn = (typeof Turn)[number]

export const Unheard = [
  'terminal',
  'coarse',
  'old',
] as const
export type Unheard = (typeof Unheard)[number]

export interface UnitChange {
  unit_id: string
  was: UnitListed | null
  now: UnitListed
}

export const UnitKind = [
  'als',
  'bls',
] as const
export type UnitKind = (typeof UnitKind)[number]

export interface UnitListed {
  kind: 'unit.listed.v1'
  call_sign: string
  station_id: string
  station_name: string
  station_point: Point
  unit_kind: UnitKind
  assumed: boolean
  plate: string
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
  state: string
  out_of_service: string
  crew: string[]
  mission_id: string
  incident_id: string
  level: string
  since_ms: number
  help_ms: number | null
  duty_ms: number | null
  checks: CheckRow[]
  home: string
  epoch: number
  away: boolean
  help_over: HelpOverRow | null
}

export interface UnitWeekRow {
  unit_id: string
  call_sign: string
  station_id: string
  station_name: string
  unit_kind: string
  assumed: boolean
  roster_id: string
  shifts: ShiftRow[]
  before: Shift[]
}

export interface Unmatched {
  at_ms: number
  point: Point
}

export interface Unrecorded {
  type: 'unrecorded'
  alarms: UnrecordedRow[]
}

export interface UnrecordedRow {
  unit_id: string
  mission_id: string
  device_id: string
  patient_id: string
  alarms: AlarmRow[]
  rhythms: RhythmRow[]
  device_alarms: DeviceAlarmRow[]
}

export interface UntreatedRow {
  reason: string
  name: string
  at_ms: number
  signer: string
  signature: string
  witness: string
  details: string
}

export interface UplinkStatus {
  name: string
  up: boolean
  since_ms: number | null
  answered_ms: number | null
  rate_kbit_s: number
  carries: DataClass[]
}

export const Usage = [
  'mandatory',
  'required',
  'recommended',
  'optional',
] as const
export type Usage = (typeof Usage)[number]

export interface Used {
  item_id: string
  value: boolean | number | string | string[]
  origin: Origin
  live: boolean | number | string | string[] | null
}

export interface Vehicle {
  unit_id: string
  call_sign: string
  key: string
  monitors: string[]
  scanners: string[]
  cameras: string[]
  card_reader_port: number | null
  node: string
  centre: string
}

export interface VehicleClock {
  unit_id: string
  call_sign: string
  heard_ms: number
  offset_ms: number
  uncertainty_ms: number
}

export interface VehicleImport {
  rows: TableVehicle[]
  faults: TableFault[]
  new: number
  changed: number
  unchanged: number
  refused: number
  digest: string
  written: boolean
}

export interface VehicleRow {
  unit_id: string
  call_sign: string
  station_id: string
  station_name: string
  unit_kind: string
  assumed: boolean
  plate: string
  on_duty: boolean
  crew: string[]
  out_of_service: string
  since_ms: number
  devices: CarriedDevice[]
  checks: CheckRow[]
}

export const Verdict = [
  'new',
  'changed',
  'unchanged',
  'refused',
] as const
export type Verdict = (typeof Verdict)[number]

export interface VideoStatus {
  cameras: number
  recording: number
  full: boolean
  watchers: number
  closed: boolean
}

export interface WaitingImage {
  image: StoredImage
  incident_id: string
  number: string
  call_sign: string
  candidates: PatientAboard[]
}

export interface WantedRow {
  unit_kinds: string[]
  crews: number
  others: string[]
  staged: boolean
}

export const WarningCode = [
  'no_crew',
  'no_driver',
  'person_twice',
  'short_rest',
  'unit_twice',
] as const
export type WarningCode = (typeof WarningCode)[number]

export interface WholeRecord {
  patient: PatientRow
  named: boolean
  case: CaseAnswer | null
  mission: MissionRow
  crew: string[]
  nodes: Node[]
  handovers: HandoverRow[]
  charted: ChartedRow[]
  observed: ObservedRow[]
  confirmed: ConfirmedRow[]
  replaced: ReplacedRow[]
  device_alarms: OwnAlarmRow[]
  origins: Record<string, OriginRow>
  people: Record<string, string>
}

export interface WindowAnswer {
  mission_id: string
  unit_id: string
  keeping: Keeping
  road_s: number | null
  estimated: boolean
  activate_ms: number
  busy: boolean
  computed_ms: number
}

export interface WireFrame {
  at_ms: number
  sent: boolean
  hex: string
  n: number
}

export interface WorkingName {
  zh: string
  en: string
}

export interface WorseRow {
  what: string
  before: string
  after: string
  at_ms: number
}

export interface WrittenRow {
  write_id: string
  value: boolean | number | string | string[] | null
  text: string | null
  by: string
  at_ms: number
  reason: string
}
