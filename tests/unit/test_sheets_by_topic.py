# ruff: noqa: E501 (a worked example reads as one line)
"""Each guided sheet with a typical and a contradictory case; the empty one is in test_sheets.py."""

from typing import Any

import pytest

from goldenhour.content import load
from goldenhour.domain.care import Findings
from goldenhour.domain.care.sheets import SheetReading, Who, read_sheet
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import DispatchLevel, TriageLevel

CONTENT = load()
SHEETS = {sheet.about.id: sheet for sheet in CONTENT.sheets}
VITALS: dict[str, Any] = {
    "age_y": 60, "consciousness": "A", "heart_rate_per_min": 80, "sbp_mmhg": 130, "dbp_mmhg": 75,
    "resp_per_min": 16, "spo2_pct": 98, "glucose_mmol_l": 6.0, "temp_c": 37.0,
}  # fmt: skip


def read(name: str, answers: dict[str, Answer], **findings: Any) -> SheetReading:
    return read_sheet(SHEETS[name], CONTENT.scores, answers, Findings(**findings))


def ids(rows: tuple[Any, ...]) -> list[str]:
    return [row.id for row in rows]


def bands(found: SheetReading) -> dict[str, str | None]:
    return {entry.table_id: entry.band for entry in found.scores}


# stroke

CALM_HEAD: dict[str, Answer] = {
    "seizure_now": False, "signs_resolved": False, "thunderclap": False, "stroke_vomiting": False,
    "cpss_face": False, "cpss_arm": False, "cpss_speech": False, "be_fast_signs": (),
}  # fmt: skip


def test_a_large_vessel_stroke_goes_to_thrombectomy_with_the_time_window() -> None:
    answers = CALM_HEAD | {"cpss_face": True, "cpss_arm": True, "be_fast_signs": ("face", "arm"), "lams_face": "droop", "lams_arm": "falls", "lams_grip": "none"}  # fmt: skip
    found = read("stroke", answers, **VITALS, lkw_min=60)
    assert (found.level, found.status) == (TriageLevel.II, Status.COMPLETE)
    assert bands(found)["lams"] == "likely"
    assert ids(found.needs) == ["lvo", "stroke"]
    assert found.needs[0].conditions == ("stroke_lvo",)
    assert "window" in ids(found.actions)
    assert {"lkw", "glucose", "prealert", "scale"}.isdisjoint(ids(found.actions))


def test_an_old_deficit_is_no_acute_stroke_and_an_unknown_time_is_one() -> None:
    answers = CALM_HEAD | {"cpss_arm": True}
    assert read("stroke", answers, **VITALS, lkw_min=4320).level is TriageLevel.III
    unknown = read("stroke", answers, **VITALS)
    assert unknown.level is TriageLevel.II
    assert ids(unknown.actions)[0] == "lkw"
    assert "prealert" in ids(unknown.actions)


def test_low_glucose_beside_stroke_signs_is_level_one() -> None:
    found = read("stroke", CALM_HEAD | {"cpss_face": True}, **(VITALS | {"glucose_mmol_l": 3.2}))
    assert found.level is TriageLevel.I
    assert ids(found.reasons) == ["hypoglycaemia", "acute_stroke"]
    assert bands(found)["stroke_mimics"] == "possible"


def test_resolved_signs_that_are_found_and_a_wrong_side_are_contradictions() -> None:
    answers = CALM_HEAD | {"signs_resolved": True, "cpss_face": True, "race_side": "right", "race_agnosia": "partial"}  # fmt: skip
    found = read("stroke", answers, **VITALS)
    assert found.contradictions == ("resolved_and_present", "agnosia_on_the_right")
    assert found.status is Status.PARTIAL
    assert bands(found)["race"] is None


# trauma

UNHURT: dict[str, Answer] = {
    "bleeding_uncontrolled": False, "airway_lost": False, "tension_signs": False,
    "shock_signs": False, "torso_penetrating": False, "gcs_motor": 6, "ft_injury": (),
    "ft_breathing": False, "ft_mechanism": (), "ft_fall_m": 0, "ft_judgement": (), "gcs": 15,
    "head_impact": False, "tbsa_pct": 0, "burn_kind": (), "fast_pericardial": "absent",
    "fast_ruq": "absent", "fast_luq": "absent", "fast_pelvis": "absent", "ultrasound": "fast",
}  # fmt: skip


def test_an_ankle_sprain_is_level_four_when_all_is_known() -> None:
    found = read("trauma", UNHURT, **(VITALS | {"age_y": 30}))
    assert (found.level, found.status, found.needs) == (TriageLevel.IV, Status.COMPLETE, ())
    assert bands(found)["field_triage"] == "none"


def test_red_trauma_goes_to_the_highest_centre_and_a_childs_to_a_paediatric_one() -> None:
    answers = UNHURT | {"ft_injury": ("pelvis",), "blunt_trauma": True}
    found = read("trauma", answers, **(VITALS | {"age_y": 30}))
    assert (found.level, ids(found.reasons)) == (TriageLevel.II, ["red"])
    assert ids(found.needs) == ["red"]
    assert "pelvis" in ids(found.actions)
    assert bands(found)["mgap"] == "low"
    child = read("trauma", answers, **(VITALS | {"age_y": 8}))
    assert child.needs[0].capabilities == ("pediatric_trauma",)


def test_bleeding_that_cannot_be_stopped_goes_to_the_nearest() -> None:
    found = read("trauma", {"bleeding_uncontrolled": True})
    assert (found.level, found.status) == (TriageLevel.I, Status.COMPLETE)
    assert found.needs[0].conditions == ("bleeding_uncontrolled",)
    assert ids(found.actions)[0] == "bleeding"


def test_an_ultrasound_that_nobody_spoke_of_keeps_the_level_open() -> None:
    silent = {key: value for key, value in UNHURT.items() if not key.startswith(("fast_", "ultra"))}
    found = read("trauma", silent, **(VITALS | {"age_y": 30}))
    assert (found.level, found.status) == (None, Status.PARTIAL)
    assert "fast_ruq" in found.missing
    none = read("trauma", silent | {"ultrasound": "none"}, **(VITALS | {"age_y": 30}))
    assert (none.level, none.status) == (TriageLevel.IV, Status.COMPLETE)
    seen = read("trauma", silent | {"fast_ruq": "present"}, **(VITALS | {"age_y": 30}))
    assert seen.level is TriageLevel.II


def test_no_pressure_in_an_alert_patient_is_a_contradiction() -> None:
    found = read("trauma", UNHURT | {"sbp_mmhg": 0}, **VITALS)
    assert found.contradictions == ("no_pressure_awake",)
    assert found.level is TriageLevel.I


# newborn

BORN: dict[str, Answer] = {
    "just_born": True, "birth_gestation_wk": 39, "newborn_breathing": "good",
    "apgar_appearance": "pink", "apgar_pulse": "from_100", "apgar_grimace": "cry",
    "apgar_tone": "active", "apgar_breathing": "good", "pat_appearance": False,
    "pat_breathing": False, "pat_circulation": False, "newborn_signs": (), "birth_weight_g": 3200,
}  # fmt: skip
NEWBORN_VITALS: dict[str, Any] = {
    "age_y": 0.0, "heart_rate_per_min": 140, "resp_per_min": 45, "spo2_pct": 92, "temp_c": 36.8,
    "sbp_mmhg": 65, "glucose_mmol_l": 3.5,
}  # fmt: skip


def test_a_vigorous_newborn_is_level_three_and_kept_warm() -> None:
    found = read("newborn", BORN, **NEWBORN_VITALS)
    assert (found.level, found.status, found.needs) == (TriageLevel.III, Status.COMPLETE, ())
    assert {"dry", "warm", "saturation"} <= set(ids(found.actions))
    assert "breathe" not in ids(found.actions)
    assert bands(found)["apgar"] == "normal"


def test_a_newborn_without_breath_is_ventilated_and_the_missing_rest_changes_nothing() -> None:
    found = read("newborn", {"newborn_breathing": "none", "just_born": True}, age_y=0.0)
    assert (found.level, found.status) == (TriageLevel.I, Status.COMPLETE)
    assert ids(found.actions)[:3] == ["dry", "breathe", "second_crew"]
    assert found.needs[0].conditions == ("newborn_child",)


def test_a_single_criterion_makes_a_critical_newborn() -> None:
    found = read("newborn", BORN | {"just_born": False}, **(NEWBORN_VITALS | {"glucose_mmol_l": 0.9}))  # fmt: skip
    assert found.level is TriageLevel.I
    assert found.needs[0].capabilities == ("neonatal_critical",)


def test_the_newborn_sheet_is_for_the_first_28_days() -> None:
    found = read("newborn", BORN, **(NEWBORN_VITALS | {"age_y": 0.2}))
    assert (found.status, found.level, found.actions) == (Status.NOT_APPLICABLE, None, ())


def test_no_breath_and_a_good_cry_is_a_contradiction() -> None:
    found = read("newborn", BORN | {"newborn_breathing": "none"}, **NEWBORN_VITALS)
    assert found.contradictions == ("breath_and_apgar",)


# obstetric

MOTHER: dict[str, Answer] = {
    "gestation_wk": 36, "contractions": False, "crowning": False, "presenting": "nothing",
    "broken_waters": "intact", "born": False, "vaginal_bleeding": "none", "blood_loss_ml": 0,
    "obstetric_seizure": False, "headache_or_vision": False, "continuous_pain": False,
    "faint_or_one_sided": False, "pain": 0, "meows_pain": "0", "pregnancy_risk": "green",
    "pregnancy_purple": False,
}  # fmt: skip
PREGNANT: dict[str, Any] = VITALS | {"age_y": 29, "sbp_mmhg": 118, "pregnant": True}


def test_severe_pressure_at_36_weeks_goes_to_a_centre_for_mother_and_child() -> None:
    found = read("obstetric", MOTHER | {"headache_or_vision": True}, **(PREGNANT | {"sbp_mmhg": 170, "dbp_mmhg": 112}))  # fmt: skip
    assert (found.level, found.status) == (TriageLevel.II, Status.COMPLETE)
    assert {"vitals_2", "trigger", "preeclampsia"} <= set(ids(found.reasons))
    assert found.needs[0].capabilities == ("maternal_critical", "neonatal_critical")
    assert bands(found)["obstetric_red_flags"] == "red_flag"


def test_crowning_is_delivered_where_it_is() -> None:
    found = read("obstetric", MOTHER | {"crowning": True}, **PREGNANT)
    assert found.level is TriageLevel.I
    assert ids(found.actions)[:2] == ["deliver", "second_crew"]
    assert found.needs[0].conditions == ("birth_imminent",)


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"contractions": True, "contraction_min": 4, "sbp_mmhg": 150, "dbp_mmhg": 95, "pain": 3}, "II"),
        ({"contractions": True, "contraction_min": 2}, "I"),
        ({"contractions": True, "contraction_min": 10}, "III"),
        ({"vaginal_bleeding": "more"}, "I"),
        ({"faint_or_one_sided": True, "gestation_wk": 8}, "II"),
        ({"presenting": "cord"}, "I"),
        ({"broken_waters": "clear", "gestation_wk": 30}, "II"),
        ({}, "IV"),
    ],
)  # fmt: skip
def test_obstetric_levels(answers: dict[str, Answer], level: str) -> None:
    found = read("obstetric", MOTHER | answers, **PREGNANT)
    assert (found.level, found.status) == (level, Status.COMPLETE)


def test_contractions_denied_and_timed_are_a_contradiction() -> None:
    found = read("obstetric", MOTHER | {"contraction_min": 5}, **PREGNANT)
    assert found.contradictions == ("interval_without_contractions",)
    assert found.level is None


def test_the_obstetric_sheet_is_not_for_a_man() -> None:
    assert read("obstetric", {}, pregnant=False).status is Status.NOT_APPLICABLE


# poisoning

SIP: dict[str, Answer] = {
    "poisons": ("alcohol",), "intentional": False, "on_skin": False, "poison_seizure": False,
    "pupils": "normal", "tox_signs": (), "headache_cluster": False, "co_signs": False,
    "pss_nervous": "normal", "pss_respiratory": "normal", "pss_cardiovascular": "normal",
    "pss_gut": "minor", "poisoned_dead": False,
}  # fmt: skip


def test_a_mild_poisoning_is_level_three() -> None:
    found = read("poisoning", SIP, **VITALS)
    assert (found.level, found.status, found.needs) == (TriageLevel.III, Status.COMPLETE, ())
    assert (bands(found)["pss"], bands(found)["toxidromes"]) == ("minor", "none")


def test_fainting_from_carbon_monoxide_goes_to_hyperbaric_oxygen() -> None:
    answers = SIP | {"poisons": ("carbon_monoxide",), "co_signs": True, "headache_cluster": True}
    found = read("poisoning", answers, **VITALS)
    assert found.level is TriageLevel.II
    assert found.needs[0].capabilities == ("hyperbaric",)
    assert "gas" in ids(found.actions)


def test_a_cholinergic_patient_is_rinsed_and_goes_to_blood_purification() -> None:
    answers = SIP | {"poisons": ("organophosphate",), "on_skin": True, "pupils": "pinpoint", "tox_signs": ("secretions",), "pss_respiratory": "severe"}  # fmt: skip
    found = read("poisoning", answers, **VITALS)
    assert found.level is TriageLevel.I
    assert bands(found)["toxidromes"] == "cholinergic"
    assert {"decontaminate", "airway"} <= set(ids(found.actions))
    assert found.needs[0].capabilities == ("poison", "dialysis")


def test_dead_and_awake_is_a_contradiction() -> None:
    assert read("poisoning", SIP | {"poisoned_dead": True}, **VITALS).contradictions == (
        "dead_and_awake",
    )


# cardiac arrest


def test_an_arrest_with_fibrillation_is_shocked_and_compressed() -> None:
    found = read("cardiac_arrest", {"any_pulse": False, "arrest_breathing": "gasping", "rhythm": "vf_vt", "rosc": False})  # fmt: skip
    assert (found.level, found.status) == (TriageLevel.I, Status.COMPLETE)
    assert ids(found.actions)[:2] == ["compress", "shock"]
    assert "no_shock" not in ids(found.actions)
    assert ids(found.needs) == ["no_rosc"]


def test_refractory_fibrillation_is_a_candidate_for_ecpr_instead_of_the_nearest() -> None:
    answers: dict[str, Answer] = {"any_pulse": False, "rosc": False, "rhythm": "vf_vt", "shocks": 3, "witnessed": True, "collapse_min": 20}  # fmt: skip
    found = read("cardiac_arrest", answers, age_y=50)
    assert ids(found.needs) == ["ecpr"]
    assert found.needs[0].conditions == ("arrest_ecpr",)


def test_after_return_of_circulation_the_ecg_decides() -> None:
    found = read("cardiac_arrest", {"rosc": True, "any_pulse": True, "ecg_suggests_ami": True})
    assert found.level is TriageLevel.I
    assert ids(found.needs) == ["rosc_ami", "rosc"]
    assert "ecg" in ids(found.actions)
    assert "compress" not in ids(found.actions)


def test_circulation_without_a_pulse_is_a_contradiction() -> None:
    found = read("cardiac_arrest", {"rosc": True, "any_pulse": False})
    assert found.contradictions == ("rosc_without_pulse",)
    assert found.level is TriageLevel.I


# crash

NO_CRASH: dict[str, Answer] = {
    "injured_count": 0, "unresponsive_at_scene": False, "trapped": False, "thrown": False,
    "death_at_scene": False, "rollover": False, "bus": False, "hazmat": False,
    "fire_or_leak": False, "electric_vehicle": False, "lane_blocked": False, "expressway": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "response", "band"),
    [
        ({}, "R5", "light"),
        ({"injured_count": 1}, "R3", "light"),
        ({"injured_count": 2}, "R2", "serious"),
        ({"injured_count": 1, "thrown": True}, "R1", "serious"),
        ({"injured_count": 6, "bus": True}, "R1", "major"),
        ({"injured_count": 10}, "R0", "mass"),
        ({"injured_count": 1, "unresponsive_at_scene": True}, "R0", "major"),
    ],
)
def test_crash_response(answers: dict[str, Answer], response: str, band: str) -> None:
    found = read("crash", NO_CRASH | answers)
    assert (found.response, found.status, found.level) == (response, Status.COMPLETE, None)
    assert bands(found)["crash"] == band


def test_a_crash_gives_measures_to_police_and_fire() -> None:
    found = read("crash", NO_CRASH | {"injured_count": 3, "trapped": True, "lane_blocked": True, "electric_vehicle": True})  # fmt: skip
    asked = {who: [row.id for row in found.actions if row.who is who] for who in Who}
    assert asked[Who.POLICE] == ["police", "police_lane"]
    assert asked[Who.FIRE] == ["fire", "fire_ev"]
    assert asked[Who.CENTRE] == ["more_units", "supervisor", "hospitals"]
    assert {"triage", "leader", "upwind"} <= set(asked[Who.CREW])


def test_a_partial_crash_is_at_least_what_is_seen() -> None:
    found = read("crash", {"injured_count": 1})
    assert (found.response, found.status) == (DispatchLevel.R3, Status.PARTIAL)
    assert "hazmat" in found.missing


def test_thrown_without_injured_is_a_contradiction() -> None:
    found = read("crash", NO_CRASH | {"thrown": True})
    assert found.contradictions == ("hurt_but_none_counted",)


# START, JumpSTART, SALT


@pytest.mark.parametrize(
    ("answers", "age_y", "level"),
    [
        ({"walks": True}, 40, "IV"),
        ({"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 34}, 40, "I"),
        ({"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "radial_pulse": True, "obeys": True}, 40, "II"),
        ({"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 34, "any_pulse": True, "child_responds": "alert"}, 5, "II"),
        ({"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 12}, 5, "I"),
        ({"mci_method": "salt", "mci_breathing": "spontaneous", "obeys": True, "any_pulse": True, "distress": False, "bleeding_controlled": True, "minor_only": True}, 40, "IV"),
        ({"mci_breathing": "spontaneous", "any_pulse": False, "likely_to_survive": True}, 0.5, "I"),
    ],
)  # fmt: skip
def test_start_triage(answers: dict[str, Answer], age_y: float, level: str) -> None:
    found = read("start_triage", answers, age_y=age_y)
    assert (found.level, found.status) == (level, Status.COMPLETE)


def test_an_infant_gets_no_level_from_start() -> None:
    found = read("start_triage", {"walks": True}, age_y=0.5)
    assert (found.level, found.status) == (None, Status.PARTIAL)
    assert (bands(found)["start"], bands(found)["jumpstart"]) == (None, None)


def test_a_red_child_needs_a_paediatric_trauma_centre() -> None:
    found = read("start_triage", {"walks": False, "mci_breathing": "after_opening"}, age_y=5)
    assert found.needs[0].capabilities == ("pediatric_trauma",)
    assert "airway" in ids(found.actions)


def test_walking_without_breath_is_a_contradiction() -> None:
    found = read("start_triage", {"walks": True, "mci_breathing": "never", "salt_sort": "still"}, age_y=40)  # fmt: skip
    assert found.contradictions == ("still_but_walks", "walks_without_breath")
    assert found.level is None


def test_suspected_infection_with_a_high_early_warning_is_of_the_first_level() -> None:
    found = read(
        "infection",
        {"suspected_infection": True},
        age_y=70, pregnant=False, resp_per_min=26, spo2_pct=90, on_oxygen=True, sbp_mmhg=88,
        heart_rate_per_min=132, consciousness="V", gcs=13, temp_c=39.5,
    )  # fmt: skip
    assert found.level == "I"
    assert {row.id for row in found.reasons} == {"early_warning_high", "sepsis"}


def test_a_lethargic_grunting_child_is_of_the_first_level() -> None:
    answers = {"pews_behaviour": "lethargic", "pews_breathing": "grunting"}
    assert read("child", answers, age_y=4).level == "I"
    assert read("child", answers, age_y=30).status == "not_applicable"
