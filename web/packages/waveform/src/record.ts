/**
 * The ECG of a whole run as it came: coded and small, decoded only where somebody looks.
 *
 * Rule 1: at most `keep_bytes` of packets stay. Then the oldest to arrive go, and `full` says so.
 * Rule 2: at most CACHED_S seconds are decoded at a time; what was not looked at longest goes first.
 * Rule 3: a sample is here exactly as it was coded, or it is missing; so is one without its key packet.
 * Rule 4: a source that starts again is a stream of its own, and so is what follows a key packet with
 *         other leads, another scale or rate. All of them lie on one axis of time, each by the device's
 *         clock at its first key packet.
 */
import type { Piece, Span } from './assemble.ts'
import { Decoder } from './coder.ts'
import { type Declaration, type Packet, readPacket, sameSource } from './packet.ts'
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
  /** Present in key packets. */
  key: Key | null
  slab: Slab
  at: number
  size: number
}

interface Key {
  part: Part
  device_ms: number
}

/** What the key packets between two changes of the leads declare alike. */
interface Part {
  declaration: Declaration
  /** A sample whose time is known. */
  anchor: { sample: number; at_ms: number }
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
}

interface Extent {
  stream: Stream
  part: Part
  first: number
  end: number
}

/** What the packets come to, as of one version. */
interface Known {
  version: number
  spans: Span[]
  extents: Extent[]
}

const timeIn = ({ anchor, declaration }: Part, sample: number): number =>
  anchor.at_ms + ((sample - anchor.sample) * 1000) / declaration.rate_hz

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

/** Where the key packet of an entry stands; -1 while one between them is missing. */
function keyOf(entries: readonly Entry[], place: number): number {
  let at = place
  while (entries[at]?.key === null) {
    if (entries[at - 1]?.end !== entries[at]?.first) return -1
    at -= 1
  }
  return at
}

function nextPart(entries: readonly Entry[], from: number, step: 1 | -1): Part | undefined {
  let at = from
  while (entries[at]?.key === null) at += step
  return entries[at]?.key?.part
}

/** The part that a key packet belongs to which is about to stand at this place. */
function partFor(
  entries: readonly Entry[],
  place: number,
  sample: number,
  found: Declaration,
): Part {
  const before = nextPart(entries, place - 1, -1)
  const after = nextPart(entries, place, 1)
  for (const part of [before, after]) {
    if (part !== undefined && sameSource(part.declaration, found)) return part
  }
  if (before !== undefined && before === after) splitAt(entries, place, before, sample)
  return { declaration: found, anchor: { sample, at_ms: found.device_ms } }
}

/** What lies on the other side of the change than the anchor gets one of its own. */
function splitAt(entries: readonly Entry[], place: number, part: Part, sample: number): void {
  const other = part.anchor.sample < sample ? entries.slice(place) : entries.slice(0, place)
  let made: Part | undefined
  for (const { key, first } of other) {
    if (key?.part !== part) continue
    made ??= { ...part, anchor: { sample: first, at_ms: key.device_ms } }
    key.part = made
  }
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
  /** Values a second of the widest part. */
  private widest = 0
  private known: Known = { version: -1, spans: [], extents: [] }

  constructor(private readonly keep_bytes = RECORD_BYTES) {}

  /** A packet and the bytes that it was read from, at any time and in any order. */
  add(packet: Packet, data: Uint8Array): void {
    const stream = this.streamOf(packet.epoch)
    const end = packet.first + packet.count
    const place = placeOf(stream.entries, packet.first)
    const after = stream.entries[place]
    if (data.length > LONGEST_PACKET || (after !== undefined && after.first < end)) return
    const newest = stream === this.streams.at(-1) && place === stream.entries.length
    if (!newest) this.late += 1
    const slab = this.slabFor(data.length)
    // Making room may have let go of some before it.
    const now = placeOf(stream.entries, packet.first)
    const key = this.keyFor(stream, now, packet)
    const entry = { first: packet.first, end, key, slab, at: slab.used, size: data.length }
    slab.data.set(data, slab.used)
    slab.used += data.length
    slab.held.push({ stream, entry })
    stream.entries.splice(now, 0, entry)
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
    return this.look().spans
  }

  private look(): Known {
    if (this.known.version === this.version) return this.known
    const spans: [number, number][] = []
    const extents: Extent[] = []
    for (const stream of this.streams) {
      let reached = -1
      let last: Extent | undefined
      for (const { key, first, end } of stream.entries) {
        if (key === null && first !== reached) continue
        const whole: Extent | undefined =
          key === null || key.part === last?.part ? last : { stream, part: key.part, first, end }
        if (whole === undefined) continue
        const joined = first === reached && whole === last ? spans.at(-1) : undefined
        if (joined === undefined) spans.push([timeIn(whole.part, first), timeIn(whole.part, end)])
        else joined[1] = timeIn(whole.part, end)
        if (whole !== last) extents.push(whole)
        whole.end = end
        reached = end
        last = whole
      }
    }
    spans.sort((a, b) => a[0] - b[0])
    this.known = { version: this.version, spans, extents }
    return this.known
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
    let best: Extent | null = null
    let most = -1
    for (const extent of this.look().extents) {
      const { part, first, end } = extent
      const shared = Math.min(to_ms, timeIn(part, end)) - Math.max(from_ms, timeIn(part, first))
      if (shared >= most) {
        best = extent
        most = shared
      }
    }
    if (best === null || most < 0) return null
    const { declaration, anchor } = best.part
    const rate = declaration.rate_hz
    const first = Math.round(anchor.sample + ((from_ms - anchor.at_ms) * rate) / 1000)
    const count = Math.max(Math.round(((to_ms - from_ms) * rate) / 1000), 0)
    const slice = new Slice(declaration, timeIn(best.part, first), count)
    this.fill(slice, best, first, first + count)
    return slice
  }

  /** What other leads hold at that time is missing here: it is a picture of its own. */
  private fill(slice: Slice, { stream, part }: Extent, first: number, end: number): void {
    const { entries } = stream
    for (let k = placeOf(entries, first); k < entries.length; k++) {
      const entry = entries[k] as Entry
      if (entry.first >= end) return
      if (entries[keyOf(entries, k)]?.key?.part !== part) continue
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
    const from = keyOf(stream.entries, place)
    const part = stream.entries[from]?.key?.part
    if (part === undefined) return null
    // All of its group at once: a group's packets can only be decoded one after another.
    const decoder = new Decoder(part.declaration.channels.length)
    let found: Int32Array | null = null
    for (let k = from; k < stream.entries.length; k++) {
      const entry = stream.entries[k] as Entry
      const joined = stream.entries[k - 1]?.end === entry.first
      if (k > from && (entry.key !== null || !joined)) break
      try {
        const packet = readPacket(entry.slab.data.subarray(entry.at, entry.at + entry.size))
        const rows = decoder.decode(entry.key !== null, packet.coded, packet.count)
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
    for (const [oldest, other] of this.decoded) {
      if (this.decodedValues <= CACHED_S * this.widest) return
      this.decoded.delete(oldest)
      this.decodedValues -= other.length
    }
  }

  private streamOf(epoch: number): Stream {
    const known = this.streams.find((stream) => stream.epoch === epoch)
    if (known !== undefined) return known
    const made: Stream = { epoch, entries: [] }
    this.streams.push(made)
    return made
  }

  private keyFor(stream: Stream, place: number, packet: Packet): Key | null {
    const { declaration, first } = packet
    if (declaration === null) return null
    this.widest = Math.max(this.widest, declaration.rate_hz * declaration.channels.length)
    const part = partFor(stream.entries, place, first, declaration)
    return { part, device_ms: declaration.device_ms }
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
