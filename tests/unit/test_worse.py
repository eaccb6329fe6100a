"""When a patient counts as worse, and until when."""

from typing import Any

import pytest
from msgspec.structs import replace

from goldenhour.domain.care import patient
from goldenhour.domain.care.events import (
    Consciousness,
    LevelConfirmed,
    Observed,
    Scored,
    Sex,
    WorseningSeen,
)
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.worse import What, by_scores, by_sight
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.recorded import Recorded

NOBODY = Patient(
    incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.FEMALE, vitals={},
    vitals_ms=None, observed=None, scored=None, history=(), level=None, level_by="", level_ms=None,
    registered_ms=0,
)  # fmt: skip


def scored(
    news2: int | None, band: str, level: TriageLevel | None = None, missing: tuple[str, ...] = ()
) -> Scored:
    return Scored(
        news2=news2,
        news2_band=band,
        news2_missing=missing,
        level=level,
        level_reasons=(),
        level_missing=missing,
        complete=news2 is not None,
        table_version="news2@1",
    )


def seen(gcs: int | None) -> Observed:
    return Observed(consciousness=Consciousness.ALERT, on_oxygen=False, gcs=gcs, pain=None)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (scored(3, "low"), scored(5, "medium"), True),  # two points, and a band
        (scored(4, "low"), scored(5, "medium"), True),  # one point, but into another band
        (scored(3, "low"), scored(3, "low_medium"), True),  # a single red score
        (scored(3, "low"), scored(4, "low"), False),
        (scored(7, "high"), scored(6, "medium"), False),
        (scored(None, ""), scored(9, "high"), False),  # nobody knew how it was before
        (scored(3, "low"), scored(None, ""), False),
        # Nobody had measured anything yet.
        (scored(0, "low", missing=("rr", "spo2", "sbp")), scored(9, "high"), False),
        (scored(2, "low", missing=("temp",)), scored(5, "medium"), False),
        (scored(2, "low", missing=("temp",)), scored(7, "high"), True),  # not by it alone
        (scored(2, "low", missing=("temp",)), scored(5, "medium", missing=("temp",)), True),
        (scored(2, "low"), scored(5, "medium", missing=("temp",)), True),
    ],
)
def test_news2(before: Scored, after: Scored, worse: bool) -> None:
    assert bool(by_scores(before, after, 1)) is worse


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (TriageLevel.III, TriageLevel.II, True),
        (TriageLevel.II, TriageLevel.III, False),
        (TriageLevel.II, TriageLevel.II, False),
        (None, TriageLevel.I, False),
        (TriageLevel.I, None, False),
    ],
)
def test_level(before: TriageLevel | None, after: TriageLevel | None, worse: bool) -> None:
    found = by_scores(scored(None, "", before), scored(None, "", after), 1)
    assert bool(found) is worse
    # What became known may have been so before.
    assert not by_scores(scored(None, "", before, ("gcs",)), scored(None, "", after), 1)


def level(found: TriageLevel, missing: tuple[str, ...], unknown: tuple[str, ...]) -> Scored:
    return replace(scored(None, "", found, missing), level_unknown=unknown)


def test_a_level_beyond_which_nothing_is_worse_misses_nothing_and_still_rose() -> None:
    before = level(TriageLevel.II, ("judged", "gcs"), ("judged", "gcs", "pain"))
    rose = level(TriageLevel.I, (), ("judged", "gcs", "pain"))
    assert [one.what for one in by_scores(before, rose, 1)] == [What.LEVEL]
    assert not by_scores(before, level(TriageLevel.I, (), ("judged", "pain")), 1)


def test_opening_a_sheet_is_no_worsening_and_another_answer_on_it_is() -> None:
    before = level(TriageLevel.IV, (), ("stroke",))
    opened = level(TriageLevel.III, (), ())
    assert not by_scores(before, opened, 1)
    assert by_scores(opened, level(TriageLevel.II, (), ()), 1)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [(15, 13, True), (15, 14, False), (None, 3, False), (9, None, False)],
)
def test_gcs(before: int | None, after: int | None, worse: bool) -> None:
    assert bool(by_sight(seen(before), seen(after), 1)) is worse


def fold(*events: Any) -> Patient:
    """One event a second."""
    state: Patient | None = NOBODY
    for second, event in enumerate(events, start=1):
        recorded = Recorded(
            stream="patient:p", version=second, event=event, actor="a", seat="s", role="crew",
            org="unit:u", occurred_ms=second * 1000, received_ms=second * 1000, installation="x",
        )  # fmt: skip
        state = patient.evolve(state, recorded)
    assert state is not None
    return state


def test_what_got_worse_twice_stands_once_from_where_it_was_last_seen() -> None:
    state = fold(scored(2, "low"), scored(5, "medium"), scored(9, "high"))
    (only,) = state.worse
    assert (only.what, only.before, only.after, only.at_ms) == (What.NEWS2, "2", "9", 3000)


def test_it_stands_until_somebody_has_seen_it_and_what_came_later_stays() -> None:
    before = (seen(15), scored(2, "low"), scored(5, "medium"), seen(12))
    state = fold(*before)
    assert {one.what for one in state.worse} == {What.NEWS2, What.GCS}
    later = fold(*before, WorseningSeen(through_ms=3000))
    assert [one.what for one in later.worse] == [What.GCS]


def test_getting_better_hides_nothing_and_a_confirmed_level_ends_it() -> None:
    before = (scored(2, "low"), scored(8, "high"), scored(2, "low"))
    assert len(fold(*before).worse) == 1
    level = LevelConfirmed(level=TriageLevel.I, proposed=None, reason="")
    assert fold(*before, level).worse == ()


def test_a_coma_scale_that_falls_a_point_at_a_time_is_told() -> None:
    state = fold(seen(15), seen(14), seen(13))
    (only,) = state.worse
    assert (only.what, only.before, only.after, only.at_ms) == (What.GCS, "15", "13", 3000)
    deeper = fold(seen(15), seen(14), seen(13), seen(12))
    assert [(one.before, one.after) for one in deeper.worse] == [("15", "12")]
    # Up again is no news, nor is where it has been told already.
    shaky = fold(seen(15), seen(14), seen(13), seen(14), seen(13))
    assert shaky.worse == state.worse


def test_a_look_between_that_did_not_assess_it_hides_no_fall() -> None:
    (only,) = fold(seen(15), seen(None), seen(12)).worse
    assert (only.before, only.after) == ("15", "12")
    assert fold(seen(None), seen(12)).worse == ()


def test_news2_that_rises_by_ones_within_a_band_is_told() -> None:
    state = fold(scored(7, "high"), scored(8, "high"), scored(9, "high"))
    (only,) = state.worse
    assert (only.what, only.before, only.after) == (What.NEWS2, "7", "9")
    better = fold(scored(9, "high"), scored(8, "high"), scored(9, "high"))
    assert better.worse == ()
    known = fold(scored(7, "high", missing=("temp",)), scored(8, "high"), scored(9, "high"))
    assert known.worse == ()  # the temperature may have stood at its most before


def test_it_is_held_against_what_was_seen_last() -> None:
    seen_so = (seen(15), seen(14), seen(13), WorseningSeen(through_ms=3000))
    assert fold(*seen_so, seen(12)).worse == ()
    (only,) = fold(*seen_so, seen(12), seen(11)).worse
    assert (only.before, only.after) == ("13", "11")
    level = LevelConfirmed(level=TriageLevel.I, proposed=None, reason="")
    assert fold(seen(15), seen(14), level, seen(13)).worse == ()
