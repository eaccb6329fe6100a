/** What is drawn between the base and the signs: circles, routes, trails, AEDs. */
import type { Point } from '@gh/contract'
import type { Map as MapLibre } from 'maplibre-gl'

/** A stretch of the way that a unit has come. */
export interface MapTrail {
  points: readonly Point[]
  /** Seen live; known only afterwards; not known between its ends. */
  look: 'live' | 'late' | 'gap'
}

export const EMPTY = { type: 'FeatureCollection' as const, features: [] }

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

/** An overlay is drawn again after each change of style. */
export function addOverlays(map: MapLibre, theme: 'dark' | 'light'): void {
  const accent = theme === 'light' ? '#0b7d71' : '#22b8a6'
  const sent = theme === 'light' ? '#1f6fd6' : '#5aa9ff'
  const muted = theme === 'light' ? '#4d5a66' : '#8797a5'
  for (const id of ['accuracy', 'route', 'trails', 'aeds']) {
    if (!map.getSource(id)) map.addSource(id, { type: 'geojson', data: EMPTY })
  }
  map.addLayer({
    id: 'accuracy-fill',
    type: 'fill',
    source: 'accuracy',
    paint: { 'fill-color': sent, 'fill-opacity': 0.13 },
  })
  map.addLayer({
    id: 'accuracy-line',
    type: 'line',
    source: 'accuracy',
    paint: { 'line-color': sent, 'line-width': 1.8, 'line-dasharray': [3, 2] },
  })
  map.addLayer({
    id: 'route-line',
    type: 'line',
    source: 'route',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': accent, 'line-width': 4, 'line-opacity': 0.85 },
  })
  // Told apart by their strokes; colour alone would not print.
  const strokes = { live: null, late: [0.4, 1.4], gap: [3, 3] }
  for (const [look, dash] of Object.entries(strokes)) {
    map.addLayer({
      id: `trail-${look}`,
      type: 'line',
      source: 'trails',
      filter: ['==', ['get', 'look'], look],
      layout: { 'line-cap': look === 'gap' ? 'butt' : 'round', 'line-join': 'round' },
      paint: {
        'line-color': look === 'gap' ? muted : sent,
        'line-width': look === 'gap' ? 2 : 4,
        'line-opacity': 0.85,
        ...(dash === null ? {} : { 'line-dasharray': dash }),
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
      'text-color': muted,
      'text-halo-color': theme === 'light' ? '#ffffff' : '#12181e',
      'text-halo-width': 1.5,
    },
  })
}

export const trailFeatures = (trails: readonly MapTrail[]) => ({
  type: 'FeatureCollection' as const,
  features: trails.map(({ points, look }) => ({
    type: 'Feature' as const,
    properties: { look },
    geometry: {
      type: 'LineString' as const,
      coordinates: points.map((p) => [p.lon, p.lat]),
    },
  })),
})
