"""Commands over the web: what is accepted, refused, malformed and forbidden."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from factories.office import PAGE, Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.journal import SYSTEM

RING = {"kind": "call.ring", "call_id": "c1", "number": {"as": "clear", "text": "139"}, "line": "1"}
ANSWER = {"kind": "call.answer", "call_id": "c1"}


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def test_a_command_is_answered_with_the_versions_that_it_wrote(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    assert await office.say(cookie, RING) == (
        200,
        {"outcome": "accepted", "versions": {"call:c1": 1}},
    )
    assert (await office.say(cookie, ANSWER))[1]["versions"] == {"call:c1": 2}
    event = (await office.world.journal.load(["call:c1"], SYSTEM))["call:c1"].events[-1]
    assert (event.actor, event.role, event.org) == ("dispatcher", "dispatcher", "centre")
    assert event.installation == f"dispatcher/{PAGE}"


async def test_the_same_page_and_number_twice_is_one_deed(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    await office.say(cookie, RING)
    first = await office.say(cookie, ANSWER, sequence=7)
    assert await office.say(cookie, ANSWER, sequence=7) == first
    status, problem = await office.say(cookie, RING, sequence=7)
    assert (status, problem["code"]) == (409, "identity_reused")


async def test_two_people_never_share_an_identity(office: Office) -> None:
    for number, username in enumerate(("dispatcher", "supervisor"), start=1):
        ring = RING | {"call_id": f"c{number}"}
        status, _ = await office.say(await office.cookie(username), ring, sequence=1)
        assert status == 200


async def test_a_refusal_is_a_problem_with_its_code(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    await office.say(cookie, RING)
    await office.say(cookie, ANSWER)
    body = {"installation": PAGE, "sequence": 99, "command": ANSWER}
    answer = await office.client.post("/api/commands", json=body, headers=cookie)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("already_answered", "dispatcher")
    assert problem["type"] == "urn:goldenhour:problem:already_answered"


MALFORMED: dict[str, tuple[Any, str]] = {
    "a missing field": ({"kind": "call.answer"}, "call_id"),
    "a wrong type": (ANSWER | {"call_id": 7}, "command.call_id"),
    "an unknown field": (ANSWER | {"colour": "red"}, "colour"),
    "an unknown command": ({"kind": "call.explode"}, "command.kind"),
    "a place off the earth": (
        {
            "kind": "mission.reach",
            "mission_id": "m",
            "milestone": "departed",
            "source": "crew",
            "point": {"lat": 91, "lon": 0},
        },
        "command.point.lat",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_what_cannot_be_read_is_answered_with_the_field(office: Office, case: str) -> None:
    command, field = MALFORMED[case]
    status, problem = await office.say(await office.cookie("dispatcher"), command)
    assert (status, problem["code"]) == (400, "invalid")
    assert field in f"{problem['field']} {problem['detail']}"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"installation":"x"}'])
async def test_no_body_makes_the_server_fall(office: Office, body: bytes) -> None:
    cookie = await office.cookie("dispatcher")
    headers = cookie | {"content-type": "application/json"}
    answer = await office.client.post("/api/commands", content=body, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("username", "command"),
    [
        ("hospital1", ANSWER),
        ("quality", ANSWER),
        ("admin", ANSWER),
        ("dispatcher", {"kind": "mission.check_departed", "mission_id": "m1"}),
        ("dispatcher", {"kind": "alert.resolve", "alert_id": "a", "reason": "x"}),
        ("crew1", {"kind": "handover.sign", "handover_id": "h", "side": "hospital", "name": "x"}),
        (
            "dispatcher",
            {
                "kind": "mission.reach",
                "mission_id": "m",
                "milestone": "departed",
                "source": "crew",
            },
        ),
    ],
)
async def test_what_is_not_ones_own_to_say_is_forbidden(
    office: Office, username: str, command: dict[str, Any]
) -> None:
    status, problem = await office.say(await office.cookie(username), command)
    assert (status, problem["code"]) == (403, "not_allowed")


async def test_without_a_session_nothing_is_done(office: Office) -> None:
    status, problem = await office.say({}, RING)
    assert (status, problem["code"]) == (401, "no_session")


async def test_anothers_case_is_answered_like_one_that_does_not_exist(office: Office) -> None:
    _, incident_id = await office.world.open_incident()
    county = await office.cookie("county")
    close = {"kind": "incident.close", "incident_id": incident_id, "reason": "x"}
    theirs = await office.say(county, close)
    nobodys = await office.say(county, close | {"incident_id": "none"})
    assert theirs == nobodys
    assert theirs[1]["code"] == "absent"


async def test_an_id_that_another_centre_uses_is_refused(office: Office) -> None:
    await office.say(await office.cookie("dispatcher"), RING)
    status, problem = await office.say(await office.cookie("county"), RING)
    assert (status, problem["code"]) == (409, "exists")


async def test_a_crew_and_its_hospital_work_a_case_under_their_own_rights(office: Office) -> None:
    world = office.world
    await world.list_unit()
    await world.list_hospital()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    crew, hospital = await office.cookie("crew1"), await office.cookie("hospital1")
    steps = (
        (
            crew,
            {
                "kind": "mission.reach",
                "mission_id": mission_id,
                "milestone": "acknowledged",
                "source": "crew",
            },
        ),
        (crew, {"kind": "patient.register", "patient_id": "p1", "mission_id": mission_id}),
        (crew, {"kind": "patient.observe", "patient_id": "p1", "gcs": 15}),
        (
            crew,
            {
                "kind": "handover.prealert",
                "handover_id": "x1",
                "mission_id": mission_id,
                "patient_id": "p1",
                "hospital_id": "h1",
                "tier": "alert",
                "summary": {"as": "clear", "text": "胸痛"},
            },
        ),
        (
            hospital,
            {"kind": "handover.acknowledge", "handover_id": "x1", "name": "韩晓", "bay": "2"},
        ),
        (crew, {"kind": "handover.sign", "handover_id": "x1", "side": "crew", "name": "李卫"}),
        (
            hospital,
            {"kind": "handover.sign", "handover_id": "x1", "side": "hospital", "name": "韩晓"},
        ),
    )
    for cookie, command in steps:
        status, answer = await office.say(cookie, command)
        assert status == 200, (command["kind"], answer)
    signs = {"kind": "handover.sign", "handover_id": "x1", "side": "hospital", "name": "x"}
    status, problem = await office.say(await office.cookie("hospital2"), signs)
    assert (status, problem["code"]) == (409, "absent")
    observes = {"kind": "patient.observe", "patient_id": "p1", "gcs": 3}
    status, problem = await office.say(await office.cookie("crew2"), observes)
    assert (status, problem["code"]) == (409, "absent")
