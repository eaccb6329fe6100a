"""Whatever a person has begun, the simulated people beside them leave alone."""

import asyncio
from collections.abc import Callable

from factories.virtual import virtual_city
from goldenhour.app.access import Principal, Role
from goldenhour.app.journal import Envelope
from goldenhour.domain import commands as c
from goldenhour.kernel.time import HOUR_MS, SECOND_MS
from goldenhour.main.register import CENTRE
from goldenhour.main.virtual_city import START_MS
from goldenhour.simulator.crowd import VirtualOffice
from goldenhour.simulator.virtual import VirtualCity
from goldenhour.views.rows import HandoverRow, IncidentRow

PERSON = "person-09"


def person(city: VirtualCity, role: Role, org: str, *, hospital_id: str = "") -> VirtualOffice:
    principal = Principal(
        person_id=PERSON,
        name="周敏",
        role=role,
        org=org,
        seat="09",
        unit_id="",
        hospital_id=hospital_id,
    )
    return VirtualOffice(city, principal)


def run_until(city: VirtualCity, found: Callable[[], bool]) -> None:
    for second in range(1, 4 * 3600):
        city.run(START_MS + second * SECOND_MS)
        if found():
            return
    raise AssertionError("it never came to that")


def said(city: VirtualCity, stream: str, after: int, role: str) -> list[Envelope]:
    """What simulated people of a role said on a stream from a version on."""
    events = city.journal.streams[stream]
    return [e for e in events if e.version > after and e.role == role and e.actor != PERSON]


def test_a_case_that_another_seat_has_touched_is_left_to_it() -> None:
    city = virtual_city(seats=1)
    run_until(city, lambda: bool(city.sight.live.list_rows(IncidentRow)))
    (incident,) = city.sight.live.list_rows(IncidentRow)
    desk = person(city, Role.DISPATCHER, CENTRE)
    told = asyncio.run(desk.send(c.SetComplaint(incident_id=incident.id, topic="stroke")))
    stream = f"incident:{incident.id}"
    version = told.versions[stream]  # type: ignore[union-attr] # a refusal would fail here
    city.run(city.clock.at_ms + HOUR_MS)
    assert said(city, stream, version, "dispatcher") == []


def test_a_pre_alert_that_a_person_has_taken_is_signed_by_nobody_else() -> None:
    city = virtual_city()

    def waiting() -> list[HandoverRow]:
        return [r for r in city.sight.live.list_rows(HandoverRow) if r.state == "sent"]

    run_until(city, lambda: bool(waiting()))
    (row, *_) = waiting()
    ward = person(city, Role.HOSPITAL, f"hospital:{row.hospital_id}", hospital_id=row.hospital_id)
    taken = c.AcknowledgePreAlert(handover_id=row.id, name="王立群", bay="1")
    told = asyncio.run(ward.send(taken))
    stream = f"handover:{row.id}"
    version = told.versions[stream]  # type: ignore[union-attr] # as above
    city.run(city.clock.at_ms + 2 * HOUR_MS)
    assert said(city, stream, version, "hospital") == []


def test_without_a_person_the_same_pre_alert_is_answered_and_signed() -> None:
    city = virtual_city()
    city.run(START_MS + 3 * HOUR_MS)
    signed = [e for e in city.journal.feed if e.kind == "handover.signed.v1"]
    assert any(e.role == "hospital" for e in signed)
