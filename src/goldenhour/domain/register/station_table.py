"""The stations as a table: read line by line, compared with what stands, and written out.

Rule 1: a line is a station, known again by its id, or by its name where the line has no id; with
        neither known it is new. What the table does not name stays as it is.
Rule 2: an empty cell leaves what stands. A new station needs a name, a place and, where there is
        more than one, the centre that it is under.
Rule 3: a place is latitude and longitude in WGS-84, both or none, on the city's map.
Rule 4: no two stations of one centre have one name afterwards; those that have it already are not
        asked to change.
Rule 5: a station one of whose vehicles is on a run stays under its centre until the run is over:
        whoever leads the run would not see it any more.
Rule 6: the same table read again changes nothing, and neither does what `cells_of` wrote.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from goldenhour.domain.register.city import Bounds
from goldenhour.domain.register.table import (
    YES_NO,
    Columns,
    FaultCode,
    Row,
    TableFault,
    Verdict,
    known_by,
    read_rows,
    verdict_of,
    yes_or_no,
)
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record

_ID, _NAME, _NAME_EN, _PARENT = "station_id", "name", "name_en", "parent"
_LAT, _LON, _PHONE, _ASSUMED = "lat", "lon", "phone", "assumed"
COLUMNS: Final[Columns] = {
    _ID: ("编号", "id"),
    _NAME: ("急救站", "station"),
    _NAME_EN: ("英文名", "english name"),
    _PARENT: ("所属中心", "centre"),
    _LAT: ("纬度", "latitude"),
    _LON: ("经度", "longitude"),
    _PHONE: ("电话", "telephone"),
    _ASSUMED: ("推定", "assumed"),
}
_NONE: Final = ("无", "none")
"""Written where a station is to lose its telephone."""
_A_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{1,22}[0-9]")
_LONGEST_NAME: Final = 40
_DECIMALS: Final = 6


class StationFacts(Record):
    """A station as a table tells it."""

    parent: str
    """The organisation that it is under."""
    name: str
    name_en: str
    point: Point | None
    """None: nobody has said where it lies; no vehicle can be put there."""
    phone: str = ""
    assumed: bool = False


class Centre(Record):
    """An organisation that a station may be under."""

    org: str
    names: tuple[str, ...]
    """The first is written, all of them are read."""


class TableStation(Record):
    """What becomes of one line."""

    line: int
    name: str
    """As the line has it."""
    station_id: str
    """Empty where it is new or not known."""
    verdict: Verdict
    was: StationFacts | None
    now: StationFacts | None
    """None where it is refused."""
    faults: tuple[TableFault, ...]


class StationsRead(Record):
    rows: tuple[TableStation, ...]
    faults: tuple[TableFault, ...]
    """Of the header; then no line was read."""


def read_stations(
    lines: Iterable[tuple[int, Sequence[str]]],
    standing: Mapping[str, StationFacts],
    centres: Sequence[Centre],
    area: Bounds | None,
    running: Collection[str] = frozenset(),
) -> StationsRead:
    """`lines`: number and cells, the header first. `running`: stations with a vehicle on a run."""
    rows, faults = read_rows(lines, COLUMNS, (_NAME,))
    read = [_Line(row, standing, centres, area) for row in rows]
    _compare(read, standing, running)
    return StationsRead(rows=tuple(one.told() for one in read), faults=tuple(faults))


def cells_of(
    station_id: str, facts: StationFacts, centres: Mapping[str, str], *, zh: bool
) -> list[str]:
    """A station as a line, in the order of `COLUMNS`. `centres`: names by organisation."""
    point = facts.point
    return [
        station_id,
        facts.name,
        facts.name_en,
        centres.get(facts.parent, facts.parent),
        "" if point is None else f"{point.lat:.{_DECIMALS}f}",
        "" if point is None else f"{point.lon:.{_DECIMALS}f}",
        facts.phone,
        YES_NO[facts.assumed][0 if zh else 1],
    ]


class _Line:
    """One line, read against the station that it means."""

    def __init__(
        self,
        row: Row,
        standing: Mapping[str, StationFacts],
        centres: Sequence[Centre],
        area: Bounds | None,
    ) -> None:
        self.row = row
        self.station_id = "" if row.faults else _known(row, standing)
        self.was = standing.get(self.station_id)
        self.now = None if row.faults else _facts(row, self.was, centres, area)

    @property
    def key(self) -> str:
        """What the station is called while lines are compared."""
        return self.station_id or f"line {self.row.number}"

    def told(self) -> TableStation:
        verdict = verdict_of(self.row, self.was, self.now)
        return TableStation(
            line=self.row.number,
            name=self.row.cell(_NAME),
            station_id=self.station_id,
            verdict=verdict,
            was=self.was,
            now=None if verdict is Verdict.REFUSED else self.now,
            faults=tuple(self.row.faults),
        )


def _known(row: Row, standing: Mapping[str, StationFacts]) -> str:
    """Which station the line means; empty: none yet."""
    return known_by(
        row,
        (_ID, _NAME),
        {ident: facts.name for ident, facts in standing.items()},
        unknown=FaultCode.UNKNOWN_STATION,
        twice=FaultCode.STATION_TWICE,
    )


def _facts(
    row: Row, was: StationFacts | None, centres: Sequence[Centre], area: Bounds | None
) -> StationFacts | None:
    """What the line makes of the station; None where it cannot be said."""
    name = row.cell(_NAME) or (was.name if was else "")
    name_en = row.cell(_NAME_EN) or (was.name_en if was else name)
    for key, text in ((_NAME, name), (_NAME_EN, name_en)):
        if len(text) > _LONGEST_NAME and not (was and text in (was.name, was.name_en)):
            row.wrong(key, FaultCode.NAME_TOO_LONG, detail=str(_LONGEST_NAME))
    if not name:
        row.wrong(_NAME, FaultCode.REQUIRED)
    parent = _parent(row, was, centres)
    point = _point(row, was, area)
    phone = _phone(row, was)
    assumed = yes_or_no(row, _ASSUMED, stands=bool(was and was.assumed))
    if row.faults or parent is None:
        return None
    facts = StationFacts(
        parent=parent, name=name, name_en=name_en, point=point, phone=phone, assumed=assumed
    )
    if point is None and facts != was:
        row.wrong(_LAT, FaultCode.REQUIRED)
        return None
    return facts


def _parent(row: Row, was: StationFacts | None, centres: Sequence[Centre]) -> str | None:
    written = row.cell(_PARENT)
    if not written:
        if was is not None:
            return was.parent
        if len(centres) == 1:
            return centres[0].org
        row.wrong(_PARENT, FaultCode.REQUIRED)
        return None
    if was is not None and written == was.parent:
        return was.parent
    found = [one for one in centres if written == one.org]
    found = found or [one for one in centres if written in one.names]
    if was is not None and any(one.org == was.parent for one in found):
        return was.parent
    if len(found) != 1:
        code = FaultCode.CENTRE_TWICE if found else FaultCode.UNKNOWN_CENTRE
        row.wrong(_PARENT, code, detail="、".join(one.org for one in found))
        return None
    return found[0].org


def _point(row: Row, was: StationFacts | None, area: Bounds | None) -> Point | None:
    written = (row.cell(_LAT), row.cell(_LON))
    stands = was.point if was else None
    if written == ("", ""):
        return stands
    if "" in written:
        row.wrong(_LAT if written[0] == "" else _LON, FaultCode.HALF_PLACE)
        return None
    if stands and written == (f"{stands.lat:.{_DECIMALS}f}", f"{stands.lon:.{_DECIMALS}f}"):
        return stands
    numbers: list[float] = []
    for key, most in ((_LAT, 90.0), (_LON, 180.0)):
        try:
            number = float(row.cell(key))
        except ValueError:
            number = most + 1
        if not abs(number) <= most:
            row.wrong(key, FaultCode.NOT_A_DEGREE)
        numbers.append(number)
    if row.faults:
        return None
    point = Point(lat=numbers[0], lon=numbers[1])
    if area is not None and not _within(point, area):
        row.wrong(_LAT, FaultCode.OFF_THE_MAP, f"{written[0]}, {written[1]}")
    return point


def _within(point: Point, area: Bounds) -> bool:
    return area.south <= point.lat <= area.north and area.west <= point.lon <= area.east


def _phone(row: Row, was: StationFacts | None) -> str:
    written = row.cell(_PHONE)
    if not written or (was and written == was.phone):
        return was.phone if was else ""
    if written.lower() in _NONE:
        return ""
    if not _A_PHONE.fullmatch(written):
        row.wrong(_PHONE, FaultCode.NOT_A_PHONE)
    return written


def _compare(
    read: Sequence[_Line], standing: Mapping[str, StationFacts], running: Collection[str]
) -> None:
    """The lines against one another and against what stands beside them."""
    first: dict[str, int] = {}
    for one in read:
        if one.now is None:
            continue
        # A new station has no other name yet than its own.
        meant = one.station_id or f"new {one.now.parent} {one.now.name}"
        if meant in first:
            one.row.wrong("", FaultCode.DOUBLE_STATION, one.now.name, detail=str(first[meant]))
        first.setdefault(meant, one.row.number)
    after = dict(standing)
    after |= {one.key: one.now for one in read if one.now is not None and not one.row.faults}
    named: dict[tuple[str, str], list[str]] = {}
    for key, facts in after.items():
        named.setdefault((facts.parent, facts.name), []).append(key)
    for one in read:
        was, now = one.was, one.now
        if now is None or one.row.faults:
            continue
        same = [key for key in named[now.parent, now.name] if key != one.key]
        if same and (was is None or (was.parent, was.name) != (now.parent, now.name)):
            one.row.wrong(_NAME, FaultCode.STATION_TAKEN)
        if one.station_id in running and was is not None and was.parent != now.parent:
            one.row.wrong(_PARENT, FaultCode.STATION_ON_RUN)
