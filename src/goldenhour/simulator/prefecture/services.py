"""Who serves the people: hospitals, ambulance stations, and the places that everybody knows."""

import math
import random  # noqa: TID251 (as in ground.py)
from collections.abc import Iterable
from typing import Final, NamedTuple

from shapely.geometry import Point

from goldenhour.simulator.prefecture.blocks import Block, House
from goldenhour.simulator.prefecture.ground import Ground
from goldenhour.simulator.prefecture.names import english, list_stems, pinyin
from goldenhour.simulator.prefecture.streets import Town
from goldenhour.simulator.town_map import Map, Place


class Hospital(NamedTuple):
    name: str
    name_en: str
    beds: int
    can: str
    """Capabilities, apart by blanks."""
    a: float
    b: float
    """Where on the city's lattice; a county's stand where its seat is."""


CITY_HOSPITALS: Final = (
    Hospital(
        "安澜市人民医院", "Anlan People's Hospital", 2_200,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h trauma_level poison dialysis"
        " ecmo isolation", -300, 2_150,
    ),
    Hospital(
        "安澜市中心医院", "Anlan Central Hospital", 1_600,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h trauma_level burn dialysis"
        " ecmo hyperbaric", 900, -1_400,
    ),
    Hospital(
        "安澜大学附属医院", "Anlan University Hospital", 1_300,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h pediatric_trauma dialysis",
        2_700, 2_100,
    ),
    Hospital("安澜市中医医院", "Anlan Hospital of Chinese Medicine", 700,
             "ct_24h thrombolysis dialysis", -2_300, 1_250),
    Hospital("安澜市妇幼保健院", "Anlan Maternity and Children's Hospital", 520,
             "maternal_critical neonatal_critical", 1_500, -2_300),
    Hospital("安澜市儿童医院", "Anlan Children's Hospital", 450,
             "pediatric_trauma neonatal_critical ct_24h", 1_300, 1_250),
    Hospital("安澜市第三人民医院", "Anlan Third People's Hospital", 400,
             "isolation ct_24h dialysis", -4_200, -2_900),
    Hospital("安澜市骨科医院", "Anlan Orthopaedic Hospital", 320,
             "trauma_level ct_24h", -2_500, -1_300),
    Hospital("江北区人民医院", "Jiangbei District Hospital", 520,
             "ct_24h thrombolysis pci_24h", 4_300, 1_250),
    Hospital("江南区人民医院", "Jiangnan District Hospital", 560,
             "ct_24h thrombolysis pci_24h dialysis", 2_900, -2_800),
    Hospital("高新区医院", "High-tech Zone Hospital", 300, "ct_24h thrombolysis", -7_000, -1_400),
    Hospital("经开区职工医院", "Works Hospital", 260, "ct_24h burn poison", 5_700, -1_400),
)  # fmt: skip
COUNTY_HOSPITALS: Final = (
    ("人民医院", "People's Hospital", 600,
     "ct_24h thrombolysis pci_24h neurosurgery_24h dialysis maternal_critical antivenom"),
    ("中医医院", "Hospital of Chinese Medicine", 240, "ct_24h antivenom"),
)  # fmt: skip
CAMPUSES: Final = (
    ("安澜大学", {"amenity": "university"}, 1_300, 4_850), ("安澜大学东区", {"amenity": "university"}, 3_200, 4_850),
    ("安澜师范学院", {"amenity": "university"}, 2_700, -1_300),
    ("安澜职业技术学院", {"amenity": "university"}, -3_900, 3_000),
    ("人民公园", {"leisure": "park"}, -1_000, 1_950), ("江南公园", {"leisure": "park"}, 1_300, -1_300),
    ("文庙公园", {"leisure": "park"}, -1_000, 1_200), ("植物园", {"leisure": "park"}, -2_600, -3_200),
    ("高新中央公园", {"leisure": "park"}, -6_900, -600), ("安澜体育中心", {"leisure": "stadium"}, 4_300, 2_100),
    ("市民中心", {"amenity": "townhall"}, 900, 2_200), ("江北区政府", {"amenity": "townhall"}, -2_400, 2_100),
    ("江南区政府", {"amenity": "townhall"}, 700, -2_350),
    ("安澜一中", {"amenity": "school"}, -1_200, 2_900), ("安澜二中", {"amenity": "school"}, 1_600, -3_200),
)  # fmt: skip
CENTRE: Final = ("安澜市急救中心", "Anlan Emergency Centre", 450, 2_450)
STATIONS: Final = (
    ("江北", -2_000, 2_300), ("站前", -1_900, 3_900), ("文化路", -3_900, 1_900), ("城东", 4_500, 600),
    ("东湖", 2_300, 1_200), ("大学城", 1_700, 4_300), ("江南", -900, -1_600), ("师范", 2_500, -2_000),
    ("高新", -6_500, -1_300), ("经开", 5_600, -1_100),
)  # fmt: skip
"""Stations of the city; eight townships have one as well: together eighteen."""


class Kind(NamedTuple):
    """A kind of place that everybody knows."""

    key: str
    value: str
    name: str
    name_en: str
    city: int
    seat: int
    township: int
    hours: str = ""
    """Its AED's; empty: it has none."""
    access: str = "yes"
    where: str = "一楼大厅"
    where_en: str = "entrance hall"


KINDS: Final = (
    Kind("amenity", "bus_station", "汽车客运站", "Bus Station", 3, 1, 0, "Mo-Su 06:00-21:00", where="候车厅", where_en="waiting hall"),
    Kind("shop", "mall", "广场", "Plaza", 16, 1, 0, "Mo-Su 10:00-22:00", where="一楼服务台", where_en="ground floor desk"),
    Kind("amenity", "community_centre", "文化活动中心", "Culture Centre", 22, 2, 1, "Mo-Su 08:30-20:00"),
    Kind("tourism", "hotel", "宾馆", "Hotel", 26, 2, 0, "24/7", "customers", "前台", "reception"),
    Kind("amenity", "police", "派出所", "Police Station", 16, 2, 1, "24/7", where="值班室", where_en="duty room"),
    Kind("amenity", "fire_station", "消防救援站", "Fire Station", 7, 1, 0, "24/7", "private", "门岗", "gate"),
    Kind("amenity", "school", "小学", "Primary School", 0, 2, 1, "Mo-Fr 07:00-18:00", "private", "门卫室", "gatehouse"),
    Kind("amenity", "marketplace", "农贸市场", "Market", 18, 2, 1, "Mo-Su 06:00-18:00", where="管理处", where_en="office"),
    Kind("amenity", "library", "书屋", "Library", 8, 1, 0, "Tu-Su 09:00-20:00"),
    Kind("amenity", "clinic", "社区卫生服务站", "Community Clinic", 30, 3, 0),
    Kind("amenity", "pharmacy", "大药房", "Pharmacy", 60, 5, 2),
    Kind("shop", "supermarket", "超市", "Supermarket", 60, 5, 2),
    Kind("amenity", "bank", "信用社", "Credit Union", 30, 3, 1),
    Kind("amenity", "restaurant", "饭店", "Restaurant", 90, 8, 3),
    Kind("amenity", "kindergarten", "幼儿园", "Kindergarten", 40, 3, 1),
    Kind("amenity", "fuel", "加油站", "Petrol Station", 16, 2, 1),
)  # fmt: skip
AEDS: Final = 228


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
            key=lambda b: b.plot.centroid.distance(Point(place))
            + 4_000 * (not smallest_ha < b.plot.area / 10_000 < largest_ha),
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
        self._aed(block.plot.centroid, hospital.name, hospital.name_en, "门诊大厅", "outpatients",
                  "24/7", "yes")  # fmt: skip

    def campuses(self, city: Town) -> None:
        for name, tags, a, b in CAMPUSES:
            large = tags.get("amenity") == "university" or "公园" in name
            place = self._ground.place(a, b)
            block = self.take(place, 5 if large else 2, 40 if large else 7, city)
            wide = tags.get("amenity") == "university"
            block.use = "park" if "leisure" in tags else "university" if wide else "campus"
            block.tags = {"name": name, "name:en": english(name), **tags}
            spot = block.plot.representative_point()
            self._aed(spot, name, english(name), "服务中心", "service centre",
                      "Mo-Su 07:00-22:00", "yes")  # fmt: skip

    def school(self, block: Block, stem: str) -> None:
        high = self._dice.random() < 0.35  # noqa: PLR2004 (a third)
        name = f"{stem}{'中学' if high else '小学'}"
        kind = "Middle School" if high else "Primary School"
        block.tags = {"amenity": "school", "name": name, "name:en": f"{pinyin(stem)} {kind}"}
        self._aed(block.plot.centroid, name, block.tags["name:en"], "门卫室", "gatehouse",
                  "Mo-Fr 07:00-21:00", "private")  # fmt: skip

    def station(self, name: str, name_en: str, near: Place, houses: Iterable[House]) -> House:
        """A house at a street becomes the station; its street is where vehicles come out."""
        house = min(
            (h for h in houses if h.street is not None and h.shape.area > 110  # noqa: PLR2004 (room for two vehicles)
             and "name" not in h.tags),
            key=lambda h: h.shape.distance(Point(near)),
        )  # fmt: skip
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
            self._aed(spot, name, name_en, kind.where, kind.where_en, kind.hours, kind.access)

    def _aed(
        self, spot: Point, name: str, name_en: str, where: str, where_en: str, hours: str, access: str
    ) -> None:
        tags = {
            "emergency": "defibrillator", "defibrillator:location": f"{name}{where}",
            "defibrillator:location:en": f"{name_en}, {where_en}", "opening_hours": hours,
            "access": access,
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


