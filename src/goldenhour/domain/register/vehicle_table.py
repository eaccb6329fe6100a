"""The vehicles as a table: read line by line, compared with what stands, and written out.

Rule 1: a line is a vehicle, known again by its id, or by its call sign where the line has no id;
        with neither known it is new. What the table does not name stays as it is.
Rule 2: an empty cell leaves what stands, so that a table may say one thing of a vehicle and no
        more. What a new vehicle cannot do without is required.
Rule 3: no two vehicles have one call sign or one plate afterwards; those that have it already are
        not asked to change.
Rule 4: a vehicle on a run keeps its call sign, kind and station until the run is over: crews,
        hospitals and papers of the run speak of them.
Rule 5: the same table read again changes nothing, and neither does what `cells_of` wrote.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from goldenhour.domain.register.events import UnitKind, UnitListed
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

_ID, _CALL_SIGN, _PLATE = "unit_id", "call_sign", "plate"
_KIND, _STATION, _ASSUMED = "unit_kind", "station", "assumed"
COLUMNS: Final[Columns] = {
    _ID: ("编号", "id"),
    _CALL_SIGN: ("车号", "call sign"),
    _PLATE: ("车牌", "plate"),
    _KIND: ("类型", "kind"),
    _STATION: ("急救站", "station"),
    _ASSUMED: ("推定", "assumed"),
}
KINDS: Final = {UnitKind.ALS: ("监护型", "ALS"), UnitKind.BLS: ("普通型", "BLS")}
_NONE: Final = ("无", "none")
"""Written where a vehicle is to lose its plate."""
_BETWEEN: Final = re.compile(r"[\s·•.・-]")
"""What people write within a plate and no plate has."""
_A_PLATE: Final = re.compile(r"[0-9A-Z\u4e00-\u9fff]{5,10}")
"""Those of the police and the army have other forms than those of ambulances; no form is asked."""
_LONGEST_SIGN: Final = 20


class Place(Record):
    """A station that a vehicle may be put to."""

    station_id: str
    names: tuple[str, ...]
    """The first of them is written of whoever comes to stand there; all of them are read."""
    point: Point | None
    """None: nobody has said where it lies."""


class TableVehicle(Record):
    """What becomes of one line."""

    line: int
    call_sign: str
    """As the line has it."""
    unit_id: str
    """Empty where it is new or not known."""
    verdict: Verdict
    was: UnitListed | None
    now: UnitListed | None
    """None where it is refused."""
    faults: tuple[TableFault, ...]


class VehiclesRead(Record):
    rows: tuple[TableVehicle, ...]
    faults: tuple[TableFault, ...]
    """Of the header; then no line was read."""


def read_vehicles(
    lines: Iterable[tuple[int, Sequence[str]]],
    standing: Mapping[str, UnitListed],
    places: Sequence[Place],
    running: Collection[str] = frozenset(),
) -> VehiclesRead:
    """`lines`: number and cells, the header first. `standing`: by unit. `running`: on a run."""
    rows, faults = read_rows(lines, COLUMNS, (_CALL_SIGN,))
    read = [_Line(row, standing, places) for row in rows]
    _compare(read, standing, running)
    return VehiclesRead(rows=tuple(one.told() for one in read), faults=tuple(faults))


def cells_of(unit_id: str, listed: UnitListed, *, zh: bool) -> list[str]:
    """A vehicle as a line, in the order of `COLUMNS`."""
    word = 0 if zh else 1
    return [
        unit_id,
        listed.call_sign,
        listed.plate,
        KINDS[listed.unit_kind][word],
        listed.station_name,
        YES_NO[listed.assumed][word],
    ]


class _Line:
    """One line, read against the vehicle that it means."""

    def __init__(
        self, row: Row, standing: Mapping[str, UnitListed], places: Sequence[Place]
    ) -> None:
        self.row = row
        self.unit_id = "" if row.faults else _known(row, standing)
        self.was = standing.get(self.unit_id)
        self.now = None if row.faults else _listed(row, self.was, places)

    @property
    def key(self) -> str:
        """What the vehicle is called while lines are compared."""
        return self.unit_id or f"line {self.row.number}"

    def told(self) -> TableVehicle:
        verdict = verdict_of(self.row, self.was, self.now)
        return TableVehicle(
            line=self.row.number,
            call_sign=self.row.cell(_CALL_SIGN),
            unit_id=self.unit_id,
            verdict=verdict,
            was=self.was,
            now=None if verdict is Verdict.REFUSED else self.now,
            faults=tuple(self.row.faults),
        )


def _known(row: Row, standing: Mapping[str, UnitListed]) -> str:
    """Whom the line means; empty: nobody yet."""
    return known_by(
        row,
        (_ID, _CALL_SIGN),
        {unit_id: listed.call_sign for unit_id, listed in standing.items()},
        unknown=FaultCode.UNKNOWN_VEHICLE,
        twice=FaultCode.SIGN_TWICE,
    )


def _listed(row: Row, was: UnitListed | None, places: Sequence[Place]) -> UnitListed | None:
    """What the line makes of the vehicle; None where it cannot be said."""
    sign = _sign(row, was)
    plate = _plate(row, was)
    kind = _kind(row, was)
    stands = _place(row, was, places)
    assumed = yes_or_no(row, _ASSUMED, stands=bool(was and was.assumed))
    if row.faults or kind is None or stands is None:
        return None
    station_id, station_name, point = stands
    return UnitListed(
        call_sign=sign,
        station_id=station_id,
        station_name=station_name,
        station_point=point,
        unit_kind=kind,
        assumed=assumed,
        plate=plate,
    )


def _sign(row: Row, was: UnitListed | None) -> str:
    sign = row.cell(_CALL_SIGN) or (was.call_sign if was else "")
    if not sign:
        row.wrong(_CALL_SIGN, FaultCode.REQUIRED)
    elif len(sign) > _LONGEST_SIGN and not (was and sign == was.call_sign):
        row.wrong(_CALL_SIGN, FaultCode.NOT_A_SIGN, detail=str(_LONGEST_SIGN))
    return sign


def _plate(row: Row, was: UnitListed | None) -> str:
    written = row.cell(_PLATE)
    if not written or (was and written == was.plate):
        return was.plate if was else ""
    if written.lower() in _NONE:
        return ""
    plate = _BETWEEN.sub("", written).upper()
    if not _A_PLATE.fullmatch(plate):
        row.wrong(_PLATE, FaultCode.NOT_A_PLATE)
    return plate


def _kind(row: Row, was: UnitListed | None) -> UnitKind | None:
    written = row.cell(_KIND)
    if not written:
        if was is None:
            row.wrong(_KIND, FaultCode.REQUIRED)
        return was.unit_kind if was else None
    for kind, (zh, en) in KINDS.items():
        if written.lower() in (kind.value, zh, en.lower()):
            return kind
    row.wrong(_KIND, FaultCode.UNKNOWN_KIND)
    return None


def _place(
    row: Row, was: UnitListed | None, places: Sequence[Place]
) -> tuple[str, str, Point] | None:
    """Id, name and place of the station."""
    written = row.cell(_STATION)
    stays = (was.station_id, was.station_name, was.station_point) if was else None
    if stays and written in ("", *stays[:2]):
        return stays
    if not written:
        row.wrong(_STATION, FaultCode.REQUIRED)
        return None
    found = [one for one in places if written == one.station_id]
    found = found or [one for one in places if written in one.names]
    if len(found) != 1:
        code = FaultCode.STATION_TWICE if found else FaultCode.UNKNOWN_STATION
        row.wrong(_STATION, code, detail="、".join(one.station_id for one in found))
        return None
    place = found[0]
    if stays and place.station_id == stays[0]:
        return stays
    if place.point is None:
        row.wrong(_STATION, FaultCode.NO_PLACE)
        return None
    return place.station_id, place.names[0], place.point


def _compare(
    read: Sequence[_Line], standing: Mapping[str, UnitListed], running: Collection[str]
) -> None:
    """The lines against one another and against what stands beside them."""
    first: dict[str, int] = {}
    for one in read:
        if one.now is None:
            continue
        # A new vehicle has no other name yet than its call sign.
        meant = one.unit_id or f"new {one.now.call_sign}"
        if meant in first:
            one.row.wrong("", FaultCode.DOUBLE_VEHICLE, one.now.call_sign, detail=str(first[meant]))
        first.setdefault(meant, one.row.number)
    after = dict(standing)
    after |= {one.key: one.now for one in read if one.now is not None and not one.row.faults}
    signs: dict[str, list[str]] = {}
    plates: dict[str, list[str]] = {}
    for key, listed in after.items():
        signs.setdefault(listed.call_sign, []).append(key)
        plates.setdefault(listed.plate, []).append(key)
    for one in read:
        was, now = one.was, one.now
        if now is None or one.row.faults:
            continue
        same_sign = [after[key] for key in signs[now.call_sign] if key != one.key]
        if same_sign and (was is None or was.call_sign != now.call_sign):
            one.row.wrong(_CALL_SIGN, FaultCode.SIGN_TAKEN, detail=same_sign[0].station_name)
        same_plate = [after[key] for key in plates[now.plate] if key != one.key]
        if now.plate and same_plate and (was is None or was.plate != now.plate):
            one.row.wrong(_PLATE, FaultCode.PLATE_TAKEN, detail=same_plate[0].call_sign)
        if one.unit_id in running and was is not None and _of_run(was) != _of_run(now):
            one.row.wrong("", FaultCode.ON_RUN, was.call_sign)


def _of_run(listed: UnitListed) -> tuple[str, UnitKind, str]:
    """What a run speaks of."""
    return listed.call_sign, listed.unit_kind, listed.station_id
