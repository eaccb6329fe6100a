"""How far off arrivals were: ranges of earlier drives, and how good forecasts are."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour import content
from goldenhour.content import ContentError
from goldenhour.content.street_speeds import NAME, load_street_speeds
from goldenhour.domain.dispatch.arrival import (
    ArrivalRange,
    ArrivalRules,
    Driven,
    ForecastQuality,
    drag_of,
    judge,
    range_of,
    spread_of,
    tells,
)

RULES = ArrivalRules(like_s=(180.0, 480.0), low=0.1, high=0.9, fewest=9, most=100, shortest_s=30.0)


def driven(foretold_s: float, took_s: float, *span: int) -> Driven:
    low_s, high_s = span or (None, None)
    return Driven(ended_ms=0, foretold_s=foretold_s, took_s=took_s, low_s=low_s, high_s=high_s)


def test_too_few_drives_give_no_range() -> None:
    assert spread_of([driven(300, 300)] * 8, RULES) is None
    assert range_of(None, 300) is None
    assert range_of(spread_of([driven(300, 300)] * 9, RULES), None) is None


def test_the_range_is_what_drives_as_long_have_shown() -> None:
    """Of nine drives the first and the last are the 10th and the 90th percentile."""
    short = [driven(100, 100 + 10 * n) for n in range(-4, 5)]
    long = [driven(1_000, 1_000 + 10 * n) for n in range(-4, 5)]
    spread = spread_of([*short, *long], RULES)
    assert range_of(spread, 100) == ArrivalRange(low_s=60, high_s=140)
    assert range_of(spread, 2_000) == ArrivalRange(low_s=1_920, high_s=2_080)
    assert spread is not None
    assert [band.drives for band in spread.bands] == [9, 0, 9]


def test_a_length_that_nobody_drove_yet_goes_by_all_drives() -> None:
    spread = spread_of([driven(1_000, 1_000 + 100 * n) for n in range(-4, 5)], RULES)
    assert range_of(spread, 100) == ArrivalRange(low_s=60, high_s=140)


def test_a_range_holds_the_figure_beside_it() -> None:
    rest = [driven(1_000, 1_000)] * 19
    late = spread_of([*rest, *[driven(300, 450)] * 9], RULES)
    soon = spread_of([*rest, *[driven(300, 150)] * 9], RULES)
    assert range_of(late, 300) == ArrivalRange(low_s=300, high_s=450)
    assert range_of(soon, 300) == ArrivalRange(low_s=150, high_s=300)


def test_only_the_newest_drives_count() -> None:
    rules = replace(RULES, most=9)
    spread = spread_of([*[driven(300, 900)] * 50, *[driven(300, 300)] * 9], rules)
    assert range_of(spread, 300) == ArrivalRange(low_s=300, high_s=300)


def test_what_drives_take_longer_than_their_streets_is_in_the_next_forecast_and_not_twice() -> None:
    """Nine took a tenth longer. Once that is in the forecasts, they are right, and it stays so."""
    before = [driven(300, 330)] * 9
    after = [replace(driven(330, 330), drag=1.1)] * 9
    assert drag_of(before[1:], RULES) == 1.0
    assert drag_of(before, RULES) == pytest.approx(1.1)
    assert drag_of([*before, *after], RULES) == pytest.approx(1.1)
    assert range_of(spread_of([*before, *after], RULES), 330) == ArrivalRange(low_s=330, high_s=330)


def test_forecasts_are_judged_by_what_was_said_before() -> None:
    told = [driven(300, 330, 290, 340), driven(300, 400, 290, 340), driven(300, 310)]
    assert judge(told, RULES) == ForecastQuality(drives=3, error_s=30, bias=1.1, ranged=2, within=1)
    assert judge([], RULES) is None


def test_a_vehicle_that_was_there_already_says_nothing() -> None:
    assert tells(31.0, 31.0, RULES)
    assert not tells(5.0, 300.0, RULES)
    assert not tells(300.0, 5.0, RULES)


def test_ranges_hold_what_they_promise_for_drives_they_never_saw() -> None:
    """800 of 1,000 by definition; a fair sampling error is three times 12.6."""
    rng = np.random.default_rng(7)

    def some(n: int) -> list[Driven]:
        return [driven(s := rng.uniform(60, 1_500), s * rng.lognormal(0.1, 0.25)) for _ in range(n)]

    rules, known = load_street_speeds().arrival, some(1_000)
    spread, drag = spread_of(known, rules), drag_of(known, rules)
    inside = 0
    for one in some(1_000):
        found = range_of(spread, round(one.foretold_s * drag))
        assert found is not None
        inside += found.low_s <= one.took_s <= found.high_s
    assert 760 <= inside <= 840


@given(
    st.lists(st.tuples(st.floats(30, 5_000), st.floats(30, 9_000)), max_size=60),
    st.integers(0, 9_000),
)
def test_a_range_is_never_upside_down(told: list[tuple[float, float]], eta_s: int) -> None:
    found = range_of(spread_of([driven(*one) for one in told], RULES), eta_s)
    assert found is None or 0 <= found.low_s <= eta_s <= found.high_s


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("high = 0.9", "high = 0.05"), "low below high"),
        (("[180.0, 480.0", "[480.0, 180.0"), "like_s"),
        (("fewest = 30", "fewest = 3000"), "fewest"),
        (("arc_s = 200.0", "arc_s = 0.0"), "arc_s"),
        (("arc_s = 200.0", 'arc_s = "x"'), "arc_s"),
    ],
)
def test_content_that_cannot_be_right_names_the_field(
    tmp_path: Path, change: tuple[str, str], word: str
) -> None:
    text = (files(content) / NAME).read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / NAME).write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ContentError, match=word):
        load_street_speeds(tmp_path)
