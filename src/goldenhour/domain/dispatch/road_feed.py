"""What a road authority's notice means for our travel times: pure, by a table that is content.

Rule 1: what the table does not know changes nothing.
Rule 2: a notice counts from its start to its end; without either it counts as long as it stands.
"""

from typing import Annotated

from msgspec import Meta

from goldenhour.domain.dispatch.events import RoadReason
from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record
from goldenhour.kernel.road_notice import Notice


class Meaning(Record):
    kind: str
    reason: RoadReason
    share: Annotated[float, Meta(ge=0, lt=1)]
    """Of the usual speed that is left; 0: nobody gets through."""
    subtype: str = ""
    """Empty: any."""


class FeedRules(Record):
    about: About
    poll_s: Annotated[float, Meta(gt=0)]
    silent_s: Annotated[int, Meta(gt=0)]
    """Without a usable answer for so long every desk is told."""
    meanings: tuple[Meaning, ...]
    """The first that fits counts."""


def meaning_of(notice: Notice, rules: FeedRules, now_ms: int) -> Meaning | None:
    """None: it changes no travel time now."""
    if notice.from_ms is not None and notice.from_ms > now_ms:
        return None
    if notice.until_ms is not None and notice.until_ms <= now_ms:
        return None
    return next(
        (
            one
            for one in rules.meanings
            if one.kind == notice.kind and one.subtype in ("", notice.subtype)
        ),
        None,
    )
