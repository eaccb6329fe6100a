import { describe, expect, it } from 'vitest'
import CASES from '../../../../tests/vectors/ecg_stream.json' with { type: 'json' }
import { Assembler } from './assemble.ts'
import { NO_FILTER } from './filters.ts'
import { packed } from './packed.fixture.ts'
import { type Declaration, type Packet, readPacket } from './packet.ts'
import { sliceFor } from './paper.tsx'
import { CACHED_S, EcgRecord } from './record.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const TWELVE = CASES[0] as (typeof CASES)[number]
const DATA = TWELVE.packets.map(bytes)
const PACKETS = DATA.map(readPacket)
const KEY = PACKETS[0] as Packet
const RATE_HZ = KEY.declaration?.rate_hz ?? 0
const BEGIN_MS = KEY.declaration?.device_ms ?? 0
const COUNT = PACKETS.reduce((sum, packet) => sum + packet.count, 0)
const atMs = (sample: number) => BEGIN_MS + (sample * 1000) / RATE_HZ

function millivolts(): number[] {
  const raw = bytes(TWELVE.samples)
  const view = new DataView(raw.buffer, raw.byteOffset)
  const nanovolt = KEY.declaration?.channels[0]?.nanovolt ?? 0
  return Array.from(
    { length: COUNT },
    (_, n) => (view.getInt32(4 * n * TWELVE.channels, true) * nanovolt) / 1e6,
  )
}

function recordOf(order: readonly number[]): EcgRecord {
  const record = new EcgRecord()
  for (const n of order) record.add(PACKETS[n] as Packet, DATA[n] as Uint8Array)
  return record
}
const ALL = PACKETS.map((_, n) => n)

describe('the record of a run', () => {
  it.each([
    ['in order', ALL],
    ['backwards', [...ALL].reverse()],
    ['with doubles', [...ALL, ...ALL]],
  ])('gives every sample as it was coded: %s', (_, order) => {
    const slice = recordOf(order).slice(atMs(0), atMs(COUNT))
    const wanted = Float32Array.from(millivolts())
    expect(slice?.rows[0]).toEqual(wanted)
    expect(slice?.gaps()).toEqual([])
  })

  it('shows as missing what was lost and what no key packet leads to', () => {
    const record = recordOf(ALL.filter((n) => n !== 3))
    const lost = PACKETS[3] as Packet
    const next = PACKETS.slice(4).find((packet) => packet.declaration !== null)
    const until = next?.first ?? COUNT
    expect(record.slice(atMs(0), atMs(COUNT))?.gaps()).toEqual([[lost.first, until]])
    expect(record.spans()[0]).toEqual([atMs(0), atMs(lost.first)])
    record.add(lost, DATA[3] as Uint8Array)
    expect(record.slice(atMs(0), atMs(COUNT))?.gaps()).toEqual([])
    expect(record.spans()).toEqual([[atMs(0), atMs(COUNT)]])
  })

  it('has gaps, and never something else, before its first and after its last sample', () => {
    const slice = recordOf(ALL).slice(atMs(-100), atMs(COUNT + 100))
    expect(slice?.gaps()).toEqual([
      [0, 100],
      [COUNT + 100, COUNT + 200],
    ])
    expect(new EcgRecord().slice(0, 1000)).toBeNull()
  })

  it('keeps the stream before a restart of its source, at its own time', () => {
    const record = recordOf(ALL)
    const later = { ...(KEY.declaration as NonNullable<Packet['declaration']>) }
    later.device_ms += 60_000
    record.add({ ...KEY, epoch: KEY.epoch + 1, declaration: later }, DATA[0] as Uint8Array)
    expect(record.spans().map(([from]) => from)).toEqual([BEGIN_MS, BEGIN_MS + 60_000])
    expect(record.slice(atMs(0), atMs(50))?.begin_ms).toBe(BEGIN_MS)
    expect(record.slice(BEGIN_MS + 60_000, BEGIN_MS + 60_100)?.begin_ms).toBe(BEGIN_MS + 60_000)
  })

  it('holds no more bytes than it may and lets the oldest go', () => {
    const record = new EcgRecord(2 ** 19)
    const last = 2000
    for (let k = 0; k < last; k++) {
      const first = k * KEY.count
      record.add({ ...KEY, first }, DATA[0] as Uint8Array)
    }
    expect(record.held.bytes).toBeLessThanOrEqual(2 ** 19)
    expect(record.full).toBe(true)
    expect(record.begin_ms).toBeGreaterThan(BEGIN_MS)
    expect(record.end_ms).toBe(atMs(last * KEY.count))
  })

  it('holds no more decoded samples than it may', () => {
    const record = recordOf([0])
    const count = 100
    const rows = PACKETS[0]?.declaration?.channels.map(() => new Int32Array(count)) ?? []
    for (let first = 0; first < 3 * CACHED_S * RATE_HZ; first += count) {
      record.put(KEY.epoch, { first, count, rows, declaration: KEY.declaration as Declaration })
    }
    const most = CACHED_S * RATE_HZ * TWELVE.channels
    expect(record.held.decoded).toBeLessThanOrEqual(most)
    expect(record.held.decoded).toBeGreaterThan(most / 2)
  })

  it('is not changed by a filter', () => {
    const record = recordOf(ALL)
    const plain = record.slice(atMs(0), atMs(COUNT))
    const before = plain?.rows[0]?.slice()
    const made = plain?.through({ ...NO_FILTER, low_pass_hz: 40 })
    expect(made?.rows[0]).not.toEqual(before)
    expect(plain?.rows[0]).toEqual(before)
    expect(record.slice(atMs(0), atMs(COUNT))?.rows[0]).toEqual(before)
  })
})

describe('leads that change within a stream', () => {
  const SECOND = PACKETS.findIndex((packet, n) => n > 0 && packet.declaration !== null)
  const CHANGE = (PACKETS[SECOND] as Packet).first
  const END = COUNT

  /** The packets from the second key on, under a changed declaration. */
  function changed(change: (was: Declaration) => Declaration): [Packet, Uint8Array][] {
    return PACKETS.slice(SECOND).map((packet) => {
      const declaration = packet.declaration && change(packet.declaration)
      const data = packed({ ...packet, declaration })
      return [readPacket(data), data]
    })
  }
  const before = PACKETS.slice(0, SECOND).map((packet, n): [Packet, Uint8Array] => [
    packet,
    DATA[n] as Uint8Array,
  ])
  const right = (was: Declaration): Declaration => ({
    ...was,
    channels: was.channels.map(({ lead, nanovolt }) => ({
      lead: { V3: 'V3R', V4: 'V4R' }[lead] ?? lead,
      nanovolt: 2 * nanovolt,
    })),
  })
  const leads = (record: EcgRecord, from: number, to: number) =>
    record.slice(atMs(from), atMs(to))?.declaration.channels.map(({ lead }) => lead)

  it('are written as the source wrote them', () => {
    expect(readPacket(packed(KEY))).toEqual(KEY)
  })

  it.each([
    ['in order', (all: [Packet, Uint8Array][]) => all],
    ['backwards', (all: [Packet, Uint8Array][]) => all.toReversed()],
    [
      'keys last',
      (all: [Packet, Uint8Array][]) =>
        all.toSorted(([a], [b]) => Number(a.declaration !== null) - Number(b.declaration !== null)),
    ],
  ])('keep the name and the scale that they were sent with: %s', (_, order) => {
    const record = new EcgRecord()
    for (const [packet, data] of order([...before, ...changed(right)])) record.add(packet, data)
    expect(leads(record, 0, CHANGE)).toContain('V3')
    expect(leads(record, CHANGE, END)).toContain('V3R')
    expect(leads(record, CHANGE, END)).not.toContain('V3')
    const wanted = millivolts()
    const [old, now] = [record.slice(atMs(0), atMs(CHANGE)), record.slice(atMs(CHANGE), atMs(END))]
    expect(old?.rows[0]).toEqual(Float32Array.from(wanted.slice(0, CHANGE)))
    expect(now?.rows[0]).toEqual(Float32Array.from(wanted.slice(CHANGE).map((mv) => 2 * mv)))
    expect(record.spans()).toEqual([
      [atMs(0), atMs(CHANGE)],
      [atMs(CHANGE), atMs(END)],
    ])
  })

  it('are missing, and no line, in the picture of the others', () => {
    const record = new EcgRecord()
    for (const [packet, data] of [...before, ...changed(right)]) record.add(packet, data)
    const slice = record.slice(atMs(0), atMs(CHANGE + 100))
    expect(slice?.declaration.channels.map(({ lead }) => lead)).toContain('V3')
    expect(slice?.gaps()).toEqual([[CHANGE, CHANGE + 100]])
  })

  it('are three where there were twelve, and nine that are flat nowhere', () => {
    const three = readPacket(bytes(CASES[1]?.packets[0] ?? ''))
    const declaration = { ...(three.declaration as Declaration), device_ms: atMs(CHANGE) }
    const data = packed({ ...three, epoch: KEY.epoch, first: CHANGE, declaration })
    const record = new EcgRecord()
    for (const [packet, of] of before) record.add(packet, of)
    record.add(readPacket(data), data)
    const end_ms = atMs(CHANGE) + (three.count * 1000) / declaration.rate_hz
    const slice = record.slice(atMs(CHANGE), end_ms)
    expect(slice?.rows).toHaveLength(3)
    expect(slice?.gaps()).toEqual([])
    expect(record.end_ms).toBe(end_ms)
  })

  it('find their time again when the change becomes known late', () => {
    const slow = (was: Declaration) => ({ ...was, rate_hz: 250, device_ms: was.device_ms + 7 })
    const late = changed(slow)
    const again = { ...KEY, first: END + 500 }
    const declaration = { ...(KEY.declaration as Declaration), device_ms: BEGIN_MS + 60_000 }
    const record = new EcgRecord()
    for (const [packet, data] of before) record.add(packet, data)
    record.add({ ...again, declaration }, packed({ ...again, declaration }))
    expect(record.spans().at(-1)?.[0]).toBe(atMs(END + 500))
    for (const [packet, data] of late) record.add(packet, data)
    expect(record.spans().map(([from]) => from)).toEqual([
      BEGIN_MS,
      late[0]?.[0].declaration?.device_ms,
      BEGIN_MS + 60_000,
    ])
  })
})

describe('a window that is filtered', () => {
  it('holds its own samples only, at their own times', () => {
    const record = recordOf(ALL)
    const filter = { ...NO_FILTER, low_pass_hz: 40 } as const
    const plain = sliceFor(record, atMs(200), atMs(700), NO_FILTER)
    const made = sliceFor(record, atMs(200), atMs(700), filter)
    expect([made?.count, made?.begin_ms]).toEqual([500, atMs(200)])
    expect([plain?.count, plain?.begin_ms]).toEqual([500, atMs(200)])
    expect(made?.gaps()).toEqual([])
  })
})

describe('the assembler of a page that stays open', () => {
  const flat = readPacket(bytes(CASES[4]?.packets[0] ?? ''))

  it('remembers a bounded number of packets and gaps, whatever was lost', () => {
    const keep = 50
    const assembler = new Assembler(keep)
    for (let k = 0; k < 20 * keep; k++) {
      // Every second one is lost and never comes.
      assembler.add({ ...flat, first: 2 * k * flat.count })
    }
    const { packets, given, spans } = assembler.held
    expect(Math.max(packets, given, spans)).toBeLessThanOrEqual(keep)
    expect(assembler.missing().length).toBeLessThanOrEqual(keep)
  })

  it('gives nothing out twice that it has forgotten', () => {
    const assembler = new Assembler(5)
    for (let k = 0; k < 50; k++) assembler.add({ ...flat, first: k * flat.count })
    expect(assembler.add(flat)).toEqual([])
  })
})
