/**
 * The ECG of a whole run as it came: coded and small, decoded only where somebody looks.
 *
 * Rule 1: at most `keep_bytes` of packets stay. Then the oldest to arrive go, and `full` says so.
 * Rule 2: at most CACHED_S seconds are decoded at a time; what was not looked at longest goes first.
 * Rule 3: a sample is here exactly as it was coded, or it is missing; so is one without its key packet.
 * Rule 4: a source that starts again is a stream of its own. All of them lie on one axis of time, each
 *         by the device's clock at its first key packet.
 */
import type { Piece, Span } from './assemble.ts'
import { Decoder } from './coder.ts'
import { type Declaration, type Packet, readPacket } from './packet.ts'
import { BadBytes } from './reader.ts'
import { Slice } from './slice.ts'

/** Some three hours of twelve leads at 500 samples a second. */
export const RECORD_BYTES = 32 * 2 ** 20
/** Three megabytes of the same. */
export const CACHED_S = 120
const SLAB_BYTES = 2 ** 18
const LONGEST_PACKET = 2 ** 16

interface Entry {
  first: number
  end: number
  key: boolean
  slab: Slab
  at: number
  size: number
}

interface Slab {
  data: Uint8Array
  used: number
  held: { stream: Stream; entry: Entry }[]
}

interface Stream {
  epoch: number
  /** By their first sample, without overlaps. */
  entries: Entry[]
  declaration: Declaration | null
  /** A sample whose time is known. */
  anchor: { sample: number; at_ms: number } | null
}

const rateOf = (stream: Stream): number => stream.declaration?.rate_hz ?? 1
const timeIn = (stream: Stream, sample: number): number =>
  (stream.anchor?.at_ms ?? 0) + ((sample - (stream.anchor?.sample ?? 0)) * 1000) / rateOf(stream)

/** The first entry that ends after a sample. */
function placeOf(entries: readonly Entry[], sample: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle] as Entry).end <= sample) low = middle + 1
    else high = middle
  }
  return low
}

export class EcgRecord {
  /** Changes with every packet. */
  version = 0
  /** Packets that came after younger ones: only they change a picture that stands still. */
  late = 0
  /** The oldest packets were let go. */
  full = false
  private readonly streams: Stream[] = []
  private slabs: Slab[] = []
  private readonly decoded = new Map<string, Int32Array>()
  private decodedValues = 0
  private known: { version: number; spans: Span[] } = { version: -1, spans: [] }

  constructor(private readonly keep_bytes = RECORD_BYTES) {}

  /** A packet and the bytes that it was read from, at any time and in any order. */
  add(packet: Packet, data: Uint8Array): void {
    const stream = this.streamOf(packet.epoch)
    const end = packet.first + packet.count
    const place = placeOf(stream.entries, packet.first)
    const after = stream.entries[place]
    if (data.length > LONGEST_PACKET || (after !== undefined && after.first < end)) return
    if (packet.declaration !== null && stream.anchor === null) {
      stream.declaration = packet.declaration
      stream.anchor = { sample: packet.first, at_ms: packet.declaration.device_ms }
    }
    const newest = stream === this.streams.at(-1) && place === stream.entries.length
    if (!newest) this.late += 1
    const slab = this.slabFor(data.length)
    const key = packet.declaration !== null
    const entry = { first: packet.first, end, key, slab, at: slab.used, size: data.length }
    slab.data.set(data, slab.used)
    slab.used += data.length
    slab.held.push({ stream, entry })
    // Making room may have let go of some before it.
    stream.entries.splice(placeOf(stream.entries, packet.first), 0, entry)
    this.version += 1
  }

  /** What somebody else has decoded anyway, so that it need not be done twice. */
  put(epoch: number, piece: Piece): void {
    const values = new Int32Array(piece.count * piece.rows.length)
    piece.rows.forEach((row, c) => {
      values.set(row, c * piece.count)
    })
    this.cache(`${epoch}/${piece.first}`, values)
  }

  /** What can be shown, in milliseconds of 1970, in the order of time. */
  spans(): readonly Span[] {
    if (this.known.version === this.version) return this.known.spans
    const found: [number, number][] = []
    for (const stream of this.streams) {
      if (stream.anchor === null) continue
      let reached = -1
      for (const entry of stream.entries) {
        if (!entry.key && entry.first !== reached) continue
        const joined = entry.first === reached ? found.at(-1) : undefined
        if (joined === undefined) {
          found.push([timeIn(stream, entry.first), timeIn(stream, entry.end)])
        } else joined[1] = timeIn(stream, entry.end)
        reached = entry.end
      }
    }
    found.sort((a, b) => a[0] - b[0])
    this.known = { version: this.version, spans: found }
    return found
  }

  get begin_ms(): number | null {
    return this.spans()[0]?.[0] ?? null
  }

  get end_ms(): number | null {
    return this.spans().reduce<number | null>((last, [, end]) => Math.max(last ?? 0, end), null)
  }

  /** How much is held and decoded, for whoever watches over the memory. */
  get held(): { bytes: number; decoded: number } {
    return { bytes: this.slabs.length * SLAB_BYTES, decoded: this.decodedValues }
  }

  /** The samples between two times; of two streams the one that fills more of them. */
  slice(from_ms: number, to_ms: number): Slice | null {
    let best: Stream | null = null
    let most = -1
    for (const stream of this.streams) {
      const head = stream.entries[0]
      const tail = stream.entries.at(-1)
      if (stream.anchor === null || head === undefined || tail === undefined) continue
      const shared =
        Math.min(to_ms, timeIn(stream, tail.end)) - Math.max(from_ms, timeIn(stream, head.first))
      if (shared >= most) {
        best = stream
        most = shared
      }
    }
    if (best?.anchor == null || best.declaration === null || most < 0) return null
    const { declaration, anchor } = best
    const rate = declaration.rate_hz
    const first = Math.round(anchor.sample + ((from_ms - anchor.at_ms) * rate) / 1000)
    const count = Math.max(Math.round(((to_ms - from_ms) * rate) / 1000), 0)
    const slice = new Slice(declaration, timeIn(best, first), count)
    this.fill(slice, best, first, first + count)
    return slice
  }

  private fill(slice: Slice, stream: Stream, first: number, end: number): void {
    const { entries } = stream
    for (let k = placeOf(entries, first); k < entries.length; k++) {
      const entry = entries[k] as Entry
      if (entry.first >= end) return
      const values = this.decode(stream, k)
      if (values !== null) slice.put(values, entry.first - first, entry.end - entry.first)
    }
  }

  private decode(stream: Stream, place: number): Int32Array | null {
    const wanted = stream.entries[place] as Entry
    const name = `${stream.epoch}/${wanted.first}`
    const known = this.decoded.get(name)
    if (known !== undefined) {
      this.decoded.delete(name)
      this.decoded.set(name, known)
      return known
    }
    let from = place
    while (!stream.entries[from]?.key) {
      if (stream.entries[from - 1]?.end !== stream.entries[from]?.first) return null
      from -= 1
    }
    // All of its group at once: a group's packets can only be decoded one after another.
    const decoder = new Decoder(stream.declaration?.channels.length ?? 0)
    let found: Int32Array | null = null
    for (let k = from; k < stream.entries.length; k++) {
      const entry = stream.entries[k] as Entry
      const joined = entry.key || stream.entries[k - 1]?.end === entry.first
      if (k > from && (entry.key || !joined)) break
      try {
        const packet = readPacket(entry.slab.data.subarray(entry.at, entry.at + entry.size))
        const rows = decoder.decode(entry.key, packet.coded, packet.count)
        const values = new Int32Array(packet.count * rows.length)
        rows.forEach((row, c) => {
          values.set(row, c * packet.count)
        })
        this.cache(`${stream.epoch}/${entry.first}`, values)
        if (k === place) found = values
      } catch (error) {
        // No copy of it will be better: from here to the next key packet it is a gap.
        if (!(error instanceof BadBytes)) throw error
        return found
      }
    }
    return found
  }

  private cache(name: string, values: Int32Array): void {
    this.decodedValues += values.length - (this.decoded.get(name)?.length ?? 0)
    this.decoded.delete(name)
    this.decoded.set(name, values)
    const widest = Math.max(
      ...this.streams.map((stream) => rateOf(stream) * (stream.declaration?.channels.length ?? 0)),
    )
    for (const [oldest, other] of this.decoded) {
      if (this.decodedValues <= CACHED_S * widest) return
      this.decoded.delete(oldest)
      this.decodedValues -= other.length
    }
  }

  private streamOf(epoch: number): Stream {
    const known = this.streams.find((stream) => stream.epoch === epoch)
    if (known !== undefined) return known
    const made: Stream = { epoch, entries: [], declaration: null, anchor: null }
    this.streams.push(made)
    return made
  }

  private slabFor(size: number): Slab {
    const last = this.slabs.at(-1)
    if (last !== undefined && last.used + size <= SLAB_BYTES) return last
    while ((this.slabs.length + 1) * SLAB_BYTES > this.keep_bytes && this.slabs.length > 0) {
      this.full = true
      for (const { stream, entry } of this.slabs.shift()?.held ?? []) {
        stream.entries.splice(stream.entries.indexOf(entry), 1)
      }
    }
    const made: Slab = { data: new Uint8Array(SLAB_BYTES), used: 0, held: [] }
    this.slabs.push(made)
    return made
  }
}
