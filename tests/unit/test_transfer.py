"""A case goes from seat to seat and from centre to centre, with what it is warned of."""

from typing import Any

import pytest

from factories.timers import pass_time
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.case.streams import decode_event
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused

CITY: dict[str, Any] = {"org": "centre", "seat": "03"}
COLLEAGUE: dict[str, Any] = {"org": "centre", "seat": "05"}
COUNTY: dict[str, Any] = {"org": "county", "seat": "03"}
"""A seat of the same name at another centre."""
TOPICS = ("call", "incident", "mission", "patient", "handover", "alert", "unit")
COUNTY_READS = Identity(orgs=("county",), topics=TOPICS)


async def state_of(world: TestWorld, stream: str) -> Any:
    found = (await world.journal.load([stream], SYSTEM)).get(stream)
    return fold(stream, found.events) if found else None


async def case_of(world: TestWorld, incident_id: str) -> Incident:
    found = await state_of(world, f"incident:{incident_id}")
    assert isinstance(found, Incident)
    return found


async def alert_of(world: TestWorld, ident: str) -> Alert | None:
    found = await state_of(world, f"alert:{ident}")
    assert found is None or isinstance(found, Alert)
    return found


async def reads(world: TestWorld, *streams: str) -> set[str]:
    return set(await world.journal.load(streams, COUNTY_READS))


def to_county(incident_id: str, **changes: Any) -> c.OfferCase:
    given: dict[str, Any] = {"org": "county", "org_name": "县分中心", "reason": "辖区"}
    return c.OfferCase(incident_id=incident_id, **(given | changes))


async def test_nobody_lets_go_before_somebody_has_it() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    case = await case_of(world, incident_id)
    assert (case.org, case.seat) == ("centre", "03")
    assert case.offer is not None
    assert case.offer.is_to("county", "09")
    await world.accept(c.TakeCase(incident_id=incident_id, org_name="县分中心"), **COUNTY)
    case = await case_of(world, incident_id)
    assert (case.org, case.seat, case.offer) == ("county", "03", None)
    assert case.centres == ("centre", "county")


async def test_who_is_asked_reads_the_whole_case_and_what_begins_in_it() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    call_id, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    streams = (f"incident:{incident_id}", f"call:{call_id}", f"mission:{mission_id}")
    assert await reads(world, *streams) == set()
    await world.accept(to_county(incident_id), **CITY)
    assert await reads(world, *streams) == set(streams)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    assert await reads(world, f"patient:{patient_id}") == {f"patient:{patient_id}"}
    other_call, other = await world.open_incident()
    assert await reads(world, f"incident:{other}", f"call:{other_call}") == set()


@pytest.mark.parametrize("end", ["declined", "withdrawn", "taken by a colleague"])
async def test_who_did_not_take_it_reads_it_no_more(end: str) -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    ends: dict[str, tuple[c.Command, dict[str, Any]]] = {
        "declined": (c.DeclineCase(incident_id=incident_id, reason="无车"), COUNTY),
        "withdrawn": (c.WithdrawOffer(incident_id=incident_id), CITY),
        "taken by a colleague": (c.TakeCase(incident_id=incident_id, reason="代管"), COLLEAGUE),
    }
    command, stamp = ends[end]
    await world.accept(command, **stamp)
    assert (await case_of(world, incident_id)).offer is None
    await pass_time(world, world.facts.limits.grant_after_reroute_s + 1)
    assert await reads(world, f"incident:{incident_id}") == set()
    again = await world.open_incident()
    assert await reads(world, f"incident:{again[1]}") == set()


async def test_who_is_asked_for_a_case_that_is_closed_is_asked_no_more() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    await pass_time(world, 0)
    asked = await alert_of(world, f"case_offered.{incident_id}.1")
    assert asked is not None
    assert asked.state is AlertState.OPEN
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="重复"), **CITY)
    case = await case_of(world, incident_id)
    assert (case.state, case.offer) == ("closed", None)
    await pass_time(world, world.facts.limits.grant_after_reroute_s + 1)
    asked = await alert_of(world, f"case_offered.{incident_id}.1")
    assert asked is not None
    assert asked.state is AlertState.RESOLVED
    assert await reads(world, f"incident:{incident_id}") == set()


async def test_a_centre_that_has_led_a_case_reads_it_for_good() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    await world.accept(c.TakeCase(incident_id=incident_id), **COUNTY)
    await world.accept(c.TakeCase(incident_id=incident_id, reason="市级接管"), **CITY)
    await world.accept(to_county(incident_id), **CITY)
    await world.accept(c.DeclineCase(incident_id=incident_id, reason="无车"), **COUNTY)
    await pass_time(world, 60)
    assert await reads(world, f"incident:{incident_id}") == {f"incident:{incident_id}"}


async def test_what_is_not_offered_is_taken_for_a_reason_only() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    refused = await world.send(c.TakeCase(incident_id=incident_id, reason=" "), **COLLEAGUE)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("reason_required", "reason")
    silent = await world.send(to_county(incident_id, reason=" "), **CITY)
    assert isinstance(silent, Refused)
    assert (silent.code, silent.field) == ("reason_required", "reason")


async def test_refusals_of_a_case_that_is_offered() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(
        c.OfferCase(incident_id=incident_id, org="centre", seat="05", reason="交班"), **CITY
    )

    async def refusal(command: c.Command, stamp: dict[str, Any]) -> str:
        refused = await world.send(command, **stamp)
        assert isinstance(refused, Refused), refused
        return refused.code

    decline = c.DeclineCase(incident_id=incident_id, reason="忙")
    assert await refusal(to_county(incident_id), CITY) == "offer_stands"
    assert await refusal(decline, CITY) == "not_offered_to_you"
    assert await refusal(decline, COUNTY) == "not_offered_to_you"
    assert await refusal(c.WithdrawOffer(incident_id=incident_id), COUNTY) == "not_your_offer"
    silent = c.DeclineCase(incident_id=incident_id, reason="")
    assert await refusal(silent, COLLEAGUE) == "reason_required"
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="handed_over"), **CITY)
    assert await refusal(c.TakeCase(incident_id=incident_id), COLLEAGUE) == "incident_closed"


async def test_an_offer_is_an_alert_to_whoever_is_asked_and_ends_with_it() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    await pass_time(world, 0)
    raised = await alert_of(world, f"case_offered.{incident_id}.1")
    assert raised is not None
    assert (raised.owner, raised.details["to"]) == ("@county", "县分中心")
    await pass_time(world, world.facts.limits.escalate_s["2"] + 1)
    raised = await alert_of(world, f"case_offered.{incident_id}.1")
    assert raised is not None
    assert raised.owner == "supervisor", "nobody answers"
    await world.accept(c.DeclineCase(incident_id=incident_id, reason="无车"), **COUNTY)
    await pass_time(world, 0)
    ended = await alert_of(world, f"case_offered.{incident_id}.1")
    assert ended is not None
    assert ended.state is AlertState.RESOLVED
    await world.accept(to_county(incident_id), **CITY)
    await pass_time(world, 0)
    assert await alert_of(world, f"case_offered.{incident_id}.2") is not None


async def test_an_offer_that_ends_at_once_leaves_no_alert() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(to_county(incident_id), **CITY)
    await world.accept(c.WithdrawOffer(incident_id=incident_id), **CITY)
    await pass_time(world, 300)
    assert await alert_of(world, f"case_offered.{incident_id}.1") is None


async def test_what_the_case_is_warned_of_goes_with_it() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    limits = world.facts.limits
    await pass_time(world, limits.acknowledge_s + 1)
    warned = await alert_of(world, f"not_acknowledged.{mission_id}")
    assert warned is not None
    assert warned.owner == "03"
    await world.accept(c.TakeCase(incident_id=incident_id, reason="交班"), **COLLEAGUE)
    await pass_time(world, 0)
    moved = await alert_of(world, f"not_acknowledged.{mission_id}")
    assert moved is not None
    assert moved.owner == "05"
    await pass_time(world, limits.depart_s)
    raised = decode_event(world.journal.streams[f"alert:not_departed.{mission_id}"][0].body)
    assert raised.owner == "05", "not the seat that sent the unit"


async def test_a_case_without_a_unit_warns_whoever_leads_it() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    await world.accept(
        c.OverrideLevel(incident_id=incident_id, level=DispatchLevel.R1, reason=""), **CITY
    )
    await world.accept(c.TakeCase(incident_id=incident_id, reason="交班"), **COLLEAGUE)
    target_s = world.facts.triage.dispatch_target_s(DispatchLevel.R1)
    assert target_s is not None
    await pass_time(world, target_s + 1)
    raised = await alert_of(world, f"not_dispatched.{incident_id}")
    assert raised is not None
    assert raised.owner == "05"
