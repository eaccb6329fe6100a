"""Drug checks: the vectors of the formulary's sheet, and what must never be said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour.domain.care.drugs import (
    Concern,
    Dose,
    Drug,
    Formulary,
    Given,
    Interaction,
    advise,
    check,
    list_unknown,
)
from goldenhour.kernel.content import About, SignOff, Text

TEXT = Text(zh="测试", en="test")


def dose(ident: str, drug: str, **more: Any) -> Dose:
    return Dose(
        id=ident, drug=drug, route="iv", indication=TEXT, unit="mg", source="test", approver="test",
        **more,
    )  # fmt: skip


FORMULARY = Formulary(
    about=About(id="test", version=1, title=TEXT, sources=("test",), sign_off=SignOff.UNSIGNED),
    drugs=(
        Drug(id="atropine", name=TEXT),
        Drug(id="aspirin", name=TEXT, classes=("nsaid",)),
        Drug(id="amoxicillin", name=TEXT, classes=("penicillin",)),
        Drug(id="cefazolin", name=TEXT, classes=("cephalosporin",)),
        Drug(id="nitroglycerin", name=TEXT, classes=("nitrate",)),
    ),
    doses=(
        dose("adult", "atropine", when="age_y >= 14", fixed=1, max_total=3, min_interval_s=180),
        dose("child", "atropine", when="age_y < 14", per_kg=0.02, max_single=0.5),
        dose("by_weight", "ketamine", per_kg=1, max_total=0.3),
        dose("for_all", "diazepam", fixed=5),
        dose("heavier", "diazepam", per_kg=0.2, max_single=10),
        Dose(
            id="nobody",
            drug="aspirin",
            route="po",
            indication=TEXT,
            unit="mg",
            fixed=324,
            source="test",
        ),
    ),
    interactions=(
        Interaction(
            id="pde5", drug="nitroglycerin", when='taking in ["pde5"]', stops=True, reason=TEXT
        ),
    ),
    cross={"penicillin": ("cephalosporin",)},
)
AT_MS = 1_795_300_000_000


def amounts(drug: str, **facts: Any) -> list[float]:
    return [advice.amount for advice in advise(FORMULARY, drug, facts, AT_MS)]


def concerns(
    drug: str, amount: float | None = None, formulary: Formulary = FORMULARY, **more: Any
) -> list[tuple[Concern, bool]]:
    found = check(
        formulary,
        Given(
            drug=drug,
            dose=amount,
            unit=more.pop("unit", "mg"),
            at_ms=AT_MS,
            route=more.pop("route", ""),
            dose_id=more.pop("dose_id", ""),
        ),
        more.pop("earlier", ()),
        frozenset(more.pop("allergies", ())),
        more,
    )
    return [(one.concern, one.stops) for one in found]


def earlier(*minutes_ago: float, drug: str = "atropine") -> tuple[Given, ...]:
    return tuple(
        Given(drug=drug, dose=1, unit="mg", at_ms=AT_MS - round(ago * 60_000))
        for ago in minutes_ago
    )


def test_a_childs_dose_goes_by_weight_up_to_its_ceiling() -> None:
    assert amounts("atropine", age_y=3, weight_kg=15) == [0.3]
    assert amounts("atropine", age_y=9, weight_kg=30) == [0.5]
    assert advise(FORMULARY, "atropine", {"age_y": 9, "weight_kg": 30}, AT_MS)[0].capped
    assert amounts("atropine", age_y=40) == [1]


def test_without_a_weight_a_child_gets_no_dose() -> None:
    assert amounts("atropine", age_y=3) == []


def test_without_an_age_nobody_gets_a_dose() -> None:
    assert amounts("atropine", weight_kg=15) == []


def test_a_row_that_nobody_approved_gives_no_dose() -> None:
    assert amounts("aspirin", age_y=60) == []
    assert concerns("aspirin", 324, age_y=60) == [(Concern.UNCHECKED, False)]


def test_the_fourth_dose_is_over_the_total() -> None:
    assert concerns("atropine", 1, age_y=40, earlier=earlier(10, 20)) == []
    fourth = concerns("atropine", 1, age_y=40, earlier=earlier(10, 20, 30))
    assert fourth == [(Concern.OVER_TOTAL, True)]


def test_a_dose_too_soon_after_another_stops() -> None:
    assert concerns("atropine", 1, age_y=40, earlier=earlier(1)) == [(Concern.TOO_SOON, True)]


def test_a_dose_charted_before_an_earlier_one_counts_the_same() -> None:
    assert concerns("atropine", 1, age_y=40, earlier=earlier(-1)) == [(Concern.TOO_SOON, True)]


def test_a_single_dose_over_what_the_weight_allows_stops() -> None:
    assert concerns("atropine", 0.5, age_y=3, weight_kg=15) == [(Concern.OVER_SINGLE, True)]


def test_a_child_without_a_weight_is_not_checked_in_silence() -> None:
    unknown = (Concern.UNKNOWN_FACT, False)
    assert concerns("atropine", 0.4, age_y=3) == [unknown]
    assert concerns("atropine", 0.6, age_y=3) == [(Concern.OVER_SINGLE, True), unknown]
    assert concerns("atropine", 0.3, age_y=3, weight_kg=15) == []
    assert concerns("ketamine", 0.2) == [unknown]


def test_what_is_right_at_any_weight_asks_for_none() -> None:
    assert concerns("diazepam", 5) == []
    assert concerns("diazepam", 6) == [(Concern.UNKNOWN_FACT, False)]


@pytest.mark.parametrize("before", [(1000, "ug"), (None, ""), (None, "mg")])
def test_a_total_that_nobody_can_sum_is_said(before: tuple[float | None, str]) -> None:
    amount, unit = before
    unclear = Given(drug="atropine", dose=amount, unit=unit, at_ms=AT_MS - 600_000)
    found = concerns("atropine", 1, age_y=40, earlier=(unclear,))
    assert found == [(Concern.UNKNOWN_FACT, False)]
    over = concerns("atropine", 1, age_y=40, earlier=(unclear, *earlier(20, 30, 40)))
    assert over == [(Concern.OVER_TOTAL, True)]
    assert concerns("atropine", 1, age_y=40, earlier=(replace(unclear, drug="aspirin"),)) == []


def test_a_sum_of_decimal_fractions_is_not_over_its_total() -> None:
    before = (Given(drug="ketamine", dose=0.1, unit="mg", at_ms=AT_MS - 600_000),)
    assert concerns("ketamine", 0.2, weight_kg=1, earlier=before) == []
    over = concerns("ketamine", 0.21, weight_kg=1, earlier=before)
    assert over == [(Concern.OVER_TOTAL, True)]


def test_another_unit_is_said_and_never_converted() -> None:
    assert concerns("atropine", 1000, unit="ug", age_y=40) == [(Concern.OTHER_UNIT, False)]


@pytest.mark.parametrize("allergy", ["aspirin", "nsaid"])
def test_an_allergy_to_the_drug_or_its_class_stops(allergy: str) -> None:
    assert concerns("aspirin", 324, allergies=(allergy,))[0] == (Concern.ALLERGY, True)


def test_penicillin_allergy_stops_amoxicillin_and_cautions_about_cephalosporins() -> None:
    assert concerns("amoxicillin", allergies=("penicillin",))[0] == (Concern.ALLERGY, True)
    assert (Concern.CROSS_ALLERGY, False) in concerns("cefazolin", allergies=("penicillin",))


def test_a_pde5_inhibitor_stops_nitroglycerin_and_an_unasked_one_does_not() -> None:
    assert concerns("nitroglycerin", taking=("pde5",))[0] == (Concern.INTERACTION, True)
    unasked = (Concern.UNKNOWN_FACT, False)
    assert concerns("nitroglycerin") == [unasked, (Concern.UNCHECKED, False)]
    assert concerns("nitroglycerin", taking=("insulin",)) == [(Concern.UNCHECKED, False)]


def test_an_unknown_age_is_named_and_does_not_stop() -> None:
    assert concerns("atropine", 1) == [(Concern.UNKNOWN_FACT, False)]


def test_what_nobody_knows_is_named_before_a_drug_is_given() -> None:
    def unknown(drug: str, **facts: Any) -> set[str]:
        return set(list_unknown(FORMULARY, drug, facts, AT_MS))

    assert unknown("安宫牛黄丸") == {"weight_kg", "pregnant", "taking"}
    assert unknown("atropine") == {"weight_kg", "pregnant", "taking", "age_y"}
    known: dict[str, Any] = {"weight_kg": 60, "pregnant": False, "taking": ()}
    assert unknown("安宫牛黄丸", **known) == set()
    assert unknown("atropine", **known) == {"age_y"}
    assert unknown("atropine", **known, age_y=40) == set()
    assert unknown("aspirin", **(known | {"pregnant": "unknown"})) >= {"pregnant"}


def test_a_drug_by_a_name_of_its_own_is_unchecked() -> None:
    assert concerns("安宫牛黄丸") == [(Concern.UNCHECKED, False)]


@given(
    amount=st.floats(0.01, 10), more=st.floats(0, 10), ages=st.floats(0, 90), kg=st.floats(1, 150)
)
def test_a_larger_dose_is_never_safer(amount: float, more: float, ages: float, kg: float) -> None:
    less = {c for c, stops in concerns("atropine", amount, age_y=ages, weight_kg=kg) if stops}
    after = concerns("atropine", amount + more, age_y=ages, weight_kg=kg)
    assert less <= {c for c, stops in after if stops}


@given(ages=st.floats(0, 90), kg=st.floats(1, 150))
def test_what_is_advised_is_never_stopped(ages: float, kg: float) -> None:
    for advice in advise(FORMULARY, "atropine", {"age_y": ages, "weight_kg": kg}, AT_MS):
        found = concerns("atropine", advice.amount, age_y=ages, weight_kg=kg)
        assert not [one for one in found if one[1]]


BOTH = replace(
    FORMULARY,
    doses=(
        dose("slow", "atropine", fixed=1, max_total=3, min_interval_s=180),
        replace(
            dose("poisoned", "atropine", fixed=2, min_interval_s=300),
            indication=Text(zh="中毒", en="poisoning"),
        ),
        replace(dose("muscle", "atropine", fixed=0.5), route="im"),
        dose("next_year", "aspirin", fixed=300, valid_from="2027-01-01"),
    ),
)


def test_an_untold_indication_has_the_strictest_limits_of_those_that_fit() -> None:
    fourth: dict[str, Any] = {"formulary": BOTH, "route": "iv", "earlier": earlier(10, 20, 30)}
    assert concerns("atropine", 1, **fourth) == [(Concern.OVER_TOTAL, True)]
    assert concerns("atropine", 1, dose_id="poisoned", **fourth) == []
    assert concerns("atropine", 2, BOTH, route="iv") == [(Concern.OVER_SINGLE, True)]
    assert concerns("atropine", 2, BOTH, route="iv", dose_id="poisoned") == []
    soon: dict[str, Any] = {"formulary": BOTH, "route": "iv", "earlier": earlier(4)}
    assert concerns("atropine", 1, **soon) == [(Concern.TOO_SOON, True)]
    assert concerns("atropine", 1, dose_id="slow", **soon) == []


def test_the_limit_of_a_route_covers_no_other() -> None:
    assert concerns("atropine", 1, BOTH, route="im") == [(Concern.OVER_SINGLE, True)]
    assert concerns("atropine", 0.5, BOTH, route="im", dose_id="slow") == []
    assert concerns("atropine", 1, BOTH, route="po") == [(Concern.OTHER_ROUTE, False)]
    assert concerns("atropine", 1, BOTH) == [(Concern.OVER_SINGLE, True)]


def test_a_row_counts_from_its_day_on() -> None:
    assert concerns("aspirin", 300, BOTH) == [(Concern.UNCHECKED, False)]
    assert advise(BOTH, "aspirin", {}, AT_MS) == ()
    later_ms = AT_MS + 60 * 86_400_000
    assert [one.amount for one in advise(BOTH, "aspirin", {}, later_ms)] == [300]
