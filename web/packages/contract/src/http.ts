/** One way to speak HTTP to the server: JSON in, JSON out, a `Refusal` for every problem. */
import type { Problem } from './generated.ts'

/** The server's word that it will not do this; `code` is a key of the catalogues. */
export class Refusal extends Error {
  readonly code: string
  readonly field: string
  readonly detail: string
  readonly status: number
  constructor(code: string, field = '', detail = '', status = 0) {
    super(detail || code)
    this.name = 'Refusal'
    this.code = code
    this.field = field
    this.detail = detail
    this.status = status
  }
}

/** No answer came: nobody knows whether the deed was done. */
export class NoAnswer extends Error {
  constructor() {
    super('no_answer')
    this.name = 'NoAnswer'
  }
}

const TIMEOUT_MS = 10_000

let noSession = (_asked_ms: number): void => {}

/** `tell` hears of every request that found no session, and when it was sent by `performance.now`. */
export function whenNoSession(tell: (asked_ms: number) => void): void {
  noSession = tell
}

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const asked_ms = performance.now()
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new NoAnswer()
  }
  // What a gateway says when the server behind it is away is no answer of ours.
  if (response.status === 502 || response.status === 504) throw new NoAnswer()
  const text = await response.text().catch(() => {
    throw new NoAnswer()
  })
  try {
    return answerOf<T>(response.status, text, path)
  } catch (error) {
    // Who is not let in may be somebody already.
    const entering = method === 'POST' && path.startsWith('/api/session')
    const none = error instanceof Refusal && error.code === 'no_session'
    if (none && !entering) noSession(asked_ms)
    throw error
  }
}

/** What an answer says; throws the `Refusal` that it is. */
export function answerOf<T>(status: number, text: string, path: string): T {
  const ok = status >= 200 && status < 300
  let parsed: unknown = null
  try {
    parsed = text === '' ? null : JSON.parse(text)
  } catch {
    if (ok) throw new Refusal('bad_answer', '', path, status)
  }
  if (ok) return parsed as T
  const problem = (parsed ?? {}) as Partial<Problem>
  throw new Refusal(
    problem.code ?? `http_${status}`,
    problem.field ?? '',
    problem.detail ?? '',
    status,
  )
}

export const get = <T>(path: string): Promise<T> => request<T>('GET', path)
export const post = <T>(path: string, body?: unknown): Promise<T> => request<T>('POST', path, body)

/** `query('/api/x', {a: 1, b: undefined})` is `/api/x?a=1`. */
export function query(path: string, params: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined) search.set(key, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}
