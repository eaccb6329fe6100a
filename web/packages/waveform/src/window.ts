/**
 * The newest minute of one ECG stream, sample by sample, with what is missing.
 *
 * Rule 1: a sample is here exactly as it was coded, or it is missing; nothing stands between.
 * Rule 2: late samples go to their own place; what is older than the window is let go.
 */
import type { Piece, Span } from './assemble.ts'
import type { Declaration } from './packet.ts'

const SECONDS = 60

export class EcgWindow {
  /** Number of the first sample that was ever here. */
  start = Number.POSITIVE_INFINITY
  /** One after the newest sample. */
  end = 0
  /** Pieces that came after younger ones; a picture that stood still must be drawn again. */
  late = 0
  private readonly size: number
  private readonly rows: Int32Array[]
  private readonly present: Uint8Array
  private anchor: { sample: number; at_ms: number } | null = null

  constructor(readonly declaration: Declaration) {
    this.size = Math.max(Math.ceil(declaration.rate_hz * SECONDS), 1)
    this.rows = declaration.channels.map(() => new Int32Array(this.size))
    this.present = new Uint8Array(this.size)
  }

  put(piece: Piece): void {
    if (piece.rows.length !== this.rows.length) return
    const end = piece.first + piece.count
    if (piece.first < this.end) this.late += 1
    for (let n = Math.max(this.end, end - this.size); n < end; n++) this.present[n % this.size] = 0
    this.end = Math.max(this.end, end)
    this.start = Math.min(this.start, piece.first)
    for (let k = 0; k < piece.count; k++) {
      const n = piece.first + k
      if (n < this.end - this.size) continue
      this.present[n % this.size] = 1
      this.rows.forEach((row, c) => {
        row[n % this.size] = piece.rows[c]?.[k] ?? 0
      })
    }
  }

  /** A key packet's own time, so that samples have one. */
  mark(sample: number, at_ms: number): void {
    if (this.anchor === null || sample > this.anchor.sample) this.anchor = { sample, at_ms }
  }

  timeOf(sample: number): number | null {
    if (this.anchor === null) return null
    return this.anchor.at_ms + ((sample - this.anchor.sample) * 1000) / this.declaration.rate_hz
  }

  lead(name: string): number {
    return this.declaration.channels.findIndex((channel) => channel.lead === name)
  }

  has(sample: number): boolean {
    return (
      sample >= this.end - this.size && sample < this.end && this.present[sample % this.size] === 1
    )
  }

  /** Millivolts of a sample that is here. */
  millivolt(channel: number, sample: number): number {
    const nanovolt = this.declaration.channels[channel]?.nanovolt ?? 0
    return ((this.rows[channel]?.[sample % this.size] ?? 0) * nanovolt) / 1e6
  }

  /** What is missing between two samples, within what has ever been here. */
  gaps(from: number, to: number): Span[] {
    const gaps: Span[] = []
    const last = Math.min(to, this.end)
    let open = -1
    for (let n = Math.max(from, this.start, this.end - this.size); n < last; n++) {
      if (this.has(n)) {
        if (open >= 0) gaps.push([open, n])
        open = -1
      } else if (open < 0) open = n
    }
    if (open >= 0) gaps.push([open, last])
    return gaps
  }
}
