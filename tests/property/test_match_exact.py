"""The matcher finds the likeliest way of things, and the same fix by fix as at once."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from roads_oracle import random_places
from test_roads_exact import towns

from factories.match_truth import SlowMatcher, along, driven, matcher, seen_at, shaken
from goldenhour.adapters.city.roads import import_roads
from goldenhour.compute.roads import RoadNetwork, TravelTimes
from goldenhour.compute.roads.match import Follower, Matcher
from goldenhour.compute.roads.matched import Belief, Placed, Sight, stretches
from goldenhour.compute.roads.snap import NO_ARC

BELIEF = Belief(sigma_m=8.0, prune=1_000.0, top_m_s=1_000.0)
CITIES = (
    Path(os.environ.get("GOLDENHOUR_DATA", Path(__file__).parents[2] / "../shared/data")) / "cities"
)


def follow(found: Matcher, seen: list[Sight], lag: int | None) -> list[Placed]:
    follower = Follower(found, lag=lag)
    told = [place for sight in seen for place in follower.add(sight)]
    return [*told, *follower.finish()]


@settings(max_examples=100, deadline=None)
@given(network=towns(), seed=st.integers(0, 2**16), sigma_m=st.sampled_from([0.0, 5.0, 15.0]))
def test_nothing_is_likelier(network: RoadNetwork, seed: int, sigma_m: float) -> None:
    rng = np.random.default_rng(seed)
    seen = shaken(seen_at(network, driven(network, rng, 12, 90.0), 10), sigma_m, seed)
    slow = SlowMatcher(network, BELIEF)
    least = slow.least_cost(seen)
    places = matcher(network, BELIEF).match(seen)
    assume(np.isfinite(least))
    assume(not any(place.rides for place in places))  # a short way round, which the slow one lacks
    assert all(place.arc != NO_ARC for place in places)
    assert [place.begins for place in places] == [True] + [False] * (len(seen) - 1)
    assert slow.cost_of(seen, places) == pytest.approx(least)


@settings(max_examples=100, deadline=None)
@given(
    network=towns(),
    seed=st.integers(0, 2**16),
    step_m=st.sampled_from([5.0, 60.0]),
    lag=st.integers(0, 6),
)
def test_fix_by_fix(network: RoadNetwork, seed: int, step_m: float, lag: int) -> None:
    """Without a lag the same as at once; with one, in time, once each, and joined."""
    rng = np.random.default_rng(seed)
    seen = shaken(seen_at(network, driven(network, rng, 25, step_m), 10), 12.0, seed)
    found = matcher(network)
    whole = found.match(seen)
    assert tuple(follow(found, seen, None)) == whole
    assert tuple(follow(found, seen, len(seen))) == whole
    follower = Follower(found, lag=lag)
    told: list[Placed] = []
    for count, sight in enumerate(seen, start=1):
        told.extend(follower.add(sight))
        assert len(told) >= count - lag
    told.extend(follower.finish())
    assert [place.at_ms for place in told] == [sight.at_ms for sight in seen]
    assert_joined(network, told)
    assert_joined(network, whole)


def assert_joined(network: RoadNetwork, places: tuple[Placed, ...] | list[Placed]) -> None:
    allowed = set(zip(network.turn_from.tolist(), network.turn_to.tolist(), strict=True))
    for turn in np.flatnonzero(network.turn_banned):
        allowed.discard((int(network.turn_from[turn]), int(network.turn_to[turn])))
    last: Placed | None = None
    for place in places:
        if place.arc == NO_ARC or place.rides:
            continue
        assert 0 <= place.fraction <= 1
        assert 0 < place.confidence <= 1 + 1e-9
        assert place.way[-1] == place.arc
        if not place.begins:
            assert last is not None
            assert place.way[0] == last.arc
            assert all(turn in allowed for turn in pairwise(place.way))
        last = place
    for stretch in stretches(places):
        lengths = network.piece_length_m[network.arc_piece[list(stretch.arcs)]]
        ends = stretch.start * lengths[0] + (1 - stretch.end) * lengths[-1]
        assert stretch.driven_m == pytest.approx(lengths.sum() - ends)


def test_a_real_town_driven_without_error_is_told_as_driven() -> None:
    extract = CITIES / "bad-hersfeld/bad-hersfeld.osm.gz"
    if not extract.exists():
        pytest.skip("no bad-hersfeld: set GOLDENHOUR_DATA to the shared data")
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    found = matcher(network)
    travel = TravelTimes.start(network, version=1)
    rng = np.random.default_rng(5)
    wrong = total = 0
    for _ in range(40):
        ends = random_places(network, 2, rng)
        route = travel.find_route(ends.pick([0]), ends.pick([1]))
        if route is None:
            continue
        places = along(network, route.arcs.tolist(), 30.0)
        told = found.match(seen_at(network, places, 2))
        total += len(told)
        wrong += sum(place.arc != arc for place, (arc, _) in zip(told, places, strict=True))
    assert total > 1_000
    assert wrong <= total // 100  # beside a corner a fix fits both arcs
