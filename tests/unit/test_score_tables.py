"""What holds for every table of points."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from goldenhour.content import load
from goldenhour.domain.care import Findings, Score, ScoreTable, score
from goldenhour.domain.care.items import Item, ItemKind
from goldenhour.domain.care.scores import asked_by, rows_of
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status

CONTENT = load()
OWN = {field.name for field in fields(Findings)}
SHARED = {item.id: item for item in CONTENT.inputs.items}
AGES = st.sampled_from([0.01, 0.5, 3.0, 5.0, 9.0, 15.0, 17.0, 30.0, 59.0, 70.0, 91.0])
EITHER = {
    "news2": {"spo2_scale_2"},
    "start": {"cap_refill_s", "radial_pulse"},
    "ncis": {"newborn_creatinine_umol_l", "bun_mmol_l"},
}
"""Inputs that may be absent without being missing: a table takes either of two, and scale 2 of
NEWS2 counts only on a clinician's explicit word."""


def inputs_of(table: ScoreTable) -> list[str]:
    names = asked_by(table.applies) | {n for row in rows_of(table) for n in asked_by(row.when)}
    derived = {"shock_index", "hr_over_sbp"} & names
    bases = {"heart_rate_per_min", "sbp_mmhg"} if derived else set()
    if names & {"sbp_below_child_limit", "age_d"}:
        bases |= {"age_y", "sbp_mmhg"}
    given_ = names - {"shock_index", "hr_over_sbp", "sbp_below_child_limit", "age_d"}
    return sorted((given_ | bases) - set(table.parameters))


def value_for(table: ScoreTable, name: str) -> st.SearchStrategy[Answer]:
    if name == "age_y":
        return AGES
    if name == "pregnant":
        return st.booleans()
    if name.startswith("score_"):
        return st.integers(0, 12)
    items: dict[str, Item] = SHARED | {item.id: item for item in table.items}
    item = items[name]
    choices = [choice.id for choice in item.choices]
    match item.kind:
        case ItemKind.FLAG:
            return st.booleans()
        case ItemKind.CHOICE:
            return st.sampled_from(choices)
        case ItemKind.CHOICES:
            return st.lists(st.sampled_from(choices), unique=True).map(tuple)
        case _:
            low, high = int(item.low or 0), int(item.high or 0)
            return st.integers(low, min(high, 250)) | st.floats(low, min(high, 250))


def take(table: ScoreTable, values: dict[str, Answer]) -> Score:
    findings: dict[str, Any] = {key: value for key, value in values.items() if key in OWN}
    answers = {key: value for key, value in values.items() if key not in OWN}
    return score(Findings(**findings), table, answers)


def severity(table: ScoreTable, band: str | None) -> int:
    return -1 if band is None else [row.id for row in table.bands].index(band)


@st.composite
def filled(draw: st.DrawFn) -> tuple[str, dict[str, Answer], str]:
    table = CONTENT.scores[draw(st.sampled_from(sorted(CONTENT.scores)))]
    names = inputs_of(table)
    values = {name: draw(value_for(table, name)) for name in names}
    return table.about.id, values, draw(st.sampled_from(names))


@settings(deadline=None, max_examples=400)
@given(filled())
def test_removing_an_input_never_reassures(case: tuple[str, dict[str, Answer], str]) -> None:
    name, values, hidden = case
    table = CONTENT.scores[name]
    whole = take(table, values)
    part = take(table, {key: value for key, value in values.items() if key != hidden})
    if Status.NOT_APPLICABLE in (whole.status, part.status):
        assert part.status is not Status.COMPLETE
        return
    if Status.CONTRADICTORY in (whole.status, part.status) or hidden in EITHER.get(name, ()):
        return
    if part.status is Status.PARTIAL:
        assert part.band != table.bands[0].id
        assert part.missing
    else:
        assert severity(table, part.band) >= severity(table, whole.band)
    if whole.total is None or part.total is None or part.at_most is None:
        return
    sign = 1 if table.worse == "high" else -1
    assert sign * part.total <= sign * whole.total + 1e-9
    assert sign * whole.total <= sign * part.at_most + 1e-9


@settings(deadline=None, max_examples=300)
@given(filled())
def test_whatever_is_complete_has_a_band(case: tuple[str, dict[str, Answer], str]) -> None:
    name, values, _ = case
    found = take(CONTENT.scores[name], values)
    if found.status is Status.COMPLETE:
        assert found.band is not None
        assert found.total == found.at_most


@pytest.mark.parametrize("table", CONTENT.scores.values(), ids=lambda table: table.about.id)
def test_nothing_known_says_nothing(table: ScoreTable) -> None:
    found = take(table, {})
    assert (found.status, found.band) == (Status.PARTIAL, None)
    assert found.missing


@pytest.mark.parametrize("table", CONTENT.scores.values(), ids=lambda table: table.about.id)
def test_every_input_has_words(table: ScoreTable) -> None:
    own = {item.id for item in table.items}
    used = {name for name in inputs_of(table) if not name.startswith("score_")}
    assert used <= own | set(SHARED)
