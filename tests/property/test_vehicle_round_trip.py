"""Any register of vehicles goes out as a file and comes back without a change; and no table makes
two vehicles of one name."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldenhour.domain.register.events import UnitKind, UnitListed
from goldenhour.domain.register.table import Verdict, header_of
from goldenhour.domain.register.vehicle_table import (
    COLUMNS,
    Place,
    cells_of,
    read_vehicles,
)
from goldenhour.kernel.geo import Point
from goldenhour.wire.tables import is_formula, read_table, write_table, write_workbook

HERE = Point(lat=50.88, lon=9.70)
PLACES = tuple(Place(station_id=ident, names=(f"{ident}站",), point=HERE) for ident in ("s1", "s2"))
SIGNS, PLATES = ("急救01", "急救02", "急救03"), ("", "沪A00001", "沪A00002")


def is_plain(text: str) -> bool:
    """As names in a register are; a spreadsheet's own signs before them are no names."""
    return text == text.strip() and not is_formula(text) and not text.startswith("'")


WORDS = st.text("A0z急救站-,;\"'=+@\t /", max_size=30).filter(is_plain)
NAMES = WORDS.filter(bool)


@st.composite
def registers(draw: st.DrawFn, signs: Any = NAMES, stations: Any = WORDS) -> dict[str, UnitListed]:
    idents = draw(st.lists(NAMES, max_size=6, unique=True))
    return {
        ident: UnitListed(
            call_sign=draw(signs),
            station_id=draw(st.sampled_from(["s1", "s2", "closed"])),
            station_name=draw(stations),
            station_point=HERE,
            unit_kind=draw(st.sampled_from(UnitKind)),
            assumed=draw(st.booleans()),
            plate=draw(st.sampled_from(PLATES)),
        )
        for ident in idents
    }


@pytest.mark.parametrize("write", [write_table, write_workbook])
@settings(max_examples=60, deadline=None)
@given(standing=registers(), zh=st.booleans())
def test_an_export_read_again_changes_nothing(
    write: Any, standing: dict[str, UnitListed], zh: bool
) -> None:
    rows = [cells_of(unit_id, listed, zh=zh) for unit_id, listed in standing.items()]
    lines = read_table(write([header_of(COLUMNS, zh=zh), *rows]))
    found = read_vehicles([(one.number, one.cells) for one in lines], standing, PLACES)
    assert [row.unit_id for row in found.rows] == list(standing)
    assert {row.verdict for row in found.rows} <= {Verdict.UNCHANGED}


CELLS = st.tuples(
    st.sampled_from(["", "u1", "u2", "u3"]),
    st.sampled_from(["", *SIGNS, "急救09"]),
    st.sampled_from([*PLATES, "无"]),
    st.sampled_from(["", "ALS", "x"]),
    st.sampled_from(["", "s1站", "s2"]),
)


@settings(max_examples=200, deadline=None)
@given(
    listed=st.lists(
        st.tuples(st.sampled_from(SIGNS), st.sampled_from(PLATES)), min_size=1, max_size=3
    ),
    rows=st.lists(CELLS, min_size=1, max_size=5),
)
def test_no_table_makes_two_vehicles_of_one_sign_or_plate(
    listed: list[tuple[str, str]], rows: list[tuple[str, ...]]
) -> None:
    standing = {
        f"u{number}": UnitListed(
            call_sign=sign,
            station_id="s1",
            station_name="s1站",
            station_point=HERE,
            unit_kind=UnitKind.ALS,
            assumed=False,
            plate=plate,
        )
        for number, (sign, plate) in enumerate(listed, start=1)
    }
    lines = list(enumerate([("编号", "车号", "车牌", "类型", "急救站"), *rows], start=1))
    found = read_vehicles(lines, standing, PLACES)
    assert len(found.rows) == len(rows)
    if any(row.verdict is Verdict.REFUSED for row in found.rows):
        return
    after = dict(standing)
    after |= {row.unit_id or f"new {row.line}": row.now for row in found.rows if row.now}
    for field in ("call_sign", "plate"):
        before = Counter(getattr(one, field) for one in standing.values())
        now = Counter(getattr(one, field) for one in after.values() if getattr(one, field))
        assert {text for text, n in now.items() if n > max(1, before[text])} == set(), field
    # What was written is what stands: the same table once more changes nothing.
    if all(row.unit_id for row in found.rows):
        again = read_vehicles(lines, after, PLACES)
        assert {row.verdict for row in again.rows} <= {Verdict.UNCHANGED, Verdict.REFUSED}
