"""A thinned way tells no lie: what is left out lies on the straight line between what is kept."""

from bisect import bisect_right
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.domain.review.track import (
    MOST_READINGS,
    STRETCH_MS,
    TOLERANCE_M,
    TrackFix,
    off_m,
    readings,
    track,
)
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix, Numeric, NumericSet, Sign

GAP_MS = 60_000


def fix(at_ms: int, lat: float, lon: float, *, catch_up: bool = False, tablet: bool = False) -> Fix:
    return Fix(
        unit_id="u1",
        point=Point(lat=lat, lon=lon),
        speed_kmh=40.0,
        heading_deg=0,
        altitude_m=0,
        device_ms=at_ms,
        received_ms=at_ms + (90_000 if catch_up else 300),
        catch_up=catch_up,
        mileage_km=None,
        satellites=9,
        alarms=(),
        tablet=tablet,
    )


@st.composite
def ways(draw: st.DrawFn) -> list[Fix]:
    """A vehicle that drives on, turns, stands, falls silent, catches up, loses its terminal."""
    lat, lon, at_ms = 31.0, 121.0, 1_795_300_000_000
    found: list[Fix] = []
    for _leg in range(draw(st.integers(0, 6))):
        north, east = draw(st.floats(-2e-4, 2e-4)), draw(st.floats(-2e-4, 2e-4))
        step_ms = draw(st.sampled_from([200, 1_000, 5_000, 30_000, 400_000]))
        late, tablet = draw(st.booleans()), draw(st.booleans())
        for _ in range(draw(st.integers(1, 25))):
            found.append(fix(at_ms, lat, lon, catch_up=late, tablet=tablet))
            lat, lon, at_ms = lat + north, lon + east, at_ms + step_ms
    return found


@given(ways())
def test_what_is_left_out_is_where_the_line_passes(fixes: list[Fix]) -> None:
    kept = track(fixes, GAP_MS)
    by_time = {f.device_ms: f for f in fixes}
    times = [k.at_ms for k in kept]
    assert times == sorted(set(times))
    assert set(times) <= set(by_time)
    if fixes:
        assert (times[0], times[-1]) == (fixes[0].device_ms, fixes[-1].device_ms)
    for left_out in fixes:
        if left_out.device_ms in set(times):
            continue
        at = bisect_right(times, left_out.device_ms)
        before, after = kept[at - 1], kept[at]
        assert not after.after_gap
        assert before.catch_up == left_out.catch_up == after.catch_up
        assert before.tablet == left_out.tablet == after.tablet
        assert off_m(by_time[before.at_ms], left_out, by_time[after.at_ms]) <= TOLERANCE_M
        assert after.at_ms - before.at_ms <= STRETCH_MS


@given(ways())
def test_every_gap_is_told_and_none_is_made(fixes: list[Fix]) -> None:
    real = {b.device_ms for a, b in pairwise(fixes) if b.device_ms - a.device_ms > GAP_MS}
    assert {k.at_ms for k in track(fixes, GAP_MS) if k.after_gap} == real


def test_a_straight_drive_is_thinned_and_a_lost_place_is_no_way() -> None:
    drive = [fix(n * 1_000, 31.0 + n * 1e-4, 121.0) for n in range(100)]
    lost = Fix(**{f: getattr(drive[50], f) for f in Fix.__struct_fields__} | {"point": None})
    kept = track([*drive[:50], lost, *drive[51:]], GAP_MS)
    assert len(kept) <= 12
    assert all(isinstance(k, TrackFix) for k in kept)
    assert track([lost], GAP_MS) == ()


def vitals(at_ms: int, value: float | None, device_ms: int | None = None) -> NumericSet:
    return NumericSet(
        device_id="m1",
        unit_id="u1",
        device_ms=device_ms,
        received_ms=at_ms,
        values=(Numeric(sign=Sign.SPO2, value=value, note=""),),
    )


@given(st.lists(st.none() | st.integers(60, 100), max_size=2_000))
def test_extremes_and_losses_survive(values: list[int | None]) -> None:
    sets = [
        vitals(n * 1_000, None if v is None else float(v)) for n, v in enumerate(values, start=1)
    ]
    kept = readings(sets)
    numbers = [v for v in values if v is not None]
    shown = [r.value for r in kept if r.value is not None]
    if numbers:
        assert (min(shown), max(shown)) == (min(numbers), max(numbers))
    # Every time that the value was lost is still to be seen.
    losses = sum(b is None and a is not None for a, b in pairwise([1, *values]))
    assert sum(r.value is None for r in kept) >= losses
    if len(values) > MOST_READINGS:
        assert len(shown) <= MOST_READINGS
    assert [r.at_ms for r in kept] == sorted(r.at_ms for r in kept)


def test_the_devices_own_time_is_the_time_of_a_reading() -> None:
    assert [r.at_ms for r in readings([vitals(9_000, 97.0, device_ms=4_000)])] == [4_000]
