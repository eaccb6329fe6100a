/** Telemetry of runs, page after page until there is no more. */
import {
  get,
  type MatchedAnswer,
  query,
  type Reading,
  type ReadingsAnswer,
  type TrackAnswer,
  type TrackFix,
} from '@gh/contract'
import { useQueries } from '@tanstack/react-query'

/** A day of pages: a run that nobody ended must not be read for ever. */
const MOST_PAGES = 12

interface Page {
  next_ms: number | null
}

async function pages<T extends Page>(path: string): Promise<T[]> {
  const found: T[] = []
  let from_ms: number | null = 0
  while (from_ms !== null && found.length < MOST_PAGES) {
    const page: T = await get<T>(query(path, { from_ms: from_ms || undefined }))
    found.push(page)
    from_ms = page.next_ms
  }
  return found
}

function useRuns<T extends Page, R>(
  missions: readonly string[],
  kind: 'track' | 'matched' | 'vitals',
  rows: (page: T) => readonly R[],
  enabled = true,
): { byMission: Map<string, R[]>; failed: boolean; pending: boolean } {
  const results = useQueries({
    queries: missions.map((id) => ({
      queryKey: ['run', id, kind],
      queryFn: async () =>
        (await pages<T>(`/api/missions/${encodeURIComponent(id)}/${kind}`)).flatMap(rows),
      staleTime: 60_000,
      enabled,
    })),
  })
  return {
    byMission: new Map(missions.map((id, i) => [id, results[i]?.data ?? []])),
    failed: results.some((r) => r.isError),
    pending: results.some((r) => r.isPending),
  }
}

export const useTracks = (missions: readonly string[]) =>
  useRuns<TrackAnswer, TrackFix>(missions, 'track', (page) => page.fixes)

/** Asked only when somebody wants it: it is work for the server. */
export const useMatched = (missions: readonly string[], wanted: boolean) =>
  useRuns<MatchedAnswer, MatchedAnswer>(missions, 'matched', (page) => [page], wanted)

export const useReadings = (missions: readonly string[]) =>
  useRuns<ReadingsAnswer, Reading>(missions, 'vitals', (page) => page.readings)
