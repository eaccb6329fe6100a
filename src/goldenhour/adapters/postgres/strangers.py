"""Devices in no register, in PostgreSQL: `app.strangers.StrangerStore`.

Who keeps which place is asked before.
"""

from collections.abc import Sequence

from psycopg.rows import class_row

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.strangers import MOST_OF_A_PLACE, KnownStranger, Stranger, Way


class PostgresStrangers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def hear(self, place: str, others: int, heard: Sequence[Stranger]) -> None:
        async with self._database.system() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into stranger"
                " (place, others, way, device_id, first_ms, heard_ms, times, reason)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (place, way, device_id) do update set others = excluded.others,"
                " heard_ms = greatest(stranger.heard_ms, excluded.heard_ms),"
                " times = stranger.times + excluded.times, reason = excluded.reason",
                [
                    (
                        *(place, others, one.way, one.device_id),
                        *(one.first_ms, one.heard_ms, one.count, one.reason),
                    )
                    for one in heard
                ],
            )
            await cursor.execute(
                "delete from stranger where place = %(place)s and (way, device_id) in"
                " (select way, device_id from stranger where place = %(place)s"
                " order by heard_ms desc, device_id offset %(most)s)",
                {"place": place, "most": MOST_OF_A_PLACE},
            )

    async def list_all(self) -> list[KnownStranger]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(KnownStranger)) as cursor,
        ):
            await cursor.execute(
                "select place, others, way, device_id, first_ms, heard_ms, times as count, reason,"
                " dismissed_ms, dismissed_by from stranger order by heard_ms desc, device_id"
            )
            return await cursor.fetchall()

    async def dismiss(
        self, place: str, way: Way, device_id: str, person: str, at_ms: int | None
    ) -> bool:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update stranger set dismissed_ms = %s, dismissed_by = %s"
                " where place = %s and way = %s and device_id = %s",
                (at_ms, "" if at_ms is None else person, place, way, device_id),
            )
            return cursor.rowcount == 1
