from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care import Findings, GcsInputError, Score, gcs, score
from goldenhour.domain.care.scores import GcsPart
from goldenhour.kernel.content import Status

CONTENT = load()
ADULT: dict[str, Any] = {"age_y": 50.0, "pregnant": False}


def news2(**given: Any) -> Score:
    usual: dict[str, Any] = {
        "resp_per_min": 16,
        "spo2_pct": 98,
        "on_oxygen": False,
        "sbp_mmhg": 120,
        "heart_rate_per_min": 75,
        "consciousness": "A",
        "temp_c": 37.0,
    }
    return score(Findings(**ADULT, **(usual | given)), CONTENT.news2)


COLUMNS = (
    "resp_per_min", "spo2_pct", "on_oxygen", "sbp_mmhg", "heart_rate_per_min", "consciousness",
    "temp_c", "spo2_scale_2",
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "total", "band"),
    [
        ((16, 98, False, 120, 75, "A", 36.8, False), 0, "low"),
        ((22, 94, True, 105, 115, "A", 38.5, False), 9, "high"),
        ((18, 97, False, 130, 80, "C", 37.0, False), 3, "low_medium"),
        ((22, 90, False, 125, 95, "A", 37.0, True), 3, "low"),
        ((22, 90, False, 125, 95, "A", 37.0, False), 6, "medium"),
        ((20, 97, True, 140, 88, "A", 37.0, True), 5, "medium"),
        ((25, 91, False, 90, 131, "V", 39.1, False), 17, "high"),
    ],
)
def test_news2(row: tuple[Any, ...], total: int | None, band: str | None) -> None:
    found = news2(**dict(zip(COLUMNS, row, strict=True)))
    assert (found.total, found.band, found.status) == (total, band, Status.COMPLETE)
    assert found.at_most == total
    assert sum(part.points for part in found.parts) == total


@pytest.mark.parametrize(
    ("temp", "points"),
    [
        (35.04, 3),
        (35.05, 1),
        (36.04, 1),
        (36.05, 0),
        (38.04, 0),
        (38.05, 1),
        (39.04, 1),
        (39.05, 2),
    ],
)
def test_temperature_is_rounded_half_up_before_banding(temp: float, points: int) -> None:
    assert news2(temp_c=temp).total == points


@pytest.mark.parametrize(("resp", "points"), [(8.4, 3), (8.5, 1), (11.5, 0), (20.5, 2), (24.5, 3)])
def test_other_values_are_rounded_to_integers(resp: float, points: int) -> None:
    found = news2(resp_per_min=resp)
    assert found.total == points
    assert found.inputs["resp_per_min"] == int(resp + 0.5)


def test_outside_the_gate_there_is_no_number() -> None:
    gates: tuple[dict[str, Any], ...] = (
        {"age_y": 15.9, "pregnant": False},
        {"age_y": 30.0, "pregnant": True},
    )
    for gate in gates:
        found = score(Findings(**gate, resp_per_min=30), CONTENT.news2)
        assert (found.status, found.total, found.band) == (Status.NOT_APPLICABLE, None, None)


def test_an_age_just_below_the_gate_is_not_rounded_into_it() -> None:
    found = score(Findings(age_y=15.99, pregnant=False), CONTENT.news2)
    assert found.status is Status.NOT_APPLICABLE


def test_a_partial_score_is_a_lower_bound_without_reassurance() -> None:
    found = score(Findings(**ADULT, heart_rate_per_min=80), CONTENT.news2)
    assert (found.status, found.total, found.band) == (Status.PARTIAL, 0, None)
    assert found.at_most == 17
    assert set(found.missing) == {
        "resp_per_min", "spo2_pct", "on_oxygen", "sbp_mmhg", "consciousness", "temp_c",
    }  # fmt: skip


def test_a_partial_score_may_alarm() -> None:
    found = score(Findings(**ADULT, resp_per_min=30, sbp_mmhg=80, temp_c=34), CONTENT.news2)
    assert (found.status, found.total, found.band) == (Status.PARTIAL, 9, "high")


def test_unknown_oxygen_matters_on_scale_2_only_where_it_can() -> None:
    base = Findings(**ADULT, spo2_scale_2=True, spo2_pct=97)
    part = {part.part: part for part in score(base, CONTENT.news2).parts}["spo2"]
    assert (part.points, part.at_most) == (0, 3)
    part = {
        part.part: part for part in score(replace(base, spo2_pct=84), CONTENT.news2).parts
    }["spo2"]  # fmt: skip
    assert (part.points, part.at_most) == (2, 2)


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ((120, 80, 12, 36.8, "A"), 0),
        ((90, 105, 22, 38.6, "A"), 6),
        ((75, 132, 31, 34.5, "P"), 12),
        ((200, 40, 8, 35.0, "V"), 7),
    ],
)
def test_mews(row: tuple[Any, ...], total: int) -> None:
    columns = ("sbp_mmhg", "heart_rate_per_min", "resp_per_min", "temp_c", "consciousness")
    given: dict[str, Any] = dict(zip(columns, row, strict=True))
    found = score(Findings(**ADULT, **given), CONTENT.mews)
    assert found.total == total
    assert found.band == ("critical" if total >= 5 else "not_critical")


@pytest.mark.parametrize(
    ("parts", "total", "band", "text"),
    [
        ((4, 5, 6), 15, "mild", "E4V5M6"),
        ((3, 4, 5), 12, "moderate", "E3V4M5"),
        ((2, 2, 4), 8, "severe", "E2V2M4"),
        ((1, "T", 3), None, None, "E1VTM3"),
        (("NT", 5, 6), None, None, "ENTV5M6"),
    ],
)
def test_gcs(
    parts: tuple[GcsPart, GcsPart, GcsPart], total: int | None, band: str | None, text: str
) -> None:
    eye, verbal, motor = parts
    found = gcs(CONTENT.gcs, eye=eye, verbal=verbal, motor=motor)
    assert (found.total, found.band, found.text) == (total, band, text)
    assert found.status is (Status.PARTIAL if total is None else Status.COMPLETE)


def test_gcs_bands_meet_without_a_gap() -> None:
    bands = {}
    for eye in range(1, 5):
        for verbal in range(1, 6):
            for motor in range(1, 7):
                found = gcs(CONTENT.gcs, eye=eye, verbal=verbal, motor=motor)
                bands[found.total] = found.band
    expected = {**dict.fromkeys(range(3, 9), "severe"), **dict.fromkeys(range(9, 13), "moderate")}
    assert bands == {**expected, **dict.fromkeys(range(13, 16), "mild")}


def test_gcs_without_a_part_names_it_and_the_worst_it_can_be() -> None:
    found = gcs(CONTENT.gcs, eye=4, verbal=None, motor=6)
    assert (found.total, found.at_least, found.missing) == (None, 11, ("verbal",))
    assert found.text == "E4V?M6"


@pytest.mark.parametrize(
    ("part", "value"),
    [("eye", 0), ("eye", 5), ("verbal", 6), ("motor", 7), ("eye", "T"), ("motor", True)],
)
def test_gcs_refuses_points_that_a_part_does_not_have(part: str, value: GcsPart) -> None:
    parts: dict[str, GcsPart] = {"eye": 4, "verbal": 5, "motor": 6, part: value}
    with pytest.raises(GcsInputError) as wrong:
        gcs(CONTENT.gcs, **parts)
    assert wrong.value.part == part


vitals = st.fixed_dictionaries(
    {
        "resp_per_min": st.integers(0, 50),
        "spo2_pct": st.integers(60, 100),
        "on_oxygen": st.booleans(),
        "spo2_scale_2": st.booleans(),
        "sbp_mmhg": st.integers(40, 250),
        "heart_rate_per_min": st.integers(20, 200),
        "consciousness": st.sampled_from("ACVPU"),
        "temp_c": st.floats(30, 42),
    }
)


@settings(deadline=None, max_examples=200)
@given(vitals, st.sets(st.sampled_from(["resp_per_min", "spo2_pct", "on_oxygen", "temp_c"])))
def test_the_bounds_of_a_partial_score_hold_the_full_one(
    values: dict[str, Any], hidden: set[str]
) -> None:
    full = Findings(**ADULT, **values)
    partial = replace(full, **dict.fromkeys(hidden))
    for table in (CONTENT.news2, CONTENT.mews):
        whole, part = score(full, table), score(partial, table)
        assert part.total is not None
        assert whole.total is not None
        assert part.at_most is not None
        assert part.total <= whole.total <= part.at_most
        assert whole.status is Status.COMPLETE
