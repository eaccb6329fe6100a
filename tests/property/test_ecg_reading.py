"""From samples to findings, on made ECGs: the wiring of numerics and rules."""

import numpy as np
from ecg_truth import LEADS, Plan, make

from goldenhour.app.ecg_reading import read_ecg
from goldenhour.content import load
from goldenhour.domain.care.ecg import EcgPatient
from goldenhour.domain.care.ecg_rules import PromptId, Reading, Rule
from goldenhour.domain.care.events import Sex

RULES = load().ecg
MAN = EcgPatient(age_y=60, sex=Sex.MALE, confounders=())


def st_mm(**levels: float) -> tuple[float, ...]:
    return tuple(levels.get(lead, 0.0) for lead in LEADS)


def test_a_made_inferior_elevation_is_found_and_asks_for_the_right_leads() -> None:
    plan = Plan(seed=21, noise_mv=0.01, st_mm=st_mm(II=2.5, III=3.0, aVF=2.8))
    made = make(plan)
    reading = read_ecg(
        made.samples, plan.leads, plan.rate_hz, [plan.lsb_nv] * 12, patient=MAN, rules=RULES
    )
    assert reading is not None
    (found,) = reading.findings.findings
    assert found.rule is Rule.ST_ELEVATION
    assert {value.lead for value in found.leads} == {"II", "III", "aVF"}
    assert reading.findings.prompts == (PromptId.RIGHT,)
    assert reading.findings.reading is Reading.SUSPECTED


def test_an_ecg_without_elevation_finds_nothing_and_still_asks_for_a_physician() -> None:
    plan = Plan(seed=22, noise_mv=0.01)
    made = make(plan)
    reading = read_ecg(
        made.samples, plan.leads, plan.rate_hz, [plan.lsb_nv] * 12, patient=MAN, rules=RULES
    )
    assert reading is not None
    assert reading.findings.findings == ()
    assert reading.findings.missing == ()
    assert reading.findings.reading is Reading.NONE
    assert "请医生判读" in reading.findings.reading_text.zh


def test_names_are_matched_without_case_and_what_is_no_ecg_is_left_out() -> None:
    plan = Plan(seed=23, noise_mv=0.01)
    made = make(plan)
    pleth = np.arange(len(made.samples))[:, None] % 400
    rows = np.hstack((made.samples, pleth))
    names = (*(lead.upper() for lead in plan.leads), "PLETH")
    reading = read_ecg(rows, names, plan.rate_hz, [plan.lsb_nv] * 13, patient=MAN, rules=RULES)
    assert reading is not None
    assert tuple(reading.measured.leads) == plan.leads
    assert read_ecg(pleth, ["PLETH"], plan.rate_hz, [1000.0], patient=MAN, rules=RULES) is None


def test_a_masked_lead_is_missing_and_the_reading_incomplete() -> None:
    plan = Plan(seed=24, noise_mv=0.01)
    rows = np.ma.masked_array(make(plan).samples, mask=False)
    rows[:, 8] = np.ma.masked
    reading = read_ecg(rows, plan.leads, plan.rate_hz, [5000.0] * 12, patient=MAN, rules=RULES)
    assert reading is not None
    assert reading.findings.missing == ("V3",)
    assert reading.findings.reading is Reading.INCOMPLETE
    assert reading.measured.leads["V3"].reason == "gap"
