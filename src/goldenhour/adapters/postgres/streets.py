"""What was learnt of street speeds, in PostgreSQL: `app.learn.LearntStore`."""

import zlib

import msgspec

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.learn import Lore

_LORE = msgspec.json.Decoder(Lore)


class PostgresStreets:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, network: str, lore: Lore, experience: bytes, factors: bytes) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into street_speeds (network, learnt_ms, content, experience, factors)"
                " values (%s, %s, %s, %s, %s) on conflict (network) do update set"
                " learnt_ms = excluded.learnt_ms, content = excluded.content,"
                " experience = excluded.experience, factors = excluded.factors",
                (
                    network,
                    lore.learnt_ms,
                    msgspec.json.encode(lore),
                    experience,
                    # Most arcs were never driven and share a few figures.
                    zlib.compress(factors),
                ),
            )

    async def find(self, network: str) -> tuple[Lore, bytes] | None:
        """With the experience; raises ValueError for what cannot be read."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content, experience from street_speeds where network = %s", (network,)
            )
            row = await cursor.fetchone()
        return None if row is None else (_lore(row[0]), bytes(row[1]))

    async def find_newer(self, network: str, than_ms: int) -> tuple[Lore, bytes] | None:
        """With the factors; None: nothing was learnt since. Raises ValueError as above."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content, factors from street_speeds where network = %s and learnt_ms > %s",
                (network, than_ms),
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        try:
            return _lore(row[0]), zlib.decompress(row[1])
        except zlib.error as error:
            raise ValueError(f"factors: {error}") from error


def _lore(content: bytes) -> Lore:
    try:
        return _LORE.decode(content)
    except msgspec.DecodeError as error:
        raise ValueError(f"content: {error}") from error
