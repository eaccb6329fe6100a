"""Day partitions of the telemetry: made ahead by the worker's own rights, China's days."""

from datetime import datetime

from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PARTITIONS_AHEAD, PostgresTelemetry
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import CHINA, from_datetime

# Years that no other test of this database writes in.
TABLES = 3
LATE_EVENING_MS = from_datetime(datetime(2031, 12, 30, 23, 59, 59, tzinfo=CHINA))
OTHER_DAY_MS = from_datetime(datetime(2032, 5, 1, 8, tzinfo=CHINA))


def fix(received_ms: int) -> Fix:
    return Fix(
        unit_id="A-01",
        point=Point(lat=31.0, lon=121.0),
        speed_kmh=0,
        heading_deg=0,
        altitude_m=0,
        device_ms=received_ms,
        received_ms=received_ms,
        catch_up=False,
        mileage_km=None,
        satellites=None,
        alarms=(),
    )


async def where(database: Database, received_ms: int) -> str:
    async with database.system() as connection:
        cursor = await connection.execute(
            "select tableoid::regclass::text from fix where received_ms = %s", (received_ms,)
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def test_the_next_days_are_made_once_and_hold_their_own(database: Database) -> None:
    telemetry = PostgresTelemetry(database)
    assert await telemetry.make_partitions(LATE_EVENING_MS) == TABLES * PARTITIONS_AHEAD
    assert await telemetry.make_partitions(LATE_EVENING_MS) == 0
    for received_ms, name in ((LATE_EVENING_MS, "20311230"), (LATE_EVENING_MS + 1000, "20311231")):
        await telemetry.append_fixes([fix(received_ms)])
        assert await where(database, received_ms) == f"fix_{name}"


async def test_a_day_that_began_without_its_partition_goes_on_in_the_default(
    database: Database,
) -> None:
    telemetry = PostgresTelemetry(database)
    await telemetry.append_fixes([fix(OTHER_DAY_MS)])
    assert await telemetry.make_partitions(OTHER_DAY_MS) == TABLES * PARTITIONS_AHEAD - 1
    await telemetry.append_fixes([fix(OTHER_DAY_MS + 1)])
    assert await where(database, OTHER_DAY_MS + 1) == "fix_rest"
