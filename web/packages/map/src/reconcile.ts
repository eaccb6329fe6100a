/** Markers kept in line with rows without React: hundreds of vehicles move every second. */
import type { Point } from '@gh/contract'
import type { Map as MapLibre, Marker } from 'maplibre-gl'
import { maplibre } from './maplibre.ts'

export interface Kept {
  marker: Marker
  drawn: string
}

export interface Marked {
  id: string
  point: Point
}

/** Bring the markers of one kind in line with the rows: add, move, redraw, remove. */
export function reconcile<T extends Marked>(
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
