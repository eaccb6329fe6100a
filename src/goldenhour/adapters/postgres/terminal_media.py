"""What terminals took, in PostgreSQL: `app.terminal_media.MediaBook`."""

import msgspec

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.terminal_media import MOST_ANNOUNCED, Announced, MediaRow

_ROW = msgspec.json.Decoder(MediaRow)
_ANNOUNCED = msgspec.json.Decoder(Announced)


class PostgresTerminalMedia:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_media(self, row: MediaRow) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into terminal_media (phone, media_id, sha256, content, received_ms)"
                " values (%s, %s, %s, %s, %s) on conflict (phone, media_id, sha256) do nothing",
                (row.phone, row.media_id, row.sha256, msgspec.json.encode(row), row.received_ms),
            )
            await connection.execute(
                "delete from terminal_media_announced where phone = %s and media_id = %s",
                (row.phone, row.media_id),
            )

    async def put_announced(self, said: Announced) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into terminal_media_announced (phone, media_id, content, heard_ms)"
                " values (%s, %s, %s, %s) on conflict (phone, media_id) do update"
                " set content = excluded.content, heard_ms = excluded.heard_ms",
                (said.phone, said.media_id, msgspec.json.encode(said), said.heard_ms),
            )
            await connection.execute(
                "delete from terminal_media_announced where phone = %s and media_id not in"
                " (select media_id from terminal_media_announced where phone = %s"
                " order by heard_ms desc, media_id desc limit %s)",
                (said.phone, said.phone, MOST_ANNOUNCED),
            )

    async def list_media(self, phone: str, before_ms: int, most: int) -> list[MediaRow]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from terminal_media where phone = %s and received_ms < %s"
                " order by received_ms desc, media_id desc limit %s",
                (phone, before_ms, most),
            )
            return [_ROW.decode(row[0]) for row in await cursor.fetchall()]

    async def list_announced(self, phone: str) -> list[Announced]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from terminal_media_announced where phone = %s"
                " order by heard_ms desc, media_id desc",
                (phone,),
            )
            return [_ANNOUNCED.decode(row[0]) for row in await cursor.fetchall()]

    async def find_media(self, phone: str, media_id: int, sha256: str) -> MediaRow | None:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from terminal_media"
                " where phone = %s and media_id = %s and sha256 = %s",
                (phone, media_id, sha256),
            )
            row = await cursor.fetchone()
        return None if row is None else _ROW.decode(row[0])
