"""Where virtual vehicles are: computed when somebody asks, from the way they drive.

Rule 1: a parked vehicle stands where its last drive ended; a driving one is on its way's line, at
        the share of the time that has passed.
Rule 2: without a road it drives straight on, in the time that the travel model gives.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Protocol

from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS

KMH_IN_M_S = 3.6


class Way(Record):
    """From one place to another."""

    seconds: float
    points: tuple[Point, ...]


class Ways(Protocol):
    def find_way(self, source: Point, target: Point) -> Way: ...


class _Drive:
    def __init__(self, way: Way, start_ms: int) -> None:
        self.start_ms = start_ms
        self.end_ms = start_ms + round(way.seconds * SECOND_MS)
        self._points = way.points
        steps = [distance_m(a, b) for a, b in pairwise(way.points)]
        self._along_m = list(accumulate(steps, initial=0.0))

    def at(self, now_ms: int) -> tuple[Point, float, float]:
        """(place, heading in degrees, speed in km/h)."""
        total_m = self._along_m[-1]
        if now_ms >= self.end_ms or total_m == 0:
            return self._points[-1], 0.0, 0.0
        share = (now_ms - self.start_ms) / (self.end_ms - self.start_ms)
        gone_m = total_m * share
        step = min(bisect_right(self._along_m, gone_m), len(self._points) - 1)
        a, b = self._points[step - 1], self._points[step]
        span_m = self._along_m[step] - self._along_m[step - 1]
        part = (gone_m - self._along_m[step - 1]) / span_m if span_m else 0.0
        place = Point(lat=a.lat + (b.lat - a.lat) * part, lon=a.lon + (b.lon - a.lon) * part)
        east = (b.lon - a.lon) * math.cos(math.radians(a.lat))
        heading = math.degrees(math.atan2(east, b.lat - a.lat)) % 360
        speed_kmh = total_m / (self.end_ms - self.start_ms) * SECOND_MS * KMH_IN_M_S
        return place, heading, speed_kmh


class Fleet:
    def __init__(self, homes: Mapping[str, Point], ways: Ways) -> None:
        """`homes`: unit id -> where it stands at first."""
        self._ways = ways
        self._stands = dict(homes)
        self._drives: dict[str, _Drive] = {}

    def send(self, unit_id: str, target: Point, now_ms: int) -> int:
        """Drive there from wherever it is; when it arrives."""
        here, _heading, _speed = self.place(unit_id, now_ms)
        drive = _Drive(self._ways.find_way(here, target), now_ms)
        self._drives[unit_id] = drive
        return drive.end_ms

    def stop(self, unit_id: str, now_ms: int) -> None:
        self._stands[unit_id] = self.place(unit_id, now_ms)[0]
        self._drives.pop(unit_id, None)

    def place(self, unit_id: str, now_ms: int) -> tuple[Point, float, float]:
        drive = self._drives.get(unit_id)
        return drive.at(now_ms) if drive else (self._stands[unit_id], 0.0, 0.0)

    def is_driving(self, unit_id: str, now_ms: int) -> bool:
        drive = self._drives.get(unit_id)
        return drive is not None and now_ms < drive.end_ms

    def fix(self, unit_id: str, now_ms: int) -> Fix:
        """What its terminal would report."""
        point, heading, speed_kmh = self.place(unit_id, now_ms)
        return Fix(
            unit_id=unit_id,
            point=point,
            speed_kmh=round(speed_kmh, 1),
            heading_deg=round(heading) % 360,
            altitude_m=0,
            device_ms=now_ms,
            received_ms=now_ms,
            catch_up=False,
            mileage_km=None,
            satellites=12,
            alarms=(),
        )
