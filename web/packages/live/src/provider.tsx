import type { Fix, NumericSet, RowOf, TableName, UnrecordedRow, ViewName } from '@gh/contract'
import { forgetSession } from '@gh/session'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react'
import { Channel, type Link } from './channel.ts'
import type { Topic } from './store.ts'

const LiveContext = createContext<Channel | null>(null)

interface Props {
  view: ViewName
  unit?: string | undefined
  children: ReactNode
}

export function LiveProvider({ view, unit, children }: Props) {
  const [channel, setChannel] = useState<Channel | null>(null)
  useEffect(() => {
    const made = new Channel(view, unit, (code) => {
      if (code === 'session_ended' || code === 'no_session') forgetSession()
    })
    made.start()
    setChannel(made)
    return () => made.stop()
  }, [view, unit])
  if (channel === null) return null
  return <LiveContext value={channel}>{children}</LiveContext>
}

function useChannel(): Channel {
  const channel = useContext(LiveContext)
  if (channel === null) throw new Error('a live hook outside LiveProvider')
  return channel
}

function useStore<T>(topic: Topic, read: (channel: Channel) => T): T {
  const channel = useChannel()
  const subscribe = useCallback(
    (listener: () => void) => channel.store.subscribe(topic, listener),
    [channel, topic],
  )
  return useSyncExternalStore(subscribe, () => read(channel))
}

/** All rows of a table, in the order the server put them. The same array until one changes. */
export const useTable = <T extends TableName>(table: T): RowOf<T>[] =>
  useStore(table, (channel) => channel.store.list(table))

export const useRow = <T extends TableName>(
  table: T,
  id: string | null | undefined,
): RowOf<T> | undefined =>
  useStore(table, (channel) => (id ? channel.store.find(table, id) : undefined))

export const useFix = (unitId: string): Fix | undefined =>
  useStore(`fix:${unitId}`, (channel) => channel.store.findFix(unitId))

/** The centre does not believe the unit's newest report: its fix is the last believed one. */
export const useDoubted = (unitId: string): boolean =>
  useStore(`fix:${unitId}`, (channel) => channel.store.doubted.has(unitId))

/** All such units. */
export const useAllDoubted = (): ReadonlySet<string> =>
  useStore('fixes', (channel) => channel.store.doubted)

export const useFixes = (): Fix[] => useStore('fixes', (channel) => channel.store.listFixes())

/** The newest set of a unit; of these devices only, where they are given. */
export const useNumerics = (unitId: string, devices?: readonly string[]): NumericSet | undefined =>
  useStore(`numerics:${unitId}`, (channel) => channel.store.findNumerics(unitId, devices))

/** The newest set of a monitor that measures all the time. */
export const useMonitor = (unitId: string): NumericSet | undefined =>
  useStore(`numerics:${unitId}`, (channel) => channel.store.findNumerics(unitId, undefined, 2))

/** What alarms in this vehicle and stands in no record. */
export const useUnrecorded = (): readonly UnrecordedRow[] =>
  useStore('unrecorded', (channel) => channel.store.unrecorded)

export const useLink = (): Link => useStore('link', (channel) => channel.link)

/** Nothing comes from the server: what stands on the screen is what was. */
export const useCold = (): boolean =>
  useStore('link', ({ link }) => link.state === 'stale' || link.state === 'closed')

/** True once the first snapshot is here; before it a panel shows its skeleton. */
export const useLoaded = (): boolean => useStore('link', (channel) => channel.link.at > 0)
