"""Times from the graph where it knows a way, else by the straight line, and which is which."""

import asyncio

import numpy as np
import pytest

from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.ports import Place, Spot, Stretch
from goldenhour.app.travel_times import Spots, TravelTimes
from goldenhour.compute.roads import RoadNetwork, SpeedUpdate
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


def standing(travel: TravelTimes, *at: tuple[float, float]) -> list[Spot]:
    return [travel.locate_fixed(point(x, y)) for x, y in at]


def test_on_the_road_it_is_the_road_time(travel: TravelTimes) -> None:
    east, *others = standing(travel, (3, 0), (1, 0), (2, 0))
    found = travel.times_to(east, Spots.of(others))
    assert [round(leg.seconds or 0) for leg in found.legs] == [20, 10]
    assert not any(leg.estimated for leg in found.legs)
    assert found.metric_version == 1
    back = travel.times_from(east, Spots.of(others))
    assert [round(leg.seconds or 0) for leg in back.legs] == [20, 10]


def test_a_moving_vehicle_is_timed_from_the_direction_it_drives(travel: TravelTimes) -> None:
    towards = Place(point=point(1, 0), heading_deg=90, speed_kmh=40)
    away = Place(point=point(1, 0), heading_deg=270, speed_kmh=40)
    vehicles = Spots.of(travel.locate([towards, away]))
    found = travel.times_to(travel.locate_fixed(point(3, 0)), vehicles)
    seconds = [leg.seconds or 0 for leg in found.legs]
    assert round(seconds[0]) == 20
    assert seconds[1] > seconds[0] + 15  # it must turn round first


def test_off_the_road_and_unreachable_are_estimates(travel: TravelTimes) -> None:
    west, street, field, islet = standing(travel, (0, 0), (2, 0), (0, 50), (0, 100))
    assert [arc for arc, _ in field.sides] == [-1, -1]
    found = travel.times_to(west, Spots.of([street, field, islet]))
    assert [leg.estimated for leg in found.legs] == [False, True, True]
    assert found.legs[1].seconds == pytest.approx(50 * CROW_UNIT_S, rel=1e-3)
    assert found.legs[2].seconds == pytest.approx(100 * CROW_UNIT_S, rel=1e-3)
    from_field = travel.times_from(field, Spots.of([west]))
    to_field = travel.times_to(field, Spots.of([west]))
    assert from_field.legs == to_field.legs
    assert to_field.legs[0].estimated


def test_without_a_graph_everything_is_an_estimate() -> None:
    travel = RoadTravel(None, CROW_KMH)
    west, street = standing(travel, (0, 0), (2, 0))
    found = travel.times_to(west, Spots.of([street]))
    assert found.legs[0].estimated
    assert found.legs[0].seconds == pytest.approx(2 * CROW_UNIT_S, rel=1e-3)
    assert found.metric_version == 0


def test_nobody_asked_nothing_answered(travel: TravelTimes) -> None:
    (west,) = standing(travel, (0, 0))
    assert travel.times_to(west, Spots.of([])).legs == ()
    assert travel.times_from(west, Spots.of([])).legs == ()
    assert travel.locate([]) == []


def test_a_vehicle_that_moves_is_on_one_side_and_one_that_stands_on_both(
    travel: TravelTimes,
) -> None:
    here = point(1, 0)
    moving, slow, lost, silent = travel.locate(
        [
            Place(point=here, heading_deg=90, speed_kmh=40),
            Place(point=here, heading_deg=90, speed_kmh=5),
            Place(point=here, heading_deg=0, speed_kmh=40),  # where no street leads
            Place(point=here),
        ]
    )
    assert [arc >= 0 for arc, _ in moving.sides] == [True, False]
    for standing_one in (slow, lost, silent):
        assert all(arc >= 0 for arc, _ in standing_one.sides)
    assert moving.sides[0] in silent.sides


async def test_speeds_change_while_people_ask_and_no_answer_is_a_mixture() -> None:
    network = street_and_islet()
    travel = RoadTravel(network, CROW_KMH)
    target, *sources = standing(travel, (3, 0), (1, 0), (2, 0))
    everywhere = np.arange(network.arc_count, dtype=np.int32)

    async def change() -> None:
        for version in range(2, 40):
            slower = np.full(network.arc_count, 1 / version)
            assert await travel.change_speeds(SpeedUpdate(arcs=everywhere, factors=slower)) == (
                version
            )

    changing = asyncio.create_task(change())
    seen = set()
    while not changing.done():
        found = travel.times_to(target, Spots.of(sources))
        seen.add(found.metric_version)
        for leg, free_s in zip(found.legs, (20, 10), strict=True):
            assert leg.seconds == pytest.approx(free_s * found.metric_version, abs=0.1)
        await asyncio.sleep(0)
    await changing
    assert len(seen) > 2  # it was asked at several speeds
    assert travel.times_to(target, Spots.of(sources)).metric_version == 39


async def test_without_a_graph_new_speeds_change_nothing() -> None:
    nothing = SpeedUpdate(arcs=np.array([], dtype=np.int32), factors=np.array([]))
    assert await RoadTravel(None, CROW_KMH).change_speeds(nothing) == 0


# ---- roads that are shut or slow


def ladder() -> RoadNetwork:
    """Two streets of four units eastward, one unit apart, joined by a rung at every unit."""
    streets = [
        *(((x, y), (x + 1, y)) for y in (0, 1) for x in range(4)),
        *(((x, 0), (x, 1)) for x in range(5)),
    ]
    points = [p for street in streets for p in street]
    numbers = {p: n for n, p in enumerate(dict.fromkeys(points))}
    return assemble(
        Ways(
            way_id=np.arange(len(streets)),
            start=np.arange(0, len(points) + 1, 2),
            node=np.array([numbers[p] for p in points]),
            lat=np.array([y for _, y in points]) * UNIT_DEG,
            lon=np.array([x for x, _ in points]) * UNIT_DEG,
            forward_kmh=np.full(len(streets), 40.0),
            backward_kmh=np.full(len(streets), 40.0),
        ),
        signals={},
        blocked=set(),
        restrictions=[],
    ).network


def seconds(travel: RoadTravel, start: tuple[float, float], end: tuple[float, float]) -> int:
    there, here = standing(travel, end, start)
    (leg,) = travel.times_to(there, Spots.of([here])).legs
    assert not leg.estimated
    return round(leg.seconds or 0)


LOWER = (point(1.1, 0), point(2.9, 0))


async def test_a_line_between_two_clicks_runs_from_crossing_to_crossing() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    line = travel.find_line(LOWER)
    assert line is not None
    assert [(round(p.lon / UNIT_DEG), round(p.lat / UNIT_DEG)) for p in line] == [
        (1, 0),
        (2, 0),
        (3, 0),
    ]
    one_street = travel.find_line((point(1.4, 0), point(1.6, 0)))
    assert one_street is not None
    assert [round(p.lon / UNIT_DEG) for p in one_street] == [1, 2]
    assert travel.find_line((point(1.4, 0), point(1.4, 90))) is None
    assert RoadTravel(None, CROW_KMH).find_line(LOWER) is None


async def test_a_shut_road_is_driven_round_and_open_again_as_before() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    line = travel.find_line(LOWER)
    assert line is not None
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 30
    shut = Stretch(line=line, both_ways=True, share=0)
    assert await travel.set_stretches([shut]) == 2
    assert await travel.set_stretches([shut]) == 2  # nothing new, so no new speeds
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 50
    assert seconds(travel, (3.5, 0), (0.5, 0)) == 50
    await travel.set_stretches([Stretch(line=line, both_ways=True, share=0.5)])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 50  # twenty seconds became forty
    await travel.set_stretches([])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 30


async def test_one_direction_may_be_shut_alone() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    line = travel.find_line(LOWER)
    assert line is not None
    await travel.set_stretches([Stretch(line=line, both_ways=False, share=0)])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 50
    assert seconds(travel, (3.5, 0), (0.5, 0)) == 30


async def test_a_crash_on_the_shut_road_is_reached_and_left() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    line = travel.find_line(LOWER)
    assert line is not None
    await travel.set_stretches([Stretch(line=line, both_ways=True, share=0)])
    assert seconds(travel, (0.5, 0), (1.5, 0)) == 10
    assert seconds(travel, (1.5, 0), (0.5, 0)) == 10
    # From the far end it goes round to where the fewest shut streets are passed: none here.
    assert seconds(travel, (3.5, 0), (2.5, 0)) == 10


async def test_a_closure_lies_over_speeds_that_change_below_it() -> None:
    network = ladder()
    travel = RoadTravel(network, CROW_KMH)
    line = travel.find_line(LOWER)
    assert line is not None
    await travel.set_stretches([Stretch(line=line, both_ways=True, share=0)])
    everywhere = np.arange(network.arc_count, dtype=np.int32)
    await travel.change_speeds(SpeedUpdate(arcs=everywhere, factors=np.full(len(everywhere), 0.5)))
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 100
    await travel.set_stretches([])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 60


async def test_a_line_of_another_map_finds_its_streets() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    beside = tuple(point(x, 0.1) for x in (0.9, 1.7, 3.05))  # eleven metres off, other vertices
    await travel.set_stretches([Stretch(line=beside, both_ways=True, share=0)])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 50
    nowhere = tuple(point(x, 40) for x in (1, 3))
    await travel.set_stretches([Stretch(line=nowhere, both_ways=True, share=0)])
    assert seconds(travel, (0.5, 0), (3.5, 0)) == 30


async def test_where_every_way_is_shut_the_time_is_an_estimate_and_says_so() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    shut = [Stretch(line=(point(1, y), point(2, y)), both_ways=True, share=0) for y in (0, 1)]
    await travel.set_stretches(shut)
    there, here, inside = standing(travel, (2.5, 0), (0.5, 0), (1.5, 0))
    both = Spots.of([here, inside])
    for found in (travel.times_to(there, both), travel.times_from(there, both)):
        cut_off, left = found.legs
        assert cut_off.estimated
        assert not left.estimated
        assert round(left.seconds or 0) == 10


async def test_a_line_that_leads_nowhere_shuts_nothing_and_stops_nobody() -> None:
    travel = RoadTravel(ladder(), CROW_KMH)
    crumb = Point(lat=0.0, lon=1e-9)
    for line in ((point(0, 0), crumb), (Point(lat=80, lon=100), Point(lat=-80, lon=-100))):
        await travel.set_stretches([Stretch(line=line, both_ways=True, share=0)])
        assert seconds(travel, (0.5, 0), (3.5, 0)) == 30
