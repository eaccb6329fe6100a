/** Everything on its way to this hospital, in the order of the board, with the newest estimate. */
import { type EtaAnswer, get, type HandoverRow, type MissionRow, query } from '@gh/contract'
import { useTable } from '@gh/live'
import { useQuery } from '@tanstack/react-query'
import { compareInbound, type Inbound, inboundOf, OPEN_STATES, personOf } from '../care/inbound.ts'

const EVERY_MS = 10_000
/** Only a vehicle on its way here has a road to here; before, the crew's own estimate counts. */
const ON_ROAD = ['loaded', 'to_hospital']
const NONE: EtaAnswer[] = []

export const routeOf = (missionId: string): string =>
  query('/api/route', { mission_id: missionId, to: 'hospital' })

export type Arrivals = { open: Inbound[]; done: Inbound[] }

export function useArrivals(hospitalId: string): Arrivals {
  const handovers = useTable('handovers').filter((h) => h.hospital_id === hospitalId)
  const missions = useTable('missions')
  const patients = useTable('patients')
  const open = handovers.filter((h) => OPEN_STATES.includes(h.state))
  const onRoad = missions
    .filter((m) => ON_ROAD.includes(m.state) && open.some((h) => h.mission_id === m.id))
    .map((m) => m.id)
  const etas = useQuery({
    queryKey: ['etas', onRoad.join()],
    queryFn: () => get<EtaAnswer[]>('/api/etas'),
    enabled: onRoad.length > 0,
    refetchInterval: EVERY_MS,
    retry: false,
    placeholderData: (before) => before,
  })
  const known = (onRoad.length > 0 ? etas.data : undefined) ?? NONE
  /** A straight line knows less of the way than the crew does. */
  const etaOf = (h: HandoverRow) =>
    known.find((e) => e.mission_id === h.mission_id && e.to === 'hospital' && !e.estimated)
  const join = (h: HandoverRow): Inbound =>
    inboundOf(
      h,
      missions.find((m: MissionRow) => m.id === h.mission_id),
      personOf(patients, h.patient_id),
      onRoad.includes(h.mission_id) ? etaOf(h) : undefined,
    )
  return {
    open: open.map(join).sort(compareInbound),
    done: handovers
      .filter((h) => h.state === 'handed_over')
      .map(join)
      .sort((a, b) => (b.handover.ended_ms ?? 0) - (a.handover.ended_ms ?? 0)),
  }
}
