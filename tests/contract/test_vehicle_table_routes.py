"""Vehicles as a file over the web: every line's verdict first, then all of it or nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from msgspec.structs import replace
from test_host_commands import CITY

from factories.office import Office, listening, live, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Organisation, Role
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.main.register import load_city

HEADER = "编号,车号,车牌,类型,急救站,推定"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        for unit_id in ("A-01", "A-02"):
            await made.world.list_unit(unit_id)
        await made.pump()
        yield made


async def send(
    office: Office, *lines: str, who: str = "supervisor", **query: str
) -> tuple[int, dict[str, Any]]:
    answer = await office.client.post(
        "/api/vehicles/import",
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


async def vehicles(office: Office, who: str = "supervisor") -> dict[str, dict[str, Any]]:
    rows = (await office.client.get("/api/vehicles", headers=await office.cookie(who))).json()
    return {row["call_sign"]: row for row in rows}


async def orgs(office: Office) -> dict[str, Organisation]:
    return {row.id: row for row in await office.accounts.list_organisations()}


async def heads(office: Office) -> int:
    async with office.database.system() as connection:
        cursor = await connection.execute("select sum(version) from stream_head")
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def verdicts(shown: dict[str, Any]) -> list[str]:
    return [row["verdict"] for row in shown["rows"]]


def faults(shown: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(f["line"], f["column"], f["code"]) for row in shown["rows"] for f in row["faults"]]


async def second_station(office: Office) -> None:
    """A station with a vehicle of its own, so that somebody has said where it lies."""
    for ident, parent, kind in (
        ("station:s2", "centre", "station"),
        ("unit:A-03", "station:s2", "unit"),
    ):
        await office.accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    await office.world.accept(
        c.ListUnit(
            unit_id="A-03",
            call_sign="A-03",
            station_id="s2",
            station_name="二站",
            station_point=Point(lat=50.9, lon=9.8),
            unit_kind=UnitKind.ALS,
            assumed=False,
        ),
        org="unit:A-03",
    )
    # The server reads the tree again when somebody changes it there.
    body = {"id": "county", "name": "县"}
    await office.client.patch("/api/admin/orgs", json=body, headers=await office.cookie("admin"))
    await office.pump()


async def test_a_file_is_shown_then_written_and_changes_nothing_again(office: Office) -> None:
    lines = (
        ",急救09,沪A00009,普通型,一站,",
        "A-01,急救01,沪A00001,监护型,一站,否",
        ",A-02,,,,",
    )
    before = await heads(office)
    status, shown = await send(office, *lines)
    assert status == 200, shown
    assert verdicts(shown) == ["new", "changed", "unchanged"]
    assert (shown["new"], shown["changed"], shown["unchanged"], shown["refused"]) == (1, 1, 1, 0)
    assert (shown["rows"][1]["was"]["call_sign"], shown["rows"][1]["now"]["call_sign"]) == (
        "A-01",
        "急救01",
    )
    assert not shown["written"]
    assert await heads(office) == before

    _, written = await send(office, *lines, digest=shown["digest"])
    assert written["written"]
    await office.pump()
    assert await heads(office) == before + 2
    for who in ("supervisor", "admin"):
        found = await vehicles(office, who)
        assert set(found) == {"急救09", "急救01", "A-02"}
        made = found["急救09"]
        assert (made["plate"], made["unit_kind"], made["station_name"], made["on_duty"]) == (
            "沪A00009",
            "bls",
            "一站",
            False,
        )
        known = found["急救01"]
        assert (known["unit_id"], known["assumed"], known["on_duty"]) == ("A-01", False, True)
    rows = await orgs(office)
    made_org = rows[f"unit:{made['unit_id']}"]
    assert (made_org.parent, made_org.kind, made_org.name) == ("station:s1", "unit", "急救09")
    assert rows["unit:A-01"].name == "急救01"

    _, again = await send(office, ",急救09,沪A00009,普通型,一站,", *lines[1:])
    assert verdicts(again) == ["unchanged"] * 3
    path = f"/api/vehicles/history?unit_id={made['unit_id']}"
    told = (await office.client.get(path, headers=await office.cookie("supervisor"))).json()
    assert [(one["line"]["kind"], one["name"]) for one in told] == [
        ("unit.listed.v1", "supervisor")
    ]
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        assert await cursor.fetchall() == [("supervisor", "vehicle.import", "1 new, 1 changed")]


async def test_one_wrong_line_writes_nothing_of_the_file(office: Office) -> None:
    before, tree = await heads(office), await orgs(office)
    lines = (",急救09,,普通型,一站,", ",急救08,,大车,三站,", "X,,,,,")
    _, shown = await send(office, *lines)
    assert verdicts(shown) == ["new", "refused", "refused"]
    assert faults(shown) == [
        (3, "类型", "unknown_kind"),
        (3, "急救站", "unknown_station"),
        (4, "编号", "unknown_vehicle"),
    ]
    status, still = await send(office, *lines, digest=shown["digest"])
    assert (status, still["written"]) == (200, False)
    assert (await heads(office), await orgs(office)) == (before, tree)


async def test_what_has_changed_since_the_look_is_looked_at_again(office: Office) -> None:
    mine, others = "A-01,急救01,,,,", "A-01,,沪A00001,,,"
    _, shown = await send(office, mine)
    await write(office, others, who="admin")
    status, problem = await send(office, mine, digest=shown["digest"])
    assert (status, problem["code"], problem["field"]) == (409, "preview_outdated", "digest")


async def test_a_server_that_has_not_heard_of_a_change_refuses_what_it_showed(
    office: Office,
) -> None:
    mine, others = "A-01,急救01,,,,", "A-01,,沪A00001,,,"
    _, shown = await send(office, mine)
    _, theirs = await send(office, others, who="admin")
    _, written = await send(office, others, who="admin", digest=theirs["digest"])
    assert written["written"]
    # The relay has not run: the view still shows what was looked at, and the journal knows better.
    tree = await orgs(office)
    status, problem = await send(office, mine, digest=shown["digest"])
    assert (status, problem["code"], problem["detail"]) == (409, "preview_outdated", "急救01")
    assert await orgs(office) == tree


async def test_a_file_that_is_sent_twice_at_once_makes_one_vehicle(office: Office) -> None:
    line = ",急救09,,普通型,一站,"
    _, shown = await send(office, line)
    answers = await asyncio.gather(*(send(office, line, digest=shown["digest"]) for _ in range(3)))
    assert [status for status, _ in answers] == [200] * 3
    await office.pump()
    assert sorted(await vehicles(office)) == ["A-01", "A-02", "急救09"]
    assert [row.name for row in (await orgs(office)).values()].count("急救09") == 1


async def test_a_vehicle_moves_with_its_organisation(office: Office) -> None:
    await second_station(office)
    await write(office, "A-01,,,,二站,")
    moved = (await vehicles(office))["A-01"]
    assert (moved["station_id"], moved["station_name"]) == ("s2", "二站")
    assert (await orgs(office))["unit:A-01"].parent == "station:s2"


async def test_a_vehicle_on_a_run_keeps_what_the_run_speaks_of(office: Office) -> None:
    _, incident_id = await office.world.open_incident()
    await office.world.assign(incident_id)
    await office.pump()
    lines = ("A-01,急救01,,,,", "A-02,急救02,,,,")
    for who in ("supervisor", "admin"):
        _, shown = await send(office, *lines, who=who)
        assert (verdicts(shown), faults(shown)) == (["refused", "changed"], [(2, "", "on_run")])
    await write(office, "A-01,,沪A00001,,,")
    assert (await vehicles(office))["A-01"]["plate"] == "沪A00001"


async def test_the_template_and_the_export_are_read_again(office: Office) -> None:
    cookie = await office.cookie("supervisor")
    for path, count in (("template", 1), ("export", 2)):
        for form, lang in (("csv", "zh-CN"), ("csv", "en"), ("xlsx", "zh-CN"), ("xlsx", "en")):
            url = f"/api/vehicles/{path}?form={form}&lang={lang}"
            file = await office.client.get(url, headers=cookie)
            assert file.headers["content-disposition"].endswith(f'.{form}"')
            shown = await office.client.post(
                "/api/vehicles/import", content=file.content, headers=cookie
            )
            assert verdicts(shown.json()) == ["unchanged"] * count, (url, shown.json())
    absent = await office.client.get("/api/vehicles/export?form=pdf", headers=cookie)
    assert absent.status_code == 400


async def test_who_does_not_plan_is_refused_by_every_route(office: Office) -> None:
    for who in ("dispatcher", "county", "crew1", "hospital1", "quality"):
        cookie = await office.cookie(who)
        for path in ("/api/vehicles/export", "/api/vehicles/template"):
            assert (await office.client.get(path, headers=cookie)).status_code == 403, path
        assert (await send(office, "A-01,急救01,,,,", who=who))[0] == 403
    as_command = {
        "kind": "unit.import",
        "unit_id": "A-01",
        "changes": [{"unit_id": "A-01", "was": None, "now": (await listed_now(office))}],
    }
    for who in ("supervisor", "admin"):
        assert (await office.say(await office.cookie(who), as_command))[0] == 403


async def listed_now(office: Office) -> dict[str, Any]:
    _, shown = await send(office, "A-01,急救01,,,,")
    now: dict[str, Any] = shown["rows"][0]["now"]
    return now


async def test_another_centre_has_no_such_vehicles_and_stations(office: Office) -> None:
    await office.accounts.put_person(
        person("boss", Role.SUPERVISOR, "county"), office.world.clock.at_ms
    )
    _, shown = await send(office, "A-01,急救01,,,,", ",A-02,,监护型,一站,", who="boss")
    assert faults(shown) == [(2, "编号", "unknown_vehicle"), (3, "急救站", "unknown_station")]


async def test_a_file_that_is_no_table_is_refused(office: Office) -> None:
    cookie = await office.cookie("admin")
    for data, code in ((b"", "table_empty"), (b"PK\x03\x04", "table_unreadable")):
        answer = await office.client.post("/api/vehicles/import", content=data, headers=cookie)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    answer = await office.client.post(
        "/api/vehicles/import", content="车号,颜色\r\nA-01,红".encode(), headers=cookie
    )
    (fault,) = answer.json()["faults"]
    assert (fault["line"], fault["column"], fault["code"]) == (1, "颜色", "unknown_column")


async def test_an_open_screen_shows_the_new_vehicle(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenhour.adapters.web.live_routes.PING_S", 0.05)
    async with (
        listening(office) as address,
        live(address, await office.cookie("dispatcher")) as socket,
    ):
        await write(office, ",急救09,,普通型,一站,")
        async with asyncio.timeout(10):
            while True:
                told = json.loads(await socket.recv())
                if told["type"] == "snapshot" and "急救09" in json.dumps(
                    told["rows"], ensure_ascii=False
                ):
                    break


async def test_what_a_table_has_said_is_no_longer_the_citys_to_change(database: Database) -> None:
    async with opened(database) as office:
        now_ms, world = office.world.clock.at_ms, cast("Any", office.world)
        await load_city(CITY, office.accounts, world, now_ms)
        await office.pump()
        await write(office, "A-01,急救01,沪A00001,,,", who="admin")
        units = tuple(replace(one, call_sign=f"新{one.id}") for one in CITY.units)
        city = replace(CITY, source_sha256="b" * 64, units=units)
        await load_city(city, office.accounts, world, now_ms)
        await office.pump()
        found = await vehicles(office)
        assert set(found) == {"急救01", "新A-02"}
        assert found["急救01"]["plate"] == "沪A00001"
        assert (await orgs(office))["unit:A-01"].name == "急救01"
