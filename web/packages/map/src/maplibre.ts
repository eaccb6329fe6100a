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
