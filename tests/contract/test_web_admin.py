"""The administrator's page: people come, change, get a second factor and go."""

from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database

NEW: dict[str, Any] = {
    "username": "new.hand",
    "name": "新人",
    "role": "dispatcher",
    "org": "centre",
    "password": "a long password",
    "seat": "07",
}
PEOPLE = "/api/admin/people"


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
