"""Indicators told apart: nothing lost, nothing twice, and missing times never become zeros."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from factories.cases import ZERO_MS, call_at, case_of, ms, node, run_at
from goldenhour.content.rules import load_rules
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import State
from goldenhour.domain.review.breakdown import MOST_BINS, Breakdown, bins, breakdown
from goldenhour.domain.review.kpi import DIMENSIONS, Dimension, figure, items_of, measure
from goldenhour.domain.review.timeline import CaseFile
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.time import HOUR_MS

RULES = load_rules().kpis
BY_CODE = {d.code: d for d in RULES.kpis}
STATIONS = {"u1": "一站"}
PERIOD = {"from_ms": ZERO_MS, "to_ms": ZERO_MS + 24 * HOUR_MS}

MILESTONES = (
    Milestone.DEPARTED,
    Milestone.ON_SCENE,
    Milestone.LEFT_SCENE,
    Milestone.AT_HOSPITAL,
    Milestone.HANDED_OVER,
)
MAYBE = st.none() | st.integers(0, 4000)


@st.composite
def cases(draw: st.DrawFn) -> CaseFile:
    """A case whose stamps may be missing and may contradict each other."""
    rang = draw(st.integers(0, 80_000))
    nodes = [
        node(milestone, rang + at) for milestone in MILESTONES if (at := draw(MAYBE)) is not None
    ]
    assigned = draw(MAYBE)
    run = run_at(
        None if assigned is None else rang + assigned,
        *nodes,
        ended=draw(st.sampled_from([None, rang + 5000])),
        state=draw(st.sampled_from([State.CLEARED, State.STOOD_DOWN])),
    )
    call = call_at(rang, answered=draw(st.none() | st.integers(rang, rang + 60)), ended=rang + 99)
    level = draw(st.sampled_from(DispatchLevel))
    return case_of((call,), run, level=level, opened_ms=ms(rang + 5))


@given(st.lists(cases(), max_size=8), st.data())
def test_groups_are_a_partition_of_what_was_measured(
    found: list[CaseFile], data: st.DataObject
) -> None:
    definition = data.draw(st.sampled_from(RULES.kpis))
    by = data.draw(st.sampled_from(DIMENSIONS[definition.of]))
    calls = {f"call:{at}": c for at, case in enumerate(found) for c in case.calls}
    items = items_of(definition.of, found, calls, RULES, {})
    measures = measure(definition, items, STATIONS)
    told = breakdown(definition, RULES, measures, by, **PERIOD)
    assert told is not None
    whole = figure(definition, measures)
    parts = [group.figure for group in told.groups]
    assert sum(p.numerator for p in parts) == whole.numerator
    assert sum(p.denominator for p in parts) == whole.denominator == told.kpi.n
    assert sum(p.missing for p in parts) == whole.missing
    assert sum((Counter(p.excluded) for p in parts), Counter()) == Counter(whole.excluded)
    assert len(measures) == whole.denominator + sum(whole.excluded.values())
    assert len({group.key for group in told.groups}) == len(told.groups)
    for group in told.groups:
        if not group.figure.denominator:
            assert (group.figure.value, group.figure.p50, group.figure.p90) == (None, None, None)
    _check_distribution(told, definition.fact is not None)


def _check_distribution(told: Breakdown, is_fact: bool) -> None:
    measured = [m.seconds for m in told.measures if m.seconds is not None]
    if not is_fact:
        assert sum(b.n for b in told.bins) + told.kpi.missing == told.kpi.n
    assert sum(b.n for b in told.bins) == len(measured)
    for item in told.measures:
        if item.seconds is None:
            assert item.met is not True or is_fact
        if item.excluded:
            assert (item.seconds, item.met) == (None, None)


@given(
    st.lists(st.integers(0, 50_000), min_size=1), st.sampled_from([None, 10, 60, 180, 600, 7, 900])
)
def test_every_time_is_in_its_bar_and_the_limit_on_an_edge(
    seconds: list[int], limit_s: int | None
) -> None:
    found = bins(seconds, limit_s)
    assert len(found) <= MOST_BINS
    assert found[0].over_s == 0
    for before, after in pairwise(found):
        assert before.to_s == after.over_s
    for bar in found:
        low = -1 if bar.over_s == 0 else bar.over_s
        assert bar.n == sum(low < s and (bar.to_s is None or s <= bar.to_s) for s in seconds)
    if limit_s is not None:
        assert limit_s in {bar.to_s for bar in found} | {found[-1].over_s}


def test_a_run_that_never_left_is_missing_and_not_met_and_no_zero() -> None:
    definition = BY_CODE["departure_3min"]
    call = call_at(0, answered=5, ended=60)
    case = case_of((call,), run_at(65), run_at(65, node(Milestone.DEPARTED, 100)))
    measures = measure(definition, items_of(definition.of, [case], {}, RULES, {}), STATIONS)
    told = breakdown(definition, RULES, measures, Dimension.STATION, **PERIOD)
    assert told is not None
    assert (told.kpi.n, told.kpi.missing, told.kpi.numerator) == (2, 1, 1)
    assert (told.kpi.p50, sum(b.n for b in told.bins)) == (35, 1)
    assert [(g.key, g.figure.denominator) for g in told.groups] == [("一站", 2)]
    assert [m.incident_id for m in told.measures] == ["i1", "i1"]


def test_empty_hours_and_days_are_shown_and_a_call_has_no_vehicle() -> None:
    definition = BY_CODE["answer_10s"]
    assert breakdown(definition, RULES, (), Dimension.UNIT, **PERIOD) is None
    hours = breakdown(definition, RULES, (), Dimension.HOUR, **PERIOD)
    assert hours is not None
    assert [g.key for g in hours.groups] == [f"{h:02}" for h in range(24)]
    days = breakdown(definition, RULES, (), Dimension.DAY, **PERIOD)
    assert days is not None
    assert [g.figure.value for g in days.groups] == [None]
    assert hours.bins == ()
