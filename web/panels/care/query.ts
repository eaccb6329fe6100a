/** Reading the interface by a path; the last good answer stays while a new one is fetched. */
import { get, NoAnswer, Refusal } from '@gh/contract'
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'

export type Reading<T> = UseQueryResult<T, Error>

/**
 * A query by its path; `null` asks nothing. A refusal is final, silence is asked again.
 * `may_come`: what is absent now is looked for again.
 */
export function useGet<T>(
  path: string | null,
  options: { every_ms?: number; stale_ms?: number; keep?: boolean; may_come?: boolean } = {},
): Reading<T> {
  return useQuery<T, Error>({
    queryKey: ['get', path],
    queryFn: () => get<T>(path ?? ''),
    enabled: path !== null,
    staleTime: options.stale_ms ?? 5_000,
    // What does not exist here (an edge's status at the centre) is not asked for again.
    refetchInterval: (q) =>
      !options.may_come && isRefusal(q.state.error) && q.state.error.status === 404
        ? false
        : (options.every_ms ?? false),
    retry: (count, problem) =>
      count < 2 && (problem instanceof NoAnswer || (isRefusal(problem) && problem.status >= 500)),
    refetchOnWindowFocus: false,
    // The answer to the question before stays in sight.
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  })
}

export const isRefusal = (problem: unknown): problem is Refusal => problem instanceof Refusal

/** The key of the catalogues for whatever went wrong. */
export const codeOf = (problem: unknown): string =>
  isRefusal(problem) ? problem.code : 'no_answer'
