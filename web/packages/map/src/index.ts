export { CityMap, type CityMapProps } from './city-map.tsx'
export type { MapIncident, MapPlace, MapUnit } from './markers.ts'
export { isNear, type MapRoad, type MapRoute, type MapTrail } from './overlays.ts'
