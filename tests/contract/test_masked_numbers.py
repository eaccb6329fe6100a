"""Where callers are masked, a crew's screen never holds a number; a desk's always does."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from factories.office import Office, listening, live, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone

NUMBER = "13900001111"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, mask_callers=True) as made:
        yield made


async def on_the_way(office: Office) -> str:
    world = office.world
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    await office.pump()
    return mission_id


async def snapshot(address: str, cookie: dict[str, str]) -> bytes:
    async with live(address, cookie) as socket:
        while True:
            message = await socket.recv()
            data = message.encode() if isinstance(message, str) else message
            if msgspec.json.decode(data)["type"] == "snapshot":
                return data


async def test_a_crews_feed_holds_no_number(office: Office) -> None:
    await on_the_way(office)
    async with listening(office) as address:
        crew = await snapshot(address, await office.cookie("crew1"))
        desk = await snapshot(address, await office.cookie("dispatcher"))
    assert b"139****1111" in crew
    assert NUMBER.encode() not in crew
    assert NUMBER.encode() in desk


async def test_the_number_is_given_once_the_run_says_why(office: Office) -> None:
    mission_id = await on_the_way(office)
    path = f"/api/callback/number?mission_id={mission_id}"
    crew, other = await office.cookie("crew1"), await office.cookie("crew2")
    refused = await office.client.post(path, headers=crew)
    assert (refused.status_code, refused.json()["code"]) == (409, "number_not_shown")
    show = {"kind": "mission.show_number", "mission_id": mission_id, "reason": "no_link"}
    assert (await office.say(other, show))[0] != 200
    assert (await office.say(crew, show))[0] == 200
    await office.pump()
    given = await office.client.post(path, headers=crew)
    assert (given.status_code, given.json()) == (200, {"number": NUMBER})
    assert (await office.client.post(path, headers=other)).status_code == 404
    hospital = await office.cookie("hospital1")
    assert (await office.client.post(path, headers=hospital)).status_code == 403
    await office.world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
