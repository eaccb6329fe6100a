/** Where each lead stands on the paper, in millimetres and seconds; no pixel is known here. */
export const SPEEDS = [25, 50] as const
export const GAINS = [5, 10, 20] as const
export type Speed = (typeof SPEEDS)[number]
export type Gain = (typeof GAINS)[number]
export const LAYOUT_NAMES = ['3x4', '6x2', '12x1'] as const
export type LayoutName = (typeof LAYOUT_NAMES)[number]

interface Layout {
  /** From left to right, each from top to bottom. */
  columns: readonly (readonly string[])[]
  /** The lead that runs below all of them from end to end. */
  rhythm: string | null
  /** What a row needs at least, so that it can be read. */
  least_mm: number
}

const LIMB = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF'] as const
const CHEST = ['V1', 'V2', 'V3', 'V4', 'V5', 'V6'] as const
export const TWELVE: readonly string[] = [...LIMB, ...CHEST]
const LAYOUTS: Record<LayoutName, Layout> = {
  '3x4': {
    columns: [LIMB.slice(0, 3), LIMB.slice(3), CHEST.slice(0, 3), CHEST.slice(3)],
    rhythm: 'II',
    least_mm: 25,
  },
  '6x2': { columns: [LIMB, CHEST], rhythm: null, least_mm: 19 },
  '12x1': { columns: [TWELVE], rhythm: null, least_mm: 13 },
}

/** A chest lead beside V1 to V6. */
const FURTHER = /^V\d+R?$/

/**
 * Which lead stands at each place: where an electrode was moved, the lead that it is now. No other
 * lead stands under the name of one that the device does not have.
 */
export function leadAt(channels: readonly { lead: string }[]): (place: string) => string {
  const has = new Set(channels.map((one) => one.lead))
  const free = CHEST.filter((lead) => !has.has(lead))
  const further = channels
    .map((one) => one.lead)
    .filter((l) => FURTHER.test(l) && !TWELVE.includes(l))
  const moved = new Map(free.map((lead, n) => [lead as string, further[n] ?? lead]))
  return (place) => moved.get(place) ?? place
}

export const standing = (paper: Paper, channels: readonly { lead: string }[]): Strip[] => {
  const at = leadAt(channels)
  return paper.strips.map((strip) => ({ ...strip, lead: at(strip.lead) }))
}

/** How wide the calibration pulse is, as a device draws it. */
export const PULSE_S = 0.2
const PULSE_ROOM_MM = 4
/** Above the rows stand the times. */
export const TIMES_MM = 5
/** What a standard sheet holds at 25 mm/s. */
export const SHEET_S = 10
/** Of a row's height: the line of 0 mV. More of a beat stands above it than below. */
const BASE = 0.62

export interface Strip {
  lead: string
  row: number
  column: number
  /** Seconds from the paper's first one. */
  from_s: number
  to_s: number
  /** From the top of the paper. */
  top_mm: number
  base_mm: number
}

export interface Paper {
  width_mm: number
  height_mm: number
  /** Where the first second begins. */
  left_mm: number
  seconds: number
  speed: Speed
  rows: number
  strips: Strip[]
}

export const leftMm = (speed: Speed): number => PULSE_S * speed + PULSE_ROOM_MM

export const rowsOf = (name: LayoutName): number =>
  (LAYOUTS[name].columns[0]?.length ?? 0) + (LAYOUTS[name].rhythm === null ? 0 : 1)

export function paperOf(
  name: LayoutName,
  width_mm: number,
  height_mm: number,
  speed: Speed,
  most_s = Number.POSITIVE_INFINITY,
): Paper {
  const { columns, rhythm } = LAYOUTS[name]
  const rows = rowsOf(name)
  const left_mm = leftMm(speed)
  const seconds = Math.min(Math.max((width_mm - left_mm) / speed, 0), most_s)
  const row_mm = (height_mm - TIMES_MM) / rows
  const place = (row: number) => ({
    row,
    top_mm: TIMES_MM + row * row_mm,
    // On a line of the paper, so that a height can be read off it.
    base_mm: Math.round(TIMES_MM + (row + BASE) * row_mm),
  })
  const each_s = seconds / columns.length
  const strips: Strip[] = columns.flatMap((leads, column) =>
    leads.map((lead, row) => ({
      lead,
      column,
      from_s: column * each_s,
      to_s: (column + 1) * each_s,
      ...place(row),
    })),
  )
  if (rhythm !== null) {
    strips.push({ lead: rhythm, column: 0, from_s: 0, to_s: seconds, ...place(rows - 1) })
  }
  return { width_mm, height_mm, left_mm, seconds, speed, rows, strips }
}

/** Below it the millimetres run together and a beat is a smudge. */
const LEAST_PX = 2.6

/** Two papers on one screen have to do with lower rows. */
const TIGHT = 0.6

/** Pixels of a millimetre so that a sheet of 10 s at 25 mm/s fills the screen, all rows in sight. */
export function fitPxPerMm(
  name: LayoutName,
  width_px: number,
  height_px: number,
  tight = false,
): number {
  const wide = width_px / (leftMm(25) + SHEET_S * 25)
  const row_mm = LAYOUTS[name].least_mm * (tight ? TIGHT : 1)
  const tall = height_px / (TIMES_MM + rowsOf(name) * row_mm)
  return Math.max(Math.min(wide, tall), LEAST_PX)
}

/** The whole seconds that carry their time on the paper: each fifth where a second is narrow. */
export function ticks(from_ms: number, to_ms: number, px_a_s: number): number[] {
  const every_ms = px_a_s >= 90 ? 1000 : px_a_s >= 40 ? 2000 : 5000
  const found: number[] = []
  for (let at = Math.ceil(from_ms / every_ms) * every_ms; at < to_ms; at += every_ms) found.push(at)
  return found
}
