"""Divides ground between main roads into blocks, as cities grow: cut, and cut again.

Rule 1: a cut runs across the longer side, is slightly bent, and starts where a street of the
neighbouring ground already ends if one is near; then it carries that street's name on.
Rule 2: the larger the ground that is cut, the higher the class of the new street.
"""

import math
import random  # noqa: TID251 (as in ground.py)
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import split

from goldenhour.simulator.prefecture.names import StreetNames
from goldenhour.simulator.prefecture.streets import Street, Town
from goldenhour.simulator.town_map import Place

_HECTARE_M2: Final = 10_000
_NEAR_M: Final = 70
_TERTIARY_HA: Final = 42
_LANE_HA: Final = 4.4
_TRIES: Final = 5
_THINNEST: Final = 0.28
"""The smaller piece of a cut, at least so much of the whole."""


class _End(NamedTuple):
    place: Place
    name: str
    highway: str


class Divider:
    """Cuts the faces of one town."""

    def __init__(self, town: Town, names: StreetNames, dice: random.Random) -> None:
        self._town = town
        self._names = names
        self._dice = dice
        self._ends: dict[tuple[int, int], list[_End]] = {}
        self.streets: list[Street] = []

    def divide(self, face: Polygon) -> None:
        spot = face.representative_point()
        target = self._town.target_ha((spot.x, spot.y)) * _HECTARE_M2
        if face.area < target * self._dice.uniform(1.3, 1.9):
            return
        for _ in range(_TRIES):
            cut = self._cut(face)
            if cut is None:
                continue
            line, pieces = cut
            self._add(line, face.area / _HECTARE_M2)
            for piece in pieces:
                self.divide(piece)
            return

    def _cut(self, face: Polygon) -> tuple[LineString, list[Polygon]] | None:
        corners = np.array(face.minimum_rotated_rectangle.exterior.coords)[:4]
        first, second = corners[1] - corners[0], corners[2] - corners[1]
        if np.hypot(*first) < np.hypot(*second):
            corners = np.roll(corners, -1, axis=0)
            first, second = second, corners[2] - corners[1]
        at = self._dice.uniform(0.38, 0.62)
        tilt = self._dice.uniform(-0.05, 0.05)
        start = corners[0] + first * (at + tilt) - second * 0.1
        end = corners[0] + first * (at - tilt) + second * 1.1
        inside = _longest(LineString([start, end]).intersection(face))
        if inside is None:
            return None
        (ax, ay), (bx, by) = (self._caught(face, inside.coords[i]) for i in (0, -1))
        length = math.hypot(bx - ax, by - ay)
        if length < 60:  # noqa: PLR2004 (shorter is no street)
            return None
        line = self._bent((ax, ay), (bx, by), length)
        pieces = [p for p in split(face, lengthen(line)).geoms if isinstance(p, Polygon)]
        pieces = [p for p in pieces if p.area > 1]
        if len(pieces) != 2 or min(p.area for p in pieces) < _THINNEST * face.area:  # noqa: PLR2004 (one cut)
            return None
        return line, pieces

    def _bent(self, a: Place, b: Place, length: float) -> LineString:
        """A shallow curve of a few points."""
        bend = self._dice.gauss(0, 0.028) * length
        sway = self._dice.gauss(0, 0.016) * length
        across = ((a[1] - b[1]) / length, (b[0] - a[0]) / length)
        steps = max(2, round(length / 110))
        points = []
        for step in range(steps + 1):
            t = step / steps
            aside = bend * math.sin(math.pi * t) + sway * math.sin(2 * math.pi * t)
            points.append((a[0] + (b[0] - a[0]) * t + across[0] * aside,
                           a[1] + (b[1] - a[1]) * t + across[1] * aside))  # fmt: skip
        return LineString(points)

    def _caught(self, face: Polygon, place: Place) -> Place:
        """The end of a neighbour's street, where one is near on the same edge; else the place."""
        edge = face.exterior
        near = [end.place for end in self._near(place) if edge.distance(Point(end.place)) < 1]
        return min(near, key=lambda other: math.dist(other, place), default=place)

    def _near(self, place: Place) -> list[_End]:
        x, y = int(place[0] // _NEAR_M), int(place[1] // _NEAR_M)
        cells = ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        found = [end for cell in cells for end in self._ends.get(cell, ())]
        return [end for end in found if math.dist(end.place, place) < _NEAR_M]

    def _add(self, line: LineString, ground_ha: float) -> None:
        highway = (
            "tertiary"
            if ground_ha > _TERTIARY_HA
            else "living_street"
            if ground_ha < _LANE_HA
            else "residential"
        )
        ends = [line.coords[0], line.coords[-1]]
        name = ""
        for place in ends:
            for end in self._near(place):
                if math.dist(end.place, place) < 1 and end.highway == highway:
                    name = end.name
        ending = "巷" if highway == "living_street" else "路" if highway == "tertiary" else "街"
        if highway == "residential" and self._dice.random() < 0.6:  # noqa: PLR2004 (most are 路)
            ending = "路"
        name = name or self._names.draw(ending)
        for place in ends:
            cell = (int(place[0] // _NEAR_M), int(place[1] // _NEAR_M))
            self._ends.setdefault(cell, []).append(_End(place, name, highway))
        self.streets.append(Street(line, name, highway, self._town.key))


def lengthen(line: LineString) -> LineString:
    """The line with its ends pushed two metres out, so that it surely parts the ground."""
    coords = [*line.coords]
    (ax, ay), (bx, by) = coords[0], coords[1]
    (cx, cy), (dx, dy) = coords[-2], coords[-1]
    first, last = math.hypot(bx - ax, by - ay), math.hypot(dx - cx, dy - cy)
    coords[0] = (ax - (bx - ax) * 2 / first, ay - (by - ay) * 2 / first)
    coords[-1] = (dx + (dx - cx) * 2 / last, dy + (dy - cy) * 2 / last)
    return LineString(coords)


def _longest(shape: shapely.Geometry) -> LineString | None:
    lines = [p for p in getattr(shape, "geoms", [shape]) if isinstance(p, LineString)]
    return max(lines, key=lambda line: line.length, default=None)
