"""What follows from events: timers, alerts that climb, and rights that begin and end."""

from typing import Any

import pytest

from factories.timers import pass_time
from factories.world import TestWorld
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.events import CallField, Disposition
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear

HOUR_S = 3600
UNIT = Identity(
    orgs=("unit:A-01",), topics=("call", "incident", "mission", "patient", "handover", "unit")
)
HOSPITAL = Identity(orgs=("hospital:h1",), topics=TOPICS[Role.HOSPITAL])


async def state_of(world: TestWorld, stream: str) -> Any:
    found = (await world.journal.load([stream], SYSTEM)).get(stream)
    return fold(stream, found.events) if found else None


async def alert_of(world: TestWorld, ident: str) -> Alert | None:
    found = await state_of(world, f"alert:{ident}")
    assert found is None or isinstance(found, Alert)
    return found


async def may_read(world: TestWorld, identity: Identity, *streams: str) -> set[str]:
    return set(await world.journal.load(streams, identity))


async def dispatched(world: TestWorld) -> tuple[str, str, str]:
    """(call, incident, mission)"""
    await world.list_unit()
    call_id, incident_id = await world.open_incident()
    return call_id, incident_id, await world.assign(incident_id)


# ---- calls


async def test_a_call_that_rings_too_long_alerts_every_seat() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    await pass_time(world, world.facts.limits.ring_s - 1)
    assert await alert_of(world, "ring_unanswered.c1") is None
    await pass_time(world, 1)
    raised = await alert_of(world, "ring_unanswered.c1")
    assert raised is not None
    assert (raised.owner, raised.state) == ("all", AlertState.OPEN)
    await world.accept(c.Answer(call_id="c1"))
    await pass_time(world, 0)
    resolved = await alert_of(world, "ring_unanswered.c1")
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED


async def test_an_answered_call_raises_nothing() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    await world.accept(c.Answer(call_id="c1"))
    await pass_time(world, HOUR_S)
    assert await alert_of(world, "ring_unanswered.c1") is None
    assert world.journal.timers == {}


async def test_an_abandoned_call_stays_an_alert_until_somebody_rang_back() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    await world.accept(c.Abandon(call_id="c1"))
    await world.accept(c.RingBack(call_id="c1", reached=False))
    await pass_time(world, HOUR_S)
    raised = await alert_of(world, "call_abandoned.c1")
    assert raised is not None
    assert raised.state is AlertState.OPEN
    await world.accept(c.RingBack(call_id="c1", reached=True))
    await pass_time(world, 0)
    resolved = await alert_of(world, "call_abandoned.c1")
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED
    call = await state_of(world, "call:c1")
    assert isinstance(call, Call)
    assert (call.owner, call.ring_backs) == ("03", 2)


async def test_a_call_answered_in_the_moment_it_was_abandoned_leaves_no_alert() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    await world.accept(c.Abandon(call_id="c1"))
    await world.accept(c.Answer(call_id="c1"))
    await pass_time(world, HOUR_S)
    assert await alert_of(world, "call_abandoned.c1") is None


# ---- the clock of a level


async def test_a_level_without_a_unit_alerts_its_seat_and_a_unit_resolves_it() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    await world.answer(incident_id, "massive_bleed", answer=True)
    incident = await state_of(world, f"incident:{incident_id}")
    assert isinstance(incident, Incident)
    assert incident.level is not None
    target_s = world.facts.triage.dispatch_target_s(incident.level)
    assert target_s is not None
    await pass_time(world, target_s)
    raised = await alert_of(world, f"not_dispatched.{incident_id}")
    assert raised is not None
    assert (raised.owner, raised.details["level"]) == ("03", "R0")
    await world.assign(incident_id)
    await pass_time(world, 0)
    resolved = await alert_of(world, f"not_dispatched.{incident_id}")
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED


async def test_a_reopened_case_has_its_time_again() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.answer(incident_id, "massive_bleed", answer=True)
    target_s = world.facts.triage.dispatch_target_s("R0")
    assert target_s is not None
    await pass_time(world, target_s)
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="mistake"))
    await pass_time(world, 0)
    alert_id = f"not_dispatched.{incident_id}"
    over = await alert_of(world, alert_id)
    assert over is not None
    assert over.state is AlertState.RESOLVED
    await world.accept(c.ReopenIncident(incident_id=incident_id, reason="same patient"))
    await pass_time(world, target_s - 1)
    assert await alert_of(world, alert_id) == over
    await pass_time(world, 1)
    again = await alert_of(world, alert_id)
    assert again is not None
    assert (again.state, again.owner) == (AlertState.OPEN, "03")
    assert again.raised_ms > over.raised_ms


async def test_an_activated_reservation_stops_the_clock_of_the_level() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    reserve = c.Reserve(mission_id="m1", incident_id=incident_id, unit_id="A-01", due_ms=1)
    await world.accept(reserve)
    await world.answer(incident_id, "massive_bleed", answer=True)
    await world.accept(c.Activate(mission_id="m1"))
    incident = await state_of(world, f"incident:{incident_id}")
    assert isinstance(incident, Incident)
    assert incident.dispatched_ms is not None


async def test_closing_a_case_stops_its_clock() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.answer(incident_id, "massive_bleed", answer=True)
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="dead line"))
    await pass_time(world, HOUR_S)
    assert await alert_of(world, f"not_dispatched.{incident_id}") is None


# ---- the watch over a run


async def test_an_unacknowledged_dispatch_climbs_from_seat_to_supervisor_to_all() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    limits = world.facts.limits
    ident = f"not_acknowledged.{mission_id}"
    await pass_time(world, limits.acknowledge_s)
    owners = []
    for _ in range(4):
        raised = await alert_of(world, ident)
        assert raised is not None
        assert raised.state is AlertState.OPEN
        owners.append(raised.owner)
        await pass_time(world, limits.escalate_s["1"])
    assert owners == ["03", "supervisor", "all", "all"]


async def test_an_acknowledged_alert_climbs_no_further_and_stands_until_its_cause_ends() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    limits = world.facts.limits
    ident = f"not_acknowledged.{mission_id}"
    await pass_time(world, limits.acknowledge_s)
    await world.accept(c.AcknowledgeAlert(alert_id=ident), actor="person-9")
    await pass_time(world, 10 * limits.escalate_s["1"])
    seen = await alert_of(world, ident)
    assert seen is not None
    assert (seen.owner, seen.state, seen.acknowledged_by) == (
        "03",
        AlertState.ACKNOWLEDGED,
        "person-9",
    )
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    await pass_time(world, 0)
    resolved = await alert_of(world, ident)
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED


async def test_acknowledging_leaves_the_watch_over_departure() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    await pass_time(world, world.facts.limits.depart_s)
    assert await alert_of(world, f"not_acknowledged.{mission_id}") is None
    late = await alert_of(world, f"not_departed.{mission_id}")
    assert late is not None
    await world.reach(mission_id, Milestone.DEPARTED)
    await pass_time(world, 0)
    resolved = await alert_of(world, f"not_departed.{mission_id}")
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED


@pytest.mark.parametrize("how", ["departed", "stood_down", "diverted"])
async def test_a_run_that_moves_or_ends_is_watched_no_longer(how: str) -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    match how:
        case "departed":
            await world.reach(mission_id, Milestone.DEPARTED)
        case "stood_down":
            await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
        case _:
            _, other = await world.open_incident()
            await world.accept(
                c.Divert(mission_id=mission_id, new_mission_id="m2", incident_id=other)
            )
    await pass_time(world, HOUR_S)
    assert await alert_of(world, f"not_acknowledged.{mission_id}") is None
    assert await alert_of(world, f"not_departed.{mission_id}") is None


async def test_a_task_and_its_end_are_told_to_the_vehicle_terminal() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    texts = [e.body for e in world.journal.effects.values() if e.kind == "terminal_text"]
    assert [(t["unit_id"], t["text"]) for t in texts] == [("A-01", "task"), ("A-01", "stand_down")]


async def test_of_a_reservation_its_vehicle_is_told_nothing() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    reserve = c.Reserve(mission_id="m1", incident_id=incident_id, unit_id="A-01", due_ms=1)
    await world.accept(reserve)
    await world.accept(c.StandDown(mission_id="m1", reason="cancelled"))
    assert not [e for e in world.journal.effects.values() if e.kind == "terminal_text"]


async def test_an_activated_run_is_of_the_seat_that_sent_it() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    reserve = c.Reserve(mission_id="m1", incident_id=incident_id, unit_id="A-01", due_ms=1)
    await world.accept(reserve)
    await world.accept(c.Activate(mission_id="m1"), seat="07")
    run = await state_of(world, "mission:m1")
    assert run.seat == "07"


@pytest.mark.parametrize("before_s", [0, HOUR_S])
async def test_a_run_whose_departure_was_a_mistake_is_watched_again(before_s: int) -> None:
    """Also where its time had been over before the mistake was taken back."""
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    await pass_time(world, before_s)
    await world.reach(mission_id, Milestone.DEPARTED)
    await pass_time(world, 1)
    await world.accept(c.UndoMilestone(mission_id=mission_id, milestone=Milestone.DEPARTED))
    await pass_time(world, world.facts.limits.depart_s)
    for ident in (f"not_acknowledged.{mission_id}", f"not_departed.{mission_id}"):
        found = await alert_of(world, ident)
        assert found is not None
        assert found.state is AlertState.OPEN


async def test_an_undone_departure_leaves_the_acknowledgement_alone() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    await world.accept(c.UndoMilestone(mission_id=mission_id, milestone=Milestone.DEPARTED))
    await pass_time(world, HOUR_S)
    assert await alert_of(world, f"not_acknowledged.{mission_id}") is None
    assert await alert_of(world, f"not_departed.{mission_id}") is not None


# ---- rights


async def test_a_vehicle_reads_its_task_until_some_hours_after_the_run() -> None:
    world = TestWorld()
    call_id, incident_id, mission_id = await dispatched(world)
    task = {f"call:{call_id}", f"incident:{incident_id}", f"mission:{mission_id}"}
    assert await may_read(world, UNIT, *task) == task
    await world.reach(mission_id, *Milestone)
    hours = world.facts.limits.grant_after_run_h
    await pass_time(world, hours * HOUR_S - 1)
    assert f"incident:{incident_id}" in await may_read(world, UNIT, *task)
    await pass_time(world, 1)
    assert await may_read(world, UNIT, f"incident:{incident_id}", f"mission:{mission_id}") == set()


async def test_every_right_of_a_vehicle_ends_after_the_run() -> None:
    world = TestWorld()
    await world.list_hospital()
    call_id, _, mission_id = await dispatched(world)
    patient_id, handover_id = await world.prealert(mission_id)
    await world.reach(mission_id, *Milestone)
    await pass_time(world, world.facts.limits.grant_after_run_h * HOUR_S)
    case = (f"call:{call_id}", f"patient:{patient_id}", f"handover:{handover_id}")
    assert await may_read(world, UNIT, *case) == set()


async def prealerted(world: TestWorld) -> tuple[str, set[str]]:
    """(handover, the streams that its hospital may read)"""
    await world.list_hospital()
    _, incident_id, mission_id = await dispatched(world)
    assert await may_read(world, HOSPITAL, f"mission:{mission_id}") == set()
    patient_id, handover_id = await world.prealert(mission_id)
    return handover_id, {
        f"incident:{incident_id}",
        f"mission:{mission_id}",
        f"patient:{patient_id}",
        f"handover:{handover_id}",
    }


async def test_a_hospital_reads_the_case_from_the_pre_alert_but_never_the_call() -> None:
    world = TestWorld()
    _, streams = await prealerted(world)
    assert await may_read(world, HOSPITAL, *streams) == streams
    calls = {s for s in world.journal.streams if s.startswith("call:")}
    assert calls
    assert await may_read(world, HOSPITAL, *calls) == set()


async def test_a_hospital_reads_on_for_72_hours_after_the_hand_over() -> None:
    world = TestWorld()
    handover_id, streams = await prealerted(world)
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name="李卫"))
    await pass_time(world, 72 * HOUR_S - 1)
    assert await may_read(world, HOSPITAL, *streams) == streams
    await pass_time(world, 1)
    assert await may_read(world, HOSPITAL, *streams) == set()


@pytest.mark.parametrize("how", [c.DeclinePreAlert, c.WithdrawPreAlert])
async def test_a_hospital_reads_nothing_5_seconds_after_a_re_routing(how: Any) -> None:
    world = TestWorld()
    handover_id, streams = await prealerted(world)
    await world.accept(how(handover_id=handover_id, reason="no bed"))
    await pass_time(world, 5)
    assert await may_read(world, HOSPITAL, *streams) == set()


@pytest.mark.parametrize("answered", [False, True])
async def test_a_hospital_that_is_left_is_told_until_it_has_seen_it(answered: bool) -> None:
    world = TestWorld()
    handover_id, streams = await prealerted(world)
    if answered:
        await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="2"))
    await world.accept(c.WithdrawPreAlert(handover_id=handover_id, reason="other_hospital"))
    await pass_time(world, 5)
    ident = f"not_coming.{handover_id}"
    # Of the case it reads nothing any more, and the alert names nobody.
    assert await may_read(world, HOSPITAL, *streams, f"alert:{ident}") == {f"alert:{ident}"}
    assert (
        await may_read(
            world, Identity(orgs=("hospital:h2",), topics=HOSPITAL.topics), f"alert:{ident}"
        )
        == set()
    )
    told = await alert_of(world, ident)
    assert told is not None
    assert (told.state, told.owner, told.incident_id) == (AlertState.OPEN, "@hospital:h1", "")
    assert told.details == {"call_sign": "A-01", "hospital_id": "h1", "reason": "other_hospital"}
    await world.accept(c.AcknowledgeAlert(alert_id=ident), HOSPITAL, role="hospital")
    await pass_time(world, 0)
    told = await alert_of(world, ident)
    assert told is not None
    assert told.state is AlertState.RESOLVED


async def test_a_reason_in_ones_own_words_may_name_the_patient_and_is_not_told() -> None:
    world = TestWorld()
    handover_id, _ = await prealerted(world)
    await world.accept(c.WithdrawPreAlert(handover_id=handover_id, reason="周建明 refuses"))
    await pass_time(world, 5)
    told = await alert_of(world, f"not_coming.{handover_id}")
    assert told is not None
    assert told.details["reason"] == ""


async def test_a_hospital_that_has_not_seen_it_is_rung_up_by_the_supervisor() -> None:
    world = TestWorld()
    handover_id, _ = await prealerted(world)
    await world.accept(c.WithdrawPreAlert(handover_id=handover_id, reason="other_hospital"))
    await pass_time(world, world.facts.limits.escalate_s["3"])
    told = await alert_of(world, f"not_coming.{handover_id}")
    assert told is not None
    assert (told.state, told.owner) == (AlertState.OPEN, "supervisor")


async def test_a_hospital_that_declined_knows_it() -> None:
    world = TestWorld()
    handover_id, _ = await prealerted(world)
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no bed"))
    await pass_time(world, 5)
    assert await alert_of(world, f"not_coming.{handover_id}") is None


async def two_at_one_hospital(world: TestWorld) -> tuple[list[str], list[set[str]], set[str]]:
    """(hand-overs, what is each patient's alone, what they share)"""
    await world.list_hospital()
    _, incident_id, mission_id = await dispatched(world)
    pairs = [await world.prealert(mission_id) for _ in range(2)]
    own = [{f"patient:{patient}", f"handover:{handover}"} for patient, handover in pairs]
    return [h for _, h in pairs], own, {f"incident:{incident_id}", f"mission:{mission_id}"}


async def test_a_patient_sent_elsewhere_takes_no_right_from_the_one_who_still_comes() -> None:
    world = TestWorld()
    (first, second), (of_first, of_second), shared = await two_at_one_hospital(world)
    await world.accept(c.DeclinePreAlert(handover_id=first, reason="no bed"))
    await pass_time(world, 5)
    assert await may_read(world, HOSPITAL, *of_first) == set()
    still = of_second | shared
    assert await may_read(world, HOSPITAL, *still) == still
    await world.accept(c.WithdrawPreAlert(handover_id=second, reason="the other one too"))
    await pass_time(world, 5)
    assert await may_read(world, HOSPITAL, *still) == set()


async def test_a_patient_sent_elsewhere_does_not_shorten_what_a_hand_over_gives() -> None:
    world = TestWorld()
    (first, second), (_, of_second), shared = await two_at_one_hospital(world)
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=second, side=side, name="李卫"))
    await world.accept(c.WithdrawPreAlert(handover_id=first, reason="no bed"))
    still = of_second | shared
    await pass_time(world, 72 * HOUR_S - 1)
    assert await may_read(world, HOSPITAL, *still) == still
    await pass_time(world, 1)
    assert await may_read(world, HOSPITAL, *still) == set()


async def test_who_acknowledges_what_was_kept_aside_has_looked_and_that_ends_it() -> None:
    world = TestWorld()
    for code in ("set_aside", "not_departed"):
        raised = c.RaiseAlert(
            alert_id=code, code=code, priority=2, subject=f"alert:{code}", incident_id="",
            owner="01", details={},
        )  # fmt: skip
        await world.accept(raised)
        await world.accept(c.AcknowledgeAlert(alert_id=code))
    await pass_time(world, 0)
    looked_at, other = await alert_of(world, "set_aside"), await alert_of(world, "not_departed")
    assert looked_at is not None
    assert looked_at.state is AlertState.RESOLVED
    assert other is not None
    assert other.state is AlertState.ACKNOWLEDGED


async def test_silence_of_a_hospital_is_an_alert_and_its_answer_ends_it() -> None:
    world = TestWorld()
    handover_id, _ = await prealerted(world)
    await pass_time(world, world.facts.limits.prealert_s)
    ident = f"prealert_unanswered.{handover_id}"
    raised = await alert_of(world, ident)
    assert raised is not None
    assert (raised.owner, raised.priority) == ("all", 2)
    await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="2"))
    await pass_time(world, 0)
    resolved = await alert_of(world, ident)
    assert resolved is not None
    assert resolved.state is AlertState.RESOLVED


def to_another(world: TestWorld, mission_id: str, patient_id: str) -> c.PreAlert:
    return c.PreAlert(
        handover_id=world.new_id(),
        mission_id=mission_id,
        patient_id=patient_id,
        hospital_id="h1",
        tier=Tier.ALERT,
    )


async def test_a_declined_pre_alert_is_an_alert_with_its_reason() -> None:
    world = TestWorld()
    await world.list_hospital()
    _, _, mission_id = await dispatched(world)
    patient_id, handover_id = await world.prealert(mission_id)
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no bed"))
    await pass_time(world, 0)
    raised = await alert_of(world, f"prealert_declined.{patient_id}")
    assert raised is not None
    assert (raised.owner, raised.details["reason"]) == ("all", "no bed")

    # Another hospital's yes settles it.
    again = to_another(world, mission_id, patient_id)
    await world.accept(again)
    await world.accept(c.AcknowledgePreAlert(handover_id=again.handover_id, name="韩晓", bay="2"))
    await pass_time(world, 0)
    settled = await alert_of(world, f"prealert_declined.{patient_id}")
    assert settled is not None
    assert settled.state is AlertState.RESOLVED


async def test_each_no_asks_again_and_a_hand_over_settles_all() -> None:
    world = TestWorld()
    await world.list_hospital()
    _, _, mission_id = await dispatched(world)
    patient_id, first = await world.prealert(mission_id)
    alert_id = f"prealert_declined.{patient_id}"
    await world.accept(c.DeclinePreAlert(handover_id=first, reason="no bed"))
    await pass_time(world, 0)
    await world.accept(c.AcknowledgeAlert(alert_id=alert_id))

    second = to_another(world, mission_id, patient_id)
    await world.accept(second)
    await world.accept(c.DeclinePreAlert(handover_id=second.handover_id, reason="no theatre"))
    await pass_time(world, 0)
    again = await alert_of(world, alert_id)
    assert again is not None
    assert (again.state, again.details["reason"]) == (AlertState.OPEN, "no theatre")

    third = to_another(world, mission_id, patient_id)
    await world.accept(third)
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=third.handover_id, side=side, name="李卫"))
    await pass_time(world, 0)
    settled = await alert_of(world, alert_id)
    assert settled is not None
    assert settled.state is AlertState.RESOLVED


async def test_a_no_troubles_nobody_when_the_run_is_over() -> None:
    world = TestWorld()
    await world.list_hospital()
    _, _, mission_id = await dispatched(world)
    patient_id, handover_id = await world.prealert(mission_id)
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no bed"))
    await pass_time(world, 0)
    await world.reach(mission_id, Milestone.CLEARED)
    await pass_time(world, 0)
    settled = await alert_of(world, f"prealert_declined.{patient_id}")
    assert settled is not None
    assert settled.state is AlertState.RESOLVED


@pytest.mark.parametrize("how", ["cancelled", "diverted", "relieved"])
async def test_a_hospital_waits_for_nobody_once_the_run_is_called_off(how: str) -> None:
    world = TestWorld()
    await world.list_hospital()
    _, _, mission_id = await dispatched(world)
    unanswered = await world.prealert(mission_id)
    awaited = await world.prealert(mission_id)
    declined = await world.prealert(mission_id)
    await world.accept(c.AcknowledgePreAlert(handover_id=awaited[1], name="韩晓", bay="2"))
    await world.accept(c.DeclinePreAlert(handover_id=declined[1], reason="no bed"))
    await pass_time(world, world.facts.limits.prealert_s)
    await call_off(world, how, mission_id)
    await pass_time(world, 0)
    ended = [await state_of(world, f"handover:{one[1]}") for one in (unanswered, awaited, declined)]
    assert [(one.state, one.reason) for one in ended] == [
        ("withdrawn", how),
        ("withdrawn", how),
        ("declined", "no bed"),
    ]
    for ident in (unanswered[1], awaited[1]):
        told = await alert_of(world, f"not_coming.{ident}")
        assert told is not None
        assert told.details["reason"] == how
    for ident in (f"prealert_unanswered.{unanswered[1]}", f"prealert_declined.{declined[0]}"):
        alert = await alert_of(world, ident)
        assert alert is not None
        assert alert.state is AlertState.RESOLVED


@pytest.mark.parametrize("loaded", [None, "before", "late"])
@pytest.mark.parametrize("undone", [False, True])
async def test_a_hospital_waits_for_nobody_once_a_run_ended_that_took_nobody(
    loaded: str | None, *, undone: bool
) -> None:
    world = TestWorld()
    await world.list_hospital()
    _, _, mission_id = await dispatched(world)
    _, handover_id = await world.prealert(mission_id)
    if loaded == "before":
        await world.reach(mission_id, Milestone.LOADED)
    await world.reach(mission_id, Milestone.CLEARED)
    if loaded == "late":
        late = c.Reach(
            mission_id=mission_id,
            milestone=Milestone.LOADED,
            source=Source.CREW,
            at_ms=world.clock.now_ms(),
        )
        await world.accept(late)
    if undone:
        await world.accept(c.UndoMilestone(mission_id=mission_id, milestone=Milestone.CLEARED))
    await pass_time(world, 0)
    assert (await state_of(world, f"handover:{handover_id}")).state == "sent"

    await pass_time(world, world.facts.limits.undo_s)
    waits = undone or loaded is not None
    ended = await state_of(world, f"handover:{handover_id}")
    assert (ended.state, ended.reason) == (("sent", "") if waits else ("withdrawn", "not_brought"))
    told = await alert_of(world, f"not_coming.{handover_id}")
    assert (told is None) == waits


async def call_off(world: TestWorld, how: str, mission_id: str) -> None:
    match how:
        case "diverted":
            _, other = await world.open_incident()
            await world.accept(
                c.Divert(mission_id=mission_id, new_mission_id=world.new_id(), incident_id=other)
            )
        case "relieved":
            await world.list_unit("B-02")
            await world.accept(
                c.Relieve(mission_id=mission_id, new_mission_id=world.new_id(), unit_id="B-02")
            )
        case _:
            await world.accept(c.StandDown(mission_id=mission_id, reason=how))


async def test_a_hand_over_that_was_signed_is_not_withdrawn_with_the_run() -> None:
    world = TestWorld()
    handover_id, _ = await prealerted(world)
    run = await state_of(world, f"handover:{handover_id}")
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name="李卫"))
    await world.accept(c.StandDown(mission_id=run.mission_id, reason="mistake"))
    await pass_time(world, 0)
    assert (await state_of(world, f"handover:{handover_id}")).state == "handed_over"


# ---- who chooses the hospital


async def test_the_crews_later_choice_of_a_hospital_stands_over_the_desks() -> None:
    world = TestWorld()
    _, _, mission_id = await dispatched(world)
    for hospital_id in ("h1", "h2"):
        await world.list_hospital(hospital_id)
    desk = c.SetDestination(mission_id=mission_id, hospital_id="h1", reason="专科")
    await world.accept(desk)
    crew = c.SetDestination(mission_id=mission_id, hospital_id="h2")
    await world.accept(crew, role="crew")
    run = await state_of(world, f"mission:{mission_id}")
    assert run.destination_id == "h2"


# ---- joins and the identity of a deed


async def test_a_joined_call_becomes_part_of_the_case_and_ends_as_a_duplicate() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(c.Ring(call_id="c2", number=Clear(text="137"), line="typed"))
    await world.accept(c.Answer(call_id="c2"))
    await world.accept(c.JoinCall(incident_id=incident_id, call_id="c2"))
    call = await state_of(world, "call:c2")
    incident = await state_of(world, f"incident:{incident_id}")
    assert isinstance(call, Call)
    assert isinstance(incident, Incident)
    assert (call.incident_id, call.disposition) == (incident_id, Disposition.DUPLICATE)
    assert incident.calls[1:] == ("c2",)


async def test_a_joined_call_that_had_ended_keeps_its_own_disposition() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(c.Ring(call_id="c2", number=Clear(text="137"), line="typed"))
    await world.accept(c.Answer(call_id="c2"))
    await world.accept(c.EndCall(call_id="c2", disposition=Disposition.ADVICE))
    await world.accept(c.JoinCall(incident_id=incident_id, call_id="c2"))
    call = await state_of(world, "call:c2")
    assert isinstance(call, Call)
    assert call.disposition is Disposition.ADVICE


async def test_what_a_call_taker_adds_after_the_end_is_still_recorded() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    await world.accept(c.Answer(call_id="c1"))
    await world.accept(c.EndCall(call_id="c1", disposition=Disposition.ADVICE))
    note = c.RecordCallField(call_id="c1", field=CallField.NOTE, value=Clear(text="rang again"))
    await world.accept(note)
    call = await state_of(world, "call:c1")
    assert isinstance(call, Call)
    assert set(call.fields) == {CallField.NOTE}


async def test_an_id_that_is_taken_by_somebody_else_is_refused_and_not_retried_for_ever() -> None:
    world = TestWorld()
    await world.accept(c.Ring(call_id="c1", number=Clear(text="139"), line="typed"))
    elsewhere = Identity(orgs=("county",), topics=("call",))
    ring = c.Ring(call_id="c1", number=Clear(text="138"), line="typed")
    assert await world.send(ring, elsewhere, org="county") == Refused(code="exists")


# ---- what a scene asks


async def test_a_crash_score_reaches_the_desks_and_again_when_it_asks_for_more() -> None:
    world = TestWorld()
    _, incident_id, mission_id = await dispatched(world)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="crash"))
    await pass_time(world, 1)
    ident = f"scene_asks.{patient_id}"
    # Nobody has answered anything: nothing is asked of anybody.
    assert await alert_of(world, ident) is None

    async def say(item: str, value: Any) -> None:
        await world.accept(
            c.WriteField(
                patient_id=patient_id,
                write_id=world.new_id(),
                field=f"crash.{item}",
                value=value,
            )
        )
        await pass_time(world, 1)

    await say("injured_count", 1)
    first = await alert_of(world, ident)
    assert first is not None
    assert (first.state, first.priority, first.owner) == (AlertState.OPEN, 2, "all")
    assert first.incident_id == incident_id
    assert (first.details["level"], first.details["who"]) == ("R3", "police")

    await say("trapped", True)
    second = await alert_of(world, ident)
    assert second is not None
    assert (second.state, second.priority) == (AlertState.OPEN, 1)
    assert (second.details["level"], second.details["who"]) == ("R1", "police,fire")
    assert second.details["actions"] == "police,fire"

    await world.accept(c.AcknowledgeAlert(alert_id=ident))
    await pass_time(world, 1)
    # Another answer that asks nothing more troubles nobody.
    await say("vehicles_count", 2)
    seen = await alert_of(world, ident)
    assert seen is not None
    assert seen.state is AlertState.RESOLVED
    assert seen.acknowledged_by

    await say("injured_count", 4)
    grown = await alert_of(world, ident)
    assert grown is not None
    assert grown.state is AlertState.OPEN
    assert grown.details["who"] == "centre,police,fire"
    assert {"more_units", "supervisor"} <= set(grown.details["actions"].split(","))
