"""Buildings on a plot: rows of equal ones, and fronts along its edge.

Rows face south where the plot allows it, as they do everywhere in China.
"""

import math
import random  # noqa: TID251 (as in ground.py)
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry import Polygon

from goldenhour.simulator.town_map import Place, rectangle

_MOST_TURNED: Final = 0.5
"""Radians; rows on a plot that lies more askew face due south all the same."""


class Grain(NamedTuple):
    """How buildings stand in rows, in metres."""

    front: float
    depth: float
    beside: float
    behind: float
    share: float = 1.0
    loose: float = 0.0
    """How far each may stand from its place."""


class Front(NamedTuple):
    """How buildings stand along an edge, each figure from and to."""

    front: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    share: float


def aspect(plot: Polygon) -> float:
    """The angle of rows on a plot."""
    corners = list(plot.minimum_rotated_rectangle.exterior.coords)
    angles = []
    for (ax, ay), (bx, by) in pairwise(corners[:3]):
        angle = math.atan2(by - ay, bx - ax) % math.pi
        angles.append(angle - math.pi if angle > math.pi / 2 else angle)
    best = min(angles, key=abs)
    return best if abs(best) < _MOST_TURNED else 0.0


def rows(ground: Polygon, grain: Grain, angle: float, dice: random.Random) -> list[Polygon]:
    if ground.is_empty:
        return []
    west, south, east, north = ground.bounds
    reach = math.hypot(east - west, north - south) / 2
    across, down = grain.front + grain.beside, grain.depth + grain.behind
    columns = np.arange(-math.ceil(reach / across), math.ceil(reach / across) + 1) * across
    lines = np.arange(-math.ceil(reach / down), math.ceil(reach / down) + 1) * down
    u, v = (grid.ravel() for grid in np.meshgrid(columns, lines))
    seed = np.random.default_rng(dice.getrandbits(32))
    u = u + seed.uniform(-1, 1, len(u)) * grain.loose + dice.uniform(0, across)
    v = v + seed.uniform(-1, 1, len(v)) * grain.loose
    front = grain.front * (1 - seed.uniform(0, 0.3, len(u)) * (grain.loose > 0)) / 2
    depth = np.full(len(u), grain.depth / 2)
    cos, sin = math.cos(angle), math.sin(angle)
    middle = ground.centroid
    x = np.stack([u - front, u + front, u + front, u - front, u - front], axis=1)
    y = np.stack([v - depth, v - depth, v + depth, v + depth, v - depth], axis=1)
    places = np.stack([middle.x + x * cos - y * sin, middle.y + x * sin + y * cos], axis=2)
    made = shapely.polygons(places)
    shapely.prepare(ground)
    wanted = shapely.contains_properly(ground, made) & (seed.random(len(u)) < grain.share)
    return list(made[wanted])


def fronts(plot: Polygon, kind: Front, dice: random.Random) -> list[Polygon]:
    """Along the edge, a little inside, none over another."""
    ring = plot.buffer(-1.5, join_style="mitre")
    if not isinstance(ring, Polygon) or ring.is_empty:
        return []
    line = shapely.simplify(ring, 2.5).exterior
    shapely.prepare(ring)
    inside = ring.buffer(0.3)
    shapely.prepare(inside)
    corners: list[Place] = list(line.coords)
    if not line.is_ccw:
        corners.reverse()
    stood: list[Polygon] = []
    for (ax, ay), (bx, by) in pairwise(corners):
        length = math.hypot(bx - ax, by - ay)
        at = dice.uniform(0, 6)
        angle = math.atan2(by - ay, bx - ax)
        while True:
            front, depth = dice.uniform(*kind.front), dice.uniform(*kind.depth)
            if at + front > length:
                break
            if dice.random() < kind.share:
                along, away = at + front / 2, depth / 2 + dice.uniform(0, 1.2)
                middle = (ax + along * math.cos(angle) - away * math.sin(angle),
                          ay + along * math.sin(angle) + away * math.cos(angle))  # fmt: skip
                house = rectangle(middle, front, depth, angle)
                if inside.contains(house) and not shapely.intersects(house, stood).any():
                    stood.append(house)
            at += front + dice.uniform(*kind.gap)
    return stood
