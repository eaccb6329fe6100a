export { CityMap, type CityMapProps } from './city-map.tsx'
export type { MapIncident, MapPlace, MapUnit } from './markers.ts'
export type { MapRoute } from './overlays.ts'
