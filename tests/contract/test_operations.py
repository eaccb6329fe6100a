"""A running centre seen from outside: schema, readiness, metrics, terminals that are shut out."""

import asyncio
import dataclasses
import sqlite3
import urllib.request
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
from jt808_doubles import PHONES, TerminalDouble, World, running
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning

from factories.office import Office, opened
from factories.two_nodes import until
from factories.world import START_MS, TestWorld
from goldenhour.adapters.edge import EdgeStore
from goldenhour.adapters.postgres import migrate as migrations
from goldenhour.adapters.postgres.backlog import read_backlog
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.adapters.postgres.timers import Effects
from goldenhour.adapters.web.app import create_app
from goldenhour.app.accounts import Device
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.ports import TerminalProfile, TerminalReads
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import TaskTextSent
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.main import metrics
from goldenhour.main.centre import RELAY_LATE_MS, ready_of
from goldenhour.main.gateway import EFFECT_HOLD_MS, send_texts, shut_out
from goldenhour.main.https import serve_app
from goldenhour.main.node import open_node
from goldenhour.main.settings import Settings
from goldenhour.main.vehicle import ready_of as vehicle_ready_of
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import (
    Heartbeat,
    Question,
    QuestionAnswer,
    Result,
    TerminalAnswer,
    Text,
)


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
    store = EdgeStore(tmp_path / "journal.sqlite", world.entropy, world.clock)
    assert await vehicle_ready_of([store]) == {"store": True}
    await store._run(lambda: drop_all(store._ledger._db))
    assert await vehicle_ready_of([store]) == {"store": False}
    await store.close()


def drop_all(database: sqlite3.Connection) -> None:
    for (name,) in database.execute(
        "select name from sqlite_master where type = 'table'"
    ).fetchall():
        if not name.startswith("sqlite_"):
            database.execute(f'drop table if exists "{name}"')


# ---- task texts


@asynccontextmanager
async def texting(database: Database, world: World) -> AsyncIterator[TestWorld]:
    """The gateway's task texts at work; time passes where a test says so."""
    cases = TestWorld()
    cases.journal = PostgresJournal(database, cases.clock)
    for unit_id in PHONES.values():
        await cases.list_unit(unit_id)
    node: Any = SimpleNamespace(
        database=database, clock=cases.clock, journal=cases.journal, world=cases
    )
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(send_texts(node, world.gateway, stopping))
        yield cases
        stopping.set()


async def until_texts(database: Database, *expected: tuple[str, int, str]) -> None:
    """Until they stand so: what, attempts, outcome. What never comes is ended by `running`."""
    found: list[tuple[Any, ...]] = []
    while sorted(found) != sorted(expected):
        await asyncio.sleep(0.02)
        async with database.system() as connection:
            cursor = await connection.execute(
                "select body ->> 'text', attempts, outcome from effect"
            )
            found = await cursor.fetchall()


async def shown(terminal: TerminalDouble) -> str:
    """The text that the terminal is asked to show, which it does."""
    asked = await terminal.receive()
    assert isinstance(asked.body, Text)
    terminal.send(TerminalAnswer(serial=asked.header.serial, message_id=0x8300, result=Result.OK))
    return asked.body.text[:4]


async def nothing_more(terminal: TerminalDouble) -> None:
    """The next that it hears answers its own heartbeat."""
    assert await terminal.result(Heartbeat()) == Result.OK


async def test_a_task_text_never_follows_its_own_cancellation(database: Database) -> None:
    async with running() as world, texting(database, world) as cases:
        _, incident_id = await cases.open_incident()
        mission_id = await cases.assign(incident_id, "unit-1")
        await until_texts(database, ("task", 1, "not_connected"))
        terminal = await world.terminal()
        await cases.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
        assert await shown(terminal) == "任务取消"
        await until_texts(database, ("task", 1, "not_connected"), ("stand_down", 1, "delivered"))
        cases.clock.at_ms += 5_000
        await until_texts(database, ("task", 2, "superseded"), ("stand_down", 1, "delivered"))
        await nothing_more(terminal)


async def test_the_desk_reads_that_the_driver_has_read_the_newest_text(database: Database) -> None:
    async with running() as world, texting(database, world) as cases:
        world.directory.profile = TerminalProfile(reads=TerminalReads.QUESTION)
        _, incident_id = await cases.open_incident()
        terminal = await world.terminal(version=Version.V2013)
        mission_id = await cases.assign(incident_id, "unit-1")
        stream = f"mission:{mission_id}"

        async def told() -> str:
            loaded = await cases.journal.load([stream], SYSTEM)
            run = fold(stream, loaded[stream].events)
            assert isinstance(run, Mission)
            return run.task_text

        assert (await shown(terminal)).startswith("任务 ")
        task = await terminal.receive()
        assert isinstance(task.body, Question)
        await cases.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
        assert await shown(terminal) == "任务取消"
        cancelled = await terminal.receive()
        await until_texts(database, ("task", 1, "delivered"), ("stand_down", 1, "delivered"))
        # The task was read, which says nothing of its cancellation.
        assert await terminal.result(QuestionAnswer(serial=task.header.serial, choice=1)) == 0
        pressed = QuestionAnswer(serial=cancelled.header.serial, choice=1)
        assert await told() == "delivered"
        assert await terminal.result(pressed) == Result.OK

        async def read() -> bool:
            return await told() == "read"

        await until(read)
        loaded = await cases.journal.load([stream], SYSTEM)
        said = [recorded_of(one).event for one in loaded[stream].events]
        assert sum(isinstance(one, TaskTextSent) and one.outcome == "read" for one in said) == 1


async def test_a_late_cancellation_does_not_take_back_the_same_number_sent_anew(
    database: Database,
) -> None:
    async with running() as world, texting(database, world) as cases:
        _, incident_id = await cases.open_incident()
        mission_id = await cases.assign(incident_id, "unit-1")
        await until_texts(database, ("task", 1, "not_connected"))
        await cases.accept(c.StandDown(mission_id=mission_id, reason="mistake"))
        before = (("task", 1, "not_connected"), ("stand_down", 1, "not_connected"))
        await until_texts(database, *before)
        terminal = await world.terminal()
        await cases.assign(incident_id, "unit-1")
        assert (await shown(terminal)).startswith("任务 ")
        await until_texts(database, *before, ("task", 1, "delivered"))
        cases.clock.at_ms += 5_000
        after = (("task", 2, "superseded"), ("stand_down", 2, "superseded"))
        await until_texts(database, *after, ("task", 1, "delivered"))
        await nothing_more(terminal)


async def test_a_mute_terminal_holds_up_no_other_vehicle_and_keeps_its_order(
    database: Database,
) -> None:
    async with running(answer_s=60) as world, texting(database, world) as cases:
        mute, other = await world.terminal(), await world.terminal("13800000002")
        _, first = await cases.open_incident()
        _, second = await cases.open_incident()
        mission_id = await cases.assign(first, "unit-1")
        asked = await mute.receive()
        await cases.assign(second, "unit-2")
        assert (await shown(other)).startswith("任务 ")
        await until_texts(database, ("task", 1, ""), ("task", 1, "delivered"))
        await cases.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
        # It is claimed, and waits for its turn in this vehicle.
        both = (("task", 1, "delivered"), ("stand_down", 1, ""))
        await until_texts(database, ("task", 1, ""), *both)
        # So it does however long: who holds it takes it again, and does not say it twice.
        cases.clock.at_ms += EFFECT_HOLD_MS
        await until_texts(
            database, ("task", 2, ""), ("task", 1, "delivered"), ("stand_down", 2, "")
        )
        await nothing_more(mute)
        mute.send(TerminalAnswer(serial=asked.header.serial, message_id=0x8300, result=Result.OK))
        assert await shown(mute) == "任务取消"
        await until_texts(
            database,
            *[("task", 1, "delivered"), ("task", 2, "delivered")],
            ("stand_down", 2, "delivered"),
        )
        await nothing_more(mute)


async def test_a_database_that_is_away_ends_no_terminals_line(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[str] = []
    both_failed = asyncio.Event()

    def fail_once(name: str) -> None:
        true = getattr(Effects, name)

        async def call(*given: Any) -> Any:
            if name not in failed:
                failed.append(name)
                if failed == ["claim", "finish"]:
                    both_failed.set()
                raise psycopg.OperationalError("the database is away")
            return await true(*given)

        monkeypatch.setattr(Effects, name, call)

    fail_once("claim")
    fail_once("finish")
    async with running() as world, texting(database, world) as cases:
        terminal = await world.terminal()
        _, incident_id = await cases.open_incident()
        await cases.assign(incident_id, "unit-1")
        assert (await shown(terminal)).startswith("任务 ")
        await both_failed.wait()
        await nothing_more(terminal)
        cases.clock.at_ms += EFFECT_HOLD_MS
        # It is not known to have been shown, so it is shown again.
        assert (await shown(terminal)).startswith("任务 ")
        await until_texts(database, ("task", 2, "delivered"))


# ---- a database that was away


async def serve(office: Office, state: Path, feeding: Any, until: asyncio.Event | None) -> None:
    """The centre's server with this as all that runs beside it, on a port that is free."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)  # as in factories.office
        app = create_app(dataclasses.replace(office.services, background=(feeding, for_ever)))
    settings = Settings(state=str(state), host="127.0.0.1")
    async with asyncio.timeout(30):
        await serve_app(settings, 0, app, until)


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_server_ends_with_what_feeds_its_screens(office: Office, tmp_path: Path) -> None:
    async def loses_the_database() -> None:
        raise psycopg.OperationalError("the server closed the connection unexpectedly")

    with pytest.raises(SystemExit, match="what feeds the screens"):
        await serve(office, tmp_path, loses_the_database, until=None)


async def test_a_server_that_is_asked_to_end_ends_well(office: Office, tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def is_fed() -> None:
        asked.set()
        await for_ever()

    await serve(office, tmp_path, is_fed, until=asked)


async def test_a_connection_that_the_server_has_ended_is_given_to_nobody(
    database: Database, server: EmbeddedServer
) -> None:
    county = Identity(orgs=("county",), topics=("unit",))

    async def use(everybody: asyncio.Barrier) -> None:
        async with database.system() as ours, database.plain(county) as theirs:
            await everybody.wait()
            for connection in (ours, theirs):
                await connection.execute("select 1")

    async def use_by(count: int) -> None:
        everybody = asyncio.Barrier(count)
        async with asyncio.timeout(10):
            await asyncio.gather(*(use(everybody) for _ in range(count)))

    await use_by(5)
    with psycopg.connect(server.conninfo("postgres", "goldenhour"), autocommit=True) as owner:
        ended = owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename in ('goldenhour_app', 'goldenhour_worker')"
        ).fetchall()
    assert len(ended) >= 10
    await use_by(1)
    await use_by(5)
