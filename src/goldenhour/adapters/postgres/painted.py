"""What each seat had shown: every acknowledgement of a painted delivery, kept for a time.

Rule 1: rows are appended and pruned by age, never changed: the answer to "who could have seen it".
Rule 2: a screen that paints a delivery shows everything up to it that its reader may read; what it
        may not read it never showed, so the asker says which readers count.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import psycopg
import structlog

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Principal
from goldenhour.app.ports import Clock
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS
from goldenhour.views.answers import PaintedAnswer, SeatPainted

RETENTION_MS: Final = 90 * 24 * HOUR_MS
OPEN_BEFORE_MS: Final = 15 * MINUTE_MS
"""A seat that painted so shortly before counts as one whose screen was open."""
LOOKED_AFTER_MS: Final = 24 * HOUR_MS
PRUNE_S: Final = 3_600.0

_SEATS: Final = """
select seat, person, role, org,
  min(at_ms) filter (where delivery >= %(delivery)s),
  max(delivery) filter (where delivery < %(delivery)s)
from painted where at_ms >= %(from_ms)s and at_ms < %(to_ms)s group by seat, person, role, org
"""

_log = structlog.get_logger()


class PostgresPainted:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, principal: Principal, delivery: int, at_ms: int) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into painted (seat, person, role, org, delivery, at_ms)"
                " values (%s, %s, %s, %s, %s, %s)",
                (
                    principal.seat or principal.person_id,
                    principal.person_id,
                    principal.role,
                    principal.org,
                    delivery,
                    at_ms,
                ),
            )

    async def list_seats(
        self, stream: str, version: int, reads: Callable[[str, str], bool]
    ) -> PaintedAnswer | None:
        """None: there is no such event."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select f.delivery, e.received_ms from event e left join feed f on f.seq = e.seq"
                " where e.stream = %s and e.version = %s",
                (stream, version),
            )
            found = await cursor.fetchone()
            if found is None:
                return None
            delivery, received_ms = found
            if delivery is None:
                return PaintedAnswer(delivery=None, received_ms=received_ms, seats=())
            cursor = await connection.execute(
                _SEATS,
                {
                    "delivery": delivery,
                    "from_ms": received_ms - OPEN_BEFORE_MS,
                    "to_ms": received_ms + LOOKED_AFTER_MS,
                },
            )
            rows = await cursor.fetchall()
        seats = [
            SeatPainted(seat=seat, person=person, role=role, at_ms=at_ms, before=before)
            for seat, person, role, org, at_ms, before in rows
            if reads(role, org)
        ]
        seats.sort(key=lambda s: (s.at_ms is None, s.at_ms or 0, s.seat))
        return PaintedAnswer(delivery=delivery, received_ms=received_ms, seats=tuple(seats))

    async def prune(self, now_ms: int) -> int:
        """The count of rows that were too old."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "delete from painted where at_ms < %s", (now_ms - RETENTION_MS,)
            )
            return cursor.rowcount


async def run_pruning(paintings: PostgresPainted, clock: Clock, stopping: asyncio.Event) -> None:
    """Once at the start and once an hour; trouble is logged, never fatal."""
    while not stopping.is_set():
        try:
            await paintings.prune(clock.now_ms())
        except psycopg.Error as error:
            _log.error("painted.prune_failed", error=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PRUNE_S)
