/** Who sits here. One request for the whole page; every console reads the same answer. */
import { Refusal, request, type Session, whenNoSession } from '@gh/contract'
import { useEffect, useSyncExternalStore } from 'react'

export interface SessionState {
  /** undefined: not known yet; null: nobody. */
  session: Session | null | undefined
  /** The server did not answer; the session is not known. */
  unreachable: boolean
  /** The vehicle's store is closed: why, as a key of the catalogues. Empty: it is open. */
  box: string
}

const RETRY_MS = 3_000
const OPEN = { unreachable: false, box: '' }
let state: SessionState = { session: undefined, ...OPEN }
let loading = false
/** By `performance.now`: what was asked before says nothing of this session. */
let entered_ms = 0
const listeners = new Set<() => void>()

function set(next: SessionState): void {
  state = next
  for (const listener of listeners) listener()
}

async function load(): Promise<void> {
  if (loading) return
  loading = true
  try {
    set({ session: await request<Session>('GET', '/api/session'), ...OPEN })
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) {
      const box = error.code.startsWith('box_') ? error.code : ''
      set({ session: null, ...OPEN, box })
      // The centre may open it, or give it back after a revocation, while somebody waits here.
      if (box !== '') setTimeout(() => void load(), RETRY_MS)
    } else {
      set({ session: undefined, ...OPEN, unreachable: true })
      setTimeout(() => void load(), RETRY_MS)
    }
  } finally {
    loading = false
  }
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useSessionState(): SessionState {
  const now = useSyncExternalStore(subscribe, () => state)
  useEffect(() => {
    if (state.session === undefined) void load()
  }, [])
  return now
}

export const useSession = (): Session | null | undefined => useSessionState().session

/** Throws `Refusal` (bad_credentials, totp_required, ...) or `NoAnswer`. */
export async function login(username: string, password: string, totp = ''): Promise<Session> {
  return enter(await request<Session>('POST', '/api/session', { username, password, totp }))
}

/** By the code on the screen of another tablet of this vehicle. Throws as `login`. */
export async function join(code: string): Promise<Session> {
  return enter(await request<Session>('POST', '/api/session/join', { code }))
}

function enter(session: Session): Session {
  entered_ms = performance.now()
  set({ session, ...OPEN })
  return session
}

/** Throws where the session may live on: no answer came, or the server failed. */
export async function logout(): Promise<void> {
  try {
    await request('DELETE', '/api/session')
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error
  }
  set({ session: null, ...OPEN })
}

/** The live channel, or an answer of the server, said that the session ended. */
export function forgetSession(): void {
  if (state.session !== null) set({ session: null, ...OPEN })
}
whenNoSession((asked_ms) => {
  if (asked_ms >= entered_ms) forgetSession()
})

/** Where a role works; the first page after login. */
export function homeOf(session: Pick<Session, 'role'>): string {
  switch (session.role) {
    case 'dispatcher':
    case 'supervisor':
      return '/dispatcher'
    case 'crew':
    case 'station':
      return '/crew'
    case 'hospital':
      return '/hospital'
    case 'quality':
      return '/review'
    case 'admin':
      return '/admin'
    default:
      return '/login'
  }
}
