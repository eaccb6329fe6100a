import { get, type Point, query, type Route } from '@gh/contract'
import { ago, metres, named, t } from '@gh/i18n'
import { useFixes, useNow, useRow, useTable } from '@gh/live'
import { CityMap, isNear, type MapIncident, type MapPlace, type MapUnit } from '@gh/map'
import { Button, ringOf, StateRing, useHotkeys } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { useCity, useContent, useDesk } from './desk.tsx'
import { topicText } from './words.ts'

const STALE_S = 60
const AGE_STEP_S = 10
const ROUTE_MS = 15_000
const TO_SCENE = new Set(['assigned', 'acknowledged', 'en_route'])
const TO_HOSPITAL = new Set(['loaded', 'to_hospital'])
const LEGEND = ['ready', 'assigned', 'en_route', 'on_scene', 'loaded', 'at_hospital', 'off_duty']
const LAYERS = ['units', 'hospitals', 'stations', 'aed'] as const

/** The city with what moves in it. Its failure never stops the boards. */
export function MapPanel() {
  const desk = useDesk()
  const city = useCity()
  const content = useContent()
  const units = useTable('units')
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const hospitals = useTable('hospitals')
  const fixes = useFixes()
  const now = useNow()
  const box = useRef<HTMLDivElement>(null)
  const [off, setOff] = useState<readonly string[]>([])
  const mission = useRow('missions', desk.missionId)
  const shows = (layer: string) => !off.includes(layer)
  useHotkeys({ F7: () => box.current?.querySelector('canvas')?.focus() })

  // Ages on the plates move in steps, so that a still map is not redrawn every second.
  const step = Math.floor(now / (AGE_STEP_S * 1000))
  const plates = useMemo<MapUnit[]>(() => {
    const at = step * AGE_STEP_S * 1000
    const known = new Map(fixes.map((fix) => [fix.unit_id, fix]))
    return units.flatMap((unit) => {
      const fix = known.get(unit.id)
      const point = fix?.point ?? (unit.state === 'ready' ? unit.station_point : null)
      if (point === null) return []
      const age_s = fix ? (at - fix.received_ms) / 1000 : 0
      return [
        {
          id: unit.id,
          point,
          heading_deg: fix?.point && fix.speed_kmh > 3 ? fix.heading_deg : null,
          call_sign: unit.call_sign,
          ring: ringOf(unit.state),
          level: unit.mission_id ? unit.level : '',
          text: t(`state.${unit.state}`),
          stale: fix?.point
            ? age_s > STALE_S
              ? t('map.stale', { age: ago(age_s) })
              : ''
            : t('recommend.no_fix'),
          selected: unit.id === desk.unitId,
          active: unit.mission_id !== '',
          home: unit.state === 'ready' && isNear(point, unit.station_point),
        },
      ]
    })
  }, [units, fixes, step, desk.unitId])

  const data = content.data
  const openId = desk.incident?.id ?? ''
  const pins = useMemo<MapIncident[]>(
    () =>
      incidents.flatMap((incident) =>
        incident.location && (incident.state === 'open' || incident.id === openId)
          ? [
              {
                id: incident.id,
                point: { lat: incident.location.lat, lon: incident.location.lon },
                level: incident.level,
                label: `${incident.number.split('-').at(-1)} ${topicText(data, incident.topic)}`,
                waiting: incident.dispatched_ms === null,
                selected: incident.id === openId,
              },
            ]
          : [],
      ),
    [incidents, openId, data],
  )

  const bound = useMemo(
    () => new Set(missions.filter((m) => m.active).map((m) => m.destination_id)),
    [missions],
  )
  const houses = useMemo<MapPlace[]>(
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
  const stations = useMemo<MapPlace[]>(
    () =>
      (city.data?.stations ?? []).map((station) => {
        const ready = units.filter((u) => u.station_id === station.id && u.state === 'ready')
        return {
          id: station.id,
          point: station.point,
          name: named(station),
          note: ready.length > 0 ? String(ready.length) : undefined,
        }
      }),
    [city.data, units],
  )
  const aeds = useMemo<MapPlace[]>(
    () =>
      (city.data?.aeds ?? []).map((aed) => ({ id: aed.id, point: aed.point, name: named(aed) })),
    [city.data],
  )

  const to = mission
    ? TO_SCENE.has(mission.state)
      ? 'scene'
      : TO_HOSPITAL.has(mission.state) && mission.destination_id
        ? 'hospital'
        : ''
    : ''
  const route = useQuery({
    queryKey: ['route', mission?.id, to, mission?.destination_id],
    queryFn: () => get<Route>(query('/api/route', { mission_id: mission?.id ?? '', to })),
    enabled: to !== '',
    refetchInterval: ROUTE_MS,
    retry: false,
  })

  const scene = desk.incident?.location
  const at = desk.call?.location && !scene ? desk.call.location : scene
  const chosen = plates.find((unit) => unit.id === desk.unitId)
  // The key names the choice: a vehicle that moves does not move the view.
  const points: Point[] = []
  if (at) points.push({ lat: at.lat, lon: at.lon })
  if (chosen) points.push(chosen.point)
  const focus = { key: `${at?.lat},${at?.lon}|${chosen?.id ?? ''}`, points }
  const accuracy = useMemo(
    () =>
      scene && desk.incident
        ? { point: { lat: scene.lat, lon: scene.lon }, radius_m: desk.incident.accuracy_m }
        : at
          ? { point: { lat: at.lat, lon: at.lon }, radius_m: 300 }
          : null,
    [scene, at, desk.incident],
  )
  useHotkeys({ Escape: () => desk.setPinning(null) }, desk.pinning !== null)

  return (
    <section className="gh-panel mapp" aria-label={t('map.title')} ref={box}>
      <div className="gh-ph">
        <h2>{t('map.title')}</h2>
        <span className="gh-m gh-ell">
          {city.data ? named(city.data) : ''}
          {city.data?.fictional ? ` · ${t('city.fictional')}` : ''}
        </span>
        {city.isError ? <span className="gh-warnt gh-s">{t('city.failed')}</span> : null}
        {route.data && mission ? (
          <span className="gh-tag">
            {mission.call_sign} {t(to === 'scene' ? 'route.scene' : 'route.hospital')}{' '}
            <b>{Math.floor(route.data.seconds / 60)}′</b> · {metres(route.data.metres)}
          </span>
        ) : null}
        {route.isError && to !== '' ? (
          <span className="gh-s gh-warnt">{t('errors.no_route')}</span>
        ) : null}
        <span className="gh-sp" />
        <span className="layers">
          {LAYERS.map((layer) => (
            <button
              type="button"
              key={layer}
              aria-pressed={shows(layer)}
              onClick={() =>
                setOff(shows(layer) ? [...off, layer] : off.filter((name) => name !== layer))
              }
              data-testid={`layer-${layer}`}
            >
              {shows(layer) ? '☑' : '☐'} {t(`map.layer.${layer}`)}
            </button>
          ))}
        </span>
        <Button keycap="F7" onClick={() => box.current?.querySelector('canvas')?.focus()}>
          {t('map.title')}
        </Button>
      </div>
      <div className="mapbox">
        <CityMap
          city={city.data}
          units={shows('units') ? plates : undefined}
          incidents={pins}
          hospitals={shows('hospitals') ? houses : undefined}
          stations={shows('stations') ? stations : undefined}
          aeds={shows('aed') ? aeds : undefined}
          accuracy={accuracy}
          route={route.data?.points ?? null}
          focus={focus}
          pinning={desk.pinning !== null}
          onPin={(point) => desk.pinning?.place(point)}
          onIncident={desk.openCase}
          onUnit={(id) => {
            const run = missions.find((m) => m.unit_id === id && m.active)
            if (run) desk.openMission(run)
            else desk.pickUnit(id)
          }}
        />
      </div>
      <div className="legend">
        {LEGEND.map((state) => (
          <span key={state}>
            <StateRing state={state} />
            {t(`state.${state}`)}
          </span>
        ))}
      </div>
    </section>
  )
}
