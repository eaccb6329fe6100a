"""How a double's vehicle moves: along a line, at a speed.

Rule 1: it moves without jumps: it drives from where it is to the start of a new plan, along it
once, and stays at its end. Without a plan it stands.
"""

import math
from collections import deque
from typing import Final

from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.record import Record

_KMH_IN_M_S: Final = 3.6


class DrivePlan(Record):
    plan_id: str
    polyline: tuple[Point, ...]
    speed_kmh: float


class Vehicle:
    """A point that moves along polylines."""

    def __init__(self, home: Point) -> None:
        self.point = home
        self.heading_deg = 0
        self.speed_kmh = 0.0
        self.mileage_km = 0.0
        self._plan_id = ""
        self._plan_kmh = 0.0
        self._ahead: deque[Point] = deque()

    def advance(self, plan: DrivePlan | None, seconds: float) -> None:
        """Drives for a while; a plan seen before is continued, never begun again."""
        if plan is not None and plan.plan_id != self._plan_id:
            self._plan_id, self._plan_kmh = plan.plan_id, plan.speed_kmh
            self._ahead = deque(plan.polyline)
        left_m = self._plan_kmh / _KMH_IN_M_S * seconds if plan is not None else 0.0
        while self._ahead and left_m > 0:
            left_m = self._towards(self._ahead[0], left_m)
        self.speed_kmh = self._plan_kmh if plan is not None and self._ahead else 0.0

    def _towards(self, target: Point, left_m: float) -> float:
        """Drives at most so far; what remains of it after the target is reached."""
        gap_m = distance_m(self.point, target)
        if gap_m > 0:
            self.heading_deg = _heading_deg(self.point, target)
        driven_m = min(gap_m, left_m)
        self.mileage_km += driven_m / 1_000
        if gap_m <= left_m:
            self.point = self._ahead.popleft()
        else:
            share = left_m / gap_m
            self.point = Point(
                lat=self.point.lat + (target.lat - self.point.lat) * share,
                lon=self.point.lon + (target.lon - self.point.lon) * share,
            )
        return left_m - driven_m


def _heading_deg(a: Point, b: Point) -> int:
    """Good enough for the length of a street."""
    east = (b.lon - a.lon) * math.cos(math.radians(a.lat))
    return round(math.degrees(math.atan2(east, b.lat - a.lat))) % 360
