"""The roster over the web: the week, a draft, and a file that is shown before it is written."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.domain.register.roster import begin_of_week, roster_id
from goldenhour.kernel.time import HOUR_MS

HEADER = "车号,开始,结束,班种,医生,护士,驾驶员,担架员"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        for unit_id in ("A-01", "A-02"):
            await made.world.list_unit(unit_id)
        await made.pump()
        yield made


def monday(office: Office) -> int:
    """Of the week after this one: nothing in it has begun."""
    return begin_of_week(office.world.clock.at_ms) + 7 * 24 * HOUR_MS


def plan(office: Office, unit_id: str = "A-01", **changes: Any) -> dict[str, Any]:
    from_ms = monday(office) + 8 * HOUR_MS
    return {
        "kind": "roster.plan",
        "roster_id": roster_id(unit_id, from_ms),
        "unit_id": unit_id,
        "shift_id": f"shift-{unit_id}",
        "from_ms": from_ms,
        "to_ms": from_ms + 12 * HOUR_MS,
        "duty": "emergency",
        "crew": [{"name": "甲", "function": "driver"}],
    } | changes


async def week(office: Office, username: str = "supervisor") -> dict[str, Any]:
    path = f"/api/roster/week?at_ms={monday(office)}"
    answer = await office.client.get(path, headers=await office.cookie(username))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shifts(office: Office, username: str = "supervisor") -> dict[str, list[Any]]:
    return {row["unit_id"]: row["shifts"] for row in (await week(office, username))["units"]}


async def send_file(
    office: Office, data: str, username: str = "supervisor", **query: str
) -> tuple[int, dict[str, Any]]:
    answer = await office.client.post(
        "/api/roster/import",
        params=query,
        content=data.encode("gbk"),
        headers=await office.cookie(username),
    )
    return answer.status_code, answer.json()


async def test_a_planned_shift_stands_in_the_week_with_what_is_told_about_it(
    office: Office,
) -> None:
    supervisor = await office.cookie("supervisor")
    for unit_id in ("A-01", "A-02"):
        status, answer = await office.say(supervisor, plan(office, unit_id))
        assert status == 200, answer
    found = await shifts(office)
    for unit_id, other in (("A-01", "A-02"), ("A-02", "A-01")):
        (one,) = found[unit_id]
        (warning,) = one["warnings"]
        assert (warning["code"], warning["person"], warning["unit_id"]) == (
            "person_twice",
            "甲",
            other,
        )
    # The administrator above both sees them; another centre has no such units.
    assert set(await shifts(office, "admin")) == {"A-01", "A-02"}
    draft = plan(office) | {"shift_id": "", "from_ms": monday(office) + 22 * HOUR_MS}
    draft |= {"to_ms": draft["from_ms"] + HOUR_MS}
    body = {n: draft[n] for n in ("shift_id", "unit_id", "from_ms", "to_ms", "crew")}
    told = await office.client.post("/api/roster/check", json=body, headers=supervisor)
    assert {one["code"] for one in told.json()} == {"short_rest"}


async def test_who_does_not_plan_is_refused_by_every_route(office: Office) -> None:
    at_ms = monday(office)
    for username in ("dispatcher", "county", "crew1", "hospital1", "quality"):
        cookie = await office.cookie(username)
        assert (await office.say(cookie, plan(office)))[0] == 403
        for path in (
            f"/api/roster/week?at_ms={at_ms}",
            f"/api/roster/export?at_ms={at_ms}",
            "/api/roster/template",
            f"/api/roster/history?roster={roster_id('A-01', at_ms)}",
        ):
            assert (await office.client.get(path, headers=cookie)).status_code == 403, path
        assert (await send_file(office, HEADER, username))[0] == 403


async def test_a_file_is_shown_then_written_and_changes_nothing_again(office: Office) -> None:
    day = "2026-11-23" if monday(office) == 1_795_363_200_000 else ""
    assert day, "the test world's next Monday"
    data = (
        f"{HEADER}\r\nA-01,{day} 08:00,{day} 20:00,急救,,,甲,\r\nA-02,{day} 08:00,{day} 20:00,,,,,"
    )
    status, shown = await send_file(office, data)
    assert status == 200, shown
    assert (shown["rows"], shown["fault_count"], shown["written"]) == (2, 0, False)
    assert [one["change"]["was"] for one in shown["changes"]] == [None, None]
    assert [[w["code"] for w in one["warnings"]] for one in shown["changes"]] == [[], ["no_crew"]]
    assert [len(found) for found in (await shifts(office)).values()] == [0, 0]

    # Somebody plans between the look and the deed: it is to be looked at again.
    supervisor = await office.cookie("supervisor")
    between = plan(office, "A-02", crew=[])
    assert (await office.say(supervisor, between))[0] == 200
    status, problem = await send_file(office, data, digest=shown["digest"])
    assert (status, problem["code"]) == (409, "preview_outdated")
    _, shown = await send_file(office, data)
    assert (len(shown["changes"]), shown["unchanged"]) == (1, 1)
    _, written = await send_file(office, data, digest=shown["digest"])
    assert written["written"]
    assert [len(found) for found in (await shifts(office)).values()] == [1, 1]

    _, again = await send_file(office, data)
    assert (again["changes"], again["unchanged"]) == ([], 2)
    _, once_more = await send_file(office, data, digest=shown["digest"])
    assert not once_more["written"]
    assert [len(found) for found in (await shifts(office)).values()] == [1, 1]


async def test_a_file_with_a_fault_writes_nothing_and_a_change_wants_a_reason(
    office: Office,
) -> None:
    supervisor = await office.cookie("supervisor")
    assert (await office.say(supervisor, plan(office)))[0] == 200
    good = f"{HEADER}\r\nA-01,2026-11-23 08:00,2026-11-23 19:00,急救,,,甲,"
    status, shown = await send_file(office, f"{good}\r\nA-09,2026-11-23 08:00,夜里")
    assert status == 200
    assert [(one["line"], one["column"], one["code"]) for one in shown["faults"]] == [
        (3, "车号", "unknown_unit"),
        (3, "结束", "not_a_time"),
    ]
    _, still = await send_file(office, f"{good}\r\nA-09,x,y", digest=shown["digest"])
    assert not still["written"]

    _, shown = await send_file(office, good)
    assert shown["needs_reason"]
    status, problem = await send_file(office, good, digest=shown["digest"])
    assert (status, problem["code"]) == (409, "reason_required")
    _, written = await send_file(office, good, digest=shown["digest"], reason="会议")
    assert written["written"]
    path = f"/api/roster/history?roster={roster_id('A-01', monday(office))}"
    told = (await office.client.get(path, headers=supervisor)).json()
    assert [(one["entry"]["kind"], one["entry"]["reason"], one["name"]) for one in told] == [
        ("roster.changed.v1", "会议", "supervisor"),
        ("roster.planned.v1", "", "supervisor"),
    ]


async def test_a_file_that_is_no_table_and_one_over_ten_weeks_are_refused(office: Office) -> None:
    cookie = await office.cookie("admin")
    for data, code in (
        (b"", "table_empty"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "table_encoding"),
        (b"PK\x03\x04", "table_unreadable"),
    ):
        answer = await office.client.post("/api/roster/import", content=data, headers=cookie)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    large = b"x" * 16_000_001
    answer = await office.client.post("/api/roster/import", content=large, headers=cookie)
    assert (answer.status_code, answer.json()["code"]) == (413, "table_too_long")
    rows = [f"A-01,20{year}-01-01 08:00,20{year}-01-01 20:00" for year in range(20, 31)]
    status, problem = await send_file(office, "\r\n".join([HEADER, *rows]))
    assert (status, problem["code"]) == (400, "table_too_wide")


async def test_the_template_and_the_export_are_read_again(office: Office) -> None:
    cookie = await office.cookie("supervisor")
    template = await office.client.get("/api/roster/template", headers=cookie)
    assert template.headers["content-disposition"] == 'attachment; filename="roster.csv"'
    post = office.client.post
    shown = (await post("/api/roster/import", content=template.content, headers=cookie)).json()
    assert (shown["fault_count"], len(shown["changes"])) == (0, 2)
    assert (await office.say(await office.cookie("supervisor"), plan(office)))[0] == 200
    path = f"/api/roster/export?at_ms={monday(office)}&lang=en"
    export = await office.client.get(path, headers=cookie)
    assert export.text.startswith("\ufeffcall sign,from,to,duty,")
    again = (await post("/api/roster/import", content=export.content, headers=cookie)).json()
    assert (again["fault_count"], again["changes"], again["unchanged"]) == (0, [], 1)


async def test_the_desk_is_proposed_the_crew_of_the_shift_that_is_on(office: Office) -> None:
    now_ms = office.world.clock.at_ms
    on = plan(office) | {"from_ms": now_ms - HOUR_MS, "to_ms": now_ms + HOUR_MS, "reason": "补"}
    on |= {"roster_id": roster_id("A-01", on["from_ms"])}
    status, said = await office.say(await office.cookie("supervisor"), on)
    assert status == 200, said
    for username, unit_id, names in (
        ("dispatcher", "A-01", ["甲"]),
        ("dispatcher", "A-02", []),
        ("county", "A-01", []),
    ):
        answer = await office.client.get(
            f"/api/roster/planned?unit_id={unit_id}", headers=await office.cookie(username)
        )
        assert [m["name"] for one in answer.json() for m in one["crew"]] == names
