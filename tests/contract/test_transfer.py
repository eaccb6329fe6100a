"""A case handed from one centre to another, through the interface and under row-level security."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from factories.office import ClientConnection, Office, listening, live, opened
from goldenhour.adapters.postgres.pool import Database


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with listening(office) as found:
        yield found


async def rows_of(socket: ClientConnection, table: str) -> list[dict[str, Any]]:
    """Of the first whole picture."""
    while True:
        message: dict[str, Any] = msgspec.json.decode(await socket.recv())
        if message["type"] == "snapshot":
            return [row for row in message["rows"] if row["table"] == table]


async def a_case(office: Office) -> tuple[str, str]:
    """(incident, mission), led by the city."""
    await office.world.list_unit("A-01")
    call_id, incident_id, mission_id = (office.world.new_id() for _ in range(3))
    cookie = await office.cookie("dispatcher")
    place = {"as": "clear", "text": '{"label":"学府路 76 号","lat":50.86,"lon":9.70}'}
    for command in (
        {
            "kind": "call.ring",
            "call_id": call_id,
            "number": {"as": "clear", "text": "139"},
            "line": "typed",
        },
        {"kind": "call.answer", "call_id": call_id},
        {"kind": "incident.open", "incident_id": incident_id, "call_id": call_id},
        {
            "kind": "incident.set_location",
            "incident_id": incident_id,
            "location": place,
            "source": "typed",
            "accuracy_m": 15,
        },
        {
            "kind": "incident.answer",
            "incident_id": incident_id,
            "card": "entry",
            "question": "breathing_normal",
            "answer": True,
        },
        {
            "kind": "mission.assign",
            "mission_id": mission_id,
            "incident_id": incident_id,
            "unit_id": "A-01",
        },
    ):
        status, body = await office.say(cookie, command)
        assert status == 200, body
    return incident_id, mission_id


def offer(incident_id: str, **changes: Any) -> dict[str, Any]:
    given = {"kind": "incident.offer", "incident_id": incident_id, "org": "county"}
    return given | {"reason": "辖区"} | changes


async def test_the_county_reads_takes_and_leads_what_the_city_offers_it(
    office: Office, address: str
) -> None:
    incident_id, mission_id = await a_case(office)
    await office.pump()
    county = await office.cookie("county")
    async with live(address, county) as socket:
        assert await rows_of(socket, "incidents") == []
    take = {"kind": "incident.take", "incident_id": incident_id}
    assert (await office.say(county, take))[0] == 409, "it does not exist for the county"
    city = await office.cookie("dispatcher")
    status, body = await office.say(city, offer(incident_id, org_name="捏造的中心"))
    assert status == 200, body
    await office.pump()
    async with live(address, county) as socket:
        (row,) = await rows_of(socket, "incidents")
        assert row["location"]["label"] == "学府路 76 号", "nobody writes it again"
        assert row["offer"]["org_name"] == "county", "the register's word, not the page's"
    async with live(address, county) as socket:
        assert [one["id"] for one in await rows_of(socket, "missions")] == [mission_id]
    assert (await office.say(county, take))[0] == 200
    status, body = await office.say(
        county, {"kind": "mission.stand_down", "mission_id": mission_id, "reason": "cancelled"}
    )
    assert status == 200, body
    await office.pump()
    async with live(address, city) as socket:
        (row,) = await rows_of(socket, "incidents")
        assert (row["org"], row["seat"], row["offer"]) == ("county", "county", None)


async def test_what_the_county_does_not_want_it_reads_no_more(office: Office, address: str) -> None:
    incident_id, _ = await a_case(office)
    city, county = await office.cookie("dispatcher"), await office.cookie("county")
    assert (await office.say(city, offer(incident_id)))[0] == 200
    decline = {"kind": "incident.decline", "incident_id": incident_id, "reason": "无车"}
    assert (await office.say(county, decline))[0] == 200
    office.world.clock.at_ms += 60_000
    await office.pump()
    async with live(address, county) as socket:
        assert await rows_of(socket, "incidents") == []


async def test_only_centres_and_their_seats_are_asked(office: Office) -> None:
    incident_id, _ = await a_case(office)
    city = await office.cookie("dispatcher")
    answer = await office.client.get("/api/centres", headers=city)
    assert {one["id"] for one in answer.json()} == {"centre", "county"}
    for changes, field in (
        ({"org": "hospital:h1"}, "org"),
        ({"org": "nowhere"}, "org"),
        ({"org": "centre", "seat": "99"}, "seat"),
    ):
        status, body = await office.say(city, offer(incident_id, **changes))
        assert (status, body["code"], body["field"]) == (409, "unknown_value", field)
    status, body = await office.say(city, offer(incident_id, org="centre", seat="supervisor"))
    assert status == 200, body
    for username in ("crew1", "hospital1", "quality", "admin"):
        status, _ = await office.say(await office.cookie(username), offer(incident_id))
        assert status == 403, username
