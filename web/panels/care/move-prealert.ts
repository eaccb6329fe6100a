/** A run goes to another hospital: the one that waits is let go, the other is told the same at once. */
import {
  type Command,
  clear,
  type HandoverRow,
  type MissionRow,
  type PatientRow,
  type Tier,
} from '@gh/contract'
import { type Sender, useTable, uuid7 } from '@gh/live'
import { useRef } from 'react'
import { OPEN_STATES, personOf } from './inbound.ts'

/** Before the new destination is set, or two teams would wait for one patient. */
const withdrawal = (standing: HandoverRow, reason: string): Command => ({
  kind: 'handover.withdraw',
  handover_id: standing.id,
  reason,
})

/** After it: what the first hospital was told, to the second. The way there is another one. */
const sameAlert = (standing: HandoverRow, hospital_id: string): Command => ({
  kind: 'handover.prealert',
  handover_id: uuid7(),
  mission_id: standing.mission_id,
  patient_id: standing.patient_id,
  hospital_id,
  tier: standing.tier as Tier,
  needs: [...standing.needs],
  eta_s: null,
  summary: standing.summary === null ? null : clear(standing.summary),
})

/**
 * What the new hospital is told: of each person once, by the record that shows them, and of nobody
 * whom it expects. A record that another run's shows is announced no more.
 */
export function toTell(
  untold: readonly HandoverRow[],
  there: readonly HandoverRow[],
  patients: readonly PatientRow[],
): HandoverRow[] {
  const recordOf = (h: HandoverRow) => personOf(patients, h.patient_id)?.id ?? h.patient_id
  const expected = there.map(recordOf)
  const newest = new Map<string, HandoverRow>()
  for (const h of [...untold].sort((a, b) => a.sent_ms - b.sent_ms)) {
    const patient_id = recordOf(h)
    const merged = patients.find((p) => p.id === patient_id)?.merged_into
    if (!merged && !expected.includes(patient_id)) newest.set(patient_id, { ...h, patient_id })
  }
  return [...newest.values()]
}

interface Destination {
  hospital_id: string
  reasons: string[]
  reason?: string
}

/** A run goes to another hospital, and everybody who is announced goes along. */
export function useMove(mission: MissionRow, send: Sender['send']) {
  const patients = useTable('patients')
  const standing = useTable('handovers').filter(
    (h) => h.mission_id === mission.id && OPEN_STATES.includes(h.state),
  )
  // Let go and told nobody yet: a refusal half-way leaves them to the next try.
  const untold = useRef<readonly HandoverRow[]>([])

  async function move(to: Destination, reason: string): Promise<boolean> {
    const there = standing.filter((h) => h.hospital_id === to.hospital_id)
    for (const handover of standing.filter((h) => h.hospital_id !== to.hospital_id)) {
      // One that still stands elsewhere must be withdrawn, or two teams wait for one patient.
      if ((await send(withdrawal(handover, reason))) === null) return false
      untold.current = [...untold.current, handover]
    }
    const set = await send({ kind: 'mission.set_destination', mission_id: mission.id, ...to })
    if (set === null) return false
    for (const handover of toTell(untold.current, there, patients)) {
      if ((await send(sameAlert(handover, to.hospital_id))) === null) return false
      untold.current = untold.current.filter((h) => h.id !== handover.id)
    }
    untold.current = []
    return true
  }

  /** Whether this one goes along. */
  const takes = (handover: HandoverRow | undefined): boolean =>
    [...standing, ...untold.current].some((h) => h.id === handover?.id)

  return { standing, takes, move }
}
