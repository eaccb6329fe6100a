/** The rows of the board as signs on the map: vehicles with their plates, cases, hospitals, stations. */
import type { City, EtaAnswer } from '@gh/contract'
import { ago, duration, named, t } from '@gh/i18n'
import { useAllDoubted, useContent, useFixes, useLimits, useNow, useTable } from '@gh/live'
import { isNear, type MapIncident, type MapPlace, type MapUnit } from '@gh/map'
import { ringOf } from '@gh/ui'
import { useMemo } from 'react'
import { useDesk } from './desk.tsx'
import { leftOf, useEtas } from './ways.ts'
import { caseText } from './words.ts'

/** Ages on the plates move in steps, so that a still map is not redrawn every second. */
const STEP_MS = 5_000
const MOVING_KMH = 3

const left = (eta: EtaAnswer | undefined, at_ms: number): string => {
  const left_s = eta ? leftOf(eta, at_ms) : null
  return left_s === null ? '' : `${eta?.estimated ? '≈' : ''}${duration(left_s)}`
}

/** Vehicles that are somewhere: where they were last seen, else at the station where they wait. */
export function usePlates(): MapUnit[] {
  const { unitId } = useDesk()
  const units = useTable('units')
  const missions = useTable('missions')
  const fixes = useFixes()
  const doubted = useAllDoubted()
  const etas = useEtas()
  const amber_s = useLimits()?.screen.position_amber_s
  const at = Math.floor(useNow() / STEP_MS) * STEP_MS
  return useMemo(() => {
    const known = new Map(fixes.map((fix) => [fix.unit_id, fix]))
    const runs = new Map(missions.map((mission) => [mission.id, mission]))
    return units.flatMap((unit) => {
      const fix = known.get(unit.id)
      const point = fix?.point ?? (unit.state === 'ready' ? unit.station_point : null)
      if (point === null) return []
      const run = runs.get(unit.mission_id)
      const age_s = fix ? (at - fix.received_ms) / 1000 : 0
      const in_state_s = run ? (at - run.since_ms) / 1000 : 0
      const old = amber_s !== undefined && age_s > amber_s
      return [
        {
          id: unit.id,
          point,
          heading_deg: fix?.point && fix.speed_kmh > MOVING_KMH ? fix.heading_deg : null,
          call_sign: unit.call_sign,
          ring: ringOf(unit.state),
          level: run?.level ?? '',
          text: t(
            unit.help_ms !== null
              ? 'board.help'
              : run?.state === 'assigned' && run.limit_s !== null && in_state_s > run.limit_s
                ? 'case.not_acknowledged'
                : `state.${unit.state}`,
          ),
          note: run ? left(etas.get(run.id), at) || duration(in_state_s) : '',
          late:
            unit.help_ms !== null ||
            (run !== undefined && run.limit_s !== null && in_state_s > run.limit_s),
          stale: doubted.has(unit.id)
            ? t('map.doubted', { age: ago(age_s) })
            : fix?.point
              ? old
                ? t('map.stale', { age: ago(age_s) })
                : ''
              : t('recommend.no_fix'),
          source: fix?.tablet ? t('map.tablet') : undefined,
          selected: unit.id === unitId,
          active: run !== undefined,
          home: unit.state === 'ready' && isNear(point, unit.station_point),
        },
      ]
    })
  }, [units, missions, fixes, doubted, etas, at, unitId, amber_s])
}

/** Open cases with a place, and the one that is looked at. */
export function usePins(): MapIncident[] {
  const content = useContent()
  const incidents = useTable('incidents')
  const openId = useDesk().incident?.id ?? ''
  return useMemo(
    () =>
      incidents.flatMap((incident) =>
        incident.location && (incident.state === 'open' || incident.id === openId)
          ? [
              {
                id: incident.id,
                point: { lat: incident.location.lat, lon: incident.location.lon },
                level: incident.level,
                label: `${incident.number.split('-').at(-1)} ${caseText(content, incident)}`,
                waiting: incident.state === 'open' && incident.dispatched_ms === null,
                selected: incident.id === openId,
              },
            ]
          : [],
      ),
    [incidents, openId, content],
  )
}

/** Hospitals with their own word on beds; marked where a vehicle is bound for them. */
export function useHouses(): MapPlace[] {
  const hospitals = useTable('hospitals')
  const missions = useTable('missions')
  const bound = useMemo(
    () => new Set(missions.filter((m) => m.active).map((m) => m.destination_id)),
    [missions],
  )
  return useMemo(
    () =>
      hospitals.map((hospital) => ({
        id: hospital.id,
        point: hospital.point,
        name: named(hospital),
        note: hospital.diverting
          ? t('map.diverting')
          : hospital.free_beds.ed === undefined
            ? undefined
            : t('map.beds', { n: hospital.free_beds.ed }),
        marked: bound.has(hospital.id),
      })),
    [hospitals, bound],
  )
}

/** Stations with the number of vehicles that wait there. */
export function useStations(city: City | null | undefined): MapPlace[] {
  const units = useTable('units')
  return useMemo(
    () =>
      (city?.stations ?? []).map((station) => {
        const ready = units.filter((u) => u.station_id === station.id && u.state === 'ready')
        return {
          id: station.id,
          point: station.point,
          name: named(station),
          note: ready.length > 0 ? String(ready.length) : undefined,
        }
      }),
    [city, units],
  )
}

export const useAeds = (city: City | null | undefined): MapPlace[] =>
  useMemo(
    () => (city?.aeds ?? []).map((aed) => ({ id: aed.id, point: aed.point, name: named(aed) })),
    [city],
  )
