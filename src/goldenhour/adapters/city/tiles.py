"""The base map of a city: vector tiles in one PMTiles file, nothing fetched from anywhere.

Layers (an empty one is left out of the file) and their properties:
  road      class (motorway trunk primary secondary tertiary minor service path rail), name,
            name_en, ref, link, oneway, bridge, tunnel
  building  name
  water     class (area or the kind of waterway), name, name_en
  landuse   class (see LANDUSE), name, name_en
  boundary  class (admin_level), name, name_en
  place     class (city town village suburb ...), name, name_en, people
  poi       class (see POI), name, name_en
`name` is the Chinese or local name; flags are present only where true.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TextIO

import cubao_tippecanoe
import msgspec
import osmium

from goldenhour.adapters.city.errors import CityError, Problem
from goldenhour.adapters.city.places import LOCALITIES, Geometry, names

LAYERS: Final = ("landuse", "water", "building", "road", "boundary", "place", "poi")
_LOWEST_ZOOM: Final = 5
_HIGHEST_ZOOM: Final = 14
_ROADS: Final = {
    "motorway": ("motorway", 5),
    "trunk": ("trunk", 6),
    "primary": ("primary", 7),
    "secondary": ("secondary", 9),
    "tertiary": ("tertiary", 10),
    "unclassified": ("minor", 12),
    "residential": ("minor", 12),
    "living_street": ("minor", 12),
    "road": ("minor", 12),
    "busway": ("service", 13),
    "service": ("service", 13),
    "pedestrian": ("path", 13),
    "footway": ("path", 14),
    "cycleway": ("path", 14),
    "path": ("path", 14),
    "steps": ("path", 14),
    "track": ("path", 13),
}
_WATERWAYS: Final = {"river": 8, "canal": 10, "stream": 12, "ditch": 14, "drain": 14}
_PLACES: Final = {"city": 5, "town": 7, "village": 10, "suburb": 11, "quarter": 12, "hamlet": 12}
_BOUNDARIES: Final = {"4": 5, "5": 6, "6": 7}
"""Provinces, prefectures, counties."""
LANDUSE: Final = {
    ("landuse", "residential"): ("residential", 9),
    ("landuse", "commercial"): ("commercial", 10),
    ("landuse", "retail"): ("commercial", 10),
    ("landuse", "industrial"): ("industrial", 9),
    ("landuse", "railway"): ("industrial", 11),
    ("landuse", "forest"): ("forest", 7),
    ("natural", "wood"): ("forest", 7),
    ("natural", "scrub"): ("grass", 11),
    ("natural", "grassland"): ("grass", 11),
    ("landuse", "farmland"): ("farmland", 8),
    ("landuse", "orchard"): ("farmland", 10),
    ("landuse", "allotments"): ("grass", 12),
    ("landuse", "meadow"): ("grass", 9),
    ("landuse", "grass"): ("grass", 12),
    ("landuse", "village_green"): ("park", 12),
    ("landuse", "recreation_ground"): ("park", 11),
    ("landuse", "cemetery"): ("cemetery", 11),
    ("leisure", "park"): ("park", 10),
    ("leisure", "garden"): ("park", 13),
    ("leisure", "pitch"): ("pitch", 13),
    ("leisure", "stadium"): ("pitch", 12),
    ("leisure", "sports_centre"): ("pitch", 12),
    ("amenity", "hospital"): ("hospital", 11),
    ("amenity", "school"): ("school", 12),
    ("amenity", "university"): ("school", 11),
    ("amenity", "kindergarten"): ("school", 13),
    ("amenity", "parking"): ("parking", 14),
}
"""Key and value on the map -> class and first zoom."""
POI: Final = {
    ("amenity", "hospital"): ("hospital", 10),
    ("healthcare", "hospital"): ("hospital", 10),
    ("emergency", "ambulance_station"): ("ambulance_station", 11),
    ("emergency", "defibrillator"): ("aed", 13),
    ("amenity", "clinic"): ("clinic", 13),
    ("amenity", "doctors"): ("clinic", 14),
    ("amenity", "pharmacy"): ("pharmacy", 14),
    ("amenity", "fire_station"): ("fire_station", 12),
    ("amenity", "police"): ("police", 12),
    ("amenity", "townhall"): ("townhall", 12),
    ("amenity", "school"): ("school", 13),
    ("amenity", "university"): ("school", 12),
    ("amenity", "kindergarten"): ("school", 14),
    ("amenity", "fuel"): ("fuel", 14),
    ("amenity", "bank"): ("bank", 14),
    ("amenity", "marketplace"): ("shop", 13),
    ("amenity", "restaurant"): ("food", 14),
    ("amenity", "bus_station"): ("station", 12),
    ("railway", "station"): ("station", 11),
    ("highway", "bus_stop"): ("bus_stop", 14),
    ("tourism", "hotel"): ("hotel", 14),
    ("tourism", "museum"): ("sight", 13),
    ("tourism", "attraction"): ("sight", 13),
    ("leisure", "stadium"): ("sight", 13),
    ("leisure", "park"): ("park", 13),
    ("shop", "supermarket"): ("shop", 14),
    ("shop", "mall"): ("shop", 13),
    ("landuse", "residential"): ("compound", 14),
}
"""As LANDUSE, for what is drawn as a sign."""
_KEYS: Final = tuple(dict.fromkeys(key for key, _ in (*POI, *LANDUSE)))


class Layers:
    """Writes features while the importer passes through the extract, then builds the tiles."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._geojson = osmium.geom.GeoJSONFactory()
        self._files: dict[str, TextIO] = {}
        self.counts = dict.fromkeys(LAYERS, 0)
        self.cut_off = 0

    def __enter__(self) -> Self:
        for layer in LAYERS:
            self._files[layer] = self._path(layer).open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def see_node(self, node: Any) -> None:
        self._see_sign(node, self._geojson.create_point)

    def see_way(self, way: Any) -> None:
        tags = way.tags
        shape = self._geojson.create_linestring
        road = _ROADS.get(tags.get("highway", "").removesuffix("_link"))
        if road and tags.get("area") != "yes":
            self._write("road", way, road, shape, **_road_facts(tags))
        elif tags.get("railway") in {"rail", "light_rail", "subway"}:
            self._write("road", way, ("rail", 10), shape, **_road_facts(tags))
        elif (zoom := _WATERWAYS.get(tags.get("waterway", ""))) and tags.get("tunnel") != "yes":
            self._write("water", way, (tags["waterway"], zoom), shape)
        level = tags.get("admin_level", "")
        if tags.get("boundary") == "administrative" and level in _BOUNDARIES:
            self._write("boundary", way, (level, _BOUNDARIES[level]), shape)

    def see_area(self, area: Any, geometry: Geometry) -> None:
        tags = area.tags
        shape = self._geojson.create_multipolygon
        if tags.get("building", "no") != "no":
            self._write("building", area, (None, 13), shape)
        elif tags.get("natural") == "water" or tags.get("waterway") == "riverbank":
            self._write("water", area, ("area", 6), shape)
        elif landuse := _first(LANDUSE, tags):
            self._write("landuse", area, landuse, shape)
        if (_first(POI, tags) or tags.get("place")) and (placed := geometry.find(area)):
            point = placed[0]
            self._see_sign(
                area, lambda _: f'{{"type":"Point","coordinates":[{point.lon},{point.lat}]}}'
            )

    def build(self, target: Path, *, name: str, attribution: str) -> None:
        """Nothing is written where the extract holds nothing to draw."""
        layers = [layer for layer in LAYERS if self.counts[layer]]
        if not layers:
            return
        program = Path(cubao_tippecanoe.__file__).with_name("__cubao_tippecanoe_tippecanoe.exe")
        command = [str(program), "-o", str(target), "-f", "-q", "-P"]
        command += [f"-Z{_LOWEST_ZOOM}", f"-z{_HIGHEST_ZOOM}"]
        command += ["--drop-densest-as-needed", "--no-tile-size-limit"]
        command += ["-n", name, "-A", attribution, "-t", str(self._folder)]
        for layer in layers:
            command += ["-L", f"{layer}:{self._path(layer)}"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own wheel's program, no shell)
        if run.returncode != 0:
            raise CityError(Problem.TILES_FAILED, target.name, run.stderr.strip()[-500:])

    def _see_sign(self, thing: Any, shape: Callable[[Any], str]) -> None:
        tags = thing.tags
        place = tags.get("place")
        if place in LOCALITIES and tags.get("name"):
            people = tags.get("population", "")
            facts = {"people": int(people)} if people.isdecimal() else {}
            self._write("place", thing, (place, _PLACES.get(place, 13)), shape, **facts)
        elif (sign := _first(POI, tags)) and (sign[0] != "compound" or tags.get("name")):
            self._write("poi", thing, sign, shape)

    def _write(
        self,
        layer: str,
        thing: Any,
        kind: tuple[str | None, int],
        shape: Callable[[Any], str],
        **facts: Any,
    ) -> None:
        try:
            geometry = shape(thing)
        except RuntimeError:  # osmium's: a point of the object is not in the extract
            self.cut_off += 1
            return
        value, zoom = kind
        local, english = names(thing.tags)
        properties = {"class": value, "name": local, **facts}
        if english != local:
            properties["name_en"] = english
        feature = {
            "type": "Feature",
            "tippecanoe": {"minzoom": zoom},
            "properties": {key: fact for key, fact in properties.items() if fact},
            "geometry": msgspec.Raw(geometry.encode()),
        }
        # One feature per line: tippecanoe reads the file in parallel.
        self._files[layer].write(msgspec.json.encode(feature).decode() + "\n")
        self.counts[layer] += 1

    def _path(self, layer: str) -> Path:
        return self._folder / f"{layer}.geojson"


def _road_facts(tags: Any) -> dict[str, Any]:
    return {
        "ref": tags.get("ref"),
        "link": tags.get("highway", "").endswith("_link"),
        "oneway": tags.get("oneway") in {"yes", "1", "-1"},
        "bridge": tags.get("bridge", "no") != "no",
        "tunnel": tags.get("tunnel", "no") != "no",
    }


def _first(table: dict[tuple[str, str], tuple[str, int]], tags: Any) -> tuple[str, int] | None:
    for key in _KEYS:
        if found := table.get((key, tags.get(key, ""))):
            return found
    return None
