"""The roster: which unit is to be on duty when, and with whom.

Rule 1: a stream is one unit's week, Monday to Sunday in China. A shift stands in the week in which
        it begins and keeps its week: one that is to move is withdrawn and planned anew.
Rule 2: two shifts of one unit never overlap. Within a week its own stream holds that; across the
        turn of the week the neighbours are looked at.
Rule 3: a person may stand in the streams of many units, so nothing holds alone there: whoever
        plans is told at once, and both shifts stay marked as long as they stand (`list_warnings`).
Rule 4: a warning never refuses. Whether somebody works with little rest is a person's decision.
Rule 5: what was planned is changed and withdrawn with a reason only, and what has begun already is
        planned with one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.register.events import (
    CrewFunction,
    CrewMember,
    DutyKind,
    ShiftChanged,
    ShiftPlanned,
    ShiftWithdrawn,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import CHINA, HOUR_MS, from_datetime, to_datetime

WEEK_MS: Final = 7 * 24 * HOUR_MS


class RosterLimits(Record):
    rest_h: int
    """Less rest between two shifts of a person is told."""
    longest_h: int
    """A longer shift is a slip of the hand and is refused."""


class Shift(Record):
    shift_id: str
    from_ms: int
    to_ms: int
    duty: DutyKind
    crew: tuple[CrewMember, ...]


class UnitWeek(Record):
    unit_id: str
    shifts: tuple[Shift, ...] = ()
    """Those that stand, the earliest first."""
    withdrawn: frozenset[str] = frozenset()


class WarningCode(StrEnum):
    NO_CREW = "no_crew"
    NO_DRIVER = "no_driver"
    PERSON_TWICE = "person_twice"
    SHORT_REST = "short_rest"
    UNIT_TWICE = "unit_twice"


class ShiftWarning(Record):
    code: WarningCode
    person: str = ""
    """Whose; empty where it is about the unit."""
    unit_id: str = ""
    """The other shift; empty where there is none."""
    from_ms: int = 0
    to_ms: int = 0
    rest_ms: int = 0


class Placed(Record):
    unit_id: str
    shift: Shift


def monday_of(at_ms: int) -> str:
    """The Monday of an instant's week in China, `YYYYMMDD`."""
    day = to_datetime(at_ms).astimezone(CHINA)
    return (day - timedelta(days=day.weekday())).strftime("%Y%m%d")


def begin_of_week(at_ms: int) -> int:
    day = to_datetime(at_ms).astimezone(CHINA)
    monday = day - timedelta(days=day.weekday())
    return from_datetime(monday.replace(hour=0, minute=0, second=0, microsecond=0))


def roster_id(unit_id: str, at_ms: int) -> str:
    return f"{unit_id}@{monday_of(at_ms)}"


def list_neighbours(unit_id: str, at_ms: int) -> tuple[str, str]:
    """The unit's weeks before and after, whose shifts may reach into this one or begin in it."""
    return roster_id(unit_id, at_ms - WEEK_MS), roster_id(unit_id, at_ms + WEEK_MS)


def span_text(shift: Shift) -> str:
    """As a person reads it, in any language."""
    begin, end = (to_datetime(ms).astimezone(CHINA) for ms in (shift.from_ms, shift.to_ms))
    return f"{begin:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"


def evolve(state: UnitWeek | None, recorded: Recorded) -> UnitWeek | None:
    event = recorded.event
    match event:
        case ShiftPlanned():
            week = state or UnitWeek(unit_id=event.unit_id)
            if event.shift_id in week.withdrawn or find_shift(week, event.shift_id):
                return week
            return _with(week, event)
        case ShiftChanged() if state and find_shift(state, event.shift_id):
            return _with(state, event)
        case ShiftWithdrawn() if state and find_shift(state, event.shift_id):
            rest = tuple(one for one in state.shifts if one.shift_id != event.shift_id)
            return replace(state, shifts=rest, withdrawn=state.withdrawn | {event.shift_id})
        case _:
            return state


def _with(week: UnitWeek, event: ShiftPlanned | ShiftChanged) -> UnitWeek:
    shift = Shift(
        shift_id=event.shift_id,
        from_ms=event.from_ms,
        to_ms=event.to_ms,
        duty=event.duty,
        crew=event.crew,
    )
    others = [one for one in week.shifts if one.shift_id != event.shift_id]
    return replace(week, shifts=tuple(sorted((*others, shift), key=lambda one: one.from_ms)))


def find_shift(week: UnitWeek | None, shift_id: str) -> Shift | None:
    return next((one for one in week.shifts if one.shift_id == shift_id), None) if week else None


def find_planned(shifts: Iterable[Shift], now_ms: int, early_ms: int) -> Shift | None:
    """The shift that is on now, else the next one that begins within `early_ms`."""
    ahead = [one for one in shifts if one.from_ms <= now_ms + early_ms and now_ms < one.to_ms]
    return min(ahead, key=lambda one: one.from_ms, default=None)


def decide_plan(
    week: UnitWeek | None,
    around: Iterable[Shift],
    wanted: ShiftPlanned,
    *,
    longest_h: int,
    now_ms: int,
) -> ShiftPlanned | Refused:
    """`around`: the shifts of the unit's neighbouring weeks."""
    if week and (wanted.shift_id in week.withdrawn or find_shift(week, wanted.shift_id)):
        return Refused(code="exists", field="shift_id")
    if wrong := _refuse(week, around, wanted, longest_h):
        return wrong
    if wanted.from_ms <= now_ms and not wanted.reason.strip():
        return Refused(code="reason_required", field="reason")
    return replace(wanted, crew=_tidy(wanted.crew), reason=wanted.reason.strip())


def decide_change(
    week: UnitWeek | None,
    around: Iterable[Shift],
    wanted: ShiftChanged,
    *,
    longest_h: int,
    was: Shift | None = None,
) -> ShiftChanged | Refused:
    """`was`: the shift as whoever changes it has seen it."""
    if refused := _refuse_gone(week, wanted.shift_id, wanted.reason):
        return refused
    if was is not None and find_shift(week, wanted.shift_id) != was:
        return Refused(code="preview_outdated", field="shift_id")
    if wrong := _refuse(week, around, wanted, longest_h):
        return wrong
    return replace(wanted, crew=_tidy(wanted.crew), reason=wanted.reason.strip())


def decide_withdraw(week: UnitWeek | None, shift_id: str, reason: str) -> ShiftWithdrawn | Refused:
    refused = _refuse_gone(week, shift_id, reason)
    return refused or ShiftWithdrawn(shift_id=shift_id, reason=reason.strip())


def _refuse_gone(week: UnitWeek | None, shift_id: str, reason: str) -> Refused | None:
    if week and shift_id in week.withdrawn:
        return Refused(code="shift_withdrawn", field="shift_id")
    if find_shift(week, shift_id) is None:
        return Refused(code="absent", field="shift_id")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    return None


def _refuse(
    week: UnitWeek | None,
    around: Iterable[Shift],
    wanted: ShiftPlanned | ShiftChanged,
    longest_h: int,
) -> Refused | None:
    if wanted.to_ms <= wanted.from_ms:
        return Refused(code="ends_before_it_begins", field="to_ms")
    if wanted.to_ms - wanted.from_ms > longest_h * HOUR_MS:
        return Refused(code="shift_too_long", field="to_ms", detail=str(longest_h))
    crew = _tidy(wanted.crew)
    if not all(one.name for one in crew):
        return Refused(code="name_required", field="crew")
    keys = [key_of(one) for one in crew]
    for one, key in zip(crew, keys, strict=True):
        if keys.count(key) > 1:
            return Refused(code="person_twice_in_crew", field="crew", detail=one.name)
    for other in (*(week.shifts if week else ()), *around):
        apart = other.to_ms <= wanted.from_ms or wanted.to_ms <= other.from_ms
        if other.shift_id != wanted.shift_id and not apart:
            return Refused(code="shift_overlaps", field="from_ms", detail=span_text(other))
    return None


def _tidy(crew: Sequence[CrewMember]) -> tuple[CrewMember, ...]:
    return tuple(replace(one, name=one.name.strip(), number=one.number.strip()) for one in crew)


def key_of(member: CrewMember) -> str:
    """Who somebody is: the staff number where one is given, since two may share a name."""
    return f"#{member.number}" if member.number else member.name


def list_warnings(placed: Sequence[Placed], rest_ms: int) -> Mapping[str, tuple[ShiftWarning, ...]]:
    """By shift what a person should look at; shifts without anything are not in it."""
    found: dict[str, list[ShiftWarning]] = {}
    by_key: dict[str, list[tuple[Placed, str]]] = {}
    for one in placed:
        shift = one.shift
        by_key.setdefault(f"unit:{one.unit_id}", []).append((one, ""))
        for member in shift.crew:
            by_key.setdefault(key_of(member), []).append((one, member.name))
        if not shift.crew:
            found.setdefault(shift.shift_id, []).append(ShiftWarning(code=WarningCode.NO_CREW))
        elif not any(member.function is CrewFunction.DRIVER for member in shift.crew):
            found.setdefault(shift.shift_id, []).append(ShiftWarning(code=WarningCode.NO_DRIVER))
    for mine in by_key.values():
        mine.sort(key=lambda entry: entry[0].shift.from_ms)
        for number, (first, name) in enumerate(mine):
            for other, other_name in mine[number + 1 :]:
                gap_ms = other.shift.from_ms - first.shift.to_ms
                if gap_ms >= (rest_ms if name else 0):
                    break  # so are all that begin later
                for one, whose, its in ((first, name, other), (other, other_name, first)):
                    warning = _between(whose, its, gap_ms)
                    found.setdefault(one.shift.shift_id, []).append(warning)
    return {shift_id: tuple(warnings) for shift_id, warnings in found.items()}


def _between(person: str, other: Placed, gap_ms: int) -> ShiftWarning:
    overlapping = WarningCode.PERSON_TWICE if person else WarningCode.UNIT_TWICE
    return ShiftWarning(
        code=overlapping if gap_ms < 0 else WarningCode.SHORT_REST,
        person=person,
        unit_id=other.unit_id,
        from_ms=other.shift.from_ms,
        to_ms=other.shift.to_ms,
        rest_ms=max(gap_ms, 0),
    )
