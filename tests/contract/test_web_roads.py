"""Roads shut at one desk: who sees it, who may open it, and what a page is answered."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from factories.office import ClientConnection, Office, listening, live, opened
from goldenhour.adapters.postgres.pool import Database

SHUT: dict[str, Any] = {
    "kind": "road.close",
    "closure_id": "r1",
    "line": [{"lat": 31.2, "lon": 105.39}, {"lat": 31.2, "lon": 105.4}],
    "reason": "crash",
    "label": "滨江大道",
}


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with listening(office) as found:
        yield found


async def roads_of(socket: ClientConnection) -> list[str]:
    """Of the first whole picture."""
    while True:
        message: dict[str, Any] = msgspec.json.decode(await socket.recv())
        if message["type"] == "snapshot":
            return [row["label"] for row in message["rows"] if row["table"] == "roads"]


async def test_every_desk_and_crew_sees_it_and_another_centre_opens_it(
    office: Office, address: str
) -> None:
    status, _ = await office.say(await office.cookie("dispatcher"), SHUT)
    assert status == 200
    await office.pump()
    for username, seen in (
        ("county", ["滨江大道"]),
        ("crew1", ["滨江大道"]),
        ("quality", ["滨江大道"]),
        ("hospital1", []),
    ):
        async with live(address, await office.cookie(username)) as socket:
            assert await roads_of(socket) == seen, username
    county = await office.cookie("county")
    reopen = {"kind": "road.reopen", "closure_id": "r1", "reason": "open"}
    assert (await office.say(county, reopen))[0] == 200
    status, body = await office.say(county, reopen)
    assert (status, body["code"], body["field"]) == (409, "road_open", "closure_id")
    await office.pump()
    async with live(address, await office.cookie("crew1")) as socket:
        assert await roads_of(socket) == []


async def test_nobody_else_may_shut_a_road(office: Office) -> None:
    for username in ("crew1", "hospital1", "quality", "admin"):
        status, _ = await office.say(await office.cookie(username), SHUT)
        assert status == 403, username


async def test_a_wrong_line_is_named(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    status, body = await office.say(cookie, SHUT | {"line": SHUT["line"][:1]})
    assert status == 400
    assert "line" in body["field"] + body["detail"]
    status, body = await office.say(cookie, SHUT | {"share": 1.0})
    assert status == 400
    assert "share" in body["field"] + body["detail"]


async def test_without_a_road_graph_a_stretch_is_what_was_clicked(office: Office) -> None:
    answer = await office.client.get(
        "/api/roads/line",
        params={"points": "31.2,105.39;31.2,105.4"},
        headers=await office.cookie("dispatcher"),
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "no_roads")
