import { describe, expect, test, vi } from 'vitest'
import CASES from '../../../../tests/vectors/ecg_stream.json' with { type: 'json' }
import { EcgRecord } from './record.ts'
import { addFrames, loadRun } from './run.ts'

const packets: Uint8Array[] = (CASES[0]?.packets ?? []).map((text) =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
)

const framed = (data: Uint8Array): number[] => [data.length & 255, data.length >> 8, ...data]

describe('the stored part of a run', () => {
  test('frames become packets of the record, a torn end is left out', () => {
    const record = new EcgRecord()
    const bytes = Uint8Array.from([...packets.flatMap(framed), 200, 1, 9])
    expect(addFrames(record, bytes)).toBe(packets.length)
    expect(record.begin_ms).not.toBeNull()
  })

  test('it is asked for until the beginning of the mission', async () => {
    const asked: string[] = []
    const answers = [
      { 'x-from-ms': '2000', 'x-begun-ms': '1000' },
      { 'x-from-ms': '1000', 'x-begun-ms': '1000' },
    ]
    vi.stubGlobal('fetch', (path: string) => {
      asked.push(path)
      return Promise.resolve(
        new Response(new Uint8Array(), { headers: answers[asked.length - 1] ?? {} }),
      )
    })
    await loadRun('A-01', 'p1', new EcgRecord(), new AbortController().signal)
    expect(asked).toEqual([
      '/api/ecg/run?unit=A-01&patient_id=p1&to_ms=0',
      '/api/ecg/run?unit=A-01&patient_id=p1&to_ms=2000',
    ])
    vi.unstubAllGlobals()
  })
})
