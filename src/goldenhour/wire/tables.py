"""A table as people send it, CSV or XLSX, as lines of text. Bytes in, values out.

Rule 1: CSV is UTF-8, with its mark or without, or GB18030, which Chinese spreadsheets write;
        commas, semicolons or tabs, whichever its first line has most of.
Rule 2: of a workbook the first sheet is read. A formula stays its text (`=...`): what it would
        give depends on a program that is not here, so whoever reads the line refuses it.
Rule 3: a cell that holds a time is written out to the minute; a bare number stays one, since only
        the column tells whether it is a serial day.
Rule 4: no file makes it read more than `MOST_ROWS` lines or unpack more than `MOST_BYTES`.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from openpyxl import Workbook, load_workbook

from goldenhour.kernel.record import Record

MOST_ROWS: Final = 2_000
"""More than a week of a large city's shifts; what they change is written in one go."""
MOST_BYTES: Final = 16_000_000
MOST_CELLS: Final = 64
_LAST_ROW: Final = 100_000
"""Blank ones counted; a workbook may name any, and would be read for ever."""
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = ",;\t"


class TableProblem(StrEnum):
    EMPTY = "table_empty"
    ENCODING = "table_encoding"
    UNREADABLE = "table_unreadable"
    TOO_LONG = "table_too_long"


class TableError(ValueError):
    """The file is no table that can be read; `detail` is the limit that it broke, or empty."""

    def __init__(self, problem: TableProblem, detail: str = "") -> None:
        super().__init__(f"{problem} {detail}".strip())
        self.problem = problem
        self.detail = detail


class Line(Record):
    number: int
    """As the reader's own program counts, from 1."""
    cells: tuple[str, ...]


def read_table(data: bytes) -> list[Line]:
    """The lines that hold anything. Raises TableError."""
    if len(data) > MOST_BYTES:
        raise TableError(TableProblem.TOO_LONG, f"{MOST_BYTES // 1_000_000} MB")
    if data.startswith(_OLD_EXCEL):
        raise TableError(TableProblem.UNREADABLE, "xls")
    rows = _workbook(data) if data.startswith(_ZIP) else _text(data)
    lines: list[Line] = []
    for number, cells in rows:
        if number > _LAST_ROW:
            raise TableError(TableProblem.TOO_LONG, str(MOST_ROWS))
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_CELLS:
            raise TableError(TableProblem.TOO_LONG, str(MOST_CELLS))
        if len(lines) > MOST_ROWS:  # one of them is the header
            raise TableError(TableProblem.TOO_LONG, str(MOST_ROWS))
        lines.append(Line(number=number, cells=tuple(cells)))
    if not lines:
        raise TableError(TableProblem.EMPTY)
    return lines


def write_table(rows: Iterable[Iterable[str]]) -> bytes:
    """CSV that a spreadsheet opens as it is: with the mark, and no text that runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([f"'{cell}" if is_formula(cell) else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_workbook(rows: Iterable[Iterable[str]]) -> bytes:
    """The same as a workbook, every cell a text: no program takes `0120` for a number."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([f"'{cell}" if is_formula(cell) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def is_formula(cell: str) -> bool:
    return cell.startswith(("=", "+", "-", "@"))


def _text(data: bytes) -> Iterable[tuple[int, list[str]]]:
    text = _decode(data)
    if "\0" in text:
        raise TableError(TableProblem.ENCODING)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [_unquoted(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise TableError(TableProblem.UNREADABLE, f"{reader.line_num}") from error


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(TableProblem.ENCODING)


def _unquoted(cell: str) -> str:
    """Without the sign that `write_table` and spreadsheets put before what is no formula."""
    return cell[1:] if cell.startswith("'") and is_formula(cell[1:]) else cell


def _workbook(data: bytes) -> Iterable[tuple[int, list[str]]]:
    if _unpacked_bytes(data) > MOST_BYTES:
        raise TableError(TableProblem.TOO_LONG, f"{MOST_BYTES // 1_000_000} MB")
    try:
        sheet: Any = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
        # What a file says of its own size is wrong in many of them.
        sheet.reset_dimensions()
        cells_of = sheet.iter_rows(max_col=MOST_CELLS + 1, values_only=True)
        for number, cells in enumerate(cells_of, start=1):
            filled = cells.count(None) < len(cells)
            yield number, [_cell(value) for value in cells] if filled else []
    except Exception as error:
        # Somebody else's bytes: the library fails in as many ways as there are broken files.
        raise TableError(TableProblem.UNREADABLE) from error


def _unpacked_bytes(data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise TableError(TableProblem.UNREADABLE) from error


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return (value + timedelta(seconds=30)).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.strftime("%Y-%m-%d")
        case float() if value.is_integer():
            return str(int(value))
        case str():
            return _unquoted(value.strip())
        case int() | float():
            return str(value)
        case _:
            # An array formula or a table of data is an object of the library's own.
            text = getattr(value, "text", None)
            return text if isinstance(text, str) else str(value)
