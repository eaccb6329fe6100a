"""The fictional prefecture at full size, generated once, through the importer of every city."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from goldenhour.adapters.city.addresses import AddressIndex
from goldenhour.adapters.city.files import ADDRESSES_FILE, ROADS_FILE, TILES_FILE, VALHALLA_FOLDER
from goldenhour.adapters.city.roads import import_roads
from goldenhour.adapters.routing.adapter import Router
from goldenhour.adapters.routing.config import RoutingConfig
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.snap import OffRoad, Snapper
from goldenhour.domain.dispatch.route import Language, Route
from goldenhour.domain.register.city import AddressKind, City, StationLevel
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import distance_m
from goldenhour.main.city import PREFECTURE_MARK, build_prefecture
from goldenhour.main.city_file import read_city
from goldenhour.simulator.prefecture import write_prefecture

MOST_BYTES = 6_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("prefecture")
    build_prefecture(made, made / "city", seed=1, say=lambda _: None)
    return made


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    read = read_city(folder / "city")
    assert read is not None
    return read


@pytest.fixture(scope="module")
def index(folder: Path) -> Iterator[AddressIndex]:
    with AddressIndex(folder / "city" / ADDRESSES_FILE) as opened:
        yield opened


def strong_part(network: RoadNetwork) -> np.ndarray:
    """Which arcs reach one another, bans respected."""
    free = ~network.turn_banned
    links = coo_array(
        (np.ones(free.sum()), (network.turn_from[free], network.turn_to[free])),
        (network.arc_count,) * 2,
    )
    part = connected_components(links, connection="strong")[1]
    return part == np.bincount(part).argmax()


def check_roads(network: RoadNetwork, city: City) -> None:
    """One strongly connected network holds all but edges of the map, and every service."""
    strong = strong_part(network)
    assert strong.mean() > 0.97
    snapper = Snapper(network)
    for thing in (*city.stations, *city.hospitals):
        snaps = snapper.find_nearest(thing.point)
        assert not isinstance(snaps, OffRoad), thing.name
        arcs = snaps.arcs[snaps.arcs >= 0]
        assert strong[arcs].any(), thing.name


def test_it_is_the_size_that_was_promised(folder: Path, city: City) -> None:
    assert (city.name, city.fictional) == ("安澜市", True)
    assert "fictional" in city.attribution
    assert (folder / "anlan.osm.pbf").stat().st_size < MOST_BYTES
    assert Counter(station.level for station in city.stations) == {
        StationLevel.CENTRE: 1, StationLevel.SUBCENTRE: 3, StationLevel.STATION: 18,
    }  # fmt: skip
    assert [len(x) for x in (city.hospitals, city.units, city.aeds)] == [21, 60, 228]
    assert 250 <= len(city.signals) <= 350
    assert len(city.points) > 30
    height, width = city.bounds.north - city.bounds.south, city.bounds.east - city.bounds.west
    assert 40 < height * 111 < 50
    assert 55 < width * 95 < 65
    assert city.core is not None
    assert city.core.west < city.centre.lon < city.core.east


def test_nothing_that_its_people_know_is_assumed(city: City) -> None:
    assert not any(unit.assumed for unit in city.units)
    assert not any(hospital.assumed for hospital in city.hospitals)
    assert all(hospital.beds for hospital in city.hospitals)
    assert {unit.kind for unit in city.units} == set(UnitKind)
    assert {unit.station_id for unit in city.units} == {station.id for station in city.stations}
    able = Counter(c for hospital in city.hospitals for c in hospital.capabilities)
    for needed in ("pci_24h", "thrombectomy_24h", "trauma_level", "neonatal_critical", "poison"):
        assert 1 <= able[needed] < len(city.hospitals) / 2, needed


def test_each_county_has_a_sub_centre_that_leads_its_stations(city: City) -> None:
    leading = {s.id for s in city.stations if s.level is StationLevel.SUBCENTRE}
    led = [station.parent for station in city.stations if station.parent]
    assert set(led) <= leading
    assert led


def test_names_are_said_once_where_they_must_be(city: City) -> None:
    for things in (city.stations, city.hospitals, city.points):
        assert len({thing.name for thing in things}) == len(things)
        assert all(thing.name_en.isascii() for thing in things)
    assert len({unit.call_sign for unit in city.units}) == len(city.units)
    places = [place.name for place in city.localities]
    assert [name for name, count in Counter(places).items() if count > 1] == []


def test_people_live_all_over_it(city: City) -> None:
    kinds = Counter(place.kind for place in city.localities)
    assert kinds["city"] == 1
    assert kinds["village"] > 140
    assert kinds["town"] > 18
    small = [p for p in city.localities if p.kind in {"neighbourhood", "village"}]
    assert all(place.population for place in small)
    (whole,) = (place.population for place in city.localities if place.kind == "city")
    assert whole is not None
    assert 1_000_000 < whole < 4_000_000


def test_every_place_can_be_reached_from_every_other(folder: Path, city: City) -> None:
    check_roads(RoadNetwork.load(folder / "city" / ROADS_FILE), city)


async def test_the_turn_by_turn_route_crosses_the_river(folder: Path, city: City) -> None:
    ends = {h.name: h.point for h in city.hospitals}
    north, south = ends["安澜市人民医院"], ends["安澜市中心医院"]
    router = Router(RoutingConfig(tiles=folder / "city" / VALHALLA_FOLDER, budget_s=60))
    try:
        route = await router.route((north, south), language=Language.CHINESE)
    finally:
        router.close()
    assert isinstance(route, Route)
    assert distance_m(route.points[0], north) < 300
    assert distance_m(route.points[-1], south) < 300
    assert distance_m(north, south) < route.metres < 3 * distance_m(north, south)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("alsrmyy", "安澜市人民医院"),
        ("安澜市人民医院", "安澜市人民医院"),
        ("jfdq", "解放大桥"),
        ("xuefulu", "学府路"),
        ("Binjiang Avenue", "滨江大道"),
    ],
)
def test_addresses_are_found(index: AddressIndex, typed: str, meant: str) -> None:
    assert index.search(typed, near=None, limit=3)[0].label == meant


def test_a_house_of_a_walled_quarter_is_found_by_its_number(
    folder: Path, index: AddressIndex
) -> None:
    compound = next(
        thing.tags["addr:place"]
        for thing in osmium.FileProcessor(str(folder / "anlan.osm.pbf"))
        if thing.is_way() and thing.tags.get("addr:place")
    )
    (first, *_) = index.search(f"{compound}2幢", near=None, limit=3)
    assert (first.kind, first.label) == (AddressKind.HOUSE, f"{compound}2幢")


def test_the_map_is_drawn_and_the_folder_says_whence(folder: Path) -> None:
    assert (folder / "city" / TILES_FILE).stat().st_size > 1_000_000
    assert (folder / "city" / "source.txt").read_text() == f"{PREFECTURE_MARK} 1"


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.osm.pbf", tmp_path / "again.csv"
    write_prefecture(*again, 1, lambda _: None)
    assert again[0].read_bytes() == (folder / "anlan.osm.pbf").read_bytes()
    assert again[1].read_bytes() == (folder / "anlan.csv").read_bytes()


def test_another_seed_gives_another_city_of_the_same_kind(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.osm.pbf", tmp_path / "other.csv"
    write_prefecture(*other, 2, lambda _: None)
    assert other[0].read_bytes() != (folder / "anlan.osm.pbf").read_bytes()
    with other[1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["field"] == "level" for row in rows) == 22
    assert len({row["id"] for row in rows if row["kind"] == "unit"}) == 60
    assert len({row["id"] for row in rows if row["kind"] == "hospital"}) == 21
    network = import_roads(other[0], lambda *_: None).network
    assert strong_part(network).mean() > 0.97
