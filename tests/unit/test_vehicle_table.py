"""Vehicles as a file: each line's verdict, each fault by its place, and the way back."""

import pytest

from goldenhour.domain.register.events import UnitKind, UnitListed
from goldenhour.domain.register.table import FaultCode, Verdict, header_of
from goldenhour.domain.register.vehicle_table import (
    COLUMNS,
    Place,
    TableVehicle,
    VehiclesRead,
    cells_of,
    read_vehicles,
)
from goldenhour.kernel.geo import Point

NORTH, SOUTH = Point(lat=50.88, lon=9.70), Point(lat=50.84, lon=9.71)
HEADER = ("编号", "车号", "车牌", "类型", "急救站", "推定")


def listed(call_sign: str = "急救01", **changes: object) -> UnitListed:
    given: dict[str, object] = {
        "call_sign": call_sign,
        "station_id": "n1",
        "station_name": "北站",
        "station_point": NORTH,
        "unit_kind": UnitKind.ALS,
        "assumed": False,
        "plate": "沪A12345",
    }
    return UnitListed(**(given | changes))  # type: ignore[arg-type] # the fields of a literal


STANDING = {"u1": listed(), "u2": listed("急救02", plate="", assumed=True)}
PLACES = (
    Place(station_id="n1", names=("北站", "North"), point=NORTH),
    Place(station_id="s1", names=("南站",), point=SOUTH),
    Place(station_id="x1", names=("分站",), point=NORTH),
    Place(station_id="x2", names=("分站",), point=SOUTH),
    Place(station_id="new", names=("新站",), point=None),
)


def read(
    *rows: tuple[str, ...], header: tuple[str, ...] = HEADER, running: tuple[str, ...] = ()
) -> VehiclesRead:
    lines = enumerate((header, *rows), start=1)
    return read_vehicles(lines, STANDING, PLACES, running)


def one(*cells: str, running: tuple[str, ...] = ()) -> TableVehicle:
    (row,) = read(cells, running=running).rows
    return row


def faults(found: VehiclesRead) -> list[tuple[int, str, str, FaultCode, str]]:
    all_of = (*found.faults, *(fault for row in found.rows for fault in row.faults))
    return [(f.line, f.column, f.value, f.code, f.detail) for f in all_of]


# ---- verdicts


def test_a_line_of_an_unknown_call_sign_is_a_new_vehicle() -> None:
    row = one("", "急救09", "沪a·d0001", "普通型", "南站", "")
    assert (row.line, row.verdict, row.unit_id, row.was) == (2, Verdict.NEW, "", None)
    assert row.now == listed(
        "急救09",
        plate="沪AD0001",
        unit_kind=UnitKind.BLS,
        station_id="s1",
        station_name="南站",
        station_point=SOUTH,
    )


def test_a_known_vehicle_is_changed_and_tells_what_it_was() -> None:
    row = one("", "急救01", "", "BLS", "s1", "")
    assert (row.verdict, row.unit_id, row.was) == (Verdict.CHANGED, "u1", STANDING["u1"])
    assert row.now == listed(
        unit_kind=UnitKind.BLS, station_id="s1", station_name="南站", station_point=SOUTH
    )


def test_an_id_renames_a_vehicle() -> None:
    row = one("u1", "急救11", "", "", "", "")
    assert (row.verdict, row.now) == (Verdict.CHANGED, listed("急救11"))


def test_empty_cells_and_columns_that_are_not_there_leave_what_stands() -> None:
    assert one("u1", "", "", "", "", "").verdict is Verdict.UNCHANGED
    found = read(("急救02", "沪B00002"), header=("CALL SIGN", "plate"))
    assert [(row.verdict, row.now) for row in found.rows] == [
        (Verdict.CHANGED, listed("急救02", plate="沪B00002", assumed=True))
    ]


def test_an_assumption_is_confirmed_and_a_plate_is_taken_off_by_a_word() -> None:
    assert one("", "急救02", "", "", "", "否").now == listed("急救02", plate="")
    assert one("", "急救01", "无", "", "", "").now == listed(plate="")


def test_a_station_by_another_of_its_names_is_the_same_station() -> None:
    assert one("", "急救01", "", "", "North", "").verdict is Verdict.UNCHANGED
    assert one("", "急救01", "", "", "n1", "").verdict is Verdict.UNCHANGED


def test_two_vehicles_exchange_their_plates_and_signs_in_one_table() -> None:
    found = read(
        ("u1", "急救02", "无", "", "", ""),
        ("u2", "急救01", "沪A12345", "", "", ""),
    )
    assert [row.verdict for row in found.rows] == [Verdict.CHANGED] * 2
    assert [row.now.call_sign for row in found.rows if row.now] == ["急救02", "急救01"]


# ---- faults


def test_every_fault_of_a_line_names_its_column_and_value() -> None:
    found = read(("", "急" * 21, "12", "高级", "西站", "也许"))
    assert faults(found) == [
        (2, "车号", "急" * 21, FaultCode.NOT_A_SIGN, "20"),
        (2, "车牌", "12", FaultCode.NOT_A_PLATE, ""),
        (2, "类型", "高级", FaultCode.UNKNOWN_KIND, ""),
        (2, "急救站", "西站", FaultCode.UNKNOWN_STATION, ""),
        (2, "推定", "也许", FaultCode.NOT_YES_NO, ""),
    ]
    assert [(row.verdict, row.now) for row in found.rows] == [(Verdict.REFUSED, None)]


def test_a_new_vehicle_needs_sign_kind_and_station_even_where_the_column_is_missing() -> None:
    found = read(("",), ("急救09",), header=("车号",))
    assert faults(found) == [
        (2, "车号", "", FaultCode.REQUIRED, ""),
        (2, "类型 / kind", "", FaultCode.REQUIRED, ""),
        (2, "急救站 / station", "", FaultCode.REQUIRED, ""),
        (3, "类型 / kind", "", FaultCode.REQUIRED, ""),
        (3, "急救站 / station", "", FaultCode.REQUIRED, ""),
    ]


@pytest.mark.parametrize(
    ("station", "code", "detail"),
    [("分站", FaultCode.STATION_TWICE, "x1、x2"), ("新站", FaultCode.NO_PLACE, "")],
)
def test_a_station_must_be_one_and_lie_somewhere(
    station: str, code: FaultCode, detail: str
) -> None:
    found = read(("", "急救09", "", "ALS", station, ""))
    assert faults(found) == [(2, "急救站", station, code, detail)]
    assert one("", "急救09", "", "ALS", "x2", "").verdict is Verdict.NEW


def test_an_unknown_id_is_refused_and_makes_no_vehicle() -> None:
    found = read(("u9", "急救09", "", "ALS", "北站", ""))
    assert faults(found) == [(2, "编号", "u9", FaultCode.UNKNOWN_VEHICLE, "")]


def test_two_lines_of_one_vehicle_are_told_by_the_first_line() -> None:
    found = read(
        ("", "急救01", "", "", "", ""),
        ("u1", "", "", "BLS", "", ""),
        ("", "急救09", "", "ALS", "北站", ""),
        ("", "急救09", "", "ALS", "北站", ""),
    )
    assert faults(found) == [
        (3, "", "急救01", FaultCode.DOUBLE_VEHICLE, "2"),
        (5, "", "急救09", FaultCode.DOUBLE_VEHICLE, "4"),
    ]


def test_a_sign_and_a_plate_of_another_vehicle_are_refused() -> None:
    found = read(
        ("u2", "急救01", "沪A12345", "", "", ""),
        ("", "急救09", "沪A12345", "ALS", "南站", ""),
    )
    assert faults(found) == [
        (2, "车号", "急救01", FaultCode.SIGN_TAKEN, "北站"),
        (2, "车牌", "沪A12345", FaultCode.PLATE_TAKEN, "急救01"),
        (3, "车牌", "沪A12345", FaultCode.PLATE_TAKEN, "急救01"),
    ]


def test_a_sign_that_two_vehicles_have_already_is_told_apart_by_their_ids() -> None:
    twins = {"u1": listed(), "u2": listed(plate="")}
    lines = [(1, ("编号", "车号", "类型")), (2, ("", "急救01", "BLS")), (3, ("u2", "急救01", ""))]
    first, second = read_vehicles(lines, twins, PLACES).rows
    assert [(f.code, f.detail) for f in first.faults] == [(FaultCode.SIGN_TWICE, "u1、u2")]
    assert second.verdict is Verdict.UNCHANGED


def test_a_vehicle_on_a_run_keeps_what_the_run_speaks_of() -> None:
    for cells in (
        ("u1", "急救11", "", "", "", ""),
        ("u1", "", "", "BLS", "", ""),
        ("u1", "", "", "", "南站", ""),
    ):
        row = one(*cells, running=("u1",))
        assert [(f.column, f.value, f.code) for f in row.faults] == [
            ("", "急救01", FaultCode.ON_RUN)
        ], cells
    assert one("u1", "", "沪B99999", "", "", "", running=("u1",)).verdict is Verdict.CHANGED


def test_a_formula_and_cells_beyond_the_header_are_refused() -> None:
    found = read(("", "=A1", "", "", "", "", "x"))
    assert faults(found) == [
        (2, "", "x", FaultCode.TOO_MANY_CELLS, ""),
        (2, "车号", "=A1", FaultCode.FORMULA, ""),
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("车牌",), [("车号 / call sign", FaultCode.NO_COLUMN)]),
        (("车号", "call sign"), [("call sign", FaultCode.DOUBLE_COLUMN)]),
        (("车号", "颜色"), [("颜色", FaultCode.UNKNOWN_COLUMN)]),
        (("车号",), [("", FaultCode.NO_ROWS)]),
    ],
)
def test_a_header_that_is_none_is_told_before_any_line(
    header: tuple[str, ...], expected: list[tuple[str, FaultCode]]
) -> None:
    rows = () if expected[0][1] is FaultCode.NO_ROWS else (("x",),)
    found = read(*rows, header=header)
    assert [(f.column, f.code) for f in found.faults] == expected
    assert found.rows == ()


# ---- out and in again


@pytest.mark.parametrize("zh", [True, False])
def test_what_is_written_out_changes_nothing(zh: bool) -> None:
    rows = [tuple(cells_of(unit_id, one, zh=zh)) for unit_id, one in STANDING.items()]
    found = read(*rows, header=tuple(header_of(COLUMNS, zh=zh)))
    assert [row.verdict for row in found.rows] == [Verdict.UNCHANGED] * 2
    assert rows[1][2:] == (("", "监护型", "北站", "是") if zh else ("", "ALS", "北站", "yes"))
