/** The quiet base: roads light, labels small; saturation is kept for cases and units. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

export interface Palette {
  land: string
  block: string
  farm: string
  park: string
  water: string
  waterText: string
  minor: string
  major: string
  casing: string
  ring: string
  fast: string
  label: string
  area: string
  building: string
  works: string
  shops: string
  civic: string
}

const DARK: Palette = {
  land: '#12181e',
  block: '#19222a',
  farm: '#131b1e',
  park: '#14241f',
  water: '#10283a',
  waterText: '#6ea3c6',
  minor: '#212c35',
  major: '#34424e',
  casing: '#0d1217',
  ring: '#465663',
  fast: '#5b6a77',
  label: '#8797a5',
  area: '#a0adb8',
  building: '#26323c',
  works: '#161f26',
  shops: '#1d2229',
  civic: '#1d2430',
}
const LIGHT: Palette = {
  land: '#eceff1',
  block: '#e2e6ea',
  farm: '#e9eee6',
  park: '#d9e8d8',
  water: '#c3d9ea',
  waterText: '#2d5a7d',
  minor: '#fbfcfd',
  major: '#ffffff',
  casing: '#c3ccd3',
  ring: '#fff3d6',
  fast: '#f6dfae',
  label: '#4d5a66',
  area: '#3c4852',
  building: '#d2d8de',
  works: '#dbe2e6',
  shops: '#e7e3e1',
  civic: '#e4e2ec',
}

const FONT = ['Noto Sans SC', 'sans-serif']
const AREA = ['Polygon', 'MultiPolygon']
const LINE = ['LineString', 'MultiLineString']
const GREEN = ['forest', 'grass', 'park', 'cemetery', 'pitch']
const FAST = ['motorway']
const MAJOR = ['trunk', 'primary']
const MIDDLE = ['secondary', 'tertiary']
const SMALL = ['minor']
/** Drives of compounds. */
const INNER = ['service']
/** Known by everybody, so named before the rest. */
const LANDMARKS = ['station', 'park', 'school', 'townhall']
const MARKED = ['hospital', 'ambulance_station', 'aed']

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
    line('inner', INNER, c.minor, 2, 14),
    line('small', SMALL, c.minor, 3.6, 11),
    line('middle-case', MIDDLE, c.casing, 7.4),
    line('major-case', MAJOR, c.casing, 9.6),
    line('fast-case', FAST, c.casing, 8.2),
    line('middle', MIDDLE, c.major, 5.6),
    line('major', MAJOR, c.ring, 7.4),
    line('fast', FAST, c.fast, 6.4),
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
    minzoom: 10,
    filter: ['in', ['geometry-type'], ['literal', kinds]],
    layout: {
      'symbol-placement': placement,
      'symbol-spacing': 500,
      'text-field': name,
      'text-font': FONT,
      'text-size': 12,
      'text-letter-spacing': 0.3,
    },
    paint: { 'text-color': c.waterText, 'text-halo-color': c.water, 'text-halo-width': 1 },
  })
  const among = (classes: string[]) => ['in', ['get', 'class'], ['literal', classes]]
  const roadName = (id: string, minzoom: number, classes: string[]) => ({
    id,
    type: 'symbol',
    source: 'city',
    'source-layer': 'road',
    minzoom,
    filter: among(classes),
    layout: {
      'symbol-placement': 'line',
      'symbol-spacing': 400,
      'text-field': name,
      'text-font': FONT,
      'text-size': 11,
    },
    paint: { 'text-color': c.label, ...halo },
  })
  const poiName = (id: string, minzoom: number, filter: unknown) => ({
    id,
    type: 'symbol',
    source: 'city',
    'source-layer': 'poi',
    minzoom,
    filter,
    layout: { 'text-field': name, 'text-font': FONT, 'text-size': 10.5, 'text-max-width': 8 },
    paint: { 'text-color': c.label, ...halo },
  })
  const placeName = (
    id: string,
    minzoom: number,
    maxzoom: number,
    classes: string[],
    size: number,
    colour: string,
  ) => ({
    id,
    type: 'symbol',
    source: 'city',
    'source-layer': 'place',
    minzoom,
    maxzoom,
    filter: among(classes),
    layout: {
      'text-field': name,
      'text-font': FONT,
      'text-size': size,
      'text-letter-spacing': 0.12,
      // Where two names do not fit, the one with more people stays.
      'symbol-sort-key': ['-', 0, ['coalesce', ['get', 'people'], 0]],
    },
    paint: { 'text-color': colour, ...halo },
  })
  const layers = [
    { id: 'land', type: 'background', paint: { 'background-color': c.land } },
    {
      id: 'block',
      type: 'fill',
      source: 'city',
      'source-layer': 'landuse',
      paint: {
        'fill-color': [
          'case',
          ['in', ['get', 'class'], ['literal', GREEN]],
          c.park,
          ['==', ['get', 'class'], 'farmland'],
          c.farm,
          ['==', ['get', 'class'], 'industrial'],
          c.works,
          ['==', ['get', 'class'], 'commercial'],
          c.shops,
          ['in', ['get', 'class'], ['literal', ['hospital', 'school']]],
          c.civic,
          c.block,
        ],
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
      id: 'boundary',
      type: 'line',
      source: 'city',
      'source-layer': 'boundary',
      maxzoom: 12,
      paint: { 'line-color': c.label, 'line-width': 1, 'line-opacity': 0.3 },
    },
    roadName('minor-name', 15, [...SMALL, ...INNER]),
    roadName('middle-name', 13.5, MIDDLE),
    roadName('major-name', 12, [...FAST, ...MAJOR]),
    roadName('rail-name', 13, ['rail']),
    waterName('water-name-area', AREA, 'point'),
    waterName('water-name-line', LINE, 'line'),
    poiName('poi-name', 15.5, ['!', among([...LANDMARKS, ...MARKED, 'compound'])]),
    poiName('compound-name', 15, ['==', ['get', 'class'], 'compound']),
    poiName('landmark-name', 13.5, among(LANDMARKS)),
    placeName('neighbourhood-name', 13.5, 24, ['neighbourhood', 'hamlet'], 11, c.label),
    placeName('village-name', 11.5, 24, ['village'], 11.5, c.label),
    placeName('quarter-name', 11.5, 15, ['quarter'], 12.5, c.area),
    placeName('town-name', 8, 24, ['town'], 13.5, c.area),
    placeName('suburb-name', 10, 15.5, ['suburb'], 15, c.area),
    placeName('city-name', 5, 11.5, ['city'], 18, c.area),
  ] as unknown as LayerSpecification[]
  return {
    version: 8,
    sources: { city: { type: 'vector', url: `pmtiles://${tiles}` } },
    layers,
  }
}
