/** What the crew's screen derives from the rows; no clock, no state. */
import {
  type Fix,
  type Limits,
  MILESTONES,
  type Milestone,
  type MissionRow,
  type NodeRow,
  type PatientRow,
  type Session,
  type Source,
} from '@gh/contract'
import { standing } from './identity.ts'

/** After a node the big button waits, so that a bouncing finger cannot set two. */
export const SETTLE_MS = 1_500

/** The run on the screen: the active one, else the newest reservation. */
export function currentMission(missions: readonly MissionRow[]): MissionRow | undefined {
  const newest = (a: MissionRow, b: MissionRow) => b.since_ms - a.since_ms
  return (
    missions.filter((m) => m.active).sort(newest)[0] ??
    missions.filter((m) => m.state === 'reserved').sort(newest)[0]
  )
}

const newestEnd = (a: MissionRow, b: MissionRow) => (b.ended_ms ?? 0) - (a.ended_ms ?? 0)

/** Called off after this crew had been told of it, and nobody of it has said that they read so. */
export const calledOff = (missions: readonly MissionRow[], unitId: string): MissionRow[] =>
  missions
    .filter(
      (m) =>
        m.unit_id === unitId &&
        m.state === 'stood_down' &&
        m.assigned_ms !== null &&
        m.stand_down_seen_ms === null,
    )
    .sort(newestEnd)

export const unsigned = (patients: readonly PatientRow[]): PatientRow[] =>
  patients.filter((p) => p.record.signed_ms === null)

export interface EndedRun {
  mission: MissionRow
  patients: readonly PatientRow[]
}

/** The unit's own runs that are over and had a patient: what lacks a signature first, then by age. */
export function endedRuns(
  missions: readonly MissionRow[],
  patients: readonly PatientRow[],
  unitId: string,
): EndedRun[] {
  const open = (run: EndedRun) => Math.min(unsigned(run.patients).length, 1)
  return missions
    .filter((m) => m.unit_id === unitId && m.ended_ms !== null)
    .sort(newestEnd)
    .map((mission) => ({
      mission,
      patients: standing(patients.filter((p) => p.mission_id === mission.id)),
    }))
    .filter((run) => run.patients.length > 0)
    .sort((a, b) => open(b) - open(a))
}

/** Own ended runs that the crew had taken and that had no patient: what is not yet signed first. */
export const untreatedRuns = (
  missions: readonly MissionRow[],
  patients: readonly PatientRow[],
  unitId: string,
): MissionRow[] =>
  missions
    .filter(
      (m) =>
        m.unit_id === unitId &&
        m.ended_ms !== null &&
        m.nodes.length > 0 &&
        !m.standby &&
        !patients.some((p) => p.mission_id === m.id),
    )
    .sort(newestEnd)
    .sort((a, b) => Number(a.untreated !== null) - Number(b.untreated !== null))

/** How much longer a run that was just finished stays on the screen: while that can be undone. */
export function lingers(mission: MissionRow, now_ms: number, undo_ms: number): number {
  const last = mission.nodes.at(-1)
  if (mission.state !== 'cleared' || last === undefined || last.supplied_late) return 0
  // The vehicle's clock may be a little ahead of the tablet's.
  return Math.max(0, undo_ms - Math.max(0, now_ms - last.at_ms))
}

export type Stage = 'to_scene' | 'scene' | 'to_hospital' | 'hospital' | 'ended'

export function stageOf(mission: MissionRow): Stage {
  switch (mission.state) {
    case 'reserved':
    case 'assigned':
    case 'acknowledged':
    case 'en_route':
      return 'to_scene'
    case 'on_scene':
    case 'at_patient':
      return 'scene'
    case 'loaded':
    case 'to_hospital':
      return 'to_hospital'
    case 'at_hospital':
    case 'handed_over':
      return 'hospital'
    default:
      return 'ended'
  }
}

export type RailItem = {
  milestone: Milestone
  node: NodeRow | undefined
  /** The newest node: the state counts from here. */
  current: boolean
  /** A later node is set and this one was forgotten. */
  missed: boolean
}

export function rail(mission: MissionRow): RailItem[] {
  const at = (m: Milestone) => mission.nodes.find((n) => n.milestone === m)
  const last = MILESTONES.findLastIndex((m) => at(m) !== undefined)
  return MILESTONES.map((milestone, i) => ({
    milestone,
    node: at(milestone),
    current: i === last,
    missed: i < last && at(milestone) === undefined,
  }))
}

/** The newest node while it can still be taken back, with the time that is left. */
export function undoable(
  mission: MissionRow,
  now_ms: number,
  undo_ms: number,
): { milestone: Milestone; left_ms: number } | null {
  const last = mission.nodes.at(-1)
  // A run that was called off does not come back.
  if (mission.state === 'stood_down' || last === undefined || last.supplied_late) return null
  const left_ms = undo_ms - (now_ms - last.at_ms)
  return left_ms > 0 && left_ms <= undo_ms ? { milestone: last.milestone, left_ms } : null
}

/** A forgotten node lies between its neighbours; the dialog starts at the middle of them. */
export function guessTime(mission: MissionRow, milestone: Milestone, now_ms: number): number {
  const own = mission.nodes.find((n) => n.milestone === milestone)
  if (own !== undefined) return own.at_ms
  const index = MILESTONES.indexOf(milestone)
  const before = mission.nodes.filter((n) => MILESTONES.indexOf(n.milestone) < index).at(-1)
  const after = mission.nodes.find((n) => MILESTONES.indexOf(n.milestone) > index)
  const from = before?.at_ms ?? mission.assigned_ms ?? mission.since_ms
  return Math.floor((from + (after?.at_ms ?? now_ms)) / 2)
}

const SEVERITY = ['I', 'II', 'III', 'IV']

/** Choosing a milder level than proposed needs a reason. */
export function lowers(chosen: string, proposed: string): boolean {
  const a = SEVERITY.indexOf(chosen)
  const b = SEVERITY.indexOf(proposed)
  return a >= 0 && b >= 0 && a > b
}

/** A node is said in one's own name: a station cannot mark it as if the crew had. */
export const whoSays = (session: Session | null | undefined): Source =>
  session?.role === 'station' ? 'station' : 'crew'

/** A driver's screen is locked while the vehicle moves; a position that is old says nothing. */
export const isMoving = (
  fix: Pick<Fix, 'speed_kmh' | 'received_ms'> | undefined,
  now_ms: number,
  limits: Limits | undefined,
): boolean =>
  fix !== undefined &&
  limits !== undefined &&
  now_ms - fix.received_ms <= limits.screen.position_amber_s * 1000 &&
  fix.speed_kmh > limits.screen.driver_lock_kmh
