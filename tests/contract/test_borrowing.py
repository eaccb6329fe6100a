"""A county borrows a unit of the city: two nodes, two databases, a real link between them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.errors import InsufficientPrivilege

from factories.advice import fix_at
from factories.shared_case import RUN, Two, append_behind, bytes_of, rows_of, shared_case
from factories.two_nodes import UNIT, neighbours, until
from factories.world import START_MS
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.copies import Copier, told_to
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import State
from goldenhour.domain.intake.events import AskOutcome
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused


@pytest.fixture
async def two(server: EmbeddedServer, database: Database, tmp_path: Path) -> AsyncIterator[Two]:
    async with shared_case(server, database, tmp_path) as made:
        yield made


async def test_a_unit_is_borrowed_and_its_run_comes_back_as_a_copy(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        ask = await two.asked()
        assert (ask.outcome, ask.linked_ms is not None, ask.late) == (None, True, False)
        run = await county.state(f"mission:{RUN}")
        assert (run.unit_id, run.node, run.lent_to) == (UNIT, "city", "county")

        # What the vehicle does comes by the feed, verbatim; the case goes the other way.
        await city.world.reach(RUN, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)

        async def drives() -> bool:
            return bool((await county.state(f"mission:{RUN}")).state is State.EN_ROUTE)

        await until(drives)
        await county.world.accept(c.SetComplaint(incident_id=two.incident_id, topic="chest_pain"))

        async def same() -> bool:
            return await bytes_of(city, two.incident) == await bytes_of(county, two.incident)

        await until(same)
        assert await bytes_of(county, f"mission:{RUN}") == await bytes_of(city, f"mission:{RUN}")

        # Its personal text is readable where the case is shown, and is what was committed to.
        found = await city.state(two.incident)
        shown = await city.office.hub.case_view(two.incident, SYSTEM)
        assert "学府路" in (shown.reveal.text(found.location) or "")

        # The home's desk hears where its unit went.
        await city.fire_all()
        assert (await city.state(f"alert:unit_lent.{RUN}")).details["to"] == "county"


async def test_a_copy_claims_nothing_sets_no_timer_and_has_no_effect(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        assert await rows_of(county, "claim") == [("unit", UNIT, f"unit:{UNIT}")]
        assert await rows_of(city, "claim") == [("unit", UNIT, f"mission:{RUN}")]
        for site, theirs in ((city, "incident"), (county, "mission")):
            for table in ("timer", "effect"):
                streams = {str(row) for row in await rows_of(site, table)}
                assert not [one for one in streams if f"{theirs}:" in one.rpartition(",")[2]]
        # And the case's clock at the city: it never ran there.
        assert not [row for row in await rows_of(city, "timer") if "dispatch:" in row[0]]


async def test_only_the_link_appends_to_a_copy(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
    # A person is told whose it is.
    close = c.CloseIncident(incident_id=two.incident_id, reason="x")
    answer = c.SetComplaint(incident_id=two.incident_id, topic="chest_pain")
    refused = Refused(code="of_other_node", detail="county")
    assert await city.world.send(answer) == refused
    assert (await city.world.send(close)) in (refused, Refused(code="mission_running", detail=UNIT))
    assert await county.world.send(c.StandDown(mission_id=RUN, reason="cancelled")) == Refused(
        code="of_other_node", detail="city"
    )
    # With the application's refusal set aside the database refuses, the system's own role as well.
    envelope = (await bytes_of(city, two.incident))[-1]
    document = append_behind(envelope)
    for identity in (SYSTEM, replace(SYSTEM, orgs=("centre",), topics=("incident",))):
        with pytest.raises(InsufficientPrivilege, match="another node's"):
            async with city.office.database.plain(identity) as connection:
                await connection.execute("select append(%s::jsonb)", (document,))
    # And a person's request may not call the link's function at all.
    with pytest.raises(InsufficientPrivilege, match="append_copies"):
        async with city.office.database.transaction(told_to("county"), 1) as connection:
            await connection.execute("select append_copies('{}'::jsonb)")


async def test_another_node_writes_into_no_stream_that_is_not_its_own(two: Two) -> None:
    """By the link's own function: the database refuses it, whatever the process believed."""
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        _, own = await city.world.open_incident()
    for stream in (f"incident:{own}", f"mission:{RUN}", f"unit:{UNIT}"):
        envelope = (await bytes_of(city, stream))[-1]
        with pytest.raises(psycopg.Error):
            async with city.office.database.system() as connection:
                await connection.execute(
                    "select append_copies(%s::jsonb)", (append_behind(envelope),)
                )


async def test_a_unit_on_a_run_is_refused_in_words_and_the_case_stays_where_it_is(
    two: Two,
) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        _, own = await city.world.open_incident()
        await city.world.assign(own)
        await two.ask()
        await county.carry()
        ask = await two.asked()
        assert (ask.outcome, ask.code) == (AskOutcome.REFUSED, "unit_claimed")
        # Of a case of which nothing came, nothing is kept.
        assert await city.state(two.incident) is None
        await county.fire_all()
        assert (await county.state(f"alert:ask_refused.{RUN}")).details["refusal"] == "unit_claimed"


async def test_content_refuses_the_last_ready_unit_to_a_milder_case(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await county.world.accept(
            c.OverrideLevel(incident_id=two.incident_id, level=DispatchLevel.R3, reason="x")
        )
        await two.ask()
        await county.carry()
        ask = await two.asked()
        assert (ask.outcome, ask.code, ask.detail) == (
            AskOutcome.REFUSED, "lender_is_short", "0",
        )  # fmt: skip
        # Another unit is ready there: now it is lent.
        await city.world.list_unit("A-02")

        async def counted() -> bool:
            return len(county.peer().units) > 1

        await until(counted)
        await two.ask("m-again")
        await county.carry()
        assert (await two.asked("m-again")).linked_ms is not None


async def test_a_line_that_is_cut_ends_the_ask_and_a_late_one_is_refused(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await city.cut()
        await two.ask()
        await county.carry()
        assert (await two.asked()).waits
        county.world.clock.at_ms += county.world.facts.limits.ask_s * 1000
        await county.fire_all()
        assert (await two.asked()).outcome is AskOutcome.UNANSWERED
        assert (await county.state(f"alert:ask_unanswered.{RUN}")).priority == 1
        await city.serve()
        assert await county.carry() == 1  # it is looked at once more, and not sent
        assert await city.state(f"mission:{RUN}") is None


async def test_an_ask_that_lay_on_its_way_is_refused_by_the_home(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        link, held = county.links["city"], []
        post = link.ask

        async def slow(ask: Any) -> Any:
            held.append(ask)

        link.ask = slow  # type: ignore[method-assign]
        await two.ask()
        await county.carry()
        city.world.clock.at_ms += city.world.facts.limits.ask_s * 1000
        county.world.clock.at_ms = city.world.clock.at_ms
        await until(county.hears_the_other)
        answer = await post(held[0])
        assert answer is not None
        assert answer.code == "ask_too_late"
        assert await city.state(f"mission:{RUN}") is None


async def test_a_cut_between_ask_and_answer_shows_a_run_that_came_late(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        link = county.links["city"]
        post = link.ask

        async def answer_lost(ask: Any) -> Any:
            await post(ask)

        link.ask = answer_lost  # type: ignore[method-assign]
        # The feed is cut as well: nothing of the run is known here.
        with monkeypatch.context() as cutting:

            async def cut(*_: Any) -> None:
                raise ConnectionError

            cutting.setattr(Copier, "take", cut)
            await two.ask()
            await county.carry()
            assert (await city.state(f"mission:{RUN}")).active
            assert (await two.asked()).waits
            county.world.clock.at_ms += county.world.facts.limits.ask_s * 1000
            await county.fire_all()
            assert (await two.asked()).outcome is AskOutcome.UNANSWERED
            assert (await county.state(two.incident)).dispatched_ms is None

        async def came() -> bool:
            return (await two.asked()).linked_ms is not None

        await until(came)
        assert (await two.asked()).late
        await county.fire_all()
        told = await county.state(f"alert:run_late.{RUN}")
        assert (told.priority, told.details["call_sign"]) == (1, UNIT)
        # A person decides: here it is called off, by its home.
        link.ask = post  # type: ignore[method-assign]
        await county.world.accept(
            c.WithdrawAsk(incident_id=two.incident_id, mission_id=RUN, reason="已有其他车")
        )
        await county.carry()
        assert (await county.state(f"mission:{RUN}")).state is State.STOOD_DOWN
        assert (await two.asked()).outcome is AskOutcome.WITHDRAWN


async def test_the_same_ask_twice_sends_one_unit_once(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        link = county.links["city"]
        answers: list[Any] = []
        post = link.ask

        async def doubled(ask: Any) -> Any:
            answers.extend(await asyncio.gather(post(ask), post(ask)))
            answers.append(await post(ask))
            return answers[-1]

        link.ask = doubled  # type: ignore[method-assign]
        await two.ask()
        await county.carry()
        assert [answer.code for answer in answers] == ["", "", ""]
        assert len(await bytes_of(city, f"mission:{RUN}")) == 1
        assert (await two.asked()).linked_ms is not None
        # The answer once more, after the run has gone on: nothing new.
        before = await bytes_of(county, two.incident)
        taker = county.asks.copier
        await taker.take("city", "centre", answers[0].copied)
        assert await bytes_of(county, two.incident) == before


async def test_a_run_with_a_patient_on_board_is_not_called_off(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        # The county believes it is still on its way.
        await county.world.accept(
            c.WithdrawAsk(incident_id=two.incident_id, mission_id=RUN, reason="报警取消")
        )
        await city.world.reach(
            RUN, Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.LOADED
        )
        county.world.clock.at_ms = city.world.clock.at_ms
        await county.carry()
        ask = await two.asked()
        assert (ask.outcome, ask.code) == (AskOutcome.RECALL_REFUSED, "patient_on_board")
        await county.fire_all()
        assert (await county.state(f"alert:ask_recall_refused.{RUN}")).priority == 1


async def test_a_unit_that_its_home_calls_off_leaves_a_case_that_waits_again(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        await city.world.accept(c.StandDown(mission_id=RUN, reason="mistake"))

        async def lost() -> bool:
            return (await two.asked()).outcome is AskOutcome.CALLED_OFF

        await until(lost)
        assert (await county.state(two.incident)).dispatched_ms is None
        await county.fire_all()
        assert (await county.state(f"alert:ask_called_off.{RUN}")).priority == 1


async def test_what_a_dead_process_had_not_linked_is_linked_when_it_begins_again(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        with monkeypatch.context() as dying:

            async def never(*_: Any) -> None:
                """It was killed between the copy and what follows of it."""

            dying.setattr(Copier, "follow", never)
            await two.ask()
            await county.carry()
            assert (await county.state(f"mission:{RUN}")).active
            assert (await two.asked()).waits
        await county.asks.copier.catch_up("city")
        assert (await two.asked()).linked_ms is not None


async def test_indicators_of_two_nodes_count_everything_once(two: Two) -> None:
    city, county = two.city, two.county
    async with neighbours(city, county):
        await two.borrow()
        await city.world.reach(RUN, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)

        async def drives() -> bool:
            return bool((await county.state(f"mission:{RUN}")).state is State.EN_ROUTE)

        await until(drives)
    period = f"from_ms={START_MS}&to_ms={county.world.clock.at_ms + 1}"
    found = {}
    for site in (city, county):
        quality = await site.office.cookie("quality")
        answer = await site.office.client.get(f"/api/kpis?{period}", headers=quality)
        found[site.name] = {kpi["code"]: kpi for kpi in answer.json()}
        of_case = await site.office.client.get(f"/api/cases?{period}", headers=quality)
        assert [one["node"] for one in of_case.json()] == ["county" if site is city else ""]
        path = f"/api/cases/{two.incident_id}/timeline"
        timeline = (await site.office.client.get(path, headers=quality)).json()
        assert (f"mission:{RUN}" in timeline["copies"]) is (site is county)
        assert (two.incident in timeline["copies"]) is (site is city)
    # The call and the case at the county, the run at the home of its unit.
    homes = {"answer_10s": county, "processing_60s": county, "departure_3min": city}
    for code, home in homes.items():
        other = county if home is city else city
        assert found[home.name][code]["n"] == 1, code
        assert found[other.name][code]["n"] == 0, code
        assert found[other.name][code]["excluded"] == {f"counted_at:{home.name}": 1}


async def test_the_borrowing_desk_hears_that_nobody_leaves_and_sees_where_the_unit_is(
    two: Two,
) -> None:
    city, county = two.city, two.county
    limits = county.world.facts.limits
    async with neighbours(city, county):
        await two.borrow()
        county.world.clock.at_ms += limits.depart_s * 1000
        await county.fire_all()
        for code in ("not_acknowledged", "not_departed"):
            alert = await county.state(f"alert:{code}.{RUN}")
            assert (alert.priority, alert.owner, alert.subject) == (1, "all", f"mission:{RUN}")
            assert (await city.state(f"alert:{code}.{RUN}")) is None  # its clock has not passed
        await city.world.reach(RUN, Milestone.ACKNOWLEDGED)

        async def acknowledged() -> bool:
            found = await county.state(f"alert:not_acknowledged.{RUN}")
            return found.state is AlertState.RESOLVED

        await until(acknowledged)
        assert (await county.state(f"alert:not_departed.{RUN}")).state is AlertState.OPEN
        await city.world.reach(RUN, Milestone.DEPARTED)

        async def departed() -> bool:
            found = await county.state(f"alert:not_departed.{RUN}")
            return found.state is AlertState.RESOLVED

        await until(departed)

        # By the home's clock half a minute old; the borrower's clock is minutes ahead of it.
        now_ms = city.world.clock.at_ms
        point, heard_ms = Point(lat=30.0, lon=120.0), now_ms - 30_000
        told = fix_at(point, unit_id=UNIT, device_ms=heard_ms, received_ms=heard_ms)
        assert city.office.hub.positions.take(told)

        async def shown() -> bool:
            return UNIT in county.office.hub.positions.fixes

        await until(shown)
        seen = county.office.hub.positions.fixes[UNIT]
        assert seen.point == told.point
        assert county.world.clock.at_ms - seen.received_ms == 30_000
