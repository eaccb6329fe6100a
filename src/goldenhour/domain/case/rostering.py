"""The roster: one shift, or a whole table of them in one transaction.

The unit's own stream is loaded with its weeks: whoever may not see the unit plans nothing for it,
and the week belongs to the unit's organisation.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from goldenhour.domain import commands as c
from goldenhour.domain.case.across import or_refuse
from goldenhour.domain.case.loading import Facts, as_recorded, primary, stream_id
from goldenhour.domain.case.streams import State, States
from goldenhour.domain.register import roster, unit
from goldenhour.domain.register.events import RosterEvent, ShiftChanged, ShiftPlanned
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp


def decide_shift(
    command: c.PlanShift | c.ChangeShift | c.WithdrawShift,
    states: States,
    stamp: Stamp,
    facts: Facts,
) -> Accepted | Refused:
    own = primary(command)
    if not isinstance(states.get(stream_id("unit", command.unit_id)), unit.Unit):
        return Refused(code="absent", field="unit_id")
    week = _week(states, own)
    longest_h = facts.limits.roster.longest_h
    if isinstance(command, c.WithdrawShift):
        if week is not None and week.unit_id != command.unit_id:
            return Refused(code="absent", field="unit_id")
        return or_refuse(own, roster.decide_withdraw(week, command.shift_id, command.reason))
    if command.roster_id != roster.roster_id(command.unit_id, command.from_ms):
        return Refused(code="other_week", field="from_ms")
    around = list(_around(command, states))
    if isinstance(command, c.PlanShift):
        planned = ShiftPlanned(
            unit_id=command.unit_id,
            shift_id=command.shift_id,
            from_ms=command.from_ms,
            to_ms=command.to_ms,
            duty=command.duty,
            crew=command.crew,
            reason=command.reason,
        )
        return or_refuse(
            own,
            roster.decide_plan(week, around, planned, longest_h=longest_h, now_ms=stamp.now_ms),
        )
    changed = ShiftChanged(
        shift_id=command.shift_id,
        from_ms=command.from_ms,
        to_ms=command.to_ms,
        duty=command.duty,
        crew=command.crew,
        reason=command.reason,
    )
    decided = roster.decide_change(week, around, changed, longest_h=longest_h, was=command.was)
    return or_refuse(own, decided)


def import_roster(
    command: c.ImportRoster, states: States, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    """Part after part on what the parts before it have made; the first refusal refuses all."""
    after: dict[str, State] = dict(states)
    events: dict[str, list[RosterEvent]] = {}
    for part in command.parts:
        decided = decide_shift(part, after, stamp, facts)
        if isinstance(decided, Refused):
            place = f"{part.unit_id} {decided.detail}".strip()
            return replace(decided, detail=place)
        for write in decided.writes:
            events.setdefault(write.stream, []).extend(write.events)
            for event in write.events:
                recorded = as_recorded(write.stream, event, stamp)
                week = roster.evolve(_week(after, write.stream), recorded)
                if week is not None:
                    after[write.stream] = week
    return Accepted(
        writes=tuple(Write(stream=stream, events=tuple(made)) for stream, made in events.items())
    )


def _week(states: States, stream: str) -> roster.UnitWeek | None:
    found = states.get(stream)
    return found if isinstance(found, roster.UnitWeek) else None


def _around(command: c.PlanShift | c.ChangeShift, states: States) -> Iterator[roster.Shift]:
    for ident in roster.list_neighbours(command.unit_id, command.from_ms):
        week = _week(states, stream_id("roster", ident))
        yield from week.shifts if week else ()
