"""What the people of a city know better than the map: one CSV file, applied whole or not at all.

Rule 1: one row is one object and at most one field; the columns are explained in
docs/howto/city-overrides.md.
Rule 2: what the file states replaces what the importer would invent: a station that is given
units gets no invented ones, a hospital that is given a capability gets no invented ones.
Rule 3: a row that cannot be understood stops the import and is named by line and column.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, NoReturn

from msgspec.structs import replace

from goldenhour.adapters.city.errors import CityError, Problem
from goldenhour.domain.register.city import (
    CAPABILITIES,
    Aed,
    CityHospital,
    CityUnit,
    FirstAidPoint,
    Station,
    StationLevel,
)
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record

COLUMNS: Final = ("kind", "id", "name", "name_en", "lat", "lon", "field", "value")
LOCAL: Final = "local-"
"""How the id of an added object begins."""
_MOST_BYTES: Final = 4_000_000
_REMOVE: Final = "remove"

Kind = Literal["station", "hospital", "aed", "unit", "point"]


class Row(Record):
    line: int
    kind: Kind
    id: str
    name: str
    name_en: str
    point: Point | None
    field: str
    value: Any


def _flag(text: str) -> bool:
    return {"yes": True, "no": False}[text.casefold()]


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError
    return int(text)


def _level(text: str) -> StationLevel:
    return StationLevel(text.casefold())


def _unit_kind(text: str) -> UnitKind:
    return UnitKind(text.casefold())


_FIELDS: Final[dict[str, dict[str, tuple[Callable[[str], Any], str]]]] = {
    "station": {
        _REMOVE: (_flag, "yes or no"),
        "level": (_level, f"one of {', '.join(StationLevel)}"),
        "parent": (str, "a sub-centre's id"),
    },
    "point": {_REMOVE: (_flag, "yes or no")},
    "hospital": {
        _REMOVE: (_flag, "yes or no"),
        "beds": (_count, "a whole number"),
        **dict.fromkeys(CAPABILITIES, (_flag, "yes or no")),
    },
    "aed": {
        _REMOVE: (_flag, "yes or no"),
        "access": (str, "text"),
        "opening_hours": (str, "text"),
    },
    "unit": {
        _REMOVE: (_flag, "yes or no"),
        "station": (str, "a station's id"),
        "kind": (_unit_kind, "als or bls"),
    },
}


def read_overrides(data: bytes) -> tuple[Row, ...]:
    """All rows, or a CityError that names the first wrong one."""
    if len(data) > _MOST_BYTES:
        raise CityError(Problem.OVERRIDES_UNREADABLE, "file", f"larger than {_MOST_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CityError(Problem.OVERRIDES_UNREADABLE, f"line {line}", "not UTF-8 text") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if header != list(COLUMNS):
            raise CityError(
                Problem.OVERRIDES_WRONG, "line 1", f"the columns must be {','.join(COLUMNS)}"
            )
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                rows.append(_row(reader.line_num, stripped))
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise CityError(Problem.OVERRIDES_UNREADABLE, where, str(error)) from error
    return tuple(rows)


def apply_stations(rows: Sequence[Row], stations: list[Station]) -> list[Station]:
    def make(row: Row, point: Point) -> Station:
        return Station(id=row.id, name=row.name, name_en=row.name_en or row.name, point=point)

    applied = _apply(
        "station", rows, stations, make, lambda s, row: replace(s, **{row.field: row.value})
    )
    leading = {s.id for s in applied if s.level is StationLevel.SUBCENTRE}
    for row in rows:
        if row.kind == "station" and row.field == "parent" and row.value not in leading:
            _wrong(row.line, "value", f"station {row.id}: no sub-centre {row.value}")
    return applied


def apply_points(rows: Iterable[Row], points: list[FirstAidPoint]) -> list[FirstAidPoint]:
    def make(row: Row, point: Point) -> FirstAidPoint:
        return FirstAidPoint(id=row.id, name=row.name, name_en=row.name_en or row.name, point=point)

    return _apply("point", rows, points, make, lambda point, _: point)


def apply_aeds(rows: Iterable[Row], aeds: list[Aed]) -> list[Aed]:
    def make(row: Row, point: Point) -> Aed:
        return Aed(
            id=row.id,
            name=row.name,
            name_en=row.name_en or row.name,
            point=point,
            access="",
            opening_hours="",
        )

    return _apply("aed", rows, aeds, make, lambda aed, row: replace(aed, **{row.field: row.value}))


def apply_hospitals(rows: Iterable[Row], hospitals: list[CityHospital]) -> list[CityHospital]:
    """A hospital stays `assumed` until the file gives or denies it a capability."""

    def make(row: Row, point: Point) -> CityHospital:
        return CityHospital(
            id=row.id,
            name=row.name,
            name_en=row.name_en or row.name,
            point=point,
            capabilities=(),
            assumed=True,
            beds=None,
        )

    def change(hospital: CityHospital, row: Row) -> CityHospital:
        if row.field == "beds":
            return replace(hospital, beds=row.value)
        others = [c for c in hospital.capabilities if c != row.field]
        stated = [*others, row.field] if row.value else others
        return replace(hospital, capabilities=tuple(stated), assumed=False)

    return _apply("hospital", rows, hospitals, make, change)


def apply_units(
    rows: Iterable[Row], units: list[CityUnit], stations: list[Station]
) -> list[CityUnit]:
    """`units` are the invented ones; a change to one of them makes it stated."""
    known = {unit.id: unit for unit in units}
    drafts: dict[str, dict[str, Any]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        if row.kind != "unit":
            continue
        if row.field == _REMOVE and row.value:
            if drafts.pop(row.id, None) is None and known.pop(row.id, None) is None:
                _wrong(row.line, "id", f"no unit {row.id}")
            continue
        if row.id not in known and not row.id.startswith(LOCAL):
            _wrong(row.line, "id", f"no unit {row.id}; an added one begins with {LOCAL}")
        first.setdefault(row.id, row)
        draft = drafts.setdefault(row.id, {})
        if row.name:
            draft["call_sign"] = row.name
        if row.field in {"station", "kind"}:
            draft["station_id" if row.field == "station" else "kind"] = row.value
    station_ids = {station.id for station in stations}
    added = []
    for ident, draft in drafts.items():
        line = first[ident].line
        if draft.get("station_id", next(iter(station_ids), None)) not in station_ids:
            _wrong(line, "value", f"unit {ident}: no station {draft.get('station_id')}")
        if ident in known:
            known[ident] = replace(known[ident], **draft, assumed=False)
            continue
        for key, column in (("call_sign", "name"), ("station_id", "field"), ("kind", "field")):
            if key not in draft:
                _wrong(line, column, f"unit {ident} is added without its {key}")
        added.append(CityUnit(id=ident, **draft, assumed=False))
    given = {unit.station_id for unit in added}
    kept = [u for u in known.values() if not (u.assumed and u.station_id in given)]
    return _distinct([*kept, *added], first)


def _distinct(units: list[CityUnit], first: dict[str, Row]) -> list[CityUnit]:
    """Two units of one call sign would be one on the radio."""
    seen: dict[str, CityUnit] = {}
    for unit in units:
        if twin := seen.get(unit.call_sign):
            row = first.get(unit.id) or first[twin.id]
            _wrong(row.line, "name", f"{unit.call_sign} is also unit {twin.id}")
        seen[unit.call_sign] = unit
    return units


def _apply[T: (Station, CityHospital, Aed, FirstAidPoint)](
    kind: Kind,
    rows: Iterable[Row],
    things: list[T],
    make: Callable[[Row, Point], T],
    change: Callable[[T, Row], T],
) -> list[T]:
    known = {thing.id: thing for thing in things}
    for row in rows:
        if row.kind != kind:
            continue
        if row.id not in known:
            if not row.id.startswith(LOCAL):
                _wrong(row.line, "id", f"no {kind} {row.id}; an added one begins with {LOCAL}")
            if not row.name:
                _wrong(row.line, "name", f"an added {kind} needs a name")
            if row.point is None:
                _wrong(row.line, "lat", f"an added {kind} needs a place")
            known[row.id] = make(row, row.point)
        if row.field == _REMOVE:
            if row.value:
                del known[row.id]
            continue
        thing = known[row.id]
        thing = replace(
            thing,
            name=row.name or thing.name,
            name_en=row.name_en or thing.name_en,
            point=row.point or thing.point,
        )
        known[row.id] = change(thing, row) if row.field else thing
    return list(known.values())


def _row(line: int, cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS):
        _wrong(line, COLUMNS[-1], f"{len(cells)} columns instead of {len(COLUMNS)}")
    kind, ident, name, name_en, lat, lon, field, value = cells
    if kind not in _FIELDS:
        _wrong(line, "kind", f"{kind!r} is none of {', '.join(_FIELDS)}")
    if not ident:
        _wrong(line, "id", "empty")
    parsed = None
    if field:
        if field not in _FIELDS[kind]:
            _wrong(line, "field", f"{field!r} is none of {', '.join(_FIELDS[kind])}")
        parse, wanted = _FIELDS[kind][field]
        try:
            parsed = parse(value)
        except (ValueError, KeyError):
            _wrong(line, "value", f"{value!r} is not {wanted}")
    elif value:
        _wrong(line, "field", "empty, but there is a value")
    return Row(
        line=line,
        kind=kind,  # type: ignore[arg-type]  # checked against _FIELDS above
        id=ident,
        name=name,
        name_en=name_en,
        point=_point(line, lat, lon),
        field=field,
        value=parsed,
    )


def _point(line: int, lat: str, lon: str) -> Point | None:
    if not lat and not lon:
        return None
    return Point(lat=_degrees(line, "lat", lat, 90), lon=_degrees(line, "lon", lon, 180))


def _degrees(line: int, column: str, text: str, most: int) -> float:
    try:
        value = float(text)
    except ValueError:
        _wrong(line, column, f"{text!r} is not a number of degrees")
    if not -most <= value <= most:
        _wrong(line, column, f"{text} is not between -{most} and {most}")
    return value


def _wrong(line: int, column: str, detail: str) -> NoReturn:
    raise CityError(Problem.OVERRIDES_WRONG, f"line {line}, column {column}", detail)
