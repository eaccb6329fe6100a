"""Turns an OpenStreetMap extract into the folder that the product runs a city from.

Rule 1: the target appears whole or not at all: everything is written beside it, then renamed.
Rule 2: one pass over the extract feeds places, addresses and tiles.
Rule 3: a city without stations gets none invented; the report says so, and an overrides file can
add one.
The folder: `city.json` (a City), `addresses.sqlite`, `tiles.pmtiles`, `valhalla/`. The road
graph is added by its own builder.
"""

import hashlib
import statistics
import tempfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
import osmium

from goldenhour.adapters.city.address_build import Addresses
from goldenhour.adapters.city.assumptions import assume_capabilities, assume_units
from goldenhour.adapters.city.errors import CityError, Problem
from goldenhour.adapters.city.files import (
    ADDRESSES_FILE,
    CITY_FILE,
    TILES_FILE,
    VALHALLA_FOLDER,
)
from goldenhour.adapters.city.overrides import (
    apply_aeds,
    apply_hospitals,
    apply_points,
    apply_stations,
    apply_units,
    read_overrides,
)
from goldenhour.adapters.city.places import LOCALITIES, Found, Geometry, Places
from goldenhour.adapters.city.tiles import Layers
from goldenhour.adapters.city.valhalla_tiles import build_valhalla
from goldenhour.domain.register.city import (
    Bounds,
    City,
    CityHospital,
    FirstAidPoint,
    Locality,
    Signal,
    Station,
)
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.record import Record

_OSM_ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL 1.0)"
_FICTIONAL_ATTRIBUTION: Final = "虚构城镇 / fictional town (GoldenHour)"
_FEWEST: Final = 12
"""With fewer signals, hospitals and stations than this a city has no core to speak of."""
_CORE: Final = 1.6
"""The core reaches so many times the median distance from the middle."""
_ENDINGS: Final = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm")


class Stage(StrEnum):
    READ = "read"
    ADDRESSES = "addresses"
    TILES = "tiles"
    ROUTING = "routing"
    FINISHED = "finished"


class Remark(StrEnum):
    """What the person who imports must know; the words are in the message catalogues."""

    NO_STATIONS = "no_stations"
    NO_HOSPITALS = "no_hospitals"
    NO_AEDS = "no_aeds"
    NO_SIGNALS = "no_signals"
    NO_HOUSE_NUMBERS = "no_house_numbers"
    UNITS_ASSUMED = "units_assumed"
    CAPABILITIES_ASSUMED = "capabilities_assumed"


class CityReport(Record):
    city: City
    drivable_ways: int
    address_names: int
    house_numbers: int
    features: dict[str, int]
    """Drawn features by layer of the map."""
    doubles_merged: int
    cut_off: int
    """Objects left out since a part of them lies outside the extract."""
    remarks: tuple[Remark, ...]


Progress = Callable[[Stage], None]


def import_city(
    source: Path,
    target: Path,
    *,
    overrides: Path | None,
    name: str | None,
    progress: Progress,
) -> CityReport:
    """Replaces `target`; raises CityError and leaves it as it was if anything is wrong."""
    if not source.is_file():
        raise CityError(Problem.SOURCE_MISSING, str(source), "no such file")
    if not source.name.endswith(_ENDINGS):
        raise CityError(
            Problem.SOURCE_UNREADABLE, source.name, f"must end in one of {', '.join(_ENDINGS)}"
        )
    corrections = _read(overrides) if overrides else None
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        folder, thrown_away = Path(scratch, "city"), Path(scratch, "scratch")
        folder.mkdir()
        thrown_away.mkdir()
        report = _build(source, folder, thrown_away, corrections, name=name, progress=progress)
        _put(folder, target, Path(scratch, "old"))
    progress(Stage.FINISHED)
    return report


def _build(
    source: Path,
    folder: Path,
    scratch: Path,
    corrections: bytes | None,
    *,
    name: str | None,
    progress: Progress,
) -> CityReport:
    rows = read_overrides(corrections) if corrections is not None else ()
    geometry = Geometry()
    places, addresses, layers = Places(geometry), Addresses(geometry), Layers(scratch)
    progress(Stage.READ)
    with layers:
        _pass(source, geometry, places, addresses, layers)
    bounds = places.find_bounds()
    if bounds is None:
        raise CityError(Problem.NO_ROADS, source.name, "no road that a vehicle may use")

    mapped = places.list_hospitals()
    stations = apply_stations(rows, [_station(found) for found in places.list_stations()])
    hospitals = assume_capabilities(
        apply_hospitals(rows, [_hospital(found) for found in mapped]),
        {found.id: found.footprint_m2 for found in mapped},
        frozenset(found.id for found in mapped if found.tags.get("emergency") == "no"),
    )
    signals = places.list_signals()
    centre = Point(lat=(bounds.south + bounds.north) / 2, lon=(bounds.west + bounds.east) / 2)
    town = _find_town(places.localities, centre)
    fictional = any(found.tags.get("fictional") == "yes" for found in places.localities)
    fallback = source.name.split(".", 1)[0]
    city = City(
        name=name or (town.name if town else fallback),
        name_en=(town.name_en if town else None) or name or fallback,
        fictional=fictional,
        bounds=bounds,
        centre=town.point if town else centre,
        attribution=_FICTIONAL_ATTRIBUTION if fictional else _OSM_ATTRIBUTION,
        source_sha256=_sha256(source),
        overrides_sha256=hashlib.sha256(corrections).hexdigest()
        if corrections is not None
        else None,
        stations=tuple(stations),
        hospitals=tuple(hospitals),
        aeds=tuple(apply_aeds(rows, places.aeds)),
        signals=tuple(signals),
        units=tuple(apply_units(rows, assume_units(stations), stations)),
        points=tuple(apply_points(rows, [_point(found) for found in places.list_points()])),
        localities=tuple(_locality(found) for found in places.localities),
        core=_core([*signals, *hospitals, *stations], bounds),
    )

    progress(Stage.ADDRESSES)
    address_names, houses = addresses.write(folder / ADDRESSES_FILE, places.localities)
    progress(Stage.TILES)
    layers.build(folder / TILES_FILE, name=city.name, attribution=city.attribution)
    progress(Stage.ROUTING)
    build_valhalla(source.absolute(), folder / VALHALLA_FOLDER, scratch)
    (folder / CITY_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(city)))
    return CityReport(
        city=city,
        drivable_ways=places.drivable_ways,
        address_names=address_names,
        house_numbers=houses,
        features={layer: count for layer, count in layers.counts.items() if count},
        doubles_merged=places.count_doubles(),
        cut_off=geometry.cut_off + layers.cut_off,
        remarks=_remarks(city, houses),
    )


def _pass(
    source: Path, geometry: Geometry, places: Places, addresses: Addresses, layers: Layers
) -> None:
    try:
        extract = osmium.FileProcessor(str(source)).with_locations().with_areas()
        thing: Any
        for thing in extract.with_filter(osmium.filter.EmptyTagFilter()):
            if thing.is_way():
                places.see_way(thing)
                addresses.see_way(thing)
                layers.see_way(thing)
            elif thing.is_node():
                places.see(thing)
                addresses.see(thing)
                layers.see_node(thing)
            elif thing.is_area():
                places.see(thing)
                addresses.see(thing)
                layers.see_area(thing, geometry)
    except RuntimeError as error:  # osmium's own: not the format, or cut short
        raise CityError(Problem.SOURCE_UNREADABLE, source.name, str(error)) from error


def _station(found: Found) -> Station:
    return Station(id=found.id, name=found.name, name_en=found.name_en, point=found.point)


def _point(found: Found) -> FirstAidPoint:
    return FirstAidPoint(id=found.id, name=found.name, name_en=found.name_en, point=found.point)


def _locality(found: Found) -> Locality:
    people = found.tags.get("population", "")
    return Locality(
        id=found.id,
        name=found.name,
        name_en=found.name_en,
        kind=found.tags["place"],
        point=found.point,
        population=int(people) if people.isdecimal() else None,
    )


def _core(things: Sequence[Signal | CityHospital | Station], bounds: Bounds) -> Bounds | None:
    """Around the median of what only a town has; None where that is all of the extract."""
    if len(things) < _FEWEST:
        return None
    points = [thing.point for thing in things]
    middle = Point(
        lat=statistics.median(p.lat for p in points), lon=statistics.median(p.lon for p in points)
    )
    reach_m = _CORE * statistics.median(distance_m(middle, point) for point in points)
    near = [point for point in points if distance_m(middle, point) <= reach_m]
    # The outermost twentieth on each side would widen the view for the sake of a few.
    lats = statistics.quantiles((p.lat for p in near), n=20)
    lons = statistics.quantiles((p.lon for p in near), n=20)
    core = Bounds(south=lats[0], west=lons[0], north=lats[-1], east=lons[-1])
    whole = (bounds.north - bounds.south) * (bounds.east - bounds.west)
    part = (core.north - core.south) * (core.east - core.west)
    return core if part < whole / 2 else None


def _hospital(found: Found) -> CityHospital:
    beds = found.tags.get("beds", "")
    return CityHospital(
        id=found.id,
        name=found.name,
        name_en=found.name_en,
        point=found.point,
        capabilities=(),
        assumed=True,
        beds=int(beds) if beds.isdecimal() else None,
    )


def _find_town(localities: list[Found], centre: Point) -> Found | None:
    """The place that names the extract: the highest kind, then the nearest to the middle."""
    return min(
        localities,
        key=lambda f: (LOCALITIES.index(f.tags["place"]), distance_m(f.point, centre)),
        default=None,
    )


def _remarks(city: City, houses: int) -> tuple[Remark, ...]:
    holds = {
        Remark.NO_STATIONS: not city.stations,
        Remark.NO_HOSPITALS: not city.hospitals,
        Remark.NO_AEDS: not city.aeds,
        Remark.NO_SIGNALS: not city.signals,
        Remark.NO_HOUSE_NUMBERS: not houses,
        Remark.UNITS_ASSUMED: any(unit.assumed for unit in city.units),
        Remark.CAPABILITIES_ASSUMED: any(hospital.assumed for hospital in city.hospitals),
    }
    return tuple(remark for remark, true in holds.items() if true)


def _read(overrides: Path) -> bytes:
    try:
        return overrides.read_bytes()
    except OSError as error:
        raise CityError(
            Problem.OVERRIDES_UNREADABLE, str(overrides), error.strerror or "unreadable"
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(folder: Path, target: Path, old: Path) -> None:
    """Between the two renames there is no target; a failure of the second puts the old back."""
    if target.exists():
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
