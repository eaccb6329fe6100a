"""That a patient got worse from one assessment to the next, until somebody has seen it.

Rule 1: NEWS2 by two points, or into another band without falling; a more severe proposed level;
        GCS by two points. Source: clinical rule 6 (re-score on every full set, alert on a rise).
Rule 2: what was not known before cannot be worse now, and what is not known now is not better. A
        score of which parts were missing rises when they come: each such part may have stood at
        its most before, and a level is compared only where nothing has become known.
Rule 3: it stands until a person says that it was seen, or confirms a level: silence ends nothing.
Rule 4: small steps add up. What falls once more is held against the best since a person last
        looked: a bleeding in the head costs one point of the coma scale at a time.
"""

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.care.events import Observed, Scored
from goldenhour.kernel.levels import worst_triage
from goldenhour.kernel.record import Record

NEWS2_STEP: Final = 2
NEWS2_MOST: Final = 3
"""Points of one part (RCP 2017)."""
GCS_STEP: Final = 2


class What(StrEnum):
    NEWS2 = "news2"
    LEVEL = "level"
    GCS = "gcs"


class Worsening(Record):
    what: What
    before: str
    after: str
    at_ms: int


class Best(Record):
    """The best since a person last looked."""

    scored: Scored | None = None
    gcs: int | None = None


def by_scores(before: Scored | None, after: Scored, at_ms: int) -> tuple[Worsening, ...]:
    if before is None:
        return ()
    found = []
    if before.news2 is not None and after.news2 is not None:
        news = len(set(before.news2_missing) - set(after.news2_missing))
        rise = after.news2 - before.news2 - NEWS2_MOST * news
        other_band = after.news2_band != before.news2_band and not news
        if rise >= NEWS2_STEP or (rise >= 0 and other_band):
            found.append(_of(What.NEWS2, before.news2, after.news2, at_ms))
    if not _learnt(before, after) and before.level and after.level and before.level != after.level:
        worst = worst_triage((before.level, after.level))
        if worst == after.level:
            found.append(_of(What.LEVEL, before.level, after.level, at_ms))
    return tuple(found)


def _learnt(before: Scored, after: Scored) -> bool:
    """Whether more is known of what the level asks."""
    if before.level_unknown is None or after.level_unknown is None:
        return not set(before.level_missing) <= set(after.level_missing)
    return not set(before.level_unknown) <= set(after.level_unknown)


def by_sight(before: Observed | None, after: Observed, at_ms: int) -> tuple[Worsening, ...]:
    if before is None or before.gcs is None or after.gcs is None:
        return ()
    if before.gcs - after.gcs < GCS_STEP:
        return ()
    return (_of(What.GCS, before.gcs, after.gcs, at_ms),)


def crept(
    best: Best,
    before: Scored | Observed | None,
    after: Scored | Observed,
    unseen: tuple[Worsening, ...],
    at_ms: int,
) -> tuple[Worsening, ...]:
    """What by small steps is as bad as one that would be told; rises of the level are told each."""
    standing = {one.what: int(one.after) for one in unseen if one.what is not What.LEVEL}
    match after:
        case Scored(news2=int(total)):
            last = before.news2 if isinstance(before, Scored) else None
            seen = standing.get(What.NEWS2)
            if (last is not None and total <= last) or (seen is not None and total <= seen):
                return ()
            rose = by_scores(best.scored, after, at_ms)
            return tuple(one for one in rose if one.what is What.NEWS2)
        case Observed(gcs=int(total)):
            last = before.gcs if isinstance(before, Observed) else None
            seen = standing.get(What.GCS)
            if (last is not None and total >= last) or (seen is not None and total >= seen):
                return ()
            if best.gcs is not None and best.gcs - total >= GCS_STEP:
                return (_of(What.GCS, best.gcs, total, at_ms),)
    return ()


def better(best: Best, after: Scored | Observed) -> Best:
    match after:
        case Scored(news2=int()) if best.scored is None or _at_most(after) <= _at_most(best.scored):
            return replace(best, scored=after)
        case Observed(gcs=int(total)):
            return replace(best, gcs=max(total, best.gcs or total))
    return best


def _at_most(one: Scored) -> int:
    return (one.news2 or 0) + NEWS2_MOST * len(one.news2_missing)


def put(unseen: tuple[Worsening, ...], new: tuple[Worsening, ...]) -> tuple[Worsening, ...]:
    """Of each kind one: from where it was last seen to where it is now."""
    for one in new:
        begun = next((old.before for old in unseen if old.what is one.what), one.before)
        others = tuple(old for old in unseen if old.what is not one.what)
        unseen = (*others, replace(one, before=begun))
    return unseen


def _of(what: What, before: object, after: object, at_ms: int) -> Worsening:
    return Worsening(what=what, before=str(before), after=str(after), at_ms=at_ms)
