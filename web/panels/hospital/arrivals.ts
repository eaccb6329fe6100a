/** Everything on its way to this hospital, in the order of the board, with the newest estimate. */
import { get, type HandoverRow, type MissionRow, query, type Route } from '@gh/contract'
import { useTable } from '@gh/live'
import { useQueries } from '@tanstack/react-query'
import { compareInbound, type Inbound, inboundOf, OPEN_STATES, personOf } from '../care/inbound.ts'

const EVERY_MS = 15_000
/** Only a vehicle on its way here has a road to here; before, the crew's own estimate counts. */
const ON_ROAD = ['loaded', 'to_hospital']

export const routeOf = (missionId: string): string =>
  query('/api/route', { mission_id: missionId, to: 'hospital' })

export type Arrivals = { open: Inbound[]; done: Inbound[] }

export function useArrivals(hospitalId: string): Arrivals {
  const handovers = useTable('handovers').filter((h) => h.hospital_id === hospitalId)
  const missions = useTable('missions')
  const patients = useTable('patients')
  const open = handovers.filter((h) => OPEN_STATES.includes(h.state))
  const onRoad = missions.filter(
    (m) => ON_ROAD.includes(m.state) && open.some((h) => h.mission_id === m.id),
  )
  const routes = useQueries({
    queries: onRoad.map((m) => ({
      // The key of `useGet`, so that the map of the patient asks nothing twice.
      queryKey: ['get', routeOf(m.id)],
      queryFn: () => get<Route>(routeOf(m.id)),
      refetchInterval: EVERY_MS,
      retry: false,
    })),
  })
  const arrives = new Map<string, number>()
  onRoad.forEach((m, i) => {
    const answer = routes[i]
    if (answer?.data) arrives.set(m.id, answer.dataUpdatedAt + answer.data.seconds * 1000)
  })
  const join = (h: HandoverRow): Inbound =>
    inboundOf(
      h,
      missions.find((m: MissionRow) => m.id === h.mission_id),
      personOf(patients, h.patient_id),
      arrives.get(h.mission_id) ?? null,
    )
  return {
    open: open.map(join).sort(compareInbound),
    done: handovers
      .filter((h) => h.state === 'handed_over')
      .map(join)
      .sort((a, b) => (b.handover.ended_ms ?? 0) - (a.handover.ended_ms ?? 0)),
  }
}
