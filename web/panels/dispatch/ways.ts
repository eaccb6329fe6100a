/** Where vehicles are bound for and when they arrive, as the server computes it. */
import { type EtaAnswer, get, type MissionRow, query, type Route } from '@gh/contract'
import { clockTime } from '@gh/i18n'
import { useTable } from '@gh/live'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useRoadsMark } from '../care/roads.ts'

const ETAS_MS = 5_000
const ROUTE_MS = 15_000
const NONE: EtaAnswer[] = []

/** Of every run under way, by the id of the run. */
export function useEtas(): ReadonlyMap<string, EtaAnswer> {
  const missions = useTable('missions')
  const roads = useRoadsMark()
  // Asked again at once when a run begins, ends or turns to another place, or a road is shut.
  const runs = useMemo(
    () =>
      missions
        .filter((mission) => mission.active)
        .map((mission) => `${mission.id}${mission.state}${mission.destination_id}`)
        .join(),
    [missions],
  )
  const found = useQuery({
    queryKey: ['etas', runs, roads],
    queryFn: () => get<EtaAnswer[]>('/api/etas'),
    enabled: runs !== '',
    refetchInterval: ETAS_MS,
    placeholderData: (before) => before,
  })
  return useMemo(
    () => new Map((found.data ?? NONE).map((eta) => [eta.mission_id, eta])),
    [found.data],
  )
}

/** Seconds left of an answer that was true when it was computed; null: no way is known. */
export const leftOf = (eta: EtaAnswer, now_ms: number): number | null =>
  eta.seconds === null ? null : Math.max(0, eta.seconds - (now_ms - eta.computed_ms) / 1000)

/** The clock that a vehicle arrives at, as sure as that is known: "11:40", "11:38-11:43". */
export const arrivesText = (eta: EtaAnswer, left_s: number, now_ms: number): string => {
  const hm = (at_ms: number) => clockTime(at_ms).slice(0, 5)
  if (eta.range === null) return hm(now_ms + left_s * 1000)
  const from = hm(eta.computed_ms + eta.range.low_s * 1000)
  const to = hm(eta.computed_ms + eta.range.high_s * 1000)
  return from === to ? from : `${from}–${to}`
}

/** The line of a run's way; asked only where the server knows that it is bound for somewhere. */
export const useRunRoute = (mission: MissionRow | undefined, to: string | undefined) => {
  const roads = useRoadsMark()
  return useQuery({
    queryKey: ['route', mission?.id, to, mission?.destination_id, roads],
    queryFn: () => get<Route>(query('/api/route', { mission_id: mission?.id ?? '', to })),
    enabled: mission !== undefined && to !== undefined,
    refetchInterval: ROUTE_MS,
    retry: false,
  })
}

/** The way that a vehicle would take to a case; empty ids ask nothing. */
export function useProposedRoute(unit_id: string, incident_id: string, located_ms: number | null) {
  const roads = useRoadsMark()
  return useQuery({
    queryKey: ['proposed', unit_id, incident_id, located_ms, roads],
    queryFn: () => get<Route>(query('/api/route/proposed', { unit_id, incident_id })),
    enabled: unit_id !== '' && incident_id !== '' && located_ms !== null,
    refetchInterval: ROUTE_MS,
    retry: false,
  })
}
