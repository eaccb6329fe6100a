from collections.abc import Iterator
from pathlib import Path

import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldenhour.adapters.city.address_build import Addresses
from goldenhour.adapters.city.addresses import AddressIndex
from goldenhour.adapters.city.places import Geometry, Places
from goldenhour.domain.register.city import AddressKind
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.simulator.town import write_town


def build_index(source: Path, target: Path) -> None:
    geometry = Geometry()
    places, addresses = Places(geometry), Addresses(geometry)
    for thing in osmium.FileProcessor(str(source)).with_locations().with_areas():
        if thing.is_way():
            addresses.see_way(thing)
        elif thing.is_node() or thing.is_area():
            places.see(thing)
            addresses.see(thing)
    addresses.write(target, places.localities)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddressIndex]:
    folder = tmp_path_factory.mktemp("addresses")
    write_town(folder / "town.osm.pbf", 1)
    build_index(folder / "town.osm.pbf", folder / "addresses.sqlite")
    with AddressIndex(folder / "addresses.sqlite") as opened:
        yield opened


def first(index: AddressIndex, text: str) -> str:
    hits = index.search(text, near=None, limit=5)
    return hits[0].label if hits else ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("人民医院", "澜溪人民医院"),
        ("rmyy", "澜溪人民医院"),
        ("renminyiyuan", "澜溪人民医院"),
        ("Ren Min Yi Yuan", "澜溪人民医院"),
        ("医院人民", "澜溪人民医院"),
        ("lanxi people's hospital", "澜溪人民医院"),
        ("hospital people's", "澜溪人民医院"),
        ("滨江北路", "滨江北路"),
        ("bjbl", "滨江北路"),
        ("病江北路", "滨江北路"),
        ("binjianbeilu", "滨江北路"),
        ("Renmin Road", "人民路"),
        ("南岸小学", "南岸小学"),
        ("钟楼街3号", "钟楼街3号"),
        ("zlj 3", "钟楼街3号"),
        ("zhonglou street 3", "钟楼街3号"),
        ("3 钟楼街", "钟楼街3号"),
        ("澜溪示范镇钟楼街3号2单元", "钟楼街3号"),
    ],
)
def test_callers_say_it_in_many_ways(index: AddressIndex, typed: str, meant: str) -> None:
    assert first(index, typed) == meant


def test_the_matched_letters_are_shown(index: AddressIndex) -> None:
    (hit,) = index.search("rmyy", near=None, limit=1)
    assert hit.span is not None
    assert hit.label[slice(*hit.span)] == "人民医院"
    (hit,) = index.search("Renmin Road", near=None, limit=1)
    assert (hit.label, hit.span) == ("人民路", None)


def test_a_number_that_does_not_exist_gives_the_street_and_no_other_house(
    index: AddressIndex,
) -> None:
    hits = index.search("钟楼街9999号", near=None, limit=3)
    assert hits[0].kind is AddressKind.STREET
    assert hits[0].label == "钟楼街"
    assert not any(hit.kind is AddressKind.HOUSE for hit in hits)


def test_nearness_decides_between_equals(index: AddressIndex) -> None:
    streets = [
        hit for hit in index.search("滨江公园", near=None, limit=9) if hit.label == "滨江公园"
    ]
    assert len(streets) > 1
    for street in streets:
        nearest = index.search("滨江公园", near=street.point, limit=1)[0]
        assert nearest.point == street.point
        assert nearest.distance_m == 0


def test_there_and_back(index: AddressIndex) -> None:
    (hit,) = index.search("澜溪大道100号", near=None, limit=1)
    back = index.reverse(hit.point)
    assert back is not None
    assert (back.kind, back.label) == (AddressKind.HOUSE, "澜溪大道100号")
    assert back.distance_m == pytest.approx(0, abs=0.5)
    beside = Point(lat=hit.point.lat + 0.0001, lon=hit.point.lon)
    near = index.reverse(beside)
    assert near is not None
    assert near.distance_m == pytest.approx(distance_m(beside, near.point))
    assert index.reverse(Point(lat=0, lon=0)) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=100))
def test_no_text_breaks_the_search(index: AddressIndex, text: str) -> None:
    for hit in index.search(text, near=None, limit=5):
        assert 0 <= hit.score <= 1
        assert hit.span is None or 0 <= hit.span[0] < hit.span[1] <= len(hit.label)
