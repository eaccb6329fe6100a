"""Any register of stations goes out as a file and comes back without a change; no table makes two
stations of one name under one centre."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldenhour.domain.register.city import Bounds
from goldenhour.domain.register.station_table import (
    COLUMNS,
    Centre,
    StationFacts,
    cells_of,
    read_stations,
)
from goldenhour.domain.register.table import Verdict, header_of
from goldenhour.kernel.geo import Point
from goldenhour.wire.tables import is_formula, read_table, write_table, write_workbook

AREA = Bounds(south=-90, west=-180, north=90, east=180)
ORGS = ("centre", "subcentre:n", "subcentre:s")
CENTRES = tuple(Centre(org=org, names=(f"{org} 中心",)) for org in ORGS)
NAMED = {one.org: one.names[0] for one in CENTRES}


def is_plain(text: str) -> bool:
    """As names in a register are; a spreadsheet's own signs before them are no names."""
    return text == text.strip() and not is_formula(text) and not text.startswith("'")


WORDS = st.text("A0z急救站-,;\"'=+@\t /", max_size=30).filter(is_plain)
NAMES = WORDS.filter(bool)
POINTS = st.builds(Point, lat=st.floats(-90, 90), lon=st.floats(-180, 180))


@st.composite
def registers(draw: st.DrawFn) -> dict[str, StationFacts]:
    idents = draw(st.lists(NAMES, max_size=6, unique=True))
    return {
        ident: StationFacts(
            parent=draw(st.sampled_from([*ORGS, "closed"])),
            name=draw(NAMES),
            name_en=draw(WORDS),
            point=draw(st.none() | POINTS),
            phone=draw(WORDS),
            assumed=draw(st.booleans()),
        )
        for ident in idents
    }


@pytest.mark.parametrize("write", [write_table, write_workbook])
@settings(max_examples=60, deadline=None)
@given(standing=registers(), zh=st.booleans())
def test_an_export_read_again_changes_nothing(
    write: Any, standing: dict[str, StationFacts], zh: bool
) -> None:
    rows = [cells_of(ident, facts, NAMED, zh=zh) for ident, facts in standing.items()]
    lines = read_table(write([header_of(COLUMNS, zh=zh), *rows]))
    numbered = [(one.number, one.cells) for one in lines]
    found = read_stations(numbered, standing, CENTRES, AREA)
    assert [row.station_id for row in found.rows] == list(standing)
    assert {row.verdict for row in found.rows} <= {Verdict.UNCHANGED}


CELLS = st.tuples(
    st.sampled_from(["", "s1", "s2", "s3"]),
    st.sampled_from(["", "北站", "南站", "西站"]),
    st.sampled_from(["", *ORGS]),
    st.sampled_from([("", ""), ("1", "1"), ("1", "")]),
)


@settings(max_examples=200, deadline=None)
@given(
    listed=st.lists(
        st.tuples(st.sampled_from(["北站", "南站"]), st.sampled_from(ORGS)), min_size=1, max_size=3
    ),
    rows=st.lists(CELLS, min_size=1, max_size=5),
)
def test_no_table_makes_two_stations_of_one_name(
    listed: list[tuple[str, str]], rows: list[tuple[str, str, str, tuple[str, str]]]
) -> None:
    standing = {
        f"s{number}": StationFacts(
            parent=parent, name=name, name_en=name, point=Point(lat=1, lon=1)
        )
        for number, (name, parent) in enumerate(listed, start=1)
    }
    header = ("编号", "急救站", "所属中心", "纬度", "经度")
    cells = [(ident, name, parent, *place) for ident, name, parent, place in rows]
    lines = list(enumerate([header, *cells], start=1))
    found = read_stations(lines, standing, CENTRES, AREA)
    assert len(found.rows) == len(rows)
    if any(row.verdict is Verdict.REFUSED for row in found.rows):
        return
    after = dict(standing)
    after |= {row.station_id or f"new {row.line}": row.now for row in found.rows if row.now}
    before = Counter((one.parent, one.name) for one in standing.values())
    now = Counter((one.parent, one.name) for one in after.values())
    assert {key for key, n in now.items() if n > max(1, before[key])} == set()
