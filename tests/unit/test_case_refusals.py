"""Every refusal of the domain, provoked once, and none without a scenario here."""

import ast
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import goldenhour.domain
from factories.world import PLACE, START_MS, TestWorld, facts
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg import EcgPatient, Measured, judge
from goldenhour.domain.care.events import GcsParts, NotTaken, Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.handover.prealert import State as HandoverState
from goldenhour.domain.intake.call import State as CallState
from goldenhour.domain.intake.events import CallField, Disposition, LocationSource
from goldenhour.domain.register.events import (
    CrewFunction,
    CrewMember,
    DutyKind,
    StationListed,
    UnitKind,
    UnitListed,
)
from goldenhour.domain.register.roster import Shift, roster_id
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.telemetry import Sign

Scenario = Callable[[TestWorld], Awaitable[c.Command]]
SCENARIOS: list[Any] = []
HERE, THERE = Point(lat=50.87, lon=9.71), Point(lat=50.88, lon=9.71)


def refused(code: str, field: str = "") -> Callable[[Scenario], Scenario]:
    """The command that a scenario returns must be refused so."""

    def keep(scenario: Scenario) -> Scenario:
        SCENARIOS.append(pytest.param(code, field, scenario, id=scenario.__name__))
        return scenario

    return keep


async def ringing(world: TestWorld) -> str:
    call_id = world.new_id()
    await world.accept(c.Ring(call_id=call_id, number=Clear(text="139"), line="typed"))
    return call_id


async def answered(world: TestWorld) -> str:
    call_id = await ringing(world)
    await world.accept(c.Answer(call_id=call_id))
    return call_id


async def abandoned(world: TestWorld) -> str:
    call_id = await ringing(world)
    await world.accept(c.Abandon(call_id=call_id))
    return call_id


async def ended(world: TestWorld) -> str:
    call_id = await answered(world)
    await world.accept(c.EndCall(call_id=call_id, disposition=Disposition.ADVICE))
    return call_id


async def dispatched(world: TestWorld, *milestones: Milestone) -> tuple[str, str]:
    """(incident, mission)"""
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, *milestones)
    return incident_id, mission_id


async def stood_down(world: TestWorld) -> tuple[str, str]:
    incident_id, mission_id = await dispatched(world)
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    return incident_id, mission_id


async def closed(world: TestWorld) -> str:
    _, incident_id = await world.open_incident()
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="advice given"))
    return incident_id


async def prealerted(world: TestWorld) -> tuple[str, str, str]:
    """(mission, patient, handover)"""
    await world.list_hospital()
    _, mission_id = await dispatched(world)
    return (mission_id, *await world.prealert(mission_id))


async def alerted(world: TestWorld) -> str:
    await world.accept(
        c.RaiseAlert(
            alert_id="a1",
            code="not_departed",
            priority=1,
            subject="mission:m1",
            incident_id="",
            owner="03",
            details={},
        )
    )
    return "a1"


def reach(mission_id: str, milestone: Milestone, at_ms: int | None = None) -> c.Reach:
    return c.Reach(
        mission_id=mission_id, milestone=milestone, source=Source.DISPATCHER, at_ms=at_ms
    )


# ---- calls


@refused("exists", "call_id")
async def ring_with_a_known_id(world: TestWorld) -> c.Command:
    return c.Ring(call_id=await ringing(world), number=Clear(text="138"), line="typed")


@refused("absent", "call_id")
async def answer_no_call(_world: TestWorld) -> c.Command:
    return c.Answer(call_id="none")


@refused("already_answered")
async def answer_an_answered_call(world: TestWorld) -> c.Command:
    return c.Answer(call_id=await answered(world))


@refused("call_is_answered")
async def abandon_an_answered_call(world: TestWorld) -> c.Command:
    return c.Abandon(call_id=await answered(world))


@refused("call_is_ringing")
async def end_a_ringing_call(world: TestWorld) -> c.Command:
    return c.EndCall(call_id=await ringing(world), disposition=Disposition.NO_CONTACT)


@refused("call_is_abandoned")
async def write_on_an_abandoned_call(world: TestWorld) -> c.Command:
    return c.RecordCallField(
        call_id=await abandoned(world), field=CallField.WHAT, value=Clear(text="x")
    )


@refused("call_is_ended")
async def ring_back_an_ended_call(world: TestWorld) -> c.Command:
    return c.RingBack(call_id=await ended(world), reached=True)


# ---- incidents


@refused("absent", "call_id")
async def open_without_a_call(world: TestWorld) -> c.Command:
    return c.OpenIncident(incident_id=world.new_id(), call_id="none")


@refused("call_already_linked", "call_id")
async def open_twice_for_one_call(world: TestWorld) -> c.Command:
    call_id, _ = await world.open_incident()
    return c.OpenIncident(incident_id=world.new_id(), call_id=call_id)


@refused("call_is_ringing")
async def open_for_a_ringing_call(world: TestWorld) -> c.Command:
    return c.OpenIncident(incident_id=world.new_id(), call_id=await ringing(world))


@refused("absent", "incident_id")
async def join_no_incident(world: TestWorld) -> c.Command:
    return c.JoinCall(incident_id="none", call_id=await answered(world))


@refused("absent", "call_id")
async def join_no_call(world: TestWorld) -> c.Command:
    return c.JoinCall(incident_id=(await world.open_incident())[1], call_id="none")


@refused("call_already_linked", "call_id")
async def join_a_call_that_has_its_own_incident(world: TestWorld) -> c.Command:
    first, _ = await world.open_incident()
    return c.JoinCall(incident_id=(await world.open_incident())[1], call_id=first)


@refused("incident_closed")
async def join_a_closed_incident(world: TestWorld) -> c.Command:
    return c.JoinCall(incident_id=await closed(world), call_id=await answered(world))


@refused("incident_closed")
async def locate_a_closed_incident(world: TestWorld) -> c.Command:
    return c.SetLocation(
        incident_id=await closed(world),
        location=Clear(text=PLACE),
        source=LocationSource.TYPED,
        accuracy_m=1,
    )


@refused("unknown_value", "topic")
async def an_unknown_complaint(world: TestWorld) -> c.Command:
    return c.SetComplaint(incident_id=(await world.open_incident())[1], topic="boredom")


def answer(incident_id: str, card: str, question: str, value: Any) -> c.Command:
    return c.AnswerQuestion(incident_id=incident_id, card=card, question=question, answer=value)


@refused("unknown_value", "card")
async def an_unknown_card(world: TestWorld) -> c.Command:
    return answer((await world.open_incident())[1], "none", "conscious", True)


@refused("unknown_value", "question")
async def an_unknown_question(world: TestWorld) -> c.Command:
    return answer((await world.open_incident())[1], "entry", "none", True)


@refused("answer_wrong_type", "answer")
async def an_answer_of_another_type(world: TestWorld) -> c.Command:
    return answer((await world.open_incident())[1], "entry", "conscious", "perhaps")


@refused("answer_no_such_option", "answer")
async def an_answer_that_is_no_option(world: TestWorld) -> c.Command:
    return answer((await world.open_incident())[1], "entry", "sex", "other")


@refused("answer_out_of_range", "answer")
async def an_impossible_age(world: TestWorld) -> c.Command:
    return answer((await world.open_incident())[1], "entry", "age_y", -1)


@refused("absent", "incident_id")
async def answer_for_no_incident(_world: TestWorld) -> c.Command:
    return answer("none", "entry", "conscious", True)


@refused("reason_required", "reason")
async def lower_the_level_without_a_reason(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    await world.answer(incident_id, "massive_bleed", answer=True)
    return c.OverrideLevel(incident_id=incident_id, level=DispatchLevel.R2, reason=" ")


@refused("absent", "incident_id")
async def override_no_incident(_world: TestWorld) -> c.Command:
    return c.OverrideLevel(incident_id="none", level=DispatchLevel.R2)


@refused("mission_running")
async def close_with_a_running_mission(world: TestWorld) -> c.Command:
    return c.CloseIncident(incident_id=(await dispatched(world))[0], reason="done")


@refused("mission_running")
async def close_with_a_reservation(world: TestWorld) -> c.Command:
    incident_id, _ = await reserved(world)
    return c.CloseIncident(incident_id=incident_id, reason="done")


@refused("reason_required", "reason")
async def close_without_a_reason(world: TestWorld) -> c.Command:
    return c.CloseIncident(incident_id=(await world.open_incident())[1], reason="")


@refused("incident_closed")
async def close_twice(world: TestWorld) -> c.Command:
    return c.CloseIncident(incident_id=await closed(world), reason="again")


@refused("absent", "incident_id")
async def reopen_no_incident(_world: TestWorld) -> c.Command:
    return c.ReopenIncident(incident_id="none", reason="x")


@refused("incident_open")
async def reopen_an_open_incident(world: TestWorld) -> c.Command:
    return c.ReopenIncident(incident_id=(await world.open_incident())[1], reason="x")


# ---- sending


@refused("window_reversed", "latest_ms")
async def reserve_until_before_it_is_wanted(world: TestWorld) -> c.Command:
    unit_id, (_, incident_id) = await world.list_unit(), await world.open_incident()
    return c.Reserve(
        mission_id="m", incident_id=incident_id, unit_id=unit_id, due_ms=START_MS + 2, latest_ms=1
    )


async def reserved(world: TestWorld) -> tuple[str, str]:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = world.new_id()
    await world.accept(
        c.Reserve(
            mission_id=mission_id, incident_id=incident_id, unit_id="A-01", due_ms=START_MS + 1
        )
    )
    return incident_id, mission_id


@refused("in_the_past", "latest_ms")
async def reserve_for_a_window_that_is_over(world: TestWorld) -> c.Command:
    unit_id, (_, incident_id) = await world.list_unit(), await world.open_incident()
    now_ms = world.clock.at_ms
    return c.Reserve(
        mission_id="m", incident_id=incident_id, unit_id=unit_id, due_ms=1, latest_ms=now_ms
    )


@refused("absent", "incident_id")
async def send_to_no_incident(world: TestWorld) -> c.Command:
    return c.Assign(mission_id="m", incident_id="none", unit_id=await world.list_unit())


@refused("absent", "unit_id")
async def send_no_unit(world: TestWorld) -> c.Command:
    return c.Assign(mission_id="m", incident_id=(await world.open_incident())[1], unit_id="none")


@refused("exists", "mission_id")
async def send_with_a_known_id(world: TestWorld) -> c.Command:
    incident_id, mission_id = await dispatched(world)
    return c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id="A-01")


@refused("incident_closed")
async def send_to_a_closed_incident(world: TestWorld) -> c.Command:
    incident_id = await closed(world)
    return c.Assign(mission_id="m", incident_id=incident_id, unit_id=await world.list_unit())


@refused("not_dispatchable_yet", "location")
async def send_without_a_place(world: TestWorld) -> c.Command:
    incident_id = world.new_id()
    await world.accept(c.OpenIncident(incident_id=incident_id, call_id=await answered(world)))
    return c.Assign(mission_id="m", incident_id=incident_id, unit_id=await world.list_unit())


@refused("not_dispatchable_yet", "breathing_normal")
async def send_before_breathing_was_asked(world: TestWorld) -> c.Command:
    incident_id = world.new_id()
    await world.accept(c.OpenIncident(incident_id=incident_id, call_id=await answered(world)))
    await world.accept(
        c.SetLocation(
            incident_id=incident_id,
            location=Clear(text=PLACE),
            source=LocationSource.TYPED,
            accuracy_m=1,
        )
    )
    return c.Assign(mission_id="m", incident_id=incident_id, unit_id=await world.list_unit())


@refused("unit_off_duty", "unit_id")
async def send_a_unit_off_duty(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(c.SetDuty(unit_id=unit_id, on_duty=False))
    return c.Assign(mission_id="m", incident_id=(await world.open_incident())[1], unit_id=unit_id)


@refused("unit_out_of_service", "unit_id")
async def send_a_unit_out_of_service(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(c.TakeOutOfService(unit_id=unit_id, reason="fault"))
    return c.Assign(mission_id="m", incident_id=(await world.open_incident())[1], unit_id=unit_id)


@refused("absent", "mission_id")
async def activate_nothing(_world: TestWorld) -> c.Command:
    return c.Activate(mission_id="none")


async def a_reservation(world: TestWorld) -> tuple[str, str]:
    """(unit, mission)"""
    unit_id = await world.list_unit()
    _, incident_id = await world.open_incident()
    await world.accept(
        c.Reserve(mission_id="m", incident_id=incident_id, unit_id=unit_id, due_ms=1)
    )
    return unit_id, "m"


@refused("unit_off_duty", "unit_id")
async def activate_a_unit_that_has_gone_off_duty(world: TestWorld) -> c.Command:
    unit_id, mission_id = await a_reservation(world)
    await world.accept(c.SetDuty(unit_id=unit_id, on_duty=False))
    return c.Activate(mission_id=mission_id)


@refused("unit_out_of_service", "unit_id")
async def activate_a_unit_that_has_broken_down(world: TestWorld) -> c.Command:
    unit_id, mission_id = await a_reservation(world)
    await world.accept(c.TakeOutOfService(unit_id=unit_id, reason="fault"))
    return c.Activate(mission_id=mission_id)


@refused("not_reserved")
async def activate_an_active_run(world: TestWorld) -> c.Command:
    return c.Activate(mission_id=(await dispatched(world))[1])


# ---- milestones


@refused("absent", "mission_id")
async def reach_without_a_run(_world: TestWorld) -> c.Command:
    return reach("none", Milestone.DEPARTED)


@refused("milestone_already_set", "milestone")
async def reach_twice(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.DEPARTED)
    return reach(mission_id, Milestone.DEPARTED)


@refused("milestone_out_of_order", "milestone")
async def reach_backwards(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.ON_SCENE)
    return reach(mission_id, Milestone.DEPARTED)


@refused("milestone_out_of_order", "milestone")
async def reach_while_only_reserved(world: TestWorld) -> c.Command:
    return reach((await reserved(world))[1], Milestone.DEPARTED)


@refused("mission_stood_down")
async def reach_after_a_stand_down(world: TestWorld) -> c.Command:
    return reach((await stood_down(world))[1], Milestone.DEPARTED)


@refused("mission_stood_down")
async def supply_late_after_a_stand_down(world: TestWorld) -> c.Command:
    return reach((await stood_down(world))[1], Milestone.DEPARTED, at_ms=START_MS)


@refused("mission_cleared")
async def reach_after_the_end(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.CLEARED)
    return reach(mission_id, Milestone.ON_SCENE)


@refused("in_the_future", "at_ms")
async def supply_late_what_has_not_happened(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return reach(mission_id, Milestone.DEPARTED, at_ms=world.clock.at_ms + 1)


@refused("before_the_run", "at_ms")
async def supply_late_from_before_the_dispatch(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return reach(mission_id, Milestone.DEPARTED, at_ms=world.clock.at_ms - 1)


@refused("absent", "mission_id")
async def undo_without_a_run(_world: TestWorld) -> c.Command:
    return c.UndoMilestone(mission_id="none", milestone=Milestone.DEPARTED)


@refused("milestone_not_set", "milestone")
async def undo_what_was_not_set(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.UndoMilestone(mission_id=mission_id, milestone=Milestone.DEPARTED)


@refused("undo_only_newest", "milestone")
async def undo_an_older_node(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.DEPARTED, Milestone.ON_SCENE)
    return c.UndoMilestone(mission_id=mission_id, milestone=Milestone.DEPARTED)


@refused("undo_too_late", "milestone")
async def undo_after_the_limit(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.DEPARTED)
    world.clock.at_ms += world.facts.limits.undo_s * 1000 + 1
    return c.UndoMilestone(mission_id=mission_id, milestone=Milestone.DEPARTED)


def correct(mission_id: str, at_ms: int, reason: str = "clock") -> c.Command:
    return c.CorrectMilestone(
        mission_id=mission_id, milestone=Milestone.DEPARTED, at_ms=at_ms, reason=reason
    )


@refused("absent", "mission_id")
async def correct_without_a_run(_world: TestWorld) -> c.Command:
    return correct("none", START_MS)


@refused("milestone_not_set", "milestone")
async def correct_what_was_not_set(world: TestWorld) -> c.Command:
    return correct((await dispatched(world))[1], START_MS)


@refused("reason_required", "reason")
async def correct_without_a_reason(world: TestWorld) -> c.Command:
    return correct((await dispatched(world, Milestone.DEPARTED))[1], START_MS, reason=" ")


@refused("in_the_future", "at_ms")
async def correct_into_the_future(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.DEPARTED)
    return correct(mission_id, world.clock.at_ms + 1)


@refused("before_the_run", "at_ms")
async def correct_to_yesterday(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.DEPARTED)
    return correct(mission_id, world.clock.at_ms - 86_400_000)


# ---- standing down, diverting, destinations


@refused("absent", "mission_id")
async def stand_down_nothing(_world: TestWorld) -> c.Command:
    return c.StandDown(mission_id="none", reason="cancelled")


@refused("unknown_value", "reason")
async def stand_down_for_an_unknown_reason(world: TestWorld) -> c.Command:
    return c.StandDown(mission_id=(await dispatched(world))[1], reason="tired")


@refused("mission_stood_down")
async def stand_down_twice(world: TestWorld) -> c.Command:
    return c.StandDown(mission_id=(await stood_down(world))[1], reason="cancelled")


@refused("patient_on_board")
async def stand_down_with_a_patient_on_board(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.LOADED)
    return c.StandDown(mission_id=mission_id, reason="cancelled")


@refused("absent", "mission_id")
async def divert_nothing(_world: TestWorld) -> c.Command:
    return c.Divert(mission_id="none", new_mission_id="m2", incident_id="i2")


@refused("same_incident", "incident_id")
async def divert_to_the_same_incident(world: TestWorld) -> c.Command:
    incident_id, mission_id = await dispatched(world)
    return c.Divert(mission_id=mission_id, new_mission_id="m2", incident_id=incident_id)


@refused("patient_on_board")
async def divert_with_a_patient_on_board(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world, Milestone.LOADED)
    _, other = await world.open_incident()
    return c.Divert(mission_id=mission_id, new_mission_id="m2", incident_id=other)


@refused("incident_closed")
async def divert_to_a_closed_incident(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.Divert(mission_id=mission_id, new_mission_id="m2", incident_id=await closed(world))


@refused("absent", "mission_id")
async def a_destination_without_a_run(world: TestWorld) -> c.Command:
    return c.SetDestination(mission_id="none", hospital_id=await world.list_hospital())


@refused("absent", "hospital_id")
async def a_destination_that_is_no_hospital(world: TestWorld) -> c.Command:
    return c.SetDestination(mission_id=(await dispatched(world))[1], hospital_id="none")


@refused("mission_stood_down")
async def a_destination_after_the_end(world: TestWorld) -> c.Command:
    await world.list_hospital()
    return c.SetDestination(mission_id=(await stood_down(world))[1], hospital_id="h1")


@refused("reason_required", "reason")
async def a_desks_destination_without_a_reason(world: TestWorld) -> c.Command:
    await world.list_hospital()
    return c.SetDestination(
        mission_id=(await dispatched(world))[1], hospital_id="h1", reasons=("nearest",), reason=" "
    )


@refused("prealerts_changed", "renewals")
async def a_rerouting_that_forgets_somebody(world: TestWorld) -> c.Command:
    mission_id, _, _ = await prealerted(world)
    await world.list_hospital("h2")
    return c.Reroute(mission_id=mission_id, hospital_id="h2", reason="专科")


@refused("exists", "handover_id")
async def a_rerouting_to_a_pre_alert_that_there_is(world: TestWorld) -> c.Command:
    mission_id, _, handover_id = await prealerted(world)
    await world.list_hospital("h2")
    again = c.Renewal(standing_id=handover_id, handover_id=handover_id)
    return c.Reroute(mission_id=mission_id, hospital_id="h2", reason="专科", renewals=(again,))


# ---- patients


@refused("absent", "mission_id")
async def a_patient_without_a_run(_world: TestWorld) -> c.Command:
    return c.RegisterPatient(patient_id="p", mission_id="none")


@refused("exists", "patient_id")
async def a_patient_with_a_known_id(world: TestWorld) -> c.Command:
    mission_id, patient_id, _ = await prealerted(world)
    return c.RegisterPatient(patient_id=patient_id, mission_id=mission_id)


@refused("absent", "patient_id")
async def correct_nobody(_world: TestWorld) -> c.Command:
    return c.CorrectDemographic(patient_id="none", reason="x")


@refused("reason_required", "reason")
async def correct_a_person_without_a_reason(world: TestWorld) -> c.Command:
    _, patient_id, _ = await prealerted(world)
    return c.CorrectDemographic(patient_id=patient_id, reason="", age_y=3)


# ---- two records of one person


async def two(world: TestWorld) -> tuple[str, str, str]:
    """(patient, another of the same run, hand-over of the first)"""
    mission_id, patient_id, handover_id = await prealerted(world)
    other_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other_id, mission_id=mission_id))
    return patient_id, other_id, handover_id


def merge(patient_id: str, other_id: str, **more: Any) -> c.Command:
    given = {"patient_id": patient_id, "other_id": other_id, "reason": "重复登记"}
    return c.MergePatients(**(given | more))


def part(patient_id: str, other_id: str, **more: Any) -> c.Command:
    given = {"patient_id": patient_id, "other_id": other_id, "reason": "是两个人"}
    return c.PartPatients(**(given | more))


async def mission_of(world: TestWorld, patient_id: str) -> str:
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    return state.mission_id


@refused("absent", "patient_id")
async def merge_into_nobody(world: TestWorld) -> c.Command:
    return merge("none", (await two(world))[1])


@refused("absent", "other_id")
async def merge_nobody(world: TestWorld) -> c.Command:
    return merge((await two(world))[0], "none")


@refused("same_patient", "other_id")
async def merge_a_patient_with_themselves(world: TestWorld) -> c.Command:
    first, _, _ = await two(world)
    return merge(first, first)


@refused("other_case", "other_id")
async def merge_across_cases(world: TestWorld) -> c.Command:
    first, _, _ = await two(world)
    await world.list_unit("B-01")
    _, incident_id = await world.open_incident()
    mission_id, other = await world.assign(incident_id, "B-01"), world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id))
    return merge(first, other)


@refused("already_merged", "other_id")
async def merge_twice(world: TestWorld) -> c.Command:
    first, other, _ = await two(world)
    await world.accept(merge(first, other))
    return merge(first, other)


@refused("reason_required", "reason")
async def merge_without_a_reason(world: TestWorld) -> c.Command:
    first, other, _ = await two(world)
    return merge(first, other, reason=" ")


@refused("both_signed", "other_id")
async def merge_what_was_handed_over_and_signed(world: TestWorld) -> c.Command:
    other = await signed(world)
    first, handover_id = await world.prealert(await mission_of(world, other))
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name="李卫"))
    return merge(first, other, handover_ids=(handover_id,))


@refused("absent", "patient_id")
async def part_nobody(world: TestWorld) -> c.Command:
    return part("none", (await two(world))[1])


@refused("absent", "other_id")
async def part_from_nobody(world: TestWorld) -> c.Command:
    return part((await two(world))[0], "none")


@refused("not_merged", "other_id")
async def part_two_who_were_never_one(world: TestWorld) -> c.Command:
    first, other, _ = await two(world)
    return part(first, other)


@refused("reason_required", "reason")
async def part_without_a_reason(world: TestWorld) -> c.Command:
    first, other, _ = await two(world)
    await world.accept(merge(first, other))
    return part(first, other, reason="")


@refused("signed_as_one", "other_id")
async def part_what_was_handed_over_as_one(world: TestWorld) -> c.Command:
    first, other, handover_id = await two(world)
    await world.accept(merge(first, other))
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name="李卫"))
    return part(first, other, handover_ids=(handover_id,))


@refused("patient_merged", "patient_id")
async def sign_a_merged_record(world: TestWorld) -> c.Command:
    first, other, _ = await two(world)
    await world.accept(merge(first, other))
    return c.SignRecord(patient_id=other, name="张医生")


@refused("absent", "patient_id")
async def observe_nobody(_world: TestWorld) -> c.Command:
    return c.Observe(patient_id="none", gcs=15)


@refused("out_of_range", "gcs")
async def an_impossible_coma_score(world: TestWorld) -> c.Command:
    return c.Observe(patient_id=(await prealerted(world))[1], gcs=2)


@refused("out_of_range", "gcs_motor")
async def a_motor_part_beyond_its_sum(world: TestWorld) -> c.Command:
    return c.Observe(patient_id=(await prealerted(world))[1], gcs=7, gcs_motor=6)


@refused("out_of_range", "pain")
async def an_impossible_pain(world: TestWorld) -> c.Command:
    return c.Observe(patient_id=(await prealerted(world))[1], pain=11)


@refused("required", "values")
async def enter_no_vital_sign(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(patient_id=patient_id, entry_id="v1")


@refused("impossible_value", "spo2")
async def an_impossible_saturation(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(patient_id=patient_id, entry_id="v1", values={Sign.SPO2: 101})


@refused("implausible", "temp")
async def a_rare_temperature_that_nobody_confirmed(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(patient_id=patient_id, entry_id="v1", values={Sign.TEMP: 45})


@refused("diastolic_above", "nibp_dia")
async def a_diastolic_above_the_systolic(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(
        patient_id=patient_id, entry_id="v1", values={Sign.NIBP_SYS: 85, Sign.NIBP_DIA: 90}
    )


@refused("taken_and_not", "not_taken")
async def a_sign_taken_and_not_taken(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(
        patient_id=patient_id,
        entry_id="v1",
        values={Sign.TEMP: 37},
        not_taken={Sign.TEMP: NotTaken.NO_TIME},
    )


@refused("in_the_future", "taken_ms")
async def a_measurement_of_tomorrow(world: TestWorld) -> c.Command:
    patient_id = (await prealerted(world))[1]
    return c.EnterVitals(
        patient_id=patient_id,
        entry_id="v1",
        values={Sign.RESP: 16},
        taken_ms=world.clock.at_ms + 3_600_000,
    )


@refused("exists", "entry_id")
async def the_same_vital_signs_again(world: TestWorld) -> c.Command:
    typed = c.EnterVitals(
        patient_id=(await prealerted(world))[1], entry_id="v1", values={Sign.RESP: 16}
    )
    await world.accept(typed)
    return typed


@refused("absent", "patient_id")
async def vital_signs_of_nobody(_world: TestWorld) -> c.Command:
    return c.EnterVitals(patient_id="none", entry_id="v1", values={Sign.RESP: 16})


@refused("out_of_range", "gcs_eye")
async def a_part_that_the_coma_scale_does_not_have(world: TestWorld) -> c.Command:
    parts = GcsParts(eye="T", verbal=5, motor=6)
    return c.Observe(patient_id=(await prealerted(world))[1], gcs_parts=parts)


@refused("absent", "patient_id")
async def a_level_for_nobody(_world: TestWorld) -> c.Command:
    return c.ConfirmLevel(patient_id="none", level=TriageLevel.I)


@refused("reason_required", "reason")
async def lower_the_triage_level_without_a_reason(world: TestWorld) -> c.Command:
    _, patient_id, _ = await prealerted(world)
    await world.accept(c.Observe(patient_id=patient_id, gcs=3))
    return c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.IV, reason="")


# ---- which patient a monitor is on


async def speaking(world: TestWorld) -> tuple[str, str]:
    """(mission, patient) with a monitor on the only patient."""
    mission_id, patient_id, _ = await prealerted(world)
    await world.accept(
        c.PlaceMonitor(mission_id=mission_id, device_id="monitor-1", patient_id=patient_id)
    )
    return mission_id, patient_id


def bind(mission_id: str, band: str, **more: Any) -> c.Command:
    given: dict[str, Any] = {"device_id": "monitor-1", "patient_id": "", **more}
    return c.BindMonitor(mission_id=mission_id, band=band, **given)


def swap(world: TestWorld, mission_id: str, patient_id: str, **more: Any) -> c.Command:
    now_ms = world.clock.at_ms
    given: dict[str, Any] = {
        "correction_id": "k1",
        "device_id": "monitor-1",
        "from_ms": now_ms - 60_000,
        "to_ms": now_ms,
        "reason": "导联接错人",
    }
    return c.CorrectMonitor(mission_id=mission_id, patient_id=patient_id, **(given | more))


@refused("absent", "mission_id")
async def a_monitor_of_no_run(_world: TestWorld) -> c.Command:
    return c.PlaceMonitor(mission_id="none", device_id="monitor-1")


@refused("mission_stood_down")
async def bind_after_the_end(world: TestWorld) -> c.Command:
    return bind((await stood_down(world))[1], "B1")


@refused("required", "band")
async def bind_without_a_band(world: TestWorld) -> c.Command:
    return bind((await speaking(world))[0], " ")


@refused("unknown_device", "device_id")
async def bind_a_monitor_that_has_not_spoken(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    return bind(mission_id, "B1", device_id="monitor-2", patient_id=patient_id)


@refused("unknown_band", "band")
async def bind_by_a_band_that_nobody_wears(world: TestWorld) -> c.Command:
    return bind((await speaking(world))[0], "B1")


@refused("absent", "patient_id")
async def give_a_band_to_somebody_elsewhere(world: TestWorld) -> c.Command:
    return bind((await speaking(world))[0], "B1", patient_id="none")


@refused("band_of_another", "band")
async def give_the_band_of_another(world: TestWorld) -> c.Command:
    mission_id, first = await speaking(world)
    second = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=second, mission_id=mission_id))
    await world.accept(bind(mission_id, "B1", patient_id=first))
    return bind(mission_id, "B1", patient_id=second)


def put_on(mission_id: str, patient_id: str, band: str = "B1") -> c.Command:
    return c.GiveBand(mission_id=mission_id, patient_id=patient_id, band=band)


@refused("mission_stood_down")
async def give_a_band_after_the_end(world: TestWorld) -> c.Command:
    return put_on((await stood_down(world))[1], "none")


@refused("absent", "mission_id")
async def give_a_band_in_no_run(world: TestWorld) -> c.Command:
    return put_on("none", (await speaking(world))[1])


@refused("absent", "patient_id")
async def give_a_band_to_nobody(world: TestWorld) -> c.Command:
    return put_on((await speaking(world))[0], "none")


@refused("required", "band")
async def give_no_band(world: TestWorld) -> c.Command:
    return put_on(*await speaking(world), " ")


@refused("band_of_another", "band")
async def give_a_band_that_somebody_wears(world: TestWorld) -> c.Command:
    mission_id, first = await speaking(world)
    second = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=second, mission_id=mission_id))
    await world.accept(put_on(mission_id, first))
    return put_on(mission_id, second)


@refused("band_unworn", "band")
async def take_back_a_band_that_nobody_wears(world: TestWorld) -> c.Command:
    return c.TakeBand(mission_id=(await speaking(world))[0], band="B1", reason="戴错人")


@refused("reason_required", "reason")
async def take_back_a_band_without_a_reason(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    await world.accept(put_on(mission_id, patient_id))
    return c.TakeBand(mission_id=mission_id, band="B1", reason=" ")


@refused("mission_stood_down")
async def take_a_monitor_off_after_the_end(world: TestWorld) -> c.Command:
    return c.TakeOffMonitor(mission_id=(await stood_down(world))[1], device_id="monitor-1")


@refused("unknown_device", "device_id")
async def take_off_a_monitor_that_has_not_spoken(world: TestWorld) -> c.Command:
    return c.TakeOffMonitor(mission_id=(await speaking(world))[0], device_id="monitor-2")


@refused("device_not_off", "device_id")
async def put_back_a_monitor_that_is_on_somebody(world: TestWorld) -> c.Command:
    return c.PutBackMonitor(mission_id=(await speaking(world))[0], device_id="monitor-1")


def moved(mission_id: str, **more: Any) -> c.Command:
    given: dict[str, Any] = {"device_id": "monitor-1", "placement": "posterior"}
    return c.PlaceLeads(mission_id=mission_id, **(given | more))


@refused("mission_stood_down")
async def move_leads_after_the_end(world: TestWorld) -> c.Command:
    return moved((await stood_down(world))[1])


@refused("unknown_device", "device_id")
async def move_leads_of_a_device_that_has_not_spoken(world: TestWorld) -> c.Command:
    return moved((await speaking(world))[0], device_id="monitor-2")


@refused("unknown_value", "placement")
async def move_leads_to_no_known_place(world: TestWorld) -> c.Command:
    return moved((await speaking(world))[0], placement="elsewhere")


@refused("in_the_future", "from_ms")
async def move_leads_tomorrow(world: TestWorld) -> c.Command:
    return moved((await speaking(world))[0], from_ms=world.clock.at_ms + 1)


@refused("before_the_run", "from_ms")
async def move_leads_before_the_run(world: TestWorld) -> c.Command:
    return moved((await speaking(world))[0], from_ms=1)


@refused("file_not_there", "files")
async def correct_a_picture_to_nobody(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    picked = c.PickedFile(patient_id=patient_id, sha256="ab" * 32)
    return swap(world, mission_id, "", files=(picked,))


@refused("absent", "patient_id")
async def correct_to_somebody_elsewhere(world: TestWorld) -> c.Command:
    return swap(world, (await speaking(world))[0], "none")


@refused("already_handed_over")
async def correct_after_the_hand_over(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    await world.reach(mission_id, Milestone.HANDED_OVER)
    return swap(world, mission_id, patient_id)


@refused("unknown_device", "device_id")
async def correct_a_monitor_that_has_not_spoken(world: TestWorld) -> c.Command:
    return swap(world, *await speaking(world), device_id="monitor-2")


@refused("reason_required", "reason")
async def correct_a_monitor_without_a_reason(world: TestWorld) -> c.Command:
    return swap(world, *await speaking(world), reason=" ")


@refused("out_of_range", "to_ms")
async def correct_a_stretch_that_ends_before_it_begins(world: TestWorld) -> c.Command:
    return swap(world, *await speaking(world), to_ms=world.clock.at_ms - 60_000)


@refused("in_the_future", "to_ms")
async def correct_a_monitor_tomorrow(world: TestWorld) -> c.Command:
    return swap(world, *await speaking(world), to_ms=world.clock.at_ms + 86_400_000)


@refused("exists", "correction_id")
async def correct_twice_under_one_id(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    await world.accept(swap(world, mission_id, patient_id))
    return swap(world, mission_id, patient_id, reason="再改")


# ---- the record


TEXTS = ("complaint", "impression", "id_number")


async def recorded(world: TestWorld, **fields: Any) -> str:
    """A patient with these fields written."""
    _, patient_id, _ = await prealerted(world)
    for field, value in fields.items():
        text = Clear(text=value) if field in TEXTS else None
        await world.accept(
            c.WriteField(
                patient_id=patient_id,
                write_id=world.new_id(),
                field=field,
                value=None if text else value,
                text=text,
            )
        )
    return patient_id


async def signed(world: TestWorld) -> str:
    patient_id = await recorded(world, complaint="胸痛", impression="心梗?", outcome="treated_left")
    await world.accept(c.SignRecord(patient_id=patient_id, name="张医生"))
    return patient_id


def write(patient_id: str, field: str, value: Any, **more: Any) -> c.Command:
    return c.WriteField(patient_id=patient_id, write_id="w", field=field, value=value, **more)


@refused("absent", "patient_id")
async def write_about_nobody(_world: TestWorld) -> c.Command:
    return write("none", "weight_kg", 60)


@refused("unknown_value", "field")
async def write_a_field_that_is_not_there(world: TestWorld) -> c.Command:
    return write(await recorded(world), "shoe_size", 42)


@refused("wrong_kind", "value")
async def write_words_into_a_number(world: TestWorld) -> c.Command:
    return write(await recorded(world), "weight_kg", "heavy")


@refused("wrong_kind", "value")
async def write_a_value_into_a_personal_text(world: TestWorld) -> c.Command:
    return write(await recorded(world), "complaint", "胸痛")


@refused("wrong_kind", "value")
async def write_a_text_into_a_choice(world: TestWorld) -> c.Command:
    return write(await recorded(world), "outcome", None, text=Clear(text="送院"))


@refused("unknown_choice", "value")
async def write_a_choice_that_is_not_there(world: TestWorld) -> c.Command:
    return write(await recorded(world), "outcome", "vanished")


@refused("out_of_range", "value")
async def write_an_impossible_weight(world: TestWorld) -> c.Command:
    return write(await recorded(world), "weight_kg", 900)


@refused("record_signed", "reason")
async def write_after_the_signature_without_a_reason(world: TestWorld) -> c.Command:
    return write(await signed(world), "weight_kg", 60)


@refused("unknown_value", "sheet")
async def open_a_sheet_that_is_not_there(world: TestWorld) -> c.Command:
    return c.OpenSheet(patient_id=await recorded(world), sheet="hiccups")


@refused("exists", "sheet")
async def open_a_sheet_twice(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    opened = c.OpenSheet(patient_id=patient_id, sheet="chest_pain")
    await world.accept(opened)
    return opened


@refused("exists", "ask_id")
async def ask_for_a_portrait_twice_under_one_id(world: TestWorld) -> c.Command:
    patient_id = await recorded(world, id_number="110101199003070015")
    asked = c.AskPortrait(patient_id=patient_id, ask_id="a", basis="emergency")
    await world.accept(asked)
    return asked


@refused("identity_required", "patient_id")
async def ask_for_the_portrait_of_nobody_known(world: TestWorld) -> c.Command:
    return c.AskPortrait(patient_id=await recorded(world), ask_id="a", basis="emergency")


@refused("unknown_value", "basis")
async def ask_for_a_portrait_without_a_ground(world: TestWorld) -> c.Command:
    patient_id = await recorded(world, id_number="110101199003070015")
    return c.AskPortrait(patient_id=patient_id, ask_id="a", basis="curiosity")


def give(patient_id: str, drug: str, **more: Any) -> c.Command:
    return c.GiveDrug(patient_id=patient_id, entry_id="e", drug=drug, **more)


@refused("required", "drug")
async def give_nothing(world: TestWorld) -> c.Command:
    return give(await recorded(world), " ")


@refused("out_of_range", "dose")
async def give_less_than_nothing(world: TestWorld) -> c.Command:
    return give(await recorded(world), "atropine", dose=0, unit="mg")


@refused("required", "unit")
async def give_a_dose_of_nothing_named(world: TestWorld) -> c.Command:
    return give(await recorded(world), "atropine", dose=1)


@refused("in_the_future", "given_ms")
async def give_a_drug_tomorrow(world: TestWorld) -> c.Command:
    return give(await recorded(world), "atropine", given_ms=world.clock.at_ms + 86_400_000)


@refused("exists", "entry_id")
async def give_a_drug_twice_under_one_id(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(give(patient_id, "atropine"))
    return give(patient_id, "atropine")


@refused("drug_stopped", "reason")
async def give_what_the_patient_is_allergic_to(world: TestWorld) -> c.Command:
    return give(await recorded(world, allergies=("nsaid",)), "aspirin")


def do(patient_id: str, procedure: str, **more: Any) -> c.Command:
    return c.DoProcedure(patient_id=patient_id, entry_id="e", procedure=procedure, **more)


@refused("required", "procedure")
async def do_nothing(world: TestWorld) -> c.Command:
    return do(await recorded(world), "")


@refused("unknown_value", "result")
async def do_something_with_an_odd_outcome(world: TestWorld) -> c.Command:
    return do(await recorded(world), "oxygen", result="perhaps")


@refused("in_the_future", "done_ms")
async def do_something_tomorrow(world: TestWorld) -> c.Command:
    return do(await recorded(world), "oxygen", done_ms=world.clock.at_ms + 86_400_000)


@refused("unknown_value", "region")
async def do_something_outside_the_body(world: TestWorld) -> c.Command:
    return do(await recorded(world), "dressing", region="tail")


@refused("exists", "entry_id")
async def take_a_note_twice_under_one_id(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    note = c.TakeNote(patient_id=patient_id, entry_id="e", text=Clear(text="家属在场"))
    await world.accept(note)
    return note


def withdraw(patient_id: str, reason: str = "记错") -> c.Command:
    return c.WithdrawEntry(patient_id=patient_id, entry_id="e", reason=reason)


@refused("absent", "entry_id")
async def withdraw_what_is_not_there(world: TestWorld) -> c.Command:
    return withdraw(await recorded(world))


@refused("reason_required", "reason")
async def withdraw_without_a_reason(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(do(patient_id, "oxygen"))
    return withdraw(patient_id, " ")


@refused("already_withdrawn", "entry_id")
async def withdraw_twice(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(do(patient_id, "oxygen"))
    await world.accept(withdraw(patient_id))
    return withdraw(patient_id)


def add_file(patient_id: str) -> c.Command:
    return c.AddFile(
        patient_id=patient_id,
        sha256="ab" * 32,
        file_kind=FileKind.PHOTO,
        media_type="image/jpeg",
        size_bytes=1,
        taken_ms=START_MS,
        taken_source=TakenSource.TABLET,
    )


def withdraw_file(patient_id: str, reason: str = "拍错") -> c.Command:
    return c.WithdrawFile(patient_id=patient_id, sha256="ab" * 32, reason=reason)


@refused("absent", "sha256")
async def withdraw_a_file_that_is_not_there(world: TestWorld) -> c.Command:
    return withdraw_file(await recorded(world))


@refused("reason_required", "reason")
async def withdraw_a_file_without_a_reason(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(add_file(patient_id))
    return withdraw_file(patient_id, " ")


@refused("not_yours", "sha256")
async def withdraw_the_file_of_another_organisation(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(add_file(patient_id), org="hospital:h1")
    return withdraw_file(patient_id)


@refused("already_withdrawn", "sha256")
async def bring_a_withdrawn_file_again(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(add_file(patient_id))
    await world.accept(withdraw_file(patient_id))
    return add_file(patient_id)


async def moved_away(world: TestWorld) -> tuple[str, str, str]:
    """(mission, whom the photo was brought to, whom it was ticked for)."""
    mission_id, first = await speaking(world)
    second = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=second, mission_id=mission_id))
    await world.accept(add_file(first))
    picked = c.PickedFile(patient_id=first, sha256="ab" * 32)
    await world.accept(swap(world, mission_id, second, files=(picked,)))
    return mission_id, first, second


@refused("file_moved", "sha256")
async def bring_a_file_again_that_is_another_patients(world: TestWorld) -> c.Command:
    return add_file((await moved_away(world))[1])


@refused("file_moved", "sha256")
async def withdraw_a_file_that_is_another_patients(world: TestWorld) -> c.Command:
    return withdraw_file((await moved_away(world))[1])


@refused("file_not_there", "files")
async def tick_a_file_that_has_gone_meanwhile(world: TestWorld) -> c.Command:
    mission_id, first, second = await moved_away(world)
    picked = c.PickedFile(patient_id=first, sha256="ab" * 32)
    return swap(world, mission_id, second, correction_id="k2", files=(picked,))


@refused("already_put", "sha256")
async def claim_a_picture_that_somebody_was_first_with(world: TestWorld) -> c.Command:
    mission_id, patient_id = await speaking(world)
    await world.accept(
        c.AddRunFile(
            mission_id=mission_id,
            sha256="ab" * 32,
            file_kind=FileKind.ULTRASOUND,
            media_type="application/dicom",
            size_bytes=1,
            taken_ms=START_MS,
            taken_source=TakenSource.RECEIVED,
            waiting=True,
        )
    )
    put = c.PutRunFile(mission_id=mission_id, patient_id=patient_id, sha256="ab" * 32)
    await world.accept(put)
    return replace(put, reason="看图像是他", claim=True)


@refused("absent", "mission_id")
async def add_a_file_to_no_run(_world: TestWorld) -> c.Command:
    return c.AddRunFile(
        mission_id="none",
        sha256="ab" * 32,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=1,
        taken_ms=START_MS,
        taken_source=TakenSource.RECEIVED,
    )


def form(patient_id: str, **changes: Any) -> c.Command:
    given: dict[str, Any] = {
        "form": "treatment_consent",
        "decision": "agreed",
        "signer": Clear(text="李四"),
        "relation": "relative",
        "signature": Clear(text="M0 0L5 5"),
    }
    return c.SignForm(patient_id=patient_id, entry_id="e", **(given | changes))


@refused("unknown_value", "form")
async def sign_a_form_that_is_not_there(world: TestWorld) -> c.Command:
    return form(await recorded(world), form="wedding")


@refused("unknown_value", "decision")
async def sign_with_a_decision_that_is_not_there(world: TestWorld) -> c.Command:
    return form(await recorded(world), decision="perhaps")


@refused("unknown_value", "relation")
async def sign_as_nobody_known(world: TestWorld) -> c.Command:
    return form(await recorded(world), relation="neighbour")


@refused("witness_required", "witness")
async def refuse_transport_without_a_witness(world: TestWorld) -> c.Command:
    return form(await recorded(world), form="refusal", decision="refuses_all")


@refused("witness_required", "witness")
async def a_form_without_strokes_or_witness(world: TestWorld) -> c.Command:
    return form(await recorded(world), signature=None)


@refused("details_required", "details")
async def hand_over_belongings_that_nobody_named(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    return form(patient_id, form="belongings", decision="to_relative", witness=Clear(text="王五"))


@refused("exists", "entry_id")
async def sign_a_form_twice_under_one_id(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(form(patient_id))
    return form(patient_id)


@refused("form_stands", "entry_id")
async def withdraw_a_signed_form(world: TestWorld) -> c.Command:
    patient_id = await recorded(world)
    await world.accept(form(patient_id))
    return withdraw(patient_id)


async def with_ecg(world: TestWorld) -> str:
    """A patient with the ECG `ecg`."""
    patient_id = await recorded(world)
    await world.accept(
        c.RecordEcg(
            patient_id=patient_id,
            entry_id="ecg",
            begun_ms=world.clock.at_ms - 10_000,
            lasts_ms=10_000,
            device="E-1",
            test=True,
            measured=Measured(leads={}),
            findings=judge(
                Measured(leads={}),
                EcgPatient(age_y=62, sex=Sex.MALE, confounders=()),
                world.facts.care.ecg,
            ),
        )
    )
    return patient_id


def reads(patient_id: str, entry_id: str = "r1", **changes: Any) -> c.InterpretEcg:
    given: dict[str, Any] = {"ecg_id": "ecg", "text": Clear(text="ST 段抬高"), "name": "李医生"}
    return c.InterpretEcg(patient_id=patient_id, entry_id=entry_id, **(given | changes))


@refused("absent", "ecg_id")
async def read_an_ecg_that_is_not_there(world: TestWorld) -> c.Command:
    return reads(await recorded(world))


@refused("reading_stands", "entry_id")
async def withdraw_a_signed_reading(world: TestWorld) -> c.Command:
    patient_id = await with_ecg(world)
    await world.accept(reads(patient_id, "e"))
    return withdraw(patient_id)


@refused("absent", "corrects")
async def correct_an_ecg_as_if_it_were_a_reading(world: TestWorld) -> c.Command:
    return reads(await with_ecg(world), corrects="ecg", reason="看错")


@refused("already_withdrawn", "corrects")
async def correct_a_reading_twice(world: TestWorld) -> c.Command:
    patient_id = await with_ecg(world)
    await world.accept(reads(patient_id))
    await world.accept(reads(patient_id, "r2", corrects="r1", reason="看错"))
    return reads(patient_id, "r3", corrects="r1", reason="又看错")


@refused("reading_of_other", "corrects")
async def correct_a_reading_of_the_other_side(world: TestWorld) -> c.Command:
    patient_id = await with_ecg(world)
    await world.accept(reads(patient_id), role="hospital")
    return reads(patient_id, "r2", corrects="r1", reason="看错")


@refused("name_required", "name")
async def sign_a_record_with_no_name(world: TestWorld) -> c.Command:
    return c.SignRecord(patient_id=await recorded(world), name=" ")


@refused("record_incomplete", "record")
async def sign_an_empty_record(world: TestWorld) -> c.Command:
    return c.SignRecord(patient_id=await recorded(world), name="张医生")


@refused("record_conflict", "record")
async def sign_a_record_with_a_conflict(world: TestWorld) -> c.Command:
    patient_id = await recorded(world, weight_kg=60)
    await world.accept(write(patient_id, "weight_kg", 80))  # had not seen the first
    return c.SignRecord(patient_id=patient_id, name="张医生")


@refused("already_signed")
async def sign_a_record_twice(world: TestWorld) -> c.Command:
    return c.SignRecord(patient_id=await signed(world), name="王医生")


# ---- hand-over


@refused("nothing_changed")
async def correct_a_pre_alert_to_what_it_says(world: TestWorld) -> c.Command:
    told = (await prealerted(world))[2]
    stream = f"handover:{told}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Handover)
    return c.CorrectPreAlert(handover_id=told, tier=state.tier, needs=state.needs)


@refused("absent", "handover_id")
async def correct_a_pre_alert_that_nobody_sent(_world: TestWorld) -> c.Command:
    return c.CorrectPreAlert(handover_id="none", tier=Tier.ALERT)


@refused("prealert_corrected", "corrections")
async def accept_a_pre_alert_that_was_corrected_meanwhile(world: TestWorld) -> c.Command:
    told = (await prealerted(world))[2]
    await world.accept(c.CorrectPreAlert(handover_id=told, tier=Tier.ALERT, needs=("ct",)))
    return c.AcknowledgePreAlert(handover_id=told, name="韩晓", bay="1", corrections=0)


def prealert(mission_id: str, patient_id: str, handover_id: str, hospital_id: str) -> c.Command:
    return c.PreAlert(
        handover_id=handover_id,
        mission_id=mission_id,
        patient_id=patient_id,
        hospital_id=hospital_id,
        tier=Tier.NOTICE,
    )


@refused("absent", "mission_id")
async def a_pre_alert_without_a_run(_world: TestWorld) -> c.Command:
    return prealert("none", "p", "h", "h1")


@refused("absent", "patient_id")
async def a_pre_alert_for_nobody(world: TestWorld) -> c.Command:
    return prealert((await dispatched(world))[1], "none", "h", "h1")


@refused("absent", "hospital_id")
async def a_pre_alert_to_no_hospital(world: TestWorld) -> c.Command:
    mission_id, patient_id, _ = await prealerted(world)
    return prealert(mission_id, patient_id, "h", "none")


@refused("exists", "handover_id")
async def a_pre_alert_with_a_known_id(world: TestWorld) -> c.Command:
    return prealert(*await prealerted(world), "h1")


@refused("mission_stood_down")
async def a_pre_alert_after_the_end(world: TestWorld) -> c.Command:
    mission_id, patient_id, _ = await prealerted(world)
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    return prealert(mission_id, patient_id, "h", "h1")


@refused("absent", "handover_id")
async def acknowledge_no_pre_alert(_world: TestWorld) -> c.Command:
    return c.AcknowledgePreAlert(handover_id="none", name="韩晓", bay="1")


@refused("name_required", "name")
async def acknowledge_without_a_name(world: TestWorld) -> c.Command:
    return c.AcknowledgePreAlert(handover_id=(await prealerted(world))[2], name=" ", bay="1")


@refused("reason_required", "reason")
async def decline_without_a_reason(world: TestWorld) -> c.Command:
    return c.DeclinePreAlert(handover_id=(await prealerted(world))[2], reason="")


@refused("handover_declined")
async def acknowledge_what_was_declined(world: TestWorld) -> c.Command:
    _, _, handover_id = await prealerted(world)
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no bed"))
    return c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="1")


@refused("handover_withdrawn")
async def sign_what_was_withdrawn(world: TestWorld) -> c.Command:
    _, _, handover_id = await prealerted(world)
    await world.accept(c.WithdrawPreAlert(handover_id=handover_id, reason="re-routed"))
    return c.Sign(handover_id=handover_id, side="crew", name="李卫")


@refused("handover_handed_over")
async def withdraw_what_is_complete(world: TestWorld) -> c.Command:
    _, _, handover_id = await prealerted(world)
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name="李卫"))
    return c.WithdrawPreAlert(handover_id=handover_id, reason="too late")


@refused("absent", "handover_id")
async def sign_nothing(_world: TestWorld) -> c.Command:
    return c.Sign(handover_id="none", side="crew", name="李卫")


@refused("name_required", "name")
async def sign_without_a_name(world: TestWorld) -> c.Command:
    return c.Sign(handover_id=(await prealerted(world))[2], side="crew", name="")


@refused("already_signed", "side")
async def sign_twice(world: TestWorld) -> c.Command:
    _, _, handover_id = await prealerted(world)
    await world.accept(c.Sign(handover_id=handover_id, side="crew", name="李卫"))
    return c.Sign(handover_id=handover_id, side="crew", name="王强")


# ---- alerts and the register


@refused("absent", "alert")
async def acknowledge_no_alert(_world: TestWorld) -> c.Command:
    return c.AcknowledgeAlert(alert_id="none")


@refused("alert_not_open")
async def acknowledge_an_alert_twice(world: TestWorld) -> c.Command:
    alert_id = await alerted(world)
    await world.accept(c.AcknowledgeAlert(alert_id=alert_id))
    return c.AcknowledgeAlert(alert_id=alert_id)


@refused("absent", "unit_id")
async def duty_of_no_unit(_world: TestWorld) -> c.Command:
    return c.SetDuty(unit_id="none", on_duty=True)


@refused("absent", "unit")
async def take_no_unit_out_of_service(_world: TestWorld) -> c.Command:
    return c.TakeOutOfService(unit_id="none", reason="fault")


@refused("unknown_value", "reason")
async def out_of_service_for_an_unknown_reason(world: TestWorld) -> c.Command:
    return c.TakeOutOfService(unit_id=await world.list_unit(), reason="tired")


@refused("already_out_of_service")
async def out_of_service_twice(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(c.TakeOutOfService(unit_id=unit_id, reason="fault"))
    return c.TakeOutOfService(unit_id=unit_id, reason="meal")


@refused("absent", "unit")
async def put_no_unit_back(_world: TestWorld) -> c.Command:
    return c.PutBackInService(unit_id="none")


def checked(unit_id: str, **changes: Any) -> c.Command:
    given: dict[str, Any] = {
        item.id: True if item.kind == "yes_no" else item.most
        for item in facts().shift_check.list_items()
    }
    answers = {name: value for name, value in (given | changes).items() if value is not None}
    return c.CheckUnit(unit_id=unit_id, check_id="k", name="甲", answers=answers)


@refused("absent", "unit")
async def check_no_unit(_world: TestWorld) -> c.Command:
    return checked("none")


@refused("name_required", "name")
async def check_as_nobody(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    return c.CheckUnit(unit_id=unit_id, check_id="k", name=" ", answers={})


@refused("exists", "check_id")
async def check_twice_under_one_id(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(checked(unit_id))
    return checked(unit_id)


@refused("unknown_value", "answers")
async def check_what_is_not_on_the_list(world: TestWorld) -> c.Command:
    return checked(await world.list_unit(), coffee=True)


@refused("wrong_kind", "answers")
async def answer_a_number_with_yes(world: TestWorld) -> c.Command:
    return checked(await world.list_unit(), fuel=True)


@refused("out_of_range", "answers")
async def a_cylinder_of_impossible_pressure(world: TestWorld) -> c.Command:
    return checked(await world.list_unit(), oxygen_main=120.0)


@refused("check_incomplete", "answers")
async def leave_an_item_out(world: TestWorld) -> c.Command:
    return checked(await world.list_unit(), radio=None)


@refused("absent", "unit")
async def call_help_for_no_unit(_world: TestWorld) -> c.Command:
    return c.CallHelp(unit_id="none")


@refused("help_is_called")
async def call_help_twice(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(c.CallHelp(unit_id=unit_id))
    return c.CallHelp(unit_id=unit_id)


async def handed_over(world: TestWorld) -> str:
    unit_id = await world.list_unit()
    await world.accept(checked(unit_id))
    return unit_id


@refused("absent", "check_id")
async def take_over_what_nobody_checked(world: TestWorld) -> c.Command:
    return c.TakeOverCheck(unit_id=await world.list_unit(), check_id="none", name="乙")


@refused("second_person_required", "name")
async def take_over_from_oneself(world: TestWorld) -> c.Command:
    return c.TakeOverCheck(unit_id=await handed_over(world), check_id="k", name=" 甲 ")


@refused("check_taken_over")
async def take_over_what_was_taken_over(world: TestWorld) -> c.Command:
    unit_id = await handed_over(world)
    await world.accept(c.TakeOverCheck(unit_id=unit_id, check_id="k", name="乙"))
    return c.TakeOverCheck(unit_id=unit_id, check_id="k", name="丙")


@refused("no_help_called")
async def end_help_that_nobody_called(world: TestWorld) -> c.Command:
    return c.EndHelp(unit_id=await world.list_unit(), reason="安全")


@refused("reason_required", "reason")
async def end_help_without_a_reason(world: TestWorld) -> c.Command:
    unit_id = await world.list_unit()
    await world.accept(c.CallHelp(unit_id=unit_id))
    return c.EndHelp(unit_id=unit_id, reason=" ")


@refused("already_in_service")
async def back_in_service_twice(world: TestWorld) -> c.Command:
    return c.PutBackInService(unit_id=await world.list_unit())


@refused("absent", "hospital")
async def beds_of_no_hospital(_world: TestWorld) -> c.Command:
    return c.ReportBeds(hospital_id="none", free={"ed": 1})


@refused("negative", "free.ed")
async def fewer_than_no_beds(world: TestWorld) -> c.Command:
    return c.ReportBeds(hospital_id=await world.list_hospital(), free={"ed": -1})


@refused("absent", "hospital_id")
async def diversion_of_no_hospital(_world: TestWorld) -> c.Command:
    return c.SetDiversion(hospital_id="none", diverting=True)


def standby(world: TestWorld, **changes: Any) -> c.OpenStandby:
    hour_ms = 3_600_000
    given: dict[str, Any] = {
        "incident_id": world.new_id(),
        "occasion": "城市马拉松 东门医疗点",
        "from_ms": START_MS + hour_ms,
        "until_ms": START_MS + 5 * hour_ms,
    }
    return c.OpenStandby(**(given | changes))


@refused("exists", "incident_id")
async def a_standby_twice(world: TestWorld) -> c.Command:
    command = standby(world)
    await world.accept(command)
    return command


@refused("required", "occasion")
async def a_standby_at_nothing(world: TestWorld) -> c.Command:
    return standby(world, occasion=" ")


@refused("ends_before_it_begins", "until_ms")
async def a_standby_that_ends_as_it_begins(world: TestWorld) -> c.Command:
    return standby(world, until_ms=START_MS + 3_600_000)


@refused("in_the_past", "until_ms")
async def a_standby_of_yesterday(world: TestWorld) -> c.Command:
    return standby(world, from_ms=START_MS - 7_200_000, until_ms=START_MS)


# ---- the crew's call to the caller


@refused("exists", "callback_id")
async def ask_for_a_call_twice(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    command = c.AskCallback(mission_id=mission_id, callback_id="k1")
    await world.accept(command)
    return command


@refused("callback_under_way")
async def ask_for_a_second_call_meanwhile(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k1"))
    return c.AskCallback(mission_id=mission_id, callback_id="k2")


@refused("unknown_value", "outcome")
async def a_call_that_ends_in_no_known_word(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k1"))
    return c.AnswerCallback(mission_id=mission_id, callback_id="k1", outcome="perhaps")


@refused("unknown_value", "reason")
async def the_number_for_no_stated_reason(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.ShowNumber(mission_id=mission_id, reason="curious")


@refused("not_called_off", "mission_id")
async def read_that_a_run_was_called_off_that_goes_on(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.SeeStandDown(mission_id=mission_id)


@refused("not_at_scene")
async def say_that_nobody_was_found_on_the_way(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.CloseUntreated(mission_id=mission_id, entry_id="e1", reason="not_found", name="李")


@refused("signer_required", "signer")
async def a_refusal_that_nobody_signs(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    await world.reach(mission_id, Milestone.ON_SCENE)
    return c.CloseUntreated(mission_id=mission_id, entry_id="e1", reason="refused", name="李")


@refused("no_caller", "mission_id")
async def ring_up_whoever_called_a_standby(world: TestWorld) -> c.Command:
    unit_id, command = await world.list_unit(), standby(world)
    await world.accept(command)
    place = c.SetLocation(
        incident_id=command.incident_id,
        location=Clear(text=PLACE),
        source=LocationSource.MAP_PIN,
        accuracy_m=15,
    )
    await world.accept(place)
    mission_id = await world.assign(command.incident_id, unit_id)
    return c.AskCallback(mission_id=mission_id, callback_id="k1")


# ---- from paper


async def paper(world: TestWorld, **changes: Any) -> c.EnterPaper:
    given: dict[str, Any] = {
        "incident_id": world.new_id(),
        "call_id": world.new_id(),
        "paper_number": "P-000123",
        "called_ms": START_MS - 3_600_000,
        "reason": "handed_over",
        "mission_id": world.new_id(),
        "unit_id": await world.list_unit(),
        "assigned_ms": START_MS - 3_540_000,
        "times": {Milestone.CLEARED: START_MS - 60_000},
    }
    return c.EnterPaper(**(given | changes))


@refused("required", "assigned_ms")
async def a_run_on_paper_that_nobody_sent(world: TestWorld) -> c.Command:
    return await paper(world, assigned_ms=None)


@refused("required", "mission_id")
async def a_patient_on_paper_without_a_run(world: TestWorld) -> c.Command:
    return await paper(world, mission_id="", patient_id=world.new_id())


@refused("one_end", "cleared")
async def a_run_on_paper_without_an_end(world: TestWorld) -> c.Command:
    return await paper(world, times={})


@refused("unknown_value", "stood_down")
async def a_run_on_paper_called_off_for_nothing_known(world: TestWorld) -> c.Command:
    return await paper(world, times={}, stood_down="perhaps")


@refused("absent", "unit_id")
async def a_run_on_paper_of_no_vehicle(world: TestWorld) -> c.Command:
    return await paper(world, unit_id="none")


@refused("absent", "hospital_id")
async def a_run_on_paper_to_no_hospital(world: TestWorld) -> c.Command:
    return await paper(world, hospital_id="none")


# ---- the suite


# ---- the roster

DAY_MS = 86_400_000


def plan(world: TestWorld, **changes: Any) -> c.PlanShift:
    """Tomorrow at the same time, twelve hours with a driver."""
    given: dict[str, Any] = {
        "unit_id": "A-01",
        "shift_id": "s1",
        "from_ms": world.clock.at_ms + DAY_MS,
        "to_ms": world.clock.at_ms + DAY_MS + DAY_MS // 2,
        "duty": DutyKind.EMERGENCY,
        "crew": (CrewMember(name="甲", function=CrewFunction.DRIVER),),
    } | changes
    given.setdefault("roster_id", roster_id(given["unit_id"], given["from_ms"]))
    return c.PlanShift(**given)


async def planned(world: TestWorld) -> c.PlanShift:
    await world.list_unit()
    command = plan(world)
    await world.accept(command)
    return command


def withdraw_shift(command: c.PlanShift, **changes: Any) -> c.WithdrawShift:
    given: dict[str, Any] = {
        "roster_id": command.roster_id,
        "unit_id": command.unit_id,
        "shift_id": command.shift_id,
        "reason": "planned twice",
    }
    return c.WithdrawShift(**(given | changes))


@refused("absent", "unit_id")
async def plan_for_no_unit(world: TestWorld) -> c.Command:
    return plan(world)


@refused("absent", "unit_id")
async def withdraw_under_the_name_of_another_unit(world: TestWorld) -> c.Command:
    command = await planned(world)
    await world.list_unit("A-02")
    return withdraw_shift(command, unit_id="A-02")


@refused("other_week", "from_ms")
async def plan_in_a_week_that_is_not_its_own(world: TestWorld) -> c.Command:
    await world.list_unit()
    return plan(world, roster_id=roster_id("A-01", world.clock.at_ms + 8 * DAY_MS))


@refused("exists", "shift_id")
async def plan_a_shift_twice(world: TestWorld) -> c.Command:
    command = await planned(world)
    return plan(world, from_ms=command.to_ms, to_ms=command.to_ms + 1)


@refused("exists", "shift_id")
async def plan_again_what_was_withdrawn(world: TestWorld) -> c.Command:
    command = await planned(world)
    await world.accept(withdraw_shift(command))
    return command


@refused("ends_before_it_begins", "to_ms")
async def plan_a_shift_of_no_length(world: TestWorld) -> c.Command:
    await world.list_unit()
    return plan(world, to_ms=world.clock.at_ms + DAY_MS)


@refused("shift_too_long", "to_ms")
async def plan_a_shift_of_a_month(world: TestWorld) -> c.Command:
    await world.list_unit()
    return plan(world, to_ms=world.clock.at_ms + 31 * DAY_MS)


@refused("name_required", "crew")
async def plan_a_crew_without_names(world: TestWorld) -> c.Command:
    await world.list_unit()
    return plan(world, crew=(CrewMember(name=" ", function=CrewFunction.DRIVER),))


@refused("person_twice_in_crew", "crew")
async def plan_a_driver_who_is_the_doctor(world: TestWorld) -> c.Command:
    await world.list_unit()
    both = (CrewFunction.DRIVER, CrewFunction.DOCTOR)
    return plan(world, crew=tuple(CrewMember(name="甲", function=one) for one in both))


@refused("shift_overlaps", "from_ms")
async def plan_over_another_shift(world: TestWorld) -> c.Command:
    command = await planned(world)
    return plan(world, shift_id="s2", from_ms=command.to_ms - 1, to_ms=command.to_ms + 1)


@refused("reason_required", "reason")
async def plan_what_has_begun_without_a_reason(world: TestWorld) -> c.Command:
    await world.list_unit()
    return plan(world, from_ms=world.clock.at_ms, to_ms=world.clock.at_ms + 1)


@refused("reason_required", "reason")
async def withdraw_a_shift_without_a_reason(world: TestWorld) -> c.Command:
    return withdraw_shift(await planned(world), reason=" ")


@refused("absent", "shift_id")
async def withdraw_no_shift(world: TestWorld) -> c.Command:
    return withdraw_shift(await planned(world), shift_id="none")


@refused("preview_outdated", "shift_id")
async def change_a_shift_that_another_has_changed(world: TestWorld) -> c.Command:
    command = await planned(world)
    seen = Shift(
        shift_id=command.shift_id,
        from_ms=command.from_ms,
        to_ms=command.to_ms - 1,
        duty=command.duty,
        crew=command.crew,
    )
    given = {name: getattr(command, name) for name in command.__struct_fields__}
    return c.ChangeShift(**(given | {"reason": "ill", "was": seen}))


@refused("shift_withdrawn", "shift_id")
async def withdraw_a_shift_twice(world: TestWorld) -> c.Command:
    command = await planned(world)
    await world.accept(withdraw_shift(command))
    return withdraw_shift(command)


# ---- vehicles from a table


def listed(call_sign: str) -> UnitListed:
    return UnitListed(
        call_sign=call_sign,
        station_id="s1",
        station_name="一站",
        station_point=HERE,
        unit_kind=UnitKind.ALS,
        assumed=False,
    )


def imported(*units: str, was: UnitListed | None = None) -> c.ImportUnits:
    changes = tuple(c.UnitChange(unit_id=one, was=was, now=listed(one)) for one in units)
    return c.ImportUnits(unit_id=units[0], changes=changes)


@refused("exists", "unit_id")
async def to_import_a_unit_twice_at_once(world: TestWorld) -> c.Command:
    del world
    return imported("A-09", "A-09")


@refused("preview_outdated", "unit_id")
async def to_import_what_has_changed_since_it_was_looked_at(world: TestWorld) -> c.Command:
    await world.list_unit("A-01")
    return imported("A-01", was=listed("A-77"))


# ---- stations from a table


def stations(*idents: str, was: StationListed | None = None, units: tuple[str, ...] = ()) -> Any:
    now = StationListed(name="一站", name_en="One", point=HERE, phone="", assumed=False)
    changes = tuple(c.StationChange(station_id=one, was=was, now=now) for one in idents)
    return c.ImportStations(station_id=idents[0], changes=changes, unit_ids=units)


@refused("exists", "station_id")
async def to_import_a_station_twice_at_once(world: TestWorld) -> c.Command:
    del world
    return stations("s9", "s9")


@refused("preview_outdated", "station_id")
async def to_import_a_station_that_was_another(world: TestWorld) -> c.Command:
    await world.accept(stations("s9"))
    was = StationListed(name="九站", name_en="", point=HERE, phone="", assumed=True)
    changed = c.StationChange(station_id="s9", was=was, now=replace(was, phone="120"))
    return c.ImportStations(station_id="s9", changes=(changed,))


@refused("absent", "unit_ids")
async def to_import_a_station_with_a_vehicle_that_is_none(world: TestWorld) -> c.Command:
    del world
    return stations("s9", units=("none",))


# ---- another unit in a run's place


@refused("absent", "mission_id")
async def to_relieve_nobody(world: TestWorld) -> c.Command:
    await world.list_unit("A-02")
    return c.Relieve(mission_id="none", new_mission_id=world.new_id(), unit_id="A-02")


@refused("same_unit", "unit_id")
async def to_relieve_a_unit_by_itself(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    return c.Relieve(mission_id=mission_id, new_mission_id=world.new_id(), unit_id="A-01")


@refused("patient_on_board")
async def to_relieve_a_unit_with_its_patient(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(
        world,
        *(Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE),
        *(Milestone.AT_PATIENT, Milestone.LOADED),
    )
    await world.list_unit("A-02")
    return c.Relieve(mission_id=mission_id, new_mission_id=world.new_id(), unit_id="A-02")


@refused("unit_claimed")
async def to_relieve_by_a_unit_that_is_out(world: TestWorld) -> c.Command:
    _, mission_id = await dispatched(world)
    await world.list_unit("A-02")
    _, other = await world.open_incident()
    await world.assign(other, "A-02")
    return c.Relieve(mission_id=mission_id, new_mission_id=world.new_id(), unit_id="A-02")


# ---- handing a case over


async def offered(world: TestWorld) -> str:
    _, incident_id = await world.open_incident()
    await world.accept(c.OfferCase(incident_id=incident_id, org="county", reason="辖区"))
    return incident_id


@refused("offer_stands")
async def to_offer_a_case_twice(world: TestWorld) -> c.Command:
    return c.OfferCase(incident_id=await offered(world), org="other", reason="辖区")


@refused("seat_elsewhere", "seat")
async def to_name_a_seat_of_another_centre(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    return c.OfferCase(incident_id=incident_id, org="county", seat="01", reason="辖区")


@refused("already_there", "org")
async def to_offer_a_case_to_its_own_centre(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    return c.OfferCase(incident_id=incident_id, org="centre", reason="交班")


@refused("already_there", "seat")
async def to_offer_a_case_to_its_own_seat(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    return c.OfferCase(incident_id=incident_id, org="centre", seat="03", reason="交班")


@refused("no_offer")
async def to_withdraw_what_was_not_offered(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    return c.WithdrawOffer(incident_id=incident_id)


@refused("not_offered_to_you")
async def to_decline_what_another_is_asked(world: TestWorld) -> c.Command:
    return c.DeclineCase(incident_id=await offered(world), reason="忙")


@refused("not_your_offer")
async def to_withdraw_what_another_centre_offers(world: TestWorld) -> c.Command:
    incident_id = await offered(world)
    await world.accept(c.TakeCase(incident_id=incident_id), org="county")
    await world.accept(
        c.OfferCase(incident_id=incident_id, org="other", reason="辖区"), org="county"
    )
    return c.WithdrawOffer(incident_id=incident_id)


@refused("already_yours")
async def to_take_what_one_has(world: TestWorld) -> c.Command:
    _, incident_id = await world.open_incident()
    return c.TakeCase(incident_id=incident_id, reason="交班")


# ---- roads


def shut(
    closure_id: str, line: tuple[Point, ...] = (HERE, THERE), until_ms: int | None = None
) -> c.CloseRoad:
    return c.CloseRoad(closure_id=closure_id, line=line, until_ms=until_ms, label="路")


@refused("exists", "closure_id")
async def a_closure_twice(world: TestWorld) -> c.Command:
    await world.accept(shut("r1"))
    return shut("r1")


@refused("bad_line", "line")
async def a_stretch_without_length(world: TestWorld) -> c.Command:
    del world
    return shut("r1", line=(HERE, HERE))


@refused("in_the_past", "until_ms")
async def a_closure_that_is_over(world: TestWorld) -> c.Command:
    return shut("r1", until_ms=world.clock.at_ms)


@refused("absent", "closure_id")
async def to_open_a_road_that_was_never_shut(world: TestWorld) -> c.Command:
    del world
    return c.ReopenRoad(closure_id="r1", reason="open")


@refused("road_open", "closure_id")
async def to_open_a_road_twice(world: TestWorld) -> c.Command:
    await world.accept(shut("r1"))
    await world.accept(c.ReopenRoad(closure_id="r1", reason="open"))
    return c.ReopenRoad(closure_id="r1", reason="open")


@refused("unknown_value", "reason")
async def to_open_a_road_for_no_known_reason(world: TestWorld) -> c.Command:
    await world.accept(shut("r1"))
    return c.ReopenRoad(closure_id="r1", reason="because")


async def away(world: TestWorld) -> str:
    """A unit whose home is another node."""
    world.node = "county"
    await world.list_unit()
    await world.accept(c.NameHome(unit_id="A-01", node="city"))
    return "A-01"


async def asked(world: TestWorld) -> str:
    """A case in which a unit of another node was asked for."""
    unit_id = await away(world)
    _, incident_id = await world.open_incident()
    await world.accept(c.AskUnit(incident_id=incident_id, unit_id=unit_id, mission_id="m1"))
    return incident_id


@refused("ask_waits", "unit_id")
async def to_ask_for_a_unit_twice(world: TestWorld) -> c.Command:
    return c.AskUnit(incident_id=await asked(world), unit_id="A-01", mission_id="m2")


@refused("ask_waits")
async def to_hand_a_case_to_another_node_while_a_unit_is_asked_for(world: TestWorld) -> c.Command:
    incident_id = await asked(world)
    # Its own desk is asked to take it: as a node's it would speak for another organisation.
    await world.accept(c.OfferCase(incident_id=incident_id, org="centre", seat="05", reason="x"))
    world.stamp = partial(world.stamp, seat="05")  # type: ignore[method-assign]
    return c.TakeCase(incident_id=incident_id, node="city")


@refused("ask_ended")
async def to_withdraw_an_ask_that_has_ended(world: TestWorld) -> c.Command:
    incident_id = await asked(world)
    await world.accept(c.AnswerAsk(incident_id=incident_id, mission_id="m1", code="unit_claimed"))
    return c.WithdrawAsk(incident_id=incident_id, mission_id="m1", reason="x")


@refused("unit_of_other_node", "unit_id")
async def to_send_a_unit_of_another_node(world: TestWorld) -> c.Command:
    unit_id = await away(world)
    _, incident_id = await world.open_incident()
    return c.Assign(mission_id="m1", incident_id=incident_id, unit_id=unit_id)


@refused("unit_of_other_node", "unit_id")
async def to_reserve_a_unit_of_another_node(world: TestWorld) -> c.Command:
    unit_id = await away(world)
    _, incident_id = await world.open_incident()
    due_ms = START_MS + 3_600_000
    return c.Reserve(mission_id="m1", incident_id=incident_id, unit_id=unit_id, due_ms=due_ms)


@refused("unit_of_other_node", "unit_id")
async def to_dispatch_a_reserved_unit_that_was_given_away(world: TestWorld) -> c.Command:
    world.node = "county"
    await world.list_unit()
    _, incident_id = await world.open_incident()
    due_ms = START_MS + 3_600_000
    await world.accept(
        c.Reserve(mission_id="m1", incident_id=incident_id, unit_id="A-01", due_ms=due_ms)
    )
    await world.accept(c.GiveUnit(unit_id="A-01", node="city", reason="借出"))
    return c.Activate(mission_id="m1")


@refused("unit_claimed")
async def to_give_a_unit_away_that_is_on_a_run(world: TestWorld) -> c.Command:
    world.node = "county"
    await dispatched(world)
    return c.GiveUnit(unit_id="A-01", node="city", reason="借出")


@refused("unit_of_other_node", "unit_id")
async def to_give_a_unit_that_is_not_here(world: TestWorld) -> c.Command:
    return c.GiveUnit(unit_id=await away(world), node="third", reason="借出")


@refused("reason_required", "reason")
async def to_give_a_unit_without_words(world: TestWorld) -> c.Command:
    world.node = "county"
    await world.list_unit()
    return c.GiveUnit(unit_id="A-01", node="city", reason=" ")


@refused("reason_required", "reason")
async def to_take_a_unit_over_without_words(world: TestWorld) -> c.Command:
    return c.TakeUnitOver(unit_id=await away(world), reason=" ")


@refused("already_home", "unit_id")
async def to_take_over_ones_own_unit(world: TestWorld) -> c.Command:
    world.node = "county"
    return c.TakeUnitOver(unit_id=await world.list_unit(), reason="x")


@refused("node_unnamed")
async def to_take_over_where_there_is_one_node(world: TestWorld) -> c.Command:
    return c.TakeUnitOver(unit_id=await world.list_unit(), reason="x")


@refused("absent", "unit_id")
async def to_take_over_a_unit_that_is_not_enrolled(world: TestWorld) -> c.Command:
    world.node = "county"
    return c.TakeUnitOver(unit_id="Z-99", reason="x")


@refused("home_is_named", "node")
async def to_name_a_units_home_twice(world: TestWorld) -> c.Command:
    return c.NameHome(unit_id=await away(world), node="third")


@refused("already_home", "node")
async def to_name_this_node_another(world: TestWorld) -> c.Command:
    world.node = "county"
    return c.NameHome(unit_id=await world.list_unit(), node="county")


@refused("node_required", "node")
async def to_name_no_node(world: TestWorld) -> c.Command:
    world.node = "county"
    return c.NameHome(unit_id=await world.list_unit(), node=" ")


@pytest.mark.parametrize(("code", "field", "scenario"), SCENARIOS)
async def test_refused(code: str, field: str, scenario: Scenario) -> None:
    world = TestWorld()
    command = await scenario(world)
    before = len(world.journal.feed)
    outcome = await world.send(command)
    assert isinstance(outcome, Refused), outcome
    assert (outcome.code, outcome.field) == (code, field)
    assert len(world.journal.feed) == before


CHOOSER = {"needs"}
"""Fields of domain/handover/choose.py, which has tests of its own."""


def test_every_refusal_in_the_domain_has_its_scenario() -> None:
    provoked = {(p.values[0], p.values[1]) for p in SCENARIOS}
    # Those of erasure are no command's: tests/unit/test_retention.py.
    erasure = {(code, "") for code in ("legal_hold", "retention_runs", "retention_unknown")}
    # A card's number is read for the record service: tests/unit/test_health_card.py.
    card = {("health_card_number", "health_card")}
    # Another node's, by content: tests/unit/test_lending.py.
    lending = {("lender_is_short", ""), ("not_lent_for_level", "")}
    wanted = stated() - provoked - erasure - card - lending
    missing = {pair for pair in wanted if pair[1] not in CHOOSER}
    assert not missing, sorted(missing)


def stated() -> set[tuple[str, str]]:
    """(code, field) of every `Refused` that is written with two literals."""
    found = set()
    for path in Path(goldenhour.domain.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                given = {k.arg: k.value for k in node.keywords}
                code, field = given["code"], given.get("field", ast.Constant(""))
                if isinstance(code, ast.Constant) and isinstance(field, ast.Constant):
                    found.add((str(code.value), str(field.value)))
    return found


def test_every_state_that_refuses_is_refused_in_words() -> None:
    """The codes that are made of states: each reachable one is provoked above."""
    codes = {p.values[0] for p in SCENARIOS}
    assert {f"call_is_{state}" for state in CallState} <= codes
    ends = (HandoverState.DECLINED, HandoverState.WITHDRAWN, HandoverState.HANDED_OVER)
    assert {f"handover_{state}" for state in ends} <= codes
    assert {"mission_cleared", "mission_stood_down"} <= codes
