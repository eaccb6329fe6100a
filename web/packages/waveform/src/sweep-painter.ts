/**
 * Leads as on a monitor, painted a few samples at a time.
 *
 * Rule 1: a frame clears and draws only what the pen passes; what stands is left alone.
 * Rule 2: what is missing is a hatched band, never a line; a filter starts afresh behind it.
 * Rule 3: nor does the pen wait for what does not come: after a second it goes on, and what it passes
 *         is missing until it is here.
 */
import { FONT, type Ink, label, type Scale } from './draw.ts'
import { type FilterChoice, Pass, sections } from './filters.ts'
import type { EcgWindow } from './window.ts'

const BEHIND_S = 0.3
/** The pen stays so far behind the newest sample that packets arrive before it needs them. */
const CATCH_UP = 0.05
const LOST_S = 1
/** Packets come five times a second; longer without one is no jitter. */
const SILENT_S = 1
/** What is clear before the pen. */
const WIPED_S = 0.24
const HATCH_PX = 8
const LEAST_WORDS_PX = 56

/** Where the pen is after `passed_s`: it glides, never passes what is here, and jumps when it lost. */
export function penAfter(pen: number, end: number, rate_hz: number, passed_s: number): number {
  const wanted = end - BEHIND_S * rate_hz
  const moved = pen + passed_s * rate_hz
  if (Math.abs(wanted - moved) > LOST_S * rate_hz) return wanted
  return Math.min(moved + (wanted - moved) * CATCH_UP, end)
}

/** Where the newest sample would be by now; where it is, as long as packets keep coming. */
export function awaited(end: number, rate_hz: number, silent_s: number): number {
  return silent_s > SILENT_S ? end + silent_s * rate_hz : end
}

export interface Cell {
  lead: string
  x: number
  width: number
  top: number
  height: number
}
const baseOf = (cell: Cell): number => cell.top + cell.height * 0.62

export function cellsOf(
  leads: readonly string[],
  columns: number,
  width: number,
  height: number,
): Cell[] {
  const rows = Math.ceil(leads.length / columns)
  return leads.map((lead, n) => ({
    lead,
    x: (Math.floor(n / rows) * width) / columns,
    width: width / columns,
    top: ((n % rows) * height) / rows,
    height: height / rows,
  }))
}

/** What stands beneath the traces: names and the height of a millivolt. */
export function furnish(
  g: CanvasRenderingContext2D,
  cells: readonly Cell[],
  scale: Scale,
  ink: Ink,
) {
  g.strokeStyle = ink.text
  g.lineWidth = 1.5
  for (const cell of cells) {
    g.beginPath()
    for (const y of [baseOf(cell), baseOf(cell) - scale.px_a_mv]) {
      g.moveTo(cell.x + 2, y)
      g.lineTo(cell.x + 8, y)
    }
    g.moveTo(cell.x + 5, baseOf(cell))
    g.lineTo(cell.x + 5, baseOf(cell) - scale.px_a_mv)
    g.stroke()
    label(g, cell.lead, cell.x + 13, cell.top + 15, ink)
  }
}

export class SweepPainter {
  private drawn = 0
  private readonly passes: Pass[]
  private readonly hatch: CanvasPattern | null
  /** Samples from one edge of a cell to the other. */
  private readonly round: number
  private readonly step: number

  constructor(
    private readonly g: CanvasRenderingContext2D,
    private readonly cells: readonly Cell[],
    private readonly window: EcgWindow,
    private readonly scale: Scale,
    filter: FilterChoice,
    private readonly ink: Ink,
    private readonly gapWords: (ms: number) => string,
  ) {
    const rate = window.declaration.rate_hz
    this.step = scale.px_a_s / rate
    this.round = Math.max(Math.floor((cells[0]?.width ?? 0) / this.step), 1)
    const parts = sections(filter, rate, 1)
    this.passes = cells.map(() => new Pass(parts))
    this.hatch = hatchOf(g, ink)
  }

  /** Everything anew, up to the pen: at the start, at a new size, when something late has come. */
  all(pen: number): void {
    const { width, height } = this.g.canvas
    this.g.save()
    this.g.setTransform(1, 0, 0, 1, 0, 0)
    this.g.clearRect(0, 0, width, height)
    this.g.restore()
    for (const pass of this.passes) pass.reset()
    const kept = this.round - Math.ceil(WIPED_S * this.window.declaration.rate_hz)
    this.drawn = Math.max(Math.floor(pen) - kept, 0)
    this.to(pen)
  }

  to(pen: number): void {
    const until = Math.floor(pen)
    if (until < this.drawn || until - this.drawn > this.round) {
      this.all(pen)
      return
    }
    while (this.drawn < until) {
      const edge = (Math.floor(this.drawn / this.round) + 1) * this.round
      const next = Math.min(until, edge)
      this.wipe(this.drawn, next)
      this.cells.forEach((cell, c) => {
        this.piece(cell, this.passes[c] as Pass, this.drawn, next)
      })
      this.drawn = next
    }
  }

  private x(cell: Cell, sample: number, round: number): number {
    return cell.x + (sample - round * this.round) * this.step
  }

  /** A column from top to bottom, since a deep wave reaches into the row below its own. */
  private wipe(from: number, to: number): void {
    const round = Math.floor(from / this.round)
    const ahead = WIPED_S * this.scale.px_a_s
    const bottom = Math.max(...this.cells.map((cell) => cell.top + cell.height))
    for (const cell of this.cells.filter(({ top }) => top === 0)) {
      const left = this.x(cell, from, round)
      const right = Math.min(this.x(cell, to, round) + ahead, cell.x + cell.width)
      this.g.clearRect(left, 0, right - left, bottom)
    }
  }

  private piece(cell: Cell, pass: Pass, from: number, to: number): void {
    const { g, window } = this
    const round = Math.floor(from / this.round)
    const x = (sample: number) => this.x(cell, sample, round)
    const channel = window.lead(cell.lead)
    if (channel < 0) return
    g.strokeStyle = this.ink.trace
    g.lineWidth = 1.5
    g.lineJoin = 'round'
    g.beginPath()
    // From the sample before, or pieces would stand apart by one sample's width.
    let down = false
    const fresh = from % this.round === 0
    for (let n = from; n < to; n++) {
      if (!window.has(n)) {
        pass.reset()
        this.last.delete(cell)
        this.missing(cell, x(n), n < window.start)
        down = false
        continue
      }
      const y = baseOf(cell) - pass.step(window.millivolt(channel, n)) * this.scale.px_a_mv
      const before = this.last.get(cell)
      if (!down && before !== undefined && !fresh) g.moveTo(x(n - 1), before)
      else if (!down) g.moveTo(x(n), y)
      g.lineTo(x(n), y)
      this.last.set(cell, y)
      down = true
      if (!window.has(n - 1) && n > window.start) this.nameGap(cell, n, x)
    }
    g.stroke()
    g.fillStyle = this.ink.text
    g.fillRect(x(to) + 1, cell.top + 3, 1.5, cell.height - 6)
  }

  /** The height of each cell's newest sample. */
  private readonly last = new Map<Cell, number>()

  private missing(cell: Cell, x: number, before: boolean): void {
    if (before) return // nobody was connected yet: that is no gap
    this.g.fillStyle = this.hatch ?? this.ink.gap
    this.g.fillRect(x, cell.top, this.step + 0.5, cell.height)
  }

  private nameGap(cell: Cell, end: number, x: (sample: number) => number): void {
    const gap = this.window.gaps(end - this.round, end).at(-1)
    if (gap === undefined || gap[1] !== end) return
    const left = Math.max(x(gap[0]), cell.x)
    if (x(end) - left < LEAST_WORDS_PX) return
    const words = this.gapWords(((end - gap[0]) * 1000) / this.window.declaration.rate_hz)
    this.g.font = `600 12px ${FONT}`
    const size = this.g.measureText(words).width
    const at = (left + x(end) - size) / 2
    this.g.fillStyle = this.ink.paper
    this.g.fillRect(at - 3, cell.top + cell.height / 2 - 9, size + 6, 18)
    this.g.fillStyle = this.ink.gapLine
    this.g.fillText(words, at, cell.top + cell.height / 2 + 4)
  }
}

function hatchOf(g: CanvasRenderingContext2D, ink: Ink): CanvasPattern | null {
  const tile = document.createElement('canvas')
  tile.width = HATCH_PX
  tile.height = HATCH_PX
  const own = tile.getContext('2d')
  if (own === null) return null
  own.fillStyle = ink.gap
  own.fillRect(0, 0, HATCH_PX, HATCH_PX)
  own.strokeStyle = ink.gapLine
  own.beginPath()
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    own.moveTo(shift, HATCH_PX)
    own.lineTo(shift + HATCH_PX, 0)
  }
  own.stroke()
  return g.createPattern(tile, 'repeat')
}
