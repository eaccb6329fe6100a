# ruff: noqa: E501 (a worked example reads as one line)
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care import Findings, JudgedError, LevelProposal, triage_level
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import TriageLevel

CONTENT = load()
ORDER = list(TriageLevel)


def rank(level: TriageLevel | None) -> int:
    assert level is not None
    return ORDER.index(level)


def propose(**findings: Any) -> LevelProposal:
    return triage_level(Findings(**findings), CONTENT.triage, CONTENT.mews)


@pytest.mark.parametrize(
    ("findings", "level"),
    [
        ({"heart_rate_per_min": 181}, "I"),
        ({"heart_rate_per_min": 150, "sbp_mmhg": 120, "spo2_pct": 98, "mews": 3}, "II"),
        ({"heart_rate_per_min": 149, "sbp_mmhg": 120, "spo2_pct": 98}, "III"),
        ({"heart_rate_per_min": 50, "sbp_mmhg": 120, "spo2_pct": 98, "gcs": 15}, "II"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 79}, "II"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 69}, "I"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 85}, "III"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 201}, "II"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 80}, "II"),
        ({"heart_rate_per_min": 80, "sbp_mmhg": 90}, "III"),
        ({"spo2_pct": 88, "resp_per_min": 28, "spo2_corrected": False}, "II"),
        ({"spo2_pct": 79}, "I"),
        ({"spo2_pct": 90}, "II"),
        ({"glucose_mmol_l": 3.2}, "I"),
        ({"potassium_mmol_l": 7.1}, "I"),
        ({"temp_c": 41.2}, "I"),
        ({"gcs": 11, "heart_rate_per_min": 80, "sbp_mmhg": 120, "spo2_pct": 98}, "II"),
        ({"gcs": 14, "heart_rate_per_min": 80, "sbp_mmhg": 120, "spo2_pct": 98}, "III"),
        ({"heart_rate_per_min": 99, "sbp_mmhg": 120, "spo2_pct": 96, "pain": 2}, "IV"),
        ({"age_y": 5 / 12, "resp_per_min": 82}, "I"),
        ({"age_y": 2, "heart_rate_per_min": 170}, "I"),
        ({"age_y": 4, "resp_per_min": 30}, "II"),
        ({"age_y": 3 / 365.25, "temp_c": 38.1}, "I"),
        ({"age_y": 28 / 365.25, "temp_c": 38.1}, "I"),
        ({"age_y": 30, "pregnant": True, "contraction_min": 4, "sbp_mmhg": 150, "dbp_mmhg": 95, "pain": 3}, "II"),
        ({"pregnant": True, "vaginal_bleeding": "more"}, "I"),
        ({"ecg_suggests_ami": True}, "II"),
        ({"judged": ("acute_stroke",)}, "II"),
        ({"judged": ("seizure_stopped", "shock")}, "I"),
        ({"age_y": 4, "glucose_mmol_l": 1.5}, "I"),
    ],
)  # fmt: skip
def test_levels(findings: dict[str, Any], level: str) -> None:
    assert propose(**findings).level == level


def test_two_hundred_is_the_end_of_a_band_and_not_above_it() -> None:
    assert propose(heart_rate_per_min=80, sbp_mmhg=200).level is TriageLevel.III


def test_a_heart_rate_fires_the_mews_row_through_its_lower_bound() -> None:
    found = propose(heart_rate_per_min=149, sbp_mmhg=120, spo2_pct=98)
    assert {hit.row_id for hit in found.fired} == {"hr_3", "mews_3"}
    assert found.status is Status.PARTIAL


def test_known_hypoxia_makes_the_saturation_advisory() -> None:
    found = propose(spo2_pct=88, chronic_hypoxia=True)
    assert found.level is TriageLevel.IV
    assert [hit.row_id for hit in found.advisory] == ["spo2_2"]
    assert found.fired == ()


def test_one_normal_value_is_at_least_iv_and_lists_what_is_missing() -> None:
    found = propose(heart_rate_per_min=80)
    assert (found.level, found.status) == (TriageLevel.IV, Status.PARTIAL)
    assert {"age_y", "pregnant"} <= set(found.missing)
    assert found.worst_possible is TriageLevel.I
    assert {"sbp_mmhg", "spo2_pct", "gcs", "temp_c", "judged"} <= set(found.missing)
    assert "heart_rate_per_min" not in found.missing


def test_nothing_known_is_no_level() -> None:
    found = propose()
    assert (found.level, found.status) == (None, Status.PARTIAL)
    assert found.worst_possible is TriageLevel.I


def test_level_one_needs_nothing_more() -> None:
    found = propose(heart_rate_per_min=190)
    assert (found.status, found.missing) == (Status.COMPLETE, ())


def test_a_judged_indicator_must_exist() -> None:
    with pytest.raises(JudgedError) as wrong:
        propose(judged=("tired",))
    assert wrong.value.names == {"tired"}


def test_fired_indicators_name_table_and_version() -> None:
    (hit,) = propose(potassium_mmol_l=7.5).fired
    assert (hit.table_id, hit.table_version, hit.row_id) == ("triage_common", 2, "potassium_1")


full_findings = st.builds(
    Findings,
    age_y=st.sampled_from([0.02, 0.2, 0.4, 0.8, 2.0, 5.0, 8.0, 13.0, 30.0, 70.0]),
    pregnant=st.booleans(),
    heart_rate_per_min=st.integers(20, 250),
    sbp_mmhg=st.integers(40, 250),
    dbp_mmhg=st.integers(20, 130),
    sbp_fell=st.booleans(),
    resp_per_min=st.integers(4, 90),
    spo2_pct=st.integers(60, 100),
    spo2_corrected=st.booleans(),
    chronic_hypoxia=st.booleans(),
    temp_c=st.floats(30, 43),
    consciousness=st.sampled_from("ACVPU"),
    gcs=st.integers(3, 15),
    pain=st.integers(0, 10),
    glucose_mmol_l=st.floats(1, 30),
    potassium_mmol_l=st.floats(2, 9),
    ecg_suggests_ami=st.booleans(),
    pews=st.integers(0, 9),
    contraction_min=st.integers(1, 60),
    vaginal_bleeding=st.sampled_from(["none", "less", "equal", "more"]),
    judged=st.sampled_from([(), ("head_injury",), ("shock",)]),
)
HIDEABLE = [
    "heart_rate_per_min", "sbp_mmhg", "dbp_mmhg", "resp_per_min", "spo2_pct", "temp_c", "gcs",
    "pain", "consciousness", "judged", "glucose_mmol_l", "pews", "vaginal_bleeding",
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(full_findings, st.sets(st.sampled_from(HIDEABLE)))
def test_missing_findings_never_reassure(full: Findings, hidden: set[str]) -> None:
    whole = triage_level(full, CONTENT.triage, CONTENT.mews)
    part = triage_level(replace(full, **dict.fromkeys(hidden)), CONTENT.triage, CONTENT.mews)
    assert rank(part.worst_possible) <= rank(whole.level)
    assert rank(part.level) >= rank(whole.level)
    if part.level is not whole.level:
        assert part.status is Status.PARTIAL
        assert set(part.missing) & (hidden | {"mews"})


@settings(deadline=None, max_examples=100)
@given(full_findings, st.sampled_from([{"age_y"}, {"pregnant"}, {"age_y", "pregnant"}]))
def test_an_unknown_age_or_pregnancy_keeps_the_other_tables_possible(
    full: Findings, hidden: set[str]
) -> None:
    whole = triage_level(full, CONTENT.triage, CONTENT.mews)
    part = triage_level(replace(full, **dict.fromkeys(hidden)), CONTENT.triage, CONTENT.mews)
    assert rank(part.worst_possible) <= rank(whole.level)
    if rank(part.level) > rank(whole.level):
        assert part.status is Status.PARTIAL


@settings(deadline=None, max_examples=100)
@given(full_findings)
def test_worst_wins(findings: Findings) -> None:
    found = triage_level(findings, CONTENT.triage, CONTENT.mews)
    levels = [rank(hit.level) for hit in found.fired]
    assert rank(found.level) == min(levels, default=rank(TriageLevel.IV))
    assert levels == sorted(levels)
