"""What an authority outside says of a stretch of road, whatever the form of its feed."""

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record


class Notice(Record):
    id: str
    """The authority's own; the same as long as the entry stands."""
    kind: str
    """As the feed calls it, for example ROAD_CLOSED, ACCIDENT or JAM."""
    subtype: str
    line: tuple[Point, ...]
    """Two points or more, in the direction of travel, in the datum of the feed."""
    both_ways: bool
    street: str
    from_ms: int | None
    until_ms: int | None


class BadNotice(Record):
    """An entry that cannot be used."""

    id: str
    """Empty: it has none."""
    field: str
    problem: str
