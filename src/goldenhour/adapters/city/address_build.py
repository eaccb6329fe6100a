"""Writes the address index of a city: one SQLite file, never changed after the import.

Rule 1: names (streets, places, points of interest) are searched by text; house numbers hang on
their street, so a search costs by the number of names, not of houses.
Rule 2: one name in two places is two streets: pieces more than 400 m apart are not joined.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from goldenhour.adapters.city.address_text import (
    INITIALS,
    PINYIN,
    WRITTEN,
    fold_number,
    forms,
    grams,
    has_han,
)
from goldenhour.adapters.city.places import DRIVABLE, LOCALITIES, Found, Geometry, names
from goldenhour.domain.register.city import AddressKind
from goldenhour.kernel.geo import Point

_WALKABLE: Final = frozenset({"pedestrian", "footway", "path", "track", "steps", "cycleway"})
_POI_KEYS: Final = (
    "amenity",
    "emergency",
    "healthcare",
    "shop",
    "tourism",
    "leisure",
    "office",
    "railway",
    "public_transport",
    "historic",
    "man_made",
    "building",
    "landuse",
    "natural",
    "highway",
)
_SAME_STREET_M: Final = 400
_LOCALITY_M: Final = 3_000
_THIN_M: Final = 40
_M_PER_DEGREE: Final = 111_195
_SCHEMA: Final = """
create table name (
  id integer primary key, kind text not null, label text not null, label_en text not null,
  locality text not null, lat real not null, lon real not null, weight real not null
);
create virtual table gram using fts5(
  pieces, content='', tokenize="unicode61 remove_diacritics 0"
);
create virtual table gram_count using fts5vocab(gram, row);
create table house (
  street integer not null, number text not null, shown text not null,
  lat real not null, lon real not null, primary key (street, number)
) without rowid;
create virtual table spot using rtree(
  id, south, north, west, east, +name integer, +number text, +lat real, +lon real
);
"""
# What a caller most often means where two names fit equally.
_WEIGHTS: Final = {"hospital": 1.0, "ambulance_station": 0.9, "place": 0.8, "street": 0.6}
_OTHER_WEIGHT: Final = 0.4


class Addresses:
    """Collects while the importer passes once through the extract."""

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self._pieces: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._english: dict[str, str] = {}
        self._houses: dict[str, list[tuple[str, Point]]] = defaultdict(list)
        self._named: dict[tuple[str, int, int], tuple[str, str, Point, float]] = {}

    def see(self, thing: Any) -> None:
        """A node or an area with tags."""
        tags = thing.tags
        number = tags.get("addr:housenumber")
        street = tags.get("addr:street") or tags.get("addr:place")
        label, english = names(tags)
        kind = _kind(tags) if label else None
        if not (number and street) and kind is None:
            if tags.get("highway") == "milestone" and tags.get("distance"):
                label = english = f"{tags.get('ref', '')} {tags['distance']} km".strip()
                kind = "milestone"
            else:
                return
        placed = self._geometry.find(thing)
        if placed is None:
            return
        point = placed[0]
        if number and street:
            for part in number.replace(",", ";").split(";"):
                if part.strip():
                    self._houses[street].append((part.strip(), point))
        if kind is not None:
            # A pin and its building, or a stop on either side of the street, are one entry.
            cell = (label, round(point.lat / 0.002), round(point.lon / 0.002))
            self._named.setdefault(cell, (kind, english, point, placed[1]))

    def see_way(self, way: Any) -> None:
        tags = way.tags
        if tags.get("highway") not in DRIVABLE and tags.get("highway") not in _WALKABLE:
            return
        label, english = names(tags)
        if not label:
            return
        places = [(n.lat, n.lon) for n in way.nodes if n.location.valid()]
        self._pieces[label].extend(places)
        self._english[label] = english

    def write(self, path: Path, localities: Sequence[Found]) -> tuple[int, int]:
        """The number of names and the number of houses."""
        nearest = _Localities(localities)
        database = sqlite3.connect(path)
        try:
            database.executescript(_SCHEMA)
            writer = _Writer(database, nearest)
            for label in sorted(self._pieces.keys() | self._houses.keys()):
                writer.add_streets(
                    label,
                    self._english.get(label, label),
                    self._pieces.get(label, []),
                    self._houses.get(label, []),
                )
            for (label, *_), (kind, english, point, _size) in sorted(
                self._named.items(), key=lambda item: item[0]
            ):
                if kind == "residential" and label in self._houses:
                    continue  # a walled quarter is written as the street of its houses
                named = AddressKind.PLACE if kind == "place" else AddressKind.POI
                ident = writer.add_name(named, label, english, point, kind)
                writer.add_spot(ident, "", point)
            database.commit()
            database.execute("insert into gram(gram) values ('optimize')")
            database.commit()
            database.execute("vacuum")
        finally:
            database.close()
        return writer.names, writer.houses


def _kind(tags: Any) -> str | None:
    if tags.get("place") in LOCALITIES or tags.get("place") in {"square", "locality"}:
        return "place"
    if tags.get("highway") in DRIVABLE or tags.get("highway") in _WALKABLE:
        return None
    for key in _POI_KEYS:
        value = tags.get(key)
        if value and value != "no":
            return str(value)
    return None


class _Localities:
    def __init__(self, localities: Sequence[Found]) -> None:
        self._names = [found.name for found in localities]
        points = [(found.point.lat, found.point.lon) for found in localities]
        self._tree = KDTree(_metres(points)) if points else None

    def find(self, point: Point) -> str:
        if self._tree is None:
            return ""
        distance_m, index = self._tree.query(_metres([(point.lat, point.lon)])[0])
        return self._names[index] if distance_m <= _LOCALITY_M else ""


class _Writer:
    def __init__(self, database: sqlite3.Connection, localities: _Localities) -> None:
        self._database = database
        self._localities = localities
        self.names = 0
        self._spots = 0
        self.houses = 0

    def add_name(
        self, kind: AddressKind, label: str, english: str, point: Point, weight: str
    ) -> int:
        self.names += 1
        self._database.execute(
            "insert into name values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.names,
                kind,
                label,
                english,
                self._localities.find(point),
                point.lat,
                point.lon,
                _WEIGHTS.get(weight, _OTHER_WEIGHT),
            ),
        )
        local = forms(label)
        pieces = grams(local.written.text, WRITTEN)
        pieces += grams(local.pinyin.text, PINYIN) + grams(local.initials.text, INITIALS)
        if english != label:
            pieces += grams(forms(english).written.text, WRITTEN)
        self._database.execute(
            "insert into gram(rowid, pieces) values (?, ?)", (self.names, " ".join(pieces))
        )
        return self.names

    def add_spot(self, name: int, number: str, point: Point) -> None:
        self._spots += 1
        lat, lon = point.lat, point.lon
        self._database.execute(
            "insert into spot values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self._spots, lat, lat, lon, lon, name, number, lat, lon),
        )

    def add_streets(
        self,
        label: str,
        english: str,
        pieces: list[tuple[float, float]],
        houses: list[tuple[str, Point]],
    ) -> None:
        places = pieces + [(point.lat, point.lon) for _, point in houses]
        groups = _groups(places)
        idents: dict[int, int] = {}
        for group in range(int(groups.max()) + 1):
            members = [p for p, g in zip(places, groups, strict=True) if g == group]
            middle = _middle(members)
            idents[group] = self.add_name(AddressKind.STREET, label, english, middle, "street")
        last: dict[int, tuple[float, float]] = {}
        for place, group in zip(pieces, groups, strict=False):
            if group not in last or _apart_m(last[group], place) > _THIN_M:
                last[group] = place
                self.add_spot(idents[group], "", Point(lat=place[0], lon=place[1]))
        for (number, point), group in zip(houses, groups[len(pieces) :], strict=True):
            counted = has_han(label) and not has_han(number)  # 12幢 is complete in itself
            shown = f"{label}{number}号" if counted else None
            shown = shown or (f"{label}{number}" if has_han(label) else f"{label} {number}")
            added = self._database.execute(
                "insert or ignore into house values (?, ?, ?, ?, ?)",
                (idents[group], fold_number(number), shown, point.lat, point.lon),
            )
            if added.rowcount:
                self.houses += 1
                self.add_spot(idents[group], fold_number(number), point)


def _metres(places: Iterable[tuple[float, float]]) -> np.ndarray[Any, Any]:
    """Flat metres, good within a city."""
    array = np.array(list(places), dtype=float)
    scale = np.column_stack(
        [np.full(len(array), _M_PER_DEGREE), _M_PER_DEGREE * np.cos(np.radians(array[:, 0]))]
    )
    metres: np.ndarray[Any, Any] = array * scale
    return metres


def _apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    first, second = _metres([a, b])
    return float(np.hypot(*(first - second)))


def _groups(places: list[tuple[float, float]]) -> np.ndarray[Any, Any]:
    """Which pieces hang together, as numbers from 0."""
    pairs = KDTree(_metres(places)).query_pairs(_SAME_STREET_M, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (len(places),) * 2)
    return connected_components(links, directed=False)[1]  # type: ignore[no-any-return]


def _middle(places: list[tuple[float, float]]) -> Point:
    """The place on the street nearest to its mean: a mean alone may lie in a river."""
    metres = _metres(places)
    lat, lon = places[int(np.argmin(((metres - metres.mean(axis=0)) ** 2).sum(axis=1)))]
    return Point(lat=lat, lon=lon)
