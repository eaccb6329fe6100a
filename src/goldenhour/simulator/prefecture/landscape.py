"""Water, woods, fields, parks, the railway and the borders: what lies around streets and houses."""

import math
import random  # noqa: TID251 (as in ground.py)
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Polygon
from shapely.ops import linemerge, polygonize, unary_union

from goldenhour.simulator.prefecture.core import LAKE, Core
from goldenhour.simulator.prefecture.ground import FRAME, HALF_LENGTH_M, Ground, blob, smooth
from goldenhour.simulator.prefecture.names import (
    CITY,
    COUNTIES,
    DISTRICTS,
    ISLAND,
    RIVER,
    STREAMS,
    english,
)
from goldenhour.simulator.prefecture.streets import Town
from goldenhour.simulator.town_map import Map, Place, list_parts

_FIELDS: Final = 3_400
_CELL_M: Final = 500
_CITY_REACH_M: Final = 6_000
"""How much farther than a county seat the city reaches."""


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name:en": english(name)}


def water(paper: Map, ground: Ground, hills: list[Polygon]) -> list[Polygon]:
    # The line has the name, so that the map writes it along the water and once.
    paper.area(ground.river, {"natural": "water", "water": "river"})
    _line(paper, ground.middle(), {"waterway": "river", **_named(RIVER)})
    paper.area(ground.island, {"leisure": "park", **_named(ISLAND)})
    for name, stream in zip(STREAMS, ground.streams, strict=True):
        bed = stream.buffer(17).difference(ground.river)
        for part in list_parts(bed):
            paper.area(shapely.simplify(part, 3), {"natural": "water", "water": "river"})
        _line(paper, stream, {"waterway": "river", **_named(name)})
    lakes = ground.reservoirs(hills)
    for name, lake in zip(("云峰水库", "青石水库"), lakes, strict=False):
        paper.area(lake, {"natural": "water", "water": "reservoir", **_named(name)})
    return lakes


def lake_park(paper: Map, ground: Ground, core: Core, dice: random.Random) -> None:
    """东湖 in its park."""
    park = core.lake_park.buffer(-16)
    middle = ground.place(*LAKE)
    lake = blob(middle, 430, dice, stretch=1.5, wild=0.32).intersection(park.buffer(-40))
    paper.area(park, {"leisure": "park", **_named("东湖公园")})
    for part in list_parts(lake):
        paper.area(part, {"natural": "water", "water": "lake", **_named("东湖")})
    ring = lake.buffer(22)
    if isinstance(ring, Polygon):
        _line(paper, LineString(ring.exterior), {"highway": "footway"})


def banks(paper: Map, ground: Ground, core: Core, roads: shapely.Geometry) -> None:
    """The strips between the embankment roads and the water."""
    strips = core.outline.difference(ground.river.buffer(9)).intersection(ground.river.buffer(95))
    for part in list_parts(strips.difference(roads).difference(ground.island).buffer(-1)):
        whole = shapely.simplify(Polygon(part.exterior), 1.5)
        paper.area(whole, {"leisure": "park", "name": "滨江公园", "name:en": "Riverside Park"})


def woods_and_fields(
    paper: Map,
    hills: list[Polygon],
    taken: shapely.Geometry,
    towns: shapely.Geometry,
    dice: random.Random,
) -> None:
    """`towns` are kept free of both, `taken` of fields only: roads run through woods."""
    for hill in hills:
        for part in list_parts(hill.difference(towns)):
            paper.area(shapely.simplify(part, 12), {"landuse": "forest"})
    west, south, east, north = FRAME.bounds
    seeds = [(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(_FIELDS)]
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=FRAME, ordered=True)
    closed = unary_union([taken, *(hill.buffer(20) for hill in hills)])
    shapely.prepare(closed)
    for cell in cells.geoms:
        use = dice.choice(("farmland", "farmland", "farmland", "orchard"))
        land = cell.buffer(-28).buffer(20, quad_segs=2).intersection(FRAME)
        if closed.intersects(land):
            land = land.difference(closed)
        for part in list_parts(land):
            if part.area > 15_000:  # noqa: PLR2004 (a field that a map shows)
                paper.area(shapely.simplify(Polygon(part.exterior), 6), {"landuse": use})


def railway(paper: Map, ground: Ground) -> None:
    """Past the north of the city, with its station before the square."""
    lattice = [(-8_600, 4_700), (-5_600, 4_480), (-3_000, 4_450), (-1_500, 4_440), (-500, 4_520)]
    lattice += [(350, 5_250), (1_300, 5_640), (2_700, 5_700), (5_000, 5_560), (8_300, 5_000)]
    inner = [ground.place(a, b) for a, b in lattice]
    start = (-HALF_LENGTH_M, ground.river_m(-HALF_LENGTH_M) + 3_600)
    between = (-17_000, ground.river_m(-17_000) + 3_900)
    end = (HALF_LENGTH_M, ground.river_m(HALF_LENGTH_M) + 5_600)
    line = smooth([start, between, *inner, (17_000, ground.river_m(17_000) + 5_200), end])
    for track in (line.offset_curve(-3), line.offset_curve(3)):
        _line(paper, track, {"railway": "rail", "name": "安澜铁路", "name:en": "Anlan Railway"})
    x, y = ground.place(-1_500, 4_380)
    hall = shapely.box(x - 95, y - 20, x + 95, y + 22)
    paper.area(hall, {"building": "train_station", **_named("安澜站")})
    paper.node((x, y), {"railway": "station", **_named("安澜站")})


def county_of(place: Place, seats: list[Town], ground: Ground) -> str:
    """Which county or district a place belongs to; borders follow no straight line."""
    x = place[0] + 700 * math.sin(place[1] / 2_300) + 260 * math.sin(place[1] / 700)
    y = place[1] + 800 * math.sin(place[0] / 2_700) + 240 * math.sin(place[0] / 900)
    away = [math.dist((x, y), seat.middle) for seat in seats]
    city = math.hypot(x / 1.25, y) - _CITY_REACH_M
    if city < min(away):
        return DISTRICTS[0 if place[1] > ground.river_m(place[0]) else 1]
    return COUNTIES[away.index(min(away))]


def borders(paper: Map, seats: list[Town], ground: Ground) -> None:
    """Counties and districts; the two districts meet in the middle of the river."""
    west, south, east, north = FRAME.bounds
    cells: dict[str, list[Polygon]] = {}
    for x in np.arange(west, east, _CELL_M):
        for y in np.arange(south, north, _CELL_M):
            middle = (float(x) + _CELL_M / 2, float(y) + _CELL_M / 2)
            county = county_of(middle, seats, ground)
            key = county if county in COUNTIES else CITY[0]
            cells.setdefault(key, []).append(shapely.box(x, y, x + _CELL_M, y + _CELL_M))
    grounds = shapely.coverage_simplify([unary_union(part) for part in cells.values()], _CELL_M)
    lines = linemerge(unary_union([shape.boundary for shape in grounds]))
    frame = FRAME.exterior
    soft = [
        line if line.within(frame.buffer(1)) else smooth(list(line.coords)) for line in lines.geoms
    ]
    pieces = unary_union([*soft, frame, ground.middle()])
    faces = list(polygonize(pieces))
    rings: dict[str, list[Polygon]] = {}
    for face in faces:
        spot = face.representative_point()
        rings.setdefault(county_of((spot.x, spot.y), seats, ground), []).append(face)
    shapes = {name: unary_union(parts) for name, parts in rings.items()}
    arcs = linemerge(unary_union([shape.boundary for shape in shapes.values()])).geoms
    ways = [(arc, _border_way(paper, arc, frame)) for arc in arcs]
    for name, shape in shapes.items():
        around = shape.boundary.buffer(1)
        members = [("w", way, "outer") for arc, way in ways if arc.within(around)]
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "6"}
        paper.relation(members, tags | _named(name))


def _border_way(paper: Map, arc: LineString, frame: LinearRing) -> int:
    """Only the borders between two of them are drawn; the rest is the edge of the map."""
    edge = arc.within(frame.buffer(1))
    nodes = [paper.shared(place, place) for place in arc.coords]
    tags = {} if edge else {"boundary": "administrative", "admin_level": "6"}
    return paper.way(nodes, tags).id


def _line(paper: Map, line: LineString, tags: dict[str, str]) -> None:
    shorter = shapely.simplify(line, 2.0)
    paper.way([paper.node(place) for place in shorter.coords], tags)
