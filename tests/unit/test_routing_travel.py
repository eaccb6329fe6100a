"""Times from the graph where it knows a way, else by the straight line, and which is which."""

import numpy as np
import pytest

from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.ports import Place, TravelTimes
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.build import Ways, assemble
from goldenhour.kernel.geo import Point

UNIT_DEG = 0.001  # 111.195 m, 10.0 s at 40 km/h
CROW_KMH = 28.0
CROW_UNIT_S = 111.195 * 1.4 / (CROW_KMH / 3.6)
"""20.0 s: the straight line takes twice as long as the road here."""


def point(x: float, y: float) -> Point:
    return Point(lat=y * UNIT_DEG, lon=x * UNIT_DEG)


def street_and_islet() -> RoadNetwork:
    """A two-way street of four units eastward, and far north a street that joins nothing."""
    streets = [((0, 0), (4, 0)), ((0, 100), (1, 100))]
    points = [p for street in streets for p in street]
    return assemble(
        Ways(
            way_id=np.arange(2),
            start=np.array([0, 2, 4]),
            node=np.arange(4),
            lat=np.array([y for _, y in points]) * UNIT_DEG,
            lon=np.array([x for x, _ in points]) * UNIT_DEG,
            forward_kmh=np.full(2, 40.0),
            backward_kmh=np.full(2, 40.0),
        ),
        signals={},
        blocked=set(),
        restrictions=[],
    ).network


@pytest.fixture(scope="module")
def travel() -> TravelTimes:
    return RoadTravel(street_and_islet(), CROW_KMH)


def test_on_the_road_it_is_the_road_time(travel: TravelTimes) -> None:
    found = travel.times_to(point(3, 0), [Place(point=point(1, 0)), Place(point=point(2, 0))])
    assert [round(leg.seconds or 0) for leg in found.legs] == [20, 10]
    assert not any(leg.estimated for leg in found.legs)
    assert found.metric_version == 1
    back = travel.times_from(Place(point=point(3, 0)), [point(1, 0), point(2, 0)])
    assert [round(leg.seconds or 0) for leg in back.legs] == [20, 10]


def test_a_moving_vehicle_is_timed_from_the_direction_it_drives(travel: TravelTimes) -> None:
    towards = Place(point=point(1, 0), heading_deg=90, speed_kmh=40)
    away = Place(point=point(1, 0), heading_deg=270, speed_kmh=40)
    found = travel.times_to(point(3, 0), [towards, away])
    seconds = [leg.seconds or 0 for leg in found.legs]
    assert round(seconds[0]) == 20
    assert seconds[1] > seconds[0] + 15  # it must turn round first


def test_off_the_road_and_unreachable_are_estimates(travel: TravelTimes) -> None:
    field, islet = point(0, 50), point(0, 100)
    places = [Place(point=point(2, 0)), Place(point=field), Place(point=islet)]
    found = travel.times_to(point(0, 0), places)
    assert [leg.estimated for leg in found.legs] == [False, True, True]
    assert found.legs[1].seconds == pytest.approx(50 * CROW_UNIT_S, rel=1e-3)
    assert found.legs[2].seconds == pytest.approx(100 * CROW_UNIT_S, rel=1e-3)
    from_field = travel.times_from(Place(point=field), [point(0, 0)])
    to_field = travel.times_to(field, [Place(point=point(0, 0))])
    assert from_field.legs == to_field.legs
    assert to_field.legs[0].estimated


def test_without_a_graph_everything_is_an_estimate() -> None:
    found = RoadTravel(None, CROW_KMH).times_to(point(0, 0), [Place(point=point(2, 0))])
    assert found.legs[0].estimated
    assert found.legs[0].seconds == pytest.approx(2 * CROW_UNIT_S, rel=1e-3)
    assert found.metric_version == 0


def test_nobody_asked_nothing_answered(travel: TravelTimes) -> None:
    assert travel.times_to(point(0, 0), []).legs == ()
    assert travel.times_from(Place(point=point(0, 0)), []).legs == ()
