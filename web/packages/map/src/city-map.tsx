import type { City, Point } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { Button, ErrorNote, useTheme } from '@gh/ui'
import type { Map as MapLibre } from 'maplibre-gl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { EdgeTags } from './edge-tags.tsx'
import './map.css'
import { maplibre, sizeOf } from './maplibre.ts'
import {
  drawHospital,
  drawIncident,
  drawRoad,
  drawRouteLabel,
  drawStation,
  drawUnit,
  type MapIncident,
  type MapPlace,
  type MapUnit,
} from './markers.ts'
import {
  addOverlays,
  fillOverlays,
  halfWay,
  type MapRoad,
  type MapRoute,
  type MapTrail,
} from './overlays.ts'
import { type Kept, type Marked, reconcile } from './reconcile.ts'
import { lifts } from './spread.ts'
import { styleOf } from './style.ts'

export interface Focus {
  key: string
  points: Point[]
  zoom?: number
  /** What lies over the right side of a map that is at least so wide. */
  covered?: { right_px: number; from_px: number } | undefined
}

export interface CityMapProps {
  /** Null: this node has no city. */
  city: Pick<City, 'centre' | 'attribution' | 'bounds' | 'core'> | null | undefined
  /** Which map it is, where it may be replaced while the page stands. */
  edition?: number | undefined
  units?: MapUnit[] | undefined
  incidents?: MapIncident[] | undefined
  hospitals?: MapPlace[] | undefined
  stations?: MapPlace[] | undefined
  aeds?: MapPlace[] | undefined
  /** Where the caller may be: a circle of this radius. */
  accuracy?: { point: Point; radius_m: number } | null | undefined
  routes?: MapRoute[] | undefined
  roads?: readonly MapRoad[] | undefined
  /** Where units have been, for a case that is played again. */
  trails?: readonly MapTrail[] | undefined
  /** What the view should hold; a new `key` moves it unless a person has panned away. */
  focus?: Focus | null | undefined
  pinning?: boolean | undefined
  /** What a click is for, where it does not set the place of a case. */
  pinHint?: string | undefined
  onPin?: ((point: Point) => void) | undefined
  onUnit?: ((id: string) => void) | undefined
  onIncident?: ((id: string) => void) | undefined
  onHospital?: ((id: string) => void) | undefined
  onRoad?: ((id: string) => void) | undefined
  /** Anything to lay over the map. */
  children?: ReactNode
  tools?: boolean | undefined
  /** A small window on one place: it does not move, and who made the map is said beside it. */
  inset?: boolean | undefined
}

const TILES = '/tiles/city.pmtiles'
const FALLBACK_ZOOM = 12
const FAR = 12
const MID = 13
/** From here on units that wait at their stations are shown one by one. */
const CLOSE = 14.2
const AFTER_WORDS_MS = 40
const NONE: never[] = []
/** Room for the plates of what stands at the edge of the view. */
const PADDING = { top: 60, bottom: 50, left: 60, right: 120 }

/** 3D-free, quiet, offline: everything comes from this server. */
export function CityMap(props: CityMapProps) {
  const {
    city,
    edition,
    units,
    incidents,
    hospitals,
    stations,
    focus,
    accuracy,
    routes,
    roads,
    trails,
    aeds,
    tools = true,
    inset = false,
  } = props
  const { theme } = useTheme()
  const { lang } = useLang()
  const box = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<MapLibre | null>(null)
  const [failed, setFailed] = useState('')
  const [noTiles, setNoTiles] = useState('')
  const [zoom, setZoom] = useState(FALLBACK_ZOOM)
  const [styled, setStyled] = useState(0)
  const panned = useRef(false)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const kept = useRef({
    units: new Map<string, Kept>(),
    incidents: new Map<string, Kept>(),
    hospitals: new Map<string, Kept>(),
    stations: new Map<string, Kept>(),
    routes: new Map<string, Kept>(),
    roads: new Map<string, Kept>(),
  })

  useEffect(() => {
    if (box.current === null) return
    let made: MapLibre
    try {
      made = new maplibre.Map({
        container: box.current,
        style: { version: 8, sources: {}, layers: [] },
        center: [115, 28],
        zoom: FALLBACK_ZOOM,
        interactive: !inset,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        keyboard: true,
        // A seat wants the picture, not the way to it: fading would paint the map for a third of a
        // second after every step, which without a graphics card holds up everything else.
        fadeDuration: 0,
        localIdeographFontFamily: '"Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
      })
    } catch (error) {
      setFailed(String(error))
      return
    }
    if (!inset) made.touchZoomRotate.disableRotation()
    made.addControl(new maplibre.ScaleControl({ maxWidth: 90 }), 'bottom-left')
    made.on('error', (event) => {
      const source = (event as { sourceId?: string }).sourceId
      if (source === 'city' || /pmtiles|tile/i.test(event.error?.message ?? '')) {
        setNoTiles(event.error?.message ?? '')
      }
    })
    made.on('sourcedata', (event) => {
      if (event.sourceId === 'city' && event.isSourceLoaded) setNoTiles('')
    })
    made.on('style.load', () => {
      addOverlays(made)
      setStyled((n) => n + 1)
    })
    made.on('zoom', () => setZoom(made.getZoom()))
    // Whether what is seen is all there: for whoever takes a picture of it.
    const drawn = (yes: boolean) => made.getContainer().toggleAttribute('data-drawn', yes)
    made.on('idle', () => drawn(true))
    made.on('dataloading', () => drawn(false))
    made.on('movestart', () => drawn(false))
    made.on('dragstart', () => {
      panned.current = true
    })
    made.on('wheel', () => {
      panned.current = true
    })
    made.on('click', (event) => {
      const { pinning, onPin } = latest.current
      if (pinning) onPin?.({ lat: event.lngLat.lat, lon: event.lngLat.lng })
    })
    setMap(made)
    const markers = kept.current
    return () => {
      for (const kind of Object.values(markers)) kind.clear()
      made.remove()
      setMap(null)
    }
  }, [inset])

  useEffect(() => {
    const tiles = new URL(TILES, location.href)
    if (edition !== undefined) tiles.searchParams.set('edition', String(edition))
    map?.setStyle(styleOf(theme, lang, tiles.href), { diff: false })
  }, [map, theme, lang, edition])

  useEffect(() => {
    if (map === null || !city || inset) return
    const control = new maplibre.AttributionControl({
      compact: false,
      customAttribution: city.attribution,
    })
    map.addControl(control, 'bottom-right')
    return () => {
      if (map.hasControl(control)) map.removeControl(control)
    }
  }, [map, city, inset])

  // Beyond the imported area there is nothing to see; a place outside widens it.
  const bounds = city?.bounds
  const places = focus?.points ?? NONE
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names the places
  useEffect(() => {
    if (map === null || bounds === undefined || bounds === null) return
    const limit = new maplibre.LngLatBounds(
      [bounds.west, bounds.south],
      [bounds.east, bounds.north],
    )
    for (const place of places) limit.extend([place.lon, place.lat])
    map.setMaxBounds(limit)
  }, [map, bounds, focus?.key])

  // The view: the focus where there is one, else the city's core, else the whole extract.
  const focusKey = focus?.key ?? 'city'
  const fit = useRef<() => void>(() => {})
  fit.current = () => {
    if (map === null) return
    const points = focus?.points ?? []
    const [first] = points
    const box = city?.core ?? city?.bounds
    if (points.length === 1 && first) {
      map.easeTo({
        center: [first.lon, first.lat],
        zoom: focus?.zoom ?? 14,
        duration: 0,
      })
    } else if (points.length > 1 && first) {
      const bounds = new maplibre.LngLatBounds([first.lon, first.lat], [first.lon, first.lat])
      for (const point of points) bounds.extend([point.lon, point.lat])
      const { covered } = focus ?? {}
      const over = covered && sizeOf(map).width > covered.from_px ? covered.right_px : 0
      map.fitBounds(bounds, {
        padding: { ...PADDING, right: PADDING.right + over },
        maxZoom: 15.5,
        duration: 0,
      })
    } else if (box) {
      map.fitBounds(
        [
          [box.west, box.south],
          [box.east, box.north],
        ],
        { padding: 20, duration: 0 },
      )
    } else if (city) {
      map.jumpTo({ center: [city.centre.lon, city.centre.lat], zoom: FALLBACK_ZOOM })
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is what moves the view
  useEffect(() => {
    if (map === null || (!city && focus === undefined)) return
    // After the words that came with it are painted: the map is the slowest part of the screen.
    const later = setTimeout(() => {
      if (!panned.current) fit.current()
    }, AFTER_WORDS_MS)
    return () => clearTimeout(later)
  }, [map, city, focusKey])

  useEffect(() => {
    if (map === null) return
    reconcile(map, kept.current.stations, stations ?? [], drawStation, 'center', () => {})
    reconcile(map, kept.current.hospitals, hospitals ?? [], drawHospital, 'left', (id) =>
      latest.current.onHospital?.(id),
    )
    reconcile(map, kept.current.units, units ?? [], drawUnit, 'center', (id) =>
      latest.current.onUnit?.(id),
    )
    reconcile(map, kept.current.incidents, incidents ?? [], drawIncident, 'bottom', (id) =>
      latest.current.onIncident?.(id),
    )
    const labels = (routes ?? []).flatMap((route) => {
      const point = halfWay(route.points)
      return point ? [{ ...route, points: NONE, point }] : []
    })
    reconcile(map, kept.current.routes, labels, drawRouteLabel, 'center', () => {})
    const signs = (roads ?? []).flatMap(({ line, ...road }) => {
      const point = halfWay(line)
      return point && road.look !== 'draft' ? [{ ...road, point }] : []
    })
    reconcile(map, kept.current.roads, signs, drawRoad, 'bottom', (id) =>
      latest.current.onRoad?.(id),
    )
  }, [map, units, incidents, hospitals, stations, routes, roads])

  // Which signs cover one another depends on the zoom, not on where the map stands.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the zoom moves the signs
  useEffect(() => {
    if (map === null) return
    const at = ({ point }: Marked) => map.project([point.lon, point.lat])
    const taken = [...(hospitals ?? []), ...(stations ?? []), ...(incidents ?? [])].map(at)
    const placed = [...(units ?? [])]
      .sort((a, b) => a.id.localeCompare(b.id))
      .map((unit) => ({ id: unit.id, x: at(unit).x, y: at(unit).y }))
    for (const [id, lift] of lifts(placed, taken)) {
      const marker = kept.current.units.get(id)?.marker
      marker?.setOffset([0, -lift])
      marker?.getElement().style.setProperty('--lift', `${lift}px`)
    }
  }, [map, units, incidents, hospitals, stations, zoom])

  useEffect(() => {
    if (map === null || styled === 0 || !map.getSource('routes')) return
    fillOverlays(map, { accuracy, roads, routes, trails, aeds })
  }, [map, styled, accuracy, roads, routes, trails, aeds])

  const scale = zoom < FAR ? 'far' : zoom < MID ? 'mid' : zoom < CLOSE ? 'near' : 'near close'
  return (
    <div className={`ghm ${scale} ${props.pinning ? 'pinning' : ''}`} data-testid="map">
      <div className="canvas" ref={box} />
      {failed === '' ? null : (
        <div className="note">
          <ErrorNote what={t('map.no_webgl')} works={t('map.no_webgl_works')} />
        </div>
      )}
      {failed === '' && noTiles !== '' ? (
        <div className="note">
          <ErrorNote what={t('map.no_tiles', { why: noTiles })} works={t('map.no_tiles_works')} />
        </div>
      ) : null}
      {map === null || inset ? null : (
        <EdgeTags
          map={map}
          units={units ?? NONE}
          incidents={incidents ?? NONE}
          onUnit={(id) => props.onUnit?.(id)}
          onIncident={(id) => props.onIncident?.(id)}
        />
      )}
      {props.pinning ? <div className="pinhint">{props.pinHint ?? t('map.pin_hint')}</div> : null}
      {tools && failed === '' ? (
        <div className="tools">
          <Button
            data-testid="map-refit"
            onClick={() => {
              panned.current = false
              fit.current()
            }}
          >
            ★ {t('map.refit')}
          </Button>
        </div>
      ) : null}
      {props.children}
    </div>
  )
}
