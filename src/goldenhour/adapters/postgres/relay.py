"""The relay: committed outbox rows get dense delivery numbers, one holder at a time.

Rule 1: number and move are one transaction; what is not committed yet is simply not there and
        gets a later number. Nothing waits for a slow writer, nothing is ever skipped.
Rule 2: one relay runs at a time, by a session advisory lock; a second one waits for it.
Rule 3: only the relay notifies, once a batch, so that no append pays for the wake-up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import psycopg
import structlog

from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.app.journal import SYSTEM

LOCK: Final = 0x60_1D_E4
CHANNEL: Final = "goldenhour_feed"
BATCH: Final = 2000
IDLE_S: Final = 0.015
"""Between polls of an empty outbox: the most that the relay adds to a screen's delay."""

_log = structlog.get_logger()

ANY: Final = "select exists (select from outbox)"
"""What an idle relay asks: one trip, where to move nothing takes three."""
MOVE: Final = """
with d as (
  delete from outbox where seq in (select seq from outbox order by seq limit %s)
  returning seq, stream
), i as (
  insert into feed (delivery, seq, stream)
  select (select coalesce(max(delivery), 0) from feed) + row_number() over (order by d.seq),
    d.seq, d.stream
  from d returning delivery
)
select count(*), max(delivery) from i
"""


async def run_relay(conninfo: str, stopping: asyncio.Event) -> None:
    """Hold the lock and number the outbox until asked to stop."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        _log.info("relay.started")
        while not stopping.is_set():
            moved = await move_once(connection)
            if moved < BATCH:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), IDLE_S)


async def move_once(connection: Connection) -> int:
    """Number what is committed now; the count of rows moved."""
    cursor = await connection.execute(ANY)
    found = await cursor.fetchone()
    if not (found and found[0]):
        return 0
    async with connection.transaction():
        cursor = await connection.execute(MOVE, (BATCH,))
        row = await cursor.fetchone()
        count, last = (int(row[0]), row[1]) if row else (0, None)
        if count:
            await connection.execute("select pg_notify(%s, %s)", (CHANNEL, str(last)))
    return count


class Feed:
    """Reads the numbered feed: (delivery, stream) pairs, dense and in order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> int:
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute("select coalesce(max(delivery), 0) from feed")
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def after(self, delivery: int, limit: int = BATCH) -> list[tuple[int, str, int]]:
        """(delivery, stream, seq) after a number."""
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute(
                "select delivery, stream, seq from feed where delivery > %s"
                " order by delivery limit %s",
                (delivery, limit),
            )
            return [(int(d), str(s), int(q)) for d, s, q in await cursor.fetchall()]

    async def wake_ups(self, poll_s: float = 1.0) -> AsyncIterator[None]:
        """Yields whenever there may be something new: on a notice, and every `poll_s` anyway."""
        conninfo = self._database.worker_conninfo
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(f"listen {CHANNEL}".encode())
            yield
            while True:
                async for _notice in connection.notifies(timeout=poll_s, stop_after=1):
                    pass
                yield
