export { CityMap, type CityMapProps, isNear } from './city-map.tsx'
export type { MapIncident, MapPlace, MapUnit } from './markers.ts'
export type { MapTrail } from './overlays.ts'
