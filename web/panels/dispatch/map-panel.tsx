import type { MissionRow, Point } from '@gh/contract'
import { duration, metres, named, t } from '@gh/i18n'
import { useRow, useTable } from '@gh/live'
import { CityMap, type MapRoute } from '@gh/map'
import { Button, StateRing, useHotkeys } from '@gh/ui'
import { useMemo, useRef, useState } from 'react'
import { useMapRoads } from '../care/roads.ts'
import { useCity, useDesk, useRecommendation } from './desk.tsx'
import { INSET_FROM_PX, INSET_PX, LocationInset } from './location-inset.tsx'
import { useAeds, useHouses, usePins, usePlates, useStations } from './plates.ts'
import { draftRoad, Roads, useRoadDraft } from './roads.tsx'
import { useEtas, useProposedRoute, useRunRoute } from './ways.ts'

const LEGEND = ['ready', 'assigned', 'en_route', 'on_scene', 'loaded', 'at_hospital', 'off_duty']
const LAYERS = ['units', 'hospitals', 'stations', 'aed', 'roads'] as const
/** How many of the proposed vehicles the view holds beside a case that waits. */
const IN_VIEW = 3
/** A caller's telephone whose operator gave no radius. */
const UNKNOWN_RADIUS_M = 300

/** The way of the run that is looked at, or of the vehicle that is proposed. */
function useWays(shown: MissionRow | undefined): { routes: MapRoute[]; failed: boolean } {
  const desk = useDesk()
  const { incident } = desk
  const etas = useEtas()
  const proposal = useRecommendation().data
  const to = shown ? etas.get(shown.id)?.to : undefined
  const run = useRunRoute(shown, to)
  const waiting = incident?.state === 'open' && incident.dispatched_ms === null
  const picked = proposal?.ranked.find((one) => one.unit_id === desk.unitId)
  const candidate = waiting && !shown ? (picked ?? proposal?.ranked[0]) : undefined
  const proposed = useProposedRoute(
    candidate?.unit_id ?? '',
    candidate ? (incident?.id ?? '') : '',
    incident?.located_ms ?? null,
  )
  const routes = useMemo<MapRoute[]>(() => {
    if (shown && to !== undefined && run.data) {
      const eta = etas.get(shown.id)
      return [
        {
          id: shown.id,
          points: run.data.points,
          kind: to === 'hospital' ? 'hospital' : 'scene',
          label: `${shown.call_sign} ${t(to === 'hospital' ? 'route.hospital' : 'route.scene')} ${metres(run.data.metres)}`,
          eta: duration(eta?.seconds ?? run.data.seconds),
          selected: true,
        },
      ]
    }
    if (candidate && proposed.data) {
      return [
        {
          id: candidate.unit_id,
          points: proposed.data.points,
          kind: 'proposed',
          label: `${t('route.proposed', { unit: candidate.call_sign })} ${metres(proposed.data.metres)}`,
          eta: duration(candidate.eta_s ?? proposed.data.seconds),
          selected: true,
        },
      ]
    }
    return []
  }, [shown, to, run.data, etas, candidate, proposed.data])
  return { routes, failed: to !== undefined && run.isError }
}

/** The city with what moves in it. Its failure never stops the boards. */
export function MapPanel() {
  const desk = useDesk()
  const city = useCity()
  const missions = useTable('missions')
  const units = useTable('units')
  const plates = usePlates()
  const pins = usePins()
  const houses = useHouses()
  const stations = useStations(city.data)
  const aeds = useAeds(city.data)
  const known = useMapRoads()
  const draft = useRoadDraft()
  const [roadsOpen, setRoadsOpen] = useState<string | null>(null)
  const proposal = useRecommendation().data
  const box = useRef<HTMLDivElement>(null)
  const [off, setOff] = useState<readonly string[]>([])
  const { incident } = desk
  const running = missions.filter((m) => m.active && m.incident_id === incident?.id)
  const chosenRun = useRow('missions', desk.missionId)
  const shown = chosenRun ?? running[0]
  const { routes, failed } = useWays(shown)
  const shows = (layer: string) => !off.includes(layer)
  useHotkeys({ F7: () => box.current?.querySelector('canvas')?.focus() })

  const scene = incident?.location
  const at = desk.call?.location && !scene ? desk.call.location : scene
  // The view holds the case, and who goes there or could go; the key names them, not where they
  // are, so that a vehicle that moves does not move the view.
  const wanted = new Set(
    running.length > 0
      ? running.map((run) => run.unit_id)
      : incident?.state === 'open'
        ? (proposal?.ranked ?? []).slice(0, IN_VIEW).map((one) => one.unit_id)
        : [],
  )
  if (desk.unitId !== '') wanted.add(desk.unitId)
  const inView = plates.filter((plate) => wanted.has(plate.id))
  const bound = houses.find((house) => house.id === shown?.destination_id)
  const points: Point[] = []
  if (at) points.push({ lat: at.lat, lon: at.lon })
  if (at || desk.unitId !== '') points.push(...inView.map((plate) => plate.point))
  if (at && bound) points.push(bound.point)
  if (at) points.push(...routes.flatMap((route) => route.points))
  const waits = incident?.state === 'open' && incident.dispatched_ms === null
  const focus = {
    key: [
      `${at?.lat},${at?.lon}`,
      ...inView.map((plate) => plate.id),
      bound?.id ?? '',
      ...routes.map((route) => `${route.id}${route.kind}`),
    ].join('|'),
    points,
    covered: waits && scene ? { right_px: INSET_PX, from_px: INSET_FROM_PX } : undefined,
  }
  const accuracy = useMemo(
    () =>
      scene && incident
        ? { point: { lat: scene.lat, lon: scene.lon }, radius_m: incident.accuracy_m }
        : at
          ? { point: { lat: at.lat, lon: at.lon }, radius_m: UNKNOWN_RADIUS_M }
          : null,
    [scene, at, incident],
  )
  const roads = useMemo(
    () => [...(off.includes('roads') ? [] : known), ...draftRoad(draft)],
    [off, known, draft],
  )
  useHotkeys({ Escape: () => desk.setPinning(null) }, desk.pinning !== null)
  const lost = units.length - plates.length

  return (
    <section className="gh-panel mapp" aria-label={t('map.title')} ref={box}>
      <div className="gh-ph">
        <h2>{t('map.title')}</h2>
        <span className="gh-m gh-ell">
          {city.data ? named(city.data) : ''}
          {city.data?.fictional ? ` · ${t('city.fictional')}` : ''}
        </span>
        {city.isError ? <span className="gh-warnt gh-s">{t('city.failed')}</span> : null}
        {failed ? <span className="gh-s gh-warnt">{t('errors.no_route')}</span> : null}
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
        <Button
          on={roadsOpen !== null}
          onClick={() => setRoadsOpen(roadsOpen === null ? '' : null)}
          data-testid="roads-open"
        >
          {t('road.button', { n: known.length })}
        </Button>
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
          routes={routes}
          roads={roads}
          focus={focus}
          pinning={desk.pinning !== null}
          pinHint={desk.pinning?.hint}
          onRoad={setRoadsOpen}
          onPin={(point) => desk.pinning?.place(point)}
          onIncident={desk.openCase}
          onUnit={(id) => {
            const run = missions.find((m) => m.unit_id === id && m.active)
            if (run) desk.openMission(run)
            else desk.pickUnit(id)
          }}
        >
          <LocationInset city={city.data} />
          {roadsOpen === null ? null : (
            <Roads draft={draft} chosen={roadsOpen} onClose={() => setRoadsOpen(null)} />
          )}
        </CityMap>
      </div>
      <div className="legend">
        {LEGEND.map((state) => (
          <span key={state}>
            <StateRing state={state} />
            {t(`state.${state}`)}
          </span>
        ))}
        <span className="gh-sp" />
        {lost > 0 ? <span className="gh-warnt">{t('map.unplaced', { n: lost })}</span> : null}
      </div>
    </section>
  )
}
