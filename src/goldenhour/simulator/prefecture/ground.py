"""The lie of the land: the river, its tributaries, hills and lakes, and the city's own lattice."""

import math
import random  # noqa: TID251 (a generator makes its own dice from the seed it is given)
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from goldenhour.simulator.town_map import Place

HALF_LENGTH_M: Final = 30_000
HALF_WIDTH_M: Final = 22_500
FRAME: Final = shapely.box(-HALF_LENGTH_M, -HALF_WIDTH_M, HALF_LENGTH_M, HALF_WIDTH_M)
_STEP_M: Final = 150
_FADE_M: Final = 5_600
_ISLAND: Final = (1_350, 620)
"""Where the island lies along the river, and half its length."""
_HILLS: Final = 150
_CITY_M: Final = 10_500


class Ground:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._phases = [dice.uniform(-0.7, 0.7) for _ in range(8)]
        self._slope = dice.uniform(0.03, 0.08)
        self.island = self._island()
        self.river = self._river()
        self.streams = [self._stream(*spring) for spring in self._springs()]

    def river_m(self, x: float) -> float:
        """How far north of the middle the river runs; it crosses the middle itself."""
        return self._bends(x) - self._bends(0)

    def half_width_m(self, x: float) -> float:
        island = math.exp(-(((x - _ISLAND[0]) / 1_100) ** 2))
        return 135 + 28 * math.sin(x / 3_300 + self._phases[3]) + 75 * island

    def place(self, a: float, b: float) -> Place:
        """The city's lattice: `a` metres along the river, `b` metres from its north or south bank.

        Near the river streets follow it, far from it they run straight.
        """
        sway, wave, roll = self._phases[4:7]
        x = a + 170 * math.sin(b / 2_300 + sway) + 80 * math.sin(a / 2_100 + b / 3_400 + roll)
        fade = math.exp(-((b / _FADE_M) ** 2))
        y = self.river_m(x) * fade + math.copysign(self.half_width_m(x), b) + b
        return x, y + 130 * math.sin(a / 2_500 + wave) * min(1.0, abs(b) / 900)

    def lattice(self, x: float, y: float) -> Place:
        """About where on the lattice a place lies; good to a block."""
        beside = y - self.river_m(x)
        return x, math.copysign(max(abs(beside) - self.half_width_m(x), 0.0), beside)

    def in_city(self, x: float, y: float) -> bool:
        """In the ground that the city itself takes, with room around it."""
        a, b = self.lattice(x, y)
        return abs(a) < 9_600 and -5_000 < b < 6_300  # noqa: PLR2004 (the extent of core.py)

    def _bends(self, x: float) -> float:
        bend, ripple, sweep = self._phases[:3]
        near = 430 * math.sin(x / 2_900 + bend) + 130 * math.sin(x / 1_300 + ripple)
        return near + 2_200 * math.sin(x / 13_000 + sweep) + self._slope * x

    def _xs(self) -> list[float]:
        return [float(x) for x in range(-HALF_LENGTH_M, HALF_LENGTH_M + 1, _STEP_M)]

    def middle(self) -> LineString:
        return LineString([(x, self.river_m(x)) for x in self._xs()])

    def _river(self) -> Polygon:
        xs = self._xs()
        north = [(x, self.river_m(x) + self.half_width_m(x)) for x in xs]
        south = [(x, self.river_m(x) - self.half_width_m(x)) for x in xs]
        return shapely.difference(Polygon(north + south[::-1]), self.island)

    def _island(self) -> Polygon:
        middle, half = _ISLAND
        steps = [middle - half + half * step / 12 for step in range(25)]
        bulge = [85 * math.sqrt(max(0.0, 1 - ((x - middle) / half) ** 2)) for x in steps]
        north = [(x, self.river_m(x) + 12 + b) for x, b in zip(steps, bulge, strict=True) if b > 0]
        south = [
            (x, self.river_m(x) + 12 - 0.7 * b) for x, b in zip(steps, bulge, strict=True) if b > 0
        ]
        return Polygon(north + south[::-1])

    def _springs(self) -> list[tuple[Place, float]]:
        """Where tributaries begin, and where along the river they end."""
        drawn = self._dice.uniform
        return [
            ((drawn(-25_000, -21_000), HALF_WIDTH_M), drawn(-12_500, -11_500)),
            ((drawn(9_000, 13_000), HALF_WIDTH_M), drawn(10_500, 12_000)),
            ((drawn(-20_000, -16_000), -HALF_WIDTH_M), drawn(-10_800, -10_000)),
            ((drawn(15_000, 19_000), -HALF_WIDTH_M), drawn(10_800, 12_500)),
        ]

    def _stream(self, spring: Place, mouth_x: float) -> LineString:
        return wander(spring, (mouth_x, self.river_m(mouth_x)), 0.16, self._dice)

    def hills(self) -> list[Polygon]:
        """Wooded hills, more of them the farther from the city and the river."""
        blobs = []
        for _ in range(_HILLS):
            x = self._dice.uniform(-HALF_LENGTH_M, HALF_LENGTH_M)
            y = self._dice.uniform(-HALF_WIDTH_M, HALF_WIDTH_M)
            away = max(0.0, math.hypot(x, y) - _CITY_M) + 0.5 * abs(y - self.river_m(x))
            size = self._dice.uniform(350, 700) + away * self._dice.uniform(0.04, 0.13)
            if self.in_city(x, y) and size > 700:  # noqa: PLR2004 (only knolls stand near streets)
                continue
            blobs.append(blob((x, y), size, self._dice, stretch=self._dice.uniform(1, 2.2)))
        whole = shapely.intersection(shapely.union_all(blobs).buffer(-60).buffer(60), FRAME)
        return [part for part in getattr(whole, "geoms", [whole]) if part.area > 40_000]  # noqa: PLR2004 (a wood that a map shows)

    def reservoirs(self, hills: list[Polygon]) -> list[Polygon]:
        """Two long lakes in the largest hills."""
        found = []
        for hill in sorted(hills, key=lambda h: -h.area)[:2]:
            spot = hill.representative_point()
            lake = blob((spot.x, spot.y), 420, self._dice, stretch=2.6, wild=0.45)
            found.append(lake)
        return found


def blob(
    middle: Place, size: float, dice: random.Random, *, stretch: float = 1.0, wild: float = 0.2
) -> Polygon:
    """A smooth closed shape of about this radius."""
    phases = [dice.uniform(0, math.tau) for _ in range(4)]
    turn = dice.uniform(0, math.pi)
    angles = np.linspace(0, math.tau, max(20, min(72, int(size / 18))), endpoint=False)
    radius = np.full(len(angles), float(size))
    for order, phase in enumerate(phases, 2):
        radius += size * wild / order * 1.6 * np.sin(order * angles + phase)
    along, across = radius * np.cos(angles) * stretch**0.5, radius * np.sin(angles) / stretch**0.5
    x = middle[0] + along * math.cos(turn) - across * math.sin(turn)
    y = middle[1] + along * math.sin(turn) + across * math.cos(turn)
    return shapely.make_valid(Polygon(np.column_stack([x, y])).buffer(0))


def wander(start: Place, end: Place, wildness: float, dice: random.Random) -> LineString:
    """A line between two places as water or a country road would take it."""
    points = [start, end]
    reach = math.dist(start, end) * wildness
    while reach > 14 and math.dist(points[0], points[1]) > 260:  # noqa: PLR2004 (metres that still show)
        finer = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            length = math.hypot(bx - ax, by - ay) or 1.0
            aside = dice.uniform(-1, 1) * reach
            finer.append(((ax + bx) / 2 - aside * (by - ay) / length,
                          (ay + by) / 2 + aside * (bx - ax) / length))  # fmt: skip
            finer.append((bx, by))
        points, reach = finer, reach * 0.46
    for _ in range(2):
        points = _cut_corners(points)
    return LineString(points)


def smooth(points: list[Place]) -> LineString:
    for _ in range(3):
        points = _cut_corners(points)
    return LineString(points)


def _cut_corners(points: list[Place]) -> list[Place]:
    cut = [points[0]]
    for (ax, ay), (bx, by) in pairwise(points):
        cut += [(0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by),
                (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by)]  # fmt: skip
    return [*cut, points[-1]]
