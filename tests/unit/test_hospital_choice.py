"""The vectors of the destination rules, then each rule of the ranking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.advice import NOW_MS, hospital_fact
from goldenhour.content.rules import load_rules
from goldenhour.domain.handover.choose import (
    Clock,
    HospitalFact,
    Needs,
    RankedHospital,
    needs_of,
    rank_hospitals,
)
from goldenhour.kernel.outcome import Refused

RULES = load_rules().destination
MINUTE_MS = 60_000
LYSIS, THROMBECTOMY = "thrombolysis", "thrombectomy_24h"


def needs(*words: str, **minutes_ago: float) -> Needs:
    since = {Clock(name): NOW_MS - round(ago * MINUTE_MS) for name, ago in minutes_ago.items()}
    found = needs_of(words, since, RULES)
    assert isinstance(found, Needs)
    return found


def rank(wanted: Needs, *hospitals: HospitalFact) -> dict[str, RankedHospital]:
    """By id, best first."""
    return {h.hospital_id: h for h in rank_hospitals(hospitals, wanted, NOW_MS, RULES)}


def best(wanted: Needs, *hospitals: HospitalFact) -> str:
    found = rank(wanted, *hospitals)
    recommended = [h.hospital_id for h in found.values() if h.recommended]
    assert recommended == [next(iter(found))]
    return recommended[0]


def said(hospital: RankedHospital) -> tuple[str, ...]:
    return tuple(r for r in hospital.reasons if r != "beds_unknown")


def test_vector_1_large_vessel_stroke_passes_the_lysis_centre() -> None:
    lysis = hospital_fact("lysis", 8, LYSIS)
    thrombectomy = hospital_fact("thrombectomy", 21, LYSIS, THROMBECTOMY)
    found = rank(needs("stroke_lvo", lkw=60), lysis, thrombectomy)
    assert list(found) == ["thrombectomy", "lysis"]
    assert said(found["thrombectomy"]) == ("first_choice:stroke_lvo",)
    assert said(found["lysis"]) == ("missing:thrombectomy_24h",)


def test_vector_2_too_far_to_thrombectomy_goes_to_lysis_and_tells_the_centre() -> None:
    lysis = hospital_fact("lysis", 8, LYSIS)
    thrombectomy = hospital_fact("thrombectomy", 40, LYSIS, THROMBECTOMY)
    found = rank(needs("stroke_lvo", lkw=60), lysis, thrombectomy)
    assert list(found) == ["lysis", "thrombectomy"]
    assert said(found["lysis"]) == ("fallback:stroke_lvo", "missing:thrombectomy_24h")
    assert said(found["thrombectomy"]) == ("extra_over:15", "total_over:30", "alert_for_transfer")


@pytest.mark.parametrize(
    ("minutes", "where"), [(55, "pci"), (80, "pci"), (80.5, "lysis"), (95, "lysis")]
)
def test_vector_3_stemi_by_the_time_from_first_contact_to_the_device(
    minutes: float, where: str
) -> None:
    pci = hospital_fact("pci", minutes, "pci_24h")
    lysis = hospital_fact("lysis", 20, LYSIS)
    assert best(needs("stemi", fmc=10), pci, lysis) == where


def test_vector_4_severe_trauma_passes_the_general_hospital_unless_the_airway_is_lost() -> None:
    general, centre = hospital_fact("general", 9), hospital_fact("centre", 26, "trauma_level")
    assert best(needs("trauma_red"), general, centre) == "centre"
    found = rank(needs("trauma_red", "airway_lost", "unstable"), general, centre)
    assert said(found["general"]) == (
        "nearest_if:airway_lost",
        "nearest_if:unstable",
        "missing:trauma_level",
    )
    assert found["general"].recommended


def test_vector_5_critical_pregnancy_unless_birth_is_imminent() -> None:
    near = hospital_fact("near", 7)
    centre = hospital_fact("centre", 22, "maternal_critical", "neonatal_critical")
    assert best(needs("pregnancy_viable"), near, centre) == "centre"
    assert best(needs("pregnancy_viable", "birth_imminent"), near, centre) == "near"


def test_vector_6_severe_carbon_monoxide_goes_to_the_chamber() -> None:
    near, chamber = hospital_fact("near", 6), hospital_fact("chamber", 25, "hyperbaric")
    assert best(needs("co_severe"), near, chamber) == "chamber"


def test_without_needs_the_nearest_department_is_best() -> None:
    found = rank(needs(), hospital_fact("b", 9), hospital_fact("a", 8))
    assert list(found) == ["a", "b"]
    assert said(found["a"]) == ("nearest_ed",)


def test_a_capability_alone_takes_the_nearest_that_has_it() -> None:
    found = rank(needs("dialysis"), hospital_fact("a", 5), hospital_fact("b", 90, "dialysis"))
    assert said(found["b"]) == ("nearest_capable",)
    assert found["a"].missing == ("dialysis",)
    assert not found["a"].capable


def test_when_nobody_is_able_the_nearest_department_is_best() -> None:
    found = rank(needs("dialysis"), hospital_fact("a", 5), hospital_fact("b", 6))
    assert said(found["a"]) == ("nearest_ed", "missing:dialysis")


def test_of_two_conditions_a_hospital_for_both_goes_first_then_the_graver_one() -> None:
    wanted = needs("burn_severe", "trauma_red")
    trauma = hospital_fact("trauma", 10, "trauma_level")
    burn = hospital_fact("burn", 5, "burn")
    both = hospital_fact("both", 20, "trauma_level", "burn")
    assert best(wanted, trauma, burn, both) == "both"
    assert best(wanted, trauma, burn) == "trauma"


def test_an_unknown_clock_does_not_keep_out_and_is_named() -> None:
    found = rank(needs("stemi"), hospital_fact("pci", 55, "pci_24h"))
    assert said(found["pci"]) == ("first_choice:stemi", "clock_unknown:fmc")
    # Even counted from now it would be too late: the lower bound decides.
    late = rank(needs("stemi"), hospital_fact("pci", 91, "pci_24h"), hospital_fact("near", 5))
    assert late["near"].recommended
    assert "fmc_over:120" in late["pci"].reasons


def test_a_diverting_hospital_is_passed_with_its_reason() -> None:
    found = rank(needs(), hospital_fact("near", 5, diverting=True), hospital_fact("far", 20))
    assert list(found) == ["far", "near"]
    assert said(found["near"]) == ("diverting",)


def test_when_all_divert_somebody_must_take_the_patient() -> None:
    near, far = (hospital_fact(i, m, diverting=True) for i, m in (("near", 5), ("far", 9)))
    assert best(needs(), near, far) == "near"


@pytest.mark.parametrize(("other_min", "where"), [(10, "other"), (10.5, "near")])
def test_a_diversion_delays_an_always_nearest_patient_by_five_minutes_at_most(
    other_min: float, where: str
) -> None:
    near = hospital_fact("near", 5, diverting=True)
    assert best(needs("arrest_no_rosc"), near, hospital_fact("other", other_min)) == where


def test_beds_never_reported_are_not_zero() -> None:
    found = rank(needs(), hospital_fact("unknown", 8), hospital_fact("open", 9))
    assert found["unknown"].recommended
    assert found["unknown"].reasons[-1] == "beds_unknown"


def test_a_fresh_zero_counts_as_ten_minutes_and_an_old_one_as_nothing() -> None:
    zero = {"ed": 0, "resus": 0, "icu": 4}
    full = hospital_fact("full", 8, free_beds=zero, beds_reported_ms=NOW_MS - 30 * MINUTE_MS)
    found = rank(needs(), full, hospital_fact("other", 17))
    assert list(found) == ["other", "full"]
    assert found["full"].reasons == ("no_beds",)
    assert best(needs(), full, hospital_fact("other", 19)) == "full"
    old = hospital_fact("full", 8, free_beds=zero, beds_reported_ms=NOW_MS - 31 * MINUTE_MS)
    found = rank(needs(), old, hospital_fact("other", 17))
    assert found["full"].recommended
    assert found["full"].reasons == ("nearest_ed", "beds_old:31")


def test_free_beds_are_counted_over_the_kinds_an_arrival_needs() -> None:
    beds = {"ed": 3, "resus": 1, "icu": 9}
    found = rank(needs(), hospital_fact("a", 8, free_beds=beds, beds_reported_ms=NOW_MS))
    assert found["a"].reasons == ("nearest_ed", "beds:4")


def test_a_house_that_is_assumed_to_do_nothing_is_no_emergency_department() -> None:
    found = rank(
        needs("arrest_no_rosc"), hospital_fact("clinic", 2, capabilities=()), hospital_fact("a", 9)
    )
    assert list(found) == ["a", "clinic"]
    assert said(found["clinic"]) == ("no_capability_listed",)


def test_a_hospital_without_a_way_is_last_and_never_recommended() -> None:
    found = rank(needs(), hospital_fact("island", None), hospital_fact("a", 90))
    assert list(found) == ["a", "island"]
    assert said(found["island"]) == ("no_route",)
    assert not any(h.recommended for h in rank(needs(), hospital_fact("island", None)).values())


def test_an_unknown_need_is_refused_by_name() -> None:
    assert needs_of(("ct_24h", "miracle"), {}, RULES) == Refused(
        code="unknown_value", field="needs", detail="miracle"
    )


hospitals = st.lists(st.integers(0, 9), unique=True, min_size=1).flatmap(
    lambda ids: st.tuples(
        *(
            st.builds(
                lambda ident, eta, can, changes: hospital_fact(str(ident), eta, *can, **changes),
                st.just(ident),
                st.none() | st.integers(0, 90),
                st.sets(st.sampled_from(["pci_24h", LYSIS, THROMBECTOMY, "burn"])),
                st.fixed_dictionaries(
                    {"diverting": st.booleans()},
                    optional={
                        "free_beds": st.just({"ed": 0}),
                        "beds_reported_ms": st.just(NOW_MS),
                    },
                ),
            )
            for ident in ids
        )
    )
)
WORDS = st.lists(
    st.sampled_from(["stroke_lvo", "stemi", "burn_severe", LYSIS, "airway_lost"]), unique=True
)
AGAINST = (
    "missing:", "diverting", "no_beds", "extra_over:", "total_over:", "fmc_over:", "lkw_over:",
)  # fmt: skip


@given(hospitals, WORDS, st.data())
def test_a_nearer_hospital_always_says_why_it_was_passed(
    known: tuple[HospitalFact, ...], words: list[str], data: st.DataObject
) -> None:
    wanted = needs(*words, fmc=20, lkw=100)
    found = rank_hospitals(known, wanted, NOW_MS, RULES)
    assert rank_hospitals(data.draw(st.permutations(known)), wanted, NOW_MS, RULES) == found
    chosen = [h for h in found if h.recommended]
    assert len(chosen) == (1 if any(h.eta_s is not None for h in known) else 0)
    for hospital in found:
        if chosen and hospital.eta_s is not None and hospital.eta_s < (chosen[0].eta_s or 0):
            assert any(reason.startswith(AGAINST) for reason in hospital.reasons)
