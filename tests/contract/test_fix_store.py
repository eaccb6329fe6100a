"""Positions in PostgreSQL: what was appended is read back, value for value."""

import msgspec
import psycopg
import pytest
from msgspec.structs import replace

from factories.advice import NOW_MS, fix_at
from goldenhour.adapters.jt808.fixes import to_fix
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.wire.jt808.position import POSITIONED, Item, Position

HERE = Point(lat=-36.195401, lon=113.116307)
FULL = fix_at(
    HERE,
    speed_kmh=42.5,
    heading_deg=359,
    altitude_m=-154,
    mileage_km=90_000.1,
    satellites=255,
    alarms=("sos", "bit_31"),
    device_ms=NOW_MS,
)


def counted(server: EmbeddedServer, statement: bytes = b"select count(*) from fix") -> int:
    with psycopg.connect(server.conninfo("postgres", "goldenhour")) as owner:
        row = owner.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


async def test_every_field_comes_back(database: Database) -> None:
    store = PostgresTelemetry(database)
    fixes = [
        FULL,
        fix_at(HERE, unit_id="单位-1", catch_up=True, satellites=0, mileage_km=0.0),
        fix_at(HERE, unit_id="u3"),
        # As most are: nothing lacks, and nothing alarms.
        replace(FULL, unit_id="u4", alarms=()),
        replace(FULL, unit_id="u5", alarms=(), catch_up=True, tablet=True),
    ]
    await store.append_fixes(fixes)
    for fix in fixes:
        assert await store.list_track(fix.unit_id, 0, NOW_MS) == [fix]
    assert [fix.unit_id for fix in await store.list_latest(0)] == ["u1", "u3", "u4"]


def greatest(length: int, altitude_m: int) -> Position:
    """All that the wire's fields hold, and each item with this many bytes."""
    return Position(
        alarm_bits=2**32 - 1,
        status_bits=POSITIONED,
        lat_microdeg=90_000_000,
        lon_microdeg=180_000_000,
        altitude_m=altitude_m,
        speed_dkmh=2**16 - 1,
        direction_deg=2**16 - 1,
        device_ms=NOW_MS,
        items=tuple(Item(item_id=ident, data=b"\xff" * length) for ident in range(256)),
    )


async def test_whatever_a_terminal_writes_costs_no_batch(database: Database) -> None:
    """A batch holds positions of the whole fleet."""
    fixes = [
        to_fix(greatest(length, altitude_m), f"u{length}/{altitude_m}", NOW_MS, catch_up=False)
        for length in (0, 1, 2, 3, 4, 5, 255)
        for altitude_m in (-(2**15), 2**15 - 1)
    ]
    store = PostgresTelemetry(database)
    await store.append_fixes([FULL, *fixes])
    for fix in (FULL, *fixes):
        assert await store.list_track(fix.unit_id, 0, NOW_MS) == [fix]


async def test_a_report_without_a_place_is_kept_and_is_no_track(
    database: Database, server: EmbeddedServer
) -> None:
    store = PostgresTelemetry(database)
    await store.append_fixes([fix_at(None, alarms=("sos",)), FULL])
    assert await store.list_track("u1", 0, NOW_MS) == [FULL]
    assert counted(server) == 2


async def test_they_lie_in_the_partition_of_their_day(
    database: Database, server: EmbeddedServer
) -> None:
    store = PostgresTelemetry(database)
    await store.make_partitions(NOW_MS)
    later = [msgspec.structs.replace(FULL, received_ms=NOW_MS + day * 86_400_000) for day in (0, 1)]
    await store.append_fixes([FULL, *later])
    assert counted(server, b"select count(*) from fix_rest") == 0
    assert counted(server) == 3


async def test_of_a_batch_that_fails_nothing_is_stored(
    database: Database, server: EmbeddedServer
) -> None:
    store = PostgresTelemetry(database)
    impossible: Fix = msgspec.structs.replace(FULL, unit_id="with a \0, which text cannot hold")
    with pytest.raises(psycopg.DataError):
        await store.append_fixes([FULL, impossible])
    assert counted(server) == 0
    await store.append_fixes([FULL])  # and the connection is whole
    assert counted(server) == 1


async def test_what_a_unit_drove_leaves_out_what_nothing_can_drive(database: Database) -> None:
    store = PostgresTelemetry(database)
    degree_km = 111.195

    def report(second: int, km_north: float, kmh: float, odometer_km: float | None = None) -> Fix:
        return fix_at(
            Point(lat=36 + km_north / degree_km, lon=113),
            device_ms=NOW_MS + second * 1000,
            speed_kmh=kmh,
            mileage_km=odometer_km,
        )

    await store.append_fixes(
        [
            report(0, 0.0, 0, 500.0),
            report(60, 1.0, 60, 501.1),
            report(60, 1.0, 60, 501.1),  # sent twice
            report(120, 3.2, 132, 503.4),
            report(121, 40.0, 50),  # led astray, and back
            report(122, 3.22, 72),
            report(180, 3.22, 0, 503.5),
            report(36_000, 3.3, 38),  # ten hours in a garage
            report(90_000, 9.0, 50),  # of another day
            fix_at(None, device_ms=NOW_MS + 30_000),
            fix_at(HERE, unit_id="u2", device_ms=NOW_MS, speed_kmh=20),
            fix_at(HERE, unit_id="u3", device_ms=NOW_MS),
        ]
    )
    first, second = await store.list_mileage(
        ["u1", "u2"], NOW_MS, NOW_MS + 86_400_000, jump_kmh=200, over_kmh=120
    )
    assert (first.unit_id, first.fixes, first.top_kmh) == ("u1", 8, 132)
    assert first.odometer_km == pytest.approx(3.5)
    assert first.track_km == pytest.approx(3.28, abs=0.01)
    assert (first.moving_ms, first.over_ms) == (120_000, 60_000)
    assert (second.unit_id, second.odometer_km, second.track_km) == ("u2", None, 0)
