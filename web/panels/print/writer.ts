/** Who an id is: by the record's own list of names, else as a screen would name them, else the id. */
import type { WholeRecord } from '@gh/contract'
import { useWho } from '../care/who.ts'

export function useWriter(whole: WholeRecord): (actor: string) => string {
  const known = useWho()
  return (actor) => whole.people[actor] ?? (known(actor) || actor)
}
