/**
 * The live channel: one WebSocket that comes back by itself and resumes after what it has seen.
 *
 * Rule 1: silence of 6 s is a broken line, whatever the socket says of itself.
 * Rule 2: what is shown is acknowledged after it was painted, at most once a second.
 * Rule 3: `ended` is final: the right was withdrawn; no reconnect.
 * Rule 4: a refused handshake looks like a server that is away; HTTP tells whether the session ended.
 */
import { type LiveMessage, request, type ViewName } from '@gh/contract'
import { syncClock } from './clock.ts'
import { LiveStore } from './store.ts'

export type LinkState = 'connecting' | 'live' | 'stale' | 'closed'
export interface Link {
  state: LinkState
  /** Delivery number on the screen. */
  at: number
  /** Since when the line is in this state, by this page's clock. */
  since_ms: number
  /** Why it closed for good. */
  code: string
}

export const SILENCE_MS = 6_000
const FIRST_WAIT_MS = 300
const LONGEST_WAIT_MS = 10_000
const PAINTED_MS = 1_000

/** Exponential, with jitter so that a room of seats does not return in one instant. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  return Math.round(ceiling / 2 + (random * ceiling) / 2)
}

export function liveUrl(
  origin: string,
  view: ViewName,
  unit: string | undefined,
  after: number,
): string {
  const url = new URL('/api/live', origin.replace(/^http/, 'ws'))
  url.searchParams.set('view', view)
  if (after > 0) url.searchParams.set('after', String(after))
  if (unit !== undefined && unit !== '') url.searchParams.set('unit', unit)
  return url.toString()
}

export class Channel {
  readonly store = new LiveStore()
  link: Link = { state: 'connecting', at: 0, since_ms: Date.now(), code: '' }
  private socket: WebSocket | undefined
  private attempt = 0
  private seen = false
  /** Something came over the present socket. */
  private heard = false
  private asking = false
  private stopped = false
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private paintTimer: ReturnType<typeof setTimeout> | undefined
  private painted = 0

  constructor(
    private readonly view: ViewName,
    private readonly unit: string | undefined,
    private readonly onEnded: (code: string) => void,
  ) {}

  start(): void {
    this.stopped = false
    this.connect()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.watchdog)
    clearTimeout(this.retry)
    clearTimeout(this.paintTimer)
    this.paintTimer = undefined
    this.drop()
  }

  private connect(): void {
    const socket = new WebSocket(liveUrl(location.origin, this.view, this.unit, this.store.at))
    this.socket = socket
    this.heard = false
    this.arm()
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(JSON.parse(String(event.data)) as LiveMessage)
    }
    socket.onclose = () => {
      if (socket === this.socket) this.lost()
    }
  }

  private receive(message: LiveMessage): void {
    this.attempt = 0
    this.heard = true
    this.arm()
    if (message.type === 'ended') {
      this.stopped = true
      clearTimeout(this.watchdog)
      this.drop()
      this.become('closed', message.code)
      this.onEnded(message.code)
      return
    }
    if (message.type === 'ping') syncClock(message.server_ms)
    else this.store.apply(message)
    if (message.type === 'snapshot' || message.type === 'patch') {
      this.seen = true
      this.acknowledge()
    }
    if (this.seen) this.become('live')
  }

  private arm(): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.lost(), SILENCE_MS)
  }

  private lost(): void {
    if (this.stopped) return
    if (!this.heard) void this.askSession()
    this.drop()
    clearTimeout(this.watchdog)
    this.become(this.seen ? 'stale' : 'connecting')
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt, Math.random()))
    this.attempt += 1
  }

  /** Whoever keeps the session hears of a refusal. */
  private async askSession(): Promise<void> {
    if (this.asking) return
    this.asking = true
    await request('GET', '/api/session').catch(() => {})
    this.asking = false
  }

  private drop(): void {
    const socket = this.socket
    this.socket = undefined
    if (socket !== undefined) {
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    }
  }

  private become(state: LinkState, code = ''): void {
    const changed = this.link.state !== state
    if (!changed && this.link.at === this.store.at) return
    this.link = {
      state,
      at: this.store.at,
      since_ms: changed ? Date.now() : this.link.since_ms,
      code,
    }
    this.store.notify('link')
  }

  private acknowledge(): void {
    if (this.paintTimer !== undefined) return
    this.paintTimer = setTimeout(() => {
      requestAnimationFrame(() => {
        this.paintTimer = undefined
        const at = this.store.at
        if (at === this.painted || this.socket?.readyState !== WebSocket.OPEN) return
        this.painted = at
        this.socket.send(JSON.stringify({ type: 'painted', at }))
      })
    }, PAINTED_MS)
  }
}
