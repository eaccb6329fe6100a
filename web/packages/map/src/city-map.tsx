import type { City, Point } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { Button, ErrorNote, useTheme } from '@gh/ui'
import type { GeoJSONSource, Map as MapLibre, Marker } from 'maplibre-gl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import './map.css'
import { maplibre } from './maplibre.ts'
import {
  drawHospital,
  drawIncident,
  drawStation,
  drawUnit,
  type MapIncident,
  type MapPlace,
  type MapUnit,
} from './markers.ts'
import { addOverlays, circle, EMPTY, type MapTrail, trailFeatures } from './overlays.ts'
import { lifts } from './spread.ts'
import { styleOf } from './style.ts'

export interface CityMapProps {
  city: Pick<City, 'centre' | 'attribution' | 'bounds' | 'core'> | undefined
  units?: MapUnit[] | undefined
  incidents?: MapIncident[] | undefined
  hospitals?: MapPlace[] | undefined
  stations?: MapPlace[] | undefined
  aeds?: MapPlace[] | undefined
  /** Where the caller may be: a circle of this radius. */
  accuracy?: { point: Point; radius_m: number } | null | undefined
  route?: Point[] | null | undefined
  trails?: readonly MapTrail[] | undefined
  /** What the view should hold; a new `key` moves it unless a person has panned away. */
  focus?: { key: string; points: Point[] } | null | undefined
  pinning?: boolean | undefined
  onPin?: ((point: Point) => void) | undefined
  onUnit?: ((id: string) => void) | undefined
  onIncident?: ((id: string) => void) | undefined
  onHospital?: ((id: string) => void) | undefined
  /** Anything to lay over the map. */
  children?: ReactNode
  tools?: boolean | undefined
}

const TILES = '/tiles/city.pmtiles'
const FALLBACK_ZOOM = 12
const FAR = 12
const MID = 13
/** From here on units that wait at their stations are shown one by one. */
const CLOSE = 14.2

/** Within a house's length, as well as positions are known. */
export function isNear(a: Point, b: Point): boolean {
  const north = (a.lat - b.lat) * 111_320
  const east = (a.lon - b.lon) * 111_320 * Math.cos((a.lat * Math.PI) / 180)
  return Math.hypot(north, east) < 120
}

interface Kept {
  marker: Marker
  drawn: string
}

interface Marked {
  id: string
  point: Point
}

/** Bring the markers of one kind in line with the rows: add, move, redraw, remove. */
function reconcile<T extends Marked>(
  map: MapLibre,
  kept: Map<string, Kept>,
  items: readonly T[],
  draw: (element: HTMLElement, item: T) => void,
  anchor: 'center' | 'bottom' | 'left',
  onClick: (id: string) => void,
): void {
  const seen = new Set<string>()
  for (const item of items) {
    seen.add(item.id)
    const { point, ...look } = item
    const drawn = JSON.stringify(look)
    let entry = kept.get(item.id)
    if (entry === undefined) {
      const element = document.createElement('div')
      element.addEventListener('click', (event) => {
        event.stopPropagation()
        onClick(item.id)
      })
      // Drawn first: the marker adds classes of its own to what it is given.
      draw(element, item)
      const marker = new maplibre.Marker({ element, anchor })
      marker.setLngLat([point.lon, point.lat]).addTo(map)
      entry = { marker, drawn }
      kept.set(item.id, entry)
      continue
    }
    const at = entry.marker.getLngLat()
    if (at.lng !== point.lon || at.lat !== point.lat) entry.marker.setLngLat([point.lon, point.lat])
    if (entry.drawn !== drawn) {
      const element = entry.marker.getElement()
      const position = [...element.classList].filter((name) => name.startsWith('maplibregl'))
      draw(element, item)
      element.classList.add(...position)
      entry.drawn = drawn
    }
  }
  for (const [id, entry] of kept) {
    if (!seen.has(id)) {
      entry.marker.remove()
      kept.delete(id)
    }
  }
}

/** 3D-free, quiet, offline: everything comes from this server. */
export function CityMap(props: CityMapProps) {
  const {
    city,
    units,
    incidents,
    hospitals,
    stations,
    focus,
    accuracy,
    route,
    trails,
    aeds,
    tools = true,
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
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        keyboard: true,
        localIdeographFontFamily: '"Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
      })
    } catch (error) {
      setFailed(String(error))
      return
    }
    made.touchZoomRotate.disableRotation()
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
      addOverlays(made, document.documentElement.dataset.theme === 'light' ? 'light' : 'dark')
      setStyled((n) => n + 1)
    })
    made.on('zoom', () => setZoom(made.getZoom()))
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
  }, [])

  useEffect(() => {
    map?.setStyle(styleOf(theme, lang, new URL(TILES, location.href).href), { diff: false })
  }, [map, theme, lang])

  useEffect(() => {
    if (map === null || city === undefined) return
    const control = new maplibre.AttributionControl({
      compact: false,
      customAttribution: city.attribution,
    })
    map.addControl(control, 'bottom-right')
    return () => {
      if (map.hasControl(control)) map.removeControl(control)
    }
  }, [map, city])

  // The view: the focus where there is one, else the city's core, else the whole extract.
  const focusKey = focus?.key ?? 'city'
  const fit = useRef<(animate: boolean) => void>(() => {})
  fit.current = (animate) => {
    if (map === null) return
    const points = focus?.points ?? []
    const [first] = points
    const box = city?.core ?? city?.bounds
    if (points.length === 1 && first) {
      map.easeTo({ center: [first.lon, first.lat], zoom: 14, duration: animate ? 140 : 0 })
    } else if (points.length > 1 && first) {
      const bounds = new maplibre.LngLatBounds([first.lon, first.lat], [first.lon, first.lat])
      for (const point of points) bounds.extend([point.lon, point.lat])
      map.fitBounds(bounds, { padding: 70, maxZoom: 15.5, duration: animate ? 140 : 0 })
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
    if (map === null || (city === undefined && focus === undefined)) return
    if (!panned.current) fit.current(true)
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
  }, [map, units, incidents, hospitals, stations])

  // Which signs cover one another depends on the zoom, not on where the map stands.
  useEffect(() => {
    if (map === null) return
    const at = ({ point }: Marked) => map.project([point.lon, point.lat])
    const taken = [...(hospitals ?? []), ...(stations ?? []), ...(incidents ?? [])].map(at)
    const placed = [...(units ?? [])]
      .filter((unit) => zoom >= CLOSE || !unit.home || unit.active || unit.selected)
      .sort((a, b) => a.id.localeCompare(b.id))
      .map((unit) => ({ id: unit.id, x: at(unit).x, y: at(unit).y }))
    for (const [id, lift] of lifts(placed, taken)) {
      const marker = kept.current.units.get(id)?.marker
      marker?.setOffset([0, -lift])
      marker?.getElement().style.setProperty('--lift', `${lift}px`)
    }
  }, [map, units, incidents, hospitals, stations, zoom])

  useEffect(() => {
    if (map === null || styled === 0 || !map.getSource('route')) return
    const set = (id: string, data: Parameters<GeoJSONSource['setData']>[0]) =>
      (map.getSource(id) as GeoJSONSource | undefined)?.setData(data)
    set(
      'accuracy',
      accuracy && accuracy.radius_m > 0
        ? {
            type: 'Feature',
            properties: {},
            geometry: {
              type: 'Polygon',
              coordinates: [circle(accuracy.point, accuracy.radius_m)],
            },
          }
        : EMPTY,
    )
    set(
      'route',
      route && route.length > 1
        ? {
            type: 'Feature',
            properties: {},
            geometry: { type: 'LineString', coordinates: route.map((p) => [p.lon, p.lat]) },
          }
        : EMPTY,
    )
    set('trails', trailFeatures(trails ?? []))
    set('aeds', {
      type: 'FeatureCollection',
      features: (aeds ?? []).map((aed) => ({
        type: 'Feature',
        properties: { name: aed.name },
        geometry: { type: 'Point', coordinates: [aed.point.lon, aed.point.lat] },
      })),
    })
  }, [map, styled, accuracy, route, trails, aeds])

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
      {props.pinning ? <div className="pinhint">{t('map.pin_hint')}</div> : null}
      {tools && failed === '' ? (
        <div className="tools">
          <Button
            data-testid="map-refit"
            onClick={() => {
              panned.current = false
              fit.current(true)
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
