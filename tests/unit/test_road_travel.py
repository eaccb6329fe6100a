"""Snapping, live speeds, routes and the saved file, on one small hand-made network."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from goldenhour.compute.roads import (
    NetworkFileError,
    OffRoad,
    RoadNetwork,
    Snapper,
    Snaps,
    SpeedUpdate,
    TravelTimes,
    arcs_along,
    estimate_crow_s,
)
from goldenhour.compute.roads.build import Ways, assemble
from goldenhour.kernel.geo import Point

UNIT_DEG = 0.001  # 111.195 m, 10.0 s at 40 km/h
BOTH = (40.0, 40.0)
ONE_WAY = (40.0, 0.0)


def network_of(
    streets: Sequence[tuple[Sequence[tuple[float, float]], tuple[float, float]]],
) -> RoadNetwork:
    """Streets as points in units with the speeds along and against them; way ids from 0."""
    points = [point for line, _ in streets for point in line]
    names = sorted(set(points))
    return assemble(
        Ways(
            way_id=np.arange(len(streets)),
            start=np.cumsum([0, *(len(line) for line, _ in streets)]),
            node=np.array([names.index(point) for point in points]),
            lat=np.array([y for _, y in points]) * UNIT_DEG,
            lon=np.array([x for x, _ in points]) * UNIT_DEG,
            forward_kmh=np.array([speeds[0] for _, speeds in streets]),
            backward_kmh=np.array([speeds[1] for _, speeds in streets]),
        ),
        signals={},
        blocked=set(),
        restrictions=[],
    ).network


def block() -> RoadNetwork:
    """A square of one unit: ways 0 to 3 are its south, east, north and west sides."""
    corners: list[tuple[float, float]] = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return network_of([([start, end], BOTH) for start, end in pairwise(corners)])


def at(network: RoadNetwork, x: float, y: float) -> Snaps:
    found = Snapper(network).find_nearest(Point(lat=y * UNIT_DEG, lon=x * UNIT_DEG))
    assert isinstance(found, Snaps)
    return found


def moving(network: RoadNetwork, x: float, y: float, heading_deg: float, speed: float) -> Snaps:
    return Snapper(network).snap(
        np.array([[y, x]]) * UNIT_DEG, np.array([heading_deg]), np.array([speed])
    )


def ways_of(network: RoadNetwork, snaps: Snaps) -> list[tuple[int, bool]]:
    """Way and whether it is driven backward, for each arc that counts."""
    return [
        (int(network.piece_way[network.arc_piece[arc]]), network.is_backward(arc))
        for arc in snaps.arcs[0].tolist()
        if arc >= 0
    ]


@pytest.mark.parametrize(
    ("heading_deg", "speed", "expected"),
    [
        (90.0, 10.0, [(0, False)]),
        (270.0, 10.0, [(0, True)]),
        (130.0, 10.0, [(0, False)]),
        (0.0, 10.0, [(0, False), (0, True)]),  # fits no street near
        (90.0, 1.4, [(0, False), (0, True)]),  # stands
        (float("nan"), 10.0, [(0, False), (0, True)]),
    ],
)
def test_heading_chooses_the_direction_of_a_moving_vehicle(
    heading_deg: float, speed: float, expected: list[tuple[int, bool]]
) -> None:
    network = block()
    assert ways_of(network, moving(network, 0.4, 0.05, heading_deg, speed)) == expected


def test_heading_chooses_the_carriageway() -> None:
    network = network_of(
        [
            ([(0, 0), (5, 0)], ONE_WAY),
            ([(5, 0.1), (0, 0.1)], ONE_WAY),
            ([(5, 0), (5, 0.1)], BOTH),
            ([(0, 0), (0, 0.1)], BOTH),
        ]
    )
    near_the_eastbound = (2.0, 0.02)
    assert ways_of(network, moving(network, *near_the_eastbound, 90, 10)) == [(0, False)]
    assert ways_of(network, moving(network, *near_the_eastbound, 270, 10)) == [(1, False)]
    assert ways_of(network, moving(network, *near_the_eastbound, 270, 0)) == [(0, False)]


def test_fraction_counts_from_the_start_of_each_arc() -> None:
    network = block()
    snaps = at(network, 0.25, 0.05)
    np.testing.assert_allclose(snaps.fractions, [[0.25, 0.75]], atol=1e-6)
    np.testing.assert_allclose(snaps.off_road_m, [0.05 * 111.195], rtol=1e-4)


def test_a_place_off_the_road_is_said_to_be() -> None:
    network = block()
    far = Point(lat=0.006, lon=0.0005)
    found = Snapper(network).find_nearest(far)
    assert isinstance(found, OffRoad)
    assert found.nearest_m == pytest.approx(5 * 111.195, rel=1e-4)
    rows = np.array([[0.006, 0.0005], [np.nan, 0.0], [0.0, 0.0005]])
    snaps = Snapper(network).snap(rows)
    travel = TravelTimes.start(network, version=0)
    assert travel.times_to(at(network, 0.75, 0), snaps).seconds.tolist() == [
        np.inf,
        np.inf,
        pytest.approx(2.5),
    ]
    assert travel.times_from(at(network, 0.75, 0), snaps).seconds[:2].tolist() == [np.inf, np.inf]
    assert np.isinf(travel.times_to(snaps.pick([0]), snaps).seconds).all()
    assert travel.find_route(snaps.pick([0]), at(network, 0, 0)) is None


def test_nobody_asked_is_nobody_answered() -> None:
    network = block()
    nobody = Snapper(network).snap(np.empty((0, 2)), np.empty(0), np.empty(0))
    travel = TravelTimes.start(network, version=0)
    assert travel.times_to(at(network, 0, 0), nobody).seconds.shape == (0,)


def test_one_target_means_one() -> None:
    network = block()
    two = Snapper(network).snap(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="exactly one place, not 2"):
        TravelTimes.start(network, version=0).times_to(two, two)


def test_crow_estimate() -> None:
    seconds = estimate_crow_s(np.array([0.0, 0.0]), np.array([[0.001, 0.0], [0.0, 0.002]]), 40)
    np.testing.assert_allclose(seconds, [14.01, 28.02], rtol=1e-3)


def test_new_speeds_change_times_and_version() -> None:
    network = block()
    here, there = at(network, 0.25, 0), at(network, 1, 0.2)
    travel = TravelTimes.start(network, version=7)
    free = travel.times_to(there, here)
    assert free.seconds[0] == pytest.approx(9.5)
    assert free.version == 7

    south = network.piece_way[network.arc_piece] == 0
    slow = travel.with_speeds(np.where(south, 0.5, 1.0), version=8)
    answer = slow.times_to(there, here)
    assert answer.seconds[0] == pytest.approx(17.0)
    assert answer.version == 8
    assert travel.times_to(there, here).seconds.tolist() == [pytest.approx(9.5)]

    eastward = network.forward[network.arc_piece[south.argmax()]]
    shut_east = np.ones(network.arc_count)
    shut_east[eastward] = 0
    round_the_block = slow.with_speeds(shut_east, version=9).find_route(here, there)
    assert round_the_block is not None
    assert round_the_block.seconds == pytest.approx(30.5)
    assert round_the_block.version == 9

    # The place itself lies on the street that is shut: it is left, and reached, all the same.
    shut = slow.with_speeds(np.where(south, 0.0, 1.0), version=10)
    assert shut.times_to(there, here).seconds[0] == pytest.approx(9.5)
    assert shut.times_from(here, there).seconds[0] == pytest.approx(9.5)
    assert shut.times_to(here, here).seconds[0] == 0
    out = shut.find_route(here, there)
    assert out is not None
    assert out.seconds == pytest.approx(9.5)


def test_speeds_change_in_one_thread_while_another_asks() -> None:
    network = block()
    here, there = at(network, 0.75, 0), at(network, 0.25, 1)
    live = [TravelTimes.start(network, version=1)]

    def change() -> None:
        for version in range(2, 200):
            live[0] = live[0].with_speeds(np.full(network.arc_count, 1 / version), version)

    worker = Thread(target=change)
    worker.start()
    while worker.is_alive():
        for answer in (live[0].times_to(there, here), live[0].times_from(here, there)):
            assert answer.seconds[0] == pytest.approx(20.0 * answer.version)
    worker.join()
    assert live[0].times_to(there, here).version == 199


def test_an_update_changes_its_own_arcs_and_keeps_the_others() -> None:
    network = block()
    here, there = at(network, 0.75, 0), at(network, 0.25, 1)
    all_slow = TravelTimes.start(network, version=1).with_speeds(
        np.full(network.arc_count, 0.5), version=7
    )
    arcs = here.arcs[0][here.arcs[0] >= 0]
    free_again = all_slow.with_update(SpeedUpdate(arcs=arcs, factors=np.ones(len(arcs))))
    assert free_again.version == 8
    slow_s, mixed_s = (t.times_to(there, here).seconds[0] for t in (all_slow, free_again))
    assert 20.0 < mixed_s < slow_s
    for wrong, field in (
        (SpeedUpdate(arcs=np.array([network.arc_count]), factors=np.ones(1)), "arcs"),
        (SpeedUpdate(arcs=np.array([-1]), factors=np.ones(1)), "arcs"),
        (SpeedUpdate(arcs=arcs, factors=np.ones(len(arcs) + 1)), "factors"),
        (SpeedUpdate(arcs=arcs, factors=np.full(len(arcs), np.nan)), "factors"),
    ):
        with pytest.raises(ValueError, match=f"^{field}: "):
            free_again.with_update(wrong)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_senseless_speeds_are_refused(bad: float) -> None:
    network = block()
    travel = TravelTimes.start(network, version=0)
    with pytest.raises(ValueError, match="factors: each must be finite"):
        travel.with_speeds(np.full(network.arc_count, bad), version=1)
    with pytest.raises(ValueError, match="factors: need one for each"):
        travel.with_speeds(np.ones(1), version=1)


def test_route_is_drawn_from_door_to_door() -> None:
    network = block()
    travel = TravelTimes.start(network, version=0)
    route = travel.find_route(at(network, 0.75, 0), at(network, 0.5, 1))
    assert route is not None
    assert route.seconds == pytest.approx(17.5)
    expected = np.array([[0, 0.75], [0, 1], [1, 1], [1, 0.5]]) * UNIT_DEG
    np.testing.assert_allclose(route.points, expected, atol=1e-9)
    ahead = travel.find_route(at(network, 0.75, 0), at(network, 0.25, 0))
    assert ahead is not None
    np.testing.assert_allclose(ahead.points, np.array([[0, 0.75], [0, 0.25]]) * UNIT_DEG, atol=1e-9)


def test_saved_network_is_the_same(tmp_path: Path) -> None:
    network = block()
    network.save(tmp_path / "roads.npz")
    again = RoadNetwork.load(tmp_path / "roads.npz")
    for name in RoadNetwork.__struct_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(network, name))
        assert getattr(again, name).dtype == getattr(network, name).dtype
    assert [entry.name for entry in tmp_path.iterdir()] == ["roads.npz"]
    with pytest.raises(ValueError, match="read-only"):
        again.arc_ds[0] = 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", np.int32(99)),
        ("lon", np.zeros(1)),
        ("turn_to", np.full(4, 99, dtype=np.int32)),
        ("order", np.zeros(4, dtype=np.int32)),
        ("turn_from", None),
    ],
)
def test_spoilt_file_is_a_typed_error(
    tmp_path: Path, field: str, value: NDArray[Any] | None
) -> None:
    network = block()
    fields = {name: getattr(network, name) for name in RoadNetwork.__struct_fields__}
    fields["format"] = np.int32(1)
    del fields[field]
    if value is not None:
        fields[field] = value
    np.savez(tmp_path / "roads.npz", **fields)
    with pytest.raises(NetworkFileError) as caught:
        RoadNetwork.load(tmp_path / "roads.npz")
    assert caught.value.field == field


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken", b"\x93NUMPY\x01\x00"])
def test_file_that_is_no_network_is_a_typed_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "roads.npz").write_bytes(content)
    with pytest.raises(NetworkFileError):
        RoadNetwork.load(tmp_path / "roads.npz")


def test_a_street_that_is_named_by_its_two_ends_is_shut_block_by_block() -> None:
    """A feed gives no more (CIFS)."""
    street = [([(x, 0), (x + 1, 0)], BOTH) for x in range(6)]
    crossings = [([(x, 0), (x, 1)], BOTH) for x in range(7)]
    network = network_of([*street, *crossings])
    line = np.array([[0, 0.0], [0, 6 * UNIT_DEG]])
    arcs = arcs_along(network, Snapper(network), line)
    ways = {int(network.piece_way[network.arc_piece[arc]]) for arc in arcs.tolist()}
    assert ways == set(range(6))
