"""The database side of a process of the centre, and the bus between processes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from goldenhour.adapters.bus.unix import BusClient
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.migrate import MigrationError, check_schema
from goldenhour.adapters.postgres.pool import Database, UnsafeRoleError
from goldenhour.adapters.postgres.relay import Feed
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.live import Hub
from goldenhour.content.facts import load_facts
from goldenhour.domain.case import Facts
from goldenhour.domain.commands import Command
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import system_stamp
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.settings import Settings
from goldenhour.views.fold import Folded


@dataclass(frozen=True)
class LiveWorld:
    """What `handle` works on in a running process."""

    journal: Any
    facts: Facts
    entropy: Entropy


@dataclass(frozen=True)
class Node:
    """The database side of a process of the centre."""

    settings: Settings
    clock: SystemClock
    database: Database
    journal: PostgresJournal
    accounts: PostgresAccounts
    telemetry: PostgresTelemetry
    world: LiveWorld


@asynccontextmanager
async def open_node(settings: Settings, *, pool: int = 8) -> AsyncIterator[Node]:
    if settings.database_url is None:
        raise SystemExit(
            "No database: set GOLDENHOUR_DATABASE_URL, or start everything with `goldenhour run`."
        )
    clock = SystemClock()
    database = Database(settings.database_url, size=pool)
    try:
        await database.open()
        await check_schema(database)
    except (psycopg.OperationalError, UnsafeRoleError, MigrationError) as error:
        await database.close()
        raise SystemExit(f"The database cannot be used: {error}") from error
    try:
        journal = PostgresJournal(database, clock)
        yield Node(
            settings=settings,
            clock=clock,
            database=database,
            journal=journal,
            accounts=PostgresAccounts(database),
            telemetry=PostgresTelemetry(database),
            world=LiveWorld(
                journal=journal,
                facts=load_facts(formulary=settings.formulary_file, node=settings.node),
                entropy=entropy,
            ),
        )
    finally:
        await database.close()


class FanOut:
    """One bus for a gateway, several listening processes behind it."""

    def __init__(self, clients: Sequence[BusClient]) -> None:
        self._clients = clients

    async def publish(self, topic: str, payload: bytes) -> None:
        for client in self._clients:
            await client.publish(topic, payload)


@asynccontextmanager
async def open_bus(settings: Settings) -> AsyncIterator[FanOut]:
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(BusClient(path))
            for path in bus_paths(settings).values()
        ]
        yield FanOut(clients)


def bus_paths(settings: Settings) -> dict[str, Path]:
    """Listening process -> its socket, in the short folder of the node's sockets."""
    folder = settings.sockets_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {"api": folder / "api.sock", "worker": folder / "worker.sock"}


async def case_view(node: Node, mission_id: str) -> Folded:
    """A view of one run's case, made for the occasion."""
    hub = Hub(node.journal, Feed(node.database), node.world.facts, node.clock)
    return await hub.case_view(f"mission:{mission_id}", SYSTEM)


async def say(
    node: Node, command: Command, installation: str, sequence: int = 1
) -> Outcome | Refused:
    """A command of the system itself, once."""
    stamp = system_stamp(installation, sequence, node.clock.now_ms())
    return await handle(command, stamp, SYSTEM, node.world)
