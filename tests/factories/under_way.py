"""A run that a test of a later screen finds under way, brought there by the product's own commands.

Clicks through the desk and to the patient are `test_one_case`'s; to repeat them costs each test a
console that it does not look at.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from factories.put_away import client_at
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Consciousness, GcsParts, Sex
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.intake.events import LocationSource
from goldenhour.domain.intake.incident import Location
from goldenhour.domain.register.city import AddressHit
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.main.demo_names import DEMO_PASSWORD
from goldenhour.simulator.api import ApiClient, Live
from goldenhour.simulator.mind import WebOffice
from goldenhour.views.rows import IncidentRow, MissionRow

ADDRESS = "学府路 6"
ANSWERS = {"conscious": True, "breathing_normal": True, "massive_bleed": False}
TO_THE_PATIENT = (
    Milestone.ACKNOWLEDGED,
    Milestone.DEPARTED,
    Milestone.ON_SCENE,
    Milestone.AT_PATIENT,
)
PATIENT = "周建明"


@dataclass(frozen=True)
class Run:
    number: str
    call_sign: str


async def at_the_patient(centre: str, vehicle: str, ca_file: Path, *, registered: bool) -> Run:
    """`centre`, `vehicle`: where each is reached. `registered`: the patient has a record."""
    async with client_at(centre, ca_file) as desk, client_at(vehicle, ca_file) as crew:
        await desk.login("dispatcher", DEMO_PASSWORD)
        incident_id = await _open_case(desk)
        mission_id, call_sign = await _send_the_first(desk, incident_id)
        number = (await _seen(desk, "board", lambda v: v.find_row(IncidentRow, incident_id))).number
        await crew.login(f"crew-{call_sign.lower()}", DEMO_PASSWORD)
        await _seen(crew, "crew", lambda v: v.find_row(MissionRow, mission_id))
        for one in TO_THE_PATIENT:
            await _do(crew, c.Reach(mission_id=mission_id, milestone=one, source=Source.CREW))
        if registered:
            await _register(crew, mission_id)
    return Run(number, call_sign)


async def _open_case(desk: ApiClient) -> str:
    call_id, incident_id = desk.new_id(), desk.new_id()
    (place,) = await desk.get("/api/address/search", {"q": ADDRESS, "limit": "1"}, list[AddressHit])
    said = Location(label=place.label, lat=place.point.lat, lon=place.point.lon)
    await _do(desk, c.Ring(call_id=call_id, number=Clear(text="13900005678"), line="typed"))
    await _do(desk, c.Answer(call_id=call_id))
    await _do(desk, c.OpenIncident(incident_id=incident_id, call_id=call_id))
    location = c.SetLocation(
        incident_id=incident_id,
        location=Clear(text=msgspec.json.encode(said).decode()),
        source=LocationSource.TYPED,
        accuracy_m=15,
    )
    await _do(desk, location)
    await _do(desk, c.SetComplaint(incident_id=incident_id, topic="chest_pain"))
    for question, answer in ANSWERS.items():
        said_so = c.AnswerQuestion(
            incident_id=incident_id, card="entry", question=question, answer=answer
        )
        await _do(desk, said_so)
    return incident_id


async def _send_the_first(desk: ApiClient, incident_id: str) -> tuple[str, str]:
    found = await WebOffice(desk).recommend(incident_id)
    assert found is not None
    first, mission_id = found.ranked[0], desk.new_id()
    run = c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=first.unit_id)
    await _do(desk, run)
    return mission_id, first.call_sign


async def _register(crew: ApiClient, mission_id: str) -> None:
    patient_id = crew.new_id()
    who = c.RegisterPatient(
        patient_id=patient_id,
        mission_id=mission_id,
        name=Clear(text=PATIENT),
        age_y=62,
        sex=Sex.MALE,
    )
    seen = c.Observe(
        patient_id=patient_id,
        consciousness=Consciousness.ALERT,
        on_oxygen=False,
        gcs_parts=GcsParts(eye=4, verbal=5, motor=6),
        pain=7,
    )
    await _do(crew, who)
    await _do(crew, seen)


async def _do(by: ApiClient, command: c.Command) -> None:
    answer = await by.send(command)
    assert not isinstance(answer, Refused), (command, answer)


async def _seen[T](by: ApiClient, view: str, find: Callable[[Live], T | None]) -> T:
    async with aclosing(by.live(view)) as views:
        async for live in views:
            if (found := find(live)) is not None:
                return found
    raise AssertionError("a live view goes on for ever")
