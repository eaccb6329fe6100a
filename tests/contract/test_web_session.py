"""Logging in: what is asked, what is told, and what an attacker learns from it (nothing)."""

from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from factories.office import DEMO, PASSWORD, SECRET, Office, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import identity
from goldenhour.app.access import Role


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def demo_office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, demo=True) as made:
        yield made


def code_now(office: Office, offset_s: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(office.world.clock.at_ms // 1000 + offset_s)


async def log_in(
    office: Office, username: str = "dispatcher", password: str = PASSWORD, totp: str = ""
) -> tuple[int, dict[str, Any]]:
    body = {"username": username, "password": password, "totp": totp}
    answer = await office.client.post("/api/session", json=body)
    return answer.status_code, answer.json()


async def add_demo(office: Office) -> None:
    made = person(DEMO.username, Role.DISPATCHER, "centre", totp_secret="", demo=True)
    await office.accounts.put_person(made, office.world.clock.at_ms)


async def test_password_and_second_factor_open_a_session_and_log_out_ends_it(
    office: Office,
) -> None:
    status, session = await log_in(office, totp=code_now(office))
    assert status == 200
    assert (session["role"], session["org"]) == ("dispatcher", "centre")
    assert (session["demo"], session["second_factor_skipped"]) == (False, False)
    assert (await office.client.get("/api/session")).json()["person_id"] == "dispatcher"
    assert (await office.client.delete("/api/session")).status_code == 204
    assert (await office.client.get("/api/session")).status_code == 401


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(office: Office) -> None:
    body = {"username": "dispatcher", "password": PASSWORD, "totp": code_now(office)}
    answer = await office.client.post("/api/session", json=body)
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "secure", "samesite=strict"):
        assert word in cookie


async def test_a_wrong_name_a_wrong_password_and_a_closed_account_get_the_same_answer(
    office: Office,
) -> None:
    gone = person("gone", Role.DISPATCHER, "centre", active=False)
    await office.accounts.put_person(gone, office.world.clock.at_ms)
    answers = [
        await log_in(office, "nobody"),
        await log_in(office, password="wrong"),
        await log_in(office, "gone", totp=code_now(office)),
    ]
    assert [answer[1]["code"] for answer in answers] == ["bad_credentials"] * 3
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    ("totp", "code"), [("", "totp_required"), ("000000", "totp_wrong"), ("abc", "totp_wrong")]
)
async def test_no_session_without_the_second_factor(office: Office, totp: str, code: str) -> None:
    status, problem = await log_in(office, totp=totp)
    assert (status, problem["code"]) == (401, code)
    assert (await office.client.get("/api/session")).status_code == 401


async def test_an_old_code_is_wrong(office: Office) -> None:
    assert (await log_in(office, totp=code_now(office, -120)))[1]["code"] == "totp_wrong"


async def test_an_account_without_a_second_factor_cannot_work(office: Office) -> None:
    fresh = person("fresh", Role.DISPATCHER, "centre", totp_secret="")
    await office.accounts.put_person(fresh, office.world.clock.at_ms)
    assert (await log_in(office, "fresh"))[1]["code"] == "totp_not_set_up"


async def test_a_demo_account_is_refused_outside_demo_mode(office: Office) -> None:
    await add_demo(office)
    assert (await log_in(office, DEMO.username))[1]["code"] == "bad_credentials"
    assert (await office.client.get("/api/demo-accounts")).status_code == 404


async def test_a_demo_account_needs_no_second_factor_in_demo_mode_and_says_so(
    demo_office: Office,
) -> None:
    await add_demo(demo_office)
    status, session = await log_in(demo_office, DEMO.username)
    assert status == 200
    assert (session["demo"], session["second_factor_skipped"]) == (True, True)
    listed = (await demo_office.client.get("/api/demo-accounts")).json()
    assert [account["username"] for account in listed] == ["demo"]


async def test_demo_mode_skips_no_ones_second_factor_but_the_demo_accounts(
    demo_office: Office,
) -> None:
    assert (await log_in(demo_office))[1]["code"] == "totp_required"


async def test_too_many_attempts_are_stopped_and_allowed_again_later(office: Office) -> None:
    for _ in range(identity.MAX_ATTEMPTS):
        assert (await log_in(office, password="wrong"))[0] == 401
    status, problem = await log_in(office, totp=code_now(office))
    assert (status, problem["code"]) == (429, "too_many_attempts")
    assert (await log_in(office, "supervisor", totp=code_now(office)))[0] == 200
    office.world.clock.at_ms += identity.ATTEMPTS_WINDOW_MS
    assert (await log_in(office, totp=code_now(office)))[0] == 200


async def test_a_session_ends_by_itself(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    assert (await office.client.get("/api/session", headers=cookie)).status_code == 200
    office.world.clock.at_ms += identity.SESSION_MS
    assert (await office.client.get("/api/session", headers=cookie)).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health/live", 200),
        ("/api/session", 401),
        ("/api/nothing", 404),
        ("/api/demo-accounts", 404),
        ("/api/openapi.json", 200),
        ("/", 503),
    ],
)
async def test_every_answer_carries_the_security_headers(
    office: Office, path: str, status: int
) -> None:
    answer = await office.client.get(path)
    assert answer.status_code == status
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("username", "x" * 65),
        ("username", "dispatcher\0"),
        ("password", "x" * 201),
        ("password", "\0"),
        ("totp", "1" * 17),
    ],
)
async def test_what_nobody_can_have_typed_is_neither_tried_nor_logged(
    office: Office, field: str, text: str
) -> None:
    for _ in range(identity.MAX_ATTEMPTS + 1):
        status, problem = await log_in(office, **{field: text})
        assert (status, problem["code"], problem["field"]) == (400, "invalid", field)
    async with office.database.system() as connection:
        cursor = await connection.execute("select person from access_log")
        assert await cursor.fetchall() == []
    assert (await log_in(office, totp=code_now(office)))[0] == 200


async def test_a_name_of_every_allowed_length_is_tried_and_logged(office: Office) -> None:
    assert (await log_in(office, "x" * 64, "x" * 200, "1" * 16))[1]["code"] == "bad_credentials"
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, outcome from access_log")
        assert await cursor.fetchall() == [("x" * 64, "refused")]


RING = {"kind": "call.ring", "call_id": "c1", "number": {"as": "clear", "text": "139"}, "line": "1"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"call_id": "c\0"}, "command.call_id"),
        ({"number": {"as": "clear", "text": "139\0"}}, "command.number.text"),
        ({"line": "\0"}, "command.line"),
    ],
)
async def test_a_command_with_a_nul_is_refused_by_its_field(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    cookie = await office.cookie("dispatcher")
    status, problem = await office.say(cookie, RING | changes)
    assert (status, problem["code"], problem["field"]) == (400, "invalid", field)
    # The six characters by which JSON would write one are text like any other.
    assert (await office.say(cookie, RING | {"line": "\\u0000"}))[0] == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/cases/a%00b/timeline", "incident_id"),
        ("/api/missions/%00/track", "mission_id"),
        ("/api/recommend?incident_id=%00", "incident_id"),
        ("/api/cases?q=a%00b", "q"),
    ],
)
async def test_an_address_with_a_nul_is_refused_by_its_field(
    office: Office, path: str, field: str
) -> None:
    answer = await office.client.get(path, headers=await office.cookie("dispatcher"))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (400, "invalid", field)
