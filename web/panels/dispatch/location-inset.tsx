import type { City } from '@gh/contract'
import { metres, t } from '@gh/i18n'
import { CityMap } from '@gh/map'
import { useMemo } from 'react'
import { shortNumber } from './board-parts.tsx'
import { useDesk } from './desk.tsx'
import { usePins } from './plates.ts'

/** Half the height of the window, of which the circle of uncertainty takes the larger part. */
const HALF_PX = 62
const NARROWEST_M = 30
const METRES_PER_PX_AT_0 = 156_543

/** The zoom at which a circle of so many metres fills the window. */
const zoomFor = (radius_m: number, lat: number): number =>
  Math.log2(
    (METRES_PER_PX_AT_0 * Math.cos((lat * Math.PI) / 180) * HALF_PX) /
      Math.max(radius_m, NARROWEST_M),
  ) - 1

/** How wide it is with its gap: the large map keeps what matters out from under it. */
export const INSET_PX = 316
/** A narrower map has no room for it (css/map.css). */
export const INSET_FROM_PX = 800

/**
 * The place of a case that waits, from near by, with how sure it is; the large map is for the ways.
 * Without such a case it is hidden and not taken away: to make a map anew costs a tenth of a second.
 */
export function LocationInset({ city }: { city: City | null | undefined }) {
  const { incident } = useDesk()
  const pins = usePins()
  const waits = incident?.state === 'open' && incident.dispatched_ms === null
  const location = waits ? incident.location : null
  const accuracy_m = incident?.accuracy_m ?? 0
  const shown = useMemo(
    () =>
      location
        ? {
            accuracy: { point: { lat: location.lat, lon: location.lon }, radius_m: accuracy_m },
            focus: {
              key: `${location.lat},${location.lon},${accuracy_m}`,
              points: [{ lat: location.lat, lon: location.lon }],
              zoom: zoomFor(accuracy_m, location.lat),
            },
          }
        : null,
    [location, accuracy_m],
  )
  return (
    <section
      className="inset"
      hidden={shown === null}
      aria-label={t('map.place')}
      data-testid="location-inset"
    >
      {incident === undefined ? null : (
        <header>
          <b>{t('map.place_of', { number: shortNumber(incident.number) })}</b>
          <span className="gh-sp" />
          <span>{t(`location_source.${incident.location_source || 'typed'}`)}</span>
          <b>±{metres(accuracy_m)}</b>
        </header>
      )}
      <CityMap
        inset
        tools={false}
        city={city}
        incidents={pins
          .filter((pin) => pin.id === incident?.id)
          .map((pin) => ({ ...pin, label: '' }))}
        accuracy={shown?.accuracy}
        focus={shown?.focus}
      />
    </section>
  )
}
