/** Some seconds of an ECG, decoded, in millivolts, with what is missing; and the same filtered. */
import type { Span } from './assemble.ts'
import { type FilterChoice, filtered, isOn } from './filters.ts'
import type { Declaration } from './packet.ts'

export class Slice {
  readonly rows: Float32Array[]
  readonly present: Uint8Array

  constructor(
    readonly declaration: Declaration,
    /** When sample 0 was taken. */
    readonly begin_ms: number,
    readonly count: number,
  ) {
    this.rows = declaration.channels.map(() => new Float32Array(count))
    this.present = new Uint8Array(count)
  }

  get end_ms(): number {
    return this.timeOf(this.count)
  }

  /** Decoded values, channel after channel, so many of each; what lies outside is left out. */
  put(values: Int32Array, at: number, count: number): void {
    // Of other leads than these: nothing of it stands under their names.
    if (values.length !== count * this.rows.length) return
    const from = Math.max(-at, 0)
    const to = Math.min(count, this.count - at)
    if (to <= from) return
    this.present.fill(1, at + from, at + to)
    this.rows.forEach((row, c) => {
      const millivolt = (this.declaration.channels[c]?.nanovolt ?? 0) / 1e6
      for (let k = from; k < to; k++) row[at + k] = (values[c * count + k] ?? 0) * millivolt
    })
  }

  /** The same samples between two times, and no others. */
  cut(from_ms: number, to_ms: number): Slice {
    const first = Math.min(Math.max(Math.round(this.sampleAt(from_ms)), 0), this.count)
    const end = Math.min(Math.max(Math.round(this.sampleAt(to_ms)), first), this.count)
    const made = new Slice(this.declaration, this.timeOf(first), end - first)
    made.present.set(this.present.subarray(first, end))
    made.rows.forEach((row, c) => {
      row.set((this.rows[c] as Float32Array).subarray(first, end))
    })
    return made
  }

  lead(name: string): number {
    return this.declaration.channels.findIndex((channel) => channel.lead === name)
  }

  timeOf(sample: number): number {
    return this.begin_ms + (sample * 1000) / this.declaration.rate_hz
  }

  sampleAt(at_ms: number): number {
    return ((at_ms - this.begin_ms) * this.declaration.rate_hz) / 1000
  }

  gaps(): Span[] {
    const found: Span[] = []
    let open = -1
    for (let n = 0; n <= this.count; n++) {
      const missing = n < this.count && this.present[n] === 0
      if (missing && open < 0) open = n
      if (!missing && open >= 0) {
        found.push([open, n])
        open = -1
      }
    }
    return found
  }

  /** Another one, through filters; this one stays as it is. */
  through(choice: FilterChoice): Slice {
    if (!isOn(choice)) return this
    const made = new Slice(this.declaration, this.begin_ms, this.count)
    made.present.set(this.present)
    this.rows.forEach((row, c) => {
      made.rows[c]?.set(filtered(row, this.present, choice, this.declaration.rate_hz))
    })
    return made
  }
}
