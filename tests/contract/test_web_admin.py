"""The administrator's page: people come, change, get a second factor and go."""

from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from factories.office import Office, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Device

NEW: dict[str, Any] = {
    "username": "new.hand",
    "name": "新人",
    "role": "dispatcher",
    "org": "centre",
    "password": "a long password",
    "seat": "07",
}
PEOPLE = "/api/admin/people"
ORGS = "/api/admin/orgs"
DEVICES = "/api/admin/devices"
OURS, THEIRS = "13900000001", "13900000002"
"""Terminals: of the county's vehicle, and of the centre's."""


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def log_in(office: Office, totp: str, password: str = NEW["password"]) -> int:
    body = {"username": NEW["username"], "password": password, "totp": totp}
    return (await office.client.post("/api/session", json=body)).status_code


async def test_a_new_person_works_once_the_second_factor_is_set_up(office: Office) -> None:
    admin = await office.cookie("admin")
    added = (await office.client.post(PEOPLE, json=NEW, headers=admin)).json()
    assert (added["has_totp"], added["active"], added["demo"]) == (False, True, False)
    assert await log_in(office, "") == 401
    path = f"{PEOPLE}/{added['person_id']}/totp"
    totp = (await office.client.post(path, headers=admin)).json()
    assert totp["qr_svg"].startswith("<svg")
    assert "issuer=GoldenHour" in totp["uri"]
    code = pyotp.TOTP(totp["secret"]).at(office.world.clock.at_ms // 1000)
    assert await log_in(office, code) == 200


async def test_no_secret_leaves_the_server_in_the_list(office: Office) -> None:
    answer = await office.client.get(PEOPLE, headers=await office.cookie("admin"))
    assert len(answer.json()) == 9
    for word in ("argon2", "password", "JBSWY3DP"):
        assert word not in answer.text


async def test_changed_rights_end_the_old_session_and_begin_with_a_new_one(
    office: Office,
) -> None:
    admin, old = await office.cookie("admin"), await office.cookie("dispatcher")
    change = {"role": "quality", "seat": "Q2"}
    path = f"{PEOPLE}/dispatcher"
    changed = (await office.client.patch(path, json=change, headers=admin)).json()
    assert (changed["role"], changed["seat"], changed["org"]) == ("quality", "Q2", "centre")
    assert (await office.client.get("/api/session", headers=old)).status_code == 401
    fresh = await office.cookie("dispatcher")
    session = (await office.client.get("/api/session", headers=fresh)).json()
    assert session["role"] == "quality"


async def test_who_is_a_physician_is_the_administrators_word(office: Office) -> None:
    admin = await office.cookie("admin")
    path = f"{PEOPLE}/hospital1"
    changed = (await office.client.patch(path, json={"physician": True}, headers=admin)).json()
    assert changed["physician"]
    theirs = await office.cookie("hospital1")
    assert (await office.client.get("/api/session", headers=theirs)).json()["physician"]
    listed = (await office.client.get(PEOPLE, headers=admin)).json()
    assert [row["person_id"] for row in listed if row["physician"]] == ["hospital1"]


async def test_a_person_who_left_is_out_at_once_and_stays_in_the_list(office: Office) -> None:
    admin, theirs = await office.cookie("admin"), await office.cookie("dispatcher")
    assert (await office.client.get("/api/session", headers=theirs)).status_code == 200
    change = {"active": False}
    await office.client.patch(f"{PEOPLE}/dispatcher", json=change, headers=admin)
    assert (await office.client.get("/api/session", headers=theirs)).status_code == 401
    listed = (await office.client.get(PEOPLE, headers=admin)).json()
    row = next(row for row in listed if row["person_id"] == "dispatcher")
    assert (row["active"], row["sessions"]) == (False, 0)


async def test_revoking_ends_every_session_of_a_person_and_nobody_elses(office: Office) -> None:
    admin = await office.cookie("admin")
    theirs = [await office.cookie("dispatcher") for _ in range(2)]
    other = await office.cookie("supervisor")
    await office.client.post(f"{PEOPLE}/dispatcher/revoke", headers=admin)
    for cookie, status in ((theirs[0], 401), (theirs[1], 401), (other, 200)):
        assert (await office.client.get("/api/session", headers=cookie)).status_code == status


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"username": "dispatcher"}, 409, "username"),
        ({"org": "nowhere"}, 400, "org"),
        ({"password": "short"}, 400, "password"),
        ({"username": "Ünfit name"}, 400, "username"),
        ({"role": "emperor"}, 400, "role"),
    ],
)
async def test_an_unfit_person_is_refused_by_the_field(
    office: Office, changes: dict[str, Any], status: int, field: str
) -> None:
    admin = await office.cookie("admin")
    answer = await office.client.post(PEOPLE, json=NEW | changes, headers=admin)
    problem = answer.json()
    assert answer.status_code == status
    assert field in f"{problem['field']} {problem['detail']}"


async def test_an_administrator_cannot_lock_the_door_behind_themselves(office: Office) -> None:
    admin = await office.cookie("admin")
    answer = await office.client.patch(f"{PEOPLE}/admin", json={"active": False}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yourself")


@pytest.mark.parametrize("username", ["dispatcher", "supervisor", "crew1", "hospital1"])
async def test_nobody_else_administers(office: Office, username: str) -> None:
    cookie = await office.cookie(username)
    for path in (PEOPLE, "/api/admin/orgs"):
        assert (await office.client.get(path, headers=cookie)).status_code == 403
    assert (await office.client.post(PEOPLE, json=NEW, headers=cookie)).status_code == 403


async def test_what_an_administrator_did_is_logged(office: Office) -> None:
    admin = await office.cookie("admin")
    await office.client.post(f"{PEOPLE}/dispatcher/revoke", headers=admin)
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        assert await cursor.fetchall() == [("admin", "person.revoke", "dispatcher")]


# ---- an administrator of a part of the tree


@pytest.fixture
async def chief(office: Office) -> dict[str, str]:
    """The session of an administrator of the county, which has a station with one vehicle."""
    for ident, parent, kind in (
        ("station:k1", "county", "station"),
        ("unit:K-01", "station:k1", "unit"),
    ):
        await office.accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    await office.services.tree.refresh(office.accounts)
    await office.accounts.put_person(person("chief", Role.ADMIN, "county"), 0)
    await office.accounts.put_person(person("crew9", Role.CREW, "unit:K-01"), 0)
    for phone, unit_id in ((OURS, "K-01"), (THEIRS, "A-01")):
        await office.accounts.put_device(
            Device(id=phone, kind="terminal", unit_id=unit_id, key="k", enabled=True)
        )
    for org in ("county", "centre"):
        await office.accounts.put_device(
            Device(id=org, kind="seat", unit_id="", key="k", enabled=True, org=org, seat=org)
        )
    return await office.cookie("chief")


async def test_lists_hold_ones_own_organisation_and_what_is_below_it(
    office: Office, chief: dict[str, str]
) -> None:
    client, admin = office.client, await office.cookie("admin")
    people = (await client.get(PEOPLE, headers=chief)).json()
    assert {row["username"] for row in people} == {"county", "chief", "crew9"}
    orgs = (await client.get(ORGS, headers=chief)).json()
    assert {row["id"]: row["parent"] for row in orgs} == {
        "county": "",  # what is above is not told
        "station:k1": "county",
        "unit:K-01": "station:k1",
    }
    devices = (await client.get(DEVICES, headers=chief)).json()
    assert {row["id"] for row in devices} == {OURS, "county"}
    for path, count in ((PEOPLE, 11), (ORGS, 10), (DEVICES, 4)):
        assert len((await client.get(path, headers=admin)).json()) == count, path
    whole = (await client.get(ORGS, headers=admin)).json()
    assert {row["id"]: row["parent"] for row in whole}["county"] == "city"


ELSEWHERE: tuple[tuple[str, str, dict[str, Any] | None, str], ...] = (
    ("PATCH", f"{PEOPLE}/{{person}}", {"password": "a new long password"}, "person_id"),
    ("PATCH", f"{PEOPLE}/{{person}}", {"org": "county"}, "person_id"),
    ("POST", f"{PEOPLE}/{{person}}/totp", None, "person_id"),
    ("POST", f"{PEOPLE}/{{person}}/revoke", None, "person_id"),
    ("PATCH", ORGS, {"id": "{org}", "name": "x"}, "id"),
    ("PATCH", ORGS, {"id": "{org}", "parent": "county"}, "id"),
    *(
        ("POST", f"{DEVICES}/{deed}", {"kind": kind, "device_id": f"{{{kind}}}"}, "device_id")
        for deed in ("revoke", "restore", "reopen")
        for kind in ("terminal", "seat")
    ),
    (
        "POST",
        f"{DEVICES}/profile",
        {"kind": "terminal", "device_id": "{terminal}", "datum": "wgs84", "clock": "utc"},
        "device_id",
    ),
    ("GET", "/api/admin/terminals/{terminal}", None, "phone"),
    (
        "POST",
        "/api/admin/terminals/{terminal}/orders",
        {"id": "order-0001", "order": {"kind": "query_position"}},
        "phone",
    ),
    ("GET", "/api/admin/terminals/{terminal}/media", None, "phone"),
    ("GET", f"/api/admin/terminals/{{terminal}}/media/1/{'ab' * 32}", None, "phone"),
)
NAMES = {"person": "quality", "org": "station:s1", "terminal": THEIRS, "seat": "centre"}
NOBODYS = {"person": "nobody", "org": "nowhere", "terminal": "13999999999", "seat": "none"}


@pytest.mark.parametrize("asked", ELSEWHERE, ids=lambda asked: f"{asked[0]} {asked[1]}")
async def test_what_is_elsewhere_is_answered_like_what_is_not_there(
    office: Office, chief: dict[str, str], asked: tuple[str, str, dict[str, Any] | None, str]
) -> None:
    method, path, body, field = asked
    before = await state_of(office)
    answers = []
    for names in (NAMES, NOBODYS):
        filled = body and {name: value_of(value, names) for name, value in body.items()}
        answer = await office.client.request(
            method, path.format(**names), json=filled, headers=chief
        )
        answers.append((answer.status_code, answer.json()))
    assert answers[0] == answers[1]
    status, problem = answers[0]
    assert (status, problem["code"], problem["field"]) == (404, "absent", field)
    assert await state_of(office) == before


def value_of(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


async def state_of(office: Office) -> list[Any]:
    async with office.database.system() as connection:
        found: list[Any] = []
        for table in ("person", "organisation", "device", "terminal_order", "access_log"):
            cursor = await connection.execute(f"select * from {table} order by id".encode())  # noqa: S608 (constants of this line)
            found += await cursor.fetchall()
        return found


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (("POST", PEOPLE, NEW), (400, "org")),
        (("POST", PEOPLE, NEW | {"org": "county", "unit_id": "A-01"}), (400, "unit_id")),
        (("PATCH", f"{PEOPLE}/crew9", {"org": "centre"}), (400, "org")),
        # A vehicle's computer would let them in.
        (("PATCH", f"{PEOPLE}/crew9", {"unit_id": "A-01"}), (400, "unit_id")),
        (("POST", DEVICES, {"kind": "edge", "unit_id": "A-01"}), (400, "unit_id")),
        (("POST", f"{DEVICES}/seat", {"org": "centre", "seat": "F1"}), (400, "org")),
        (("POST", ORGS, {"kind": "station", "parent": "centre", "name": "x"}), (409, "parent")),
        (("PATCH", ORGS, {"id": "station:k1", "parent": "centre"}), (409, "parent")),
    ],
)
async def test_nothing_is_put_elsewhere(
    office: Office,
    chief: dict[str, str],
    asked: tuple[str, str, dict[str, Any]],
    refused: tuple[int, str],
) -> None:
    method, path, body = asked
    before = await state_of(office)
    answer = await office.client.request(method, path, json=body, headers=chief)
    problem = answer.json()
    assert problem["code"] == "unknown_value"
    assert (answer.status_code, problem["field"]) == refused
    assert await state_of(office) == before


async def test_what_is_below_is_ones_own_to_administer(
    office: Office, chief: dict[str, str]
) -> None:
    hand = NEW | {"role": "crew", "org": "unit:K-01", "unit_id": "K-01"}
    station = {"kind": "station", "parent": "county", "name": "二站"}
    order = {"id": "order-0001", "order": {"kind": "query_position"}}
    for method, path, body, status in (
        ("POST", PEOPLE, hand, 201),
        ("PATCH", f"{PEOPLE}/crew9", {"name": "又名", "org": "county", "unit_id": "K-01"}, 200),
        ("POST", f"{PEOPLE}/crew9/totp", None, 201),
        ("POST", f"{PEOPLE}/crew9/revoke", None, 201),
        ("POST", ORGS, station, 201),
        ("PATCH", ORGS, {"id": "county", "name": "县中心"}, 200),
        ("POST", DEVICES, {"kind": "edge", "unit_id": "K-01"}, 201),
        ("POST", f"/api/admin/terminals/{OURS}/orders", order, 202),
        ("POST", f"{DEVICES}/revoke", {"kind": "terminal", "device_id": OURS}, 201),
        ("POST", f"{DEVICES}/revoke", {"kind": "seat", "device_id": "county"}, 201),
        ("POST", f"{DEVICES}/seat", {"org": "county", "seat": "F1"}, 201),
    ):
        answer = await office.client.request(method, path, json=body, headers=chief)
        assert answer.status_code == status, (path, answer.text)


@pytest.mark.parametrize(("field", "value"), [("role", "quality"), ("org", "station:s1")])
async def test_nobody_gives_themselves_another_role_or_organisation(
    office: Office, field: str, value: str
) -> None:
    admin, path = await office.cookie("admin"), f"{PEOPLE}/admin"
    answer = await office.client.patch(path, json={field: value}, headers=admin)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (409, "not_yourself", field)
    # The page sends both each time, as they are.
    same = {"name": "又名", "role": "admin", "org": "city"}
    answer = await office.client.patch(path, json=same, headers=admin)
    assert (answer.status_code, answer.json()["name"]) == (200, "又名")
