"""What stands between the streets: plots, their use, residential compounds and their buildings."""

import math
import random  # noqa: TID251 (as in ground.py)
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import polygonize, unary_union

from goldenhour.simulator.prefecture.buildings import Front, Grain, aspect, fronts, rows
from goldenhour.simulator.prefecture.divide import lengthen
from goldenhour.simulator.prefecture.ground import Ground, blob
from goldenhour.simulator.prefecture.names import Names, english
from goldenhour.simulator.prefecture.streets import HALF_ROAD_M, Street, Town
from goldenhour.simulator.town_map import list_parts, rectangle

_SMALLEST_M2: Final = 4_600
_COMPOUND_M2: Final = 16_000
_POND_M2: Final = 24_000
_TRIES: Final = 8
_LOOP_M: Final = 15.0
"""The drive of a compound runs so far inside its wall."""
_RESIDENTS_M2: Final = {"residential": 54, "tower": 42, "old": 60, "commercial": 220, "village": 90}
"""Ground for one resident."""
SHOPS: Final = Front((14, 34), (11, 16), (1, 7), 0.85)
OLD_FRONT: Final = Front((7, 17), (9, 15), (0.2, 3), 0.94)
PODIUMS: Final = Front((34, 70), (20, 34), (6, 16), 0.8)
GRAINS: Final = {
    "old": Grain(15, 10, 4, 6, 0.72, 1.8), "residential": Grain(52, 12.5, 13, 21, 0.96),
    "tower": Grain(33, 16, 24, 44, 0.94), "commercial": Grain(32, 26, 20, 24, 0.82),
    "industrial": Grain(92, 44, 26, 30, 0.84), "campus": Grain(44, 14, 18, 24, 0.8),
    "university": Grain(70, 18, 46, 44, 0.6), "village": Grain(13, 10, 9, 11, 0.55, 5.0),
}  # fmt: skip
LANDUSE: Final = {
    "old": "residential", "residential": "residential", "tower": "residential",
    "commercial": "commercial", "industrial": "industrial", "village": "residential",
    "vacant": "farmland",
}  # fmt: skip


@dataclass(eq=False)
class Block:
    plot: Polygon
    town: Town
    use: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def residents(self) -> float:
        return self.plot.area / _RESIDENTS_M2[self.use] if self.use in _RESIDENTS_M2 else 0.0


@dataclass(eq=False)
class House:
    shape: Polygon
    town: Town
    tags: dict[str, str]
    street: Street | None = None


class Plots:
    """The plots of all towns; street-side houses get their door numbers here."""

    def __init__(self, streets: list[Street]) -> None:
        self._streets = streets
        lines = np.array([street.line for street in streets])
        widths = np.array([HALF_ROAD_M[street.highway] for street in streets])
        self._wide = shapely.buffer(lines, widths, quad_segs=2)
        self._tree = shapely.STRtree(self._wide)
        self._named = [street for street in streets if street.name and street.level == 0]
        self._by_line = shapely.STRtree([street.line for street in self._named])
        self._taken: set[tuple[str, str, int]] = set()

    def blocks(self, town: Town) -> list[Block]:
        lines = [
            s.line if s.line.is_closed else lengthen(s.line)
            for s in self._streets
            if s.town == town.key and s.level == 0
        ]
        smallest_m2 = _SMALLEST_M2 if town.kind == "city" else _SMALLEST_M2 * 0.4
        found = []
        for face in polygonize(unary_union([*lines, town.outline.buffer(-0.5).exterior])):
            near = self._tree.query(face, predicate="intersects")
            free = face.difference(unary_union(self._wide[near]))
            plots = (shapely.simplify(Polygon(part.exterior), 0.8) for part in list_parts(free))
            found += [Block(plot, town) for plot in plots if plot.area > smallest_m2]
        return found

    def nearest(self, point: Point) -> Street:
        return self._named[int(self._by_line.nearest(point))]

    def number(self, street: Street, town: Town, spot: Point) -> int:
        """Along the street, odd on the left, even on the right, none twice."""
        at = street.line.project(spot)
        before, after = street.line.interpolate(max(at - 3, 0)), street.line.interpolate(at + 3)
        left = (after.x - before.x) * (spot.y - before.y) > (after.y - before.y) * (
            spot.x - before.x
        )
        number = 2 * int(at / 9) + (1 if left else 2)
        while (town.key, street.name, number) in self._taken:
            number += 2
        self._taken.add((town.key, street.name, number))
        return number


class Builder:
    """Fills blocks."""

    def __init__(self, ground: Ground, plots: Plots, names: Names, dice: random.Random) -> None:
        self._ground = ground
        self._plots = plots
        self._names = names
        self._dice = dice
        self.houses: list[House] = []
        self.drives: list[Street] = []
        self.grounds: list[tuple[Polygon, dict[str, str]]] = []
        """Tracks and ponds."""

    def choose(self, block: Block) -> str:
        """The use of a block by where it lies."""
        spot, town = block.plot.centroid, block.town
        from_middle = math.dist((spot.x, spot.y), town.middle)
        drawn = self._dice.random()
        if town.kind != "city":
            if from_middle < 460:  # noqa: PLR2004 (metres of the old quarter)
                return "commercial" if drawn < 0.06 else "old"  # noqa: PLR2004
            return _draw(drawn, _SEAT if town.kind == "seat" else _TOWNSHIP)
        a, b = self._ground.lattice(spot.x, spot.y)
        if a > 5_000 and b < 0:  # noqa: PLR2004 (the works of the plan)
            return _draw(drawn, _WORKS)
        if a < -5_000 and b < 0:  # noqa: PLR2004 (the new quarter of the plan)
            return _draw(drawn, _HIGH_TECH)
        if -2_700 < a < 1_500 and 0 < b < 1_700:  # noqa: PLR2004 (the old town of the plan)
            return _draw(drawn, _OLD_TOWN)
        middle = min(math.hypot(a + 500, b - 1_700), math.hypot(a - 500, b + 1_500))
        if drawn < 0.62 * math.exp(-((middle / 1_000) ** 2)):
            return "commercial"
        edge = abs(a) > 5_000 or b > 3_500 or b < -3_300  # noqa: PLR2004 (outside the ring)
        return _draw(self._dice.random(), _EDGE if edge else _QUARTERS)

    def fill(self, block: Block) -> None:
        plot, use = block.plot, block.use
        angle = aspect(plot)
        if use in {"residential", "tower"} and plot.area > _COMPOUND_M2:
            self._compound(block, angle)
        elif use == "village":
            self._rows(block, plot, self._dice.uniform(-0.3, 0.3), {"building": "house"})
        elif use in {"residential", "tower", "commercial", "old"}:
            front = {"commercial": PODIUMS, "old": OLD_FRONT}.get(use, SHOPS)
            self._street_side(block, front, _kind(use))
            inner = plot.buffer(-(front.depth[1] + 7), join_style="mitre")
            self._rows(block, inner, angle, {"building": _kind(use, inner=True)})
        elif use == "industrial":
            self._rows(block, plot.buffer(-14), angle, {"building": "industrial"})
        elif use in {"campus", "university"}:
            self._campus(block, angle)
        elif use == "park" and plot.area > _POND_M2:
            self._park(plot)

    def _campus(self, block: Block, angle: float) -> None:
        """Wings in rows; a school or a university has its running track as well."""
        free = block.plot.buffer(-12)
        kind = block.tags.get("amenity", "school")
        if kind in {"school", "university"}:
            track = rectangle((0, 0), 86, 1, 0).buffer(32, quad_segs=5)
            for _ in range(_TRIES):
                spot = block.plot.centroid
                away = [self._dice.uniform(-90, 90) for _ in range(2)]
                turned = rotate(track, angle, origin=(0, 0), use_radians=True)
                there = translate(turned, spot.x + away[0], spot.y + away[1])
                if free.contains(there):
                    self.grounds.append((there, {"leisure": "pitch"}))
                    free = free.difference(there.buffer(10))
                    break
        for part in list_parts(free):
            grain = GRAINS[block.use]
            for shape in rows(part, grain, angle, self._dice):
                self.houses.append(House(shape, block.town, {"building": kind}))

    def _park(self, plot: Polygon) -> None:
        """A pond and a path round it."""
        spot = plot.representative_point()
        size = math.sqrt(plot.area) * self._dice.uniform(0.13, 0.2)
        pond = blob((spot.x, spot.y), size, self._dice, stretch=1.6, wild=0.3)
        if plot.buffer(-20).contains(pond):
            self.grounds.append((pond, {"natural": "water", "water": "pond"}))

    def _compound(self, block: Block, angle: float) -> None:
        """A walled quarter: shops outside, a gate, a drive round it and rows of houses."""
        plot = block.plot
        name = self._names.compound()
        if self._dice.random() < 0.7:  # noqa: PLR2004 (most have shops to the street)
            self._street_side(block, SHOPS._replace(share=0.55), "retail")
        drive = plot.buffer(-_LOOP_M - 3, quad_segs=3)
        loop = drive if isinstance(drive, Polygon) else max(drive.geoms, key=lambda p: p.area)
        gate = self._gate(block, loop)
        street = self._plots.nearest(gate)
        number = self._plots.number(street, block.town, gate)
        block.tags |= {
            "name": name, "name:en": english(name), "addr:street": street.name,
            "addr:housenumber": str(number),
        }  # fmt: skip
        levels = str(self._dice.choice((18, 26, 32)) if block.use == "tower" else 6)
        inner = loop.buffer(-7)
        for number, shape in enumerate(self._slabs(inner, block.use, angle), 1):
            tags = {"building": "apartments", "building:levels": levels, "addr:place": name}
            tags["addr:housenumber"] = f"{number}幢"
            self.houses.append(House(shape, block.town, tags))

    def _slabs(self, inner: Polygon, use: str, angle: float) -> Iterator[Polygon]:
        """The rows of a compound, each compound with measures of its own."""
        grain = GRAINS[use]
        drawn = self._dice.uniform
        grain = grain._replace(
            front=grain.front * drawn(0.75, 1.2), behind=grain.behind * drawn(0.85, 1.25),
            beside=grain.beside * drawn(0.8, 1.5),
        )  # fmt: skip
        for part in list_parts(inner):
            yield from rows(part, grain, angle + drawn(-0.04, 0.04), self._dice)

    def _gate(self, block: Block, loop: Polygon) -> Point:
        """On the edge towards the street; the drive begins there."""
        ring = block.plot.exterior
        spot = ring.interpolate(self._dice.random() * ring.length)
        street = self._plots.nearest(spot)
        outside = street.line.interpolate(street.line.project(spot))
        inside = loop.exterior.interpolate(loop.exterior.project(outside))
        path = LineString([outside, inside])
        edge = path.intersection(ring)
        gate = edge if isinstance(edge, Point) and not edge.is_empty else spot
        if path.length < 90:  # noqa: PLR2004 (a plot that lies behind another has no gate of its own)
            tags = {"access": "private"}
            town = block.town.key
            mark = {(gate.x, gate.y): {"barrier": "gate"}}
            through = LineString([outside, gate, inside])
            self.drives.append(Street(through, "", "service", town, tags, mark))
            self.drives.append(Street(LineString(loop.exterior), "", "service", town, dict(tags)))
        return gate

    def _street_side(self, block: Block, kind: Front, building: str) -> None:
        for shape in fronts(block.plot, kind, self._dice):
            spot = shape.centroid
            street = self._plots.nearest(spot)
            tags = {"building": building}
            if street.town == block.town.key and street.line.distance(spot) < 60:  # noqa: PLR2004 (metres to its door)
                number = self._plots.number(street, block.town, spot)
                tags |= {"addr:street": street.name, "addr:housenumber": str(number)}
                self.houses.append(House(shape, block.town, tags, street))
            else:
                self.houses.append(House(shape, block.town, tags))

    def _rows(
        self, block: Block, inner: shapely.Geometry, angle: float, tags: dict[str, str]
    ) -> None:
        for part in list_parts(inner):
            for shape in rows(part, GRAINS[block.use], angle, self._dice):
                self.houses.append(House(shape, block.town, dict(tags)))


_SEAT: Final = (("residential", 0.62), ("tower", 0.72), ("commercial", 0.78), ("campus", 0.84),
                ("industrial", 0.9), ("park", 0.93), ("vacant", 1.0))  # fmt: skip
_TOWNSHIP: Final = (("old", 0.7), ("residential", 0.8), ("campus", 0.86), ("vacant", 1.0))
_WORKS: Final = (("industrial", 0.78), ("residential", 0.86), ("vacant", 1.0))
_HIGH_TECH: Final = (("commercial", 0.24), ("tower", 0.56), ("industrial", 0.74), ("campus", 0.79),
                     ("park", 0.86), ("vacant", 1.0))  # fmt: skip
_OLD_TOWN: Final = (("old", 0.66), ("commercial", 0.8), ("residential", 0.97), ("park", 1.0))
_QUARTERS: Final = (("residential", 0.56), ("tower", 0.8), ("commercial", 0.85), ("campus", 0.91),
                    ("park", 0.955), ("vacant", 1.0))  # fmt: skip
_EDGE: Final = (("residential", 0.34), ("tower", 0.54), ("industrial", 0.62), ("campus", 0.7),
                ("park", 0.78), ("vacant", 1.0))  # fmt: skip


def _draw(drawn: float, table: tuple[tuple[str, float], ...]) -> str:
    return next(use for use, up_to in table if drawn <= up_to)


def _kind(use: str, *, inner: bool = False) -> str:
    if use == "commercial":
        return "office" if inner else "commercial"
    if use == "old":
        return "house" if inner else "retail"
    return "apartments" if inner else "retail"
