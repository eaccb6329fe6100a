# ruff: noqa: E501 (a worked example reads as one line)
"""Every printed worked example of the scores of the heart, birth and children, literally."""

from typing import Any

import pytest

from factories.scores import CONTENT, check, named, take
from goldenhour.kernel.content import Status

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
