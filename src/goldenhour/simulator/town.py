"""Writes a small fictional Chinese town, 澜溪示范镇, as a genuine `.osm.pbf`.

Rule 1: everything in it is invented and says so; it goes through the same importer as a real city.
Rule 2: the same seed gives the same bytes.
Rule 3: streets follow a lattice along a river (`u` with the water, `v` away from it, both -1 to 1)
that `_Ground.place` bends into a ring town, so that no street is straight and no block a rectangle.
Geometry is in metres east and north of the town's middle until it is written.
"""

import math
import random  # noqa: TID251 (a generator makes its own dice from the seed it is given)
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import polygonize, unary_union

from goldenhour.simulator import town_names as names
from goldenhour.simulator.town_map import Map, Place, Way, list_parts, rectangle
from goldenhour.simulator.town_names import Street

_HALF_LENGTH_M: Final = 1_720
_HALF_WIDTH_M: Final = 1_330
_ROUNDING: Final = 0.45
_BANK: Final = 0.1
"""The river lies between v = -0.1 and v = 0.1."""
_STEP: Final = 0.025
_SIGNALS: Final = tuple((u, v) for u in (-0.66, -0.12, 0.57) for v in (-0.42, -0.1, 0.1, 0.33))
_LANE_SHARE: Final = 0.55
_HOUSE_SHARE: Final = 0.9
_CELL_M: Final = 75
"""Wider than any building, so that neighbours lie in neighbouring cells."""
_AROUND: Final = (-1, 0, 1)
_GAP_M: Final = 3
_CENTRE_M: Final = 520
_INDUSTRY_FROM_M: Final = 1_050
_FIELDS: Final = 330
_SPEEDS_KMH: Final = {
    "primary": 50,
    "secondary": 50,
    "tertiary": 40,
    "residential": 30,
    "living_street": 15,
}


class _Ground:
    """The lie of the land: where lattice places are, in metres."""

    def __init__(self, dice: random.Random) -> None:
        self._phases = [dice.uniform(0, math.tau) for _ in range(4)]

    def river_m(self, x: float) -> float:
        bend, ripple = self._phases[:2]
        return 210 * math.sin(x / 900 + bend) + 60 * math.sin(x / 400 + ripple)

    def place(self, u: float, v: float) -> Place:
        sway, wave = self._phases[2:]
        inside = max(0.0, 1 - max(abs(u), abs(v)))
        x = _HALF_LENGTH_M * u * math.sqrt(1 - _ROUNDING * min(1.0, v * v))
        x += 110 * inside * math.sin(3 * v + 2 * u + sway)
        y = _HALF_WIDTH_M * v * math.sqrt(1 - _ROUNDING * min(1.0, u * u))
        y += 75 * min(1.0, 2 * abs(abs(v) - _BANK)) * math.sin(4 * u + wave)
        return x, y + self.river_m(x)

    def river(self) -> Polygon:
        xs = [60.0 * step for step in range(-42, 43)]
        half = [46 + 9 * math.sin(x / 500) for x in xs]
        north = [(x, self.river_m(x) + h) for x, h in zip(xs, half, strict=True)]
        south = [(x, self.river_m(x) - h) for x, h in zip(xs, half, strict=True)]
        return Polygon(north + south[::-1])

    def block(self, west: float, east: float, south: float, north: float) -> Polygon:
        steps = [step / 8 for step in range(8)]
        ring = [(west + (east - west) * s, south) for s in steps]
        ring += [(east, south + (north - south) * s) for s in steps]
        ring += [(east - (east - west) * s, north) for s in steps]
        ring += [(west, north - (north - south) * s) for s in steps]
        return Polygon([self.place(u, v) for u, v in ring])


class _Builder:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 (a picture, no secret)
        self._ground = _Ground(self._dice)
        self._map = Map()
        self._river = self._ground.river()
        self._axes: list[tuple[Street, LineString]] = []
        self._ways: list[tuple[Street, Way]] = []
        self._built: dict[tuple[int, int], list[Polygon]] = defaultdict(list)

    def build(self, path: Path) -> None:
        across = [*names.CROSS_STREETS, *self._lanes()]
        for street in names.LONG_STREETS:
            crossings = [s.at for s in across if s.first <= street.at <= s.last]
            self._lay(street, crossings, along=True)
        for street in across:
            crossings = [
                s.at
                for s in names.LONG_STREETS
                if s.first <= street.at <= s.last and street.first <= s.at <= street.last
            ]
            self._lay(street, crossings, along=False)
        self._country_roads()
        self._signals()
        self._water()
        campuses = self._campuses()
        roads = unary_union([axis for _, axis in self._axes])
        self._blocks(roads, campuses)
        self._landscape()
        self._signs()
        self._map.write(path)

    def _lanes(self) -> list[Street]:
        """Narrow lanes into the blocks, some through, most blind."""
        wanted = list(names.LANES)
        lanes = []
        for south, north in pairwise(sorted(s.at for s in names.LONG_STREETS)):
            if south == -_BANK:
                continue
            level = (south + north) / 2
            lines = sorted(s.at for s in names.CROSS_STREETS if s.first <= level <= s.last)
            for west, east in pairwise(lines):
                at = round(west + (east - west) * self._dice.uniform(0.38, 0.62), 4)
                depth = self._dice.choice((0.5, 0.6, 0.7, 1.0))
                taken = any(
                    c.west <= at <= c.east and c.south <= level <= c.north for c in names.CAMPUSES
                )
                sides = [s for s in names.LONG_STREETS if s.first < at < s.last]
                meets = {s.at for s in sides} >= ({south, north} if depth == 1 else {south})
                if wanted and not taken and meets and self._dice.random() < _LANE_SHARE:
                    end = round(south + (north - south) * depth, 4)
                    lanes.append(Street(at, wanted.pop(0), "living_street", south, end))
        return lanes

    def _lay(self, street: Street, crossings: list[float], *, along: bool) -> None:
        """Cuts a street into ways at its signals and bridges: restrictions need it."""
        stops = {round(at, 4) for at in crossings} | {street.first, street.last}
        steps = round((street.last - street.first) / _STEP)
        between = (street.first + _STEP * step for step in range(1, steps))
        line = sorted(stops | {at for at in between if all(abs(at - s) > _STEP / 2 for s in stops)})
        lattice = [(at, street.at) if along else (street.at, at) for at in line]
        places = [self._ground.place(u, v) for u, v in lattice]
        self._axes.append((street, LineString(places)))
        nodes = [
            self._map.shared(uv, place) if at in stops else self._map.node(place)
            for at, uv, place in zip(line, lattice, places, strict=True)
        ]
        bridge = street.name in names.BRIDGES
        cuts = [i for i, uv in enumerate(lattice) if uv in _SIGNALS]
        if bridge:
            cuts += [i for i, at in enumerate(line) if abs(at) == _BANK]
        for start, end in pairwise(sorted({0, len(line) - 1, *cuts})):
            over = bridge and line[start] == -_BANK and line[end] == _BANK
            way = self._map.way(nodes[start : end + 1], _street_tags(street, over_river=over))
            self._ways.append((street, way))

    def _country_roads(self) -> None:
        """The ways out, so that the town does not hang in nothing."""
        for name, (u, v), (east, north) in (
            ("安澜公路西段", (-1.0, 0.33), (-1, 0.1)),
            ("安澜公路东段", (1.0, 0.33), (1, 0.15)),
            ("南山公路", (-0.12, -0.82), (0.15, -1)),
            ("北坪公路", (-0.12, 1.0), (-0.1, 1)),
        ):
            x, y = self._ground.place(u, v)
            places = [
                (x + east * d + 30 * math.sin(d / 160) * north, y + north * d)
                for d in range(0, 601, 60)
            ]
            street = Street(0, name, "primary" if north < 1 and north > -1 else "tertiary", 0, 1)
            nodes = [self._map.shared((u, v), places[0]), *map(self._map.node, places[1:])]
            self._map.way(nodes, _street_tags(street, over_river=False))
            self._axes.append((street, LineString(places)))

    def _signals(self) -> None:
        for u, v in _SIGNALS:
            node = self._map.crossings[u, v]
            self._map.tag(node, {"highway": "traffic_signals"})
        for (u, v), kind in (
            ((-0.12, 0.33), "no_left_turn"),
            ((-0.12, 0.1), "no_left_turn"),
            ((0.57, 0.33), "no_left_turn"),
            ((-0.66, 0.33), "no_u_turn"),
        ):
            node = self._map.crossings[u, v]
            along = [w for s, w in self._ways if s.at == v and node in (w.nodes[0], w.nodes[-1])]
            west = next(way for way in along if way.nodes[-1] == node)
            north = next(w for s, w in self._ways if s.at == u and w.nodes[0] == node)
            end = west if kind == "no_u_turn" else north
            self._map.restriction(west.id, node, end.id, kind)

    def _water(self) -> None:
        title = {"name": names.RIVER, "name:en": names.english(names.RIVER)}
        self._map.area(self._river, {"natural": "water", "water": "river", **title})
        middle = [self._map.node((x, self._ground.river_m(x))) for x in range(-2520, 2521, 120)]
        self._map.way(middle, {"waterway": "river", **title})

    def _campuses(self) -> list[Polygon]:
        shapes = []
        for campus in names.CAMPUSES:
            block = self._ground.block(campus.west, campus.east, campus.south, campus.north)
            ground = block.buffer(-13, join_style="mitre")
            shapes.append(block)
            self._map.area(ground, {"name": campus.name, "name:en": campus.name_en, **campus.tags})
            if "leisure" in campus.tags:
                pond = shapely.affinity.scale(ground.centroid.buffer(34, quad_segs=4), 1.5, 1)
                if "公园" in campus.name:
                    self._map.area(pond, {"natural": "water", "water": "pond"})
                continue
            kind = "hospital" if campus.tags["amenity"] == "hospital" else "school"
            self._fill(ground.buffer(-14), (58, 20), 34, {"building": kind}, share=0.6)
        for name, title, u, v in names.STATIONS:
            house = rectangle(self._ground.place(u, v), 30, 20, 0)
            self._claim(house)
            self._map.area(
                house,
                {
                    "building": "yes",
                    "emergency": "ambulance_station",
                    "name": name,
                    "name:en": title,
                },
            )
        return shapes

    def _blocks(self, roads: shapely.Geometry, campuses: list[Polygon]) -> None:
        grounds = unary_union([campus.buffer(4) for campus in campuses])
        closed = unary_union([roads.buffer(7.5), self._river.buffer(22), grounds])
        shapely.prepare(closed)
        for street, axis in self._axes:
            if street.name in names.ALL:
                self._line_with_houses(street, axis, closed)
        centre = shapely.Point(self._ground.place(-0.1, 0.3))
        for block in polygonize(roads):
            inner = block.buffer(-8, join_style="mitre")
            spot = block.representative_point()
            if inner.is_empty:
                continue
            if block.intersects(self._river):
                for bank in list_parts(inner.difference(self._river.buffer(6))):
                    self._map.area(bank, {"leisure": "park", "name": "滨江公园"})
                continue
            industrial = spot.x > _INDUSTRY_FROM_M and spot.y > self._ground.river_m(spot.x)
            central = spot.distance(centre) < _CENTRE_M
            use = "industrial" if industrial else "commercial" if central else "residential"
            free = inner.difference(grounds)
            for part in list_parts(free):
                self._map.area(part, {"landuse": use})
            size = (60.0, 34.0) if industrial else (34.0, 24.0) if central else (44.0, 13.0)
            kind = {"industrial": "industrial", "commercial": "commercial"}.get(use, "apartments")
            tags = {"building": kind, "building:levels": "18" if central else "6"}
            for part in list_parts(free.buffer(-26)):
                self._fill(part, size, 15 if use == "residential" else 22, tags, share=0.85)

    def _line_with_houses(self, street: Street, axis: LineString, closed: shapely.Geometry) -> None:
        """Houses on both sides with door numbers: odd on the left, even on the right."""
        lane = street.highway == "living_street"
        for side in (1, -1):
            at = 22.0
            while at < axis.length - 15:
                front = self._dice.uniform(12, 20) if lane else self._dice.uniform(15, 32)
                depth = self._dice.uniform(10, 13) if lane else self._dice.uniform(11, 17)
                start, end = axis.interpolate(at - 4), axis.interpolate(at + 4)
                angle = math.atan2(end.y - start.y, end.x - start.x)
                away = 9.5 + depth / 2 + self._dice.uniform(0, 3)
                middle = axis.interpolate(at)
                x = middle.x - side * away * math.sin(angle)
                y = middle.y + side * away * math.cos(angle)
                house = rectangle((x, y), front, depth, angle)
                free = not closed.intersects(house) and self._dice.random() < _HOUSE_SHARE
                if free and self._claim(house):
                    number = 2 * int(at / 14) + (1 if side == 1 else 2)
                    self._map.area(
                        house,
                        {
                            "building": "house" if lane else "retail",
                            "addr:city": names.TOWN[0],
                            "addr:street": street.name,
                            "addr:housenumber": str(number),
                        },
                    )
                at += front + self._dice.uniform(4, 11)

    def _fill(
        self,
        ground: Polygon,
        size: Place,
        gap_m: float,
        tags: Mapping[str, str],
        *,
        share: float,
    ) -> None:
        """Rows of equal buildings, turned as the ground lies."""
        if ground.is_empty:
            return
        corners = list(ground.minimum_rotated_rectangle.exterior.coords)
        (ax, ay), (bx, by) = max(pairwise(corners), key=lambda side: math.dist(*side))
        angle = math.atan2(by - ay, bx - ax)
        middle = ground.centroid
        reach = math.dist(corners[0], corners[2]) / 2
        across, down = size[0] + gap_m * 0.6, size[1] + gap_m
        for row in range(-int(reach / down), int(reach / down) + 1):
            for column in range(-int(reach / across), int(reach / across) + 1):
                dx, dy = column * across, row * down
                x = middle.x + dx * math.cos(angle) - dy * math.sin(angle)
                y = middle.y + dx * math.sin(angle) + dy * math.cos(angle)
                house = rectangle((x, y), *size, angle)
                wanted = self._dice.random() < share
                if wanted and ground.contains(house) and self._claim(house):
                    self._map.area(house, tags)

    def _claim(self, house: Polygon) -> bool:
        """Whether the ground is free; then it is taken."""
        x, y = house.centroid.coords[0]
        cell = (int(x // _CELL_M), int(y // _CELL_M))
        near = (other for i in _AROUND for j in _AROUND for other in self._at(cell, i, j))
        if any(other.distance(house) < _GAP_M for other in near):
            return False
        self._built[cell].append(house)
        return True

    def _at(self, cell: tuple[int, int], right: int, up: int) -> list[Polygon]:
        return self._built.get((cell[0] + right, cell[1] + up), [])

    def _landscape(self) -> None:
        """Fields and wooded hills around the town, so that it does not lie in a void."""
        town = self._ground.block(-1, 1, -0.82, 1).buffer(45)
        roads = (axis.buffer(9) for _, axis in self._axes)
        taken = unary_union([town, self._river.buffer(20), *roads])
        frame = shapely.box(-2_600, -2_000, 2_600, 2_100)
        seeds = shapely.MultiPoint(
            [
                (self._dice.uniform(-2_600, 2_600), self._dice.uniform(-2_000, 2_100))
                for _ in range(_FIELDS)
            ]
        )
        for field in shapely.voronoi_polygons(seeds, extend_to=frame, ordered=True).geoms:
            middle = field.centroid
            height = math.sin(middle.x / 420 + 1) + math.sin(middle.y / 350) + middle.y / 2_500
            use = self._dice.choice(("farmland", "farmland", "farmland", "orchard", "meadow"))
            if abs(height) > self._dice.uniform(0.7, 1.3):
                use = "forest"
            land = field.intersection(frame).difference(taken)
            for part in list_parts(land.buffer(0 if use == "forest" else -3)):
                self._map.area(part, {"landuse": use})

    def _signs(self) -> None:
        local, english = names.TOWN
        place = self._ground.place
        self._map.node(
            place(-0.12, 0.33),
            {"place": "town", "name": local, "name:en": english, "fictional": "yes"},
        )
        for name, u, v in names.SUBURBS:
            tags = {"place": "suburb", "name": name, "name:en": names.english(name)}
            self._map.node(place(u, v), tags)
        for poi in names.POIS:
            tags = {poi.key: poi.value, "name": poi.name, "name:en": poi.name_en}
            self._map.node(place(poi.u, poi.v), tags)
        for where, where_en, u, v, hours, access in names.AED_PLACES:
            self._map.node(
                place(u, v),
                {
                    "emergency": "defibrillator",
                    "defibrillator:location": where,
                    "defibrillator:location:en": where_en,
                    "opening_hours": hours,
                    "access": access,
                },
            )


def write_town(path: Path, seed: int) -> None:
    """`path` ends in `.osm.pbf`; an old file is replaced."""
    _Builder(seed).build(path)


def _street_tags(street: Street, *, over_river: bool) -> dict[str, str]:
    tags = {
        "highway": street.highway,
        "name": street.name,
        "name:en": names.english(street.name),
        "maxspeed": str(_SPEEDS_KMH[street.highway]),
    }
    if direction := names.ONE_WAYS.get(street.name):
        tags["oneway"] = "yes" if direction == 1 else "-1"
    if over_river:
        bridge = names.BRIDGES[street.name]
        tags |= {"bridge": "yes", "layer": "1", "bridge:name": bridge}
    return tags
