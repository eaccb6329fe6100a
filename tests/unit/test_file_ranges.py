"""Which part of a film a player asks for."""

import pytest

from goldenhour.adapters.web.file_routes import MOST_PART_BYTES, span_of
from goldenhour.adapters.web.problems import ProblemError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=", None),
        ("bytes=5", None),
        ("lines=1-2", None),
        ("bytes=x-9", None),
        ("bytes=0-", (0, 100)),
        ("bytes=5-9", (5, 5)),
        ("bytes=90-200", (90, 10)),
        ("bytes=-10", (90, 10)),
        ("bytes=-200", (0, 100)),
    ],
)
def test_a_range_is_a_part(header: str, expected: tuple[int, int] | None) -> None:
    assert span_of(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=9-5", "bytes=-0"])
def test_a_range_that_holds_nothing_is_refused(header: str) -> None:
    with pytest.raises(ProblemError):
        span_of(header, 100)


def test_a_long_range_is_cut() -> None:
    assert span_of("bytes=0-", 1 << 31) == (0, MOST_PART_BYTES)
