"""The country: where townships and villages lie, and the roads between them."""

import math
import random  # noqa: TID251 (as in ground.py)
from itertools import pairwise
from typing import Final

import shapely
from shapely.geometry import LineString

from goldenhour.simulator.prefecture.core import Core
from goldenhour.simulator.prefecture.county import Seat
from goldenhour.simulator.prefecture.ground import (
    HALF_LENGTH_M,
    HALF_WIDTH_M,
    Ground,
    smooth,
    wander,
)
from goldenhour.simulator.prefecture.streets import Street
from goldenhour.simulator.town_map import Place

TOWNSHIPS: Final = 20
VILLAGES: Final = 175
_TOWNSHIPS_APART_M: Final = 5_400
_VILLAGES_APART_M: Final = 1_650
_MARGIN_M: Final = 1_800
_FAR_M: Final = 15_000
_BRIDGES_APART_M: Final = 7_000
_RAMP_M: Final = 130
_SLIP_M: Final = 420
_SOFT_M: Final = 140
"""Where ramps meet the road below, leave the carriageway, and how long they run beside it."""
_ROUND_ABOUT: Final = 0.075
"""How much country roads wind."""


class Country:
    def __init__(
        self, ground: Ground, core: Core, seats: list[Seat], fast: LineString, dice: random.Random
    ) -> None:
        self._ground = ground
        self._dice = dice
        self._core = core
        self._seats = seats
        self._built = [core.outline, *(seat.town.outline for seat in seats)]
        self._fast = fast
        self.townships = self._scatter(TOWNSHIPS, _TOWNSHIPS_APART_M, [], 1_100)
        self.villages = self._scatter(VILLAGES, _VILLAGES_APART_M, self.townships, 420)
        self.streets: list[Street] = []
        self._bridges: list[Place] = []
        self._main_roads()
        self._county_roads()
        self._village_roads()

    def _scatter(
        self, count: int, apart_m: float, others: list[Place], clear_m: float
    ) -> list[Place]:
        """Places that keep away from one another, from towns, the water and the expressway."""
        found: list[Place] = []
        for _ in range(count * 120):
            x = self._dice.uniform(_MARGIN_M - HALF_LENGTH_M, HALF_LENGTH_M - _MARGIN_M)
            y = self._dice.uniform(_MARGIN_M - HALF_WIDTH_M, HALF_WIDTH_M - _MARGIN_M)
            spot = shapely.Point(x, y)
            if self._ground.in_city(x, y) or abs(y - self._ground.river_m(x)) < clear_m + 350:
                continue
            near = any(math.dist((x, y), other) < apart_m for other in found)
            near = near or any(math.dist((x, y), other) < apart_m * 0.8 for other in others)
            near = near or any(ground.distance(spot) < apart_m * 0.42 for ground in self._built)
            if near or self._fast.distance(spot) < clear_m:
                continue
            found.append((x, y))
            if len(found) == count:
                break
        return found

    def _main_roads(self) -> None:
        """The national road with the river, and one from the city through each county seat."""
        river = self._ground.river_m
        for side, sign in (("west", -1), ("south_east", 1)):
            start = self._core.exit(side)
            points = [start]
            for step in range(1, 8):
                x = start[0] + (sign * HALF_LENGTH_M - start[0]) * step / 7
                points.append((x, river(x) - 2_700 + self._dice.uniform(-700, 700)))
            self._through("安澜国道", "trunk", points, {"ref": "G801"})
        to_seats = (
            ("east", 0, (HALF_LENGTH_M, river(HALF_LENGTH_M) + 3_000)),
            ("north_west", 1, (self._seats[1].town.middle[0] - 4_000, HALF_WIDTH_M)),
            ("south", 2, (self._seats[2].town.middle[0] + 2_500, -HALF_WIDTH_M)),
        )
        for number, (side, index, edge) in enumerate(to_seats, 1):
            seat = self._seats[index].town.middle
            name = f"{self._seats[index].town.key.removesuffix('县')}公路"
            tags = {"ref": f"S90{number}"}
            self._through(name, "primary", [self._core.exit(side), seat], tags)
            self._through(name, "secondary", [seat, edge], tags)

    def _through(self, name: str, highway: str, points: list[Place], tags: dict[str, str]) -> None:
        for start, end in pairwise(points):
            self._road(wander(start, end, _ROUND_ABOUT, self._dice), name, highway, tags)

    def _road(self, line: LineString, name: str, highway: str, tags: dict[str, str]) -> None:
        """Adds what of the line lies outside towns; over the river it is a bridge."""
        outside = shapely.difference(line, shapely.union_all(self._built))
        water = self._ground.river.buffer(25)
        for part in getattr(outside, "geoms", [outside]):
            if part.length < 30:  # noqa: PLR2004 (a scrap)
                continue
            over = shapely.intersection(part, water)
            for dry in _pieces(shapely.difference(part, water)):
                self.streets.append(Street(dry, name, highway, "", dict(tags)))
            for bridge in _pieces(over):
                self._bridges.append((bridge.centroid.x, bridge.centroid.y))
                wet = tags | {"bridge": "yes", "layer": "1"}
                self.streets.append(Street(bridge, name, highway, "", wet))

    def _county_roads(self) -> None:
        """Neighbours that have no third place between them (a Gabriel graph)."""
        exits = [self._core.exit(side) for side in ("north_east", "south_west", "station", "north")]
        exits += [self._core.exit(side) for side in ("west", "south_east", "north_west", "east")]
        places = [*self.townships, *(seat.town.middle for seat in self._seats), *exits]
        towns = len(places) - len(exits)
        for i, a in enumerate(places[:towns]):
            for j, b in enumerate(places):
                if j <= i or math.dist(a, b) > _FAR_M:
                    continue
                middle, radius = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), math.dist(a, b) / 2
                if any(
                    math.dist(middle, c) < radius - 1
                    for k, c in enumerate(places)
                    if k not in {i, j}
                ):
                    continue
                line = wander(a, b, _ROUND_ABOUT, self._dice)
                inside = line.intersection(self._core.outline)
                if inside.length > 900 or not self._may_cross(line):  # noqa: PLR2004 (metres through the city)
                    continue
                self._road(line, "", "secondary" if i % 2 else "tertiary", {})
        for street in self.streets:
            if not street.name and street.highway == "secondary":
                street.tags["ref"] = f"X9{self._dice.randrange(10, 99)}"

    def _may_cross(self, line: LineString) -> bool:
        wet = shapely.intersection(line, self._ground.river)
        if wet.is_empty:
            return True
        if wet.geom_type != "LineString":
            return False
        spot = (wet.centroid.x, wet.centroid.y)
        far = all(math.dist(spot, other) > _BRIDGES_APART_M for other in self._bridges)
        return far and wet.length < 600 and abs(spot[0]) > 11_000  # noqa: PLR2004 (metres; well outside the city)

    def _village_roads(self) -> None:
        """Each village to the nearest road on its side of the water, the nearest village first."""
        middle = shapely.MultiLineString([street.line for street in self.streets])
        order = sorted(self.villages, key=lambda p: middle.distance(shapely.Point(p)))
        whole = self._ground.river
        for place in order:
            spot = shapely.Point(place)
            near = sorted(
                (street for street in self.streets if "bridge" not in street.tags),
                key=lambda street: street.line.distance(spot),
            )
            for street in near[:12]:
                meet = street.line.interpolate(street.line.project(spot))
                if LineString([meet, spot]).distance(whole) < 30:  # noqa: PLR2004 (metres from the water)
                    continue
                start = (meet.x, meet.y)
                if meet.distance(spot) > 40:  # noqa: PLR2004 (else it lies at the road)
                    line = wander(start, place, 0.12, self._dice)
                    self.streets.append(Street(line, "", "unclassified", ""))
                break
        self._second_ways()

    def _second_ways(self) -> None:
        """Some villages have a second way, to a neighbour."""
        for i, a in enumerate(self.villages):
            near = sorted(self.villages[i + 1 :], key=lambda b: math.dist(a, b))[:1]
            for b in near:
                line = wander(a, b, 0.12, self._dice)
                clear = not line.intersects(self._ground.river.buffer(40))
                clear = clear and all(not line.intersects(ground) for ground in self._built)
                if clear and math.dist(a, b) < 3_200 and self._dice.random() < 0.6:  # noqa: PLR2004 (metres; most of them)
                    self.streets.append(Street(line, "", "unclassified", ""))


def expressway(ground: Ground, dice: random.Random) -> LineString:
    """North of the city, from edge to edge."""
    ends = (-HALF_LENGTH_M + 0.0, 4_500.0), (HALF_LENGTH_M, ground.river_m(HALF_LENGTH_M) + 7_500)
    points: list[Place] = [
        ends[0],
        (-19_000, 7_200 + dice.uniform(-600, 600)),
        (-9_000, 7_300),
        (0, 7_000),
    ]
    points += [(9_000, 7_400), (18_500, ground.river_m(18_500) + 6_400), ends[1]]
    return smooth(points)


def carriageways(fast: LineString, streets: list[Street]) -> list[Street]:
    """Both directions of the expressway, with ramps where main roads pass below it."""
    sides = {-1: fast.offset_curve(-15), 1: fast.offset_curve(15)}
    made = [
        Street(line, "安澜高速", "motorway", "", {"oneway": "yes", "ref": "S99"}, level=1)
        for line in (sides[-1], sides[1].reverse())
    ]  # fmt: skip
    taken: list[float] = []
    for street in streets:
        met = shapely.intersection(street.line, fast)
        if street.highway not in {"trunk", "primary", "secondary"} or met.geom_type != "Point":
            continue
        at = fast.project(met)
        if all(abs(at - other) > 4_500 for other in taken) and 900 < at < fast.length - 900:  # noqa: PLR2004 (room for ramps)
            taken.append(at)
            made += _ramps(fast, at, street.line, sides)
    return made


def _ramps(
    fast: LineString, at: float, road: LineString, sides: dict[int, LineString]
) -> list[Street]:
    """On each side of the expressway one way off and one way on."""
    made = []
    cross = road.project(fast.interpolate(at))
    ends = [road.interpolate(min(max(cross + d, 0), road.length)) for d in (-_RAMP_M, _RAMP_M)]
    before, after = (fast.interpolate(at + d) for d in (-_SLIP_M, _SLIP_M))
    for side, carriageway in sides.items():
        meet = max(ends, key=lambda end: side * _leftness(before, after, end))
        for slip, softly_m in ((before, _SOFT_M), (after, -_SOFT_M)):
            along = carriageway.project(slip)
            spot, soft = carriageway.interpolate(along), carriageway.interpolate(along + softly_m)
            bend = ((soft.x + meet.x) / 2, (soft.y + meet.y) / 2)
            points = [
                (spot.x, spot.y),
                (soft.x * 0.8 + bend[0] * 0.2, soft.y * 0.8 + bend[1] * 0.2),
            ]
            points += [bend, (meet.x, meet.y)]
            leaves = (slip is before) == (side < 0)  # traffic keeps to the right
            line = LineString(points if leaves else points[::-1])
            made.append(Street(line, "", "motorway_link", "", {"oneway": "yes"}))
    return made


def _leftness(a: shapely.Point, b: shapely.Point, p: shapely.Point) -> float:
    """Above 0 on the left of the way from a to b."""
    return float((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x))


def _pieces(shape: shapely.Geometry) -> list[LineString]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if part.geom_type == "LineString" and part.length > 1]
