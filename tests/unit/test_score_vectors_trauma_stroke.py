# ruff: noqa: E501 (a worked example reads as one line)
"""Every printed worked example of the scores of trauma and stroke, literally."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.scores import CONTENT, OWN, check, named, take
from goldenhour.domain.care import Findings, score
from goldenhour.kernel.content import Status


@named(
    (15, 120, 18, 12, 7.8408),
    (12, 85, 32, 9, 5.8806),
    (7, 60, 8, 6, 3.9204),
    (8, 90, 30, 9, 5.6764),
    (3, 0, 0, 0, 0),
)
def test_rts(vector: tuple[Any, ...]) -> None:
    gcs, sbp, resp, coded, weighted = vector
    given = {"gcs": gcs, "sbp_mmhg": sbp, "resp_per_min": resp}
    check("t_rts", coded, "minor" if coded == 12 else "trauma_centre", **given)
    check("rts", weighted, "best" if coded == 12 else "reduced", **given)


@named(
    (15, 130, 30, True, 29, "low", 24, "low"),
    (10, 100, 65, True, 17, "high", 14, "moderate"),
    (14, 120, 59, False, 22, "intermediate", 21, "low"),
    (5, 55, 70, False, 5, "high", 5, "severe"),
)
def test_mgap_and_gap(vector: tuple[Any, ...]) -> None:
    gcs, sbp, age, blunt, mgap, mgap_band, gap, gap_band = vector
    given = {"gcs": gcs, "sbp_mmhg": sbp, "age_y": age}
    check("mgap", mgap, mgap_band, **given, blunt_trauma=blunt)
    check("gap", gap, gap_band, **given)


CRAMS: dict[str, Any] = {
    "crams_cap_refill": "normal", "sbp_mmhg": 120, "crams_resp": "normal", "resp_per_min": 16,
    "crams_trunk": "soft", "crams_motor": "normal", "crams_speech": "normal",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "total", "band"),
    [
        ({}, 10, "light"),
        ({"sbp_mmhg": 95, "crams_trunk": "tender"}, 8, "severe"),
        ({"sbp_mmhg": 80, "crams_resp": "laboured", "crams_trunk": "tender", "crams_motor": "pain", "crams_speech": "confused"}, 4, "very_severe"),
    ],
    ids=["all-normal", "95-tender", "80-laboured-tender-pain-confused"],
)  # fmt: skip
def test_crams(given: dict[str, Any], total: int, band: str) -> None:
    check("crams", total, band, **(CRAMS | given))


@named(
    (96, 96, "normal", "normal", False, 1, 1, "minor"),
    (90, 126, "normal", "normal", False, 4, 4, "major"),
    (110, 84, "normal", "normal", True, 4, 4, "major"),
    (80, 130, "laboured", "confused", True, 15, 16, "critical"),
)
def test_phi(vector: tuple[Any, ...]) -> None:
    sbp, pulse, breathing, mind, penetrating, total, chinese, band = vector
    given = {
        "sbp_mmhg": sbp, "heart_rate_per_min": pulse, "resp_per_min": 16,
        "phi_breathing": breathing, "phi_mind": mind, "penetrating_trunk": penetrating,
    }  # fmt: skip
    check("phi", total, band, **given)
    variant = replace(CONTENT.scores["phi"], parameters={"phi_variant": "chinese"})
    findings = Findings(**{key: value for key, value in given.items() if key in OWN})
    answers = {key: value for key, value in given.items() if key not in OWN}
    assert score(findings, variant, answers).total == chinese


TRAUMA_INDEX: dict[str, Any] = {
    "ti_circulation": "normal", "sbp_mmhg": 120, "heart_rate_per_min": 80, "ti_mind": "awake",
    "ti_breathing": "normal",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "total", "band"),
    [
        ({"ti_region": "limb", "ti_type": "cut"}, 2, "light_moderate"),
        ({"ti_region": "chest_abdomen", "ti_type": "blunt", "sbp_mmhg": 95, "ti_breathing": "dyspnoea"}, 16, "severe"),
        ({"ti_region": "head_neck", "ti_type": "missile", "heart_rate_per_min": 150, "ti_mind": "light_coma", "ti_breathing": "cyanosis"}, 27, "very_severe"),
    ],
    ids=["limb-laceration", "chest-blunt-95-dyspnoea", "head-missile-150-coma-cyanosis"],
)  # fmt: skip
def test_trauma_index(given: dict[str, Any], total: int, band: str) -> None:
    check("trauma_index", total, band, **(TRAUMA_INDEX | given))


@named((70, 120, 0.58, "normal"), (110, 100, 1.1, "raised"), (130, 90, 1.44, "severe"))
def test_shock_index(vector: tuple[Any, ...]) -> None:
    rate, sbp, index, band = vector
    found = take("shock_index", age_y=40, heart_rate_per_min=rate, sbp_mmhg=sbp)
    assert (found.inputs["shock_index"], found.band) == (index, band)


def test_shock_index_at_no_pressure_is_undefined_and_not_infinite() -> None:
    found = take("shock_index", age_y=40, heart_rate_per_min=110, sbp_mmhg=0)
    assert "shock_index" not in found.inputs
    assert (found.status, found.band, found.missing) == (Status.PARTIAL, None, ("shock_index",))


@named(
    (5, 1.22, "normal"),
    (5, 1.23, "raised"),
    (7, 1.0, "normal"),
    (12.9, 1.01, "raised"),
    (13, 0.9, "normal"),
    (16.9, 0.91, "raised"),
)
def test_sipa_limits(vector: tuple[Any, ...]) -> None:
    age, index, band = vector
    found = take("sipa", age_y=age, heart_rate_per_min=index * 100, sbp_mmhg=100)
    assert found.band == band


@named(
    (2, 2, 2, 2, 1, -1, 8, "paediatric_centre"),
    (2, 2, 2, 1, 1, 1, 9, "minor"),
    (-1, -1, -1, -1, -1, -1, -6, "paediatric_centre"),
)
def test_pts(vector: tuple[Any, ...]) -> None:
    weight, airway, sbp, cns, skeletal, wounds, total, band = vector
    check(
        "pts", total, band, age_y=6,
        weight_kg={2: 25, 1: 15, -1: 8}[weight],
        pts_airway={2: "normal", 1: "maintainable", -1: "unmaintainable"}[airway],
        sbp_mmhg={2: 100, 1: 60, -1: 40}[sbp],
        pts_cns={2: "awake", 1: "obtunded", -1: "coma"}[cns],
        pts_skeletal={2: "none", 1: "closed", -1: "open"}[skeletal],
        pts_wounds={2: "none", 1: "minor", -1: "major"}[wounds],
    )  # fmt: skip


UNHURT: dict[str, Any] = {
    "age_y": 30, "sbp_mmhg": 120, "heart_rate_per_min": 80, "resp_per_min": 16, "spo2_pct": 98,
    "gcs_motor": 6, "ft_injury": (), "ft_breathing": False, "ft_mechanism": (), "ft_fall_m": 0,
    "ft_judgement": (),
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"age_y": 70, "sbp_mmhg": 105, "heart_rate_per_min": 80}, "red"),
        ({"age_y": 30, "sbp_mmhg": 105, "heart_rate_per_min": 110}, "red"),
        ({"age_y": 4, "sbp_mmhg": 76}, "red"),
        ({"age_y": 4, "sbp_mmhg": 78}, "none"),
        ({"ft_fall_m": 3.5}, "yellow"),
        ({}, "none"),
    ],
    ids=["70y-105-80", "30y-105-110", "4y-76", "4y-78", "fall-3.5m", "ankle-sprain"],
)
def test_field_triage(given: dict[str, Any], band: str) -> None:
    found = take("field_triage", **(UNHURT | given))
    assert (found.band, found.status) == (band, Status.COMPLETE)


def test_cpss_with_arm_drift_only_is_positive() -> None:
    check("cpss", 1, "positive", cpss_face=False, cpss_arm=True, cpss_speech=False)


def test_be_fast_with_sudden_double_vision_only_is_suspect() -> None:
    check("be_fast", 1, "suspect", be_fast_signs=("eyes",))


@named(("droop", "drifts", "weak", 3, "less_likely"), ("droop", "drifts", "none", 4, "likely"))
def test_lams(vector: tuple[Any, ...]) -> None:
    face, arm, grip, total, band = vector
    check("lams", total, band, lams_face=face, lams_arm=arm, lams_grip=grip)


RACE: dict[str, Any] = {
    "race_side": "left", "race_face": "mild", "race_arm": "moderate", "race_leg": "moderate",
    "race_gaze": "present", "race_agnosia": "partial",
}  # fmt: skip


def test_race_left_one_of_each_is_five() -> None:
    check("race", 5, "lvo", **RACE)


def test_race_left_arm_and_agnosia_is_two() -> None:
    given = RACE | {"race_face": "none", "race_leg": "normal", "race_gaze": "absent"}
    check("race", 2, "less_likely", **given)


def test_race_rejects_agnosia_with_weakness_on_the_right() -> None:
    found = take("race", **(RACE | {"race_side": "right"}))
    assert (found.status, found.total, found.band) == (Status.CONTRADICTORY, None, None)
    assert found.contradictions == ("agnosia_on_the_right",)
    assert found.missing == ("race_agnosia", "race_side")


@named(
    ("droop", "falls", "severe", "forced", "none", 7, "likely"),
    ("normal", "drifts", "mild", "none", "none", 2, "unlikely"),
)
def test_fast_ed(vector: tuple[Any, ...]) -> None:
    *values, total, band = vector
    parts = ("face", "arm", "speech", "eyes", "neglect")
    given = {f"fast_ed_{part}": value for part, value in zip(parts, values, strict=True)}
    check("fast_ed", total, band, **given)


def test_three_item_stroke_scale() -> None:
    check(
        "three_iss",
        4,
        "lvo",
        three_iss_mind="mild",
        three_iss_gaze="forced",
        three_iss_motor="moderate",
    )


@named(
    ("deviated", False, True, "holds", 2, "positive"),
    ("normal", True, True, "falls", 2, "positive"),
    ("normal", True, False, "falls", 1, "negative"),
)
def test_c_stat_cut(vector: tuple[Any, ...]) -> None:
    gaze, questions, commands, arm, total, band = vector
    check(
        "c_stat",
        total,
        band,
        c_stat_gaze=gaze,
        c_stat_questions=questions,
        c_stat_commands=commands,
        c_stat_arm=arm,
    )


NIHSS = {item.id: "0" for item in CONTENT.scores["nihss"].items}


def test_nihss_ten() -> None:
    given = {"nihss_4": "2", "nihss_5a": "3", "nihss_6a": "2", "nihss_9": "2", "nihss_10": "1"}
    check("nihss", 10, "moderate", **(NIHSS | given))


def test_nihss_untestable_counts_nothing_and_stays_written() -> None:
    found = take("nihss", **(NIHSS | {"nihss_6b": "UN"}))
    assert (found.total, found.status, found.inputs["nihss_6b"]) == (0, Status.COMPLETE, "UN")


@named(
    (0, "none"),
    (1, "minor"),
    (4, "minor"),
    (5, "moderate"),
    (15, "moderate"),
    (16, "moderate_severe"),
    (20, "moderate_severe"),
    (21, "severe"),
    (42, "severe"),
)
def test_nihss_bands(vector: tuple[Any, ...]) -> None:
    wanted, band = vector
    given, left = {}, wanted
    for item in CONTENT.scores["nihss"].items:
        points = min(left, max(int(choice.points or 0) for choice in item.choices))
        given[item.id] = str(points)
        left -= points
    check("nihss", wanted, band, **given)
