"""The vectors of the clinical fact sheet, literally, and what holds around them; levels in mm."""

import pytest
from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care.ecg import (
    ConfounderError,
    EcgFindings,
    EcgPatient,
    LeadMeasured,
    Measured,
    cut_mm,
    judge,
)
from goldenhour.domain.care.ecg_rules import Caution, PromptId, Reading, Rule
from goldenhour.domain.care.events import Sex
from goldenhour.kernel.content import SignOff, Status

RULES = load().ecg
STANDARD = RULES.standard


def ecg(qrs_ms: float | None = 90.0, *, flat: bool = True, **levels: float) -> Measured:
    """The levels given, and 0 in every other standard lead; a flat ST segment stays for 80 ms."""
    whole = dict.fromkeys(STANDARD, 0.0) | levels
    return Measured(
        qrs_ms=qrs_ms,
        pacing_spikes=False,
        leads={
            lead: LeadMeasured(
                st_j_mm=level, st_80_mm=level if flat else 0.0, r_mm=5.0, s_mm=-2.0, q_mm=0.0
            )
            for lead, level in whole.items()
        },
    )


def patient(sex: Sex, age_y: float | None, confounders: tuple[str, ...] | None = ()) -> EcgPatient:
    return EcgPatient(age_y=age_y, sex=sex, confounders=confounders)


def rules_of(found: EcgFindings) -> list[Rule]:
    return [finding.rule for finding in found.findings]


MAN = Sex.MALE
WOMAN = Sex.FEMALE


@pytest.mark.parametrize(
    ("who", "levels", "leads", "territories", "prompts"),
    [
        (patient(MAN, 55), {"V2": 2.0, "V3": 2.1}, ("V2", "V3"), ("anterior",), ()),
        (patient(MAN, 35), {"V2": 2.2, "V3": 2.4}, None, None, ()),
        (patient(WOMAN, 60), {"V2": 1.5, "V3": 1.6}, ("V2", "V3"), ("anterior",), ()),
        (
            patient(WOMAN, 50),
            {"II": 1.0, "aVF": 1.2, "III": 0.8},
            ("II", "aVF"),
            ("inferior",),
            (PromptId.RIGHT,),
        ),
        (patient(MAN, 60), {"V4": 1.0, "V2": 2.0}, None, None, ()),
    ],
)
def test_st_elevation_of_the_fact_sheet(
    who: EcgPatient,
    levels: dict[str, float],
    leads: tuple[str, ...] | None,
    territories: tuple[str, ...] | None,
    prompts: tuple[PromptId, ...],
) -> None:
    found = judge(ecg(**levels), who, RULES)
    if leads is None:
        assert found.findings == ()
        assert found.reading is Reading.NONE
    else:
        (only,) = found.findings
        assert only.rule is Rule.ST_ELEVATION
        assert tuple(value.lead for value in only.leads) == leads
        assert only.territories == territories
        assert not only.confounded
        assert found.reading is Reading.SUSPECTED
    assert found.prompts == prompts
    assert found.status is Status.COMPLETE
    assert found.needs_human == ()


def test_posterior_flag_of_the_fact_sheet() -> None:
    found = judge(ecg(V2=-1.0, V3=-0.8), patient(MAN, 60), RULES)
    assert rules_of(found) == [Rule.POSTERIOR]
    assert found.prompts == (PromptId.POSTERIOR,)
    # An ST segment that rises back within 80 ms is not horizontal.
    assert judge(ecg(V2=-1.0, V3=-0.8, flat=False), patient(MAN, 60), RULES).findings == ()
    recorded = ecg(V2=-1.0, V3=-0.8, V7=0.2, V8=0.2, V9=0.1)
    again = judge(recorded, patient(MAN, 60), RULES)
    assert rules_of(again) == [Rule.POSTERIOR]
    assert again.prompts == ()


@pytest.mark.parametrize(("st", "s", "positive"), [(6.0, -20.0, True), (4.0, -30.0, False)])
def test_sgarbossa_of_the_fact_sheet(st: float, s: float, positive: bool) -> None:
    measured = ecg(qrs_ms=150.0)
    leads = measured.leads | {"V3": LeadMeasured(st_j_mm=st, st_80_mm=st, s_mm=s)}
    found = judge(replace(measured, leads=leads), patient(MAN, 70, ("lbbb",)), RULES)
    assert rules_of(found) == ([Rule.SGARBOSSA_C] if positive else [])
    assert found.needs_human == ("lbbb", Caution.QRS_WIDE)
    if positive:
        (value,) = found.findings[0].leads
        assert (value.lead, value.st_mm, value.cut_mm) == ("V3", 6.0, 5.0)
        assert not found.findings[0].confounded


def with_lead(measured: Measured, name: str, lead: LeadMeasured) -> Measured:
    return replace(measured, leads=measured.leads | {name: lead})


def test_sgarbossa_concordant() -> None:
    blocked = patient(MAN, 70, ("paced",))
    up = with_lead(ecg(150.0), "V5", LeadMeasured(st_j_mm=1.0, r_mm=8.0, s_mm=-1.0))
    assert rules_of(judge(up, blocked, RULES)) == [Rule.SGARBOSSA_A]
    down = with_lead(ecg(150.0), "V2", LeadMeasured(st_j_mm=-1.0, r_mm=1.0, s_mm=-9.0))
    assert Rule.SGARBOSSA_B in rules_of(judge(down, blocked, RULES))
    # The same depression is discordant under an upward QRS, and elsewhere than in V1-V3 not meant.
    other = with_lead(ecg(150.0), "V2", LeadMeasured(st_j_mm=-1.0, r_mm=9.0, s_mm=-1.0))
    assert Rule.SGARBOSSA_B not in rules_of(judge(other, blocked, RULES))
    lateral = with_lead(ecg(150.0), "V6", LeadMeasured(st_j_mm=-1.0, r_mm=1.0, s_mm=-9.0))
    assert Rule.SGARBOSSA_B not in rules_of(judge(lateral, blocked, RULES))


def test_sgarbossa_is_not_asked_of_a_narrow_qrs_and_is_of_one_of_unknown_kind() -> None:
    lead = LeadMeasured(st_j_mm=1.0, r_mm=8.0, s_mm=-1.0)
    assert judge(with_lead(ecg(90.0), "V5", lead), patient(MAN, 70), RULES).findings == ()
    for wide in (ecg(120.0), ecg(None), replace(ecg(90.0), pacing_spikes=True)):
        found = judge(with_lead(wide, "V5", lead), patient(MAN, 70), RULES)
        assert rules_of(found) == [Rule.SGARBOSSA_A]
        assert found.findings[0].confounded  # nobody has said that it is one of those


def test_an_unknown_direction_of_the_qrs_is_missing_where_it_is_wanted() -> None:
    unknown = with_lead(ecg(150.0), "V5", LeadMeasured(st_j_mm=1.0))
    found = judge(unknown, patient(MAN, 70, ("lbbb",)), RULES)
    assert found.missing == ("V5_qrs",)
    assert found.status is Status.PARTIAL


def test_each_lead_of_a_mixed_pair_has_its_own_cut() -> None:
    man = patient(MAN, 60)
    (found,) = judge(ecg(V3=2.0, V4=1.0), man, RULES).findings
    assert [value.cut_mm for value in found.leads] == [2.0, 1.0]
    assert judge(ecg(V3=1.9, V4=1.0), man, RULES).findings == ()
    assert judge(ecg(V3=2.0, V4=0.9), man, RULES).findings == ()


@pytest.mark.parametrize(
    ("lead", "who", "cut"),
    [
        ("V2", patient(MAN, 40), 2.0),
        ("V2", patient(MAN, 39.9), 2.5),
        ("V3", patient(WOMAN, 30), 1.5),
        ("V2", patient(MAN, None), 2.0),
        ("V2", patient(Sex.UNKNOWN, 35), 1.5),
        ("V2", patient(Sex.UNKNOWN, None), 1.5),
        ("V1", patient(MAN, 20), 1.0),
        ("V8", patient(MAN, 40), 0.5),
        ("V8", patient(MAN, 39), 1.0),
        ("V8", patient(WOMAN, 39), 0.5),
        ("V4R", patient(MAN, 30), 0.5),
        ("V4R", patient(MAN, 29), 1.0),
        ("V4R", patient(WOMAN, 29), 0.5),
        ("aVR", patient(MAN, 60), None),
        ("X", patient(MAN, 60), None),
    ],
)
def test_cuts_by_lead_age_and_sex(lead: str, who: EcgPatient, cut: float | None) -> None:
    assert cut_mm(lead, who, RULES) == cut


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ({"I": 1.0, "aVL": 1.0}, True),
        ({"I": 1.0, "II": 1.0}, True),
        ({"II": 1.0, "III": 1.0}, False),  # aVF between them was measured, and is 0
        ({"aVL": 1.0, "III": 1.0}, False),
        ({"V6": 1.0, "V1": 1.0}, False),
        ({"V6": 1.0, "V7": 1.0}, False),
        ({"V8": 0.5, "V9": 0.5}, True),
        ({"V3R": 0.5, "V4R": 0.5}, True),
        ({"V1": 1.0, "V3R": 0.5}, False),
        ({"aVR": 3.0, "I": 1.0}, False),
    ],
)
def test_contiguity(levels: dict[str, float], found: bool) -> None:
    assert bool(judge(ecg(**levels), patient(MAN, 60), RULES).findings) is found


def test_one_run_tells_all_its_leads_and_territories() -> None:
    (found,) = judge(ecg(V3=2.0, V4=1.5, V5=1.0, V6=1.0), patient(MAN, 60), RULES).findings
    assert [value.lead for value in found.leads] == ["V3", "V4", "V5", "V6"]
    assert found.territories == ("anterior", "lateral")


def test_what_is_shown_is_what_was_compared() -> None:
    (found,) = judge(ecg(V4=0.951, V5=1.0), patient(MAN, 60), RULES).findings
    assert found.leads[0].st_mm == 1.0
    assert judge(ecg(V4=0.949, V5=1.0), patient(MAN, 60), RULES).findings == ()


def test_avr_with_six_depressed_leads() -> None:
    six = dict.fromkeys(("I", "II", "aVF", "V4", "V5", "V6"), -1.0)
    found = judge(ecg(aVR=0.5, **six), patient(MAN, 60), RULES)
    assert rules_of(found) == [Rule.LEFT_MAIN]
    assert found.findings[0].leads[0].lead == "aVR"
    five = six | {"V6": -0.9}
    assert judge(ecg(aVR=0.5, **five), patient(MAN, 60), RULES).findings == ()
    assert judge(ecg(aVR=0.4, **six), patient(MAN, 60), RULES).findings == ()


@pytest.mark.parametrize("name", sorted(RULES.confounders))
def test_a_confounder_marks_a_finding_and_removes_none(name: str) -> None:
    plain = judge(ecg(V3=2.5, V4=1.5), patient(MAN, 60), RULES)
    marked = judge(ecg(V3=2.5, V4=1.5), patient(MAN, 60, (name,)), RULES)
    assert marked.needs_human == (name,)
    kept = [f for f in marked.findings if f.rule is Rule.ST_ELEVATION]
    assert [f.leads for f in kept] == [f.leads for f in plain.findings]
    assert all(f.confounded for f in kept)


def test_what_is_missing_is_listed_and_never_reassures() -> None:
    measured = ecg()
    leads = {name: lead for name, lead in measured.leads.items() if name != "V6"}
    leads["V1"] = LeadMeasured(reason="noise")
    partial = replace(measured, leads=leads, qrs_ms=None)
    found = judge(partial, patient(Sex.UNKNOWN, None, None), RULES)
    assert found.missing == ("age_y", "sex", "confounders", "qrs_ms", "V1", "V6")
    assert found.status is Status.PARTIAL
    assert found.reading is Reading.INCOMPLETE
    assert found.needs_human == (Caution.QRS_UNKNOWN, Caution.ARTEFACT)
    assert "age_y" not in judge(ecg(), patient(WOMAN, None), RULES).missing


def test_a_further_lead_that_was_recorded_and_not_measured_is_missing() -> None:
    recorded = with_lead(ecg(V7=0.2, V9=0.2), "V8", LeadMeasured(reason="noise"))
    found = judge(recorded, patient(MAN, 60), RULES)
    assert found.missing == ("V8",)
    assert found.reading is Reading.INCOMPLETE


def test_nothing_measured_is_no_crash_and_no_comfort() -> None:
    found = judge(Measured(leads={}), patient(Sex.UNKNOWN, None, None), RULES)
    assert found.reading is Reading.INCOMPLETE
    assert set(STANDARD) <= set(found.missing)


@pytest.mark.parametrize("level", [float("nan"), float("inf"), -1e300, 5000.0])
def test_a_level_that_is_no_level_is_missing(level: float) -> None:
    measured = with_lead(ecg(), "V2", LeadMeasured(st_j_mm=level, st_80_mm=level))
    assert "V2" in judge(measured, patient(MAN, 60), RULES).missing


def test_unsigned_rules_say_numbers_and_suspected_only() -> None:
    assert RULES.about.sign_off is SignOff.UNSIGNED
    found = judge(ecg(V2=3.0, V3=3.0), patient(MAN, 60), RULES)
    assert found.reading_text.zh == "疑似，请医生判读"
    assert all(finding.title is None for finding in found.findings)
    signed = replace(RULES, about=replace(RULES.about, sign_off=SignOff.SIGNED))
    titles = [
        finding.title for finding in judge(ecg(V2=3.0, V3=3.0), patient(MAN, 60), signed).findings
    ]
    assert titles == [RULES.titles[Rule.ST_ELEVATION]]


def test_no_text_is_a_diagnosis_and_every_reading_asks_for_a_physician() -> None:
    texts = [
        *RULES.readings.values(),
        *RULES.titles.values(),
        *(prompt.text for prompt in RULES.prompts.values()),
    ]
    for text in texts:
        for word in ("梗死", "心梗", "STEMI", "infarct", "occlusion", "闭塞"):
            assert word.casefold() not in (text.zh + text.en).casefold()
    for text in RULES.readings.values():
        assert "请医生判读" in text.zh
        assert "physician" in text.en


def test_an_unknown_confounder_is_refused_by_name() -> None:
    with pytest.raises(ConfounderError, match="confounders: no such confounder: flu"):
        judge(ecg(), patient(MAN, 60, ("flu",)), RULES)
