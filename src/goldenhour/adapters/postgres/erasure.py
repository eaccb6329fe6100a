"""Erasing personal text: the row stays, text and salt go.

Rule 1: the statement that erases looks for a running hold itself, under a lock that a new hold
        waits for: a hold that was told to be in place protects from then on.
Rule 2: who may erase what, and when, is decided in `domain/review/retention.py`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.domain.review.retention import Kept

_LOCK: Final = 0x60_1D_E5
_ERASE: Final = """
update personal p set salt = null, content = null, erased_ms = %(now_ms)s
where p.content is not null and {which} and not exists (
  select from stream_head s join legal_hold h on h.case_stream = s.case_stream
  where s.stream = p.stream and h.lifted_ms is null
)
"""


class Erasure:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_kept(self, streams: Sequence[str]) -> list[Kept]:
        """Rows of these streams that still hold their text."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select row_id, topic, written_ms from personal"
                " where stream = any (%s) and content is not null order by row_id",
                (list(streams),),
            )
            return [Kept(row=r, topic=t, written_ms=w) for r, t, w in await cursor.fetchall()]

    async def is_erased(self, streams: Sequence[str]) -> bool:
        """Whether the text of any of these has been erased."""
        if not streams:
            return False
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select exists (select from personal"
                " where stream = any (%s) and erased_ms is not null)",
                (list(streams),),
            )
            row = await cursor.fetchone()
        return bool(row and row[0])

    async def erase(self, rows: Sequence[str], now_ms: int) -> int:
        """The count of rows erased: less than asked where a hold has come in between."""
        async with self._database.system() as connection:
            await _lock(connection)
            cursor = await connection.execute(
                _ERASE.format(which="p.row_id = any (%(rows)s)").encode(),
                {"rows": list(rows), "now_ms": now_ms},
            )
            return cursor.rowcount

    async def erase_written_before(self, limits_ms: Mapping[str, int], now_ms: int) -> int:
        """Everything of these kinds of stream that was written earlier and that no hold covers."""
        count = 0
        async with self._database.system() as connection:
            await _lock(connection)
            for topic, limit_ms in limits_ms.items():
                cursor = await connection.execute(
                    _ERASE.format(
                        which="p.topic = %(topic)s and p.written_ms < %(limit_ms)s"
                    ).encode(),
                    {"topic": topic, "limit_ms": limit_ms, "now_ms": now_ms},
                )
                count += cursor.rowcount
        return count

    async def find_hold(self, case_stream: str) -> str | None:
        """Its reason."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select reason from legal_hold where case_stream = %s and lifted_ms is null"
                " order by since_ms limit 1",
                (case_stream,),
            )
            row = await cursor.fetchone()
        return str(row[0]) if row else None

    @asynccontextmanager
    async def holding_off(self) -> AsyncIterator[frozenset[str]]:
        """The streams under a hold; until the block ends, no other hold is told to be in place."""
        async with self._database.system() as connection:
            await _lock(connection)
            cursor = await connection.execute(
                "select s.stream from stream_head s join legal_hold h using (case_stream)"
                " where h.lifted_ms is null"
            )
            yield frozenset([str(stream) for (stream,) in await cursor.fetchall()])

    async def hold(self, case_stream: str, reason: str, person: str, now_ms: int) -> None:
        async with self._database.system() as connection:
            await _lock(connection)
            await connection.execute(
                "insert into legal_hold (case_stream, reason, person, since_ms)"
                " values (%s, %s, %s, %s)",
                (case_stream, reason, person, now_ms),
            )

    async def lift(self, case_stream: str, now_ms: int) -> int:
        """The count of holds that ended."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update legal_hold set lifted_ms = %s where case_stream = %s and lifted_ms is null",
                (now_ms, case_stream),
            )
            return cursor.rowcount


async def _lock(connection: Connection) -> None:
    await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
