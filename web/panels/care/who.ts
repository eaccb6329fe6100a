/** Who an actor's id is: the name where it is known, else the seat and the role of what they did. */
import type { DemoAccount, LogRow } from '@gh/contract'
import { useSession } from '@gh/session'
import { seatText } from './event-words.ts'
import { useGet } from './query.ts'

/** The server tells ids only; a demo account's id is made of its username. */
const DEMO = 'demo-'

export function useWho(events: readonly LogRow[] = []): (actor: string) => string {
  const session = useSession()
  const demo = useGet<DemoAccount[]>(session?.demo ? '/api/demo-accounts' : null, {
    stale_ms: 3_600_000,
  }).data
  const seats = new Map(events.map((e) => [e.actor, seatText(e)]))
  return (actor) => {
    const known =
      actor === session?.person_id
        ? session.name
        : demo?.find((account) => `${DEMO}${account.username}` === actor)?.name
    return [known, seats.get(actor) ?? ''].filter(Boolean).join(' · ')
  }
}
