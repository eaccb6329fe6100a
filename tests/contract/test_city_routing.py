import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from goldenhour.adapters.city.roads import import_roads
from goldenhour.adapters.city.valhalla_tiles import build_valhalla
from goldenhour.adapters.routing.adapter import Router
from goldenhour.adapters.routing.config import RoutingConfig
from goldenhour.adapters.routing.traffic import LiveTraffic
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.ports import Stretch
from goldenhour.app.travel_times import Spots
from goldenhour.compute.roads import RoadNetwork, SpeedUpdate
from goldenhour.domain.dispatch.route import Language, Route, RouteFailure, RouteProblem, Turn
from goldenhour.kernel.geo import Point, distance_m, distance_to_line_m
from goldenhour.simulator.town import write_town

NORTH = Point(lat=31.2073941, lon=105.4005313)
SOUTH = Point(lat=31.1973589, lon=105.4046218)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("routing")
    write_town(folder / "town.osm.pbf", 1)
    (folder / "scratch").mkdir()
    build_valhalla(folder / "town.osm.pbf", folder / "valhalla", folder / "scratch")
    return folder / "valhalla"


async def ask(
    tiles: Path, *points: Point, language: Language = Language.CHINESE
) -> Route | RouteFailure:
    router = Router(RoutingConfig(tiles=tiles, budget_s=60))
    try:
        return await router.route(points, language=language)
    finally:
        router.close()


async def test_a_route_across_the_river_in_both_languages(tiles: Path) -> None:
    chinese = await ask(tiles, NORTH, SOUTH)
    english = await ask(tiles, NORTH, SOUTH, language=Language.ENGLISH)
    assert isinstance(chinese, Route)
    assert isinstance(english, Route)
    assert chinese.points == english.points
    assert chinese.metres > distance_m(NORTH, SOUTH)
    assert 60 < chinese.seconds < 900
    assert distance_m(chinese.points[0], NORTH) < 100
    assert distance_m(chinese.points[-1], SOUTH) < 100
    assert chinese.manoeuvres[0].turn is Turn.DEPART
    assert chinese.manoeuvres[-1].turn is Turn.ARRIVE
    named = [m for m in chinese.manoeuvres if m.streets and m.turn is not Turn.ARRIVE]
    assert named
    assert all(m.streets[0] in m.text and "行驶" in m.text for m in named)
    assert any(m.text.startswith("Turn ") for m in english.manoeuvres)


async def test_a_via_point_joins_two_legs_into_one_line(tiles: Path) -> None:
    middle = Point(lat=31.2046875, lon=105.3973537)
    route = await ask(tiles, NORTH, middle, SOUTH)
    assert isinstance(route, Route)
    begins = [m.begin_index for m in route.manoeuvres]
    assert begins == sorted(begins)
    assert begins[-1] == len(route.points) - 1
    assert all(a != b for a, b in zip(route.points, route.points[1:], strict=False))


async def test_a_way_keeps_off_a_shut_street_and_crosses_it_still(tiles: Path) -> None:
    usual = await ask(tiles, NORTH, SOUTH)
    assert isinstance(usual, Route)
    third = len(usual.points) // 3
    shut = usual.points[third : third + 2]
    inside = Point(lat=(shut[0].lat + shut[1].lat) / 2, lon=(shut[0].lon + shut[1].lon) / 2)
    router = Router(RoutingConfig(tiles=tiles, budget_s=60))
    try:
        turned = await router.route((NORTH, SOUTH), language=Language.CHINESE, avoid=[shut])
        many = [[NORTH, Point(lat=31.2074, lon=105.401 + n / 1e4)] for n in range(120)]
        enough = await router.route((SOUTH, shut[0]), language=Language.CHINESE, avoid=many)
    finally:
        router.close()
    assert isinstance(turned, Route), turned
    assert distance_to_line_m(inside, usual.points) < 1
    assert distance_to_line_m(inside, turned.points) > 10
    assert turned.metres > usual.metres
    # More places than the engine takes by itself are no bad request.
    assert not (isinstance(enough, RouteFailure) and enough.problem is RouteProblem.UNAVAILABLE), (
        enough
    )


@pytest.fixture(scope="module")
def network(tiles: Path) -> RoadNetwork:
    return import_roads(tiles.parent / "town.osm.pbf", lambda *_: None).network


@pytest.fixture
def living(tiles: Path, network: RoadNetwork) -> Iterator[tuple[Router, RoadTravel]]:
    """The engine and the travel times of one process, which share their speeds."""
    travel = RoadTravel(network, 35.0)
    assert travel.snapper is not None
    traffic = LiveTraffic(network, travel.snapper)
    travel.heed = traffic.write
    router = Router(RoutingConfig(tiles=tiles, budget_s=60), traffic)
    yield router, travel
    router.close()


async def find(router: Router, *points: Point, into_shut: bool = False) -> Route:
    found = await router.route(points, language=Language.CHINESE, into_shut=into_shut)
    assert isinstance(found, Route), found
    return found


async def test_the_engine_drives_at_the_speeds_of_the_travel_times(
    living: tuple[Router, RoadTravel], network: RoadNetwork
) -> None:
    router, travel = living
    usual = await find(router, NORTH, SOUTH)
    everywhere = np.arange(network.arc_count, dtype=np.int32)
    half = SpeedUpdate(arcs=everywhere, factors=np.full(network.arc_count, 0.5))
    await travel.change_speeds(half)
    slow = await find(router, NORTH, SOUTH)
    # Speeds are told in steps of 2 km/h, and a turn costs what it cost.
    assert 1.6 < slow.seconds / usual.seconds < 2.1
    spots = [travel.locate_fixed(point) for point in (NORTH, SOUTH)]
    ours = travel.times_to(spots[1], Spots.of(spots[:1])).legs[0]
    assert ours.seconds is not None
    assert 0.7 < slow.seconds / ours.seconds < 1.3


async def test_a_street_is_shut_in_one_direction_alone(
    living: tuple[Router, RoadTravel],
) -> None:
    router, travel = living
    points = (await find(router, NORTH, SOUTH)).points
    for begin, end in zip(points[2:], points[6:], strict=False):
        there, back = await find(router, begin, end), await find(router, end, begin)
        if there.points == back.points[::-1] and there.metres > 100:
            break
    else:
        pytest.fail("no street of the town is driven both ways")
    line = travel.find_line((begin, end))
    assert line is not None
    await travel.set_stretches([Stretch(line=line, both_ways=False, share=0)])
    turned, still = await find(router, begin, end), await find(router, end, begin)
    assert turned.points != there.points
    assert turned.metres > there.metres
    assert still.points == back.points
    await travel.set_stretches([])
    assert (await find(router, begin, end)).points == there.points


async def test_a_place_on_a_shut_street_is_led_to(living: tuple[Router, RoadTravel]) -> None:
    router, travel = living
    usual = await find(router, NORTH, SOUTH)
    third = len(usual.points) // 3
    begin, end = usual.points[third : third + 2]
    inside = Point(lat=(begin.lat + end.lat) / 2, lon=(begin.lon + end.lon) / 2)
    line = travel.find_line((begin, end))
    assert line is not None
    await travel.set_stretches([Stretch(line=line, both_ways=True, share=0)])
    for way in ((NORTH, inside), (inside, SOUTH)):
        found = await find(router, *way, into_shut=True)
        assert min(distance_m(inside, end) for end in (found.points[0], found.points[-1])) < 20


async def test_failures_are_values(tiles: Path, tmp_path: Path) -> None:
    sea = Point(lat=31.9, lon=105.4)
    for result, problem in (
        (await ask(tiles, NORTH, sea), RouteProblem.OFF_ROAD),
        (await ask(tiles, NORTH), RouteProblem.BAD_REQUEST),
        (await ask(tmp_path / "none", NORTH, SOUTH), RouteProblem.UNAVAILABLE),
    ):
        assert isinstance(result, RouteFailure)
        assert result.problem is problem


async def test_a_busy_engine_costs_the_caller_its_budget_and_no_more(tiles: Path) -> None:
    router = Router(RoutingConfig(tiles=tiles, budget_s=0.05))
    free = threading.Event()
    router._worker.submit(free.wait)
    try:
        result = await router.route((NORTH, SOUTH), language=Language.CHINESE)
        assert isinstance(result, RouteFailure)
        assert result.problem is RouteProblem.TOO_SLOW
    finally:
        free.set()
        router.close()
    closed = await router.route((NORTH, SOUTH), language=Language.CHINESE)
    assert isinstance(closed, RouteFailure)


class _Tagged(osmium.SimpleHandler):
    """The town, with three lanes on each street: left, through, right."""

    def __init__(self, writer: osmium.SimpleWriter) -> None:
        super().__init__()
        self._writer = writer

    def node(self, node: Any) -> None:
        self._writer.add_node(node)

    def relation(self, relation: Any) -> None:
        self._writer.add_relation(relation)

    def way(self, way: Any) -> None:
        tags = dict(way.tags)
        if "highway" in tags:
            ways = "left|through|right"
            tags |= {"lanes": "6", "lanes:forward": "3", "lanes:backward": "3"}
            tags |= {"turn:lanes:forward": ways, "turn:lanes:backward": ways}
            if tags.get("oneway") == "yes":
                tags |= {"lanes": "3", "turn:lanes": ways}
        self._writer.add_way(way.replace(tags=tags))


async def test_lanes_are_told_where_the_map_has_them(tiles: Path, tmp_path: Path) -> None:
    plain = await ask(tiles, NORTH, SOUTH)
    assert isinstance(plain, Route)
    assert not any(one.lanes for one in plain.manoeuvres)
    write_town(tmp_path / "town.osm.pbf", 1)
    with osmium.SimpleWriter(str(tmp_path / "lanes.osm.pbf")) as writer:
        _Tagged(writer).apply_file(str(tmp_path / "town.osm.pbf"))
    (tmp_path / "scratch").mkdir()
    build_valhalla(tmp_path / "lanes.osm.pbf", tmp_path / "valhalla", tmp_path / "scratch")
    found = await ask(tmp_path / "valhalla", NORTH, SOUTH)
    assert isinstance(found, Route)
    told = [one for one in found.manoeuvres if one.lanes and one.turn in (Turn.LEFT, Turn.RIGHT)]
    assert told
    for one in told:
        assert [lane.ways for lane in one.lanes] == [(Turn.LEFT,), (Turn.CONTINUE,), (Turn.RIGHT,)]
        fitting = [lane.ways for lane in one.lanes if lane.fits]
        assert fitting == [(one.turn,)]
