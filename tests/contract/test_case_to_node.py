"""A county hands a case to the city's node: two databases, a real link, and nothing typed twice."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege

from factories.shared_case import Two, append_behind, bytes_of, shared_case
from factories.two_nodes import UNIT, neighbours, until
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app import copies
from goldenhour.app.copies import Copier
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import State
from goldenhour.kernel.outcome import Refused
from goldenhour.views.rows import CallRow, IncidentRow

OTHER = "B-01"
"""The county's own unit."""


@pytest.fixture
async def two(server: EmbeddedServer, database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    async with shared_case(server, database, tmp_path) as made:
        await made.county.world.list_unit(OTHER)
        yield made


async def offer(two: Two) -> None:
    """The county's desk offers it; the city's desks have it on their board."""
    desk = await two.county.office.cookie("dispatcher")
    offered = {
        "kind": "incident.offer", "incident_id": two.incident_id, "org": "node:city",
        "reason": "超出本县能力",
    }  # fmt: skip
    assert (await two.county.office.say(desk, offered))[0] == 200

    async def alarmed() -> bool:
        return await two.city.state(f"alert:case_offered.{two.incident_id}.1") is not None

    await until(alarmed)


async def take(two: Two) -> tuple[int, dict[str, Any]]:
    desk = await two.city.office.cookie("dispatcher")
    return await two.city.office.say(
        desk, {"kind": "incident.take", "incident_id": two.incident_id}
    )


async def row_of(site: Any, two: Two) -> IncidentRow | None:
    view = await site.office.hub.case_view(two.incident, SYSTEM)
    found = view.rows.get(("incidents", two.incident_id))
    return found if isinstance(found, IncidentRow) else None


async def same_history(two: Two) -> bool:
    return await bytes_of(two.city, two.incident) == await bytes_of(two.county, two.incident)


async def test_a_county_case_is_handed_to_the_city_and_goes_on_there(two: Two) -> None:
    city, county = two.city, two.county
    run = await county.world.assign(two.incident_id, OTHER)
    async with neighbours(city, county):
        await offer(two)
        shown = await row_of(city, two)
        assert shown is not None
        assert (shown.node, shown.org, shown.seat) == ("county", "node:county", "county/03")
        view = await city.office.hub.case_view(two.incident, SYSTEM)
        calls = [row for row in view.rows.values() if isinstance(row, CallRow)]
        assert [(row.owner, row.number) for row in calls] == [("county/03", "13900001111")]

        status, said = await take(two)
        assert status == 200, said
        led = await city.state(two.incident)
        assert (led.home, led.moved, led.org, led.seat) == ("city", False, "centre", "dispatcher")
        await city.fire_all()
        assert (
            await city.state(f"alert:case_offered.{two.incident_id}.1")
        ).state is AlertState.RESOLVED

        # It is the city's to write: another unit, behind the hash of the county's last word.
        await city.world.assign(two.incident_id, UNIT)
        await until(lambda: same_history(two))
        assert not (await county.state(two.incident)).moved
        refused = await county.world.send(
            c.SetComplaint(incident_id=two.incident_id, topic="chest_pain")
        )
        assert refused == Refused(code="of_other_node", detail="city")
        there = await row_of(county, two)
        assert there is not None
        assert (there.node, there.org, there.moved) == ("city", "node:city", False)

        # The caller is at the county's desk, which goes on with the call.
        for site, owner in ((county, "03"), (city, "county/03")):
            view = await site.office.hub.case_view(two.incident, SYSTEM)
            assert [one.owner for one in view.rows.values() if isinstance(one, CallRow)] == [owner]

        # The county's own run stays the county's, and is seen from both.
        await county.world.reach(run, Milestone.ACKNOWLEDGED)

        async def seen() -> bool:
            return bool((await city.state(f"mission:{run}")).state is State.ACKNOWLEDGED)

        await until(seen)
        county.world.clock.at_ms += 10 * 60_000
        await county.fire_all()
        # Nobody at the county is alarmed about a case that it does not lead.
        assert await county.state(f"alert:case_unconfirmed.{two.incident_id}") is None
        assert await county.state(f"alert:not_dispatched.{two.incident_id}") is None


async def test_the_old_home_appends_nothing_behind_its_last_word(two: Two) -> None:
    async with neighbours(two.city, two.county):
        await offer(two)
        assert (await take(two))[0] == 200
    last = (await bytes_of(two.county, two.incident))[-1]
    with pytest.raises(InsufficientPrivilege, match="another node's"):
        async with two.county.office.database.plain(SYSTEM) as connection:
            await connection.execute("select append(%s::jsonb)", (append_behind(last),))


async def test_a_cut_between_word_and_answer_warns_both_boards(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await offer(two)
        link = city.links["county"]
        post = link.deed
        with monkeypatch.context() as cutting:

            async def answer_lost(deed: Any) -> None:
                await post(deed)

            async def cut(*_: Any) -> None:
                raise ConnectionError

            cutting.setattr(link, "deed", answer_lost)
            cutting.setattr(Copier, "take", cut)
            status, said = await take(two)
            assert (status, said["code"], said["detail"]) == (409, "home_silent", "county")
            there = await row_of(county, two)
            assert there is not None
            assert (there.node, there.moved) == ("city", True)
            county.world.clock.at_ms += county.world.facts.limits.ask_s * 1000
            await county.fire_all()
            warned = await county.state(f"alert:case_unconfirmed.{two.incident_id}")
            assert (warned.priority, warned.owner, warned.details["to"]) == (1, "all", "city")

        # The word comes with the feed: nobody here has taken the case yet, and everybody is told.
        async def came() -> bool:
            return await city.state(f"alert:case_to_confirm.{two.incident_id}") is not None

        await until(came)
        here = await row_of(city, two)
        assert here is not None
        assert (here.node, here.moved) == ("", True)
        assert (await take(two))[0] == 200
        await city.fire_all()
        told = await city.state(f"alert:case_to_confirm.{two.incident_id}")
        assert told.state is AlertState.RESOLVED

        async def settled() -> bool:
            found = await county.state(f"alert:case_unconfirmed.{two.incident_id}")
            return bool(found.state is AlertState.RESOLVED)

        await until(settled)
        assert await same_history(two)


async def test_the_word_that_is_asked_for_twice_is_said_once(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await offer(two)
        link = city.links["county"]
        post = link.deed

        async def doubled(deed: Any) -> Any:
            await post(deed)
            return await post(deed)

        link.deed = doubled  # type: ignore[method-assign]
        assert (await take(two))[0] == 200
        await until(lambda: same_history(two))
        kinds = [one.kind for one in await bytes_of(county, two.incident)]
        assert kinds.count("incident.taken.v1") == 2  # its last word, and the city's first


async def test_an_offer_that_was_taken_back_is_not_taken(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await offer(two)
        await county.world.accept(c.WithdrawOffer(incident_id=two.incident_id))
        status, said = await take(two)
        assert (status, said["code"]) == (409, "no_offer")

        async def gone() -> bool:
            return await row_of(city, two) is None

        await until(gone)
        assert (await county.state(two.incident)).home == "county"


async def test_a_declined_case_stays_and_leaves_the_other_board(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await offer(two)
        desk = await city.office.cookie("dispatcher")
        no = {"kind": "incident.decline", "incident_id": two.incident_id, "reason": "无车"}
        assert (await city.office.say(desk, no))[0] == 200
        assert await row_of(city, two) is None
        assert (await county.state(two.incident)).offer is None
        # And a page cannot say that another node takes it.
        desk = await county.office.cookie("supervisor")
        forged = {
            "kind": "incident.take", "incident_id": two.incident_id, "node": "city",
            "reason": "x",
        }  # fmt: skip
        assert (await county.office.say(desk, forged))[0] == 200
        assert (await county.state(two.incident)).home == "county"


async def test_a_copy_that_was_refused_is_shown_told_again_and_dismissed(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, county = two.city, two.county
    boss = await city.office.cookie("supervisor")

    async def listed() -> list[dict[str, Any]]:
        answer = await city.office.client.get("/api/nodes/refused", headers=boss)
        assert answer.status_code == 200
        return list(answer.json())

    async def say(path: str, stream: str) -> int:
        body = {"node": "county", "stream": stream}
        url = f"/api/nodes/refused/{path}"
        return (await city.office.client.post(url, json=body, headers=boss)).status_code

    async with neighbours(city, county):
        with monkeypatch.context() as broken:
            # As if the line had garbled it: the bytes do not hash to what they say.
            broken.setattr(copies, "hash_of", lambda *_: b"?")
            desk = await county.office.cookie("dispatcher")
            offered = {
                "kind": "incident.offer", "incident_id": two.incident_id, "org": "node:city",
                "reason": "x",
            }  # fmt: skip
            assert (await county.office.say(desk, offered))[0] == 200

            async def refused() -> bool:
                return any(one["stream"] == two.incident for one in await listed())

            await until(refused)
        (one,) = [row for row in await listed() if row["stream"] == two.incident]
        assert (one["node"], one["reason"], one["times"]) == ("county", "gap", 1)
        status = (await city.office.client.get("/api/nodes", headers=boss)).json()
        assert status[0]["refused"] == len(await listed())
        # A dispatcher sees that there are some, and does not decide about them.
        asking = await city.office.cookie("dispatcher")
        path = "/api/nodes/refused"
        assert (await city.office.client.get(path, headers=asking)).status_code == 403
        assert await say("dismiss", two.incident) < 300
        assert await say("dismiss", "incident:of-nobody") == 404
        dismissed = next(row for row in await listed() if row["stream"] == two.incident)
        assert dismissed["dismissed_by"]
        assert await say("take-back", two.incident) < 300
        # Told anew it can be kept, and is refused no longer.
        assert await say("again", two.incident) < 300

        async def here() -> bool:
            return await city.state(two.incident) is not None and not await listed()

        await until(here)
