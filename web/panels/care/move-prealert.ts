/** A run goes to another hospital: the one that waits is let go, the other is told the same at once. */
import { type Command, clear, type HandoverRow, type Tier } from '@gh/contract'
import { uuid7 } from '@gh/live'

export const STANDING: readonly string[] = ['sent', 'acknowledged']

/** Before the new destination is set, or two teams would wait for one patient. */
export const withdrawal = (standing: HandoverRow, reason: string): Command => ({
  kind: 'handover.withdraw',
  handover_id: standing.id,
  reason,
})

/** After it: what the first hospital was told, to the second. The way there is another one. */
export const sameAlert = (standing: HandoverRow, hospital_id: string): Command => ({
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
