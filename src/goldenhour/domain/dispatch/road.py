"""A stretch of road that is shut or slow, from when somebody says so until it is open again.

Rule 1: what is kept is the line on the earth, not arcs of a graph: a new map reads old closures.
Rule 2: one that has ended stays ended; the same road shut again is another closure.
"""

from typing import Final

from msgspec.structs import replace

from goldenhour.domain.dispatch.events import (
    RoadChanged,
    RoadClosed,
    RoadEvent,
    RoadReason,
    RoadReopened,
)
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

REOPENED_BECAUSE: Final = ("open", "mistake", "over")


class Road(Record):
    line: tuple[Point, ...]
    both_ways: bool
    share: float
    """Of the usual speed that is left; 0: shut."""
    reason: RoadReason
    label: str
    since_ms: int
    until_ms: int | None
    seat: str
    """Who said it last, and as what: nobody sits at the seat of an authority's feed."""
    role: str
    reopened_ms: int | None = None

    @property
    def shut(self) -> bool:
        return self.share == 0


def evolve(state: Road | None, recorded: Recorded) -> Road | None:
    event = recorded.event
    match event:
        case RoadClosed() if state is None:
            return Road(
                line=event.line,
                both_ways=event.both_ways,
                share=event.share,
                reason=event.reason,
                label=event.label,
                since_ms=recorded.occurred_ms,
                until_ms=event.until_ms,
                seat=recorded.seat,
                role=recorded.role,
            )
        case RoadChanged() if state and state.reopened_ms is None:
            return replace(
                state,
                share=event.share,
                until_ms=event.until_ms,
                seat=recorded.seat,
                role=recorded.role,
            )
        case RoadReopened() if state and state.reopened_ms is None:
            return replace(
                state, reopened_ms=recorded.occurred_ms, seat=recorded.seat, role=recorded.role
            )
        case _:
            return state


def decide_close(state: Road | None, closed: RoadClosed, now_ms: int) -> RoadEvent | Refused:
    if state is not None:
        return Refused(code="exists", field="closure_id")
    if all(point == closed.line[0] for point in closed.line):
        return Refused(code="bad_line", field="line")
    return _refuse_time(closed.until_ms, now_ms) or closed


def decide_change(state: Road | None, changed: RoadChanged, now_ms: int) -> RoadEvent | Refused:
    return _refuse_ended(state) or _refuse_time(changed.until_ms, now_ms) or changed


def decide_reopen(state: Road | None, reason: str) -> RoadEvent | Refused:
    if reason not in REOPENED_BECAUSE:
        return Refused(code="unknown_value", field="reason")
    return _refuse_ended(state) or RoadReopened(reason=reason)


def _refuse_ended(state: Road | None) -> Refused | None:
    if state is None:
        return Refused(code="absent", field="closure_id")
    if state.reopened_ms is not None:
        return Refused(code="road_open", field="closure_id", detail=state.label)
    return None


def _refuse_time(until_ms: int | None, now_ms: int) -> Refused | None:
    past = until_ms is not None and until_ms <= now_ms
    return Refused(code="in_the_past", field="until_ms") if past else None
