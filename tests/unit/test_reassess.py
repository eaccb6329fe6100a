"""Vital signs that nobody took again: how old is too old goes by the level."""

import pytest
from msgspec.structs import replace
from test_outdated import MINUTE, after, entered
from test_worse import scored

from goldenhour.content.facts import load_facts
from goldenhour.domain.care.events import (
    FieldWritten,
    LevelConfirmed,
    VitalsCharted,
    VitalsEntered,
)
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.reassess import Reassessment, reassessment
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign

INTERVALS = load_facts().limits.reassess_s
RED, ORANGE, YELLOW, GREEN = TriageLevel


def at_level(level: TriageLevel | None) -> tuple[int, object]:
    return 1, scored(2, "low", level)


def found(state: Patient) -> Reassessment:
    told = reassessment(state, INTERVALS, MINUTE)
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("level", "minutes"), [(RED, 5), (ORANGE, 10), (YELLOW, 30), (GREEN, 60), (None, 10)]
)
def test_the_interval_is_the_levels_and_that_of_nobodys_level_is_no_mild_one(
    level: TriageLevel | None, minutes: int
) -> None:
    told = found(after(entered(0), at_level(level)))
    assert (told.level, told.taken_ms, told.due_ms) == (level, 0, minutes * MINUTE)


def test_who_was_never_measured_counts_from_when_the_crew_was_there() -> None:
    assert found(after()) == Reassessment(level=None, taken_ms=None, due_ms=11 * MINUTE)
    assert reassessment(after(), INTERVALS, None) is None
    assert reassessment(after(entered(0)), INTERVALS, None) is not None


def test_only_a_new_set_of_signs_ends_it() -> None:
    warm = VitalsEntered(
        entry_id="t", taken_ms=9 * MINUTE, values=(Numeric(sign=Sign.TEMP, value=37.0, note=""),)
    )
    lost = NumericSet(
        device_id="m", unit_id="u", device_ms=None, received_ms=9 * MINUTE,
        values=(Numeric(sign=Sign.SPO2, value=None, note="not available"),),
    )  # fmt: skip
    state = after(entered(0), at_level(ORANGE), (9, warm), (9, VitalsCharted(vitals=lost)))
    assert found(state).due_ms == 10 * MINUTE
    assert found(after(entered(0), at_level(ORANGE), entered(9))).due_ms == 19 * MINUTE


def test_what_a_monitor_tells_again_is_as_old_as_it_is() -> None:
    again = NumericSet(
        device_id="m", unit_id="u", device_ms=None, received_ms=9 * MINUTE,
        values=(Numeric(sign=Sign.NIBP_SYS, value=120.0, note="", age_ms=7 * MINUTE),),
    )  # fmt: skip
    state = after(entered(0), at_level(ORANGE), (9, VitalsCharted(vitals=again)))
    assert found(state).taken_ms == 2 * MINUTE


def confirmed(minute: int, level: TriageLevel) -> tuple[int, LevelConfirmed]:
    return minute, LevelConfirmed(level=level, proposed=None, reason="看过")


def test_a_clinicians_level_counts_until_a_graver_one_is_proposed() -> None:
    lowered = (entered(0), at_level(ORANGE), confirmed(2, YELLOW))
    assert found(after(*lowered)).level is YELLOW
    # Of the level that they lowered nothing new is said.
    assert found(after(*lowered, (3, scored(3, "low", ORANGE)))).level is YELLOW
    assert found(after(*lowered, (3, scored(9, "high", RED)))).level is RED
    raised = (entered(0), at_level(YELLOW), confirmed(2, RED))
    assert found(after(*raised, (3, scored(3, "low", ORANGE)))).level is RED


def test_whoever_has_died_is_left_alone() -> None:
    died = FieldWritten(write_id="w", field="death_ms", value=4, text=None, over=(), reason="")
    assert reassessment(after(entered(0), (5, died)), INTERVALS, 0) is None
    back = replace(died, write_id="v", value=None, over=("w",))
    assert reassessment(after(entered(0), (5, died), (6, back)), INTERVALS, 0) is not None
