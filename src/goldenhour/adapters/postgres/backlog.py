"""What waits in the database: one look for readiness and for metrics."""

from goldenhour.adapters.postgres.pool import Database
from goldenhour.kernel.record import Record


class Backlog(Record):
    delivered: int
    """Events that have a delivery number."""
    outbox_rows: int
    outbox_age_ms: int
    """How long the oldest event that the relay has not numbered has waited; 0: none waits."""
    timers_overdue: int
    effects_waiting: int


async def read_backlog(database: Database, now_ms: int) -> Backlog:
    async with database.system() as connection:
        cursor = await connection.execute(
            "select (select coalesce(max(delivery), 0) from feed), waiting, oldest_ms,"
            " (select count(*) from timer where due_ms <= %(now_ms)s),"
            " (select count(*) from effect where done_ms is null)"
            " from (select count(*) as waiting, min(received_ms) as oldest_ms"
            " from outbox join event using (seq)) as o",
            {"now_ms": now_ms},
        )
        row = await cursor.fetchone()
    assert row is not None
    delivered, rows, oldest_ms, timers, effects = row
    return Backlog(
        delivered=delivered,
        outbox_rows=rows,
        outbox_age_ms=0 if oldest_ms is None else max(0, now_ms - oldest_ms),
        timers_overdue=timers,
        effects_waiting=effects,
    )
