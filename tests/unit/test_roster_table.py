"""A roster as a file: what people's programs write is read, and each fault is told by its place."""

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook

from goldenhour.domain.register.events import CrewFunction, CrewMember, DutyKind
from goldenhour.domain.register.roster import Shift
from goldenhour.domain.register.roster_table import (
    COLUMNS,
    Compared,
    TableRead,
    cells_of,
    compare,
    read_roster,
    read_time,
)
from goldenhour.domain.register.table import FaultCode, header_of
from goldenhour.kernel.time import HOUR_MS
from goldenhour.wire.tables import MOST_ROWS, TableError, TableProblem, read_table, write_table

# A workbook's times have no zone.
FROM, TO = (datetime(2026, 11, 23, hour) for hour in (8, 20))  # noqa: DTZ001 (as said)
MONDAY = 1_795_363_200_000
"""2026-11-23 00:00 in China."""
UNITS = {"A-01": "w1", "A-02": "w2"}
HEADER = "车号,开始,结束,班种,医生,护士,驾驶员,担架员"
ROW = "A-01,2026-11-23 08:00,2026-11-23 20:00,急救,张伟#1023,李娜；王芳,赵强,"
CREW = (
    CrewMember(name="张伟", function=CrewFunction.DOCTOR, number="1023"),
    CrewMember(name="李娜", function=CrewFunction.NURSE),
    CrewMember(name="王芳", function=CrewFunction.NURSE),
    CrewMember(name="赵强", function=CrewFunction.DRIVER),
)
SHIFT = Shift(
    shift_id="",
    from_ms=MONDAY + 8 * HOUR_MS,
    to_ms=MONDAY + 20 * HOUR_MS,
    duty=DutyKind.EMERGENCY,
    crew=CREW,
)


def read(data: bytes) -> TableRead:
    return read_roster([(one.number, one.cells) for one in read_table(data)], UNITS, longest_h=48)


def text(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def faults(data: bytes) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.column, one.value, str(one.code)) for one in read(data).faults]


def problem(data: bytes) -> TableError:
    with pytest.raises(TableError) as caught:
        read_table(data)
    return caught.value


# ---- what is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_encodings_of_chinese_spreadsheets_are_read(encoding: str) -> None:
    found = read(f"{HEADER}\r\n{ROW}\r\n".encode(encoding))
    assert found.faults == ()
    assert [(one.line, one.unit_id, one.shift) for one in found.shifts] == [(2, "w1", SHIFT)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_the_english_header_are_read(delimiter: str) -> None:
    header = "Call sign,FROM,to,driver".replace(",", delimiter)
    row = "A-02,2026/11/23 8:00,2026-11-23T20:00,Zhao".replace(",", delimiter)
    (one,) = read(text(header, "", row)).shifts
    assert (one.line, one.unit_id) == (3, "w2")
    assert (one.shift.from_ms, one.shift.to_ms) == (SHIFT.from_ms, SHIFT.to_ms)
    assert one.shift.crew == (CrewMember(name="Zhao", function=CrewFunction.DRIVER),)


def test_a_workbook_with_times_serial_days_and_numbers_is_read() -> None:
    data = book(
        HEADER.split(","),
        ["A-01", FROM, TO, "急救", "张伟#1023"],
        [],
        ["A-02", 46349 + 1 / 3, 46349 + 5 / 6, "备班", "", "", 4711],
    )
    first, second = read(data).shifts
    assert (first.line, second.line) == (2, 4)
    for one in (first, second):
        assert (one.shift.from_ms, one.shift.to_ms) == (SHIFT.from_ms, SHIFT.to_ms)
    assert second.shift.duty is DutyKind.RESERVE
    assert second.shift.crew[0].name == "4711"


@pytest.mark.parametrize(
    ("written", "at_ms"),
    [
        ("2026-11-23 00:00", MONDAY),
        ("2026年11月23日 8:05", MONDAY + 8 * HOUR_MS + 300_000),
        ("46349", MONDAY),
        ("46349.9999999", MONDAY + 24 * HOUR_MS),
        ("2026-11-23", None),
        ("23.11.2026 08:00", None),
        ("2026-02-30 08:00", None),
        ("8", None),
        ("nan", None),
        ("1e999", None),
        ("", None),
    ],
)
def test_times_as_people_and_spreadsheets_write_them(written: str, at_ms: int | None) -> None:
    assert read_time(written) == at_ms


# ---- what is no table


def test_files_that_are_no_table_are_refused_by_what_they_are() -> None:
    assert problem(b"").problem is TableProblem.EMPTY
    assert problem(b" , ,\r\n\r\n").problem is TableProblem.EMPTY
    assert problem(b"\xef\xbb\xbf").problem is TableProblem.EMPTY
    assert problem(b"\x89PNG\r\n\x1a\n\xff\xff\xff").problem is TableProblem.ENCODING
    assert problem(HEADER.encode("utf-16")).problem is TableProblem.ENCODING
    assert problem(b"a\0b").problem is TableProblem.ENCODING
    assert problem(b'"never closed').problem is TableProblem.UNREADABLE
    assert problem(b"PK\x03\x04 and no archive").problem is TableProblem.UNREADABLE
    old = problem(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert (old.problem, old.detail) == (TableProblem.UNREADABLE, "xls")
    assert problem(book()).problem is TableProblem.EMPTY


def test_an_archive_that_is_no_workbook_or_unpacks_without_end_is_refused() -> None:
    def archive(name: str, content: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(name, content)
        return out.getvalue()

    assert problem(archive("a.txt", b"hello")).problem is TableProblem.UNREADABLE
    bomb = archive("xl/worksheets/sheet1.xml", bytes(40_000_000))
    assert len(bomb) < 100_000
    assert problem(bomb).problem is TableProblem.TOO_LONG


def with_sheet(data: bytes, was: bytes, now: bytes) -> bytes:
    """The workbook with other bytes in its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as made:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert was in content
                content = content.replace(was, now)
            made.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_lies_about_its_size_is_read_or_refused_and_never_for_ever() -> None:
    data = book(["车号", "开始", "结束"], ["A-01", FROM, TO])
    small = with_sheet(data, b'<dimension ref="A1:C2"', b'<dimension ref="A1"')
    assert len(read(small).shifts) == 1
    far = with_sheet(data, b'<row r="2"', b'<row r="99999999999"')
    assert problem(far).problem is TableProblem.TOO_LONG


def test_a_table_of_a_hundred_thousand_rows_is_refused_without_being_read_through() -> None:
    long = problem(text(HEADER, *[ROW] * 100_000))
    assert (long.problem, long.detail) == (TableProblem.TOO_LONG, str(MOST_ROWS))
    assert len(read_table(text(HEADER, *[ROW] * MOST_ROWS))) == MOST_ROWS + 1
    wide = problem(text(",".join(["x"] * 65)))
    assert (wide.problem, wide.detail) == (TableProblem.TOO_LONG, "64")


# ---- what is wrong in it


def test_a_wrong_header_names_every_column_and_reads_no_line() -> None:
    assert faults(text("车号,车号,开始,备注", "=1,x,y,z")) == [
        (1, "车号", "", "double_column"),
        (1, "备注", "", "unknown_column"),
        (1, "结束 / to", "", "no_column"),
    ]
    assert faults(text(HEADER)) == [(1, "", "", "no_rows")]


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        ("A-09,2026-11-23 08:00,2026-11-23 20:00", "车号", "A-09", "unknown_unit"),
        (",2026-11-23 08:00,2026-11-23 20:00", "车号", "", "required"),
        ("A-01,,2026-11-23 20:00", "开始", "", "required"),
        ("A-01,明天,2026-11-23 20:00", "开始", "明天", "not_a_time"),
        ("A-01,2026-11-23 20:00,2026-11-23 08:00", "结束", "2026-11-23 08:00", "ends_early"),
        ("A-01,2026-11-23 08:00,2026-12-23 20:00", "结束", "2026-12-23 20:00", "too_long"),
        ("A-01,2026-11-23 08:00,2026-11-23 20:00,夜班", "班种", "夜班", "unknown_duty"),
        ("A-01,2026-11-23 08:00,=C1+0.5", "结束", "=C1+0.5", "formula"),
        ("A-01,2026-11-23 08:00,2026-11-23 20:00,,@x", "医生", "@x", "formula"),
        ("A-01,2026-11-23 08:00,2026-11-23 20:00,,甲,甲", "护士", "甲", "person_twice"),
        ("A-01,2026-11-23 08:00,2026-11-23 20:00,,#12", "医生", "#12", "not_a_name"),
        ("A-01,2026-11-23 08:00,2026-11-23 20:00,,,,,,多", "", "多", "too_many_cells"),
    ],
)
def test_a_wrong_cell_is_told_by_line_column_and_value(
    row: str, column: str, value: str, code: str
) -> None:
    assert faults(text(HEADER, ROW.replace("A-01", "A-02"), row)) == [(3, column, value, code)]


def test_a_formula_of_a_workbook_is_refused_whatever_it_would_give() -> None:
    data = book(HEADER.split(","), ["A-01", "=NOW()", TO])
    assert faults(data) == [(2, "开始", "=NOW()", "formula")]


def test_all_faults_of_all_lines_are_found() -> None:
    data = text(HEADER, "A-09,x,y,夜班", "A-01,2026-11-23 08:00,")
    assert [(line, code) for line, _c, _v, code in faults(data)] == [
        (2, "unknown_unit"),
        (2, "not_a_time"),
        (2, "not_a_time"),
        (2, "unknown_duty"),
        (3, "required"),
    ]


# ---- what it would change


def compared(data: bytes, *standing: Shift) -> Compared:
    found = read(data)
    assert found.faults == ()
    return compare(found.shifts, {"w1": standing})


def stands(**changes: Any) -> Shift:
    given = {name: getattr(SHIFT, name) for name in SHIFT.__struct_fields__}
    return Shift(**(given | {"shift_id": "s1"} | changes))


def test_a_new_shift_is_planned_and_the_same_table_again_changes_nothing() -> None:
    (change,) = compared(text(HEADER, ROW)).changes
    assert (change.line, change.was, change.now) == (2, None, SHIFT)
    again = compared(text(HEADER, ROW), stands(crew=CREW[::-1]))
    assert (again.changes, again.unchanged, again.faults) == ((), 1, ())


def test_another_end_or_crew_changes_the_shift_that_stands() -> None:
    for was in (stands(to_ms=SHIFT.to_ms - 1), stands(crew=()), stands(duty=DutyKind.RESERVE)):
        (change,) = compared(text(HEADER, ROW), was).changes
        assert (change.was, change.now) == (was, stands())


def test_a_shift_that_is_cut_short_makes_room_wherever_its_line_stands() -> None:
    day = "A-01,2026-11-23 08:00,2026-11-23 18:00,急救"
    night = "A-01,2026-11-23 18:00,2026-11-24 06:00,急救"
    header = ",".join(HEADER.split(",")[:4])
    for lines in ((day, night), (night, day)):
        both = compared(text(header, *lines), stands(crew=()))
        assert both.faults == ()
        assert [change.now.from_ms for change in both.changes] == [
            SHIFT.from_ms,
            SHIFT.from_ms + 10 * HOUR_MS,
        ]


def test_a_call_sign_of_several_vehicles_names_none_of_them() -> None:
    lines = [(one.number, one.cells) for one in read_table(text(HEADER, ROW))]
    found = read_roster(lines, {"A-01": ""}, longest_h=48)
    assert found.shifts == ()
    assert [fault.code for fault in found.faults] == [FaultCode.SIGN_OF_SEVERAL]


def test_a_line_in_the_way_of_another_names_it() -> None:
    later = "A-01,2026-11-23 19:00,2026-11-23 23:00"
    one = compared(text(HEADER, ROW, later))
    assert [(fault.line, fault.code, fault.detail) for fault in one.faults] == [
        (3, FaultCode.OVERLAPS, "2026-11-23 08:00 – 2026-11-23 20:00")
    ]
    twice = compared(text(HEADER, ROW, ROW))
    assert [(fault.line, fault.code, fault.detail) for fault in twice.faults] == [
        (3, FaultCode.DOUBLE_LINE, "2")
    ]
    before = stands(from_ms=MONDAY, to_ms=SHIFT.from_ms + 1)
    assert [fault.code for fault in compared(text(HEADER, ROW), before).faults] == [
        FaultCode.OVERLAPS
    ]
    assert compared(text(HEADER, ROW), stands(from_ms=MONDAY, to_ms=SHIFT.from_ms)).faults == ()


# ---- written out


@pytest.mark.parametrize("zh", [True, False])
def test_what_is_exported_is_read_again_as_it_stands(*, zh: bool) -> None:
    data = write_table([header_of(COLUMNS, zh=zh), cells_of("A-01", stands(), zh=zh)])
    assert data.startswith(b"\xef\xbb\xbf")
    again = compared(data, stands())
    assert (again.changes, again.unchanged, again.faults) == ((), 1, ())


def test_no_name_runs_as_a_formula_in_the_exported_file() -> None:
    evil = CrewMember(name="=1+1", function=CrewFunction.DRIVER)
    data = write_table([cells_of("A-01", stands(crew=(evil,)), zh=True)])
    assert ",'=1+1," in data.decode("utf-8-sig")
