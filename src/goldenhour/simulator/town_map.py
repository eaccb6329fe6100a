"""Paper for a generated town: gathers nodes, ways and relations and writes the `.osm.pbf`.

Geometry comes in metres east and north of the middle; degrees appear only here.
"""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import osmium
import shapely
from shapely.geometry import LinearRing, Polygon

_MIDDLE: Final = (31.2, 105.4)
_M_PER_DEGREE: Final = 111_195
_SMALLEST_M2: Final = 300

type Place = tuple[float, float]


class Way(NamedTuple):
    id: int
    nodes: tuple[int, ...]


class Map:
    """Gathers nodes, ways and relations and writes them in the order that the format asks for."""

    def __init__(self, generator: str = "GoldenHour fictional town") -> None:
        self._generator = generator
        self._nodes: list[tuple[Place, dict[str, str]]] = []
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], dict[str, str]]] = []
        self.crossings: dict[Place, int] = {}
        """Nodes that streets share, by their lattice place."""

    def node(self, place: Place, tags: Mapping[str, str] | None = None) -> int:
        self._nodes.append((place, dict(tags or {})))
        return len(self._nodes)

    def shared(self, lattice: Place, place: Place) -> int:
        key = (round(lattice[0], 4), round(lattice[1], 4))
        if key not in self.crossings:
            self.crossings[key] = self.node(place)
        return self.crossings[key]

    def tag(self, node: int, tags: Mapping[str, str]) -> None:
        self._nodes[node - 1][1].update(tags)

    def way(self, nodes: list[int], tags: Mapping[str, str]) -> Way:
        self._ways.append((nodes, dict(tags)))
        return Way(len(self._ways), tuple(nodes))

    def area(self, shape: Polygon, tags: Mapping[str, str]) -> str:
        """Its id as the importer forms it: `w12`, or `r3` where the shape has holes."""
        if not shape.interiors:
            return f"w{self._ring(shape.exterior, tags)}"
        members = [("w", self._ring(shape.exterior, {}), "outer")]
        members += [("w", self._ring(hole, {}), "inner") for hole in shape.interiors]
        return f"r{self.relation(members, {'type': 'multipolygon', **tags})}"

    def _ring(self, ring: LinearRing, tags: Mapping[str, str]) -> int:
        nodes = [self.node(place) for place in ring.coords[:-1]]
        return self.way([*nodes, nodes[0]], tags).id

    def restriction(self, start: int, via: int, end: int, kind: str) -> None:
        members = [("w", start, "from"), ("n", via, "via"), ("w", end, "to")]
        self.relation(members, {"type": "restriction", "restriction": kind})

    def relation(self, members: list[tuple[str, int, str]], tags: Mapping[str, str]) -> int:
        self._relations.append((members, dict(tags)))
        return len(self._relations)

    def write(self, path: Path) -> None:
        header = osmium.io.Header()
        header.set("generator", self._generator)
        make = osmium.osm.mutable
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for ident, ((x, y), tags) in enumerate(self._nodes, 1):
                lat = _MIDDLE[0] + y / _M_PER_DEGREE
                lon = _MIDDLE[1] + x / (_M_PER_DEGREE * math.cos(math.radians(_MIDDLE[0])))
                place = (round(lon, 7), round(lat, 7))
                writer.add_node(make.Node(id=ident, version=1, location=place, tags=tags))
            for ident, (nodes, tags) in enumerate(self._ways, 1):
                writer.add_way(make.Way(id=ident, version=1, nodes=nodes, tags=tags))
            for ident, (members, tags) in enumerate(self._relations, 1):
                writer.add_relation(make.Relation(id=ident, version=1, members=members, tags=tags))


def rectangle(middle: Place, front: float, depth: float, angle: float) -> Polygon:
    """A building: its front along the angle, which counts from east in radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    return Polygon(
        [
            (middle[0] + dx * cos - dy * sin, middle[1] + dx * sin + dy * cos)
            for dx, dy in (
                (-front / 2, -depth / 2),
                (front / 2, -depth / 2),
                (front / 2, depth / 2),
                (-front / 2, depth / 2),
            )
        ]
    )


def list_parts(shape: shapely.Geometry) -> Iterable[Polygon]:
    """The simple polygons of a shape; a closed way cannot have holes."""
    return [part for part in getattr(shape, "geoms", [shape]) if part.area > _SMALLEST_M2]
