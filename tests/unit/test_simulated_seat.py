"""A simulated dispatcher that was restarted in mid-call goes on with what is on the screen."""

import asyncio
from random import Random  # noqa: TID251 (a seed fixes the test)

import msgspec
import pytest

from factories.virtual import small_city, virtual_city
from goldenhour.app.access import Principal, Role
from goldenhour.domain import commands as c
from goldenhour.domain.intake.incident import Location
from goldenhour.kernel.condition import UNKNOWN
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.main.register import CENTRE
from goldenhour.main.virtual_city import START_MS
from goldenhour.simulator.caller import LINE
from goldenhour.simulator.crowd import VirtualOffice
from goldenhour.simulator.seat import SeatConfig, SeatMind
from goldenhour.simulator.virtual import VirtualCity
from goldenhour.views.rows import CallRow, IncidentRow, UnitRow

SEAT = "01"
PLACE = Location(label="学府路 ±150 m", lat=small_city().centre.lat, lon=small_city().centre.lon)


def office(city: VirtualCity, role: Role, seat: str) -> VirtualOffice:
    principal = Principal(
        person_id=f"sim-{seat}",
        name=seat,
        role=role,
        org=CENTRE,
        seat=seat,
        unit_id="",
        hospital_id="",
    )
    return VirtualOffice(city, principal)


def city_with_a_call_in_hand(*said: c.Command, place: Location | None = PLACE) -> VirtualCity:
    """A city whose only call was answered by a dispatcher who then said this, and forgot it all."""
    city = virtual_city(seats=0, calls_per_day=1e-6)
    city.run(START_MS + SECOND_MS)
    location = Clear(text=msgspec.json.encode(place).decode()) if place else None
    ring = c.Ring(call_id="c1", number=Clear(text="10000000001"), line=LINE, location=location)
    desk = office(city, Role.DISPATCHER, SEAT)
    asyncio.run(office(city, Role.GATEWAY, LINE).send(ring))
    for command in (c.Answer(call_id="c1"), *said):
        asyncio.run(desk.send(command))
    return city


def work(city: VirtualCity, most: int = 1_000) -> None:
    """All that a new mind at that seat finds to do now, or so many things of it."""
    config = SeatConfig(seat=SEAT, courtesy_s=0, seed=1)
    protocol = city.setup.facts.triage.protocol
    mind = SeatMind(config, {}, protocol, city.setup.habits, Random(1))
    desk = office(city, Role.DISPATCHER, SEAT)
    desk.principal = msgspec.structs.replace(desk.principal, person_id="sim-again")
    while most and (due := mind.find_next(city.sight.live, city.clock.at_ms)):
        asyncio.run(mind.do(due, city.sight.live, desk))
        most -= 1


def end_of_call(city: VirtualCity) -> str:
    (row,) = city.sight.live.list_rows(CallRow)
    assert row.state == "ended"
    return row.disposition


@pytest.mark.parametrize("opened", [False, True])
def test_a_call_in_hand_gets_its_case_and_a_unit(opened: bool) -> None:
    said = (c.OpenIncident(incident_id="i1", call_id="c1"),) if opened else ()
    city = city_with_a_call_in_hand(*said)
    work(city)
    (incident,) = city.sight.live.list_rows(IncidentRow)
    assert incident.calls == ("c1",)
    assert (incident.id == "i1") == opened
    assert (incident.location, incident.location_source) == (PLACE, "operator")
    assert incident.topic == "unknown"
    answers = [answer for card in incident.answers.values() for answer in card.values()]
    assert answers
    assert set(answers) == {UNKNOWN}
    assert len(incident.missions) == 1
    assert end_of_call(city) == "incident"
    city.run(city.clock.at_ms + 20 * MINUTE_MS)
    assert any(e.kind == "handover.prealerted.v1" for e in city.journal.feed)


def test_what_was_known_before_is_kept() -> None:
    city = city_with_a_call_in_hand(
        c.OpenIncident(incident_id="i1", call_id="c1"),
        c.SetComplaint(incident_id="i1", topic="stroke"),
        c.AnswerQuestion(incident_id="i1", card="entry", question="breathing_normal", answer=True),
    )
    work(city)
    (incident,) = city.sight.live.list_rows(IncidentRow)
    assert incident.topic == "stroke"
    assert incident.answers["entry"]["breathing_normal"] is True
    assert len(incident.missions) == 1


@pytest.mark.parametrize(("opened", "known"), [(False, "no_contact"), (True, "incident")])
def test_a_call_without_any_place_is_ended(opened: bool, known: str) -> None:
    said = (c.OpenIncident(incident_id="i1", call_id="c1"),) if opened else ()
    city = city_with_a_call_in_hand(*said, place=None)
    work(city)
    assert len(city.sight.live.list_rows(IncidentRow)) == opened
    assert end_of_call(city) == known


def test_a_case_that_another_seat_has_touched_is_not_taken_up() -> None:
    city = city_with_a_call_in_hand(c.OpenIncident(incident_id="i1", call_id="c1"))
    other = office(city, Role.DISPATCHER, "09")
    asyncio.run(other.send(c.SetComplaint(incident_id="i1", topic="stroke")))
    work(city)
    (incident,) = city.sight.live.list_rows(IncidentRow)
    assert (incident.location, incident.missions) == (None, ())
    assert end_of_call(city) == "incident"


def test_a_case_without_a_unit_keeps_nobody_from_the_next_call() -> None:
    city = city_with_a_call_in_hand(c.OpenIncident(incident_id="i1", call_id="c1"))
    for unit in city.sight.live.list_rows(UnitRow):
        city.say(c.SetDuty(unit_id=unit.id, on_duty=False, crew=()), org=f"unit:{unit.id}")
    caller = office(city, Role.GATEWAY, LINE)
    caller.principal = msgspec.structs.replace(caller.principal, person_id="sim-caller-again")
    asyncio.run(caller.send(c.Ring(call_id="c2", number=Clear(text="10000000002"), line=LINE)))
    asyncio.run(caller.send(c.Abandon(call_id="c2")))
    work(city, most=60)
    rows = {row.id: row for row in city.sight.live.list_rows(CallRow)}
    assert rows["c2"].ring_backs
    (incident,) = city.sight.live.list_rows(IncidentRow)
    assert incident.missions == ()
