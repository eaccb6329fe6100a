"""Where drills happen: an embedded PostgreSQL of their own, real deciders, given time and dice."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)

import psycopg

from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedServer, embedded
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.migrate import migrate
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Identity, Outcome
from goldenhour.app.ports import Clock
from goldenhour.content.facts import load_facts
from goldenhour.domain.case import Facts
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Stamp
from goldenhour.simulator.cases import Step

DATABASE = "goldenhour"
START_MS = 1_795_300_000_000


class LabClock:
    """Time that stands still until the drill moves it."""

    def __init__(self) -> None:
        self.at_ms = START_MS

    def now_ms(self) -> int:
        return self.at_ms


class LabWorld:
    """The world that `handle` needs, on a database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        seed: int,
        facts: Facts | None = None,
        source: str = "drill",
    ) -> None:
        """`source`: who says it; two worlds of one database have two."""
        self.journal = PostgresJournal(database, clock)
        self.clock = clock
        self.dice = Random(seed)  # noqa: S311 (a drill must be repeatable)
        self._facts = facts or load_facts()
        self._source = source
        self._sequence = 0

    @property
    def facts(self) -> Facts:
        return self._facts

    @property
    def entropy(self) -> Entropy:
        return self.dice.randbytes

    def new_id(self) -> str:
        return uuid7(self.clock.now_ms(), self.entropy)

    def stamp(self, step: Step) -> Stamp:
        self._sequence += 1
        return step.stamp(self._source, self._sequence, self.clock.now_ms())

    async def send(self, step: Step, identity: Identity = SYSTEM) -> Outcome | Refused:
        return await handle(step.command, self.stamp(step), identity, self)

    async def accept(self, step: Step) -> Outcome:
        """A step that the drill only needs on its way; a refusal is the drill's own mistake."""
        outcome = await self.send(step)
        if isinstance(outcome, Refused):
            raise RuntimeError(f"{step.command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)
        return outcome


@contextmanager
def server() -> Iterator[EmbeddedServer]:
    """A fresh server with the product's schema, gone afterwards. From the main thread."""
    with tempfile.TemporaryDirectory(prefix="goldenhour-drill-") as folder:
        Path(folder).chmod(0o755)  # under root the server runs as another account
        with embedded(Path(folder) / "data") as running:
            with psycopg.connect(running.conninfo(OWNER, "postgres"), autocommit=True) as admin:
                admin.execute(f"create database {DATABASE}".encode())
            migrate(running.conninfo(OWNER, DATABASE))
            yield running


@asynccontextmanager
async def opened(
    running: EmbeddedServer, size: int = 8, name: str = DATABASE
) -> AsyncIterator[Database]:
    database = Database(running.conninfo(OWNER, name), size=size)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def add_database(running: EmbeddedServer, name: str) -> None:
    """A second node's, on the same server."""
    with psycopg.connect(running.conninfo(OWNER, "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
    migrate(running.conninfo(OWNER, name))


def own(running: EmbeddedServer, statement: str, name: str = DATABASE) -> None:
    """A statement of the owner: plants a bug, or prepares the drill's ground."""
    with psycopg.connect(running.conninfo(OWNER, name), autocommit=True) as owner:
        owner.execute(statement.encode())
