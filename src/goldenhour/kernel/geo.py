"""Places on the earth, WGS-84 degrees throughout.

Every other datum (GCJ-02, BD-09) is converted once, at the edge where it enters.
"""

import math
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
