/** A run goes to another hospital: the one that waits is let go, the other is told, all in one order. */
import { clear, type HandoverRow, type MissionRow, type Renewal } from '@gh/contract'
import { type Sender, useTable, uuid7 } from '@gh/live'
import { OPEN_STATES } from './inbound.ts'

interface Destination {
  hospital_id: string
  reasons: string[]
  reason?: string
  /** By the roads from where the vehicle is; null: not known. */
  eta_s: number | null
}

/** What the next hospital is told of one whom another waits for: the same, but for what is needed now. */
export const renewal = (standing: HandoverRow, needs: readonly string[]): Renewal => ({
  standing_id: standing.id,
  handover_id: uuid7(),
  needs: [...needs],
  summary: standing.summary === null ? null : clear(standing.summary),
})

/** A run goes to another hospital, and everybody who is announced goes along. */
export function useMove(mission: MissionRow, send: Sender['send']) {
  const standing = useTable('handovers').filter(
    (h) => h.mission_id === mission.id && OPEN_STATES.includes(h.state),
  )

  function move(
    { eta_s, ...to }: Destination,
    needsOf: (told: HandoverRow) => readonly string[] = (told) => told.needs,
  ): Promise<unknown> {
    const set = { mission_id: mission.id, ...to }
    const left = standing.filter((h) => h.hospital_id !== to.hospital_id)
    return send(
      left.length === 0
        ? { kind: 'mission.set_destination', ...set }
        : {
            kind: 'mission.reroute',
            ...set,
            eta_s,
            renewals: left.map((told) => renewal(told, needsOf(told))),
          },
    )
  }

  return { standing, move }
}
