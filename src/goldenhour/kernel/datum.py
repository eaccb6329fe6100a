"""The datums of Chinese maps and devices, turned into WGS-84 where they enter.

Rule 1: a datum is stated (a terminal's profile, a partner's contract), never guessed from numbers:
        converting twice moves a place by half a kilometre.
Rule 2: CGCS2000 differs from WGS-84 by decimetres and counts as the same.
Rule 3: outside of China nothing is shifted. The rectangle is that of the published formulas; Hong
        Kong, Macau and Taiwan lie in it, and devices there are to be declared WGS-84.
Source: the published GCJ-02 and BD-09 formulas on the Krasovsky ellipsoid; vectors in
        tests/unit/test_datum.py.
"""

import math
from enum import StrEnum
from typing import Final

from goldenhour.kernel.geo import Point

_A_M: Final = 6_378_245.0
_EE: Final = 0.006_693_421_622_965_943
_X_PI: Final = math.pi * 3000 / 180
_SOUTH, _NORTH, _WEST, _EAST = 0.8293, 55.8271, 72.004, 137.8347
_ROUNDS: Final = 4
"""Of turning a shift back; after three less than a centimetre is left."""


class Datum(StrEnum):
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(point: Point, datum: Datum) -> Point:
    """What a device of this datum means."""
    if datum is Datum.WGS84:
        return point
    found = point
    for _ in range(_ROUNDS):
        shifted = from_wgs84(found, datum)
        found = _within(found.lat + point.lat - shifted.lat, found.lon + point.lon - shifted.lon)
    return found


def from_wgs84(point: Point, datum: Datum) -> Point:
    if datum is Datum.WGS84 or not _is_shifted(point):
        return point
    lat, lon = _shift(point.lat, point.lon)
    if datum is Datum.BD09:
        lat, lon = _swirl(lat, lon)
    return _within(lat, lon)


def _is_shifted(point: Point) -> bool:
    return _SOUTH <= point.lat <= _NORTH and _WEST <= point.lon <= _EAST


def _shift(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    waves = 20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + _sines(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + _sines(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    radians = math.radians(lat)
    magic = 1 - _EE * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north = math.degrees(north / (_A_M * (1 - _EE) / (magic * root)))
    east = math.degrees(east / (_A_M / root * math.cos(radians)))
    return lat + north, lon + east


def _sines(angle: float, *terms: tuple[int, int]) -> float:
    return sum(height * math.sin(angle * math.pi / length) for height, length in terms)


def _swirl(lat: float, lon: float) -> tuple[float, float]:
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _X_PI)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _X_PI)
    return z * math.sin(theta) + 0.006, z * math.cos(theta) + 0.0065


def _within(lat: float, lon: float) -> Point:
    return Point(lat=min(90.0, max(-90.0, lat)), lon=min(180.0, max(-180.0, lon)))
