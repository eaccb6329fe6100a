/** A table as a file: shown first, written when it comes again with the digest of what was shown. */
import { answerOf, NoAnswer, query, type Refusal } from '@gh/contract'
import { useState } from 'react'
import { asRefusal } from '../admin/person-dialog.tsx'

/** Reading a large workbook takes the server some seconds. */
const TIMEOUT_MS = 60_000

interface About {
  /** Of what was shown; absent: it is shown. */
  digest?: string
  reason?: string
}

async function sendTable<T>(to: string, file: Blob, about: About): Promise<T> {
  const path = query(to, { ...about })
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

export interface TableFile {
  name: string
  body: Blob
}

/** What was chosen, and what the server says of it; `look` with a digest writes it. */
export function useTableFile<T extends { written: boolean }>(to: string, onWritten: () => void) {
  const [chosen, setChosen] = useState<TableFile | null>(null)
  const [answer, setAnswer] = useState<T | null>(null)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  async function look(table: TableFile | null, about: About = {}) {
    if (table === null) return
    setChosen(table)
    setBusy(true)
    setRefusal(null)
    if (about.digest === undefined) setAnswer(null)
    try {
      const told = await sendTable<T>(to, table.body, about)
      setAnswer(told)
      if (told.written) onWritten()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  return { chosen, answer, busy, refusal, look }
}

export function TableInput({
  onChoose,
  testid,
}: {
  onChoose: (table: TableFile) => void
  testid: string
}) {
  return (
    <input
      type="file"
      accept=".csv,.xlsx,text/csv"
      onChange={(event) => {
        const file = event.target.files?.[0]
        // The same file, corrected, is chosen again.
        event.target.value = ''
        if (file !== undefined) onChoose({ name: file.name, body: file })
      }}
      data-testid={testid}
    />
  )
}
