"""The health portrait: the vectors of its sheet, and what must never be said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.residents import TODAY, fact
from goldenhour.content.facts import load_facts
from goldenhour.domain.care.portrait import (
    Alert,
    AlertKind,
    Portrait,
    classify,
    list_allergies,
    paint,
)
from goldenhour.domain.care.portrait_content import Colour
from goldenhour.kernel.resident import (
    Code,
    FactKind,
    FactWords,
    Resident,
    ResidentFact,
    Standing,
    Words,
)

CONTENT = load_facts().care.portrait


def painted(*facts: ResidentFact, **live: Any) -> Portrait:
    return paint(facts, CONTENT, live, TODAY)


def colour(portrait: Portrait, region: str) -> Colour:
    return next(one.colour for one in portrait.regions if one.region == region)


def rules(portrait: Portrait, region: str) -> list[str]:
    found = next(one for one in portrait.regions if one.region == region)
    return [item.rule for item in found.items]


def alerts(portrait: Portrait, kind: AlertKind) -> list[Alert]:
    return [alert for alert in portrait.alerts if alert.kind is kind]


def meant(
    ident: str, kind: FactKind, name: str, code: str = "", reaction: str = "", **more: Any
) -> ResidentFact:
    """A fact after its words were read."""
    said = FactWords(name=name, reaction=reaction)
    resident = Resident(
        facts=(fact(ident, kind, code, **more),), words=Words(facts={ident: said}), not_understood=0
    )
    return classify(resident, CONTENT).facts[0]


COPD = fact("c1", code="icd10|J44.9", day="2019")


# ---- the vectors of clinical sheet 6
def test_copd_at_90_is_orange_and_at_85_red() -> None:
    assert colour(painted(COPD, spo2_pct=90), "lungs") is Colour.ORANGE
    assert colour(painted(COPD, spo2_pct=85), "lungs") is Colour.RED


def test_head_strike_on_warfarin_is_a_red_candidate_with_its_alert() -> None:
    warfarin = meant("m1", FactKind.MEDICINE, "华法林片", "atc|B01AA03")
    found = painted(fact("c1", code="icd10|I48"), warfarin, head_impact=True)
    assert colour(found, "brain") is Colour.RED
    brain = next(one for one in found.regions if one.region == "brain")
    assert [item.candidate for item in brain.items] == [True]
    assert [alert.id for alert in alerts(found, AlertKind.MEDICINE)] == ["anticoagulant"]


def test_open_tuberculosis_of_three_months_ago_asks_for_airborne_protection() -> None:
    tuberculosis = fact("c1", code="icd10|A15.0", day="2026-08-20", told_day="2026-08-20")
    (found,) = alerts(painted(tuberculosis), AlertKind.INFECTION)
    assert (found.ppe, found.id, found.old) == ("airborne", "tuberculosis", True)


def test_a_later_negative_test_ends_it_and_an_earlier_does_not() -> None:
    tuberculosis = fact("c1", code="icd10|A15.0", day="2026-08-20")

    def negative(day: str) -> ResidentFact:
        kind, code = FactKind.OBSERVATION, "loinc|11545-1"
        return fact("o1", kind, code, standing=Standing.REFUTED, day=day)

    assert alerts(painted(tuberculosis, negative("2026-10-01")), AlertKind.INFECTION) == []
    (found,) = alerts(painted(tuberculosis, negative("2026-07-01")), AlertKind.INFECTION)
    assert found.against == ("o1",)


def test_no_record_is_grey_and_never_green() -> None:
    assert {one.colour for one in painted().regions} == {Colour.GREY}


def test_penicillin_anaphylaxis_reaches_the_drug_check() -> None:
    allergy = meant("a1", FactKind.ALLERGY, "青霉素", reaction="过敏性休克")
    (found,) = alerts(painted(allergy), AlertKind.ALLERGY)
    assert (found.id, found.severity) == ("penicillin", "anaphylaxis")
    assert {"penicillin", "amoxicillin"} <= list_allergies((allergy,), CONTENT)


# ---- colours
@given(
    st.floats(0, 100), st.integers(0, 300), st.integers(0, 300), st.integers(3, 15),
    st.sampled_from(["male", "female"]),
)  # fmt: skip
def test_without_a_record_nothing_is_ever_green(
    spo2: float, rate: int, sbp: int, gcs: int, sex: str
) -> None:
    found = painted(spo2_pct=spo2, heart_rate_per_min=rate, sbp_mmhg=sbp, gcs=gcs, sex=sex)
    assert Colour.GREEN not in {one.colour for one in found.regions}


@given(st.lists(st.sampled_from(["J44", "I48", "E11", "N18", "I63", "Z99.2", "R51"]), max_size=5))
def test_what_is_seen_now_never_lowers_a_region(codes: list[str]) -> None:
    facts = tuple(fact(f"c{n}", code=f"icd10|{code}") for n, code in enumerate(codes))
    order = [Colour.GREY, Colour.GREEN, Colour.ORANGE, Colour.RED]
    calm, bad = (
        paint(facts, CONTENT, {}, TODAY),
        paint(facts, CONTENT, {"spo2_pct": 80, "sbp_mmhg": 70, "gcs": 8}, TODAY),
    )
    for before, after in zip(calm.regions, bad.regions, strict=True):
        assert order.index(after.colour) >= order.index(before.colour)


def test_green_needs_an_entry_of_that_region() -> None:
    filter_rate = fact(
        "o1", FactKind.OBSERVATION, "loinc|33914-3", value=82.0, unit="mL/min/{1.73_m2}"
    )
    found = painted(filter_rate)
    assert (colour(found, "kidney"), colour(found, "limbs")) == (Colour.GREEN, Colour.GREY)


def test_history_alone_is_red_only_by_its_day() -> None:
    def brain(day: str) -> Colour:
        return colour(painted(fact("c1", code="icd10|I61.9", day=day)), "brain")

    assert brain("2026-10-01") is Colour.RED
    assert brain("2026-10") is Colour.RED
    assert brain("2025-10-01") is Colour.ORANGE
    assert brain("") is Colour.ORANGE


def test_an_unknown_lung_is_held_to_the_stricter_limit() -> None:
    assert colour(painted(spo2_pct=89), "lungs") is Colour.RED
    assert colour(painted(fact("c1", code="icd10|I10"), spo2_pct=89), "lungs") is Colour.RED


def test_five_below_ones_own_saturation_is_red() -> None:
    own = fact("o1", FactKind.OBSERVATION, "loinc|59408-5", value=95.0, unit="%")
    assert colour(painted(COPD, own, spo2_pct=90), "lungs") is Colour.RED


def test_a_man_has_no_row_of_pregnancy_and_an_unknown_person_has() -> None:
    def has_row(**live: Any) -> bool:
        return any(one.region == "uterus" for one in painted(**live).regions)

    assert not has_row(sex="male")
    assert has_row(sex="female")
    assert has_row()


def test_both_of_two_sources_are_shown_and_the_worse_counts() -> None:
    told = fact("c1", code="icd10|E11.9")
    denied = fact("c2", code="icd10|E11", standing=Standing.REFUTED)
    found = painted(told, denied)
    endocrine = next(one for one in found.regions if one.region == "endocrine")
    assert endocrine.colour is Colour.ORANGE
    assert [(item.fact, item.against) for item in endocrine.items] == [("c1", False), ("c2", True)]


def test_a_record_of_more_than_a_year_is_old_and_so_is_an_undated_one() -> None:
    def old(told_day: str) -> bool:
        (painted_lungs,) = (
            one
            for one in painted(fact("c1", code="icd10|J44", day="", told_day=told_day)).regions
            if one.region == "lungs"
        )
        return painted_lungs.items[0].old

    assert [old(day) for day in ("2026-01-01", "2025-11-20", "2025", "")] == [
        False, True, True, True,
    ]  # fmt: skip


# ---- alerts
def test_allergies_stand_first_the_worst_before_the_others() -> None:
    found = painted(
        meant("m1", FactKind.MEDICINE, "胰岛素"),
        fact("c1", code="icd10|B18.1"),
        meant("a1", FactKind.ALLERGY, "芒果", severity="mild"),
        meant("a2", FactKind.ALLERGY, "Penicillin G", reaction="Anaphylaxis"),
    )
    assert [(alert.kind, alert.id) for alert in found.alerts] == [
        (AlertKind.ALLERGY, "penicillin"),
        (AlertKind.ALLERGY, ""),
        (AlertKind.INFECTION, "hepatitis_b"),
        (AlertKind.MEDICINE, "insulin"),
    ]


def test_no_known_allergy_beside_an_allergy_is_a_conflict() -> None:
    penicillin = meant("a1", FactKind.ALLERGY, "青霉素")
    nothing = meant("a2", FactKind.ALLERGY, "", "snomed|716186003")
    (found,) = alerts(painted(penicillin, nothing), AlertKind.ALLERGY)
    assert (found.id, found.against) == ("penicillin", ("a2",))
    (calm,) = alerts(painted(nothing), AlertKind.ALLERGY)
    assert calm.id == "none"
    assert list_allergies((nothing,), CONTENT) == frozenset()


def test_a_refuted_allergy_is_none() -> None:
    refuted = meant("a1", FactKind.ALLERGY, "青霉素", standing=Standing.REFUTED)
    found = painted(refuted)
    assert alerts(found, AlertKind.ALLERGY) == []
    assert found.others == ("a1",)
    assert list_allergies((refuted,), CONTENT) == frozenset()


def test_devices_and_directives() -> None:
    found = painted(
        meant("d1", FactKind.DEVICE, "植入式除颤器"),
        meant("f1", FactKind.DIRECTIVE, "生前预嘱"),
        meant("d2", FactKind.DEVICE, "起搏器", standing=Standing.PAST),
    )
    assert [(alert.id, alert.mri) for alert in found.alerts] == [
        ("advance_directive", False), ("icd", True),
    ]  # fmt: skip


codes = st.builds(
    lambda system, code: Code(system=system, code=code),
    st.sampled_from(["icd10", "atc", "loinc", "snomed", "other"]),
    st.sampled_from([one for rule in CONTENT.rules for one in (*rule.icd10, *rule.exact)])
    | st.text(max_size=4),
)
any_fact = st.builds(
    ResidentFact,
    id=st.text(max_size=3),
    kind=st.sampled_from(FactKind),
    standing=st.sampled_from(Standing),
    codes=st.lists(codes, max_size=2).map(tuple),
    day=st.sampled_from(["", "2020", "2026-02", "2026-11-01", "2026-99-99", "later"]),
    told_day=st.sampled_from(["", "1999", "2026-11-20"]),
    severity=st.sampled_from(["", "mild", "anaphylaxis", "odd"]),
    value=st.none() | st.floats(0, 500),
    unit=st.sampled_from(["", "g/L", "%"]),
    means=st.lists(st.sampled_from(["none", "penicillin", "icd", "odd"]), max_size=2).map(tuple),
)


@given(st.lists(any_fact, max_size=8).map(tuple))
def test_every_fact_is_shown_somewhere(facts: tuple[ResidentFact, ...]) -> None:
    found = paint(facts, CONTENT, {}, TODAY)
    shown = {item.fact for region in found.regions for item in region.items}
    shown |= {ident for alert in found.alerts for ident in (*alert.facts, *alert.against)}
    assert shown | set(found.others) == {one.id for one in facts}


@pytest.mark.parametrize("rule", CONTENT.rules, ids=lambda rule: rule.id)
def test_every_rule_with_codes_can_fire(rule: Any) -> None:
    if not rule.has_codes:
        return
    system = "icd10" if rule.icd10 else "atc" if rule.atc else "loinc"
    code = (*rule.icd10, *rule.atc, *rule.exact)[0]
    value = None if not rule.unit else (rule.below or rule.least or 0) - 0.5
    one = fact("f1", code=f"{system}|{code}", value=value, unit=rule.unit)
    assert rule.id in rules(
        painted(one, sex="female", age_y=5 if rule.region == "child" else 50), rule.region
    )
