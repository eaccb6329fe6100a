"""What was heard of the vehicles' clocks, in PostgreSQL: `app.clocks.ClockStore`.

Who may read a case is asked before; a clock names nobody.
"""

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.clocks import ClockSeen


class PostgresClocks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, seen: ClockSeen) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into vehicle_clock (unit_id, heard_ms, offset_ms, uncertainty_ms)"
                " values (%s, %s, %s, %s) on conflict do nothing",
                (seen.unit_id, seen.heard_ms, seen.offset_ms, seen.uncertainty_ms),
            )

    async def list_around(self, unit_id: str, from_ms: int, to_ms: int) -> list[ClockSeen]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select unit_id, heard_ms, offset_ms, uncertainty_ms from vehicle_clock"
                " where unit_id = %(unit)s"
                " and heard_ms >= coalesce((select max(heard_ms) from vehicle_clock"
                "   where unit_id = %(unit)s and heard_ms <= %(from)s), %(from)s)"
                " and heard_ms <= coalesce((select min(heard_ms) from vehicle_clock"
                "   where unit_id = %(unit)s and heard_ms >= %(to)s), %(to)s)"
                " order by heard_ms",
                {"unit": unit_id, "from": from_ms, "to": to_ms},
            )
            return [
                ClockSeen(unit_id=row[0], heard_ms=row[1], offset_ms=row[2], uncertainty_ms=row[3])
                for row in await cursor.fetchall()
            ]
