"""Reading a road authority's feed: CIFS in JSON, the form in which Waze takes closures.

Source: developers.google.com/waze/data-feed/cifs-specification and its examples, of which some wrap
        every entry in `incident` and some do not. Both are read.

Rule 1: an entry that is wrong spoils no other one: it is told as `BadNotice`, with its field.
Rule 2: a time without a zone is wrong, not ours: a feed that is eight hours off shuts roads by day.
Rule 3: the order of the points is the direction that is meant, unless both are said to be.
"""

import math
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from goldenhour.kernel.geo import Point
from goldenhour.kernel.road_notice import BadNotice, Notice
from goldenhour.kernel.time import from_datetime

MOST_ENTRIES: Final = 5_000
FEWEST_POINTS: Final = 2
MOST_POINTS: Final = 2_000
_MOST_TEXT: Final = 80
_MOST_NUMBER: Final = 2**53
_BOTH: Final = "BOTH_DIRECTIONS"


class FeedError(ValueError):
    """The whole answer is no feed."""


class _Feed(msgspec.Struct):
    incidents: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    id: str | Annotated[int, Meta(ge=-_MOST_NUMBER, le=_MOST_NUMBER)]
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    polyline: str
    subtype: str | None = None
    street: str | None = None
    direction: str | None = None
    starttime: Annotated[datetime, Meta(tz=True)] | None = None
    endtime: Annotated[datetime, Meta(tz=True)] | None = None


class _Wrapped(msgspec.Struct):
    incident: msgspec.Raw


_FEED: Final = msgspec.json.Decoder(_Feed)
_ENTRY: Final = msgspec.json.Decoder(_Entry)
_WRAPPED: Final = msgspec.json.Decoder(_Wrapped)
_ANY: Final = msgspec.json.Decoder(dict[str, Any])


def decode(body: bytes) -> tuple[list[Notice], list[BadNotice]]:
    """Raises FeedError where the answer is no feed at all: nothing is known then."""
    try:
        feed = _FEED.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FeedError(str(error)) from error
    if len(feed.incidents) > MOST_ENTRIES:
        raise FeedError(f"{len(feed.incidents)} entries are more than {MOST_ENTRIES}")
    notices: list[Notice] = []
    bad: list[BadNotice] = []
    seen: set[str] = set()
    for raw in feed.incidents:
        read = _read(_unwrapped(raw))
        if isinstance(read, Notice) and read.id in seen:
            read = BadNotice(id=read.id, field="id", problem="stands twice in the feed")
        if isinstance(read, Notice):
            seen.add(read.id)
            notices.append(read)
        else:
            bad.append(read)
    return notices, bad


def _unwrapped(raw: msgspec.Raw) -> msgspec.Raw:
    try:
        return _WRAPPED.decode(raw).incident
    except msgspec.DecodeError:
        return raw


def _read(raw: msgspec.Raw) -> Notice | BadNotice:
    try:
        entry = _ENTRY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem, _, path = str(error).partition(" - at `$.")
        return BadNotice(id=_id_of(raw), field=path.rstrip("`"), problem=problem)
    ident = str(entry.id).strip()
    if not ident:
        return BadNotice(id="", field="id", problem="is empty")
    line = _line_of(entry.polyline)
    if isinstance(line, str):
        return BadNotice(id=ident, field="polyline", problem=line)
    try:
        from_ms, until_ms = _ms(entry.starttime), _ms(entry.endtime)
    except (OverflowError, ValueError) as error:
        return BadNotice(id=ident, field="starttime", problem=str(error))
    if from_ms is not None and until_ms is not None and until_ms <= from_ms:
        return BadNotice(id=ident, field="endtime", problem="is not after the start")
    return Notice(
        id=ident,
        kind=entry.type,
        subtype=entry.subtype or "",
        line=line,
        both_ways=entry.direction == _BOTH,
        street=(entry.street or "").strip()[:_MOST_TEXT],
        from_ms=from_ms,
        until_ms=until_ms,
    )


def _id_of(raw: msgspec.Raw) -> str:
    try:
        return str(_ANY.decode(raw).get("id", ""))[:_MOST_TEXT]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else from_datetime(moment)


def _line_of(polyline: str) -> tuple[Point, ...] | str:
    """Points, or what is wrong in words."""
    words = polyline.split()
    if len(words) % 2:
        return "has a latitude without a longitude"
    if not FEWEST_POINTS <= len(words) // 2 <= MOST_POINTS:
        return f"has {len(words) // 2} points, not {FEWEST_POINTS} to {MOST_POINTS}"
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        return str(error)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if not all(math.isfinite(lat) and math.isfinite(lon) for lat, lon in pairs):
        return "has a number that is none"
    if not all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in pairs):  # noqa: PLR2004 (degrees)
        return "leaves the earth"
    return tuple(Point(lat=lat, lon=lon) for lat, lon in pairs)
