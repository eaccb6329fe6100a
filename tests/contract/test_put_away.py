"""What a browser test leaves open is put away, so that the next one finds a free node."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from factories.office import Office, listening, opened, person
from factories.put_away import put_away
from factories.two_nodes import certificate_in
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.identity import hash_password
from goldenhour.app.access import Role
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.personal import Clear
from goldenhour.main.demo_names import DEMO_PASSWORD

PRESSED = (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT)


@asynccontextmanager
async def pumped(office: Office) -> AsyncIterator[None]:
    """Relay and hub go on by themselves."""

    async def pump() -> None:
        while True:
            await office.pump()
            await asyncio.sleep(0.01)

    task = asyncio.create_task(pump())
    yield
    task.cancel()


async def test_a_run_with_a_patient_on_board_and_its_announcement_are_ended(
    database: Database, tmp_path: Path
) -> None:
    certificate = certificate_in(tmp_path)
    async with opened(database, demo=True) as office, pumped(office):
        world, accounts, now_ms = office.world, office.accounts, office.world.clock.at_ms
        former = person("former", Role.DISPATCHER, "centre", id="dispatcher")
        await accounts.put_person(former, now_ms)
        demo = {"demo": True, "password_hash": hash_password(DEMO_PASSWORD)}
        for username, role, org in (
            ("dispatcher", Role.DISPATCHER, "centre"),
            ("crew-a-01", Role.CREW, "unit:A-01"),
        ):
            who = person(username, role, org, id=f"demo-{username}", **demo)
            await accounts.put_person(who, now_ms)
        await world.list_unit()
        await world.list_hospital()
        call_id, incident_id = await world.open_incident()
        mission_id = await world.assign(incident_id)
        await world.reach(mission_id, *PRESSED)
        _patient, handover_id = await world.prealert(mission_id)
        await world.reach(mission_id, Milestone.LOADED)
        rings = world.new_id()
        await world.accept(c.Ring(call_id=rings, number=Clear(text="13900002222"), line="120"))

        async with listening(office, certificate) as address:
            url = address.replace("wss", "https", 1)
            await put_away(url, url, certificate.ca)

        ends = {
            f"call:{call_id}": "ended",
            f"call:{rings}": "ended",
            f"incident:{incident_id}": "closed",
            f"mission:{mission_id}": "cleared",
            f"handover:{handover_id}": "withdrawn",
        }
        found = await world.journal.load(list(ends), SYSTEM)
        assert {stream: fold(stream, found[stream].events).state for stream in ends} == ends
