"""Map matching on little towns, each made for one thing that can go wrong."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from factories.match_truth import Street, matcher, shaken, sights, town
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.match import Follower
from goldenhour.compute.roads.matched import Belief, Placed, Sight, sight_of, stretches
from goldenhour.compute.roads.snap import NO_ARC
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix

LONG = 4_000.0
SEEDS = range(5)


def streets_of(network: RoadNetwork, arcs: Sequence[int]) -> list[tuple[int, str]]:
    """Way and direction of each arc, each once in a row."""
    found: list[tuple[int, str]] = []
    for arc in arcs:
        way = int(network.piece_way[network.arc_piece[arc]])
        one = (way, "against" if network.is_backward(arc) else "along")
        if found[-1:] != [one]:
            found.append(one)
    return found


def driven_streets(network: RoadNetwork, seen: Sequence[Sight]) -> list[list[tuple[int, str]]]:
    return [streets_of(network, s.arcs) for s in stretches(matcher(network).match(seen))]


CARRIAGEWAYS: list[Street] = [
    ([(0, 0), (LONG, 0)], False),
    ([(LONG, 20), (0, 20)], False),
    ([(0, 20), (0, 0)], True),
    ([(LONG, 0), (LONG, 20)], True),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_carriageway_that_leads_that_way(seed: int) -> None:
    network = town(CARRIAGEWAYS)
    out = shaken(sights([(100, 0), (2_000, 0)], 120), 10, seed)
    back = shaken(sights([(2_000, 20), (100, 20)], 120), 10, seed)
    assert driven_streets(network, out) == [[(0, "along")]]
    assert driven_streets(network, back) == [[(1, "along")]]


@pytest.mark.parametrize("seed", SEEDS)
def test_parallel_streets_are_told_apart_by_many_fixes(seed: int) -> None:
    network = town([
        ([(0, 0), (LONG, 0)], True),
        ([(0, 40), (LONG, 40)], True),
        ([(0, 0), (0, 40)], True),
        ([(LONG, 0), (LONG, 40)], True),
    ])  # fmt: skip
    seen = shaken(sights([(100, 40), (2_000, 40)], 120), 12, seed)
    assert driven_streets(network, seen) == [[(1, "along")]]


@pytest.mark.parametrize("seed", SEEDS)
def test_under_a_bridge_it_goes_straight_on(seed: int) -> None:
    network = town([
        ([(-1_000, 0), (1_000, 0)], True),
        ([(0, -1_000), (0, 1_000)], True),
        ([(1_000, 0), (0, 1_000)], True),
    ])  # fmt: skip
    seen = shaken(sights([(-800, 0), (800, 0)], 80), 7, seed)
    assert driven_streets(network, seen) == [[(0, "along")]]


BLOCK: list[Street] = [
    ([(-600, 0), (0, 0), (200, 0)], True),
    ([(200, 0), (200, 200), (200, 600)], True),
    ([(0, 0), (-50, 200)], True),
    ([(-50, 200), (200, 200)], True),
]


def test_a_banned_turn_is_driven_round() -> None:
    seen = [
        Sight(at_ms=at_s * 1_000, point=Point(lat=north / 111_195, lon=east / 111_195))
        for at_s, east, north in ((0, -400, 0), (20, -200, 0), (60, 200, 450))
    ]
    free, banned = town(BLOCK), town(BLOCK, [(0, 1, 2)])
    assert banned.turn_banned.any()
    assert driven_streets(free, seen) == [[(0, "along"), (1, "along")]]
    assert driven_streets(banned, seen) == [
        [(0, "along"), (2, "along"), (3, "along"), (1, "along")]
    ]


def test_nobody_drives_against_a_one_way() -> None:
    network = town([
        ([(0, 0), (500, 0)], True),
        ([(900, 0), (500, 0)], False),
        ([(500, 0), (500, 300), (900, 300), (900, 0)], True),
        ([(900, 0), (1_600, 0)], True),
    ])  # fmt: skip
    seen = [
        Sight(at_ms=at_s * 1_000, point=sights([(x, 0), (x + 1, 0)], 1)[0].point)
        for at_s, x in ((0, 100), (20, 400), (80, 1_000), (100, 1_200))
    ]
    assert driven_streets(network, seen) == [[(0, "along"), (2, "along"), (3, "along")]]


def test_three_quarters_round() -> None:
    east, north, west, south = (30.0, 0.0), (0.0, 30.0), (-30.0, 0.0), (0.0, -30.0)
    network = town([
        ([east, north], False),
        ([north, west], False),
        ([west, south], False),
        ([south, east], False),
        ([(500, 0), east], True),
        ([north, (0, 500)], True),
        ([west, (-500, 0)], True),
        ([south, (0, -500)], True),
    ])  # fmt: skip
    seen = sights([(400, 0), east, north, west, south, (0, -400)], 60)
    assert driven_streets(network, seen) == [
        [(4, "along"), (0, "along"), (1, "along"), (2, "along"), (7, "along")]
    ]


def test_islands_are_not_joined() -> None:
    network = town([([(0, 0), (3_000, 0)], True), ([(3_300, 0), (6_300, 0)], True)])
    seen = sights([(2_000, 0), (4_000, 0)], 200)
    places = matcher(network).match(seen)
    off = [place.arc == NO_ARC for place in places]
    assert off == [False] * 5 + [True] + [False] * 4  # at 3,100 no street is near
    assert [n for n, place in enumerate(places) if place.begins] == [0, 6]
    told = stretches(places)
    assert [streets_of(network, s.arcs) for s in told] == [[(0, "along")], [(1, "along")]]
    assert [s.driven_m for s in told] == pytest.approx([800, 600])
    assert (told[0].begun_ms, told[0].ended_ms) == (0, 40_000)


def test_a_silence_is_a_gap_and_a_short_one_is_none() -> None:
    network = town(CARRIAGEWAYS)
    first = sights([(100, 0), (900, 0)], 200)
    for silence_s, gaps in ((120, 1), (121, 2)):
        begin_ms = first[-1].at_ms + silence_s * 1_000
        later = sights([(1_500, 0), (2_300, 0)], 200)
        seen = [*first, *(Sight(at_ms=begin_ms + s.at_ms, point=s.point) for s in later)]
        assert len(stretches(matcher(network).match(seen))) == gaps


def test_one_wild_fix_is_matched_to_nothing() -> None:
    network = town(
        [*CARRIAGEWAYS, ([(0, 20), (0, 3_000)], True), ([(0, 3_000), (LONG, 3_000)], True)]
    )
    seen = sights([(100, 0), (1_700, 0)], 200)
    wild = Point(lat=3_000 / 111_195, lon=seen[4].point.lon)
    seen[4] = Sight(at_ms=seen[4].at_ms, point=wild)
    places = matcher(network).match(seen)
    assert [place.arc == NO_ARC for place in places] == [n == 4 for n in range(8)]
    assert [place.begins for place in places] == [n == 0 for n in range(8)]
    (told,) = stretches(places)
    assert told.driven_m == pytest.approx(1_400)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_vehicle_that_stands_has_driven_nothing(seed: int) -> None:
    network = town([([(-500, 0), (0, 0), (500, 0)], True), ([(0, -500), (0, 0), (0, 500)], True)])
    stands = [Sight(at_ms=n * 1_000, point=Point(lat=0, lon=250 / 111_195)) for n in range(600)]
    places = matcher(network).match(shaken(stands, 4, seed))
    assert sum(place.moved_m for place in places) < 60
    assert sum(place.rides for place in places) > 500
    assert {streets_of(network, [place.arc])[0][0] for place in places} == {0}


def test_a_heading_tells_the_direction_where_nothing_else_does() -> None:
    network = town([([(0, 0), (LONG, 0)], True)])
    point = sights([(100, 0), (101, 0)], 1)[0].point
    for heading_deg, way in ((90.0, "along"), (270.0, "against")):
        (place,) = matcher(network).match([Sight(at_ms=0, point=point, heading_deg=heading_deg)])
        assert streets_of(network, [place.arc]) == [(0, way)]
        assert place.confidence > 0.95
    (place,) = matcher(network).match([Sight(at_ms=0, point=point)])
    assert place.confidence == pytest.approx(0.5)


ROUND: list[Street] = [
    ([(-600, 0), (0, 0), (600, 0)], True),
    ([(0, 0), (0, 65), (265, 65), (265, 30), (600, 30)], True),
]
"""Straight on 300 m, or round and 400 m, to places beside one another."""


@pytest.mark.parametrize(
    ("north_m", "speeds_m_s", "way"),
    [
        (20, (None, None), 0),
        (20, (10.0, 10.0), 0),
        (20, (13.0, 14.0), 1),
        (20, (13.0, None), 0),
        (25, (None, None), 1),
        (25, (0.0, 0.0), 1),  # a terminal that always sends 0 says nothing
    ],
)
def test_speeds_tell_how_far_it_drove(
    north_m: float, speeds_m_s: tuple[float | None, float | None], way: int
) -> None:
    places = ((0, -1.0, 0.0), (30, 300.0, north_m))
    seen = [
        Sight(
            at_ms=at_s * 1_000,
            point=Point(lat=north / 111_195, lon=east / 111_195),
            speed_m_s=speed_m_s,
        )
        for (at_s, east, north), speed_m_s in zip(places, speeds_m_s, strict=True)
    ]
    (driven,) = driven_streets(town(ROUND), seen)
    assert driven[-1] == (way, "along")


def test_what_was_driven_counts_from_the_last_moment_that_it_stood() -> None:
    """From the first position there, faster and a minute earlier, it would have gone round."""
    places = ((0, -1.0, 0.0, 13.5), (30, -1.0, 0.0, 0.0), (60, -1.0, 0.0, 10.0), (90, 300, 21, 10))
    seen = [
        Sight(
            at_ms=at_s * 1_000,
            point=Point(lat=north / 111_195, lon=east / 111_195),
            speed_m_s=speed_m_s,
        )
        for at_s, east, north, speed_m_s in places
    ]
    assert driven_streets(town(ROUND), seen) == [[(0, "along")]]


def test_a_standing_vehicle_has_no_heading_and_some_fixes_no_place() -> None:
    fix = Fix(
        unit_id="u",
        point=Point(lat=0, lon=0),
        speed_kmh=40.0,
        heading_deg=90,
        altitude_m=0,
        device_ms=5,
        received_ms=6,
        catch_up=False,
        mileage_km=None,
        satellites=None,
        alarms=(),
    )
    here = Point(lat=0, lon=0)
    assert sight_of(fix) == Sight(at_ms=5, point=here, heading_deg=90, speed_m_s=40 / 3.6)
    assert sight_of(replace(fix, speed_kmh=3.0)) == Sight(at_ms=5, point=here, speed_m_s=3 / 3.6)
    # A tablet's speed may be guessed from the places.
    assert sight_of(replace(fix, tablet=True)) == Sight(at_ms=5, point=here, heading_deg=90)
    assert sight_of(replace(fix, point=None)) is None


def test_a_later_fix_changes_what_is_not_decided() -> None:
    """Two streets fork at a sharp angle: only the far end tells which it was."""
    network = town([
        ([(-500, 0), (0, 0)], True),
        ([(0, 0), (600, 20), (1_200, 400)], True),
        ([(0, 0), (600, -20), (1_200, -400)], True),
    ])  # fmt: skip
    seen = sights([(-450, 0), (0, 0), (600, 4), (1_200, 384)], 150)
    hasty, patient = (told_by(network, seen, lag) for lag in (0, 6))
    assert streets_of(network, [p.arc for p in patient]) == [(0, "along"), (1, "along")]
    assert len(hasty) == len(patient) == len(seen)
    assert hasty[3].confidence < 0.7
    assert patient[3].confidence > 0.9


def told_by(network: RoadNetwork, seen: Sequence[Sight], lag: int | None) -> list[Placed]:
    follower = Follower(matcher(network), lag=lag)
    return [*(p for s in seen for p in follower.add(s)), *follower.finish()]


def test_a_parked_vehicle_is_told_in_time() -> None:
    follower = Follower(matcher(town(CARRIAGEWAYS)), lag=3)
    point = sights([(100, 0), (101, 0)], 1)[0].point
    told = [len(follower.add(Sight(at_ms=n * 1_000, point=point))) for n in range(10)]
    assert told == [0, 0, 0, 4, 1, 1, 1, 1, 1, 1]


def test_wrong_input_names_its_field() -> None:
    with pytest.raises(ValueError, match="sigma_m"):
        Belief(sigma_m=0.0)
    with pytest.raises(ValueError, match="lag"):
        Follower(matcher(town(CARRIAGEWAYS)), lag=-1)
    follower = Follower(matcher(town(CARRIAGEWAYS)), lag=1)
    follower.add(Sight(at_ms=10, point=Point(lat=0, lon=0)))
    with pytest.raises(ValueError, match="at_ms"):
        follower.add(Sight(at_ms=9, point=Point(lat=0, lon=0)))
