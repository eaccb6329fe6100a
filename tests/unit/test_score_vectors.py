# ruff: noqa: E501 (a worked example reads as one line)
"""Every printed worked example of the score tables, literally."""

from typing import Any

import pytest
from msgspec.structs import fields, replace

from goldenhour.content import load
from goldenhour.domain.care import Findings, Score, score
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status

CONTENT = load()
OWN = {field.name for field in fields(Findings)}


def take(name: str, **given: Any) -> Score:
    """The score of a table: what findings know goes there, the rest are answers."""
    findings = Findings(**{key: value for key, value in given.items() if key in OWN})
    answers: dict[str, Answer] = {key: value for key, value in given.items() if key not in OWN}
    return score(findings, CONTENT.scores[name], answers)


def check(name: str, total: float | None, band: str | None, **given: Any) -> None:
    found = take(name, **given)
    assert (found.total, found.band, found.status) == (total, band, Status.COMPLETE), found


def named(*vectors: tuple[Any, ...]) -> Any:
    """One test per vector, named by its inputs."""
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: "-".join(map(str, vector)))


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


H = ("slight", "moderate", "high")
E = ("normal", "nonspecific", "st_deviation")
AGE = (40, 50, 70)
R = ("none", "some", "many")
T = ("normal", "raised", "high")


@named((2, 2, 1, 2, 1, 8, "high"), (1, 0, 1, 1, 0, 3, "low"), (0, 1, 2, 1, 0, 4, "moderate"))
def test_heart(vector: tuple[Any, ...]) -> None:
    h, e, a, r, t, total, band = vector
    check(
        "heart",
        total,
        band,
        heart_history=H[h],
        heart_ecg=E[e],
        age_y=AGE[a],
        heart_risk=R[r],
        heart_troponin=T[t],
    )


def test_heart_without_troponin_is_partial_and_hear_gives_the_number() -> None:
    given = {"heart_history": "moderate", "heart_ecg": "normal", "age_y": 50, "heart_risk": "some"}
    found = take("heart", **given)
    assert (found.status, found.total, found.band) == (Status.PARTIAL, 3, None)
    assert found.missing == ("heart_troponin",)
    check("hear", 3, "low", **given)


def test_heart_is_for_adults() -> None:
    assert take("heart", age_y=20.9).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"killip_lungs": "clear", "sbp_mmhg": 120, "hypoperfusion": False}, "I"),
        ({"killip_lungs": "rales", "sbp_mmhg": 120, "hypoperfusion": False}, "II"),
        ({"killip_lungs": "oedema", "sbp_mmhg": 150, "hypoperfusion": False}, "III"),
        ({"killip_lungs": "clear", "sbp_mmhg": 82, "hypoperfusion": True}, "IV"),
    ],
    ids=["clear", "basal-rales", "froth-150", "82-cold-oliguric"],
)
def test_killip(given: dict[str, Any], band: str) -> None:
    found = take("killip", **given, s3_or_jvd=False)
    assert (found.band, found.status) == (band, Status.COMPLETE)


TIMI: dict[str, Any] = {
    "age_y": 40, "diabetes": False, "hypertension": False, "angina": False, "sbp_mmhg": 120,
    "heart_rate_per_min": 80, "score_killip": 0, "weight_kg": 80, "anterior_ste_or_lbbb": False,
    "treated_after_4h": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "total", "band", "death"),
    [
        ({}, 0, "t0", "0.8 %"),
        ({"age_y": 66, "hypertension": True}, 3, "t3", "4.4 %"),
        ({"age_y": 76, "diabetes": True, "sbp_mmhg": 95, "heart_rate_per_min": 110, "score_killip": 1, "weight_kg": 60, "anterior_ste_or_lbbb": True, "treated_after_4h": True}, 14, "t9", "35.9 %"),
    ],
    ids=["40y-normal", "66y-hypertension", "76y-everything"],
)  # fmt: skip
def test_timi_stemi(given: dict[str, Any], total: int, band: str, death: str) -> None:
    check("timi_stemi", total, band, **(TIMI | given))
    titles = {row.id: row.title.en for row in CONTENT.scores["timi_stemi"].bands}
    assert titles[band].endswith(death)


UNSTABLE = dict.fromkeys(
    ["cad_risk_3", "stenosis_50", "aspirin_7d", "angina_2_in_24h", "st_deviation_half_mm", "marker_raised"],
    False,
)  # fmt: skip


def test_timi_ua_nstemi() -> None:
    check("timi_ua_nstemi", 0, "low", age_y=50, **UNSTABLE)
    given = UNSTABLE | {"aspirin_7d": True, "st_deviation_half_mm": True}
    check("timi_ua_nstemi", 3, "intermediate", age_y=70, **given)
    check("timi_ua_nstemi", 7, "high", age_y=70, **dict.fromkeys(UNSTABLE, True))


@named(
    (75, 99, 131, 2.0, "II", False, True, True, 207),
    (48, 91, 120, 0.4, "I", False, False, False, 78),
    (65, 110, 95, 1.3, "III", False, True, True, 226),
    (82, 130, 75, 1.7, "IV", True, True, True, 326),
)
def test_grace(vector: tuple[Any, ...]) -> None:
    age, rate, sbp, creatinine_mg_dl, killip, arrest, st, enzymes, total = vector
    given = {
        "age_y": age, "heart_rate_per_min": rate, "sbp_mmhg": sbp,
        "creatinine_umol_l": creatinine_mg_dl * 88.4,
        "score_killip": ("I", "II", "III", "IV").index(killip), "arrest_at_admission": arrest,
        "st_deviation": st, "enzymes_raised": enzymes,
    }  # fmt: skip
    check("grace", total, "high" if total > 140 else "low", **given)
    check("grace", total, "high_stemi" if total >= 155 else "low_stemi", **given, stemi=True)
    for absent in ("creatinine_umol_l", "enzymes_raised"):
        found = take("grace", **{key: value for key, value in given.items() if key != absent})
        assert found.status is Status.PARTIAL
        assert found.total is not None
        assert found.total < total or absent == "enzymes_raised"
        assert found.band not in ("low", "low_stemi")


@named((2, 2, 2, 2, 1, 9, "normal"), (1, 1, 1, 1, 1, 5, "moderate"), (0, 1, 0, 0, 0, 1, "severe"))
def test_apgar(vector: tuple[Any, ...]) -> None:
    *points, total, band = vector
    given = {}
    for item, value in zip(CONTENT.scores["apgar"].items, points, strict=True):
        (given[item.id],) = [choice.id for choice in item.choices if choice.points == value]
    check("apgar", total, band, **given)


NEWBORN: dict[str, Any] = {
    "age_y": 3 / 365.25, "heart_rate_per_min": 150, "sbp_mmhg": 60, "resp_per_min": 45,
    "pao2_mmhg": 80, "blood_ph": 7.4, "sodium_mmol_l": 140, "potassium_mmol_l": 5.0,
    "newborn_creatinine_umol_l": 100, "haematocrit": 0.5, "newborn_gut": "none",
}  # fmt: skip


def test_ncis_normal_and_critical() -> None:
    check("ncis", 100, "not_critical", **NEWBORN)
    given = {"heart_rate_per_min": 190, "sbp_mmhg": 38, "resp_per_min": 70, "pao2_mmhg": 48}
    check("ncis", 78, "critical", **(NEWBORN | given))


def test_ncis_takes_urea_where_there_is_no_creatinine() -> None:
    given = {key: value for key, value in NEWBORN.items() if key != "newborn_creatinine_umol_l"}
    check("ncis", 94, "not_critical", **given, bun_mmol_l=15)


@pytest.mark.parametrize(
    ("given", "total", "band"),
    [
        ({"sbp_mmhg": 95}, 76, None),
        ({"sbp_mmhg": 38, "resp_per_min": 62}, 70, "critical"),
        ({"sbp_mmhg": 38, "heart_rate_per_min": 190, "resp_per_min": 110, "sodium_mmol_l": 165}, 56, "critical"),
        ({"sbp_mmhg": 38, "heart_rate_per_min": 190, "resp_per_min": 110, "sodium_mmol_l": 165, "haematocrit": 0.3}, 52, "very_critical"),
    ],
    ids=["76-of-80", "70-of-80", "56-of-80", "52-of-80"],
)  # fmt: skip
def test_ncis_with_two_missing_is_scaled_and_never_reassures(
    given: dict[str, Any], total: int, band: str | None
) -> None:
    some = {key: value for key, value in NEWBORN.items() if key not in ("blood_ph", "pao2_mmhg")}
    found = take("ncis", **(some | given))
    assert (found.status, found.total, found.band) == (Status.PARTIAL, total, band)
    assert found.missing == ("blood_ph", "pao2_mmhg")


def test_ncis_in_an_ambulance_prints_no_total_and_one_sign_alerts() -> None:
    given = {"age_y": 3 / 365.25, "heart_rate_per_min": 190}
    found = take("ncis", **given)
    assert (found.status, found.total, found.at_most, found.band) == (
        Status.PARTIAL,
        None,
        None,
        None,
    )
    alert = take("newborn_critical", **given)
    assert (alert.status, alert.band) == (Status.PARTIAL, "alert")


def test_a_glucose_of_0_9_alone_is_a_critical_newborn() -> None:
    found = take("newborn_critical", age_y=3 / 365.25, glucose_mmol_l=0.9)
    assert found.band == "critical_newborn"


MOTHER: dict[str, Any] = {
    "pregnant": True, "temp_c": 37.0, "sbp_mmhg": 120, "dbp_mmhg": 75, "heart_rate_per_min": 85,
    "resp_per_min": 16, "spo2_pct": 98, "consciousness": "A", "meows_pain": "0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"sbp_mmhg": 165}, "trigger"),
        ({"heart_rate_per_min": 105, "resp_per_min": 22}, "trigger"),
        ({"heart_rate_per_min": 105}, "no_trigger"),
        ({"spo2_pct": 94}, "trigger"),
    ],
    ids=["165", "105-22", "105", "spo2-94"],
)
def test_meows(given: dict[str, Any], band: str) -> None:
    found = take("meows", **(MOTHER | given))
    assert (found.band, found.status) == (band, Status.COMPLETE)


@named(("green", "green"), ("yellow", "yellow"), ("orange", "orange"), ("red", "red"))
def test_pregnancy_colour(vector: tuple[Any, ...]) -> None:
    colour, band = vector
    assert (
        take("pregnancy_colour", pregnant=True, pregnancy_risk=colour, pregnancy_purple=True).band
        == band
    )


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"sbp_mmhg": 160}, "red_flag"),
        ({"dbp_mmhg": 110}, "red_flag"),
        ({"blood_loss_ml": 500}, "red_flag"),
        ({"blood_loss_ml": 1000}, "severe"),
        ({"heart_rate_per_min": 108}, "red_flag"),
        ({"obstetric_seizure": True}, "severe"),
        ({}, "none"),
    ],
    ids=["160", "dbp-110", "500mL", "1000mL", "index-0.9", "seizure", "none"],
)
def test_obstetric_red_flags(given: dict[str, Any], band: str) -> None:
    calm = {"pregnant": True, "sbp_mmhg": 120, "dbp_mmhg": 75, "heart_rate_per_min": 85, "blood_loss_ml": 100, "obstetric_seizure": False}  # fmt: skip
    assert take("obstetric_red_flags", **(calm | given)).band == band


@named((0, 0, 0, 0, "low"), (1, 1, 1, 3, "intermediate"), (2, 2, 1, 5, "high"))
def test_pews(vector: tuple[Any, ...]) -> None:
    *points, total, band = vector
    given = {}
    for item, value in zip(CONTENT.scores["pews"].items[:3], points, strict=True):
        given[item.id] = item.choices[value].id
    check("pews", total, band, age_y=5, **given, pews_nebuliser=False, pews_vomiting=False)


@named(
    (False, False, False, "stable"),
    (True, False, False, "brain_metabolic"),
    (False, True, False, "respiratory_distress"),
    (True, True, False, "respiratory_failure"),
    (False, False, True, "compensated_shock"),
    (True, False, True, "decompensated_shock"),
    (True, True, True, "cardiopulmonary_failure"),
)
def test_pat(vector: tuple[Any, ...]) -> None:
    appearance, breathing, circulation, band = vector
    found = take(
        "pat",
        age_y=5,
        pat_appearance=appearance,
        pat_breathing=breathing,
        pat_circulation=circulation,
    )
    assert found.band == band


@named((24, 95, 15, 2, "high"), (18, 120, 14, 1, "one"), (30, 85, 12, 3, "high"))
def test_qsofa(vector: tuple[Any, ...]) -> None:
    resp, sbp, gcs, total, band = vector
    check("qsofa", total, band, age_y=60, resp_per_min=resp, sbp_mmhg=sbp, gcs=gcs)


@named(
    (True, 5, 0, None, "alert"),
    (True, 0, 2, None, "alert"),
    (True, 0, 0, 2.1, "alert"),
    (True, 4, 1, 2.0, "none"),
    (False, 12, 3, 6.0, "none"),
)
def test_sepsis_alert(vector: tuple[Any, ...]) -> None:
    infection, news2, qsofa, lactate, band = vector
    given = {} if lactate is None else {"lactate_mmol_l": lactate}
    found = take(
        "sepsis_alert",
        age_y=60,
        suspected_infection=infection,
        score_news2=news2,
        score_qsofa=qsofa,
        **given,
    )
    assert found.band == band


WELL: dict[str, Any] = {
    "pss_nervous": "normal", "pss_respiratory": "normal", "pss_cardiovascular": "normal",
    "pss_gut": "normal", "heart_rate_per_min": 80, "poisoned_dead": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"pss_gut": "minor"}, 1),
        ({"pss_nervous": "moderate"}, 2),
        ({"pss_nervous": "severe", "pss_cardiovascular": "severe"}, 3),
        ({"poisoned_dead": True}, 4),
    ],
    ids=["vomiting", "pain-only", "coma-sbp-65", "dead"],
)
def test_pss(given: dict[str, Any], total: int) -> None:
    check("pss", total, ("none", "minor", "moderate", "severe", "fatal")[total], **(WELL | given))


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"pupils": "pinpoint", "tox_signs": ("sweating", "secretions")}, "cholinergic"),
        ({"pupils": "pinpoint", "resp_per_min": 8}, "opioid"),
        ({"pupils": "wide", "tox_signs": ("sweating", "agitation")}, "sympathomimetic"),
        ({"pupils": "wide", "tox_signs": ("dry_skin",)}, "anticholinergic"),
        ({"headache_cluster": True}, "carbon_monoxide"),
        ({}, "none"),
    ],
    ids=["cholinergic", "opioid", "sympathomimetic", "anticholinergic", "co", "none"],
)
def test_toxidromes(given: dict[str, Any], band: str) -> None:
    calm = {"pupils": "normal", "tox_signs": (), "resp_per_min": 16, "headache_cluster": False}
    assert take("toxidromes", **(calm | given)).band == band


@pytest.mark.parametrize(
    ("table", "given", "band"),
    [
        ("start", {"walks": True}, "green"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 34}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "cap_refill_s": 3}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "radial_pulse": True, "obeys": True}, "yellow"),
        ("start", {"walks": False, "mci_breathing": "never"}, "black"),
        ("start", {"walks": False, "mci_breathing": "after_opening"}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "radial_pulse": True, "obeys": False}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 12}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": True, "breathes_after_5": True}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": True, "breathes_after_5": False}, "black"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": False}, "black"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 30, "any_pulse": True, "child_responds": "voice"}, "yellow"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 30, "any_pulse": True, "child_responds": "pain_unfit"}, "red"),
        ("salt", {"mci_breathing": "spontaneous", "any_pulse": False, "likely_to_survive": False}, "grey"),
        ("salt", {"mci_breathing": "spontaneous", "any_pulse": False, "likely_to_survive": True}, "red"),
        ("salt", {"mci_breathing": "never"}, "black"),
        ("salt", {"mci_breathing": "spontaneous", "obeys": True, "any_pulse": True, "distress": False, "bleeding_controlled": True, "minor_only": True}, "green"),
        ("salt", {"mci_breathing": "spontaneous", "obeys": True, "any_pulse": True, "distress": False, "bleeding_controlled": True, "minor_only": False}, "yellow"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)  # fmt: skip
def test_mass_casualty(table: str, given: dict[str, Any], band: str) -> None:
    found = take(table, age_y=5 if table == "jumpstart" else 40, **given)
    assert (found.band, found.status) == (band, Status.COMPLETE)


def test_a_tag_without_walking_known_is_never_green() -> None:
    found = take(
        "start",
        age_y=40,
        mci_breathing="spontaneous",
        resp_per_min=20,
        radial_pulse=True,
        obeys=True,
    )
    assert (found.status, found.band, found.missing) == (Status.PARTIAL, None, ("walks",))


WINDOWS = ("fast_pericardial", "fast_ruq", "fast_luq", "fast_pelvis")


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"fast_ruq": "present"}, "positive"),
        ({"fast_luq": "equivocal"}, "equivocal"),
        ({}, "negative"),
        ({"fast_luq": "not_obtained", "fast_ruq": "not_obtained"}, "equivocal"),
    ],
    ids=["ruq-present", "one-equivocal", "four-absent", "two-not-obtained"],
)
def test_fast(given: dict[str, Any], band: str) -> None:
    assert take("fast", **(dict.fromkeys(WINDOWS, "absent") | given)).band == band


def test_efast_without_sliding_and_with_a_lung_point_is_a_pneumothorax() -> None:
    calm = {"efast_right_pleura": "absent", "efast_left_pleura": "absent", "efast_right_sliding": "present", "efast_left_sliding": "present", "lung_point": False}  # fmt: skip
    assert take("efast", **calm).band == "negative"
    assert (
        take("efast", **(calm | {"efast_left_sliding": "absent", "lung_point": True})).band
        == "pneumothorax"
    )
    assert take("efast", **(calm | {"efast_left_sliding": "absent"})).band == "equivocal"
    assert take("efast", **(calm | {"efast_left_pleura": "present"})).band == "positive"


@pytest.mark.parametrize(
    ("given", "total", "band"),
    [
        ({"injured_count": 1}, 1, "light"),
        ({"injured_count": 1, "thrown": True}, 3, "serious"),
        ({"injured_count": 3}, 4, "major"),
        ({"injured_count": 1, "unresponsive_at_scene": True}, 5, "major"),
        ({"injured_count": 6, "bus": True, "trapped": True}, 8, "mass"),
        ({"injured_count": 10}, 8, "mass"),
    ],
    ids=["one", "thrown", "three", "unresponsive", "bus-six-trapped", "ten"],
)
def test_crash(given: dict[str, Any], total: int, band: str) -> None:
    flags = [item.id for item in CONTENT.scores["crash"].items if item.id != "injured_count"]
    check("crash", total, band, **(dict.fromkeys(flags, False) | given))
