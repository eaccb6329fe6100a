"""A road authority's feed: our client against its double, and the worker's part on PostgreSQL.

The entries are written by hand as the specification has them; the codec's own foreign examples are
in tests/unit/test_cifs.py.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from factories.doubles import answers, running_double
from factories.world import facts
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import Feed, move_once
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.road_feed import FeedConfig, HttpRoadFeed
from goldenhour.app.access import Organisation
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Hub, Scope
from goldenhour.app.road_feed import FeedError
from goldenhour.content.road_feed import load_road_feed
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.road import Road
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.node import LiveWorld, Node
from goldenhour.main.road_feed import Asking
from goldenhour.main.road_feed_double import BY_HAND_FILE, TOKEN_FILE
from goldenhour.main.settings import Settings
from goldenhour.simulator.road_feed import PATH, WARNING, Fault

ENTRY: dict[str, Any] = {
    "id": "101",
    "type": "ROAD_CLOSED",
    "subtype": "ROAD_CLOSED_EVENT",
    "polyline": "31.200000 121.400000 31.200000 121.410000",
    "street": "滨江大道",
    "direction": "BOTH_DIRECTIONS",
    "starttime": "2020-01-01T08:00:00+08:00",
}


class Service:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self._url = f"https://localhost:{port}{PATH}"

    def says(self, *entries: dict[str, Any]) -> None:
        (self.folder / BY_HAND_FILE).write_text(json.dumps(entries), encoding="utf-8")

    def client(self, **changes: Any) -> HttpRoadFeed:
        given = {
            "url": self._url,
            "token": (self.folder / TOKEN_FILE).read_text(encoding="utf-8"),
            "ca_file": self.folder / "tls" / "ca.crt",
        } | changes
        return HttpRoadFeed(FeedConfig(**given))


@asynccontextmanager
async def running(folder: Path, fault: Fault = Fault.NONE) -> AsyncIterator[Service]:
    async with running_double(folder, "roads", WARNING, fault=fault) as port:
        await answers(folder, port, "/")
        yield Service(folder, port)


async def test_what_stands_is_read_and_an_answer_that_has_not_changed_too(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.client() as client:
        assert await client.read() == ([], [])
        service.says(ENTRY)
        (notice,), bad = await client.read()
        assert (notice.id, notice.street, bad) == ("101", "滨江大道", [])
        assert await client.read() == ([notice], [])
        service.says()
        assert await client.read() == ([], [])


@pytest.mark.parametrize(
    "fault", [Fault.ERROR, Fault.MALFORMED, Fault.UNAUTHORISED, Fault.SILENT, Fault.SLOW]
)
async def test_no_usable_answer_is_said_to_be_none(tmp_path: Path, fault: Fault) -> None:
    async with running(tmp_path, fault) as service, service.client(answer_s=0.3) as client:
        service.says(ENTRY)
        with pytest.raises(FeedError):
            await client.read()


async def test_a_stranger_is_not_believed(tmp_path: Path) -> None:
    """A certificate that nobody here signed."""
    async with running(tmp_path) as service, service.client(ca_file=None) as client:
        with pytest.raises(FeedError):
            await client.read()


@pytest.mark.parametrize(
    ("fault", "usable", "field"),
    [
        (Fault.DUPLICATE, 1, "id"),
        (Fault.NO_ZONE, 0, "starttime"),
        (Fault.SWAPPED, 0, "polyline"),
    ],
)
async def test_an_entry_that_cannot_be_used_is_told(
    tmp_path: Path, fault: Fault, usable: int, field: str
) -> None:
    async with running(tmp_path, fault) as service, service.client() as client:
        service.says(ENTRY)
        notices, bad = await client.read()
        assert (len(notices), [one.field for one in bad]) == (usable, [field])


# ---- from the feed to the journal


class Desk:
    """The worker's part, with the view that it goes by."""

    def __init__(self, node: Node, hub: Hub, scope: Scope) -> None:
        self.asking = Asking(node, scope, load_road_feed())
        self.clock = node.clock
        self._database = node.database
        self._hub = hub
        self._scope = scope

    async def asks(self, client: HttpRoadFeed) -> None:
        await self.asking.once(client)
        async with self._database.system() as connection:
            await move_once(connection)
        await self._hub.advance()

    def roads(self) -> list[str]:
        """The labels of the roads that are shut."""
        return [
            state.label
            for state in self._scope.view.states.values()
            if isinstance(state, Road) and state.reopened_ms is None
        ]

    def alerts(self) -> list[str]:
        return [
            state.code
            for state in self._scope.view.states.values()
            if isinstance(state, Alert) and state.state is not AlertState.RESOLVED
        ]


class Clock:
    def __init__(self) -> None:
        self.at_ms = SystemClock().now_ms()

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    clock = Clock()
    journal = PostgresJournal(database, clock)
    accounts = PostgresAccounts(database)
    await accounts.put_organisations(
        (
            Organisation(id="city", parent="", kind="city", name="市", name_en="City"),
            Organisation(id="centre", parent="city", kind="centre", name="中心", name_en="C"),
        )
    )
    node = Node(
        settings=Settings(state=str(tmp_path)),
        clock=clock,  # type: ignore[arg-type] # one that is turned by hand
        database=database,
        journal=journal,
        accounts=accounts,
        telemetry=PostgresTelemetry(database),
        world=LiveWorld(journal=journal, facts=facts(), entropy=entropy),
    )
    hub = Hub(journal, Feed(database), node.world.facts, clock)
    return Desk(node, hub, await hub.scope(SYSTEM))


async def test_a_road_is_shut_once_and_opens_when_the_feed_has_forgotten_it(
    desk: Desk, tmp_path: Path
) -> None:
    async with running(tmp_path) as service, service.client() as client:
        service.says(ENTRY, ENTRY | {"id": "102", "type": "POLICE"})
        for _turn in range(3):
            await desk.asks(client)
            assert desk.roads() == ["滨江大道"]
        service.says()
        await desk.asks(client)
        assert desk.roads() == ["滨江大道"]
        await desk.asks(client)
        assert desk.roads() == []


async def test_a_feed_that_forgets_every_other_time_opens_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    async with running(tmp_path, Fault.FORGETS) as service, service.client() as client:
        service.says(ENTRY)
        seen = []
        for _turn in range(6):
            await desk.asks(client)
            seen.append(desk.roads())
        assert seen[-4:] == [["滨江大道"]] * 4


async def test_silence_opens_nothing_and_is_told_until_the_feed_speaks(
    desk: Desk, tmp_path: Path
) -> None:
    async with running(tmp_path) as service, service.client() as client:
        service.says(ENTRY)
        await desk.asks(client)
        with capture_logs() as logs:
            async with service.client(token="wrong") as refused:
                await desk.asks(refused)
                assert desk.alerts() == []
                desk.clock.at_ms += (load_road_feed().silent_s + 1) * 1_000  # type: ignore[attr-defined] # ours
                for _turn in range(3):
                    await desk.asks(refused)
                    assert desk.alerts() == ["road_feed_silent"]
        assert {line["event"] for line in logs} == {"road_feed.no_answer"}
        assert desk.roads() == ["滨江大道"]
        await desk.asks(client)
        assert (desk.alerts(), desk.roads()) == ([], ["滨江大道"])
