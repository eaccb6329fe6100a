import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.adapters.city.assumptions import assume_capabilities, assume_units
from goldenhour.adapters.city.errors import CityError, Problem
from goldenhour.adapters.city.overrides import (
    COLUMNS,
    Row,
    apply_aeds,
    apply_hospitals,
    apply_points,
    apply_stations,
    apply_units,
    read_overrides,
)
from goldenhour.domain.register.city import (
    Aed,
    CityHospital,
    CityUnit,
    FirstAidPoint,
    Station,
    StationLevel,
)
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point

HERE = Point(lat=31.2, lon=105.4)


def rows(*lines: str) -> tuple[Row, ...]:
    return read_overrides("\n".join([",".join(COLUMNS), *lines]).encode())


def station(ident: str = "w1") -> Station:
    return Station(id=ident, name="站", name_en="Station", point=HERE)


def hospital(ident: str = "w5", beds: int | None = None) -> CityHospital:
    return CityHospital(
        id=ident,
        name="医院",
        name_en="Hospital",
        point=HERE,
        capabilities=(),
        assumed=True,
        beds=beds,
    )


def units(parsed: tuple[Row, ...], stations: list[Station]) -> list[CityUnit]:
    return apply_units(parsed, assume_units(stations), stations)


def test_each_station_gets_one_als_and_one_bls_by_letter() -> None:
    made = assume_units([station("w1"), station("w2")])
    assert [(u.call_sign, u.kind, u.station_id) for u in made] == [
        ("A-01", UnitKind.ALS, "w1"),
        ("A-02", UnitKind.BLS, "w1"),
        ("B-01", UnitKind.ALS, "w2"),
        ("B-02", UnitKind.BLS, "w2"),
    ]
    assert all(unit.assumed for unit in made)
    assert assume_units([station(f"w{i}") for i in range(28)])[-1].call_sign == "AB-02"
    assert assume_units([]) == []


def test_the_largest_hospital_is_assumed_to_do_most_and_says_so() -> None:
    big, small = hospital("w1", beds=400), hospital("w2")
    none = hospital("w3", beds=900)
    first, second, third = assume_capabilities([big, small, none], {}, frozenset({"w3"}))
    assert "pci_24h" in first.capabilities
    assert "pci_24h" not in second.capabilities
    assert third.capabilities == ()
    assert first.assumed
    assert second.assumed


def test_an_added_station_gets_assumed_units() -> None:
    stations = apply_stations(rows("station,local-n,北站,North,31.3,105.5,,"), [])
    assert [s.id for s in stations] == ["local-n"]
    assert [u.call_sign for u in units((), stations)] == ["A-01", "A-02"]


def test_a_stated_unit_replaces_the_invented_ones_of_its_station() -> None:
    parsed = rows("unit,local-7,川120-07,,,,station,w1", "unit,local-7,,,,,kind,BLS")
    kept = units(parsed, [station("w1"), station("w2")])
    assert [(u.call_sign, u.assumed) for u in kept] == [
        ("B-01", True),
        ("B-02", True),
        ("川120-07", False),
    ]


def test_a_changed_unit_is_no_longer_assumed() -> None:
    changed, other = units(rows("unit,w1-1,救01,,,,,"), [station()])
    assert (changed.id, changed.call_sign, changed.assumed) == ("w1-1", "救01", False)
    assert other.assumed


def test_a_stated_capability_replaces_the_assumed_ones() -> None:
    parsed = rows(
        "hospital,w5,,,,,ct_24h,yes", "hospital,w5,,,,,pci_24h,no", "hospital,w5,新名,,,,beds,12"
    )
    (stated,) = assume_capabilities(
        apply_hospitals(parsed, [hospital()]), footprints_m2={}, without=frozenset()
    )
    assert stated.capabilities == ("ct_24h",)
    assert (stated.assumed, stated.beds, stated.name) == (False, 12, "新名")


def test_aeds_are_changed_and_removed() -> None:
    aed = Aed(id="n1", name="AED", name_en="AED", point=HERE, access="", opening_hours="")
    (open_aed,) = apply_aeds(rows("aed,n1,,,,,opening_hours,24/7"), [aed])
    assert open_aed.opening_hours == "24/7"
    assert apply_aeds(rows("aed,n1,,,,,remove,yes"), [aed]) == []


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("depot,w1,,,,,,", "line 2, column kind"),
        ("station,,x,,,,,", "line 2, column id"),
        ("station,w1,,,91,105,,", "line 2, column lat"),
        ("station,w1,,,31,nan,,", "line 2, column lon"),
        ("station,w1,,,31,,,", "line 2, column lon"),
        ("station,w1,,,,,beds,3", "line 2, column field"),
        ("station,w1,,,,,,3", "line 2, column field"),
        ("hospital,w1,,,,,beds,-3", "line 2, column value"),
        ("hospital,w1,,,,,pci_24h,maybe", "line 2, column value"),
        ("unit,w1,,,,,kind,taxi", "line 2, column value"),
        ("station,w1,x", "line 2, column value"),
    ],
)
def test_a_wrong_row_is_named_by_line_and_column(line: str, where: str) -> None:
    with pytest.raises(CityError) as error:
        rows(line)
    assert error.value.problem is Problem.OVERRIDES_WRONG
    assert error.value.where == where


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (("unit,w9-1,x,,,,,",), "line 2, column id"),
        (("unit,local-7,x,,,,station,w9", "unit,local-7,,,,,kind,als"), "line 2, column value"),
        (("", "unit,local-7,x,,,,station,w1"), "line 3, column field"),
        (("unit,w1-2,A-01,,,,,",), "line 2, column name"),
    ],
)
def test_units_that_fit_nowhere_are_refused(lines: tuple[str, ...], where: str) -> None:
    with pytest.raises(CityError) as error:
        units(rows(*lines), [station()])
    assert error.value.where == where


def test_an_unknown_station_is_refused_and_an_added_one_needs_name_and_place() -> None:
    for line, column in (
        ("station,w9,x,,31,105,,", "id"),
        ("station,local-a,,,31,105,,", "name"),
        ("station,local-a,x,,,,,", "lat"),
    ):
        with pytest.raises(CityError) as error:
            apply_stations(rows(line), [station()])
        assert error.value.where == f"line 2, column {column}"


def test_files_that_are_no_such_table_are_refused() -> None:
    for data in (b"", b"a,b\n", "kind,id\n站".encode("gbk"), b"\xff\xfe"):
        with pytest.raises(CityError):
            read_overrides(data)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_crashes_the_reader(data: bytes) -> None:
    try:
        assert isinstance(read_overrides((",".join(COLUMNS) + "\n").encode() + data), tuple)
    except CityError as error:
        assert error.where.startswith(("line", "file"))  # noqa: PT017 (either answer is right)


def test_stations_take_their_rank_and_their_sub_centre_from_the_file() -> None:
    parsed = rows(
        "station,w1,,,,,level,subcentre", "station,w2,,,,,parent,w1", "station,w2,,,,,level,station"
    )
    first, second, third = apply_stations(parsed, [station("w1"), station("w2"), station("w3")])
    assert (first.level, first.parent) == (StationLevel.SUBCENTRE, "")
    assert (second.level, second.parent) == (StationLevel.STATION, "w1")
    assert third == station("w3")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("station,w1,,,,,level,province", "'province' is not one of centre, subcentre, station"),
        ("station,w1,,,,,parent,w2", "station w1: no sub-centre w2"),
        ("point,w1,,,,,level,station", "'level' is none of remove"),
    ],
)
def test_a_rank_that_cannot_be_is_named(line: str, said: str) -> None:
    with pytest.raises(CityError) as error:
        apply_stations(rows(line), [station("w1"), station("w2")])
    assert said in str(error.value)
    assert "line 2, column" in str(error.value)


def test_first_aid_points_are_added_moved_and_removed() -> None:
    known = FirstAidPoint(id="n1", name="急救点", name_en="Point", point=HERE)
    parsed = rows("point,n1,,,,,remove,yes", "point,local-v,柳树湾村急救点,Liushuwan,31.3,105.5,,")
    (added,) = apply_points(parsed, [known])
    assert (added.id, added.name, added.point) == (
        "local-v", "柳树湾村急救点", Point(lat=31.3, lon=105.5),
    )  # fmt: skip
