"""What a terminal means by its numbers: the datum of its places, the time of its clock."""

import pytest

from goldenhour.adapters.jt808.fixes import to_fix
from goldenhour.app.ports import TerminalClock, TerminalProfile
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.time import HOUR_MS
from goldenhour.wire.jt808.position import POSITIONED, Position

SAID_MS, RECEIVED_MS = 1_749_999_999_000, 1_750_000_000_000
CHANGZHI = Point(lat=36.1954, lon=113.1163)


def said(lat: float, lon: float, device_ms: int | None = SAID_MS) -> Position:
    return Position(
        alarm_bits=0,
        status_bits=POSITIONED,
        lat_microdeg=round(lat * 1e6),
        lon_microdeg=round(lon * 1e6),
        altitude_m=900,
        speed_dkmh=415,
        direction_deg=90,
        device_ms=device_ms,
    )


@pytest.mark.parametrize(
    ("datum", "lat", "lon"),
    [
        (Datum.WGS84, 36.1954, 113.1163),
        (Datum.GCJ02, 36.195567, 113.122965),
        (Datum.BD09, 36.201440, 113.129490),
    ],
)
def test_one_place_in_every_datum_is_one_place(datum: Datum, lat: float, lon: float) -> None:
    profile = TerminalProfile(datum=datum)
    fix = to_fix(said(lat, lon), "A-01", RECEIVED_MS, catch_up=False, profile=profile)
    assert fix.point is not None
    assert distance_m(fix.point, CHANGZHI) < 0.3


def test_a_clock_that_writes_utc_is_read_as_utc() -> None:
    """The codec takes it for GMT+8, so it seems eight hours old."""
    profile = TerminalProfile(clock=TerminalClock.UTC)
    fix = to_fix(
        said(36, 113, SAID_MS - 8 * HOUR_MS), "A-01", RECEIVED_MS, catch_up=False, profile=profile
    )
    assert fix.device_ms == SAID_MS


def test_a_terminal_without_a_date_has_no_place_in_any_datum() -> None:
    profile = TerminalProfile(datum=Datum.GCJ02, clock=TerminalClock.UTC)
    fix = to_fix(said(36, 113, None), "A-01", RECEIVED_MS, catch_up=False, profile=profile)
    assert (fix.point, fix.device_ms) == (None, RECEIVED_MS)
