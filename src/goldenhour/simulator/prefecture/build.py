"""Puts the prefecture together and writes both files."""

import random  # noqa: TID251 (as in ground.py)
from collections.abc import Callable
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry import Point
from shapely.ops import unary_union

from goldenhour.simulator.prefecture import landscape
from goldenhour.simulator.prefecture.blocks import LANDUSE, Block, Builder, House, Plots
from goldenhour.simulator.prefecture.core import QUARTERS, ROUNDABOUTS, Core, add_roundabout
from goldenhour.simulator.prefecture.country import Country, carriageways, expressway
from goldenhour.simulator.prefecture.county import (
    Seat,
    township_ground,
    township_streets,
    township_target,
)
from goldenhour.simulator.prefecture.ground import Ground, blob
from goldenhour.simulator.prefecture.names import CITY, COUNTIES, Names, english, pinyin
from goldenhour.simulator.prefecture.network import Network
from goldenhour.simulator.prefecture.register import Register
from goldenhour.simulator.prefecture.services import (
    Services,
    county_hospitals,
    township_hospital,
)
from goldenhour.simulator.prefecture.streets import HALF_ROAD_M, Street, Town
from goldenhour.simulator.prefecture.tables import CENTRE, CITY_HOSPITALS, STATIONS
from goldenhour.simulator.town_map import Map, Place

_COMMUNITY_M: Final = 820
_TOWNSHIP_STATIONS: Final = 8
_TOWNSHIP_HOSPITALS: Final = 3
_POINTS: Final = 48
_VILLAGE_PEOPLE: Final = (420, 2_600)


def write_prefecture(
    path: Path, overrides: Path, seed: int, progress: Callable[[str], None]
) -> None:
    """`path` ends in `.osm.pbf`; old files are replaced."""
    builder = _Prefecture(random.Random(seed))  # noqa: S311 (a picture, no secret)
    progress("streets")
    builder.lay_streets()
    progress("buildings")
    builder.build()
    builder.serve()
    progress("map")
    builder.draw()
    progress("file")
    builder.paper.write(path)
    overrides.write_text(builder.register.csv(), encoding="utf-8")


class _Prefecture:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.paper = Map("GoldenHour fictional prefecture")
        self.register = Register()
        self._names = Names(dice)
        self._ground = Ground(dice)
        self._hills = self._ground.hills()

    def lay_streets(self) -> None:
        ground, dice = self._ground, self._dice
        self._core = Core(ground, self._names, dice)
        sites = [
            (21_000 + dice.uniform(-800, 800), ground.river_m(21_000) + 2_050),
            (-17_500 + dice.uniform(-900, 900), 13_300 + dice.uniform(-700, 700)),
            (4_500 + dice.uniform(-1_500, 1_500), -15_800 + dice.uniform(-600, 600)),
        ]
        seats = [
            Seat(county, site, self._names, dice)
            for county, site in zip(COUNTIES, sites, strict=True)
        ]
        self._seats = [seat.town for seat in seats]
        fast = expressway(ground, dice)
        country = Country(ground, self._core, seats, fast, dice)
        self._townships: list[Town] = []
        streets = country.streets
        for site in country.townships:
            streets = self._township(site, streets)
        streets += carriageways(fast, streets)
        streets += self._core.streets
        for seat in seats:
            streets += seat.streets
        for name, a, b in ROUNDABOUTS:
            add_roundabout(streets, name, ground.place(a, b), CITY[0])
        self._streets = streets
        self._villages = [self._village(site) for site in country.villages]

    def _township(self, site: Place, streets: list[Street]) -> list[Street]:
        """The road that was there first becomes its main street."""
        name, outline = self._names.township(), township_ground(site, self._dice)
        town = Town(
            name, outline, site, self._dice.randrange(60, 240) * 100, "township",
            landscape.county_of(site, self._seats, self._ground), township_target,
        )  # fmt: skip
        inside: list[Street] = []
        outside: list[Street] = []
        for street in streets:
            if not street.line.intersects(outline):
                outside.append(street)
                continue
            for ground, kept in ((outline, inside), (None, outside)):
                part = (
                    street.line.intersection(outline) if ground else street.line.difference(outline)
                )
                for piece in getattr(part, "geoms", [part]):
                    if piece.geom_type == "LineString" and piece.length > 1:
                        kept.append(
                            Street(
                                piece, street.name, street.highway, street.town, dict(street.tags)
                            )
                        )
        drawn = self._names.streets()
        for number, street in enumerate(sorted(inside, key=lambda s: -s.line.length)):
            street.town = name
            street.name = f"{name[:-1]}正街" if number < 2 else drawn.draw("路")  # noqa: PLR2004 (its two halves)
        self._townships.append(town)
        made = township_streets(town, inside, drawn, self._dice)
        return [*outside, *inside, *made]

    def _village(self, site: Place) -> Town:
        outline = blob(site, self._dice.uniform(95, 185), self._dice, stretch=1.7, wild=0.25)
        county = landscape.county_of(site, self._seats, self._ground)
        people = self._dice.randrange(*_VILLAGE_PEOPLE, 10)
        return Town(
            self._names.village(), outline, site, people, "village", county, township_target
        )

    def build(self) -> None:
        """Blocks, their use and their houses."""
        self._towns = [self._core.town, *self._seats, *self._townships]
        plots = Plots(self._streets)
        self._blocks = [block for town in self._towns for block in plots.blocks(town)]
        self._builder = Builder(self._ground, plots, self._names, self._dice)
        self._services = Services(self._ground, self._blocks, self._dice)
        self._reserve()
        for block in self._blocks:
            block.use = block.use or self._builder.choose(block)
            self._builder.fill(block)
        roads = [(s, s.line.buffer(HALF_ROAD_M[s.highway])) for s in self._streets]
        tree = shapely.STRtree([wide for _, wide in roads])
        for village in self._villages:
            near = tree.query(village.outline, predicate="intersects")
            free = village.outline.difference(unary_union([roads[i][1] for i in near]))
            for part in getattr(free, "geoms", [free]):
                block = Block(part, village, "village")
                self._builder.fill(block)
                self._blocks.append(block)

    def _reserve(self) -> None:
        city, services = self._core.town, self._services
        for hospital in CITY_HOSPITALS:
            services.hospital(hospital, self._ground.place(hospital.a, hospital.b), city)
        services.campuses(city)
        for seat in self._seats:
            for number, hospital in enumerate(county_hospitals(seat.key)):
                x, y = seat.middle
                services.hospital(hospital, (x - 250 + 700 * number, y + 420), seat)
        largest = sorted(self._townships, key=lambda town: -town.population)
        self._with_station = largest[:_TOWNSHIP_STATIONS]
        for town in largest[_TOWNSHIP_STATIONS : _TOWNSHIP_STATIONS + _TOWNSHIP_HOSPITALS]:
            services.hospital(township_hospital(town), town.middle, town)

    def serve(self) -> None:
        services, houses = self._services, self._builder.houses
        at = [h for h in houses if h.street is not None]
        by_town: dict[str, list[House]] = {town.key: [] for town in self._towns}
        for house in at:
            by_town[house.town.key].append(house)
        name, name_en, a, b = CENTRE
        city = by_town[CITY[0]]
        self._stations = [
            (services.station(name, name_en, self._ground.place(a, b), city), "centre", "")
        ]
        for seat in self._seats:
            stem = seat.key.removesuffix("县")
            house = services.station(
                f"{stem}急救分中心",
                f"{pinyin(stem)} Emergency Sub-centre",
                seat.middle,
                by_town[seat.key],
            )
            self._stations.append((house, "subcentre", seat.key))
        for stem, a, b in STATIONS:
            house = services.station(
                f"{stem}急救站", f"{pinyin(stem)} Station", self._ground.place(a, b), city
            )
            self._stations.append((house, "station", ""))
        for town in self._with_station:
            stem = town.key[:-1]
            house = services.station(
                f"{stem}急救站", f"{pinyin(stem)} Station", town.middle, by_town[town.key]
            )
            self._stations.append((house, "station", town.county))

    def draw(self) -> None:
        paper, ground = self.paper, self._ground
        Network([*self._streets, *self._builder.drives]).write(paper)
        lakes = landscape.water(paper, ground, self._hills)
        landscape.lake_park(paper, ground, self._core, self._dice)
        wide = unary_union([s.line.buffer(HALF_ROAD_M[s.highway]) for s in self._core.streets])
        landscape.banks(paper, ground, self._core, wide)
        landscape.railway(paper, ground)
        landscape.borders(paper, self._seats, ground)
        towns = unary_union([town.outline for town in (*self._towns, *self._villages)])
        roads = unary_union([s.line.buffer(12) for s in self._streets if not s.town])
        taken = unary_union([towns.buffer(25), roads, ground.river.buffer(30), *lakes])
        landscape.woods_and_fields(paper, self._hills, taken, towns.buffer(20), self._dice)
        self._draw_blocks()
        self._draw_places()
        self._draw_houses()
        self._services.known_places(paper, self._builder.houses, self._towns)
        for aed in self._services.choose_aeds():
            paper.node(aed.place, aed.tags)

    def _draw_blocks(self) -> None:
        hospitals = {id(block): hospital for block, hospital in self._services.hospitals}
        for block in self._blocks:
            if block.use == "campus" and not block.tags:
                self._services.school(block, self._names.community().removesuffix("社区"))
            if block.use == "park" and not block.tags:
                name = f"{self._names.stem()}公园"
                block.tags = {"leisure": "park", "name": name, "name:en": english(name)}
            if block.use in LANDUSE:
                block.tags = {"landuse": LANDUSE[block.use], **block.tags}
            ident = self.paper.area(block.plot, block.tags)
            if hospital := hospitals.get(id(block)):
                self.register.hospital(ident, hospital)

    def _draw_houses(self) -> None:
        for shape, tags in self._builder.grounds:
            self.paper.area(shape, tags)
        stations = {id(house): (level, county) for house, level, county in self._stations}
        idents = {}
        for house in self._builder.houses:
            ident = self.paper.area(house.shape, house.tags)
            if id(house) in stations:
                idents[id(house)] = ident
        for house, level, county in self._stations:
            self.register.station(idents[id(house)], house.town.kind, level, county)

    def _draw_places(self) -> None:
        paper = self.paper
        total = 0
        for town in (self._core.town, *self._seats):
            people = self._communities(town)
            total += people
            if town.kind == "seat":
                self._place(town.middle, "town", town.key, people)
        for town in self._townships:
            self._place(town.middle, "town", town.key, town.population)
        for village in self._villages:
            self._place(village.middle, "village", village.key, village.population)
        for village in sorted(self._villages, key=lambda v: -v.population)[:_POINTS]:
            name = f"{village.key}急救点"
            tags = {
                "emergency": "first_aid",
                "name": name,
                "name:en": f"{english(village.key)} First Aid",
            }
            paper.node((village.middle[0] + 30, village.middle[1] + 22), tags)
        for name, kind, a, b in QUARTERS:
            self._place(self._ground.place(a, b), kind, name, 0)
        x, y = self._core.town.middle
        total += sum(town.population for town in (*self._townships, *self._villages))
        tags = {"place": "city", "name": CITY[0], "name:en": CITY[1], "fictional": "yes"}
        paper.node((x, y), tags | {"population": str(total)})

    def _communities(self, town: Town) -> int:
        """Neighbourhoods with their people, each around a block; the sum of people."""
        homes = [b for b in self._blocks if b.town is town and b.residents]
        self._dice.shuffle(homes)
        middles: list[Point] = []
        for block in homes:
            spot = block.plot.representative_point()
            if all(spot.distance(other) > _COMMUNITY_M for other in middles):
                middles.append(spot)
        people = [0.0] * len(middles)
        for block in homes:
            spot = block.plot.representative_point()
            nearest = min(range(len(middles)), key=lambda i: spot.distance(middles[i]))
            people[nearest] += block.residents
        for spot, count in zip(middles, people, strict=True):
            self._place(
                (spot.x, spot.y), "neighbourhood", self._names.community(), round(count, -1)
            )
        return int(sum(people))

    def _place(self, at: Place, kind: str, name: str, people: float) -> None:
        tags = {"place": kind, "name": name, "name:en": english(name)}
        if people:
            tags["population"] = str(int(people))
        self.paper.node(at, tags)
