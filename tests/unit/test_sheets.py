# ruff: noqa: E501 (a worked example reads as one line)
"""Guided sheets: typical, empty and contradictory, and what holds for every sheet."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldenhour.content import load
from goldenhour.domain.care import Findings
from goldenhour.domain.care.items import Item, ItemKind, Origin, check_item
from goldenhour.domain.care.sheets import Sheet, SheetReading, read_sheet
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused

CONTENT = load()
SHEETS = {sheet.about.id: sheet for sheet in CONTENT.sheets}
ORDER = list(TriageLevel)


def found(item: str) -> Item:
    one = SHEETS["chest_pain"].find_item(item)
    assert one is not None
    return one


def read(name: str, answers: dict[str, Answer] | None = None, **findings: Any) -> SheetReading:
    return read_sheet(SHEETS[name], CONTENT.scores, answers or {}, Findings(**findings))


def ids(rows: tuple[Any, ...]) -> list[str]:
    return [row.id for row in rows]


CALM_CHEST: dict[str, Answer] = {
    "severe_breathlessness": False, "grey_clammy": False, "pain_character": "positional",
    "pain_onset_min": 600, "pain_ongoing": True, "pain_signs": (), "ecg_suggests_ami": False,
    "heart_ecg": "normal", "killip_lungs": "clear", "s3_or_jvd": False, "hypoperfusion": False,
    "heart_history": "slight", "heart_risk": "none", "clot_risk": False,
}  # fmt: skip
CALM_VITALS: dict[str, Any] = {
    "age_y": 40, "heart_rate_per_min": 80, "sbp_mmhg": 130, "resp_per_min": 16, "spo2_pct": 98,
    "consciousness": "A",
}  # fmt: skip


def test_an_infarction_is_level_two_and_goes_to_a_pci_centre() -> None:
    found = read(
        "chest_pain",
        CALM_CHEST | {"pain_character": "pressure", "ecg_suggests_ami": True},
        **CALM_VITALS,
    )
    assert (found.level, found.status) == (TriageLevel.II, Status.COMPLETE)
    assert ids(found.reasons) == ["infarction", "cardiac_pain"]
    assert ids(found.needs) == ["stemi", "cardiac_pain"]
    assert found.needs[0].capabilities == ("pci_24h",)
    assert "prealert" in ids(found.actions)
    assert "ecg_12" not in ids(found.actions)
    assert [row.order for row in found.actions] == sorted(row.order for row in found.actions)


def test_shock_with_an_infarction_is_level_one() -> None:
    found = read(
        "chest_pain",
        CALM_CHEST | {"ecg_suggests_ami": True, "hypoperfusion": True},
        **(CALM_VITALS | {"sbp_mmhg": 82}),
    )
    assert found.level is TriageLevel.I
    assert ids(found.needs)[:2] == ["stemi_shock", "stemi"]
    assert {entry.table_id: entry.band for entry in found.scores}["killip"] == "IV"


def test_a_calm_chest_is_level_three_only_when_everything_is_known() -> None:
    found = read("chest_pain", CALM_CHEST, **CALM_VITALS)
    assert (found.level, found.status, found.missing) == (TriageLevel.III, Status.COMPLETE, ())
    part = {name: value for name, value in CALM_CHEST.items() if name != "ecg_suggests_ami"}
    found = read("chest_pain", part, **CALM_VITALS)
    assert (found.level, found.status) == (None, Status.PARTIAL)
    assert found.worst_possible is TriageLevel.II
    assert found.missing == ("ecg_suggests_ami",)
    assert "ecg_12" in ids(found.actions)


def test_a_persons_answer_beats_live_data_and_both_are_reported() -> None:
    found = read("chest_pain", {"sbp_mmhg": 65}, sbp_mmhg=120, heart_rate_per_min=88)
    (used,) = (entry for entry in found.used if entry.item_id == "sbp_mmhg")
    assert (used.value, used.origin, used.live) == (65, Origin.PERSON, 120)
    assert found.level is TriageLevel.I
    (live,) = (entry for entry in found.used if entry.item_id == "heart_rate_per_min")
    assert (live.value, live.origin, live.live) == (88, Origin.LIVE, None)
    same = read("chest_pain", {"sbp_mmhg": 120}, sbp_mmhg=120).used[0]
    assert (same.origin, same.live) == (Origin.PERSON, None)


def test_a_reading_comes_back_from_json_as_it_went() -> None:
    found = read("chest_pain", CALM_CHEST | {"sbp_mmhg": 118.5}, **CALM_VITALS)
    assert msgspec.json.decode(msgspec.json.encode(found), type=SheetReading) == found


def test_unknown_said_by_a_person_leaves_live_data_standing() -> None:
    (used,) = read("chest_pain", {"sbp_mmhg": "unknown"}, sbp_mmhg=120).used
    assert (used.value, used.origin) == (120, Origin.LIVE)


def test_a_correction_reaches_what_is_computed_from_the_value() -> None:
    found = read("chest_pain", {"sbp_mmhg": 50}, sbp_mmhg=150, heart_rate_per_min=100, age_y=40)
    shock = next(entry for entry in found.scores if entry.table_id == "shock_index")
    assert (shock.inputs["shock_index"], shock.band) == (2.0, "severe")


def test_a_contradiction_is_named_and_keeps_the_sheet_partial() -> None:
    found = read("chest_pain", CALM_CHEST | {"pain_ongoing": False, "pain": 6}, **CALM_VITALS)
    assert (found.contradictions, found.status) == (("pain_gone_but_rated",), Status.PARTIAL)
    assert found.level is None


@pytest.mark.parametrize(
    ("item", "value", "code"),
    [
        ("sbp_mmhg", 501, "out_of_range"),
        ("sbp_mmhg", -1, "out_of_range"),
        ("sbp_mmhg", float("nan"), "out_of_range"),
        ("sbp_mmhg", "120", "wrong_kind"),
        ("sbp_mmhg", True, "wrong_kind"),
        ("grey_clammy", 1, "wrong_kind"),
        ("pain_character", "burning", "unknown_choice"),
        ("pain_signs", ("sweating", "cough"), "unknown_choice"),
        ("pain_signs", "sweating", "wrong_kind"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_item_as_field(
    item: str, value: Answer, code: str
) -> None:
    refused = check_item(found(item), value)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == (code, item)
    assert item not in {entry.item_id for entry in read("chest_pain", {item: value}).used}


@pytest.mark.parametrize(
    ("item", "value"),
    [("sbp_mmhg", 0), ("sbp_mmhg", 500), ("spo2_pct", 97.5), ("pain_signs", ()), ("grey_clammy", False), ("grey_clammy", "unknown")],
)  # fmt: skip
def test_possible_answers_are_taken(item: str, value: Answer) -> None:
    assert check_item(found(item), value) is None


def answer_to(item: Item) -> st.SearchStrategy[Answer]:
    choices = [choice.id for choice in item.choices]
    match item.kind:
        case ItemKind.FLAG:
            return st.booleans()
        case ItemKind.CHOICE:
            return st.sampled_from(choices)
        case ItemKind.CHOICES:
            return st.lists(st.sampled_from(choices), unique=True).map(tuple)
        case ItemKind.NUMBER:
            low, high = item.low or 0, item.high or 0
            if item.id in {"gcs", "gcs_motor", "pain", "resp_per_min"}:
                return st.integers(int(low), int(min(high, 80)))
            return st.floats(low, min(high, 300)) | st.integers(int(low), int(min(high, 300)))
        case ItemKind.TIME:
            return st.integers(0, 2_000_000_000_000)
        case ItemKind.TEXT:
            return st.text(max_size=10)


@st.composite
def answered(draw: st.DrawFn) -> tuple[str, dict[str, Answer]]:
    sheet = SHEETS[draw(st.sampled_from(sorted(SHEETS)))]
    items = draw(st.sets(st.sampled_from(sheet.list_items())))
    return sheet.about.id, {
        item.id: draw(answer_to(item)) for item in sheet.list_items() if item in items
    }  # fmt: skip


def rank(level: TriageLevel | None) -> int:
    """A level that is not named yet is no worse than any."""
    return len(ORDER) if level is None else ORDER.index(level)


JUDGES = [sheet for sheet in CONTENT.sheets if sheet.levels or sheet.responses]
"""Not what is asked for the level tables alone."""


@pytest.mark.parametrize("sheet", JUDGES, ids=lambda sheet: sheet.about.id)
def test_an_empty_sheet_has_no_level_and_may_still_be_the_worst(sheet: Sheet) -> None:
    found = read_sheet(sheet, CONTENT.scores, {}, Findings())
    assert (found.level, found.response) == (None, None)
    assert (found.status, found.used) == (Status.PARTIAL, ())
    assert found.worst_possible is (TriageLevel.I if sheet.levels else None)
    assert found.missing
    assert found.needs == ()
    assert found.actions


@settings(deadline=None, max_examples=100)
@given(answered(), st.data())
def test_removing_an_answer_never_reassures(
    given_: tuple[str, dict[str, Answer]], data: st.DataObject
) -> None:
    name, full = given_
    sheet = SHEETS[name]
    whole = read_sheet(sheet, CONTENT.scores, full, Findings())
    asked = sorted(set(full) - EITHER)
    # To take back one side of a contradiction is a correction, not a missing answer.
    if not asked or whole.status is Status.NOT_APPLICABLE or whole.contradictions:
        return
    hidden = data.draw(st.sampled_from(asked))
    rest = {key: value for key, value in full.items() if key != hidden}
    part = read_sheet(sheet, CONTENT.scores, rest, Findings())
    assert rank(part.worst_possible) <= rank(whole.worst_possible)
    if rank(part.level) > rank(whole.level):
        assert part.status is Status.PARTIAL
    for before, after in zip(whole.scores, part.scores, strict=True):
        table = CONTENT.scores[after.table_id]
        if after.status is Status.PARTIAL:
            assert after.band != table.bands[0].id
        if after.band != before.band and before.status is Status.COMPLETE:
            assert after.status is not Status.COMPLETE


@settings(deadline=None, max_examples=100)
@given(answered(), st.data())
def test_a_more_severe_answer_never_lowers_the_level(
    given_: tuple[str, dict[str, Answer]], data: st.DataObject
) -> None:
    name, answers = given_
    sheet = SHEETS[name]
    flags = [
        item.id
        for item in sheet.list_items()
        if item.kind is ItemKind.FLAG and item.id not in REASSURING
    ]
    item = data.draw(st.sampled_from(flags))
    less = read_sheet(sheet, CONTENT.scores, answers | {item: False}, Findings())
    more = read_sheet(sheet, CONTENT.scores, answers | {item: True}, Findings())
    if Status.NOT_APPLICABLE in (less.status, more.status) or more.contradictions:
        return
    # "Yes" may open questions that "no" had settled: then no level is named, and the worst that
    # is still possible must not reassure either.
    named = more.level if more.status is Status.COMPLETE else more.worst_possible
    assert rank(named) <= rank(less.level)
    if rank(more.level) > rank(less.level):
        assert (more.level, more.status) == (None, Status.PARTIAL)


@settings(deadline=None, max_examples=100)
@given(answered(), st.data())
def test_a_later_choice_is_the_more_severe_one(
    given_: tuple[str, dict[str, Answer]], data: st.DataObject
) -> None:
    name, answers = given_
    sheet = SHEETS[name]
    asked = [i for i in sheet.list_items() if i.kind is ItemKind.CHOICE and i.id not in UNORDERED]
    if not asked:
        return
    item = data.draw(st.sampled_from(asked))
    places = data.draw(st.lists(st.sampled_from(range(len(item.choices))), min_size=2, max_size=2))
    milder, worse = (item.choices[place].id for place in sorted(places))
    less = read_sheet(sheet, CONTENT.scores, answers | {item.id: milder}, Findings())
    more = read_sheet(sheet, CONTENT.scores, answers | {item.id: worse}, Findings())
    if not more.contradictions:
        assert rank(more.level) <= rank(less.level) or less.contradictions


EITHER = frozenset({"cap_refill_s", "radial_pulse", "mci_method", "ultrasound"})
"""START takes either sign of perfusion; the others only choose which table is asked."""

UNORDERED = frozenset({"mci_method", "pain_character", "pupils", "race_side", "ultrasound"})
"""Choices in no order of severity."""
REASSURING = frozenset(
    {
        "any_pulse", "bleeding_controlled", "blunt_trauma", "breathes_after_5", "just_born",
        "likely_to_survive", "minor_only", "obeys", "pregnant", "radial_pulse", "rosc", "walks",
    }
)  # fmt: skip
"""Flags whose "yes" is the milder answer, or chooses whom other rows are for."""
