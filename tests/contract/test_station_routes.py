"""Stations as a file over the web: verdicts first, then all of it or nothing; vehicles follow."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Organisation

HEADER = "编号,急救站,英文名,所属中心,纬度,经度,电话,推定"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        await made.world.list_unit("A-01")
        await made.pump()
        yield made


async def send(
    office: Office, *lines: str, who: str = "supervisor", **query: str
) -> tuple[int, dict[str, Any]]:
    answer = await office.client.post(
        "/api/stations/import",
        params=query,
        content="\r\n".join((HEADER, *lines)).encode(),
        headers=await office.cookie(who),
    )
    return answer.status_code, answer.json()


async def write(office: Office, *lines: str, who: str = "supervisor") -> dict[str, Any]:
    _, shown = await send(office, *lines, who=who)
    status, written = await send(office, *lines, who=who, digest=shown["digest"])
    assert (status, written.get("written")) == (200, True), (shown, written)
    await office.pump()
    return written


async def stations(office: Office, who: str = "supervisor") -> dict[str, dict[str, Any]]:
    answer = await office.client.get("/api/stations", headers=await office.cookie(who))
    assert answer.status_code == 200, answer.text
    return {row["name"]: row for row in answer.json()}


async def orgs(office: Office) -> dict[str, Organisation]:
    return {row.id: row for row in await office.accounts.list_organisations()}


async def unit(office: Office, unit_id: str) -> dict[str, Any]:
    cookie = await office.cookie("supervisor")
    rows = (await office.client.get("/api/vehicles", headers=cookie)).json()
    return next(row for row in rows if row["unit_id"] == unit_id)


async def test_a_new_station_is_written_and_a_vehicle_can_stand_there(office: Office) -> None:
    line = ",西站,West,centre,50.9,9.8,021-120,否"
    _, shown = await send(office, line)
    assert [row["verdict"] for row in shown["rows"]] == ["new"]
    assert not shown["written"]
    assert "西站" not in await stations(office)
    await write(office, line)
    made = (await stations(office))["西站"]
    assert (made["phone"], made["assumed"], made["told"]) == ("021-120", False, True)
    assert made["point"] == {"lat": 50.9, "lon": 9.8}
    row = (await orgs(office))[f"station:{made['station_id']}"]
    assert (row.parent, row.kind, row.name, row.name_en) == ("centre", "station", "西站", "West")
    _, again = await send(office, ",西站,West,centre,50.9,9.8,021-120,否")
    assert [row["verdict"] for row in again["rows"]] == ["unchanged"]

    table = "编号,车号,车牌,类型,急救站,推定\r\n,急救09,,普通型,西站,".encode()
    shown = await vehicles_table(office, table)
    assert (await vehicles_table(office, table, digest=shown["digest"]))["written"]
    await office.pump()
    assert (await stations(office))["西站"]["units"] == ["急救09"]


async def vehicles_table(office: Office, table: bytes, **query: str) -> dict[str, Any]:
    answer = await office.client.post(
        "/api/vehicles/import",
        params=query,
        content=table,
        headers=await office.cookie("supervisor"),
    )
    found: dict[str, Any] = answer.json()
    return found


async def test_the_vehicles_of_a_renamed_and_moved_station_follow(office: Office) -> None:
    (name,) = [name for name, row in (await stations(office)).items() if row["units"] == ["A-01"]]
    ident = (await stations(office))[name]["station_id"]
    await write(office, f"{ident},新一站,,,50.88,9.72,,")
    made = (await stations(office))["新一站"]
    assert (made["station_id"], made["units"]) == (ident, ["A-01"])
    assert (await unit(office, "A-01"))["station_name"] == "新一站"
    cookie = await office.cookie("supervisor")
    path = f"/api/stations/history?station_id={ident}"
    told = (await office.client.get(path, headers=cookie)).json()
    assert [(one["line"]["kind"], one["name"]) for one in told] == [
        ("station.listed.v1", "supervisor")
    ]
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        assert await cursor.fetchall() == [("supervisor", "station.import", "0 new, 1 changed")]


async def test_one_wrong_line_writes_nothing(office: Office) -> None:
    before = await orgs(office)
    lines = (",西站,,centre,50.9,9.8,,", ",东站,,centre,9.8,,,")
    _, shown = await send(office, *lines)
    assert [row["verdict"] for row in shown["rows"]] == ["new", "refused"]
    status, still = await send(office, *lines, digest=shown["digest"])
    assert (status, still["written"]) == (200, False)
    assert await orgs(office) == before


async def test_what_has_changed_since_the_look_is_looked_at_again(office: Office) -> None:
    _, shown = await send(office, "s1,甲站,,,50.88,9.72,,")
    await write(office, "s1,,,,50.89,9.73,,", who="admin")
    status, body = await send(office, "s1,甲站,,,50.88,9.72,,", digest=shown["digest"])
    assert (status, body["code"]) == (409, "preview_outdated")


async def test_who_keeps_no_register_sees_none_and_writes_none(office: Office) -> None:
    for who in ("dispatcher", "crew1", "hospital1"):
        cookie = await office.cookie(who)
        assert (await office.client.get("/api/stations", headers=cookie)).status_code == 403
        assert (await send(office, ",西站,,centre,50.9,9.8,,", who=who))[0] == 403
    cookie = await office.cookie("supervisor")
    path = "/api/stations/history?station_id=none"
    assert (await office.client.get(path, headers=cookie)).status_code == 404
