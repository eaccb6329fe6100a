"""Jumps, spoofed places and clocks that run ahead: what of a terminal's reports is believed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factories.advice import NOW_MS, fix_at
from goldenhour.app.positions import Positions
from goldenhour.domain.dispatch.credible import Credible, true_ms
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix

RULES = Credible(
    jump_kmh=200,
    jump_m=300,
    drive_kmh=150,
    wander_m=60,
    settle_s=120,
    settle_reports=5,
    ahead_s=60,
    terminal_s=60,
    tablet_s=30,
    tablet_m=100,
)
HOME = Point(lat=36.1, lon=113.1)
AIRPORT = Point(lat=36.25, lon=113.12)
"""16.8 km away: where jammed receivers think they are."""
M_IN_DEGREES = 1 / 111_195


def report(seconds: float, point: Point | None, **changes: object) -> Fix:
    at_ms = NOW_MS + round(seconds * 1000)
    return fix_at(point, **({"device_ms": at_ms, "received_ms": at_ms} | changes))


def north(metres: float) -> Point:
    return Point(lat=HOME.lat + metres * M_IN_DEGREES, lon=HOME.lon)


def positions() -> Positions:
    return Positions(credible=RULES)


def test_a_jump_moves_nothing_and_is_marked_at_once() -> None:
    known = positions()
    first = report(0, HOME)
    assert known.take(first)
    assert not known.take(report(1, AIRPORT))
    assert known.fixes == {"u1": first}
    assert known.doubted == {"u1": NOW_MS + 1000}
    # Since when it is doubted does not move on; the next believed report ends it.
    assert not known.take(report(2, AIRPORT))
    assert known.doubted == {"u1": NOW_MS + 1000}
    assert known.take(report(3, north(40)))
    assert known.doubted == {}


@pytest.mark.parametrize(("metres", "believed"), [(299, True), (550, True), (562, False)])
def test_two_hundred_kilometres_an_hour_is_the_limit(metres: float, believed: bool) -> None:
    """In 10 s: 555 m."""
    known = positions()
    known.take(report(0, HOME))
    assert known.take(report(10, north(metres))) is believed


@pytest.mark.parametrize(("metres", "believed"), [(325, True), (335, False)])
def test_who_drives_fast_with_a_poor_receiver_is_believed(metres: float, believed: bool) -> None:
    """In 5 s: 208 m at 150 km/h and 60 m at either end; 300 m were too few, 278 m at 200 km/h."""
    known = positions()
    known.take(report(0, HOME))
    assert known.take(report(5, north(metres))) is believed


def test_after_a_long_silence_a_far_place_is_believed() -> None:
    known = positions()
    known.take(report(0, HOME))
    assert known.take(report(600, AIRPORT))


def test_who_stays_there_long_enough_is_believed() -> None:
    """The first report was the wrong one: a receiver that had just been switched on."""
    known = positions()
    known.take(report(0, AIRPORT))
    believed = [s for s in range(5, 200, 5) if known.take(report(s, north(s * 10)))]
    assert believed[0] == 125
    assert len(believed) == len(range(125, 200, 5))


def test_a_place_that_jumps_about_is_never_believed() -> None:
    known = positions()
    first = report(0, HOME)
    known.take(first)
    for s in range(1, 280):
        known.take(report(s, Point(lat=36.25 + 0.2 * (s % 3), lon=113.12)))
    assert known.fixes["u1"] is first


def test_a_clock_that_runs_ahead_does_not_shut_out_what_comes_after() -> None:
    known = positions()
    ahead = report(0, HOME, device_ms=NOW_MS + 10 * 365 * 86_400_000)
    assert true_ms(ahead, RULES) == NOW_MS
    known.take(ahead)
    assert known.take(report(1, north(20)))
    assert known.fixes["u1"].point == north(20)


def test_a_clock_a_little_ahead_is_taken_at_its_word() -> None:
    little = report(0, HOME, device_ms=NOW_MS + 59_000)
    assert true_ms(little, RULES) == NOW_MS + 59_000


@example(steps=[(1.0, 0.0, -54.0), (5.0, 147.0, 42.0)])
@given(
    steps=st.lists(
        st.tuples(st.floats(0.5, 60), st.floats(0, 150), st.floats(-60, 60)), max_size=60
    )
)
def test_whoever_drives_is_always_believed(steps: list[tuple[float, float, float]]) -> None:
    """At up to 150 km/h, with a receiver that wanders by 60 m to either side."""
    known = positions()
    seconds = metres = 0.0
    known.take(report(0, HOME))
    for after_s, kmh, error_m in steps:
        seconds += after_s
        metres += after_s * kmh / 3.6
        assert known.take(report(seconds, north(metres + error_m)))


@given(
    at=st.lists(st.integers(1, 600), min_size=1, unique=True),
    where=st.lists(st.sampled_from([AIRPORT, Point(lat=0, lon=0), Point(lat=36.1, lon=114.9)])),
)
def test_single_lies_never_move_a_vehicle_that_reports_every_second(
    at: list[int], where: list[Point]
) -> None:
    known = positions()
    lies = dict(zip(at, where, strict=False))
    for second in range(601):
        known.take(report(second, lies.get(second, north(10 * second))))
        assert known.fixes["u1"].point not in lies.values()
