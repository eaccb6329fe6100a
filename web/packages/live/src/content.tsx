/** The release's content and limits: they change with a release only, so each page asks once. */
import { type Content, get, type Limits } from '@gh/contract'
import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext } from 'react'

export const useContentQuery = () =>
  useQuery({
    queryKey: ['content'],
    queryFn: () => get<Content>('/api/content'),
    staleTime: Number.POSITIVE_INFINITY,
  })

const ContentContext = createContext<Content | undefined>(undefined)

/** Asked once for all: every row of a board that asked by itself would watch the answer by itself. */
export function ContentProvider({ children }: { children: ReactNode }) {
  return <ContentContext value={useContentQuery().data}>{children}</ContentContext>
}

/** Undefined until it is here. */
export const useContent = (): Content | undefined => useContext(ContentContext)

/** Undefined until the content is here: until then nothing is marked as old or late. */
export const useLimits = (): Limits | undefined => useContent()?.limits
