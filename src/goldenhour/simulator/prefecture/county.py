"""County seats and townships: their ground, main streets and blocks."""

import math
import random  # noqa: TID251 (as in ground.py)
from collections.abc import Callable
from typing import Final

import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import polygonize, unary_union

from goldenhour.simulator.prefecture.divide import Divider
from goldenhour.simulator.prefecture.ground import blob
from goldenhour.simulator.prefecture.names import Names, StreetNames
from goldenhour.simulator.prefecture.streets import Arterial, Street, Town, lay
from goldenhour.simulator.town_map import Place

_OUTER_U: Final = (-1_250, 1_300)
_OUTER_V: Final = (-900, 950)
_TOWNSHIP_HA: Final = 2.6


class Seat:
    """A county town: two main streets and others across them, inside a ring of its own."""

    def __init__(self, county: str, middle: Place, names: Names, dice: random.Random) -> None:
        place = _frame(middle, dice)
        drawn = names.streets()
        stem = county.removesuffix("县")
        west, east = (u * dice.uniform(0.9, 1.1) for u in _OUTER_U)
        south, north = (v * dice.uniform(0.9, 1.1) for v in _OUTER_V)
        old_v, new_v = dice.uniform(-320, -200), dice.uniform(280, 400)
        old_u, new_u = dice.uniform(-480, -330), dice.uniform(350, 520)
        ring = [(u, v) for u, v in _rounded(west, east, south, north)]
        plan = [
            (Arterial(f"{stem}大道", "primary", new_v, west - 200, east + 200), True),
            (Arterial(drawn.draw("路"), "secondary", old_v, west - 200, east + 200), True),
            (Arterial("县府路", "secondary", old_u, south - 200, north + 200), False),
            (Arterial(drawn.draw("路"), "tertiary", new_u, south - 200, north + 200), False),
        ]
        self.streets = [lay(arterial, place, county, along=along) for arterial, along in plan]
        around = LineString([place(u, v) for u, v in ring])
        self.streets.append(Street(around, f"{stem}环路", "secondary", county))
        outline = Polygon(self.streets[-1].line)
        faces = list(polygonize(unary_union([street.line for street in self.streets])))
        for street in self.streets[:-1]:
            street.line = _within(street.line, outline)
        self.town = Town(
            key=county,
            outline=outline,
            middle=place(old_u, old_v),
            population=0,
            kind="seat",
            county=county,
            target_ha=lambda at: 2.6 if math.dist(at, place(old_u, old_v)) < 520 else 5.0,  # noqa: PLR2004 (the old quarter)
        )
        divider = Divider(self.town, drawn, dice)
        for face in faces:
            divider.divide(face)
        self.streets += divider.streets


def township_streets(
    town: Town, roads: list[Street], names: StreetNames, dice: random.Random
) -> list[Street]:
    """`roads` are the pieces of road within its outline: they were there before it."""
    divider = Divider(town, names, dice)
    for face in polygonize(unary_union([*(r.line for r in roads), town.outline.exterior])):
        divider.divide(face)
    return divider.streets


def township_ground(middle: Place, dice: random.Random) -> Polygon:
    return blob(middle, dice.uniform(330, 520), dice, stretch=dice.uniform(1.1, 1.8), wild=0.14)


def township_target(_place: Place) -> float:
    return _TOWNSHIP_HA


def _within(line: LineString, outline: Polygon) -> LineString:
    inside = shapely.intersection(line, outline)
    longest: LineString = max(getattr(inside, "geoms", [inside]), key=lambda part: part.length)
    return longest


def _frame(middle: Place, dice: random.Random) -> Callable[[float, float], Place]:
    turn = dice.uniform(-0.5, 0.5)
    sway, wave = dice.uniform(0, math.tau), dice.uniform(0, math.tau)

    def place(u: float, v: float) -> Place:
        x = u + 75 * math.sin(v / 430 + sway)
        y = v + 70 * math.sin(u / 520 + wave)
        return (
            middle[0] + x * math.cos(turn) - y * math.sin(turn),
            middle[1] + x * math.sin(turn) + y * math.cos(turn),
        )

    return place


def _rounded(west: float, east: float, south: float, north: float) -> list[Place]:
    box = shapely.box(west, south, east, north)
    return list(box.buffer(-420).buffer(420, quad_segs=6).segmentize(120).exterior.coords)
