/** A roster as a file: shown first, written when it comes again with the digest of what was shown. */
import { answerOf, type ImportAnswer, NoAnswer, query } from '@gh/contract'

/** Reading a large workbook takes the server some seconds. */
const TIMEOUT_MS = 60_000

export async function sendTable(
  file: Blob,
  about: { digest?: string; reason?: string },
): Promise<ImportAnswer> {
  const path = query('/api/roster/import', about)
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
  return answerOf<ImportAnswer>(response.status, await response.text(), path)
}
