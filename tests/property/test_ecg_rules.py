"""What holds of the ECG rules for every tracing: nothing missing comforts, nothing more hides."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care.ecg import EcgFindings, EcgPatient, LeadMeasured, Measured, judge
from goldenhour.domain.care.ecg_rules import Reading, Rule
from goldenhour.domain.care.events import Sex
from goldenhour.kernel.content import Status

RULES = load().ecg
LEADS = (*RULES.standard, "V7", "V8", "V9", "V3R", "V4R")

mm = st.floats(-40, 40).map(lambda value: round(value, 2))
leads = st.builds(
    LeadMeasured,
    st_j_mm=st.none() | st.floats(-4, 8).map(lambda value: round(value, 2)),
    st_80_mm=st.none() | mm,
    r_mm=st.none() | st.floats(0, 30),
    s_mm=st.none() | st.floats(-30, 0),
    q_mm=st.none() | st.floats(-30, 0),
)
tracings = st.builds(
    Measured,
    leads=st.dictionaries(st.sampled_from(LEADS), leads),
    qrs_ms=st.none() | st.floats(60, 220),
    pacing_spikes=st.none() | st.booleans(),
)
patients = st.builds(
    EcgPatient,
    age_y=st.none() | st.floats(0, 110),
    sex=st.sampled_from(Sex),
    confounders=st.none()
    | st.lists(st.sampled_from(sorted(RULES.confounders)), unique=True).map(tuple),
)


def told(found: EcgFindings) -> set[tuple[Rule, str]]:
    return {(f.rule, value.lead) for f in found.findings for value in f.leads}


@given(tracings, patients, st.data())
def test_more_elevation_removes_no_finding(
    measured: Measured, patient: EcgPatient, data: st.DataObject
) -> None:
    """Raised where it was not depressed: a depression that is taken away is another tracing."""
    raised = [
        n for n, one in measured.leads.items() if one.st_j_mm is not None and one.st_j_mm >= 0
    ]
    if not raised:
        return
    name = data.draw(st.sampled_from(raised))
    more = data.draw(st.floats(0, 10))
    lead = measured.leads[name]
    assert lead.st_j_mm is not None
    higher = measured.leads | {name: replace(lead, st_j_mm=lead.st_j_mm + more)}
    before = judge(measured, patient, RULES)
    after = judge(replace(measured, leads=higher), patient, RULES)
    assert told(before) <= told(after)


@given(tracings, patients, st.sampled_from(RULES.standard), st.booleans())
def test_a_missing_lead_never_reassures(
    measured: Measured, patient: EcgPatient, name: str, unmeasured: bool
) -> None:
    left = {lead: one for lead, one in measured.leads.items() if lead != name}
    if unmeasured:
        left[name] = LeadMeasured(reason="gap")
    found = judge(replace(measured, leads=left), patient, RULES)
    assert name in found.missing
    assert found.status is Status.PARTIAL
    assert found.reading is not Reading.NONE


@given(tracings, patients)
def test_an_unknown_age_or_sex_finds_at_least_what_a_known_one_does(
    measured: Measured, patient: EcgPatient
) -> None:
    known = told(judge(measured, patient, RULES))
    for less in (
        replace(patient, age_y=None),
        replace(patient, sex=Sex.UNKNOWN),
        replace(patient, age_y=None, sex=Sex.UNKNOWN),
    ):
        assert known <= told(judge(measured, less, RULES))


@given(tracings, patients, st.sampled_from(sorted(RULES.confounders)))
def test_a_confounder_removes_no_finding_and_asks_for_a_person(
    measured: Measured, patient: EcgPatient, name: str
) -> None:
    stated = replace(patient, confounders=(*(patient.confounders or ()), name))
    found = judge(measured, stated, RULES)
    assert told(judge(measured, patient, RULES)) <= told(found)
    assert name in found.needs_human


@given(tracings, patients)
def test_only_a_whole_tracing_without_a_finding_is_read_as_none(
    measured: Measured, patient: EcgPatient
) -> None:
    found = judge(measured, patient, RULES)
    assert (found.reading is Reading.SUSPECTED) == bool(found.findings)
    assert (found.reading is Reading.NONE) == (not found.findings and not found.missing)
    assert all(finding.title is None for finding in found.findings)
