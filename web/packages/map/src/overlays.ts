/** What moves or is chosen, drawn over the quiet base: ways, the caller's circle, defibrillators. */
import type { Point } from '@gh/contract'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import type { MapPlace } from './markers.ts'

export interface MapRoute {
  id: string
  points: Point[]
  /** A way that a vehicle drives, or one that it would drive. */
  kind: 'scene' | 'hospital' | 'proposed'
  /** Whose way it is and when it ends, for the label on the line. */
  label: string
  eta: string
  selected?: boolean | undefined
}

/** A stretch of the way that a unit has come. */
export interface MapTrail {
  points: readonly Point[]
  /**
   * Seen live; known only afterwards; not known between its ends; along the streets, as guessed.
   * The last two are no lines: positions as they were sent, and those of them that fit no street.
   */
  look: 'live' | 'late' | 'gap' | 'matched' | 'sent' | 'unmatched'
}

/** A stretch of road that is shut or slow, or that is being drawn. */
export interface MapRoad {
  id: string
  line: readonly Point[]
  look: 'shut' | 'slow' | 'draft'
  /** For the sign on the stretch. */
  label: string
}

/** What one map draws over its base. */
export interface Overlays {
  roads: readonly MapRoad[] | undefined
  accuracy: { point: Point; radius_m: number } | null | undefined
  routes: readonly MapRoute[] | undefined
  trails: readonly MapTrail[] | undefined
  aeds: readonly MapPlace[] | undefined
}

/** Within a house's length, as well as positions are known. */
export function isNear(a: Point, b: Point): boolean {
  const north = (a.lat - b.lat) * 111_320
  const east = (a.lon - b.lon) * 111_320 * Math.cos((a.lat * Math.PI) / 180)
  return Math.hypot(north, east) < 120
}

const EMPTY = { type: 'FeatureCollection' as const, features: [] }
const SOURCES = ['accuracy', 'roads', 'routes', 'trails', 'aeds'] as const
/** The colour of a way is that of the state in which it is driven. */
const COLOURS = { scene: '--st-enroute', hospital: '--st-loaded', proposed: '--accent' } as const

const ROAD_COLOURS = { shut: '--al1', slow: '--al2', draft: '--accent' } as const

/** A circle of so many metres as a polygon; good enough at the scale of a city. */
export function circle(point: Point, radius_m: number): [number, number][] {
  const steps = 48
  const dLat = radius_m / 111_320
  const dLon = dLat / Math.max(0.01, Math.cos((point.lat * Math.PI) / 180))
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (i / steps) * 2 * Math.PI
    return [point.lon + dLon * Math.cos(angle), point.lat + dLat * Math.sin(angle)]
  })
}

/** The vertex that is half way along, where a label covers neither end. */
export function halfWay(points: readonly Point[]): Point | undefined {
  const steps = points.slice(1).map((point, i) => {
    const from = points[i] ?? point
    return Math.hypot(
      (point.lon - from.lon) * Math.cos((point.lat * Math.PI) / 180),
      point.lat - from.lat,
    )
  })
  let left = steps.reduce((sum, step) => sum + step, 0) / 2
  for (const [i, step] of steps.entries()) {
    if (left <= step) return points[i + 1]
    left -= step
  }
  return points[0]
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** What each source of a map shows, so that the same again does not paint the map again. */
const shown = new WeakMap<MapLibre, Map<string, string>>()

/** Added again after each change of style, in the colours of the theme. */
export function addOverlays(map: MapLibre): void {
  shown.set(map, new Map())
  for (const id of SOURCES) {
    if (!map.getSource(id)) map.addSource(id, { type: 'geojson', data: EMPTY })
  }
  map.addLayer({
    id: 'accuracy-fill',
    type: 'fill',
    source: 'accuracy',
    paint: { 'fill-color': colour('--st-sent'), 'fill-opacity': 0.13 },
  })
  map.addLayer({
    id: 'accuracy-line',
    type: 'line',
    source: 'accuracy',
    paint: { 'line-color': colour('--st-sent'), 'line-width': 1.8, 'line-dasharray': [3, 2] },
  })
  // Below the ways, so that a way that leads along a shut road is seen to do so.
  for (const [look, name] of Object.entries(ROAD_COLOURS)) {
    const shared = {
      type: 'line' as const,
      source: 'roads',
      filter: ['==', ['get', 'look'], look] as ['==', ['get', string], string],
    }
    map.addLayer({
      ...shared,
      id: `road-${look}`,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour(name), 'line-width': 9, 'line-opacity': 0.85 },
    })
    map.addLayer({
      ...shared,
      id: `road-${look}-bars`,
      paint: {
        'line-color': colour('--page'),
        'line-width': 5,
        'line-dasharray': look === 'slow' ? [2.4, 1.2] : [0.5, 0.7],
      },
    })
  }
  for (const kind of ['proposed', 'hospital', 'scene'] as const) {
    const shared = {
      type: 'line' as const,
      source: 'routes',
      filter: ['==', ['get', 'kind'], kind] as ['==', ['get', string], string],
      layout: { 'line-cap': 'round' as const, 'line-join': 'round' as const },
    }
    map.addLayer({
      ...shared,
      id: `route-${kind}-case`,
      paint: { 'line-color': colour('--page'), 'line-width': 7, 'line-opacity': 0.7 },
    })
    map.addLayer({
      ...shared,
      id: `route-${kind}`,
      paint: {
        'line-color': colour(COLOURS[kind]),
        'line-width': ['case', ['get', 'selected'], 4.5, 3],
        'line-opacity': ['case', ['get', 'selected'], 1, 0.75],
        ...(kind === 'proposed' ? { 'line-dasharray': [0.2, 2] } : {}),
      },
    })
  }
  // Told apart by their strokes; colour alone would not print.
  const strokes = { live: null, late: [0.4, 1.4], gap: [3, 3], matched: null }
  for (const [look, dash] of Object.entries(strokes)) {
    map.addLayer({
      id: `trail-${look}`,
      type: 'line',
      source: 'trails',
      filter: ['==', ['get', 'look'], look],
      layout: { 'line-cap': look === 'gap' ? 'butt' : 'round', 'line-join': 'round' },
      paint: {
        'line-color': look === 'gap' ? colour('--m-label') : colour('--st-sent'),
        'line-width': look === 'gap' ? 2 : 4,
        'line-opacity': 0.85,
        ...(dash === null ? {} : { 'line-dasharray': dash }),
      },
    })
  }
  for (const look of ['sent', 'unmatched']) {
    map.addLayer({
      id: `trail-${look}`,
      type: 'circle',
      source: 'trails',
      filter: ['==', ['get', 'look'], look],
      paint: {
        'circle-radius': look === 'sent' ? 2.5 : 5,
        'circle-color': colour('--m-label'),
        'circle-opacity': look === 'sent' ? 1 : 0,
        'circle-stroke-color': colour('--m-label'),
        'circle-stroke-width': look === 'sent' ? 0 : 2,
      },
    })
  }
  map.addLayer({
    id: 'aed-dot',
    type: 'symbol',
    source: 'aeds',
    minzoom: 14,
    layout: {
      'text-field': '♥',
      'text-font': ['Noto Sans SC', 'sans-serif'],
      'text-size': 13,
      'text-allow-overlap': true,
    },
    paint: {
      'text-color': colour('--m-label'),
      'text-halo-color': colour('--m-land'),
      'text-halo-width': 1.5,
    },
  })
}

export function fillOverlays(map: MapLibre, overlays: Overlays): void {
  const { accuracy, roads, routes, trails, aeds } = overlays
  const before = shown.get(map)
  const set = (id: (typeof SOURCES)[number], data: Parameters<GeoJSONSource['setData']>[0]) => {
    const now = JSON.stringify(data)
    if (before?.get(id) === now) return
    before?.set(id, now)
    ;(map.getSource(id) as GeoJSONSource | undefined)?.setData(data)
  }
  set(
    'accuracy',
    accuracy && accuracy.radius_m > 0
      ? {
          type: 'Feature',
          properties: {},
          geometry: { type: 'Polygon', coordinates: [circle(accuracy.point, accuracy.radius_m)] },
        }
      : EMPTY,
  )
  set('roads', {
    type: 'FeatureCollection',
    features: (roads ?? []).map(({ line, look }) => ({
      type: 'Feature',
      properties: { look },
      geometry: { type: 'LineString', coordinates: line.map((p) => [p.lon, p.lat]) },
    })),
  })
  set('routes', {
    type: 'FeatureCollection',
    features: (routes ?? [])
      .filter((route) => route.points.length > 1)
      .map((route) => ({
        type: 'Feature',
        properties: { kind: route.kind, selected: route.selected === true },
        geometry: {
          type: 'LineString',
          coordinates: route.points.map((p) => [p.lon, p.lat]),
        },
      })),
  })
  set('trails', {
    type: 'FeatureCollection',
    features: (trails ?? []).map(({ points, look }) => ({
      type: 'Feature',
      properties: { look },
      geometry: {
        type: look === 'sent' || look === 'unmatched' ? 'MultiPoint' : 'LineString',
        coordinates: points.map((p) => [p.lon, p.lat]),
      },
    })),
  })
  set('aeds', {
    type: 'FeatureCollection',
    features: (aeds ?? []).map((aed) => ({
      type: 'Feature',
      properties: { name: aed.name },
      geometry: { type: 'Point', coordinates: [aed.point.lon, aed.point.lat] },
    })),
  })
}
