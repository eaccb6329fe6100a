"""Append stores of positions and vital signs: COPY in, day partitions, durable on return."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg.rows import class_row

from goldenhour.adapters.postgres import fix_rows
from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.app.journal import SYSTEM
from goldenhour.app.observe import Numbered, Progress
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix, Mileage, NumericSet

PARTITIONS_AHEAD = 3
"""Days: a worker that stands still over a long weekend's night does no harm."""


_MILEAGE: Final = """
with step as (
  select unit_id, speed_kmh, mileage_km, device_ms - lag(device_ms) over own as ms,
    111.195 * sqrt(power(lat - lag(lat) over own, 2)
      + power((lon - lag(lon) over own) * cos(radians(lat)), 2)) as km
  from fix
  where unit_id = any (%s) and device_ms >= %s and device_ms < %s and lat is not null
    and not tablet
  window own as (partition by unit_id order by device_ms)
), driven as (
  select *, ms > 0 and km * 3600000 <= %s * ms as believed,
    -- Nobody says what it did in a longer silence; a night in a garage is no driving.
    ms > 0 and ms <= 300000 and km * 3600000 <= %s * ms as timed from step
)
select unit_id, count(*)::int as fixes, max(speed_kmh)::float8 as top_kmh,
  (max(mileage_km) - min(mileage_km))::float8 as odometer_km,
  coalesce(sum(km) filter (where believed and speed_kmh > 0), 0)::float8 as track_km,
  coalesce(sum(ms) filter (where timed and speed_kmh > 0), 0)::bigint as moving_ms,
  coalesce(sum(ms) filter (where timed and speed_kmh > %s), 0)::bigint as over_ms
from driven group by unit_id order by unit_id
"""


class PostgresTelemetry:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append_fixes(self, fixes: Sequence[Fix]) -> None:
        """One statement, which is its own transaction: committed when this returns."""
        async with (
            self._database.plain(SYSTEM) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"copy fix ({fix_rows.COLUMNS}) from stdin (format binary)") as copy,
        ):
            await copy.write(fix_rows.pack(fixes))

    async def make_partitions(self, now_ms: int) -> int:
        """Of today and the days after, in China; the count of those that were missing."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select make_partitions(%s, %s)", (now_ms, PARTITIONS_AHEAD)
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def append_numerics(self, sets: Sequence[NumericSet]) -> None:
        async with self._database.system() as connection:
            await _copy_numerics(connection, sets)

    async def find_progress(self, installation: str) -> Progress | None:
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute(
                "select through, origin from edge_progress where installation = %s", (installation,)
            )
            row = await cursor.fetchone()
        return Progress(through=row[0], origin=row[1]) if row else None

    async def advance(
        self, installation: str, unit_id: str, progress: Progress, numerics: Numbered
    ) -> None:
        async with self._database.system() as connection:
            # Whoever else is at it waits here, and then finds what the first has written.
            await connection.execute(
                "insert into edge_progress (installation, unit_id, through) values (%s, %s, 0)"
                " on conflict (installation) do nothing",
                (installation, unit_id),
            )
            cursor = await connection.execute(
                "select through from edge_progress where installation = %s for update",
                (installation,),
            )
            (before,) = await cursor.fetchone() or (0,)
            if progress.through <= before:
                return
            await connection.execute(
                "update edge_progress set through = %s, origin = %s where installation = %s",
                (progress.through, progress.origin, installation),
            )
            await _copy_numerics(connection, [item for n, item in numerics if n > before])

    async def set_aside(
        self, installation: str, sequence: int, reason: str, content: bytes, now_ms: int
    ) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into quarantine (reason, installation, sequence, content, received_ms)"
                " values (%s, %s, %s, %s, %s)",
                (reason, installation, sequence, content, now_ms),
            )

    async def find_aside(self, installation: str, sequence: int) -> str:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select reason from quarantine where installation = %s and sequence = %s"
                " order by id desc limit 1",
                (installation, sequence),
            )
            row = await cursor.fetchone()
        return str(row[0]) if row else ""

    async def list_track(self, unit_id: str, from_ms: int, to_ms: int) -> list[Fix]:
        """Positions by device time; invalid fixes are left out."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select unit_id, lat, lon, speed_kmh, heading_deg, altitude_m, device_ms,"
                " received_ms, catch_up, mileage_km, satellites, alarms, tablet from fix"
                " where unit_id = %s and device_ms between %s and %s and lat is not null"
                " order by device_ms",
                (unit_id, from_ms, to_ms),
            )
            return [_fix(row) for row in await cursor.fetchall()]

    async def list_mileage(
        self, units: Sequence[str], from_ms: int, to_ms: int, *, jump_kmh: float, over_kmh: float
    ) -> list[Mileage]:
        """By unit, by its terminal's reports alone; units without one are left out.

        Steps that nothing can drive count not.
        """
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(Mileage)) as cursor,
        ):
            await cursor.execute(
                _MILEAGE, (list(units), from_ms, to_ms, jump_kmh, jump_kmh, over_kmh)
            )
            return await cursor.fetchall()

    async def list_latest(self, since_ms: int) -> list[Fix]:
        """The newest valid live position of every unit by its terminal, then by its tablet."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select distinct on (unit_id, tablet) unit_id, lat, lon, speed_kmh, heading_deg,"
                " altitude_m, device_ms, received_ms, catch_up, mileage_km, satellites, alarms,"
                " tablet from fix where device_ms >= %s and lat is not null and not catch_up"
                " order by unit_id, tablet, device_ms desc",
                (since_ms,),
            )
            return [_fix(row) for row in await cursor.fetchall()]

    async def list_numerics(self, unit_id: str, from_ms: int, to_ms: int) -> list[NumericSet]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from vital where unit_id = %s and received_ms between %s and %s"
                " order by received_ms",
                (unit_id, from_ms, to_ms),
            )
            rows = await cursor.fetchall()
        return [msgspec.json.decode(row[0], type=NumericSet) for row in rows]

    async def list_latest_numerics(self, since_ms: int) -> list[NumericSet]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select distinct on (unit_id) content from vital where received_ms >= %s"
                " order by unit_id, received_ms desc",
                (since_ms,),
            )
            rows = await cursor.fetchall()
        return [msgspec.json.decode(row[0], type=NumericSet) for row in rows]


async def _copy_numerics(connection: Connection, sets: Sequence[NumericSet]) -> None:
    if not sets:
        return
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy vital (unit_id, device_id, device_ms, received_ms, content) from stdin"
        ) as copy,
    ):
        for item in sets:
            await copy.write_row(
                (
                    item.unit_id,
                    item.device_id,
                    item.device_ms,
                    item.received_ms,
                    msgspec.json.encode(item),
                )
            )


def _fix(row: tuple[Any, ...]) -> Fix:
    unit_id, lat, lon, speed_kmh, heading_deg, altitude_m, device_ms, received_ms = row[:8]
    catch_up, mileage_km, satellites, alarms, tablet = row[8:]
    return Fix(
        unit_id=unit_id,
        point=Point(lat=lat, lon=lon),
        speed_kmh=speed_kmh,
        heading_deg=heading_deg,
        altitude_m=altitude_m,
        device_ms=device_ms,
        received_ms=received_ms,
        catch_up=catch_up,
        mileage_km=mileage_km,
        satellites=satellites,
        alarms=tuple(filter(None, alarms.split(","))),
        tablet=tablet,
    )
