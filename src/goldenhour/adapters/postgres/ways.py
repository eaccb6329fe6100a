"""The kept ways of runs, in PostgreSQL: `app.ways.Ways`.

Who may read a run is asked before; the way itself names nobody.
"""

import zlib
from collections.abc import Sequence

import msgspec
import structlog

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.ways import KeptWay

_log = structlog.get_logger()
_KEPT = msgspec.json.Decoder(KeptWay)


class PostgresWays:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, mission_id: str, from_ms: int) -> KeptWay | None:
        """None too for what cannot be read: the way is then guessed anew."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from matched_way where mission_id = %s and from_ms = %s",
                (mission_id, from_ms),
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        try:
            return _KEPT.decode(zlib.decompress(row[0]))
        except (zlib.error, msgspec.DecodeError) as error:
            _log.error("ways.unreadable", mission_id=mission_id, reason=str(error))
            return None

    async def put(self, mission_id: str, from_ms: int, kept: KeptWay) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into matched_way (mission_id, from_ms, content) values (%s, %s, %s)"
                " on conflict do nothing",
                (mission_id, from_ms, zlib.compress(msgspec.json.encode(kept))),
            )

    async def list_kept(self, missions: Sequence[str]) -> set[str]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select distinct mission_id from matched_way where mission_id = any (%s)",
                (list(missions),),
            )
            return {str(row[0]) for row in await cursor.fetchall()}
