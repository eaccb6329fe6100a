"""The plan of the city itself: ring, arterials, bridges and quarters on the river's lattice."""

import math
import random  # noqa: TID251 (as in ground.py)
from typing import Final

import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import polygonize, unary_union

from goldenhour.simulator.prefecture.divide import Divider
from goldenhour.simulator.prefecture.ground import Ground
from goldenhour.simulator.prefecture.names import CITY, Names
from goldenhour.simulator.prefecture.streets import Arterial, Street, Town, lay
from goldenhour.simulator.town_map import Place

_BANK_M: Final = 85
"""The embankment roads run so far from the water."""
_WEST, _EAST, _NORTH, _SOUTH = -5_000, 5_000, 3_500, -3_700
_CORNER_M: Final = 1_000
_FAR_WEST, _FAR_EAST = -8_700, 8_400
LONG: Final = (
    Arterial("滨江大道", "secondary", _BANK_M, -6_900, _FAR_EAST),
    Arterial("江北大道", "primary", 860, -6_900, _FAR_EAST),
    Arterial("人民路", "secondary", 1_700, _WEST, 6_700),
    Arterial("文化路", "secondary", 2_560, _WEST, _EAST),
    Arterial("湖滨路", "secondary", 4_380, 400, 4_000),
    Arterial("大学路", "tertiary", 5_300, 400, 4_000),
    Arterial("站前路", "tertiary", 4_250, -2_900, 400),
    Arterial("南滨路", "secondary", -_BANK_M, _FAR_WEST, 6_700),
    Arterial("建设路", "secondary", -960, _FAR_WEST, _FAR_EAST),
    Arterial("学府路", "primary", -1_850, _FAR_WEST, _FAR_EAST),
    Arterial("丰收路", "secondary", -2_750, _FAR_WEST, 6_700),
)
CROSS: Final = (
    Arterial("西苑路", "tertiary", -6_900, _BANK_M, 860),
    Arterial("科技路", "secondary", -3_500, _SOUTH, _NORTH),
    Arterial("解放路", "primary", -1_500, _SOUTH, 4_250),
    Arterial("文庙街", "tertiary", -560, _BANK_M, 1_700),
    Arterial("中山路", "primary", 400, _SOUTH, 5_300),
    Arterial("东湖路", "secondary", 2_050, _BANK_M, 5_300),
    Arterial("师范路", "secondary", 2_150, _SOUTH, -_BANK_M),
    Arterial("体育路", "secondary", 3_600, _BANK_M, _NORTH),
    Arterial("学苑路", "tertiary", 4_000, 4_380, 5_300),
    Arterial("车站路", "tertiary", -2_900, _NORTH, 4_250),
    Arterial("城东路", "secondary", 3_700, _SOUTH, -_BANK_M),
    Arterial("东升路", "tertiary", 6_700, _BANK_M, 1_700),
    Arterial("望江路", "tertiary", _FAR_EAST, _BANK_M, 860),
    Arterial("科创路", "secondary", -6_400, -2_750, -_BANK_M),
    Arterial("云谷路", "secondary", -7_600, -2_750, -_BANK_M),
    Arterial("高新西路", "tertiary", _FAR_WEST, -2_750, -_BANK_M),
    Arterial("兴业路", "secondary", 6_700, -2_750, -_BANK_M),
    Arterial("工业东路", "tertiary", _FAR_EAST, -1_850, -960),
)
LAKE: Final = (2_850, 3_030)
"""Somewhere in the park of the lake, which no street crosses."""
BRIDGES: Final = {
    "西环路": "西环大桥", "科技路": "科技大桥", "解放路": "解放大桥", "中山路": "中山桥",
    "东环路": "东环大桥",
}  # fmt: skip
QUARTERS: Final = (
    ("江北区", "suburb", -900, 2_150), ("江南区", "suburb", 1_250, -2_300),
    ("高新区", "suburb", -6_900, -1_400), ("经开区", "suburb", 6_600, -1_400),
    ("大学城", "quarter", 2_700, 4_800), ("城东", "quarter", 4_300, 560),
    ("老城", "quarter", -700, 600), ("城西", "quarter", -4_200, 1_300),
    ("站前", "quarter", -1_300, 3_850), ("南门", "quarter", -400, -700),
    ("师范", "quarter", 2_900, -1_400), ("西苑", "quarter", -6_000, 470),
)  # fmt: skip
ROUNDABOUTS: Final = (
    ("迎宾环岛", -5_000, -1_850), ("城东环岛", 5_000, 860), ("科创环岛", -6_400, -1_850),
    ("湖滨环岛", 2_050, 4_380), ("兴业环岛", 6_700, -1_850),
)  # fmt: skip
EXITS: Final = {
    "west": (_FAR_WEST, -1_850), "north_west": (-6_900, 860), "east": (_FAR_EAST, 860),
    "south_east": (_FAR_EAST, -1_850), "north": (400, 5_300), "south": (400, _SOUTH),
    "south_west": (-3_500, _SOUTH), "north_east": (4_000, 5_300), "station": (-2_900, 4_250),
}  # fmt: skip
"""Where roads into the country begin."""


class Core:
    """The streets and the blocks' ground of the city."""

    def __init__(self, ground: Ground, names: Names, dice: random.Random) -> None:
        self._ground = ground
        self.lake_park = Polygon()
        place = ground.place
        self.streets = [lay(a, place, CITY[0], along=True) for a in LONG]
        for arterial in CROSS:
            self._across(arterial)
        self._ring()
        faces = list(polygonize(unary_union([street.line for street in self.streets])))
        self.outline = unary_union(faces).buffer(1)
        self.town = Town(
            key=CITY[0],
            outline=self.outline,
            middle=place(-400, 900),
            population=0,
            kind="city",
            county="",
            target_ha=self._target_ha,
        )
        divider = Divider(self.town, names.streets(), dice)
        lake = shapely.Point(place(*LAKE))
        for face in faces:
            if face.contains(lake):
                self.lake_park = face
            elif not face.intersects(ground.river):
                divider.divide(face)
        self.streets += divider.streets
        self._one_ways()

    def exit(self, side: str) -> Place:
        return self._ground.place(*EXITS[side])

    def _target_ha(self, place: Place) -> float:
        a, b = self._ground.lattice(*place)
        if (a > _EAST and b < 0) or b > 4_300:  # noqa: PLR2004 (works; the university town)
            return 20
        if a < _WEST and b < 0:
            return 11
        old = -2_700 < a < 1_500 and 0 < b < 1_700  # noqa: PLR2004 (the old town of the plan)
        centre = abs(a) < 2_600 and -2_000 < b < 2_600  # noqa: PLR2004 (as above)
        return 3.0 if old else 5.0 if centre else 8.0

    def _across(self, arterial: Arterial) -> None:
        """A street across the river is three: each bank's, and the bridge."""
        name, highway, at, first, last = arterial
        if first > 0 or last < 0:
            self.streets.append(lay(arterial, self._ground.place, CITY[0], along=False))
            return
        for start, end in ((first, -_BANK_M), (_BANK_M, last)):
            part = Arterial(name, highway, at, start, end)
            self.streets.append(lay(part, self._ground.place, CITY[0], along=False))
        self._bridge(name, highway, at)

    def _bridge(self, name: str, highway: str, at: float) -> None:
        ends = [self._ground.place(at, side) for side in (-_BANK_M, _BANK_M)]
        bridge = BRIDGES[name]
        tags = {"bridge": "yes", "layer": "1"}
        self.streets.append(Street(LineString(ends), bridge, highway, CITY[0], tags))

    def _ring(self) -> None:
        """Four named roads with round corners; two of them cross the river."""
        quarter = [math.pi / 2 * step / 8 for step in range(9)]

        def corner(right: int, up: int) -> list[Place]:
            a0 = (_EAST if right > 0 else _WEST) - right * _CORNER_M
            b0 = (_NORTH if up > 0 else _SOUTH) - up * _CORNER_M
            return [
                (a0 + right * _CORNER_M * math.sin(t), b0 + up * _CORNER_M * math.cos(t))
                for t in quarter
            ]

        def straight(start: Place, end: Place) -> list[Place]:
            steps = max(1, round(math.dist(start, end) / 90))
            return [
                (start[0] + (end[0] - start[0]) * s / steps,
                 start[1] + (end[1] - start[1]) * s / steps)
                for s in range(steps + 1)
            ]  # fmt: skip

        for name, up in (("北环路", 1), ("南环路", -1)):
            west, east = corner(-1, up)[::-1], corner(1, up)
            lattice = [*west, *straight(west[-1], east[0])[1:-1], *east]
            self._lay_lattice(name, lattice)
        for name, right in (("西环路", -1), ("东环路", 1)):
            at = _EAST if right > 0 else _WEST
            north = straight((at, _NORTH - _CORNER_M), (at, _BANK_M))
            south = straight((at, -_BANK_M), (at, _SOUTH + _CORNER_M))
            self._lay_lattice(name, north)
            self._lay_lattice(name, south)
            self._bridge(name, "trunk", at)

    def _lay_lattice(self, name: str, lattice: list[Place]) -> None:
        line = LineString([self._ground.place(a, b) for a, b in lattice])
        self.streets.append(Street(line, name, "trunk", CITY[0]))

    def _one_ways(self) -> None:
        """Pairs of neighbouring streets of the old town, one up and one down."""
        middle = shapely.Point(self._ground.place(-600, 900))
        near = sorted(
            (s for s in self.streets if s.highway == "residential" and s.line.length > 260),  # noqa: PLR2004 (worth a rule)
            key=lambda s: s.line.distance(middle),
        )
        for index, name in enumerate(dict.fromkeys(street.name for street in near[:26])):
            if index % 2:
                continue
            for street in self.streets:
                if street.name == name and street.highway == "residential":
                    street.tags["oneway"] = "yes" if index % 4 else "-1"


def add_roundabout(streets: list[Street], name: str, middle: Place, town: str) -> None:
    """Streets end at a ring of their own instead of meeting in a point."""
    disc = shapely.Point(middle).buffer(34, quad_segs=5)
    touched = [s for s in streets if s.level == 0 and s.line.intersects(disc)]
    highest = max(touched, key=lambda s: s.line.length).highway
    for street in touched:
        rest = street.line.difference(disc)
        streets.remove(street)
        streets.extend(
            Street(part, street.name, street.highway, street.town, dict(street.tags))
            for part in getattr(rest, "geoms", [rest])
            if part.length > 1
        )
    ring = Polygon(disc.exterior).exterior
    anticlockwise = list(ring.coords) if ring.is_ccw else list(ring.coords)[::-1]
    tags = {"junction": "roundabout", "oneway": "yes"}
    streets.append(Street(LineString(anticlockwise), name, highest, town, tags))
