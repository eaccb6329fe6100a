"""Street speeds learnt from drives on little towns: each part of the model by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from factories.match_truth import matcher, sights, town
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.learn import (
    BINS,
    HOURS,
    Experience,
    Passage,
    StreetSpeeds,
    bin_of,
    passages,
)
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.kernel.time import HOUR_MS, SECOND_MS

RULES = load_street_speeds().streets
MONDAY_8_MS = 1_795_392_000_000  # 2026-11-23 08:00 in China
DAY_MS = 24 * HOUR_MS

TOWN = town([
    ([(0, 0), (3_000, 0)], False),
    ([(3_000, 0), (6_000, 0)], False),
    ([(6_000, 0), (6_000, 3_000)], False),
])  # fmt: skip
"""Three one-way streets of 3 km in a row, 36 km/h, so 300 s each: arcs 0, 1, 2."""


def drive(arc: int, seconds: float, at_ms: int = MONDAY_8_MS, free_s: float = 300.0) -> Passage:
    return Passage(
        ended_ms=at_ms,
        arcs=np.array([arc], dtype=np.int32),
        free_s=np.array([free_s]),
        turns_s=0.0,
        seconds=seconds,
    )


def learnt(*drives: Passage) -> StreetSpeeds:
    speeds = StreetSpeeds(TOWN, RULES)
    for one in drives:
        speeds.take(one)
    return speeds


def test_without_a_drive_all_is_free_flow() -> None:
    speeds = StreetSpeeds(TOWN, RULES)
    assert speeds.factors(MONDAY_8_MS).tolist() == [1.0, 1.0, 1.0]
    assert speeds.by_hour().tolist() == [1.0] * BINS


def test_what_is_driven_at_half_speed_again_and_again_is_known_to_be() -> None:
    many = [drive(0, 600.0, MONDAY_8_MS + n * 60_000) for n in range(60)]
    factors = learnt(*many).factors(MONDAY_8_MS + 59 * 60_000)
    assert factors[0] == pytest.approx(0.5, rel=0.05)


def test_other_streets_of_the_kind_are_thought_slower_too_but_not_as_much() -> None:
    slow = [drive(0, 600.0, MONDAY_8_MS + n * 60_000) for n in range(20)]
    factors = learnt(*slow).factors(MONDAY_8_MS + 20 * 60_000)
    assert factors[0] < factors[1] < 1.0
    assert factors[1] == factors[2]


def test_one_odd_drive_moves_little() -> None:
    factors = learnt(drive(0, 300.0, free_s=30.0)).factors(MONDAY_8_MS)
    assert 0.4 < factors[0] < 0.6, "ten times as slow once, for half a minute of road"
    assert factors[1] > 0.8


def test_a_jam_is_over_when_it_is_over() -> None:
    usual = [drive(0, 300.0, MONDAY_8_MS - DAY_MS + n * 60_000) for n in range(200)]
    speeds = learnt(*usual, *(drive(0, 900.0, MONDAY_8_MS + n * 60_000) for n in range(3)))
    in_the_jam = speeds.factors(MONDAY_8_MS + 3 * 60_000)[0]
    two_hours_later = speeds.factors(MONDAY_8_MS + 2 * HOUR_MS)[0]
    assert in_the_jam < 0.5
    assert two_hours_later > 0.85


def test_a_slow_hour_is_slow_again_on_the_next_working_day_only() -> None:
    morning = [drive(n % 3, 600.0, MONDAY_8_MS + n * 30_000) for n in range(100)]
    evening = [drive(n % 3, 300.0, MONDAY_8_MS + 12 * HOUR_MS + n * 30_000) for n in range(100)]
    speeds = learnt(*morning, *evening)
    tuesday = speeds.factors(MONDAY_8_MS + DAY_MS)[0]
    tuesday_evening = speeds.factors(MONDAY_8_MS + DAY_MS + 12 * HOUR_MS)[0]
    assert tuesday < 0.75 * tuesday_evening
    at = bin_of(MONDAY_8_MS)
    assert speeds.by_hour()[at] == speeds.by_hour().min()


def test_habits_are_forgotten() -> None:
    speeds = learnt(*(drive(0, 600.0) for _ in range(100)))
    assert speeds.factors(MONDAY_8_MS + 600 * DAY_MS)[0] == pytest.approx(1.0, abs=0.02)


def test_the_hours_of_the_week_are_those_of_china() -> None:
    assert bin_of(MONDAY_8_MS) == 8
    assert bin_of(MONDAY_8_MS + 16 * HOUR_MS) == 0
    assert bin_of(MONDAY_8_MS + 5 * DAY_MS) == HOURS + 8
    assert bin_of(MONDAY_8_MS + 7 * DAY_MS) == 8


def test_a_matched_track_gives_arcs_and_times_without_the_standing_before() -> None:
    network = TOWN
    seen = sights([(200, 0), (5_000, 0)], 50)  # 50 m every 10 s: half of 36 km/h
    stood = [replace(seen[0], at_ms=seen[0].at_ms - n * 10_000) for n in range(20, 0, -1)]
    found = list(passages(network, matcher(network).match([*stood, *seen]), RULES.least_s))
    assert {arc for one in found for arc in one.arcs.tolist()} == {0, 1}
    assert all(one.seconds >= RULES.least_s for one in found)
    assert sum(one.seconds for one in found) <= (seen[-1].at_ms - seen[0].at_ms) / SECOND_MS
    free_s = sum(float(one.free_s.sum()) for one in found)
    took_s = sum(one.seconds - one.turns_s for one in found)
    assert took_s / free_s == pytest.approx(2.0, rel=0.05)


def test_a_track_with_a_gap_says_nothing_of_the_gap() -> None:
    seen = sights([(200, 0), (2_000, 0)], 100)
    later = [
        replace(one, at_ms=one.at_ms + HOUR_MS) for one in sights([(3_500, 0), (5_000, 0)], 100)
    ]
    found = list(passages(TOWN, matcher(TOWN).match([*seen, *later]), RULES.least_s))
    assert max(one.seconds for one in found) < 60
    assert {arc for one in found for arc in one.arcs.tolist()} == {0, 1}


def test_what_was_learnt_is_kept_and_is_not_taken_for_another_network() -> None:
    speeds = learnt(*(drive(0, 600.0) for _ in range(10)))
    kept = Experience.from_bytes(speeds.known.to_bytes(), TOWN)
    again = StreetSpeeds(TOWN, RULES, kept)
    assert again.factors(MONDAY_8_MS).tolist() == speeds.factors(MONDAY_8_MS).tolist()
    other = town([([(0, 0), (3_000, 0)], True)])
    with pytest.raises(ValueError, match="another network"):
        Experience.from_bytes(speeds.known.to_bytes(), other)
    with pytest.raises(ValueError, match="experience"):
        Experience.from_bytes(b"PK\x03\x04 nothing", TOWN)


def test_the_digest_is_that_of_the_arcs() -> None:
    def same(kmh: float = 36.0) -> RoadNetwork:
        network = town([([(0, 0), (3_000, 0)], True)])
        return replace(network, arc_ds=(network.arc_ds * 36.0 / kmh).astype(np.int32))

    assert same().digest() == same().digest()
    assert same().digest() != same(50.0).digest()


DRIVES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.floats(0.1, 5_000.0),
        st.floats(0.5, 300.0),
        st.integers(-2 * HOUR_MS, 9 * DAY_MS),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(DRIVES)
def test_whatever_was_driven_speeds_stay_believable(
    told: list[tuple[int, float, float, int]],
) -> None:
    speeds = learnt(*(drive(arc, s, MONDAY_8_MS + at, free) for arc, s, free, at in told))
    factors = speeds.factors(MONDAY_8_MS + 9 * DAY_MS)
    assert np.isfinite(factors).all()
    assert ((RULES.least_share <= factors) & (factors <= RULES.most_share)).all()
