/**
 * One look at a cabin over its own WebSocket: units in, whole pictures out.
 *
 * Rule 1: silence of 6 s is a broken line; it comes back by itself. What the centre has ended stays
 *         ended until somebody presses again.
 */
import type { CabinState } from '@gh/contract'
import { query } from '@gh/contract'
import { serverNow } from '@gh/live'
import type { Picture } from '../review/cabin.ts'
import { aboutUnit, LiveJoiner, type Look } from './cabin.ts'

const SILENCE_MS = 6_000
const RETRY_MS = 1_500
const CLOSE_ENDED = 4401

export class CabinFeed {
  look: Look = {
    ended: '',
    connected: false,
    begun_ms: serverNow(),
    told: null,
    arrived_ms: null,
    received_ms: null,
    playable: true,
  }
  private socket: WebSocket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private joiner = new LiveJoiner()
  private stopped = true
  private readonly listeners = new Set<() => void>()

  constructor(
    private readonly missionId: string,
    private readonly camera: string,
    private readonly show: (picture: Picture) => void,
  ) {}

  start(): void {
    this.stopped = false
    this.connect()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.drop()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private connect(): void {
    const path = query('/api/cabin', { mission_id: this.missionId, camera: this.camera })
    const socket = new WebSocket(new URL(path, location.origin.replace(/^http/, 'ws')))
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.joiner = new LiveJoiner()
    this.arm()
    socket.onmessage = (event) => {
      if (socket !== this.socket) return
      this.arm()
      if (event.data instanceof ArrayBuffer) this.take(event.data)
      else this.become({ connected: true, told: JSON.parse(event.data) as CabinState })
    }
    socket.onclose = (event) => {
      if (socket !== this.socket) return
      if (event.code === CLOSE_ENDED) {
        this.stop()
        const ended = event.reason === 'session_ended' ? 'session_ended' : 'not_on_run'
        this.become({ connected: false, ended })
      } else this.lost()
    }
  }

  private take(unit: ArrayBuffer): void {
    this.become({ arrived_ms: serverNow(), ...aboutUnit(unit) })
    for (const picture of this.joiner.take(unit)) this.show(picture)
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

  private become(change: Partial<Look>): void {
    this.look = { ...this.look, ...change }
    for (const listener of this.listeners) listener()
  }
}
