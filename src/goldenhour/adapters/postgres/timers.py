"""Durable timers and effects: rows that the worker claims, never sleeps in a process.

Rule 1: a timer is answered by an append that deletes its row in the same transaction, so it can
        neither be lost nor fire twice. A row that was set anew since it was read is another timer.
Rule 2: an effect is done at least once; its executor is idempotent by the effect's key, and its
        result comes back as a command.
"""

from typing import Final

import msgspec

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.journal import Fired
from goldenhour.domain.commands import Command
from goldenhour.kernel.record import Record

_COMMAND: Final = msgspec.json.Decoder(Command)
RETRY_MS: Final = (1_000, 5_000, 15_000, 60_000)


class Due(Record):
    key: str
    due_ms: int
    command: Command


class DueEffect(Record):
    key: str
    kind: str
    body: dict[str, str]
    attempts: int


class Timers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now_ms: int, limit: int = 100) -> list[Due]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select key, due_ms, command from timer where due_ms <= %s"
                " order by due_ms limit %s",
                (now_ms, limit),
            )
            return [
                Due(key=key, due_ms=due_ms, command=_COMMAND.decode(command))
                for key, due_ms, command in await cursor.fetchall()
            ]

    async def drop(self, fired: Fired) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "delete from timer where key = %s and due_ms = %s", (fired.key, fired.due_ms)
            )


class Effects:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, kind: str, now_ms: int, hold_ms: int) -> DueEffect | None:
        """The next effect of a kind; due again after `hold_ms` unless `finish` comes first."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update effect set attempts = attempts + 1, due_ms = %s where key = ("
                " select key from effect where kind = %s and done_ms is null and due_ms <= %s"
                " order by due_ms limit 1 for update skip locked)"
                " returning key, kind, body, attempts",
                (now_ms + hold_ms, kind, now_ms),
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        return DueEffect(key=row[0], kind=row[1], body=row[2], attempts=row[3])

    async def finish(self, key: str, outcome: str, now_ms: int) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "update effect set done_ms = %s, outcome = %s where key = %s",
                (now_ms, outcome, key),
            )

    async def again(self, effect: DueEffect, outcome: str, now_ms: int) -> None:
        wait_ms = RETRY_MS[min(effect.attempts, len(RETRY_MS)) - 1]
        async with self._database.system() as connection:
            await connection.execute(
                "update effect set due_ms = %s, outcome = %s where key = %s",
                (now_ms + wait_ms, outcome, effect.key),
            )
