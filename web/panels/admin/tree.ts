/** The organisations as a tree in reading order; an orphan or a ring is shown at the root, not lost. */
import type { Org } from '@gh/contract'

export type Branch = { org: Org; depth: number }

export function branches(orgs: readonly Org[]): Branch[] {
  const known = new Set(orgs.map((o) => o.id))
  const children = new Map<string, Org[]>()
  for (const org of orgs) {
    const parent = org.parent && known.has(org.parent) ? org.parent : ''
    children.set(parent, [...(children.get(parent) ?? []), org])
  }
  const out: Branch[] = []
  const seen = new Set<string>()
  const walk = (parent: string, depth: number) => {
    for (const org of children.get(parent) ?? []) {
      if (seen.has(org.id)) continue
      seen.add(org.id)
      out.push({ org, depth })
      walk(org.id, depth + 1)
    }
  }
  walk('', 0)
  for (const org of orgs) if (!seen.has(org.id)) out.push({ org, depth: 0 })
  return out
}

/** The organisation and everything below it. */
export function under(orgs: readonly Org[], id: string): Set<string> {
  const all = branches(orgs)
  const start = all.findIndex((b) => b.org.id === id)
  const root = all[start]
  const found = new Set<string>()
  if (root === undefined) return found
  found.add(id)
  for (const b of all.slice(start + 1)) {
    if (b.depth <= root.depth) break
    found.add(b.org.id)
  }
  return found
}
