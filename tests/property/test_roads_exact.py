"""Every travel time equals a plain Dijkstra on a graph built another way."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roads_oracle import oracle_s, random_places, route_s

from goldenhour.adapters.city.roads import import_roads
from goldenhour.compute.roads import RoadNetwork, Snaps, SpeedUpdate, TravelTimes, hierarchy
from goldenhour.compute.roads.build import Restriction, Ways, assemble
from goldenhour.compute.roads.network import Floats

CITIES = (
    Path(os.environ.get("GOLDENHOUR_DATA", Path(__file__).parents[2] / "../shared/data")) / "cities"
)


def on_arc(arc: int, fraction: float) -> Snaps:
    return Snaps(
        arcs=np.array([[arc, -1]], dtype=np.int32),
        fractions=np.array([[fraction, 0.0]]),
        off_road_m=np.zeros(1),
    )


def joined(*places: Snaps) -> Snaps:
    return Snaps(
        arcs=np.concatenate([place.arcs for place in places]),
        fractions=np.concatenate([place.fractions for place in places]),
        off_road_m=np.concatenate([place.off_road_m for place in places]),
    )


def assert_exact(
    travel: TravelTimes,
    network: RoadNetwork,
    factors: Floats,
    sources: Snaps,
    target: Snaps,
) -> None:
    expected = oracle_s(network, factors, sources, target).astype(np.float32)
    np.testing.assert_array_equal(travel.times_to(target, sources).seconds, expected)
    for row in range(min(len(sources), 5)):
        source = sources.pick([row])
        assert travel.times_from(source, target).seconds[0] == expected[row]
        route = travel.find_route(source, target)
        if route is None:
            assert np.isinf(expected[row])
        else:
            assert np.float32(route.seconds) == expected[row]
            assert route_s(network, factors, route, source, target) == pytest.approx(route.seconds)


@st.composite
def towns(draw: st.DrawFn) -> RoadNetwork:
    """A few junctions joined at random, with one-ways, signals, barriers and bans."""
    nodes = draw(st.integers(2, 7))
    node = st.integers(0, nodes - 1)
    streets = draw(
        st.lists(st.tuples(node, node).filter(lambda s: s[0] != s[1]), min_size=1, max_size=12)
    )
    sides = draw(
        st.lists(
            st.sampled_from([(30.0, 30.0), (50.0, 0.0), (0.0, 50.0)]),
            min_size=len(streets),
            max_size=len(streets),
        )
    )
    way = st.integers(0, len(streets) - 1)
    rules = draw(st.lists(st.tuples(way, node, way, st.booleans()), max_size=6))
    flat = np.array(streets).ravel()
    spot = np.random.default_rng(nodes).random((nodes, 2)) / 100
    return assemble(
        Ways(
            way_id=np.arange(len(streets)),
            start=np.arange(0, 2 * len(streets) + 1, 2),
            node=flat,
            lat=spot[flat, 0],
            lon=spot[flat, 1],
            forward_kmh=np.array([forward for forward, _ in sides]),
            backward_kmh=np.array([backward for _, backward in sides]),
        ),
        signals=draw(st.dictionaries(node, st.sampled_from([1, 2, 3]), max_size=3)),
        blocked=draw(st.sets(node, max_size=1)),
        restrictions=[
            Restriction(from_way=start, via_node=via, to_way=end, only=only)
            for start, via, end, only in rules
        ],
    ).network


@pytest.fixture(params=[0, 1, 3, 512])
def _cells(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Towns this small would be one cell; without any, every vertex stands over the cells."""
    monkeypatch.setattr(hierarchy, "CELL", request.param)


@pytest.mark.usefixtures("_cells")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(network=towns(), seed=st.integers(0, 2**16))
def test_random_towns_at_random_speeds(network: RoadNetwork, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network.check()
    travel = TravelTimes.start(network, version=0)
    for factors in (
        np.ones(network.arc_count),
        rng.choice(np.array([0.0, 0.3, 1.0, 1.7]), size=network.arc_count),
    ):
        travel = travel.with_speeds(factors, version=1)
        sources = random_places(network, 12, rng)
        for target in range(3):
            place = random_places(network, 1, rng) if target else sources.pick([0])
            assert_exact(travel, network, factors, sources, place)


@settings(max_examples=60, deadline=None)
@given(network=towns(), seed=st.integers(0, 2**16))
def test_each_update_is_exact_and_so_are_the_speeds_before_it(
    network: RoadNetwork, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    known = np.ones(network.arc_count)
    travel = TravelTimes.start(network, version=1)
    for version in range(2, 5):
        sources, place = random_places(network, 8, rng), random_places(network, 1, rng)
        arcs = rng.choice(network.arc_count, rng.integers(network.arc_count + 1), replace=False)
        factors = rng.choice(np.array([0.0, 0.3, 1.0, 1.7]), size=len(arcs))
        before, travel = travel, travel.with_update(SpeedUpdate(arcs=arcs, factors=factors))
        assert (before.version, travel.version) == (version - 1, version)
        assert_exact(before, network, known, sources, place)
        known[arcs] = factors
        assert_exact(travel, network, known, sources, place)


@pytest.mark.parametrize(
    "extract",
    ["bad-hersfeld/bad-hersfeld.osm.gz", "nanchang/nanchang.osm.pbf", "porto/porto.osm.pbf"],
)
def test_real_city_before_and_after_a_change_of_speeds(extract: str) -> None:
    if not (CITIES / extract).exists():
        pytest.skip(f"no {extract}: set GOLDENHOUR_DATA to the shared data")
    network = import_roads(CITIES / extract, lambda _stage, _done, _total: None).network
    rng = np.random.default_rng(120)
    travel = TravelTimes.start(network, version=0)
    jam = np.ones(network.arc_count)
    jam[rng.integers(network.arc_count, size=500)] = 0.25
    jam[rng.integers(network.arc_count, size=50)] = 0.0
    all_slower = jam * 0.9
    for version, factors in enumerate((np.ones(network.arc_count), jam, all_slower, jam)):
        travel = travel.with_speeds(factors, version)
        places = random_places(network, 5, rng)
        for row in range(5):
            arc = int(places.arcs[row, 0])
            sources = joined(random_places(network, 58, rng), on_arc(arc, 0.01), on_arc(arc, 0.99))
            assert_exact(travel, network, factors, sources, places.pick([row]))


def test_a_stop_on_the_way_is_never_a_short_cut() -> None:
    extract = CITIES / "bad-hersfeld/bad-hersfeld.osm.gz"
    if not extract.exists():
        pytest.skip("no bad-hersfeld: set GOLDENHOUR_DATA to the shared data")
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    travel = TravelTimes.start(network, version=0)
    rng = np.random.default_rng(7)
    starts = random_places(network, 200, rng)
    for _ in range(5):
        stop = on_arc(int(rng.integers(network.arc_count)), 0.5)
        end = random_places(network, 1, rng)
        direct = travel.times_to(end, starts).seconds.astype(np.float64)
        by_stop = travel.times_to(stop, starts).seconds + float(
            travel.times_to(end, stop).seconds[0]
        )
        assert (direct <= by_stop + 0.01).all()


def test_threads_that_ask_beside_each_other_get_their_own_answers() -> None:
    side = 8
    nodes = np.arange(side * side).reshape(side, side)
    flat = np.concatenate((nodes.ravel(), nodes.T.ravel()))
    lines = 2 * side
    network = assemble(
        Ways(
            way_id=np.arange(lines),
            start=np.arange(0, lines * side + 1, side),
            node=flat,
            lat=flat // side / 500,
            lon=flat % side / 500,
            forward_kmh=np.full(lines, 30.0),
            backward_kmh=np.full(lines, 30.0),
        ),
        signals={},
        blocked=set(),
        restrictions=[],
    ).network
    travel, rng = TravelTimes.start(network, version=0), np.random.default_rng(120)
    place = random_places(network, 1, rng)
    asked = [random_places(network, 20, rng) for _thread in range(2)]
    alone = [travel.times_to(place, sources).seconds for sources in asked]

    def ask(thread: int) -> int:
        given = (travel.times_to(place, asked[thread]).seconds for _turn in range(2_000))
        return sum(not np.array_equal(seconds, alone[thread]) for seconds in given)

    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(ask, range(2))) == [0, 0]
    finally:
        sys.setswitchinterval(often)
