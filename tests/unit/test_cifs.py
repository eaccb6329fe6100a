"""CIFS: the specification's own examples, and what a feed may do wrong.

The examples are those of developers.google.com/waze/data-feed (incident and closure information):
one wraps its entry in `incident`, as the page has it; the specification's table gives the fields.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from goldenhour.kernel.geo import Point
from goldenhour.kernel.road_notice import BadNotice, Notice
from goldenhour.wire.cifs import MOST_ENTRIES, FeedError, decode

LINE = (
    "51.510090 -0.006902 51.509142 -0.006564 51.506291 -0.003640"
    " 51.503796 0.001051 51.499218 0.001687 51.497365 0.002020"
)
EXAMPLE: dict[str, Any] = {
    "id": "101",
    "type": "HAZARD",
    "subtype": "HAZARD_ON_ROAD",
    "polyline": LINE,
    "street": "NW 12th St",
    "starttime": "2016-04-07T09:00:00+01:00",
    "endtime": "2016-04-07T23:00:00+01:00",
    "description": " Closure on I-95 NB due to construction",
    "direction": "BOTH_DIRECTIONS",
}


def feed(*entries: Any) -> bytes:
    return json.dumps({"incidents": entries}).encode()


def ms(year: int, month: int, day: int, hour: int) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1_000)


def bad(entry: Any) -> tuple[str, str]:
    """(id, field) of the one entry that could not be used, beside one that could."""
    notices, refused = decode(feed(entry, EXAMPLE | {"id": "good"}))
    assert [notice.id for notice in notices] == ["good"]
    (one,) = refused
    assert isinstance(one, BadNotice)
    assert one.problem
    return one.id, one.field


@pytest.mark.parametrize("entry", [EXAMPLE, {"incident": EXAMPLE}], ids=["bare", "wrapped"])
def test_the_published_example(entry: Any) -> None:
    notices, refused = decode(feed(entry))
    assert refused == []
    (notice,) = notices
    assert notice == Notice(
        id="101",
        kind="HAZARD",
        subtype="HAZARD_ON_ROAD",
        line=(
            Point(lat=51.510090, lon=-0.006902),
            Point(lat=51.509142, lon=-0.006564),
            Point(lat=51.506291, lon=-0.003640),
            Point(lat=51.503796, lon=0.001051),
            Point(lat=51.499218, lon=0.001687),
            Point(lat=51.497365, lon=0.002020),
        ),
        both_ways=True,
        street="NW 12th St",
        from_ms=ms(2016, 4, 7, 8),
        until_ms=ms(2016, 4, 7, 22),
    )


def test_what_may_be_absent_is_absent() -> None:
    bare = {"id": 7, "type": "ROAD_CLOSED", "polyline": "1 2 3 4"}
    ((notice,), refused) = decode(feed(bare))
    assert refused == []
    assert (notice.id, notice.subtype, notice.street) == ("7", "", "")
    assert (notice.both_ways, notice.from_ms, notice.until_ms) == (False, None, None)
    assert decode(feed()) == ([], [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"polyline": "51.5 -0.1"}, "polyline"),
        ({"polyline": "51.5 -0.1 51.6"}, "polyline"),
        ({"polyline": "51.5 -0.1 51.6 here"}, "polyline"),
        ({"polyline": "51.5 -0.1 nan 0"}, "polyline"),
        ({"polyline": "51.5 -0.1 116.4 39.9"}, "polyline"),
        ({"polyline": None}, "polyline"),
        ({"polyline": "1 1 " * 2_001}, "polyline"),
        ({"type": ""}, "type"),
        ({"type": 3}, "type"),
        ({"starttime": "2016-04-07T09:00:00"}, "starttime"),
        ({"starttime": "yesterday"}, "starttime"),
        ({"endtime": "2016-04-07T09:00:00+01:00"}, "endtime"),
    ],
)
def test_a_bad_entry_is_named_by_its_field_and_spoils_no_other(
    change: dict[str, Any], field: str
) -> None:
    assert bad(EXAMPLE | change) == ("101", field)


def test_an_entry_without_a_name_and_one_that_is_none() -> None:
    assert bad(EXAMPLE | {"id": "  "}) == ("", "id")
    assert bad({k: v for k, v in EXAMPLE.items() if k != "id"})[0] == ""
    assert bad(7)[0] == ""


def test_an_entry_that_stands_twice_counts_once() -> None:
    notices, refused = decode(feed(EXAMPLE, EXAMPLE))
    assert (len(notices), [(one.id, one.field) for one in refused]) == (1, [("101", "id")])


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>please log in</html>", b"[]", b"{}", b'{"incidents": {}}', b"\xff\xfe",
     b'{"incidents": null}', b'{"incidents": [NaN]}', b'{"incidents": [{"id": Infinity}]}',
     b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_feed_is_refused_whole(body: bytes) -> None:
    with pytest.raises(FeedError):
        decode(body)


def test_a_feed_without_end_is_refused_whole() -> None:
    with pytest.raises(FeedError):
        decode(feed(*[0] * (MOST_ENTRIES + 1)))
