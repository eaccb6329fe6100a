/** The way ahead on the city's map, which the vehicle's own computer serves: it needs no network. */
import {
  type City,
  type EdgeStatus,
  type IncidentRow,
  type MissionRow,
  query,
  type Route,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useFix, useRow } from '@gh/live'
import { CityMap } from '@gh/map'
import { ringOf } from '@gh/ui'
import { useMemo } from 'react'
import { span } from '../care/format.ts'
import { Guard } from '../care/guard.tsx'
import { useGet } from '../care/query.ts'
import { useMapRoads } from '../care/roads.ts'
import { hospitalName, missionState } from '../care/words.ts'
import { lacksMap, NoMap } from './offline-map.tsx'

/** About 100 m: while it drives, the view follows in steps and does not swim. */
const STEPS_PER_DEGREE = 1000

interface Props {
  mission: MissionRow
  incident: IncidentRow | undefined
  way: Route | undefined
  to: 'scene' | 'hospital'
}

export function WayMap({ mission, incident, way, to }: Props) {
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 })
  const lacking = lacksMap(edge.data)
  const edition = edge.data?.map?.built_ms ?? undefined
  const city = useGet<City | null>(lacking ? null : query('/api/city', { edition }), {
    stale_ms: Number.POSITIVE_INFINITY,
  })
  const fix = useFix(mission.unit_id)
  const roads = useMapRoads()
  const hospital = useRow('hospitals', mission.destination_id)
  const here = fix?.point ?? null
  const place = incident?.location
  const goal = to === 'hospital' ? (hospital?.point ?? null) : place ? place : null
  const routes = useMemo(
    () =>
      way
        ? [
            {
              id: mission.id,
              points: [...way.points],
              kind: to,
              label: mission.call_sign,
              eta: span(way.seconds),
              selected: true,
            },
          ]
        : [],
    [way, mission.id, mission.call_sign, to],
  )
  const step = (value: number | undefined) => Math.round((value ?? 0) * STEPS_PER_DEGREE)
  if (lacking) {
    return (
      <div className="crew-map" data-testid="way-map">
        <NoMap map={lacking} connected={edge.data?.connected === true} />
      </div>
    )
  }
  return (
    <div className="crew-map" data-testid="way-map">
      <Guard what={t('crew.map_broken')} works={t('crew.map_works')}>
        <CityMap
          city={city.data}
          edition={edition}
          tools={false}
          units={
            here
              ? [
                  {
                    id: mission.unit_id,
                    point: here,
                    heading_deg: fix?.heading_deg ?? null,
                    call_sign: mission.call_sign,
                    ring: ringOf(mission.state),
                    level: '',
                    text: missionState(mission.state),
                    note: '',
                    stale: '',
                    active: true,
                  },
                ]
              : []
          }
          incidents={
            to === 'scene' && place
              ? [
                  {
                    id: mission.incident_id,
                    point: { lat: place.lat, lon: place.lon },
                    level: mission.level,
                    label: place.label,
                    selected: true,
                  },
                ]
              : []
          }
          hospitals={
            to === 'hospital' && hospital
              ? [
                  {
                    id: hospital.id,
                    point: hospital.point,
                    name: hospitalName(hospital),
                    marked: true,
                  },
                ]
              : []
          }
          routes={routes}
          roads={roads}
          focus={{
            key: `${mission.id}${to}:${step(here?.lat)}:${step(here?.lon)}:${way ? 'way' : ''}`,
            points: [here, goal, ...(way?.points ?? [])].flatMap((point) =>
              point ? [{ lat: point.lat, lon: point.lon }] : [],
            ),
          }}
        />
      </Guard>
    </div>
  )
}
