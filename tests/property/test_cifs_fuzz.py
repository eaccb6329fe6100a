"""Whatever a feed sends: entries, or why not; never another error."""

import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.kernel.road_notice import Notice
from goldenhour.wire.cifs import FeedError, decode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
NUMBERS = st.floats(-200, 200).map(str) | st.sampled_from(["nan", "inf", "x", "1e400"])
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(max_size=5) | st.integers() | VALUES,
        "type": st.sampled_from(["ROAD_CLOSED", "JAM"]) | VALUES,
        "polyline": st.lists(NUMBERS, max_size=8).map(" ".join) | VALUES,
        "starttime": st.datetimes().map(lambda at: f"{at.isoformat()}+08:00") | VALUES,
        "endtime": st.sampled_from(["0001-01-01T00:00:00+14:00"]) | VALUES,
        "direction": VALUES,
        "street": VALUES,
        "incident": VALUES,
    },
)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        decode(body)


@given(st.lists(ENTRIES | VALUES, max_size=6))
def test_any_entries_are_read_or_told(entries: list[object]) -> None:
    notices, bad = decode(json.dumps({"incidents": entries}).encode("utf-8", "replace"))
    assert len(notices) + len(bad) == len(entries)
    for notice in notices:
        assert isinstance(notice, Notice)
        assert len(notice.line) >= 2
        assert notice.id
