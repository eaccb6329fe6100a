"""A case from a paper form: the times of the paper, nothing that follows from it, entered once."""

from typing import Any

import pytest

from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.review.timeline import CaseFile, nodes
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS

PLACE = Clear(text='{"label":"学府路 76 号","lat":36.1954,"lon":113.1163}')


async def ready() -> TestWorld:
    world = TestWorld()
    await world.list_unit()
    await world.list_hospital()
    return world


def card(world: TestWorld, **changes: Any) -> c.EnterPaper:
    """A whole run, three hours ago."""
    called_ms = world.clock.at_ms - 3 * HOUR_MS
    after = {
        Milestone.DEPARTED: 2,
        Milestone.ON_SCENE: 11,
        Milestone.AT_PATIENT: 13,
        Milestone.AT_HOSPITAL: 42,
        Milestone.CLEARED: 60,
    }
    given: dict[str, Any] = {
        "incident_id": world.new_id(),
        "call_id": world.new_id(),
        "mission_id": world.new_id(),
        "patient_id": world.new_id(),
        "paper_number": "P-000123",
        "called_ms": called_ms,
        "reason": "handed_over",
        "number": Clear(text="13900001111"),
        "location": PLACE,
        "note": Clear(text="楼下有人等"),
        "topic": "chest_pain",
        "level": DispatchLevel.R1,
        "unit_id": "A-01",
        "hospital_id": "h1",
        "assigned_ms": called_ms + MINUTE_MS,
        "times": {m: called_ms + minutes * MINUTE_MS for m, minutes in after.items()},
        "name": Clear(text="周建明"),
        "age_y": 62.0,
    }
    return c.EnterPaper(**(given | changes))


async def states_of(world: TestWorld, outcome: Outcome) -> dict[str, Any]:
    loaded = await world.journal.load(sorted(outcome.versions), SYSTEM)
    return {stream: fold(stream, found.events) for stream, found in loaded.items()}


async def test_a_whole_run_has_the_times_of_the_paper_and_says_so() -> None:
    world = await ready()
    command = card(world)
    states = await states_of(world, await world.accept(command))
    case, run = states[f"incident:{command.incident_id}"], states[f"mission:{command.mission_id}"]
    assert isinstance(case, Incident)
    assert isinstance(run, Mission)
    assert (case.paper_number, case.opened_ms) == ("P-000123", command.called_ms)
    assert case.closed_ms == command.times[Milestone.CLEARED]
    assert (run.state, run.assigned_ms) == (State.CLEARED, command.assigned_ms)
    assert {n.milestone: n.at_ms for n in run.nodes} == command.times
    assert {n.source for n in run.nodes} == {Source.PAPER}
    assert all(n.received_ms == world.clock.at_ms and n.supplied_late for n in run.nodes)
    told = CaseFile(
        incident_id=command.incident_id,
        incident=case,
        calls=(states[f"call:{command.call_id}"],),
        missions={command.mission_id: run},
        handovers=(),
        recorded=(),
    )
    found = {node.code: (node.at_ms - command.called_ms) // MINUTE_MS for node in nodes(told)}
    assert found == {
        "T1": 0,
        "T2": 0,
        "T3": 0,
        "T4": 0,
        "T6": 1,
        "T8": 2,
        "T9": 11,
        "T10": 13,
        "T14": 42,
        "T16": 60,
    }


async def test_each_text_is_kept_as_long_as_what_speaks_of_it() -> None:
    world = await ready()
    command = card(world)
    await world.accept(command)
    homes = {one.content.decode(): stream for stream, one in world.journal.personal.values()}
    assert homes["13900001111"] == f"call:{command.call_id}"
    assert homes["周建明"] == f"patient:{command.patient_id}"
    assert homes[PLACE.text] == f"incident:{command.incident_id}"


async def test_nothing_follows_from_it() -> None:
    world = await ready()
    timers, effects = dict(world.journal.timers), dict(world.journal.effects)
    grants = {org: dict(given) for org, given in world.journal.grants.items()}
    await world.accept(card(world))
    assert (world.journal.timers, world.journal.effects) == (timers, effects)
    assert world.journal.grants == grants
    # The unit of the paper is free, and can be sent to somebody else.
    _, incident_id = await world.open_incident()
    await world.assign(incident_id)


async def test_a_form_is_entered_once() -> None:
    world = await ready()
    first = card(world)
    await world.accept(first)
    again = card(world, paper_number=" P-000123 ")
    assert await world.send(again) == Refused(code="paper_claimed")
    await world.accept(card(world, paper_number="P-000124"))


async def test_the_same_press_twice_is_one_case() -> None:
    world = await ready()
    command = card(world)
    first = await world.send(command, sequence=77)
    assert isinstance(first, Outcome)
    assert await world.send(command, sequence=77) == first


async def test_it_is_counted_on_the_day_of_its_call() -> None:
    world = await ready()
    called_ms = world.clock.at_ms - 30 * HOUR_MS
    command = card(
        world,
        called_ms=called_ms,
        mission_id="",
        patient_id="",
        assigned_ms=None,
        times={},
    )
    states = await states_of(world, await world.accept(command))
    case = states[f"incident:{command.incident_id}"]
    _, today = await world.open_incident()
    other = (await states_of(world, Outcome(versions={f"incident:{today}": 1})))[
        f"incident:{today}"
    ]
    assert case.number[:8] < other.number[:8]


async def test_a_call_without_a_vehicle_is_a_case_too() -> None:
    world = await ready()
    command = card(world, mission_id="", patient_id="", assigned_ms=None, times={}, location=None)
    outcome = await world.accept(command)
    assert set(outcome.versions) == {
        f"incident:{command.incident_id}",
        f"call:{command.call_id}",
    }


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"paper_number": " "}, "required", "paper_number"),
        ({"reason": ""}, "required", "reason"),
        ({"mission_id": ""}, "required", "mission_id"),
        ({"unit_id": "nobody"}, "absent", "unit_id"),
        ({"hospital_id": "nowhere"}, "absent", "hospital_id"),
        ({"assigned_ms": None}, "required", "assigned_ms"),
        ({"assigned_ms": 1}, "times_out_of_order", "assigned_ms"),
        ({"times": {}}, "one_end", "cleared"),
        ({"stood_down": "refused"}, "one_end", "cleared"),
        ({"times": {}, "stood_down": "no idea"}, "unknown_value", "stood_down"),
    ],
)
async def test_what_is_wrong_on_a_form_is_named(
    changes: dict[str, Any], code: str, field: str
) -> None:
    world = await ready()
    said = await world.send(card(world, **changes))
    assert isinstance(said, Refused)
    assert (said.code, said.field) == (code, field)


async def test_a_slip_of_the_hand_in_a_time_is_found() -> None:
    world = await ready()
    whole = card(world)
    times = whole.times | {Milestone.ON_SCENE: whole.times[Milestone.DEPARTED] - 1}
    said = await world.send(card(world, called_ms=whole.called_ms, times=times))
    assert said == Refused(code="times_out_of_order", field="on_scene", detail="departed")
    late = whole.times | {Milestone.CLEARED: world.clock.at_ms + 1}
    said = await world.send(card(world, called_ms=whole.called_ms, times=late))
    assert said == Refused(code="in_the_future", field="cleared")


async def test_a_run_that_was_called_off_ends_so() -> None:
    world = await ready()
    whole = card(world)
    command = card(
        world,
        times={Milestone.DEPARTED: whole.times[Milestone.DEPARTED]},
        stood_down="no_patient",
        patient_id="",
        called_ms=whole.called_ms,
    )
    states = await states_of(world, await world.accept(command))
    run = states[f"mission:{command.mission_id}"]
    assert (run.state, run.stand_down_reason) == (State.STOOD_DOWN, "no_patient")
    assert run.ended_ms == command.times[Milestone.DEPARTED]
