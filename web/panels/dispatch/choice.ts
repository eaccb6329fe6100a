/** What a ranking promised when a person saw it, and what became of it. Pure. */
import type { Candidate, Recommendation } from '@gh/contract'

type Ranking = Pick<Recommendation, 'ranked' | 'skipped'>

/** Why a unit is not what it was when the person chose it. */
export interface Worse {
  /** Call sign of the first choice now; '' where there is none. */
  first: string
  /** So much later than the first choice, compared with before; null: it may not go any more. */
  by_s: number | null
  /** What stands in its way now. */
  reasons: readonly string[]
}

/** How much later than the first choice. */
const lag = (candidate: Candidate, first: Candidate | undefined): number =>
  candidate.eta_s === null || first?.eta_s == null ? 0 : candidate.eta_s - first.eta_s

/** Null: it is as good as it was, or it was never ranked and the person knew. */
export function worsened(
  before: Ranking,
  after: Ranking,
  unitId: string,
  most_s: number,
): Worse | null {
  const was = before.ranked.find((c) => c.unit_id === unitId)
  if (was === undefined) return null
  const now = after.ranked.find((c) => c.unit_id === unitId)
  const first = after.ranked[0]
  if (now === undefined) {
    const reasons = after.skipped.find((c) => c.unit_id === unitId)?.reasons ?? []
    return { first: first?.call_sign ?? '', by_s: null, reasons }
  }
  const by_s = lag(now, first) - lag(was, before.ranked[0])
  return by_s > most_s ? { first: first?.call_sign ?? '', by_s, reasons: [] } : null
}

/** The unit that is nearest of all, whether it may go or not; null: the first choice itself. */
export function closestOther(ranking: Ranking): Candidate | null {
  const known = [...ranking.ranked, ...ranking.skipped].filter((c) => c.eta_s !== null)
  const closest = known.reduce<Candidate | null>(
    (best, c) => (best === null || (c.eta_s ?? 0) < (best.eta_s ?? 0) ? c : best),
    null,
  )
  const first = ranking.ranked[0]
  return closest === null || closest.unit_id === first?.unit_id ? null : closest
}
