"""Positions of the wire in the platform's units.

Rule 1: a terminal whose clock gave no date has no fix either: its report keeps its alarms, takes
        the time of receipt and has no point.
"""

from goldenhour.kernel.telemetry import Fix
from goldenhour.wire.jt808.position import Position


def to_fix(position: Position, unit_id: str, received_ms: int, *, catch_up: bool) -> Fix:
    return Fix(
        unit_id=unit_id,
        point=None if position.device_ms is None else position.point,
        speed_kmh=position.speed_dkmh / 10,
        heading_deg=position.direction_deg % 360,
        altitude_m=position.altitude_m,
        device_ms=received_ms if position.device_ms is None else position.device_ms,
        received_ms=received_ms,
        catch_up=catch_up,
        mileage_km=position.mileage_km,
        satellites=position.satellites,
        alarms=position.alarms,
    )
