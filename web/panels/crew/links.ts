/** What the top bar says of the vehicle's link, in plain values; no text of a language. */
import type { ClockOffset, DataClass, EdgeStatus, Limits, NumericSet } from '@gh/contract'

/** The ECG format: every packet is a fifth of a second. */
const PACKET_MS = 200
/** So much ECG is always under way. */
const ECG_UNDER_WAY_MS = 5_000
/** A smaller difference changes no time node that people read. */
const CLOCK_SEEN_MS = 1_000
/** The box says itself every two seconds; a little later is nothing yet. */
const CONTACT_OLD_MS = 6_000

/** Whether the centre is reached; at an edge the page's own channel goes to the edge only. */
export const isConnected = (
  edge: { data: EdgeStatus | undefined; isError: boolean },
  live: boolean,
): boolean => (edge.data !== undefined && !edge.isError ? edge.data.connected : live)

/** The network in use, where there are two; else empty. */
export const uplinkName = (edge: EdgeStatus | undefined): string =>
  edge !== undefined && edge.uplinks.length > 1
    ? (edge.classes.find((one) => one.data === 'events')?.uplink ?? '')
    : ''

/** The network in use, also where it is the only one. */
const inUse = (edge: EdgeStatus): EdgeStatus['uplinks'][number] | undefined =>
  edge.uplinks.length === 1
    ? edge.uplinks[0]
    : edge.uplinks.find((one) => one.name === uplinkName(edge))

/** What the network in use was measured to carry, in kbit/s; null: nobody has measured. */
export const rateOf = (edge: EdgeStatus | undefined): number | null =>
  (edge && inUse(edge)?.rate_kbit_s) || null

/** The networks beside the one in use: a spare that is gone is missed when it is needed. */
export const spares = (edge: EdgeStatus | undefined): EdgeStatus['uplinks'] =>
  edge?.uplinks.filter((one) => edge.uplinks.length > 1 && one !== inUse(edge)) ?? []

/** Since when the centre was not heard, where that is worth a word; null: it was just now. */
export const unheard = (edge: EdgeStatus | undefined, now: number): number | null =>
  edge?.last_contact_ms != null && now - edge.last_contact_ms > CONTACT_OLD_MS
    ? now - edge.last_contact_ms
    : null

/** Classes that wait at the vehicle, the most urgent first; ECG in milliseconds of recording. */
export function waitingClasses(edge: EdgeStatus | undefined): { data: DataClass; n: number }[] {
  return (edge?.classes ?? [])
    .map((one) => ({
      data: one.data,
      n: (one.waiting ?? 0) * (one.data === 'backlog' ? PACKET_MS : 1),
    }))
    .filter((one) => one.n > (one.data === 'backlog' ? ECG_UNDER_WAY_MS : 0))
}

/** How far the centre's clock is ahead, when that is certain and matters; else null. */
export const clockError = (clock: ClockOffset | null | undefined): number | null =>
  clock != null && Math.abs(clock.offset_ms) > Math.max(clock.uncertainty_ms, CLOCK_SEEN_MS)
    ? clock.offset_ms
    : null

/** What is said of the cabin's cameras; null: nothing is to be said. */
export function recordingWord(
  edge: EdgeStatus | undefined,
  onRun: boolean,
): 'recording' | 'no_room' | 'not_recording' | null {
  const video = edge?.video ?? null
  if (video === null) return null
  if (video.recording > 0) return 'recording'
  if (!onRun) return null
  return video.full ? 'no_room' : 'not_recording'
}

/** Whether a hospital looks at the cabin, or may not; null: nothing is to be said. */
export function lookedAt(edge: EdgeStatus | undefined): 'watched' | 'closed_here' | null {
  const video = edge?.video ?? null
  if (video === null) return null
  if (video.closed) return 'closed_here'
  return video.watchers > 0 ? 'watched' : null
}

/** What is said of the vehicle's disk: that nothing is kept any more, or how full it is in percent. */
export function diskWord(
  edge: EdgeStatus | undefined,
  limits: Limits | undefined,
  newest: NumericSet | undefined,
): 'unstored' | number | null {
  if (newest?.unstored) return 'unstored'
  const used = edge?.disk_used ?? null
  if (used === null || limits === undefined || used <= limits.screen.disk_warn_share) return null
  return Math.round(used * 100)
}
