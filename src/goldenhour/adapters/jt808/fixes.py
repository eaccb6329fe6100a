"""Positions of the wire in the platform's units.

Rule 1: a terminal whose clock gave no date has no fix either: its report keeps its alarms, takes
        the time of receipt and has no point.
Rule 2: what a terminal means by its numbers stands in its profile: the datum of its coordinates and
        the local time of its clock. `Fix` holds WGS-84 and UTC alone.
"""

from collections.abc import Iterable
from typing import Final

from goldenhour.app.ports import TerminalClock, TerminalProfile
from goldenhour.kernel.datum import to_wgs84
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import HOUR_MS
from goldenhour.wire.jt808.plain import NOTHING
from goldenhour.wire.jt808.position import MICRO, Position, name_alarms

BEHIND_MS: Final = {TerminalClock.CHINA: 0, TerminalClock.UTC: 8 * HOUR_MS}
"""The codec reads every time as GMT+8."""


def to_fix(
    position: Position,
    unit_id: str,
    received_ms: int,
    *,
    catch_up: bool,
    profile: TerminalProfile = TerminalProfile(),  # noqa: B008 (it cannot change)
) -> Fix:
    said_ms, point = position.device_ms, position.point
    dated = said_ms is not None
    return Fix(
        unit_id=unit_id,
        point=to_wgs84(point, profile.datum) if point is not None and dated else None,
        speed_kmh=position.speed_dkmh / 10,
        heading_deg=position.direction_deg % 360,
        altitude_m=position.altitude_m,
        device_ms=received_ms if said_ms is None else said_ms + BEHIND_MS[profile.clock],
        received_ms=received_ms,
        catch_up=catch_up,
        mileage_km=position.mileage_km,
        satellites=position.satellites,
        alarms=position.alarms,
    )


def to_fixes(
    rows: Iterable[list[int]], unit_id: str, received_ms: int, profile: TerminalProfile
) -> list[Fix]:
    """The same of plain positions of one terminal (wire `plain`: its columns)."""
    behind_ms, datum = BEHIND_MS[profile.clock], profile.datum
    fixes = []
    for (
        _serial,
        bits,
        said_ms,
        located,
        lat,
        lon,
        altitude_m,
        speed,
        direction,
        tenths,
        seen,
    ) in rows:
        dated, point = said_ms != NOTHING, None
        if located and dated:
            point = to_wgs84(Point(lat=lat / MICRO, lon=lon / MICRO), datum)
        fixes.append(
            Fix(
                unit_id=unit_id,
                point=point,
                speed_kmh=speed / 10,
                heading_deg=direction % 360,
                altitude_m=altitude_m,
                device_ms=said_ms + behind_ms if dated else received_ms,
                received_ms=received_ms,
                catch_up=False,
                mileage_km=None if tenths == NOTHING else tenths / 10,
                satellites=None if seen == NOTHING else seen,
                alarms=name_alarms(bits) if bits else (),
            )
        )
    return fixes
