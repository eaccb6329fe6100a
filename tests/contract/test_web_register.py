"""The administrator's page: the tree of organisations, and the devices that may speak."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from factories.office import Office, listening, live, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.accounts import Device
from goldenhour.domain import commands as c

ORGS = "/api/admin/orgs"
DEVICES = "/api/admin/devices"
STATION = {"kind": "station", "parent": "centre", "name": "新站"}


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def ask(office: Office, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = await office.cookie("admin")
    answer = await office.client.request(method, path, json=body, headers=headers)
    return answer.status_code, answer.json() if answer.content else None


async def change(office: Office, org: str, **fields: Any) -> tuple[int, Any]:
    return await ask(office, "PATCH", ORGS, {"id": org, **fields})


async def orgs(office: Office) -> dict[str, Any]:
    _, rows = await ask(office, "GET", ORGS)
    return {row["id"]: row for row in rows}


# ---- organisations


async def test_an_organisation_is_made_renamed_moved_closed_and_reopened(office: Office) -> None:
    status, made = await ask(office, "POST", ORGS, STATION)
    assert (status, made["kind"], made["closed_ms"]) == (201, "station", None)
    _, moved = await change(office, made["id"], name="新站二", parent="county")
    assert (moved["name"], moved["parent"]) == ("新站二", "county")
    _, closed = await change(office, made["id"], closed=True)
    assert closed["closed_ms"] == office.world.clock.at_ms
    person = {
        "username": "late",
        "name": "晚",
        "role": "station",
        "password": "a long password",
        "org": made["id"],
    }
    status, problem = await ask(office, "POST", "/api/admin/people", person)
    assert (status, problem["code"], problem["field"]) == (409, "org_closed", "org")
    _, again = await change(office, made["id"], closed=False)
    assert again["closed_ms"] is None
    assert (await orgs(office))[made["id"]]["name"] == "新站二"


@pytest.mark.parametrize(
    ("org", "fields", "code"),
    [
        ("city", {"closed": True}, "org_is_root"),
        ("centre", {"closed": True}, "org_has_parts"),
        ("unit:A-01", {"closed": True}, "org_has_people"),
        ("hospital:h1", {"closed": True}, "org_has_people"),
        ("centre", {"parent": "station:s1"}, "org_below_itself"),
        ("unit:A-01", {"parent": "centre"}, "org_not_below"),
        ("station:s1", {"parent": "nowhere"}, "unknown_value"),
        ("nowhere", {"name": "x"}, "absent"),
        ("centre", {"name": ""}, "invalid"),
    ],
)
async def test_what_the_tree_does_not_allow_is_refused(
    office: Office, org: str, fields: dict[str, Any], code: str
) -> None:
    before = await orgs(office)
    status, problem = await change(office, org, **fields)
    assert (status >= 400, problem["code"]) == (True, code)
    assert await orgs(office) == before


async def test_units_and_hospitals_are_not_made_by_hand(office: Office) -> None:
    status, problem = await ask(office, "POST", ORGS, STATION | {"kind": "unit"})
    assert (status, problem["code"]) == (400, "invalid")


async def test_who_runs_for_a_case_is_neither_closed_nor_moved(office: Office) -> None:
    for username in ("crew1", "hospital1"):
        await ask(office, "PATCH", f"/api/admin/people/{username}", {"active": False})
    await office.world.list_unit()
    await office.world.list_hospital()
    _, incident_id = await office.world.open_incident()
    mission_id = await office.world.assign(incident_id)
    await office.world.prealert(mission_id)
    for org in ("unit:A-01", "hospital:h1"):
        status, problem = await change(office, org, closed=True)
        assert (status, problem["code"]) == (409, "org_has_missions"), org
    status, problem = await change(office, "station:s1", parent="county")
    assert (status, problem["code"]) == (409, "org_has_missions")


async def test_a_unit_with_a_device_in_use_is_not_closed(office: Office) -> None:
    await ask(office, "PATCH", "/api/admin/people/crew2", {"active": False})
    await ask(office, "POST", DEVICES, terminal(unit_id="A-02"))
    status, problem = await change(office, "unit:A-02", closed=True)
    assert (status, problem["code"], problem["detail"]) == (409, "org_has_devices", "1")
    await ask(office, "POST", f"{DEVICES}/revoke", {"kind": "terminal", "device_id": "13900001111"})
    assert (await change(office, "unit:A-02", closed=True))[0] == 200


async def test_a_vehicle_on_duty_is_not_closed_and_a_closed_one_is_no_vehicle(
    office: Office,
) -> None:
    await office.world.list_unit("A-02")
    await ask(office, "PATCH", "/api/admin/people/crew2", {"active": False})
    status, problem = await change(office, "unit:A-02", closed=True)
    assert (status, problem["code"]) == (409, "org_on_duty")
    await office.world.accept(c.SetDuty(unit_id="A-02", on_duty=False))
    assert (await change(office, "unit:A-02", closed=True))[0] == 200
    _, vehicles = await ask(office, "GET", "/api/vehicles")
    assert "A-02" not in [row["unit_id"] for row in vehicles]


async def test_an_open_screen_follows_its_organisation_to_another_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldenhour.adapters.web.live_routes.PING_S", 0.05)
    await office.world.list_unit()
    _, made = await ask(office, "POST", ORGS, {"kind": "county", "parent": "city", "name": "县"})
    async with (
        listening(office) as address,
        live(address, await office.cookie("dispatcher")) as own,
    ):
        assert "A-01" in await snapshot(own)
        await change(office, "station:s1", parent=made["id"])
        assert "A-01" not in await snapshot(own)


async def snapshot(socket: Any) -> str:
    async with asyncio.timeout(10):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "snapshot":
                return json.dumps(message["rows"])


# ---- devices


def terminal(**changes: Any) -> dict[str, Any]:
    return {"kind": "terminal", "unit_id": "A-01", "device_id": "13900001111"} | changes


async def test_a_terminals_key_leaves_the_server_once(office: Office) -> None:
    status, made = await ask(office, "POST", DEVICES, terminal())
    assert (status, len(made["key"]), made["vehicle"]) == (201, 16, [])
    _, listed = await ask(office, "GET", DEVICES)
    assert [(d["id"], d["enabled"], d["seen_ms"]) for d in listed] == [("13900001111", True, None)]
    assert made["key"] not in json.dumps(listed)


async def test_the_key_of_a_vehicles_computer_is_kept_nowhere(office: Office) -> None:
    await ask(office, "POST", DEVICES, terminal(kind="monitor", device_id="0200000000000001"))
    _, made = await ask(office, "POST", DEVICES, terminal(kind="edge", device_id=""))
    (vehicle,) = made["vehicle"]
    assert (vehicle["unit_id"], vehicle["monitors"]) == ("A-01", ["0200000000000001"])
    async with office.database.system() as connection:
        cursor = await connection.execute("select id, key from device where kind = 'edge'")
        assert vehicle["key"] not in str(await cursor.fetchall())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "device_in_use"),
        ({"unit_id": "A-02"}, "device_in_use"),
        ({"kind": "monitor"}, "device_in_use"),
        ({"unit_id": "A-99"}, "unknown_value"),
        ({"device_id": "0139"}, "terminal_id"),
        ({"kind": "monitor", "device_id": "02 00"}, "monitor_id"),
        ({"kind": "toaster"}, "invalid"),
    ],
)
async def test_an_unfit_device_is_refused(
    office: Office, changes: dict[str, Any], code: str
) -> None:
    await ask(office, "POST", DEVICES, terminal())
    status, problem = await ask(office, "POST", DEVICES, terminal(**changes))
    assert (status >= 400, problem["code"]) == (True, code)


async def test_a_revoked_device_is_known_no_more_and_may_come_back_to_its_own_unit(
    office: Office,
) -> None:
    await ask(office, "POST", DEVICES, terminal())
    name = {"kind": "terminal", "device_id": "13900001111"}
    assert (await ask(office, "POST", f"{DEVICES}/revoke", name))[0] == 201
    found = await office.accounts.find_terminal("13900001111")
    assert found is not None
    assert not found.enabled
    assert (await ask(office, "POST", DEVICES, terminal(unit_id="A-02")))[0] == 409
    assert (await ask(office, "POST", DEVICES, terminal()))[0] == 201
    assert (await ask(office, "POST", f"{DEVICES}/revoke", name | {"device_id": "1"}))[0] == 404


async def test_a_key_is_given_once_whatever_is_saved_meanwhile(office: Office) -> None:
    accounts, phone = office.accounts, "13900001111"
    name = {"kind": "terminal", "device_id": phone}
    await ask(office, "POST", DEVICES, terminal())
    before = await accounts.find_device(phone, "terminal")
    assert before is not None
    assert await accounts.note_key_given(phone, 1)
    # Whoever saves what was read a moment ago takes nothing of that back.
    await accounts.put_device(before)
    profile = name | {"datum": "gcj02", "clock": "utc"}
    assert (await ask(office, "POST", f"{DEVICES}/profile", profile))[0] == 201
    assert not await accounts.note_key_given(phone, 2)
    assert (await ask(office, "POST", f"{DEVICES}/reopen", name))[0] == 201
    assert await accounts.note_key_given(phone, 3)
    # Another key has been given to nobody yet.
    await ask(office, "POST", f"{DEVICES}/revoke", name)
    await ask(office, "POST", DEVICES, terminal())
    assert await accounts.note_key_given(phone, 4)


async def test_when_a_device_was_seen_is_written_twice_a_minute_at_most(office: Office) -> None:
    await office.accounts.put_device(
        Device(id="m1", kind="monitor", unit_id="A-01", key="", enabled=True)
    )
    seen = []
    for at_ms in (100_000, 110_000, 131_000):
        await office.accounts.saw_devices(["m1"], at_ms)
        seen.append((await office.accounts.list_devices("monitor"))[0].seen_ms)
    assert seen == [100_000, 100_000, 131_000]


async def test_what_shuts_a_terminal_out_changes_the_digest_and_nothing_else_does(
    office: Office,
) -> None:
    accounts, phone = office.accounts, "13800000009"
    device = Device(id=phone, kind="terminal", unit_id="A-01", key="k", enabled=True)
    await accounts.put_device(device)
    digest = await accounts.digest_devices("terminal")
    await accounts.saw_devices([phone], 5)
    await accounts.note_key_given(phone, 6)
    await accounts.put_device(replace(device, id="m9", kind="monitor"))
    assert await accounts.digest_devices("terminal") == digest
    seen = {digest}
    for changed in (
        replace(device, enabled=False),
        replace(device, unit_id="A-02"),
        replace(device, datum="gcj02"),
        replace(device, clock="utc"),
        replace(device, key="l"),
        replace(device, id="13800000010"),
    ):
        await accounts.put_device(changed)
        seen.add(await accounts.digest_devices("terminal"))
    assert len(seen) == 7


# ---- fallback seats

SEATS = f"{DEVICES}/seat"


def declared(**changes: Any) -> dict[str, Any]:
    return {"org": "centre", "seat": "90"} | changes


async def test_a_fallback_seats_key_leaves_the_server_once_and_it_is_listed(office: Office) -> None:
    status, made = await ask(office, "POST", SEATS, declared())
    assert (status, made["file"]["org"], made["file"]["seat"]) == (201, "centre", "90")
    _, listed = await ask(office, "GET", DEVICES)
    assert [(d["kind"], d["org"], d["seat"], d["unit_id"], d["enabled"]) for d in listed] == [
        ("seat", "centre", "90", "", True)
    ]
    assert made["file"]["key"] not in json.dumps(listed)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (409, "seat_in_use", "seat")),
        ({"seat": "91"}, (409, "seat_declared", "org")),
        ({"org": "county", "seat": "九十"}, (409, "seat_name", "seat")),
        ({"org": "hospital:h1"}, (400, "unknown_value", "org")),
        ({"org": "nowhere"}, (400, "unknown_value", "org")),
    ],
)
async def test_an_unfit_fallback_seat_is_refused(
    office: Office, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    await ask(office, "POST", SEATS, declared())
    status, problem = await ask(office, "POST", SEATS, declared(**changes))
    assert (status, problem["code"], problem["field"]) == expected


async def test_a_seats_revocation_is_taken_back_while_its_centre_has_no_other(
    office: Office,
) -> None:
    _, made = await ask(office, "POST", SEATS, declared())
    name = {"kind": "seat", "device_id": made["device"]["id"]}
    assert (await ask(office, "POST", f"{DEVICES}/revoke", name))[0] == 201
    assert (await ask(office, "POST", f"{DEVICES}/restore", name))[0] == 201
    assert (await ask(office, "POST", f"{DEVICES}/revoke", name))[0] == 201
    assert (await ask(office, "POST", SEATS, declared(seat="91")))[0] == 201
    status, problem = await ask(office, "POST", f"{DEVICES}/restore", name)
    assert (status, problem["code"], problem["detail"]) == (409, "seat_declared", "91")
    _, listed = await ask(office, "GET", DEVICES)
    assert {d["seat"]: d["enabled"] for d in listed} == {"90": False, "91": True}


# ---- who and what is written down


@pytest.mark.parametrize("username", ["dispatcher", "supervisor", "quality", "crew1", "hospital1"])
async def test_nobody_else_changes_the_register(office: Office, username: str) -> None:
    headers = await office.cookie(username)
    for method, path, body in (
        ("POST", ORGS, STATION),
        ("PATCH", ORGS, {"id": "centre", "name": "mine"}),
        ("GET", DEVICES, None),
        ("POST", DEVICES, terminal()),
        ("POST", f"{DEVICES}/revoke", {"kind": "terminal", "device_id": "1"}),
        ("POST", SEATS, declared()),
    ):
        answer = await office.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 403, path


async def test_every_change_of_the_register_is_logged(office: Office) -> None:
    _, made = await ask(office, "POST", ORGS, STATION)
    await change(office, made["id"], closed=True)
    await ask(office, "POST", DEVICES, terminal())
    await ask(office, "POST", f"{DEVICES}/revoke", {"kind": "terminal", "device_id": "13900001111"})
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        assert await cursor.fetchall() == [
            ("admin", "org.add", made["id"]),
            ("admin", "org.change", f"{made['id']} closed_ms"),
            ("admin", "device.add", "terminal:13900001111"),
            ("admin", "device.disable", "terminal:13900001111"),
        ]
