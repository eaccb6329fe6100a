/** What is on its way to a hospital: the order of the board and the clock of a row. */
import type { ArrivalRange, EtaAnswer, HandoverRow, MissionRow, PatientRow } from '@gh/contract'

const TRIAGE = ['I', 'II', 'III', 'IV']

/** The level to sort by: a clinician's word, else the computed proposal; unknown comes first after II. */
export function levelOf(patient: PatientRow | undefined): { level: string; confirmed: boolean } {
  if (patient === undefined) return { level: '', confirmed: false }
  if (patient.level !== '') return { level: patient.level, confirmed: true }
  return { level: patient.score?.level ?? '', confirmed: false }
}

/** An unknown level is never "not urgent": it stands between II and III. */
export function levelRank(level: string): number {
  const rank = TRIAGE.indexOf(level)
  return rank < 0 ? 1.5 : rank
}

/**
 * A graver level that is proposed since a clinician confirmed one; empty: none. What was proposed
 * already when they confirmed was theirs to judge; what rises again afterwards is not.
 */
export function risenTo(patient: PatientRow | undefined): string {
  const confirmed_ms = patient?.level_ms ?? null
  if (patient === undefined || patient.level === '' || confirmed_ms === null) return ''
  const proposed = patient.score?.level ?? ''
  const before = patient.score_history.filter((one) => one.at_ms <= confirmed_ms).at(-1)
  const since = patient.score_history.filter((one) => one.at_ms > confirmed_ms)
  const ranks = [...(before ? [before] : []), ...since]
    .filter((one) => one.level !== '')
    .map((one) => levelRank(one.level))
  const known = Math.max(...ranks, before === undefined ? levelRank(patient.level) : 0)
  const rank = levelRank(proposed)
  return proposed !== '' && rank < levelRank(patient.level) && rank < known ? proposed : ''
}

/** What to sort by: the graver of a clinician's word and of what is proposed since. */
const gravest = (patient: PatientRow | undefined): number =>
  levelRank(risenTo(patient) || levelOf(patient).level)

export type Inbound = {
  handover: HandoverRow
  mission: MissionRow | undefined
  patient: PatientRow | undefined
  /** When the vehicle should be at the door; null: nobody said. */
  arrives_ms: number | null
  /** As early and as late as that may be; null: not known. */
  range_ms: readonly [number, number] | null
  arrived_ms: number | null
}

export const OPEN_STATES: readonly string[] = ['sent', 'acknowledged']

export function nodeAt(mission: MissionRow | undefined, milestone: string): number | null {
  return mission?.nodes.find((n) => n.milestone === milestone)?.at_ms ?? null
}

export function inboundOf(
  handover: HandoverRow,
  mission: MissionRow | undefined,
  patient: PatientRow | undefined,
  /** By the roads from where the vehicle is, if that is known; it is newer than what was told. */
  eta: EtaAnswer | undefined,
): Inbound {
  const told = handover.eta_s === null ? null : handover.sent_ms + handover.eta_s * 1000
  return {
    handover,
    mission,
    patient,
    arrives_ms: eta?.seconds == null ? told : eta.computed_ms + eta.seconds * 1000,
    range_ms: eta?.range ? rangeOf(eta, eta.range) : null,
    arrived_ms: nodeAt(mission, 'at_hospital'),
  }
}

const rangeOf = (eta: EtaAnswer, range: ArrivalRange): [number, number] => [
  eta.computed_ms + range.low_s * 1000,
  eta.computed_ms + range.high_s * 1000,
]

/** By level as it is now, then by arrival; who stands at the door comes first within a level. */
export function compareInbound(a: Inbound, b: Inbound): number {
  const byLevel = gravest(a.patient) - gravest(b.patient)
  if (byLevel !== 0) return byLevel
  const at = (i: Inbound) => i.arrived_ms ?? i.arrives_ms ?? Number.MAX_SAFE_INTEGER
  return at(a) - at(b) || a.handover.sent_ms - b.handover.sent_ms
}

/** Needs the alarm: the team is wanted and nobody has answered. */
export const alarms = (h: HandoverRow): boolean => h.state === 'sent' && h.tier === 'alert'

/** Whether this record is the patient's: the one that stands, or one that was merged into it. */
export const isOf = (patient: PatientRow, id: string): boolean =>
  id === patient.id || patient.joined.includes(id)

const HELD: readonly string[] = [...OPEN_STATES, 'handed_over']

/** The newest that a hospital holds of this patient, or of anybody; else the newest that ended. */
export function handoverOf(
  handovers: readonly HandoverRow[],
  patient: PatientRow | undefined,
): HandoverRow | undefined {
  const theirs = handovers
    .filter((h) => patient === undefined || isOf(patient, h.patient_id))
    .sort((a, b) => b.sent_ms - a.sent_ms)
  return theirs.find((h) => HELD.includes(h.state)) ?? theirs[0]
}

/** From then on the patient hangs on other devices, and these have nothing more to say. */
export const isHandedOver = (
  mission: MissionRow | undefined,
  handover: HandoverRow | undefined,
): boolean => handover?.state === 'handed_over' || nodeAt(mission, 'handed_over') !== null

/** The record that shows this patient: the one that it was merged into, where it may be read. */
export function personOf(patients: readonly PatientRow[], id: string): PatientRow | undefined {
  const found = patients.find((p) => p.id === id)
  return patients.find((p) => p.id === found?.merged_into) ?? found
}
