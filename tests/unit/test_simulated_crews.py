"""What drivers and crews make of their live view: two decision tables."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.crew_rows import (
    HOSPITAL,
    SCENE,
    STATION,
    UNIT,
    fix,
    handover,
    hospital,
    incident,
    mission,
    node,
    patient,
    unit,
)
from goldenhour.domain.care.events import Sex
from goldenhour.domain.dispatch.events import Confidence, Doubt, Milestone
from goldenhour.domain.dispatch.mission import REACHED, State
from goldenhour.kernel.geo import Point
from goldenhour.simulator.api import Live
from goldenhour.simulator.crew import AGENDA, NOTICES, Next, find_next, is_touched, told_of
from goldenhour.simulator.deeds import CrewDeed
from goldenhour.simulator.demand import load_habits
from goldenhour.simulator.drivers import TOWARDS, Leg, To, find_leg
from goldenhour.views.rows import MissionRow, ProposalRow, Row, SignatureRow, WorseRow

HABITS = load_habits().crew
FAR = Point(lat=29.9, lon=120.0)
SIGNED = {"crew": SignatureRow(name="李", at_ms=1)}


def view(*rows: Row) -> Live:
    return Live((unit(), incident(), hospital(), *rows))


# Drivers.


@pytest.mark.parametrize(
    ("state", "leg"),
    [
        ("reserved", None),
        ("assigned", None),
        ("acknowledged", None),
        ("en_route", (To.SCENE, SCENE)),
        ("on_scene", None),
        ("at_patient", None),
        ("loaded", None),
        ("to_hospital", (To.HOSPITAL, HOSPITAL)),
        ("at_hospital", None),
        ("handed_over", None),
        ("cleared", (To.STATION, STATION)),
        ("stood_down", (To.STATION, STATION)),
    ],
)
def test_the_state_of_the_run_says_where_to_drive(state: str, leg: tuple[To, Point] | None) -> None:
    found = find_leg(view(mission(state=state, destination_id="h1")), UNIT)
    assert found == (leg and Leg(mission_id="m1", to=leg[0], target=leg[1]))


def test_every_state_that_drives_is_a_state() -> None:
    assert set(TOWARDS) < set(State)


@pytest.mark.parametrize(
    "live",
    [
        Live((mission(state="en_route"),)),
        Live((mission(state="en_route"), incident(located=False))),
        Live((mission(state="to_hospital"), hospital())),
        Live((mission(state="cleared"),)),
        view(),
        view(mission(state="en_route", unit_id="another")),
    ],
)
def test_without_a_known_target_the_vehicle_stays(live: Live) -> None:
    assert find_leg(live, UNIT) is None


def test_the_active_run_counts_before_one_that_ended_later() -> None:
    live = view(
        mission("m1", "en_route", assigned_ms=1_000), mission("m2", "stood_down", assigned_ms=2_000)
    )
    found = find_leg(live, UNIT)
    assert found
    assert (found.mission_id, found.to) == ("m1", To.SCENE)


def test_a_run_that_is_no_longer_shown_has_ended() -> None:
    assert find_leg(view(), UNIT, "m1") == Leg(mission_id="m1", to=To.STATION, target=STATION)


def test_another_target_is_another_plan() -> None:
    here, there = (
        Leg(mission_id="m1", to=To.HOSPITAL, target=point).plan_id for point in (HOSPITAL, SCENE)
    )
    assert here != there


# Crews.

UNSURE = ProposalRow(
    milestone=Milestone.ON_SCENE, confidence=Confidence.LOW, doubts=(Doubt.EDGE, Doubt.SINGLE)
)


def due(*rows: Row, at: Point | None = None, speed_kmh: float = 0.0) -> CrewDeed | None:
    live = view(*rows)
    if at:
        live.fixes[UNIT] = fix(at, speed_kmh)
    found = find_next(live, UNIT, frozenset(), HABITS)
    return found.deed if found else None


@pytest.mark.parametrize(
    ("state", "more", "rows", "deed"),
    [
        ("reserved", {}, (), None),
        ("assigned", {}, (), CrewDeed.ACKNOWLEDGE),
        ("acknowledged", {}, (), CrewDeed.DEPART),
        ("en_route", {}, (), None),
        ("en_route", {"proposed": (Milestone.ON_SCENE,)}, (), CrewDeed.ARRIVE),
        ("en_route", {"proposed": (Milestone.ON_SCENE,), "proposals": (UNSURE,)}, (), None),
        ("on_scene", {}, (), CrewDeed.MEET),
        ("at_patient", {}, (), CrewDeed.REGISTER),
        ("at_patient", {}, (patient(),), CrewDeed.LOAD),
        ("loaded", {}, (patient(),), CrewDeed.CHOOSE),
        ("loaded", {"destination_id": "h1"}, (patient(),), CrewDeed.PREALERT),
        ("loaded", {"destination_id": "h1"}, (), CrewDeed.LEAVE),
        ("loaded", {"destination_id": "h1"}, (patient(), handover()), CrewDeed.LEAVE),
        (
            "loaded",
            {"destination_id": "h1"},
            (patient(), handover(state="declined")),
            CrewDeed.CHOOSE,
        ),
        ("to_hospital", {"destination_id": "h1"}, (patient(), handover()), None),
        (
            "to_hospital",
            {"destination_id": "h1"},
            (patient(), handover(state="declined")),
            CrewDeed.CHOOSE,
        ),
        (
            "to_hospital",
            {"destination_id": "h2"},
            (patient(), handover(state="declined")),
            CrewDeed.PREALERT,
        ),
        (
            "to_hospital",
            {"destination_id": "h1", "proposed": (Milestone.AT_HOSPITAL,)},
            (patient(), handover(state="acknowledged")),
            CrewDeed.REACH_HOSPITAL,
        ),
        ("at_hospital", {"destination_id": "h1"}, (handover(),), CrewDeed.SIGN),
        (
            "at_hospital",
            {"destination_id": "h1"},
            (handover(signatures=SIGNED),),
            CrewDeed.HAND_OVER,
        ),
        ("at_hospital", {"destination_id": "h1"}, (), CrewDeed.HAND_OVER),
        ("handed_over", {}, (), CrewDeed.CLEAR),
        ("cleared", {}, (), None),
        ("stood_down", {"stand_down_seen_ms": 5}, (), None),
    ],
)
def test_what_is_due(
    state: str, more: dict[str, Any], rows: tuple[Row, ...], deed: CrewDeed | None
) -> None:
    assert due(mission(state=state, **more), *rows) == deed


@pytest.mark.parametrize(
    ("at", "speed_kmh", "deed"),
    [
        (None, 0, None),
        (FAR, 0, None),
        (SCENE, 60, CrewDeed.ARRIVE),
        (Point(lat=30.0165, lon=120.0), 0, CrewDeed.ARRIVE),
        (Point(lat=30.0165, lon=120.0), 30, None),
    ],
)
def test_the_terminal_says_when_the_vehicle_is_there(
    at: Point | None, speed_kmh: float, deed: CrewDeed | None
) -> None:
    assert due(mission(state="en_route"), at=at, speed_kmh=speed_kmh) == deed


def test_a_crew_waits_longer_for_a_hospital_that_has_not_signed() -> None:
    at_hospital = mission(state="at_hospital", destination_id="h1")
    waiting = find_next(view(at_hospital, handover(signatures=SIGNED)), UNIT, frozenset(), HABITS)
    signed = find_next(view(at_hospital, handover(state="handed_over")), UNIT, frozenset(), HABITS)
    assert waiting
    assert signed
    assert (waiting.wait_s, signed.wait_s) == (HABITS.unsigned_s, HABITS.pace_s[CrewDeed.HAND_OVER])
    assert waiting.key == signed.key  # it is one deed, however long the wait


def test_a_deed_is_done_once_and_what_comes_after_waits_for_the_view() -> None:
    live = view(mission(state="at_patient"))
    found = find_next(live, UNIT, frozenset(), HABITS)
    assert found == Next(
        mission_id="m1", deed=CrewDeed.REGISTER, about="", wait_s=HABITS.pace_s[CrewDeed.REGISTER]
    )
    assert find_next(live, UNIT, {found.key}, HABITS) is None


@pytest.mark.parametrize(
    ("run", "deed"),
    [
        ({"state": "stood_down"}, CrewDeed.READ),
        ({"state": "stood_down", "stand_down_seen_ms": 5}, None),
        # Nobody was told of what was only reserved.
        ({"state": "stood_down", "assigned_ms": None}, None),
        ({"state": "stood_down", "unit_id": "another"}, None),
    ],
)
def test_a_crew_says_that_it_has_read_that_its_run_was_called_off(
    run: dict[str, Any], deed: CrewDeed | None
) -> None:
    assert due(mission("m0", **run)) == deed


def test_a_notice_comes_before_the_next_run_and_before_what_the_run_asks_for() -> None:
    off = mission("m0", "stood_down", assigned_ms=500)
    assert due(off, mission()) == CrewDeed.READ
    worse = WorseRow(what="news2", before="1", after="7", at_ms=40)
    live = view(mission(state="at_patient"), patient(worse=(worse,)))
    found = find_next(live, UNIT, frozenset(), HABITS)
    assert found is not None
    assert (found.deed, found.about) == (CrewDeed.SEE, "p1:40")


def test_the_agenda_covers_every_state_and_milestone() -> None:
    idle = {State.RESERVED, State.CLEARED, State.STOOD_DOWN}
    assert set(AGENDA) == set(State) - idle
    deeds = [deed for row in AGENDA.values() for deed in row]
    assert {*deeds, *NOTICES} == set(CrewDeed)
    assert {CrewDeed(milestone) for milestone in REACHED} <= set(deeds)


OWN = frozenset({"m1/acknowledged/", "m1/h1", "m1/sign/o1", "p1", "o1"})


@pytest.mark.parametrize(
    ("rows", "touched"),
    [
        ((mission(),), False),
        ((mission(nodes=(node(Milestone.ACKNOWLEDGED),)),), False),
        ((mission(nodes=(node(Milestone.ACKNOWLEDGED, original_ms=1),)),), True),
        ((mission(nodes=(node(Milestone.DEPARTED),)),), True),
        ((mission(destination_id="h1"),), False),
        ((mission(destination_id="h2"),), True),
        ((mission(), patient()), False),
        ((mission(), patient("p2")), True),
        ((mission(), patient("p2", mission_id="m2")), False),
        ((mission(), patient(name="王")), True),
        ((mission(), patient(level="II")), True),
        ((mission(), patient(consciousness="V")), True),
        ((mission(), handover(signatures=SIGNED)), False),
        ((mission(), handover(state="declined")), False),
        ((mission(), handover(state="withdrawn")), True),
        ((mission(), handover("o2")), True),
    ],
)
def test_a_crew_sees_whether_somebody_else_was_there(rows: tuple[Row, ...], touched: bool) -> None:
    run = rows[0]
    assert isinstance(run, MissionRow)
    assert is_touched(view(*rows), run, OWN) == touched


def test_a_signature_that_was_not_its_own_is_a_person() -> None:
    assert is_touched(view(handover(signatures=SIGNED)), mission(), OWN - {"m1/sign/o1"})


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, (None, None)),
        ({"entry": {"age_y": 62, "sex": "male"}}, (62, Sex.MALE)),
        ({"entry": {"age_y": "unknown", "sex": "unknown"}}, (None, None)),
        ({"entry": {"age_y": None}, "chest_pain": {"sex": "female"}}, (None, Sex.FEMALE)),
    ],
)
def test_the_patient_is_whom_the_caller_told_of(answers: Any, told: Any) -> None:
    assert told_of(replace(incident(), answers=answers)) == told
    assert told_of(None) == (None, None)
