import gzip
import json
import os
from pathlib import Path

import msgspec
import pytest

from goldenhour.adapters.city.errors import CityError, Problem
from goldenhour.adapters.city.importer import CityReport, Remark, Stage, import_city
from goldenhour.adapters.city.overrides import COLUMNS
from goldenhour.domain.register.city import City
from goldenhour.simulator.town import write_town

DATA = Path(os.environ.get("GOLDENHOUR_DATA", "../shared/data"))


def run(source: Path, target: Path, overrides: Path | None = None) -> CityReport:
    return import_city(source, target, overrides=overrides, name=None, progress=lambda _: None)


def real(name: str) -> Path:
    path = DATA / "cities" / name
    if not path.exists():
        pytest.skip(f"GOLDENHOUR_DATA has no {name}")
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    write_town(path, 1)
    return path


def vector_layers(tiles: Path) -> dict[str, set[str]]:
    data = tiles.read_bytes()
    assert data[:7] == b"PMTiles"
    start, length = (int.from_bytes(data[at : at + 8], "little") for at in (24, 32))
    metadata = json.loads(gzip.decompress(data[start : start + length]))
    return {layer["id"]: set(layer["fields"]) for layer in metadata["vector_layers"]}


def test_the_generated_town_becomes_a_city(town: Path, tmp_path: Path) -> None:
    stages: list[Stage] = []
    target = tmp_path / "city"
    report = import_city(town, target, overrides=None, name=None, progress=stages.append)
    city = msgspec.json.decode((target / "city.json").read_bytes(), type=City)
    assert city == report.city
    assert stages == list(Stage)
    assert (city.name, city.fictional) == ("澜溪示范镇", True)
    assert "fictional" in city.attribution
    assert [len(x) for x in (city.stations, city.hospitals, city.aeds, city.signals)] == [
        2, 3, 6, 12,
    ]  # fmt: skip
    assert [unit.call_sign for unit in city.units] == ["A-01", "A-02", "B-01", "B-02"]
    assert all(thing.assumed for thing in (*city.units, *city.hospitals))
    assert report.house_numbers > 500
    assert Remark.UNITS_ASSUMED in report.remarks
    layers = vector_layers(target / "tiles.pmtiles")
    assert set(layers) == {"landuse", "water", "building", "road", "place", "poi"}
    assert {"class", "name", "name_en", "bridge", "oneway"} <= layers["road"]
    assert any((target / "valhalla").rglob("*.gph"))
    assert (target / "addresses.sqlite").stat().st_size > 0
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_import_gives_the_same_city_and_replaces_the_first(
    town: Path, tmp_path: Path
) -> None:
    target = tmp_path / "city"
    first = run(town, target)
    (target / "stale").touch()
    assert run(town, target).city == first.city
    assert not (target / "stale").exists()


def test_overrides_are_applied_whole_or_not_at_all(town: Path, tmp_path: Path) -> None:
    target, overrides = tmp_path / "city", tmp_path / "overrides.csv"
    before = run(town, target).city
    good = f"hospital,{before.hospitals[0].id},,,,,ecmo,yes"
    overrides.write_text("\n".join([",".join(COLUMNS), good, "unit,w0,x,,,,,"]), encoding="utf-8")
    with pytest.raises(CityError, match="line 3, column id"):
        run(town, target, overrides)
    assert msgspec.json.decode((target / "city.json").read_bytes(), type=City) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "overrides.csv"]
    overrides.write_text("\n".join([",".join(COLUMNS), good]), encoding="utf-8")
    after = run(town, target, overrides).city
    assert (after.hospitals[0].capabilities, after.hospitals[0].assumed) == (("ecmo",), False)
    assert after.overrides_sha256


def test_sources_that_are_no_city_are_refused(tmp_path: Path) -> None:
    rubbish, roadless = tmp_path / "x.osm.pbf", tmp_path / "y.osm"
    rubbish.write_bytes(b"\x00\x00\x00\x0d not a pbf")
    roadless.write_text('<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>')
    for source, problem in (
        (tmp_path / "absent.osm.pbf", Problem.SOURCE_MISSING),
        (rubbish, Problem.SOURCE_UNREADABLE),
        (roadless, Problem.NO_ROADS),
    ):
        with pytest.raises(CityError) as error:
            run(source, tmp_path / "city")
        assert error.value.problem is problem
        assert not (tmp_path / "city").exists()


def test_bad_hersfeld_from_osm_gz(tmp_path: Path) -> None:
    report = run(real("bad-hersfeld/bad-hersfeld.osm.gz"), tmp_path / "city")
    city = report.city
    assert (city.name, city.fictional) == ("Bad Hersfeld", False)
    assert "OpenStreetMap" in city.attribution
    assert [s.id for s in city.stations] == ["w692928873", "w693045251"]
    assert [len(x) for x in (city.hospitals, city.aeds, city.signals)] == [6, 4, 69]
    best = max(city.hospitals, key=lambda hospital: len(hospital.capabilities))
    assert best.name == "Klinikum Bad Hersfeld"
    assert report.features["building"] > 11_000


def test_the_example_of_the_guide_works_as_it_is_printed(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "howto" / "city-overrides.md"
    example = guide.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    overrides = tmp_path / "overrides.csv"
    overrides.write_text(example, encoding="utf-8")
    city = run(real("bad-hersfeld/bad-hersfeld.osm.gz"), tmp_path / "city", overrides).city
    assert [(u.call_sign, u.assumed) for u in city.units if u.station_id == "local-north"] == [
        ("救07", False)
    ]
    (hospital,) = (h for h in city.hospitals if not h.assumed)
    assert (hospital.capabilities, hospital.beds) == (("pci_24h", "ct_24h"), 520)
    assert any(aed.opening_hours == "24/7" for aed in city.aeds if aed.id == "n1218749858")


def test_a_city_without_stations_gets_none_invented_until_a_file_adds_one(tmp_path: Path) -> None:
    source, overrides = real("nanchang/nanchang.osm.pbf"), tmp_path / "overrides.csv"
    report = run(source, tmp_path / "city")
    assert {Remark.NO_STATIONS, Remark.NO_HOSPITALS} <= set(report.remarks)
    assert report.city.units == ()
    assert set(vector_layers(tmp_path / "city" / "tiles.pmtiles")) == {"road"}
    line = "station,local-1,南昌急救站,Nanchang,28.67,115.87,,"
    overrides.write_text(f"{','.join(COLUMNS)}\n{line}\n", encoding="utf-8")
    added = run(source, tmp_path / "city", overrides)
    assert [unit.call_sign for unit in added.city.units] == ["A-01", "A-02"]
    assert Remark.NO_STATIONS not in added.remarks
