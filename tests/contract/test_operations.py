"""A running centre seen from outside: schema, readiness, metrics, terminals that are shut out."""

import asyncio
import sqlite3
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from jt808_doubles import PHONES, running

from factories.office import Office, opened
from factories.world import START_MS, TestWorld
from goldenhour.adapters.edge import EdgeStore
from goldenhour.adapters.postgres import migrate as migrations
from goldenhour.adapters.postgres.backlog import read_backlog
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.app.accounts import Device
from goldenhour.main import metrics
from goldenhour.main.centre import RELAY_LATE_MS, ready_of
from goldenhour.main.gateway import shut_out
from goldenhour.main.node import open_node
from goldenhour.main.settings import Settings
from goldenhour.main.vehicle import ready_of as vehicle_ready_of


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@pytest.fixture
def empty(server: EmbeddedServer) -> Iterator[str]:
    """A database without a schema."""
    with psycopg.connect(server.conninfo("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("create database empty_one")
        yield server.conninfo("postgres", "empty_one")
        admin.execute("drop database empty_one with (force)")


async def start(conninfo: str, tmp_path: Path) -> None:
    async with open_node(Settings(state=str(tmp_path), database_url=conninfo), pool=2):
        pass


async def test_no_process_starts_on_a_schema_that_it_cannot_work_on(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="run `goldenhour migrate`"):
        await start(empty, tmp_path)
    migrations.migrate(empty)
    await start(empty, tmp_path)
    with psycopg.connect(empty, autocommit=True) as owner:
        owner.execute("delete from migration where name like '0002%'")
    with pytest.raises(SystemExit, match="lacks 0002_accounts"):
        await start(empty, tmp_path)
    with psycopg.connect(empty, autocommit=True) as owner:
        owner.execute("insert into migration values ('0002_accounts.sql', '', 1)")
        owner.execute("insert into migration values ('9999_later.sql', '', 1)")
    await start(empty, tmp_path)  # a newer schema that we may still work on
    newest = migrations.RELEASE
    monkeypatch.setattr(migrations, "RELEASE", newest - 1)
    with pytest.raises(SystemExit, match=f"needs release {newest} or newer, this is {newest - 1}"):
        await start(empty, tmp_path)


async def test_the_backlog_tells_what_waits(database: Database) -> None:
    world = TestWorld()
    world.journal = PostgresJournal(database, world.clock)
    await world.list_unit()
    _, incident = await world.open_incident()
    await world.assign(incident)
    found = await read_backlog(database, START_MS + 4_000)
    assert (found.delivered, found.outbox_age_ms) == (0, 4_000)
    assert found.outbox_rows > 5
    assert found.effects_waiting == 1
    assert (await read_backlog(database, START_MS + 10**9)).timers_overdue > found.timers_overdue
    async with database.system() as connection:
        await move_once(connection)
    moved = await read_backlog(database, START_MS + 4_000)
    assert (moved.delivered, moved.outbox_rows, moved.outbox_age_ms) == (found.outbox_rows, 0, 0)


async def test_ready_means_database_relay_and_roads(database: Database) -> None:
    world = TestWorld()
    world.journal = PostgresJournal(database, world.clock)
    good = {"database": True, "relay": True, "roads": True}
    assert await ready_of(database, world.clock, roads=True) == good
    await world.open_incident()
    assert await ready_of(database, world.clock, roads=True) == good
    world.clock.at_ms += RELAY_LATE_MS
    assert await ready_of(database, world.clock, roads=False) == {
        "database": True,
        "relay": False,
        "roads": False,
    }
    await database.close()
    assert not (await ready_of(database, world.clock, roads=True))["database"]


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.0.0.9", 403), ("2001:db8::1", 403)],
)
async def test_metrics_are_for_loopback_alone(office: Office, host: str, status: int) -> None:
    transport = httpx.ASGITransport(office.app, client=(host, 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://centre.local") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == status
    assert (b"goldenhour_appends_total" in answer.content) == (status == 200)


async def test_worker_and_gateway_tell_theirs_on_a_port_of_their_own(database: Database) -> None:
    world = TestWorld()
    world.journal = PostgresJournal(database, world.clock)
    await world.open_incident()
    stopping = asyncio.Event()
    node: Any = type("Node", (), {"database": database, "clock": world.clock})
    watching = asyncio.create_task(metrics.watch_backlog(node, stopping))

    def scrape(port: int) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            return str(answer.read().decode())

    port = 18_123
    with metrics.metrics_on(port, "worker_metrics_port"):
        text = await asyncio.to_thread(scrape, port)
        while "goldenhour_relay_waiting_events 0.0" in text:
            text = await asyncio.to_thread(scrape, port)
        with (
            pytest.raises(SystemExit, match="worker_metrics_port: port 18123"),
            metrics.metrics_on(port, "worker_metrics_port"),
        ):
            pass
    stopping.set()
    await watching
    for name in ("timers_overdue", "effects_waiting", "relay_lag_seconds", "events_delivered"):
        assert f"\ngoldenhour_{name} " in text


async def test_a_disabled_terminal_is_off_and_the_others_stay(database: Database) -> None:
    async with opened(database) as office, running() as world:
        await put(office, enabled=True)
        first = await world.terminal()
        second = await world.terminal(phone="13800000002")
        stopping = asyncio.Event()
        watching = asyncio.create_task(
            shut_out(office.accounts, world.gateway, stopping, office.world.clock)
        )
        await put(office, enabled=False)
        await first.closed()
        assert world.count("jt808_connections_closed_total", reason="revoked") == 1
        assert second.writer.transport.is_closing() is False
        stopping.set()
        await watching


async def put(office: Office, *, enabled: bool) -> None:
    for number, (phone, unit_id) in enumerate(PHONES.items()):
        await office.accounts.put_device(
            Device(
                id=phone, kind="terminal", unit_id=unit_id, key="k", enabled=enabled or number > 0
            )
        )


async def test_a_vehicle_is_ready_while_its_store_answers(tmp_path: Path) -> None:
    world = TestWorld()
    path = tmp_path / "journal.sqlite"
    store = EdgeStore(path, world.entropy, world.clock)
    assert await vehicle_ready_of([store]) == {"store": True}
    with sqlite3.connect(path) as other:
        names = other.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            if not name.startswith("sqlite_"):
                other.execute(f'drop table if exists "{name}"')
    other.close()
    assert await vehicle_ready_of([store]) == {"store": False}
    await store.close()
