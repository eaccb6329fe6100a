/** The part of a run that came before this page: asked for newest first, until the record is whole. */
import { useEffect } from 'react'
import { readPacket } from './packet.ts'
import { BadBytes } from './reader.ts'
import type { EcgRecord } from './record.ts'

const LENGTH_BYTES = 2

/** Frames as on the wire into the record; how many were taken. */
export function addFrames(record: EcgRecord, bytes: Uint8Array): number {
  let taken = 0
  for (let at = 0; at + LENGTH_BYTES <= bytes.length; ) {
    const end = at + LENGTH_BYTES + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8))
    if (end > bytes.length) break
    const data = bytes.subarray(at + LENGTH_BYTES, end)
    at = end
    try {
      record.add(readPacket(data), data)
      taken += 1
    } catch (error) {
      if (!(error instanceof BadBytes)) throw error
    }
  }
  return taken
}

/** Stops when the mission's beginning is reached, the record is full, or the server says no. */
export async function loadRun(
  unit: string,
  patientId: string,
  record: EcgRecord,
  signal: AbortSignal,
): Promise<void> {
  const whose = `unit=${encodeURIComponent(unit)}&patient_id=${encodeURIComponent(patientId)}`
  let to_ms = 0
  while (!record.full && !signal.aborted) {
    const path = `/api/ecg/run?${whose}&to_ms=${to_ms}`
    const answer = await fetch(path, { signal, credentials: 'same-origin' })
    if (!answer.ok) return
    addFrames(record, new Uint8Array(await answer.arrayBuffer()))
    to_ms = Number(answer.headers.get('x-from-ms'))
    if (!(to_ms > Number(answer.headers.get('x-begun-ms')))) return
  }
}

/** While the viewer is open: what the page has not followed is fetched once. */
export function useWholeRun(unit: string, patientId: string, record: EcgRecord): void {
  useEffect(() => {
    const stop = new AbortController()
    // A line that breaks leaves what there is; the next opening asks again.
    loadRun(unit, patientId, record, stop.signal).catch(() => undefined)
    return () => stop.abort()
  }, [unit, patientId, record])
}
