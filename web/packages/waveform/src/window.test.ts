import { describe, expect, it, vi } from 'vitest'
import CASES from '../../../../tests/vectors/ecg_stream.json' with { type: 'json' }
import { Assembly } from './assembly.ts'
import { NIGHT } from './draw.ts'
import { EcgFeed } from './feed.ts'
import { NO_FILTER } from './filters.ts'
import { packed } from './packed.fixture.ts'
import { type Declaration, type Packet, readPacket } from './packet.ts'
import { panelEnd } from './paper.tsx'
import { awaited, penAfter, SweepPainter } from './sweep-painter.ts'
import { EcgWindow } from './window.ts'

const DECLARATION: Declaration = {
  device_id: 'E-1',
  replay: true,
  device_ms: 0,
  rate_hz: 100,
  channels: [{ lead: 'II', nanovolt: 5000 }],
}
const piece = (first: number, count: number, value = 200) => ({
  first,
  count,
  declaration: DECLARATION,
  rows: [new Int32Array(count).fill(value)],
})

describe('the window', () => {
  it('keeps a gap until a late piece fills exactly it', () => {
    const window = new EcgWindow(DECLARATION)
    window.put(piece(1000, 20))
    window.put(piece(1060, 20))
    expect(window.gaps(0, 9999)).toEqual([[1020, 1060]])
    expect(window.has(1030)).toBe(false)
    expect(window.late).toBe(0)
    window.put(piece(1020, 20))
    expect(window.gaps(0, 9999)).toEqual([[1040, 1060]])
    expect(window.late).toBe(1)
    expect(window.millivolt(0, 1025)).toBe(1)
  })

  it('lets go of what is older than a minute and never shows it as new', () => {
    const window = new EcgWindow(DECLARATION)
    window.put(piece(0, 100, 7))
    window.put(piece(6050, 20))
    expect(window.has(30)).toBe(false)
    expect(window.has(6030)).toBe(false)
    window.put(piece(20, 20, 7))
    expect(window.has(6030)).toBe(false)
  })

  it('knows the time of a sample from the newest key', () => {
    const window = new EcgWindow(DECLARATION)
    expect(window.timeOf(5)).toBeNull()
    window.mark(200, 50_000)
    window.mark(100, 1)
    expect(window.timeOf(250)).toBe(50_500)
  })
})

describe('the window of a vehicle', () => {
  const packets = (CASES[0]?.packets ?? []).map((text) =>
    readPacket(new Uint8Array(Buffer.from(text, 'base64'))),
  )
  const second = packets.findIndex((packet, n) => n > 0 && packet.declaration !== null)
  const named = (packet: Packet): Packet => ({
    ...packet,
    declaration: packet.declaration && {
      ...packet.declaration,
      channels: packet.declaration.channels.map(({ lead, nanovolt }) => ({
        lead: lead === 'V4' ? 'V4R' : lead,
        nanovolt,
      })),
    },
  })
  const all = packets.map((packet, n) => (n < second ? packet : named(packet)))

  /** What a page does, without the worker between. */
  function followed() {
    const feed = new EcgFeed('A-01')
    const assembly = new Assembly()
    const take = (packet: Packet, now_ms: number) => {
      const assembled = assembly.take(packed(packet))
      if (assembled !== null) feed.settle(assembled, now_ms)
    }
    return { feed, take }
  }

  it('is another one for other leads, and what is late of the old ones does not come back', () => {
    const { feed, take } = followed()
    const late = second - 1
    all.forEach((packet, n) => {
      if (n !== late) take(packet, n)
      if (n === late) expect(feed.state.window?.lead('V4')).toBeGreaterThan(-1)
    })
    const window = feed.state.window
    const change = packets[second] as Packet
    expect(window?.lead('V4')).toBe(-1)
    expect(window?.lead('V4R')).toBeGreaterThan(-1)
    expect(window?.start).toBe(change.first)
    expect(window?.timeOf(change.first)).toBe(change.declaration?.device_ms)
    take(all[late] as Packet, 99)
    expect(feed.state.window).toBe(window)
    expect(window?.start).toBe(change.first)
    expect(feed.state.record.spans()).toHaveLength(2)
  })

  it('stays the same one over key packets that declare the same', () => {
    const { feed, take } = followed()
    take(packets[0] as Packet, 0)
    const { window } = feed.state
    for (const packet of packets.slice(1)) take(packet, 1)
    expect(feed.state.window).toBe(window)
    expect(window?.start).toBe(0)
  })
})

describe('the pen', () => {
  it('glides behind the newest sample and never passes it', () => {
    expect(penAfter(900, 1000, 100, 0.1)).toBeGreaterThan(909)
    expect(penAfter(995, 1000, 100, 0.5)).toBeLessThanOrEqual(1000)
  })

  it('jumps when it is lost', () => {
    expect(penAfter(0, 1000, 100, 0.1)).toBe(970)
  })

  it('goes on over what does not come', () => {
    expect(awaited(1000, 100, 0.9)).toBe(1000)
    expect(awaited(1000, 100, 5)).toBe(1500)
  })
})

describe('the newest edge', () => {
  /** What was painted between two places: hatched columns and points of lines. */
  function painted(to: number) {
    const hatched: number[] = []
    const lined: number[] = []
    const nothing = () => {}
    const known: Record<string, unknown> = {
      canvas: { width: 800, height: 100 },
      createPattern: () => 'hatch',
      fillStyle: '',
      fillRect: (x: number) => known.fillStyle === 'hatch' && hatched.push(x),
      lineTo: (x: number) => lined.push(x),
      measureText: () => ({ width: 10 }),
    }
    const g = new Proxy(known, {
      get: (all, name) => all[name as string] ?? nothing,
    }) as unknown as CanvasRenderingContext2D
    const window = new EcgWindow(DECLARATION)
    window.put(piece(0, 100))
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(g as never)
    const cell = { lead: 'II', x: 0, width: 800, top: 0, height: 100 }
    const scale = { px_a_s: 100, px_a_mv: 10 }
    const painter = new SweepPainter(g, [cell], window, scale, NO_FILTER, NIGHT, String)
    painter.to(100)
    hatched.length = 0
    lined.length = 0
    painter.to(to)
    return { hatched, lined }
  }

  it('is a hatched band and no line, as long as nothing comes', () => {
    const { hatched, lined } = painted(150)
    expect(hatched).toHaveLength(50)
    expect(lined.filter((x) => x >= 100)).toEqual([])
  })

  it('stands on the paper of a panel beside the last that came', () => {
    expect(panelEnd(10_400, 500)).toBe(10_000)
    expect(panelEnd(10_400, 60_000)).toBe(13_000)
  })
})
