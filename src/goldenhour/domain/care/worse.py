"""That a patient got worse from one assessment to the next, until somebody has seen it.

Rule 1: NEWS2 by two points, or into another band without falling; a more severe proposed level;
        GCS by two points. Source: clinical rule 6 (re-score on every full set, alert on a rise).
Rule 2: what was not known before cannot be worse now, and what is not known now is not better. A
        score of which parts were missing rises when they come: each such part may have stood at
        its most before, and a level is compared only where nothing has become known.
Rule 3: it stands until a person says that it was seen, or confirms a level: silence ends nothing.
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


def put(unseen: tuple[Worsening, ...], new: tuple[Worsening, ...]) -> tuple[Worsening, ...]:
    """Of each kind one: from where it was last seen to where it is now."""
    for one in new:
        begun = next((old.before for old in unseen if old.what is one.what), one.before)
        others = tuple(old for old in unseen if old.what is not one.what)
        unseen = (*others, replace(one, before=begun))
    return unseen


def _of(what: What, before: object, after: object, at_ms: int) -> Worsening:
    return Worsening(what=what, before=str(before), after=str(after), at_ms=at_ms)
