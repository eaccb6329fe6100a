/** A replay at a moment: which rows, where a unit was, what was known. Pure; the server has folded. */
import type {
  Frame,
  MatchedAnswer,
  MissionRow,
  PatientRow,
  Point,
  Row,
  TrackFix,
} from '@gh/contract'
import type { MapTrail } from '@gh/map'

export type Clock = 'happened' | 'seen'
export const CLOCKS: readonly Clock[] = ['happened', 'seen']
export const SPEEDS = [1, 2, 5, 10, 30, 60] as const
export type Speed = (typeof SPEEDS)[number]

export type Screen = ReadonlyMap<string, Row>

/** How many frames have been played at `at_ms`: all of that moment too. */
export function playedAt(frames: readonly Frame[], at_ms: number): number {
  let low = 0
  let high = frames.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((frames[middle]?.at_ms ?? 0) <= at_ms) low = middle + 1
    else high = middle
  }
  return low
}

/** The rows after so many frames: put and dropped, nothing computed. */
export function screenAfter(frames: readonly Frame[], played: number): Screen {
  const screen = new Map<string, Row>()
  for (const frame of frames.slice(0, played)) {
    for (const row of frame.put) screen.set(`${row.table}/${row.id}`, row)
    for (const [table, id] of frame.drop) screen.delete(`${table}/${id}`)
  }
  return screen
}

export function rowsOf<T extends Row['table']>(
  screen: Screen,
  table: T,
): Extract<Row, { table: T }>[] {
  return [...screen.values()].filter((r): r is Extract<Row, { table: T }> => r.table === table)
}

/** The play head after so much real time; it stands at the end. */
export const advance = (at_ms: number, elapsed_ms: number, speed: Speed, end_ms: number): number =>
  Math.min(end_ms, at_ms + elapsed_ms * speed)

export interface Placed {
  point: Point
  /** How old the position is at that moment. */
  age_ms: number
  heading_deg: number | null
  satellites: number | null
  /** Known only afterwards: by catch-up. */
  late: boolean
  /** The crew's tablet said so, in the terminal's stead. */
  tablet: boolean
}

const MOVING_KMH = 3

const placed = (fix: TrackFix, at_ms: number, point = fix.point): Placed => ({
  point,
  age_ms: Math.max(0, at_ms - fix.at_ms),
  heading_deg: fix.speed_kmh > MOVING_KMH ? fix.heading_deg : null,
  satellites: fix.satellites,
  late: fix.catch_up,
  tablet: fix.tablet,
})

/** Where the unit was (`happened`), or where the centre had to think it was (`seen`). */
export function placeAt(fixes: readonly TrackFix[], at_ms: number, clock: Clock): Placed | null {
  let before: TrackFix | null = null
  let after: TrackFix | null = null
  for (const fix of fixes) {
    if (clock === 'seen' ? fix.received_ms <= at_ms : fix.at_ms <= at_ms) before = fix
    else if (clock === 'happened') {
      after = fix
      break
    }
  }
  if (before === null) return null
  // Straight lines hold between kept positions, but never over a gap, and nobody sees ahead.
  if (after === null || after.after_gap) return placed(before, at_ms)
  const part = (at_ms - before.at_ms) / (after.at_ms - before.at_ms)
  const mix = (a: number, b: number) => a + (b - a) * part
  return {
    ...placed(before, at_ms, {
      lat: mix(before.point.lat, after.point.lat),
      lon: mix(before.point.lon, after.point.lon),
    }),
    age_ms: 0,
  }
}

/** The way so far, in stretches of one look. */
export function trailsAt(fixes: readonly TrackFix[], at_ms: number, clock: Clock): MapTrail[] {
  const trails: { points: Point[]; look: MapTrail['look'] }[] = []
  let last: TrackFix | null = null
  for (const fix of fixes) {
    if ((clock === 'seen' ? fix.received_ms : fix.at_ms) > at_ms) continue
    if (last !== null) {
      const look = fix.after_gap ? 'gap' : fix.catch_up || last.catch_up ? 'late' : 'live'
      const open = trails.at(-1)
      if (open?.look === look) open.points.push(fix.point)
      else trails.push({ points: [last.point, fix.point], look })
    }
    last = fix
  }
  return trails
}

/** The way so far along the streets, under the positions that it was made from. */
export function matchedAt(
  pages: readonly MatchedAnswer[],
  fixes: readonly TrackFix[],
  at_ms: number,
): MapTrail[] {
  const past = <T extends { at_ms: number }>(rows: readonly T[]) =>
    rows.filter((row) => row.at_ms <= at_ms)
  const trails: MapTrail[] = [
    ...pages.flatMap((page) =>
      page.way.stretches.map(({ steps }) => ({
        points: past(steps).flatMap((step) => step.points),
        look: 'matched' as const,
      })),
    ),
    { points: past(fixes).map((fix) => fix.point), look: 'sent' },
    {
      points: pages.flatMap((page) => past(page.way.unmatched)).map((row) => row.point),
      look: 'unmatched',
    },
  ]
  return trails.filter(({ points, look }) => points.length > (look === 'matched' ? 1 : 0))
}

export interface Sample {
  at_ms: number
  sign: string
  value: number | null
}

/** What the centre had on the chart, at the moments at which it came. */
export function chartedSamples(frames: readonly Frame[]): Sample[] {
  const newest = new Map<string, number>()
  return frames.flatMap((frame) =>
    frame.put.flatMap((row) => {
      if (row.table !== 'patients' || row.vitals_ms === null) return []
      if (newest.get(row.id) === row.vitals_ms) return []
      newest.set(row.id, row.vitals_ms)
      return (row as PatientRow).vitals.map(({ sign, value }) => ({
        at_ms: frame.at_ms,
        sign,
        value,
      }))
    }),
  )
}

/** Samples of several signs on one axis of time, as uPlot wants them. */
export function aligned(
  samples: readonly Sample[],
  signs: readonly string[],
  until_ms: number,
): { at_ms: number[]; values: (number | null)[][] } {
  const known = samples.filter((s) => s.at_ms <= until_ms && signs.includes(s.sign))
  const at_ms = [...new Set(known.map((s) => s.at_ms))].sort((a, b) => a - b)
  const index = new Map(at_ms.map((ms, i) => [ms, i]))
  const values = signs.map(() => Array<number | null>(at_ms.length).fill(null))
  for (const { at_ms: ms, sign, value } of known) {
    const line = values[signs.indexOf(sign)]
    const at = index.get(ms)
    if (line !== undefined && at !== undefined) line[at] = value
  }
  return { at_ms, values }
}

export interface Mark {
  key: string
  code: string
  call_sign: string
  at_ms: number
  /** The time that held before a correction. */
  original: boolean
}

/** Row of each mark, so that their names do not cover one another; the last row takes the rest. */
export function lanes(at: readonly number[], apart: number, most: number): number[] {
  const ends: number[] = []
  return at.map((x) => {
    let lane = ends.findIndex((end) => x - end >= apart)
    if (lane < 0) lane = Math.min(ends.length, most - 1)
    ends[lane] = x
    return lane
  })
}

/** The run whose unit a screen shows first: the newest that is not over, else the newest. */
export const newestRun = (runs: readonly MissionRow[]): MissionRow | undefined =>
  [...runs].sort((a, b) => Number(b.active) - Number(a.active) || b.since_ms - a.since_ms)[0]
