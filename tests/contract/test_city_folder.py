"""The city's folder is replaced as a whole, and never by another city than is at home here."""

from pathlib import Path

import msgspec
import pytest

from goldenhour.adapters.city.files import CITY_FILE
from goldenhour.domain.register.city import City
from goldenhour.main.city import ensure_city
from goldenhour.main.city_file import read_city


def ensure_town(folder: Path) -> None:
    ensure_city(folder, source=None, overrides=None, town=True, say=lambda _: None)


def build_again(folder: Path) -> None:
    """As a newer extract of the same place does."""
    (folder / "source.txt").write_text("older")


def change_units(folder: Path, prefix: str) -> City:
    city = read_city(folder)
    assert city is not None
    units = tuple(msgspec.structs.replace(unit, id=prefix + unit.id) for unit in city.units)
    changed = msgspec.structs.replace(city, units=units)
    (folder / CITY_FILE).write_bytes(msgspec.json.encode(changed))
    return changed


def test_another_city_is_refused_and_the_folder_is_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "city"
    ensure_town(folder)
    theirs = change_units(folder, "elsewhere-")
    build_again(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(SystemExit, match=r"another city.*GOLDENHOUR_STATE"):
        ensure_town(folder)
    assert read_city(folder) == theirs
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["city", "town.osm.pbf"]


def test_a_newer_extract_of_the_same_city_takes_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "city"
    ensure_town(folder)
    built = read_city(folder)
    build_again(folder)
    ensure_town(folder)
    assert read_city(folder) == built
    assert (folder / "source.txt").read_text() != "older"


def test_a_city_without_vehicles_gives_way_to_any(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "city"
    ensure_town(folder)
    city = read_city(folder)
    assert city is not None
    (folder / CITY_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(city, units=())))
    build_again(folder)
    ensure_town(folder)
    assert read_city(folder) == city
