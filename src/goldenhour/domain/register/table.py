"""A table of the register: its header, its lines, and what may be wrong with them.

Rule 1: every fault names its line, its column and the value; all faults are found, not the first.
Rule 2: a formula is no value: what it would give depends on a program that is not here.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from goldenhour.kernel.record import Record

_A_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?|\+[0-9][0-9 ()-]*[0-9]")
"""A sign before digits is no formula: places lie south and west too, telephones abroad."""
YES_NO: Final = {True: ("是", "yes"), False: ("否", "no")}


class FaultCode(StrEnum):
    NO_COLUMN = "no_column"
    DOUBLE_COLUMN = "double_column"
    UNKNOWN_COLUMN = "unknown_column"
    NO_ROWS = "no_rows"
    TOO_MANY_CELLS = "too_many_cells"
    FORMULA = "formula"
    REQUIRED = "required"
    UNKNOWN_UNIT = "unknown_unit"
    NOT_A_TIME = "not_a_time"
    UNKNOWN_DUTY = "unknown_duty"
    NOT_A_NAME = "not_a_name"
    ENDS_EARLY = "ends_early"
    TOO_LONG = "too_long"
    PERSON_TWICE = "person_twice"
    TOO_MANY = "too_many"
    OVERLAPS = "overlaps"
    DOUBLE_LINE = "double_line"
    UNKNOWN_VEHICLE = "unknown_vehicle"
    DOUBLE_VEHICLE = "double_vehicle"
    NOT_A_SIGN = "not_a_sign"
    SIGN_TWICE = "sign_twice"
    SIGN_OF_SEVERAL = "sign_of_several"
    SIGN_TAKEN = "sign_taken"
    NOT_A_PLATE = "not_a_plate"
    PLATE_TAKEN = "plate_taken"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_STATION = "unknown_station"
    STATION_TWICE = "station_twice"
    NO_PLACE = "no_place"
    NOT_YES_NO = "not_yes_no"
    ON_RUN = "on_run"
    UNKNOWN_CENTRE = "unknown_centre"
    CENTRE_TWICE = "centre_twice"
    STATION_TAKEN = "station_taken"
    DOUBLE_STATION = "double_station"
    NOT_A_DEGREE = "not_a_degree"
    HALF_PLACE = "half_place"
    OFF_THE_MAP = "off_the_map"
    NOT_A_PHONE = "not_a_phone"
    NAME_TOO_LONG = "name_too_long"
    STATION_ON_RUN = "station_on_run"


class Verdict(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class TableFault(Record):
    line: int
    column: str
    """As it stands in the header; empty where the fault is the line's."""
    value: str
    code: FaultCode
    detail: str = ""


Columns = Mapping[str, tuple[str, str]]
"""By key the words of the header in Chinese and in English; any of the three is read."""


def header_of(columns: Columns, *, zh: bool) -> list[str]:
    return [names[0 if zh else 1] for names in columns.values()]


def read_rows(
    lines: Iterable[tuple[int, Sequence[str]]], columns: Columns, required: Collection[str]
) -> tuple[list["Row"], list[TableFault]]:
    """`lines`: number and cells, the header first. No row where the header is at fault.

    A header that nothing follows is at fault too.
    """
    given = list(lines)
    number, header = given[0]
    keys, faults = _read_header(number, header, columns, required)
    if not faults and len(given) == 1:
        faults.append(TableFault(line=number, column="", value="", code=FaultCode.NO_ROWS))
    if faults:
        return [], faults
    return [Row(line, header, keys, cells, columns) for line, cells in given[1:]], []


def _read_header(
    number: int, header: Sequence[str], columns: Columns, required: Collection[str]
) -> tuple[list[str], list[TableFault]]:
    """The key of each cell of the header."""
    known = {name: key for key, names in columns.items() for name in (key, *names)}
    found: list[str] = []
    faults: list[TableFault] = []

    def wrong(code: FaultCode, column: str) -> None:
        faults.append(TableFault(line=number, column=column, value="", code=code))

    for name in header:
        key = known.get(name.strip().lower(), "")
        if not key:
            wrong(FaultCode.UNKNOWN_COLUMN, name)
        elif key in found:
            wrong(FaultCode.DOUBLE_COLUMN, name)
        found.append(key)
    for key in required:
        if key not in found:
            wrong(FaultCode.NO_COLUMN, " / ".join(columns[key]))
    return found, faults


class Row:
    """One line, its faults gathered while it is read."""

    def __init__(
        self,
        number: int,
        header: Sequence[str],
        keys: Sequence[str],
        cells: Sequence[str],
        columns: Columns,
    ) -> None:
        self.number = number
        self.faults: list[TableFault] = []
        self._names = dict(zip(keys, header, strict=True))
        self._columns = columns
        self._cells = dict(zip(keys, cells, strict=False))
        if extra := cells[len(keys) :]:
            self.wrong("", FaultCode.TOO_MANY_CELLS, extra[0])
        for key, value in self._cells.items():
            if value.startswith(("=", "+", "-", "@")) and not _A_NUMBER.fullmatch(value):
                self.wrong(key, FaultCode.FORMULA)

    def cell(self, key: str) -> str:
        """Empty where the table has no such column."""
        return self._cells.get(key, "")

    def wrong(
        self, key: str, code: FaultCode, value: str | None = None, *, detail: str = ""
    ) -> None:
        self.faults.append(
            TableFault(
                line=self.number,
                column=self._names.get(key) or " / ".join(self._columns.get(key, ())),
                value=self.cell(key) if value is None else value,
                code=code,
                detail=detail,
            )
        )


def known_by(
    row: Row,
    keys: tuple[str, str],
    names: Mapping[str, str],
    *,
    unknown: FaultCode,
    twice: FaultCode,
) -> str:
    """Which of those that stand the line means, by its id or else by its name; empty: none yet.

    `keys`: of the columns of id and name. `names`: of each that stands, by id.
    """
    id_key, name_key = keys
    ident, name = row.cell(id_key), row.cell(name_key)
    if ident:
        if ident in names:
            return ident
        row.wrong(id_key, unknown)
        return ""
    found = [one for one, known in names.items() if name and known == name]
    if len(found) > 1:
        row.wrong(name_key, twice, detail="、".join(sorted(found)))
        return ""
    return found[0] if found else ""


def verdict_of[T](row: Row, was: T | None, now: T | None) -> Verdict:
    """`now` None: the line cannot be carried out."""
    if row.faults or now is None:
        return Verdict.REFUSED
    if was is None:
        return Verdict.NEW
    return Verdict.UNCHANGED if now == was else Verdict.CHANGED


def yes_or_no(row: Row, key: str, *, stands: bool) -> bool:
    """An empty cell leaves what stands."""
    written = row.cell(key).lower()
    if not written:
        return stands
    for value, words in YES_NO.items():
        if written in words:
            return value
    row.wrong(key, FaultCode.NOT_YES_NO)
    return False
