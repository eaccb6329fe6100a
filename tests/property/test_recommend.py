"""What holds of every recommendation, whatever the units."""

from hypothesis import assume, given
from hypothesis import strategies as st

from factories.advice import NOW_MS, UnitFact, recommend_of, unit_fact
from goldenhour.content import load
from goldenhour.content.rules import load_rules
from goldenhour.domain.dispatch.recommend import Recommendation
from goldenhour.domain.register.events import UnitKind
from goldenhour.domain.triage.levels import LevelPlan

RULES = load_rules().dispatch
PLANS = st.sampled_from([None, *load().levels.dispatch])
HOMES = st.sampled_from(["", "centre", "county"])
SIGNS = [f"{letter}-{number:02d}" for letter in "AB" for number in range(5)]


def facts(sign: str) -> st.SearchStrategy[UnitFact]:
    return st.builds(
        unit_fact,
        st.just(sign),
        st.none() | st.integers(0, 4000),
        st.sampled_from(UnitKind),
        on_mission=st.booleans(),
        on_duty=st.booleans(),
        out_of_service=st.sampled_from(["", "", "fault"]),
        reserved_ms=st.none() | st.integers(NOW_MS - 3_600_000, NOW_MS + 7_200_000),
        fix_ms=st.none() | st.integers(NOW_MS - 600_000, NOW_MS + 10_000),
        estimated=st.booleans(),
        duty_ms=st.none() | st.integers(NOW_MS - 72_000_000, NOW_MS),
        crew=st.sampled_from([(), ("甲",), ("甲", "乙", "丙")]),
        home=HOMES,
    )


units = st.lists(st.sampled_from(SIGNS), unique=True).flatmap(
    lambda signs: st.tuples(*map(facts, signs))
)


def ask(found: tuple[UnitFact, ...] | list[UnitFact], plan: LevelPlan | None) -> Recommendation:
    return recommend_of(found, plan, RULES, area="centre")


@given(units, PLANS)
def test_no_busy_absent_or_lost_unit_is_ever_ranked(
    known: tuple[UnitFact, ...], plan: LevelPlan | None
) -> None:
    found = ask(known, plan)
    by_id = {fact.unit_id: fact for fact in known}
    for candidate in found.proposal.ranked:
        fact = by_id[candidate.unit_id]
        assert fact.unit.on_duty
        assert not fact.unit.out_of_service
        assert not fact.on_mission
        assert fact.reserved_ms is None or fact.reserved_ms > NOW_MS + 1_800_000
        assert fact.fix_ms is None or fact.fix_ms > NOW_MS - 301_000
        assert plan is None or fact.unit.unit_kind.value in [k.value for k in plan.unit_kinds]


@given(units, PLANS)
def test_each_unit_stands_once_and_an_empty_answer_is_explained(
    known: tuple[UnitFact, ...], plan: LevelPlan | None
) -> None:
    found = ask(known, plan)
    listed = [c.unit_id for c in (*found.proposal.ranked, *found.proposal.skipped)]
    assert sorted(listed) == sorted(fact.unit_id for fact in known)
    assert all(c.reasons for c in found.proposal.skipped)
    assert found.proposal.ranked or found.shortfall


@given(units, PLANS, st.data())
def test_the_order_of_the_units_changes_nothing(
    known: tuple[UnitFact, ...], plan: LevelPlan | None, data: st.DataObject
) -> None:
    assert ask(data.draw(st.permutations(known)), plan) == ask(known, plan)


free_units = st.lists(st.sampled_from(SIGNS), unique=True, min_size=1).flatmap(
    lambda signs: st.tuples(
        *(
            st.builds(
                unit_fact,
                st.just(sign),
                st.integers(0, 4000),
                st.sampled_from(UnitKind),
                home=HOMES,
            )
            for sign in signs
        )
    )
)


@given(free_units, PLANS, st.floats(0, 1), st.sampled_from(UnitKind), HOMES)
def test_one_more_nearer_unit_never_delays_the_first_arrival(
    known: tuple[UnitFact, ...], plan: LevelPlan | None, share: float, kind: UnitKind, home: str
) -> None:
    before = ask(known, plan).proposal.ranked
    assume(before)
    first_s = before[0].eta_s
    assert first_s is not None
    nearer = unit_fact("C-01", int(first_s * share), kind, home=home)
    after = ask([*known, nearer], plan).proposal.ranked
    assert after[0].eta_s is not None
    assert after[0].eta_s <= first_s
