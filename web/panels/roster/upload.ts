/** A table as a file: shown first, written when it comes again with the digest of what was shown. */
import { answerOf, NoAnswer, query } from '@gh/contract'

/** Reading a large workbook takes the server some seconds. */
const TIMEOUT_MS = 60_000

export async function sendTable<T>(
  to: string,
  file: Blob,
  about: { digest?: string; reason?: string },
): Promise<T> {
  const path = query(to, about)
  let response: Response
  try {
    response = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
    })
  } catch {
    throw new NoAnswer()
  }
  return answerOf<T>(response.status, await response.text(), path)
}
