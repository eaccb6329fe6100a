"""Who serves the people: hospitals, ambulance stations, and the places that everybody knows."""

import math
import random  # noqa: TID251 (as in ground.py)
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry import Point

from goldenhour.simulator.prefecture.blocks import Block, House
from goldenhour.simulator.prefecture.ground import Ground
from goldenhour.simulator.prefecture.names import english, list_stems, pinyin
from goldenhour.simulator.prefecture.streets import Town
from goldenhour.simulator.prefecture.tables import (
    CAMPUSES,
    COUNTY_HOSPITALS,
    KINDS,
    Hospital,
    Kind,
)
from goldenhour.simulator.town_map import Map, Place

AEDS: Final = 228
_GARAGE_M2: Final = 110
"""Room for two vehicles."""


class Where(NamedTuple):
    """The place of an AED."""

    name: str
    name_en: str
    room: str
    room_en: str
    hours: str
    access: str


class Aed(NamedTuple):
    place: Place
    tags: dict[str, str]


class Services:
    """Takes blocks and houses for what serves people; the rest stays what it is."""

    def __init__(self, ground: Ground, blocks: list[Block], dice: random.Random) -> None:
        self._ground = ground
        self._dice = dice
        self._free = list(blocks)
        self.aeds: list[Aed] = []
        self.hospitals: list[tuple[Block, Hospital]] = []
        self.stations: list[tuple[House, Town | None]] = []

    def take(self, place: Place, smallest_ha: float, largest_ha: float, town: Town) -> Block:
        """The nearest block of this size that nobody has taken."""
        block = min(
            (b for b in self._free if b.town is town),
            key=lambda b: (
                b.plot.centroid.distance(Point(place))
                + 4_000 * (not smallest_ha < b.plot.area / 10_000 < largest_ha)
            ),
        )
        self._free.remove(block)
        return block

    def hospital(self, hospital: Hospital, place: Place, town: Town) -> None:
        wanted_ha = 1.2 + hospital.beds / 420
        smallest = wanted_ha if town.kind == "city" else 0.6
        block = self.take(place, smallest, wanted_ha * 2.6, town)
        block.use = "campus"
        block.tags = {
            "amenity": "hospital", "healthcare": "hospital", "emergency": "yes",
            "name": hospital.name, "name:en": hospital.name_en, "beds": str(hospital.beds),
        }  # fmt: skip
        self.hospitals.append((block, hospital))
        where = Where(hospital.name, hospital.name_en, "门诊大厅", "outpatients", "24/7", "yes")
        self._aed(block.plot.centroid, where)

    def campuses(self, city: Town) -> None:
        for name, tags, a, b in CAMPUSES:
            large = tags.get("amenity") == "university" or "公园" in name
            place = self._ground.place(a, b)
            block = self.take(place, 5 if large else 2, 40 if large else 7, city)
            wide = tags.get("amenity") == "university"
            block.use = "park" if "leisure" in tags else "university" if wide else "campus"
            block.tags = {"name": name, "name:en": english(name), **tags}
            spot = block.plot.representative_point()
            room = "服务中心", "service centre"
            self._aed(spot, Where(name, english(name), *room, "Mo-Su 07:00-22:00", "yes"))

    def school(self, block: Block, stem: str) -> None:
        high = self._dice.random() < 0.35  # noqa: PLR2004 (a third)
        name = f"{stem}{'中学' if high else '小学'}"
        kind = "Middle School" if high else "Primary School"
        block.tags = {"amenity": "school", "name": name, "name:en": f"{pinyin(stem)} {kind}"}
        room = "门卫室", "gatehouse"
        where = Where(name, block.tags["name:en"], *room, "Mo-Fr 07:00-21:00", "private")
        self._aed(block.plot.centroid, where)

    def station(self, name: str, name_en: str, near: Place, houses: list[House]) -> House:
        """A house at a street becomes the station; its street is where vehicles come out."""
        able = [h for h in houses if h.shape.area > _GARAGE_M2 and "name" not in h.tags]
        away = shapely.distance([h.shape for h in able], Point(near))
        house = able[int(np.argmin(away))]
        house.tags |= {"emergency": "ambulance_station", "name": name, "name:en": name_en}
        house.tags["building"] = "yes"
        return house

    def known_places(self, paper: Map, houses: list[House], towns: list[Town]) -> None:
        """Signs on houses at streets, spread over each town."""
        fitting: dict[str, list[House]] = {town.key: [] for town in towns}
        for house in houses:
            if house.street is not None and "name" not in house.tags:
                fitting[house.town.key].append(house)
        stems = list_stems()
        for town in towns:
            free = fitting[town.key]
            self._dice.shuffle(free)
            for kind in KINDS:
                count = {"city": kind.city, "seat": kind.seat}.get(town.kind, kind.township)
                for stem in self._dice.sample(stems, min(count, len(free))):
                    self._sign(paper, kind, stem, free.pop())

    def _sign(self, paper: Map, kind: Kind, stem: str, house: House) -> None:
        name, name_en = f"{stem}{kind.name}", f"{pinyin(stem)} {kind.name_en}"
        spot = house.shape.centroid
        paper.node((spot.x, spot.y), {kind.key: kind.value, "name": name, "name:en": name_en})
        if kind.hours:
            room = kind.where, kind.where_en
            self._aed(spot, Where(name, name_en, *room, kind.hours, kind.access))

    def _aed(self, spot: Point, where: Where) -> None:
        tags = {
            "emergency": "defibrillator", "defibrillator:location": f"{where.name}{where.room}",
            "defibrillator:location:en": f"{where.name_en}, {where.room_en}",
            "opening_hours": where.hours, "access": where.access,
        }  # fmt: skip
        self.aeds.append(Aed((spot.x + 4, spot.y + 3), tags))

    def choose_aeds(self) -> list[Aed]:
        """As many as the city has, from all that could be; every kind of place stays in."""
        count = len(self.aeds)
        assert count >= AEDS, f"only {count} places for {AEDS} AEDs"
        return [self.aeds[math.floor(i * count / AEDS)] for i in range(AEDS)]


def county_hospitals(county: str) -> list[Hospital]:
    stem = pinyin(county.removesuffix("县"))
    return [
        Hospital(f"{county}{name}", f"{stem} {name_en}", beds, can, 0, 0)
        for name, name_en, beds, can in COUNTY_HOSPITALS
    ]


def township_hospital(town: Town) -> Hospital:
    stem = town.key[:-1]
    return Hospital(f"{stem}中心卫生院", f"{pinyin(stem)} Health Centre", 90, "", 0, 0)
