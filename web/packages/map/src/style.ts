/** The quiet base: roads light, labels small; saturation is kept for cases and units. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

export interface Palette {
  land: string
  block: string
  park: string
  water: string
  waterText: string
  minor: string
  major: string
  casing: string
  ring: string
  label: string
  area: string
  building: string
}

const DARK: Palette = {
  land: '#12181e',
  block: '#172028',
  park: '#14241f',
  water: '#10283a',
  waterText: '#6ea3c6',
  minor: '#212c35',
  major: '#34424e',
  casing: '#0d1217',
  ring: '#465663',
  label: '#8797a5',
  area: '#a0adb8',
  building: '#1b252e',
}
const LIGHT: Palette = {
  land: '#eceff1',
  block: '#e5e9ec',
  park: '#d9e8d8',
  water: '#c3d9ea',
  waterText: '#2d5a7d',
  minor: '#fbfcfd',
  major: '#ffffff',
  casing: '#c3ccd3',
  ring: '#fff3d6',
  label: '#4d5a66',
  area: '#3c4852',
  building: '#dfe4e8',
}

const FONT = ['Noto Sans SC', 'sans-serif']
const AREA = ['Polygon', 'MultiPolygon']
const LINE = ['LineString', 'MultiLineString']
const GREEN = ['forest', 'grass', 'park', 'cemetery', 'pitch']
const MAJOR = ['motorway', 'trunk', 'primary']
const MIDDLE = ['secondary', 'tertiary']
const SMALL = ['minor', 'service']

const width = (near: number, far: number) =>
  [
    'interpolate',
    ['exponential', 1.5],
    ['zoom'],
    8,
    far,
    12,
    near / 3,
    15,
    near,
    18,
    near * 3.2,
  ] as const

function roads(c: Palette): LayerSpecification[] {
  const line = (id: string, classes: string[], colour: string, size: number, minzoom = 0) =>
    ({
      id,
      type: 'line',
      source: 'city',
      'source-layer': 'road',
      minzoom,
      filter: ['in', ['get', 'class'], ['literal', classes]],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour, 'line-width': [...width(size, 0.5)] },
    }) as unknown as LayerSpecification
  return [
    line('path', ['path'], c.minor, 1, 14),
    line('small', SMALL, c.minor, 3.6, 11),
    line('middle-case', MIDDLE, c.casing, 7.4),
    line('major-case', MAJOR, c.casing, 9.6),
    line('middle', MIDDLE, c.major, 5.6),
    line('major', MAJOR, c.ring, 7.4),
    {
      id: 'rail',
      type: 'line',
      source: 'city',
      'source-layer': 'road',
      filter: ['==', ['get', 'class'], 'rail'],
      paint: { 'line-color': c.ring, 'line-width': 1.2, 'line-dasharray': [4, 3] },
    },
  ]
}

export function styleOf(theme: 'dark' | 'light', lang: string, tiles: string): StyleSpecification {
  const c = theme === 'light' ? LIGHT : DARK
  const name =
    lang === 'en'
      ? ['coalesce', ['get', 'name_en'], ['get', 'name']]
      : ['coalesce', ['get', 'name'], ['get', 'name_en']]
  const halo = { 'text-halo-color': c.land, 'text-halo-width': 1.4 }
  const waterName = (id: string, kinds: string[], placement: 'point' | 'line') => ({
    id,
    type: 'symbol',
    source: 'city',
    'source-layer': 'water',
    minzoom: 12,
    filter: ['in', ['geometry-type'], ['literal', kinds]],
    layout: {
      'symbol-placement': placement,
      'text-field': name,
      'text-font': FONT,
      'text-size': 11,
    },
    paint: { 'text-color': c.waterText, 'text-halo-color': c.water, 'text-halo-width': 1 },
  })
  const layers = [
    { id: 'land', type: 'background', paint: { 'background-color': c.land } },
    {
      id: 'block',
      type: 'fill',
      source: 'city',
      'source-layer': 'landuse',
      paint: {
        'fill-color': ['case', ['in', ['get', 'class'], ['literal', GREEN]], c.park, c.block],
        'fill-antialias': false,
      },
    },
    {
      id: 'water-area',
      type: 'fill',
      source: 'city',
      'source-layer': 'water',
      filter: ['in', ['geometry-type'], ['literal', AREA]],
      paint: { 'fill-color': c.water },
    },
    {
      id: 'water-line',
      type: 'line',
      source: 'city',
      'source-layer': 'water',
      filter: ['in', ['geometry-type'], ['literal', LINE]],
      paint: { 'line-color': c.water, 'line-width': [...width(4, 1)] },
    },
    {
      id: 'building',
      type: 'fill',
      source: 'city',
      'source-layer': 'building',
      minzoom: 14,
      paint: { 'fill-color': c.building },
    },
    ...roads(c),
    {
      id: 'road-name',
      type: 'symbol',
      source: 'city',
      'source-layer': 'road',
      minzoom: 13,
      filter: ['!=', ['get', 'class'], 'path'],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 400,
        'text-field': name,
        'text-font': FONT,
        'text-size': 11,
      },
      paint: { 'text-color': c.label, ...halo },
    },
    waterName('water-name-area', AREA, 'point'),
    waterName('water-name-line', LINE, 'line'),
    {
      id: 'poi-name',
      type: 'symbol',
      source: 'city',
      'source-layer': 'poi',
      minzoom: 15.5,
      filter: [
        '!',
        ['in', ['get', 'class'], ['literal', ['hospital', 'ambulance_station', 'aed']]],
      ],
      layout: { 'text-field': name, 'text-font': FONT, 'text-size': 10.5, 'text-max-width': 8 },
      paint: { 'text-color': c.label, ...halo },
    },
    {
      id: 'place-name',
      type: 'symbol',
      source: 'city',
      'source-layer': 'place',
      layout: {
        'text-field': name,
        'text-font': FONT,
        'text-size': ['match', ['get', 'class'], 'city', 17, 'town', 15, 12.5],
        'text-letter-spacing': 0.15,
      },
      paint: { 'text-color': c.area, ...halo },
    },
  ] as unknown as LayerSpecification[]
  return {
    version: 8,
    sources: { city: { type: 'vector', url: `pmtiles://${tiles}` } },
    layers,
  }
}
