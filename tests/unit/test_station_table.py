"""Stations as a file: each line's verdict, each fault by its place, and the way back."""

import pytest

from goldenhour.domain.register.city import Bounds
from goldenhour.domain.register.station_table import (
    COLUMNS,
    Centre,
    StationFacts,
    StationsRead,
    TableStation,
    cells_of,
    read_stations,
)
from goldenhour.domain.register.table import FaultCode, Verdict, header_of
from goldenhour.kernel.geo import Point

AREA = Bounds(south=31.0, west=121.0, north=32.0, east=122.0)
CENTRES = (
    Centre(org="centre", names=("指挥中心", "Centre")),
    Centre(org="subcentre:n", names=("北县", "North county")),
)
HEADER = ("编号", "急救站", "英文名", "所属中心", "纬度", "经度", "电话", "推定")


def facts(name: str = "北站", **changes: object) -> StationFacts:
    given: dict[str, object] = {
        "parent": "centre",
        "name": name,
        "name_en": name,
        "point": Point(lat=31.2, lon=121.4),
        "phone": "021-120",
        "assumed": True,
    }
    return StationFacts(**(given | changes))  # type: ignore[arg-type] # test values


STANDING = {"s1": facts(), "s2": facts("南站", parent="subcentre:n", point=None, phone="")}


def read(
    *lines: tuple[str, ...],
    header: tuple[str, ...] = HEADER,
    centres: tuple[Centre, ...] = CENTRES,
    running: tuple[str, ...] = (),
) -> StationsRead:
    numbered = list(enumerate((header, *lines), start=1))
    return read_stations(numbered, STANDING, centres, AREA, running)


def one(*cells: str, running: tuple[str, ...] = ()) -> TableStation:
    (row,) = read(cells, running=running).rows
    return row


def faults(row: TableStation) -> list[tuple[str, FaultCode]]:
    return [(fault.column, fault.code) for fault in row.faults]


def test_a_new_station_needs_a_name_a_place_and_a_centre() -> None:
    row = one("", "西站", "", "北县", "31.5", "121.5", "", "")
    assert (row.verdict, row.station_id, row.was) == (Verdict.NEW, "", None)
    assert row.now == StationFacts(
        parent="subcentre:n", name="西站", name_en="西站", point=Point(lat=31.5, lon=121.5)
    )
    assert faults(one("", "西站", "", "", "31.5", "121.5", "", "")) == [
        ("所属中心", FaultCode.REQUIRED)
    ]
    assert faults(one("", "西站", "", "北县", "", "", "", "")) == [("纬度", FaultCode.REQUIRED)]
    alone = read(("", "西站", "", "", "31.5", "121.5", "", ""), centres=CENTRES[:1])
    assert alone.rows[0].verdict is Verdict.NEW


def test_an_empty_cell_leaves_what_stands() -> None:
    row = one("s1", "", "", "", "", "", "120", "否")
    assert (row.verdict, row.now) == (Verdict.CHANGED, facts(phone="120", assumed=False))
    assert one("", "北站", "", "", "", "", "", "").verdict is Verdict.UNCHANGED
    assert one("s1", "中站", "", "", "", "", "无", "").now == facts(
        "中站", name_en="北站", phone=""
    )


def test_a_station_whose_place_nobody_knows_gets_one_with_its_first_change() -> None:
    assert one("s2", "", "", "", "", "", "", "").verdict is Verdict.UNCHANGED
    assert faults(one("s2", "", "", "", "", "", "120", "")) == [("纬度", FaultCode.REQUIRED)]
    placed = one("s2", "", "", "", "31.1", "121.1", "120", "")
    assert placed.verdict is Verdict.CHANGED
    assert placed.now is not None
    assert placed.now.point == Point(lat=31.1, lon=121.1)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (("x9", "", "", "", "", "", "", ""), "编号", FaultCode.UNKNOWN_STATION),
        (("s1", "", "", "东县", "", "", "", ""), "所属中心", FaultCode.UNKNOWN_CENTRE),
        (("s1", "", "", "", "31.2", "", "", ""), "经度", FaultCode.HALF_PLACE),
        (("s1", "", "", "", "", "121.2", "", ""), "纬度", FaultCode.HALF_PLACE),
        (("s1", "", "", "", "121.2", "31.2", "", ""), "纬度", FaultCode.NOT_A_DEGREE),
        (("s1", "", "", "", "31度", "121.2", "", ""), "纬度", FaultCode.NOT_A_DEGREE),
        (("s1", "", "", "", "nan", "121.2", "", ""), "纬度", FaultCode.NOT_A_DEGREE),
        (("s1", "", "", "", "30.2", "121.2", "", ""), "纬度", FaultCode.OFF_THE_MAP),
        (("s1", "", "", "", "-31.2", "-121.2", "", ""), "纬度", FaultCode.OFF_THE_MAP),
        (("s1", "", "", "", "", "", "一二〇", ""), "电话", FaultCode.NOT_A_PHONE),
        (("s1", "", "", "", "", "", "", "也许"), "推定", FaultCode.NOT_YES_NO),
        (("s1", "长" * 41, "", "", "", "", "", ""), "急救站", FaultCode.NAME_TOO_LONG),
        (("s1", "=A1", "", "", "", "", "", ""), "急救站", FaultCode.FORMULA),
        (("", "", "", "北县", "31.5", "121.5", "", ""), "急救站", FaultCode.REQUIRED),
    ],
)
def test_a_wrong_cell_is_named(cells: tuple[str, ...], column: str, code: FaultCode) -> None:
    row = one(*cells)
    assert (row.verdict, row.now) == (Verdict.REFUSED, None)
    assert (column, code) in faults(row)


@pytest.mark.parametrize("phone", ["+86 25 8888 1234", "+86 (25) 8888-1234", "120", "025-8888"])
def test_a_telephone_is_no_formula(phone: str) -> None:
    row = one("s1", "", "", "", "", "", phone, "")
    assert faults(row) == []


def test_no_two_stations_of_one_centre_have_one_name() -> None:
    assert faults(one("", "北站", "", "指挥中心", "31.5", "121.5", "", "")) == [], "it is that one"
    taken = read(
        ("", "西站", "", "北县", "31.5", "121.5", "", ""),
        ("s2", "西站", "", "", "31.1", "121.1", "", ""),
    )
    assert [row.verdict for row in taken.rows] == [Verdict.REFUSED] * 2
    assert faults(taken.rows[0]) == [("急救站", FaultCode.STATION_TAKEN)]
    elsewhere = read(("s2", "北站", "", "", "31.1", "121.1", "", ""))
    assert elsewhere.rows[0].verdict is Verdict.CHANGED


def test_a_station_stands_once_in_a_table() -> None:
    found = read(("s1", "", "", "", "", "", "1 20", ""), ("", "北站", "", "", "", "", "120", ""))
    assert found.rows[1].faults[0].code is FaultCode.DOUBLE_STATION
    assert found.rows[1].faults[0].detail == "2"


def test_a_station_with_a_vehicle_on_a_run_keeps_its_centre_and_nothing_else() -> None:
    moved = one("s1", "", "", "北县", "", "", "", "", running=("s1",))
    assert faults(moved) == [("所属中心", FaultCode.STATION_ON_RUN)]
    renamed = one("s1", "中站", "", "", "31.3", "121.3", "", "", running=("s1",))
    assert renamed.verdict is Verdict.CHANGED


def test_what_is_written_out_changes_nothing_when_it_is_read_again() -> None:
    south = facts("南岸站", point=Point(lat=31.1234567, lon=121.7654321), assumed=False)
    standing = STANDING | {"s3": south}
    centres = {one.org: one.names[0] for one in CENTRES}
    for zh in (True, False):
        lines = [cells_of(ident, known, centres, zh=zh) for ident, known in standing.items()]
        header = header_of(COLUMNS, zh=zh)
        numbered = list(enumerate((header, *lines), start=1))
        found = read_stations(numbered, standing, CENTRES, AREA)
        assert [row.verdict for row in found.rows] == [Verdict.UNCHANGED] * 3
    assert found.faults == ()


def test_a_wrong_header_reads_no_line() -> None:
    found = read(("x",), header=("站名",))
    assert found.rows == ()
    assert [fault.code for fault in found.faults] == [
        FaultCode.UNKNOWN_COLUMN,
        FaultCode.NO_COLUMN,
    ]
    assert [fault.code for fault in read().faults] == [FaultCode.NO_ROWS]
