/**
 * One vehicle's ECG over its own WebSocket: packets in, a window of samples out.
 *
 * Rule 1: silence of 6 s is a broken line; the line comes back by itself. The stream's own gaps stay
 *         gaps until the packets come.
 * Rule 2: a source that starts again is a new stream, and so is one that declares other leads, another
 *         scale or rate: the old one leaves the moving screen and stays in the record.
 * Rule 3: the server sends what was measured on one patient; `elsewhere` is its word that the device
 *         is on another one now.
 * Rule 4: it grows by its record only, which has a bound: the assembler keeps 1,024 packets, the
 *         window one minute.
 * Rule 5: samples are decoded beside the page, which draws and hears fingers meanwhile.
 */
import { serverNow } from '@gh/live'
import type { Assembled } from './assembly.ts'
import { sameSource } from './packet.ts'
import { EcgRecord } from './record.ts'
import { EcgWindow } from './window.ts'

const SILENCE_MS = 6_000
const RETRY_MS = 1_500
const CLOSE_ENDED = 4401

export interface EcgState {
  window: EcgWindow | null
  /** All of this run that came since the page follows it. */
  record: EcgRecord
  /** When the newest samples came, by the server's clock: what comes late for a gap is none of them. */
  newest_ms: number
  /** How late these were already when they were sent here. */
  late_ms: number
  connected: boolean
  /** There is an ECG aboard, and it is another patient's now, or nobody's. */
  elsewhere: boolean
  /** Packets taken; changes whenever the window does. */
  taken: number
}

interface Ping {
  elsewhere: boolean
  /** A server of before does not say. */
  late_ms?: number
}

export function ecgUrl(origin: string, unit: string, patientId: string): string {
  const url = new URL('/api/ecg', origin.replace(/^http/, 'ws'))
  url.searchParams.set('unit', unit)
  url.searchParams.set('patient_id', patientId)
  return url.toString()
}

export class EcgFeed {
  state: EcgState = {
    window: null,
    record: new EcgRecord(),
    newest_ms: 0,
    late_ms: 0,
    connected: false,
    elsewhere: false,
    taken: 0,
  }
  private socket: WebSocket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private worker: Worker | undefined
  private epoch = -1
  /** Where the leads on the screen begin; what is older and late goes to the record alone. */
  private floor = 0
  private stopped = true
  private readonly listeners = new Set<() => void>()
  private readonly calm = new Set<() => void>()

  constructor(
    private readonly unit: string,
    private readonly patientId = '',
  ) {}

  isOf(unit: string, patientId: string): boolean {
    return this.unit === unit && this.patientId === patientId
  }

  start(): void {
    this.stopped = false
    this.hire()
    this.connect()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.drop()
    this.worker?.terminate()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Not of each packet: when it is another ECG, or the line or its wearer is. */
  readonly subscribeCalm = (listener: () => void): (() => void) => {
    this.calm.add(listener)
    return () => this.calm.delete(listener)
  }

  settle({ data, packet, pieces }: Assembled, now_ms: number): void {
    this.state.record.add(packet, data)
    if (packet.epoch < this.epoch) return
    let { window, newest_ms } = this.state
    const end = packet.epoch > this.epoch ? undefined : window?.end
    if (packet.epoch > this.epoch) {
      this.epoch = packet.epoch
      this.floor = 0
      window = null
    }
    for (const piece of pieces) {
      this.state.record.put(packet.epoch, piece)
      if (piece.first < this.floor) continue
      if (window === null) window = new EcgWindow(piece.declaration)
      else if (!sameSource(window.declaration, piece.declaration)) {
        if (piece.first < window.end) continue
        this.floor = window.end
        window = new EcgWindow(piece.declaration)
      }
      window.put(piece)
    }
    const { declaration } = packet
    if (declaration !== null && window && sameSource(window.declaration, declaration)) {
      window.mark(packet.first, declaration.device_ms)
    }
    if (window !== null && window.end !== end) newest_ms = now_ms
    this.become({ window, newest_ms, taken: this.state.taken + 1 })
  }

  hear({ elsewhere, late_ms = 0 }: Ping): void {
    if (elsewhere !== this.state.elsewhere || late_ms !== this.state.late_ms)
      this.become({ elsewhere, late_ms })
  }

  /** What one before was still at is not heard any more. */
  private hire(): void {
    this.worker?.terminate()
    this.worker = new Worker(new URL('./assembly-worker.ts', import.meta.url), { type: 'module' })
    this.worker.onmessage = ({ data }: MessageEvent<Assembled>) => this.settle(data, serverNow())
  }

  private connect(): void {
    const socket = new WebSocket(ecgUrl(location.origin, this.unit, this.patientId))
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.arm()
    socket.onmessage = (event) => {
      if (socket !== this.socket) return
      this.arm()
      if (!this.state.connected) this.become({ connected: true })
      if (event.data instanceof ArrayBuffer) this.worker?.postMessage(event.data, [event.data])
      else this.hear(JSON.parse(event.data) as Ping)
    }
    socket.onclose = (event) => {
      if (socket !== this.socket) return
      // The right has ended: what was shown is no longer ours to show.
      if (event.code === CLOSE_ENDED) {
        this.hire()
        this.become({ window: null, record: new EcgRecord() })
      }
      this.lost()
    }
  }

  private arm(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.lost(), SILENCE_MS)
  }

  private lost(): void {
    if (this.stopped) return
    this.drop()
    clearTimeout(this.timer)
    this.become({ connected: false })
    this.timer = setTimeout(() => this.connect(), RETRY_MS * (0.5 + Math.random()))
  }

  private drop(): void {
    const socket = this.socket
    this.socket = undefined
    if (socket === undefined) return
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  private become(change: Partial<EcgState>): void {
    const before = this.state
    this.state = { ...before, ...change }
    for (const listener of this.listeners) listener()
    const { window, connected, elsewhere } = this.state
    if (
      window !== before.window ||
      connected !== before.connected ||
      elsewhere !== before.elsewhere
    )
      for (const listener of this.calm) listener()
  }
}
