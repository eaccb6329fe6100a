/**
 * The tablet says where the unit is, for a vehicle whose terminal is silent or that has none.
 *
 * Rule 1: it is asked for its position only while somebody of the crew is logged in with a unit, at
 *         the vehicle's own computer.
 * Rule 2: the newest is told, every 5 s at most and every 10 s while the tablet stands. What did not
 *         arrive is not told again: an old position is worth nothing.
 * Rule 3: who has refused is not asked again; the browser's settings are where one takes that back.
 * Rule 4: a moment is told by the vehicle's clock; of the tablet's own clock only ages are used.
 */
import { post, type TabletAnswer, type TabletPosition } from '@gh/contract'
import { serverNow } from '@gh/live'
import { useSession } from '@gh/session'
import { useEffect, useState } from 'react'

export const MOVING_MS = 5_000
export const STANDING_MS = 10_000
/** Slower than a person walks. */
const STANDING_KMH = 3
const KMH_IN_M_S = 3.6

/** How it stands: the browser's word, or what the vehicle made of the position. */
export type PlaceWord = 'asked' | 'refused' | 'lost' | 'used' | NonNullable<TabletAnswer['unheard']>

export interface Means {
  geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch'>
  /** Whether the browser gives positions without asking. */
  granted: () => Promise<boolean>
  tell: (position: TabletPosition) => Promise<TabletAnswer>
  /** By the vehicle's clock. */
  now: () => number
}

export function positionOf(found: GeolocationPosition, unit_id: string, now_ms: number) {
  const { latitude, longitude, accuracy, speed, heading } = found.coords
  const known = (value: number | null): value is number => value !== null && Number.isFinite(value)
  return {
    unit_id,
    point: { lat: latitude, lon: longitude },
    accuracy_m: accuracy,
    speed_kmh: known(speed) ? Math.max(0, speed) * KMH_IN_M_S : null,
    // A tablet that stands has none.
    heading_deg: known(heading) ? Math.round(heading) % 360 : null,
    device_ms: Math.round(now_ms - Math.max(0, Date.now() - found.timestamp)),
  } satisfies TabletPosition
}

/** Until the function that it gives is called. */
export function follow(unitId: string, means: Means, show: (word: PlaceWord) => void): () => void {
  const { geolocation } = means
  let told_ms = Number.NEGATIVE_INFINITY
  /** Infinite: asked, and not answered yet. */
  let heard_ms = Number.POSITIVE_INFINITY
  let refused = false
  let over = false
  const say = (word: PlaceWord) => {
    if (!over) show(word)
  }
  const take = (found: GeolocationPosition) => {
    heard_ms = Date.now()
    const position = positionOf(found, unitId, means.now())
    const stands = position.speed_kmh !== null && position.speed_kmh < STANDING_KMH
    if (over || Date.now() - told_ms < (stands ? STANDING_MS : MOVING_MS)) return
    told_ms = Date.now()
    means.tell(position).then(
      (answer) => say(answer.unheard ?? 'used'),
      // The screen says by itself that the vehicle's computer is away; the next position is newer.
      () => {},
    )
  }
  const fail = (error: GeolocationPositionError) => {
    heard_ms = Date.now()
    refused = error.code === error.PERMISSION_DENIED
    say(refused ? 'refused' : 'lost')
  }
  const begin = () =>
    geolocation.watchPosition(take, fail, { enableHighAccuracy: true, maximumAge: 0 })
  say('asked')
  let watch = begin()
  // Of a tablet that stands some browsers say nothing until they are asked anew.
  const again = setInterval(async () => {
    if (Date.now() - heard_ms < STANDING_MS || (refused && !(await means.granted())) || over) return
    refused = false
    heard_ms = Number.POSITIVE_INFINITY
    geolocation.clearWatch(watch)
    watch = begin()
  }, MOVING_MS)
  return () => {
    over = true
    clearInterval(again)
    geolocation.clearWatch(watch)
  }
}

const granted = () =>
  navigator.permissions.query({ name: 'geolocation' }).then(
    (found) => found.state === 'granted',
    () => false,
  )

/** `unitId`: empty where this page does not come from a vehicle's own computer. */
export function useTabletPlace(unitId: string): PlaceWord | null {
  const session = useSession()
  const [word, setWord] = useState<PlaceWord | null>(null)
  const speaks = unitId !== '' && session?.role === 'crew' && session.unit_id === unitId
  useEffect(() => {
    if (!speaks || !('geolocation' in navigator)) return
    const tell = (position: TabletPosition) => post<TabletAnswer>('/api/tablets/position', position)
    const means = { geolocation: navigator.geolocation, granted, tell, now: serverNow }
    const stop = follow(unitId, means, setWord)
    return () => {
      stop()
      setWord(null)
    }
  }, [speaks, unitId])
  return word
}

/** Of the light in the bar, where nobody says where the unit is: why the tablet does not. */
export const missingWord = (word: PlaceWord | null): PlaceWord | null =>
  word === null || word === 'asked' || word === 'used' || word === 'terminal' ? null : word
