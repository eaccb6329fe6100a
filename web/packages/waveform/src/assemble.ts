/**
 * Packets of one stream in any order, with losses and duplicates; samples in theirs.
 *
 * Rule 1: a sample is given out once, exactly as it was coded, or not at all.
 * Rule 2: what is missing stays a gap with known ends until late packets fill it.
 * Rule 3: at most `keep` packets wait or stand by; then the oldest are forgotten, with all that was
 *         known of their time. What comes from before it is too late and is not taken.
 */
import { Decoder } from './coder.ts'
import type { Declaration, Packet } from './packet.ts'
import { BadBytes } from './reader.ts'

export interface Piece {
  first: number
  count: number
  declaration: Declaration
  /** One array a channel. */
  rows: Int32Array[]
}

export type Span = readonly [first: number, end: number]

export class Assembler {
  private readonly packets = new Map<number, Packet>()
  /** By end: packets that were given out. */
  private readonly given = new Map<number, Packet>()
  private covered: Span[] = []
  private live: { end: number; declaration: Declaration; decoder: Decoder } | null = null
  private start = Number.POSITIVE_INFINITY
  /** What lies before it is forgotten. */
  private floor = 0
  private newest = 0

  constructor(private readonly keep = 1024) {}

  add(packet: Packet): Piece[] {
    if (packet.first < this.floor) return []
    if (this.packets.has(packet.first) || this.overlaps(packet)) return []
    this.packets.set(packet.first, packet)
    this.start = Math.min(this.start, packet.first)
    this.newest = Math.max(this.newest, packet.first + packet.count)
    const pieces = this.advance(packet)
    if (this.packets.size > this.keep) this.forget()
    return pieces
  }

  /** How many packets and stretches are remembered. */
  get held(): { packets: number; given: number; spans: number } {
    return { packets: this.packets.size, given: this.given.size, spans: this.covered.length }
  }

  /** Gaps between the first packet that is not forgotten and the newest. */
  missing(): Span[] {
    const gaps: Span[] = []
    let at = this.start
    for (const [first, end] of this.covered) {
      if (first > at) gaps.push([at, first])
      at = Math.max(at, end)
    }
    if (at < this.newest) gaps.push([at, this.newest])
    return gaps
  }

  private advance(packet: Packet): Piece[] {
    let declaration = packet.declaration
    let decoder: Decoder
    const pieces: Piece[] = []
    try {
      if (declaration !== null) {
        decoder = new Decoder(declaration.channels.length)
      } else if (this.live?.end === packet.first) {
        declaration = this.live.declaration
        decoder = this.live.decoder
      } else {
        const group = this.groupBefore(packet)
        declaration = group[0]?.declaration ?? null
        if (declaration === null) return []
        decoder = new Decoder(declaration.channels.length)
        for (const p of group) decoder.decode(p.declaration !== null, p.coded, p.count)
      }
      let next: Packet | undefined = packet
      while (next !== undefined) {
        const end: number = next.first + next.count
        const rows = decoder.decode(next.declaration !== null, next.coded, next.count)
        pieces.push({ first: next.first, count: next.count, declaration, rows })
        this.cover(next.first, end)
        this.given.set(end, next)
        this.live = { end, declaration, decoder }
        next = this.packets.get(end)
        if (next !== undefined && (next.declaration !== null || this.overlaps(next))) break
      }
    } catch (error) {
      // Its CRC was right, so no other copy will be better: it stays a gap.
      if (!(error instanceof BadBytes)) throw error
    }
    return pieces
  }

  /** The packets from the key up to this one, or none while one is missing. */
  private groupBefore(packet: Packet): Packet[] {
    const group: Packet[] = []
    let earlier = this.given.get(packet.first)
    while (earlier !== undefined) {
      group.unshift(earlier)
      if (earlier.declaration !== null) return group
      earlier = this.given.get(earlier.first)
    }
    return []
  }

  private overlaps(packet: Packet): boolean {
    return this.covered.some(([a, b]) => a < packet.first + packet.count && packet.first < b)
  }

  private cover(first: number, end: number): void {
    const apart = this.covered.filter(([a, b]) => b < first || a > end)
    const touching = this.covered.filter(([a, b]) => !(b < first || a > end))
    const joined: Span = [
      Math.min(first, ...touching.map(([a]) => a)),
      Math.max(end, ...touching.map(([, b]) => b)),
    ]
    this.covered = [...apart, joined].sort((a, b) => a[0] - b[0])
  }

  private forget(): void {
    const oldest = [...this.packets.keys()].sort((a, b) => a - b)
    for (const first of oldest.slice(0, this.packets.size - this.keep)) {
      const packet = this.packets.get(first)
      this.packets.delete(first)
      if (packet === undefined) continue
      this.floor = first + packet.count
      this.given.delete(this.floor)
    }
    this.start = Math.max(this.start, this.floor)
    this.covered = this.covered
      .filter(([, end]) => end > this.floor)
      .map(([from, end]) => [Math.max(from, this.floor), end])
  }
}
