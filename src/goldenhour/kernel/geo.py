"""Places on the earth, WGS-84 degrees throughout.

Every other datum (GCJ-02, BD-09) is converted once, at the edge where it enters.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final

from msgspec import Meta

from goldenhour.kernel.record import Record

EARTH_RADIUS_M: Final = 6_371_008.8


class Point(Record, gc=False):  # a leaf, made by the thousand: the collector need not visit it
    """WGS-84, degrees."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance (haversine) in metres."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = math.sin((lat_b - lat_a) / 2)
    half_lon = math.sin(math.radians(b.lon - a.lon) / 2)
    h = half_lat * half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def distance_to_line_m(point: Point, line: Sequence[Point]) -> float:
    """To the nearest place of a line of straight steps; the earth is flat over such a distance."""
    narrow = math.cos(math.radians(point.lat))
    steps = [
        (math.radians(p.lon - point.lon) * narrow, math.radians(p.lat - point.lat)) for p in line
    ]
    least = math.inf
    for (east_a, north_a), (east_b, north_b) in pairwise(steps):
        east, north = east_b - east_a, north_b - north_a
        square = east * east + north * north
        part = -(east_a * east + north_a * north) / square if square else 0.0
        part = min(1.0, max(0.0, part))
        least = min(least, math.hypot(east_a + part * east, north_a + part * north))
    return EARTH_RADIUS_M * least
