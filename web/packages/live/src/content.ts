/** The release's content and limits: they change with a release only, so each page asks once. */
import { type Content, get, type Limits } from '@gh/contract'
import { useQuery } from '@tanstack/react-query'

export const useContent = () =>
  useQuery({
    queryKey: ['content'],
    queryFn: () => get<Content>('/api/content'),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Undefined until the content is here: until then nothing is marked as old or late. */
export const useLimits = (): Limits | undefined => useContent().data?.limits
