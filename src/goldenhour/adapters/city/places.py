"""Picks from an OpenStreetMap extract what a rescue service must know; invents nothing.

Rule 1: nodes and areas count; a closed way comes again as an area, so ways are read for streets
only.
Rule 2: the same name twice within 300 m is one hospital or station: the object with the larger
footprint stays (the campus, not the pin inside it).
Rule 3: an object whose geometry is cut off by the edge of the extract is counted, never guessed.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import osmium
import shapely

from goldenhour.domain.register.city import Aed, Bounds, Signal
from goldenhour.kernel.geo import EARTH_RADIUS_M, Point, distance_m
from goldenhour.kernel.record import Record

DRIVABLE: Final = frozenset(
    f"{kind}{link}"
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
) | {"unclassified", "residential", "living_street", "service", "road"}
LOCALITIES: Final = ("city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet")
"""Kinds of named places, the one that names a whole extract first."""
_SAME_PLACE_M: Final = 300
_M_PER_DEGREE: Final = EARTH_RADIUS_M * math.pi / 180


class Found(Record):
    """A thing on the map, before anyone decides what it is for the service."""

    id: str
    name: str
    name_en: str
    point: Point
    footprint_m2: float
    tags: dict[str, str]


def names(tags: Mapping[str, str]) -> tuple[str, str]:
    """The Chinese or local name and the English one; each stands in for a missing other."""
    local = tags.get("name:zh") or tags.get("name") or tags.get("name:en") or ""
    return local, tags.get("name:en") or tags.get("int_name") or tags.get("name") or local


def object_id(thing: Any) -> str:
    """`n12`, `w34` or `r56`: the map's own id, the same in every later extract."""
    if thing.is_area():
        return f"{'w' if thing.from_way() else 'r'}{thing.orig_id()}"
    return f"{thing.type_str()}{thing.id}"


class Geometry:
    """Places osmium's objects: a point for everything, a footprint for areas."""

    def __init__(self) -> None:
        self._wkb = osmium.geom.WKBFactory()
        self.cut_off = 0
        """Areas left out since a part of them lies outside the extract."""

    def find(self, thing: Any) -> tuple[Point, float] | None:
        """A point inside a node or an area, and its footprint in square metres."""
        if thing.is_node():
            return Point(lat=thing.location.lat, lon=thing.location.lon), 0.0
        try:
            shape = shapely.from_wkb(self._wkb.create_multipolygon(thing))
        except RuntimeError:
            self.cut_off += 1
            return None
        inside = shape.representative_point()
        square_degree_m2 = _M_PER_DEGREE**2 * math.cos(math.radians(inside.y))
        return Point(lat=inside.y, lon=inside.x), shape.area * square_degree_m2


class Places:
    """Collects while the importer passes once through the extract."""

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self._stations: list[Found] = []
        self._points: list[Found] = []
        self._hospitals: list[Found] = []
        self._signals: dict[int, Point] = {}
        self._signal_streets: dict[int, dict[str, str]] = defaultdict(dict)
        self._extent = [90.0, 180.0, -90.0, -180.0]
        self.aeds: list[Aed] = []
        self.localities: list[Found] = []
        self.drivable_ways = 0

    def see(self, thing: Any) -> None:
        """A node or an area with tags."""
        tags = thing.tags
        emergency = tags.get("emergency")
        if emergency == "defibrillator":
            self._see_aed(thing)
        elif emergency == "ambulance_station":
            self._keep(thing, self._stations, "急救站", "Ambulance station")
        elif emergency == "first_aid":
            self._keep(thing, self._points, "急救点", "First aid point")
        elif tags.get("amenity") == "hospital" or tags.get("healthcare") == "hospital":
            self._keep(thing, self._hospitals, "医院", "Hospital")
        elif thing.is_node() and tags.get("highway") == "traffic_signals":
            location = thing.location
            self._signals[thing.id] = Point(lat=location.lat, lon=location.lon)
        elif tags.get("place") in LOCALITIES and names(tags)[0]:
            self._keep(thing, self.localities, "", "")

    def see_way(self, way: Any) -> None:
        """A way with tags; gives the extent and the names of signalised junctions."""
        if way.tags.get("highway") not in DRIVABLE:
            return
        self.drivable_ways += 1
        local, english = names(way.tags)
        south, west, north, east = self._extent
        for node in way.nodes:
            if not node.location.valid():
                continue
            lat, lon = node.lat, node.lon
            south, west = min(south, lat), min(west, lon)
            north, east = max(north, lat), max(east, lon)
            if local and node.ref in self._signals:
                self._signal_streets[node.ref][local] = english
        self._extent = [south, west, north, east]

    def find_bounds(self) -> Bounds | None:
        """What the roads span; None where there is no road."""
        south, west, north, east = self._extent
        if south > north:
            return None
        return Bounds(south=south, west=west, north=north, east=east)

    def list_stations(self) -> list[Found]:
        return _without_doubles(self._stations)

    def list_hospitals(self) -> list[Found]:
        return _without_doubles(self._hospitals)

    def list_points(self) -> list[Found]:
        return _without_doubles(self._points)

    def count_doubles(self) -> int:
        seen = len(self._stations) + len(self._hospitals)
        return seen - len(self.list_stations()) - len(self.list_hospitals())

    def list_signals(self) -> list[Signal]:
        return [
            Signal(
                id=f"n{ref}",
                name=" / ".join(sorted(self._signal_streets[ref])),
                name_en=" / ".join(sorted(self._signal_streets[ref].values())),
                point=point,
            )
            for ref, point in sorted(self._signals.items())
        ]

    def _see_aed(self, thing: Any) -> None:
        placed = self._geometry.find(thing)
        if placed is None:
            return
        tags = thing.tags
        local, english = names(tags)
        where = tags.get("defibrillator:location", "")
        self.aeds.append(
            Aed(
                id=object_id(thing),
                name=local or where or "AED",
                name_en=english or tags.get("defibrillator:location:en") or where or "AED",
                point=placed[0],
                access=tags.get("access", ""),
                opening_hours=tags.get("opening_hours", ""),
            )
        )

    def _keep(self, thing: Any, where: list[Found], unnamed: str, unnamed_en: str) -> None:
        placed = self._geometry.find(thing)
        if placed is None:
            return
        local, english = names(thing.tags)
        ident = object_id(thing)
        where.append(
            Found(
                id=ident,
                name=local or f"{unnamed} {ident}",
                name_en=english or f"{unnamed_en} {ident}",
                point=placed[0],
                footprint_m2=placed[1],
                tags={tag.k: tag.v for tag in thing.tags},
            )
        )


def _without_doubles(found: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    for thing in sorted(found, key=lambda f: (-f.footprint_m2, f.id)):
        same = (
            other.name == thing.name and distance_m(other.point, thing.point) <= _SAME_PLACE_M
            for other in kept
        )
        if not any(same):
            kept.append(thing)
    return sorted(kept, key=lambda f: (f.id[0], int(f.id[1:])))
