/**
 * The one place that imports MapLibre: it joins the library, its worker and PMTiles.
 *
 * MapLibre finds its worker by a name relative to its own file, which a bundler cannot see; so the
 * worker is named here and Vite bundles it as a file of its own.
 */
import * as maplibre from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import { Protocol } from 'pmtiles'

maplibre.setWorkerUrl(workerUrl)
maplibre.addProtocol('pmtiles', new Protocol().tile)

export { maplibre }

/** The size of the map in px as it was last drawn: asking the page would lay it out once more. */
export function sizeOf(map: maplibre.Map): { width: number; height: number } {
  const { width, height } = map.getCanvas()
  const ratio = map.getPixelRatio()
  return { width: width / ratio, height: height / ratio }
}
