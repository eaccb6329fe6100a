"""Connections: one pool a database role, identity set inside each transaction.

Rule 1: people's requests run as `goldenhour_app`, where row-level security decides; the system's
        own processes run as `goldenhour_worker`. Both are refused at start-up if they could bypass.
Rule 2: identity is `set_config(..., true)`: it ends with its transaction, since a pool is shared.
Rule 3: a connection on which the server has hung up is given to nobody. That shows at the socket,
        without asking. The pool's own `check` asks each time, which would double the round trips of
        an append, and from the second dead connection on it waits for seconds.
"""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from psycopg import AsyncConnection, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from goldenhour.app.journal import SYSTEM, Identity

APP_ROLE: Final = "goldenhour_app"
WORKER_ROLE: Final = "goldenhour_worker"
LIFETIME_S: Final = 5 * 60
"""A server process only ever gathers (plans, catalogue): it is replaced before that shows."""

Connection = AsyncConnection[tuple[Any, ...]]


class Line(Protocol):
    """Of a connection, its end of the socket (psycopg's `PGconn`). Test double: `Pipe`."""

    @property
    def socket(self) -> int: ...
    def consume_input(self) -> None: ...


def hung_up(line: Line) -> bool:
    """Whether the server has ended this idle connection, as far as this host has been told."""
    try:
        waiting = select.poll()  # not select(), which ends at a thousand files
        waiting.register(line.socket, select.POLLIN)
        # What comes unasked is a notice, or the server's last words and then the end of the line.
        while waiting.poll(0):
            line.consume_input()
    except OperationalError:
        return True
    return False


class Pool(AsyncConnectionPool[Connection]):
    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 (the pool's own signature)
        while True:
            connection = await super().getconn(timeout)
            if not hung_up(connection.pgconn):
                return connection
            await connection.close()
            await self.putconn(connection)  # which puts another one in its place


class UnsafeRoleError(RuntimeError):
    """The database role could bypass row-level security; the product refuses to start."""


class Database:
    """The two pools of a process."""

    def __init__(self, conninfo: str, *, size: int = 8) -> None:
        self._app = _pool(make_conninfo(conninfo, user=APP_ROLE), size)
        self._worker = _pool(make_conninfo(conninfo, user=WORKER_ROLE), size)
        self.worker_conninfo = make_conninfo(conninfo, user=WORKER_ROLE)

    async def open(self) -> None:
        for pool in (self._app, self._worker):
            await pool.open()
            await pool.wait(30)
            async with pool.connection() as connection:
                await _refuse_unsafe_role(connection)

    async def close(self) -> None:
        await self._app.close()
        await self._worker.close()

    @asynccontextmanager
    async def transaction(self, identity: Identity, now_ms: int = 0) -> AsyncIterator[Connection]:
        """A transaction under an identity."""
        pool = self._worker if identity == SYSTEM else self._app
        async with pool.connection() as connection, connection.transaction():
            if identity != SYSTEM:
                await connection.execute(
                    "select set_config('app.orgs', %s, true), set_config('app.topics', %s, true),"
                    " set_config('app.now_ms', %s, true)",
                    (",".join(identity.orgs), ",".join(identity.topics), str(now_ms)),
                )
            yield connection

    @asynccontextmanager
    async def reading(self, identity: Identity, now_ms: int) -> AsyncIterator[Connection]:
        """For statements that only read. Each sees what is committed by then, as in a transaction.

        Only an identity needs one: to begin and end it are two trips of three.
        """
        async with (
            self.plain(identity) if identity == SYSTEM else self.transaction(identity, now_ms)
        ) as connection:
            yield connection

    @asynccontextmanager
    async def plain(self, identity: Identity) -> AsyncIterator[Connection]:
        """For one statement that carries its own identity and is its own transaction."""
        pool = self._worker if identity == SYSTEM else self._app
        async with pool.connection() as connection:
            yield connection

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Connection]:
        """A transaction of the system's own processes."""
        async with self._worker.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def unhurried(self) -> AsyncIterator[Connection]:
        """The same, of what a server's crash may take: its commit does not wait for the disk."""
        async with self.system() as connection:
            await connection.execute("set local synchronous_commit = off")
            yield connection


def _pool(conninfo: str, size: int) -> Pool:
    return Pool(
        conninfo,
        min_size=1,
        max_size=size,
        open=False,
        max_lifetime=LIFETIME_S,
        kwargs={"autocommit": True, "prepare_threshold": 0},
    )


async def _refuse_unsafe_role(connection: Connection) -> None:
    cursor = await connection.execute(
        "select current_user, rolsuper or rolbypassrls or exists ("
        "  select 1 from pg_class where relowner = pg_roles.oid and relname = 'event')"
        " from pg_roles where rolname = current_user"
    )
    row = await cursor.fetchone()
    if row is None or row[1]:
        name = row[0] if row else "?"
        raise UnsafeRoleError(
            f"database role {name} is a superuser, bypasses row-level security or owns the journal"
        )
