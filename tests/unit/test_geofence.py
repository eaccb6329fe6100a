"""What a position suggests in each state, and what it never does."""

from typing import Any

import pytest

from factories.advice import NOW_MS, STATION, fix_at, run
from goldenhour.content.rules import load_rules
from goldenhour.domain.dispatch.events import (
    Confidence,
    Doubt,
    FenceSight,
    Milestone,
    MilestoneProposed,
    Source,
)
from goldenhour.domain.dispatch.geofence import Places, propose
from goldenhour.domain.dispatch.mission import Mission, Node, State
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix

FENCES = load_rules().dispatch.fences
METRE = 1 / 111_195  # of latitude, in degrees
SCENE = Point(lat=50.90, lon=9.71)
HOSPITAL = Point(lat=50.95, lon=9.71)


def north_of(place: Point, metres: float) -> Point:
    return Point(lat=place.lat + metres * METRE, lon=place.lon)


def weigh(mission: Mission, fix: Fix, *before: Fix, **changes: Any) -> MilestoneProposed | None:
    places = Places(scene=SCENE, hospital=HOSPITAL, station=STATION)._replace(**changes)
    return propose(mission, fix, NOW_MS, FENCES, places, before=before)


def ask(mission: Mission, fix: Fix, **changes: Any) -> tuple[Milestone, int] | None:
    found = weigh(mission, fix, **changes)
    return (found.milestone, found.distance_m) if found else None


def of(milestone: Milestone, distance_m: int) -> tuple[Milestone, int]:
    return milestone, distance_m


@pytest.mark.parametrize(
    ("state", "place", "speed_kmh", "expected"),
    [
        (State.ASSIGNED, north_of(STATION, 120), 20.0, of(Milestone.DEPARTED, 120)),
        (State.ACKNOWLEDGED, north_of(STATION, 120), 20.0, of(Milestone.DEPARTED, 120)),
        (State.ACKNOWLEDGED, north_of(STATION, 120), 5.0, None),  # stands
        (State.ACKNOWLEDGED, north_of(STATION, 90), 20.0, None),  # in the yard
        (State.EN_ROUTE, north_of(STATION, 120), 20.0, None),  # has departed
        (State.EN_ROUTE, north_of(SCENE, 80), 0.0, of(Milestone.ON_SCENE, 80)),
        (State.ASSIGNED, north_of(SCENE, 80), 0.0, of(Milestone.ON_SCENE, 80)),  # taps forgotten
        (State.EN_ROUTE, north_of(SCENE, 80), 30.0, None),  # drives past
        (State.EN_ROUTE, north_of(SCENE, 120), 0.0, None),
        (State.ON_SCENE, north_of(SCENE, 250), 30.0, of(Milestone.LEFT_SCENE, 250)),
        (State.LOADED, north_of(SCENE, 250), 30.0, of(Milestone.LEFT_SCENE, 250)),
        (State.LOADED, north_of(SCENE, 150), 30.0, None),
        (State.LOADED, north_of(SCENE, 250), 0.0, None),  # stands at a light
        (State.TO_HOSPITAL, north_of(HOSPITAL, 140), 3.0, of(Milestone.AT_HOSPITAL, 140)),
        (State.LOADED, north_of(HOSPITAL, 140), 3.0, of(Milestone.AT_HOSPITAL, 140)),
        (State.TO_HOSPITAL, north_of(HOSPITAL, 140), 30.0, None),
        (State.TO_HOSPITAL, north_of(HOSPITAL, 160), 0.0, None),
        (State.ON_SCENE, HOSPITAL, 0.0, None),  # nobody is on board
        (State.AT_HOSPITAL, HOSPITAL, 0.0, None),
        (State.RESERVED, SCENE, 0.0, None),
        (State.CLEARED, SCENE, 0.0, None),
        (State.STOOD_DOWN, SCENE, 0.0, None),
    ],
)
def test_the_node_that_a_live_position_suggests(
    state: State, place: Point, speed_kmh: float, expected: tuple[Milestone, int] | None
) -> None:
    assert ask(run(state), fix_at(place, speed_kmh=speed_kmh)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"catch_up": True},
        {"device_ms": NOW_MS - 60_001},
        {"received_ms": NOW_MS - 60_001},
    ],
)
def test_history_proposes_nothing(changes: dict[str, Any]) -> None:
    assert ask(run(State.EN_ROUTE), fix_at(SCENE)) == of(Milestone.ON_SCENE, 0)
    assert ask(run(State.EN_ROUTE), fix_at(SCENE, **changes)) is None


def test_a_fix_without_a_place_proposes_nothing() -> None:
    assert ask(run(State.EN_ROUTE), fix_at(None)) is None


def test_what_is_proposed_or_set_is_not_proposed_again() -> None:
    proposed = run(State.EN_ROUTE, proposed=(Milestone.ON_SCENE,))
    assert ask(proposed, fix_at(SCENE)) is None
    departed = Node(
        milestone=Milestone.DEPARTED,
        at_ms=NOW_MS,
        source=Source.CREW,
        actor="p1",
        received_ms=NOW_MS,
        original_ms=None,
        reason="",
        supplied_late=False,
    )
    # An odd order that the fold keeps: the node is there although the state lags behind.
    behind = run(State.ASSIGNED, departed)
    assert ask(behind, fix_at(north_of(STATION, 500), speed_kmh=40.0)) is None


@pytest.mark.parametrize(
    ("state", "place", "absent"),
    [
        (State.EN_ROUTE, SCENE, "scene"),
        (State.TO_HOSPITAL, HOSPITAL, "hospital"),
        (State.ASSIGNED, north_of(SCENE, 900), "station"),
    ],
)
def test_an_unknown_place_has_no_fence(state: State, place: Point, absent: str) -> None:
    speed_kmh = 20.0 if absent == "station" else 0.0
    fix = fix_at(place, speed_kmh=speed_kmh)
    assert ask(run(state), fix) is not None
    assert ask(run(state), fix, **{absent: None}) is None


def test_a_transfer_from_the_destinations_own_door_is_no_arrival() -> None:
    assert ask(run(State.LOADED), fix_at(HOSPITAL), scene=HOSPITAL) is None


SEEN_MS = NOW_MS - 3_000
EARLIER = {"device_ms": SEEN_MS - 10_000, "received_ms": SEEN_MS - 10_000}


def near(metres: float, **changes: Any) -> Fix:
    """Stands so far from the scene, just now, with satellites enough."""
    given = {"satellites": 9, "device_ms": SEEN_MS, "received_ms": SEEN_MS}
    return fix_at(north_of(SCENE, metres), **(given | changes))


@pytest.mark.parametrize(
    ("fix", "before", "confidence", "doubts"),
    [
        (near(50), [near(50, **EARLIER)], Confidence.HIGH, ()),
        (near(50), [], Confidence.FAIR, (Doubt.SINGLE,)),
        (near(50), [near(50)], Confidence.FAIR, (Doubt.SINGLE,)),  # the same report twice
        (near(50), [near(50, speed_kmh=30.0, **EARLIER)], Confidence.FAIR, (Doubt.SINGLE,)),
        (near(50), [near(150, **EARLIER)], Confidence.FAIR, (Doubt.SINGLE,)),
        (near(90), [near(90, **EARLIER)], Confidence.FAIR, (Doubt.EDGE,)),
        # A terminal that tells nothing of its error, and one that sees too little of the sky.
        (near(50, satellites=None), [near(50, **EARLIER)], Confidence.FAIR, (Doubt.EDGE,)),
        (near(50, satellites=4), [near(50, **EARLIER)], Confidence.FAIR, (Doubt.EDGE,)),
        (near(30, satellites=None), [near(50, **EARLIER)], Confidence.HIGH, ()),
        (near(50, accuracy_m=70.0), [near(50, **EARLIER)], Confidence.FAIR, (Doubt.EDGE,)),
        (near(50, speed_kmh=4.0), [near(50, **EARLIER)], Confidence.FAIR, (Doubt.SPEED,)),
        (near(50, received_ms=NOW_MS - 21_000), [near(50, **EARLIER)], Confidence.FAIR,
         (Doubt.OLD,)),
        (near(90), [], Confidence.LOW, (Doubt.EDGE, Doubt.SINGLE)),
        (near(90, speed_kmh=4.0, device_ms=NOW_MS - 30_000), [], Confidence.LOW, tuple(Doubt)),
    ],
)  # fmt: skip
def test_a_proposal_says_how_sure_it_is_and_why_not_surer(
    fix: Fix, before: list[Fix], confidence: Confidence, doubts: tuple[Doubt, ...]
) -> None:
    found = weigh(run(State.EN_ROUTE), fix, *before)
    assert found is not None
    assert (found.confidence, found.doubts) == (confidence, doubts)


def test_a_proposal_keeps_what_it_was_made_of() -> None:
    found = weigh(run(State.EN_ROUTE), near(80, speed_kmh=1.0), near(82, **EARLIER))
    assert found is not None
    assert found.sight == FenceSight(
        age_s=3,
        inside_m=20,
        error_m=15,
        error_told=True,
        satellites=9,
        speed_kmh=1.0,
        fixes=2,
        tablet=False,
    )
    untold = weigh(run(State.EN_ROUTE), near(80, satellites=None))
    assert untold is not None
    assert untold.sight is not None
    assert (untold.sight.error_m, untold.sight.error_told) == (60, False)


def test_leaving_is_weighed_by_how_far_beyond_the_fence() -> None:
    beyond = weigh(run(State.ON_SCENE), near(210, speed_kmh=30.0))
    assert beyond is not None
    assert beyond.doubts == (Doubt.EDGE, Doubt.SINGLE)


def test_a_node_is_proposed_anew_only_where_it_has_become_surer() -> None:
    unsure = weigh(run(State.EN_ROUTE), near(90))
    sure = weigh(run(State.EN_ROUTE), near(50), near(50, **EARLIER))
    assert unsure is not None
    assert sure is not None
    said = {"proposed": (Milestone.ON_SCENE,)}
    after_unsure = run(State.EN_ROUTE, proposals=(unsure,), **said)
    assert weigh(after_unsure, near(90)) is None
    assert weigh(after_unsure, near(50), near(50, **EARLIER)) == sure
    assert weigh(run(State.EN_ROUTE, proposals=(sure,), **said), near(90)) is None
    # An older release proposed it and did not say how sure it was.
    assert weigh(run(State.EN_ROUTE, **said), near(50), near(50, **EARLIER)) is None
