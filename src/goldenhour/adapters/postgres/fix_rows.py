"""Positions as rows of PostgreSQL's binary COPY, so that neither side turns numbers into text.

The format is that of the manual, "COPY, Binary Format": a header, for each row the number of its
fields and each field with its length before it (-1: null), a trailer; all numbers big-endian.
"""

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Final

from goldenhour.kernel.telemetry import Fix

COLUMNS: Final = (
    "unit_id, device_ms, received_ms, speed_kmh, heading_deg, altitude_m, catch_up,"
    " lat, lon, mileage_km, satellites, alarms, tablet"
)
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
_TRAILER: Final = b"\xff\xff"
_FIELDS: Final = Struct(">h").pack(13)
_NULL: Final = b"\xff\xff\xff\xff"
_ALWAYS: Final = Struct(">iqiqifiiiii?")  # each field after its length
_USUAL: Final = Struct(_ALWAYS.format + "idididiiii?")
"""All behind the unit of a report that lacks nothing and alarms of nothing, as most are."""
_DOUBLE: Final = Struct(">id")
_DOUBLES: Final = Struct(">idid")
_INTEGER: Final = Struct(">ii")
_BOOLEAN: Final = {said: Struct(">i?").pack(1, said) for said in (False, True)}


def pack(fixes: Iterable[Fix]) -> bytes:
    return b"".join((_HEADER, *map(_row, fixes), _TRAILER))


def _row(fix: Fix) -> bytes:
    point, mileage_km, satellites = fix.point, fix.mileage_km, fix.satellites
    if point is not None and mileage_km is not None and satellites is not None and not fix.alarms:
        return (
            _FIELDS
            + _text(fix.unit_id)
            + _USUAL.pack(
                *(8, fix.device_ms, 8, fix.received_ms, 4, fix.speed_kmh),
                *(4, fix.heading_deg, 4, fix.altitude_m, 1, fix.catch_up),
                *(8, point.lat, 8, point.lon, 8, mileage_km, 4, satellites, 0, 1, fix.tablet),
            )
        )
    return b"".join(
        (
            _FIELDS,
            _text(fix.unit_id),
            _ALWAYS.pack(
                *(8, fix.device_ms, 8, fix.received_ms, 4, fix.speed_kmh),
                *(4, fix.heading_deg, 4, fix.altitude_m, 1, fix.catch_up),
            ),
            _NULL + _NULL if point is None else _DOUBLES.pack(8, point.lat, 8, point.lon),
            _NULL if mileage_km is None else _DOUBLE.pack(8, mileage_km),
            _NULL if satellites is None else _INTEGER.pack(4, satellites),
            _text(",".join(fix.alarms)),
            _BOOLEAN[fix.tablet],
        )
    )


@lru_cache(maxsize=20_000)
def _text(text: str) -> bytes:
    """Remembered: units and alarms are few."""
    data = text.encode()
    return len(data).to_bytes(4) + data
