"""A run's stored positions along the streets: beside them, never instead of them."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from factories.match_truth import DEG_M, matcher, town
from goldenhour.adapters.routing.matching import RoadMatching
from goldenhour.app.ports import WayMatching
from goldenhour.domain.review.track import MatchedWay, spaced
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.telemetry import Fix

GAP_MS = 60_000


def fix(at_s: int, east_m: float, north_m: float = 0.0) -> Fix:
    return Fix(
        unit_id="u1",
        point=Point(lat=north_m / DEG_M, lon=east_m / DEG_M),
        speed_kmh=40.0,
        heading_deg=90,
        altitude_m=0,
        device_ms=at_s * 1_000,
        received_ms=at_s * 1_000 + 300,
        catch_up=False,
        mileage_km=None,
        satellites=9,
        alarms=(),
    )


def matching() -> WayMatching:
    found = matcher(town([([(0, 0), (2_000, 0), (2_000, 2_000)], True)]))
    return RoadMatching(found.network, found.snapper)


def test_a_way_in_stretches_and_what_fits_no_street() -> None:
    fixes = [
        *(fix(10 * n, 100 * n, 3) for n in range(10)),
        fix(100, 1_000, 400),  # on no street
        replace(fix(110, 0), point=None),
        *(fix(200 + 10 * n, 1_450 + 100 * n) for n in range(6)),  # after a silence
    ]
    way = matching().match(fixes, GAP_MS)
    assert (way.used, way.matched) == (17, 16)
    assert [row.at_ms for row in way.unmatched] == [100_000]
    first, second = way.stretches
    assert first.driven_m == pytest.approx(900)
    assert second.driven_m == pytest.approx(500)
    assert first.steps[0].points == (Point(lat=0, lon=0),)
    assert [step.at_ms for step in first.steps] == [10_000 * n for n in range(10)]
    for stretch in way.stretches:
        line = [point for step in stretch.steps for point in step.points]
        length_m = sum(distance_m(a, b) for a, b in pairwise(line))
        assert length_m == pytest.approx(stretch.driven_m)


def test_nothing_is_a_way_of_nothing() -> None:
    nothing = MatchedWay(stretches=(), unmatched=(), used=0, matched=0)
    assert matching().match([], GAP_MS) == nothing
    assert matching().match([replace(fix(1, 0), point=None)], GAP_MS) == nothing


@pytest.mark.parametrize(("count", "used"), [(0, 0), (10, 10), (11, 6), (30, 10), (31, 8)])
def test_many_positions_are_spaced_evenly(count: int, used: int) -> None:
    fixes = [fix(n, 10.0 * n) for n in range(count)]
    some = spaced([*fixes, replace(fix(99, 0), point=None)], 10)
    assert len(some) == used
    gaps = {b.device_ms - a.device_ms for a, b in pairwise(some)}
    assert len(gaps) <= 1
