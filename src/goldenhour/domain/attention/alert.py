"""An alert and its life.

Rule 1: acknowledging does not remove the condition; only its cause can resolve it. Where the cause
        is that nobody has looked (`TO_LOOK_AT`), that is the same.
Rule 2: unacknowledged, it climbs: owner -> supervisor -> all seats.
Rule 3: what comes to be again is raised again, and asks to be acknowledged anew.
"""

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.attention.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertMoved,
    AlertRaised,
    AlertResolved,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


TRANSITIONS: Final[dict[State, dict[type[Record], State]]] = {
    State.OPEN: {
        AlertAcknowledged: State.ACKNOWLEDGED,
        AlertEscalated: State.OPEN,
        AlertMoved: State.OPEN,
        AlertResolved: State.RESOLVED,
    },
    State.ACKNOWLEDGED: {AlertResolved: State.RESOLVED},
    State.RESOLVED: {},
}
NEXT_OWNER: Final = {"supervisor": "all"}
"""From any seat to the supervisor, from the supervisor to all seats."""
TO_LOOK_AT: Final = frozenset(
    {
        *("not_coming", "set_aside", "scene_asks", "order_refused", "unit_lent", "run_late"),
        *("ask_refused", "ask_unanswered", "ask_recall_refused", "ask_called_off"),
    }
)
ABOVE_SEATS: Final = frozenset({"supervisor", "all"})


class Alert(Record):
    state: State
    code: str
    priority: int
    subject: str
    incident_id: str
    owner: str
    details: dict[str, str]
    raised_ms: int
    owned_ms: int
    """Since when it is its present owner's."""
    acknowledged_by: str
    acknowledged_ms: int | None
    resolved_ms: int | None


def evolve(state: Alert | None, recorded: Recorded) -> Alert | None:
    event = recorded.event
    if isinstance(event, AlertRaised):
        # One that says something else than before is a new one to whoever waits for it.
        if state is not None and state.state is State.OPEN and state.details == event.details:
            return state
        return Alert(
            state=State.OPEN,
            code=event.code,
            priority=event.priority,
            subject=event.subject,
            incident_id=event.incident_id,
            owner=event.owner,
            details=event.details,
            raised_ms=recorded.occurred_ms,
            owned_ms=recorded.occurred_ms,
            acknowledged_by="",
            acknowledged_ms=None,
            resolved_ms=None,
        )
    if state is None or type(event) not in TRANSITIONS[state.state]:
        return state
    after = TRANSITIONS[state.state][type(event)]
    match event:
        case AlertAcknowledged():
            return replace(
                state,
                state=after,
                acknowledged_by=recorded.actor,
                acknowledged_ms=recorded.occurred_ms,
            )
        case AlertEscalated() | AlertMoved():
            return replace(state, state=after, owner=event.owner, owned_ms=recorded.occurred_ms)
        case _:
            return replace(state, state=after, resolved_ms=recorded.occurred_ms)


def stands(state: object) -> bool:
    """Whether it was raised and its cause is not over."""
    return isinstance(state, Alert) and state.state is not State.RESOLVED


def was_answered(state: Alert | None) -> bool:
    """Whether somebody has said that they know of it."""
    return state is not None and state.state is State.ACKNOWLEDGED


def decide_acknowledge(state: Alert | None) -> AlertAcknowledged | Refused:
    if state is None:
        return Refused(code="absent", field="alert")
    if state.state is not State.OPEN:
        return Refused(code="alert_not_open")
    return AlertAcknowledged()


def decide_escalate(state: Alert | None) -> AlertEscalated | None:
    """A timer asks; None when there is nothing left to climb to or nothing to climb for."""
    owner = next_owner(state) if state else ""
    return AlertEscalated(owner=owner) if owner else None


def decide_move(state: Alert | None, owner: str) -> AlertMoved | None:
    """None: nobody in particular is asked, or nobody is asked any more."""
    if state is None or state.state is not State.OPEN or state.owner in ABOVE_SEATS | {owner}:
        return None
    return AlertMoved(owner=owner)


def next_owner(state: Alert) -> str:
    """Who is told when nobody acknowledges it; empty: there is nobody above, or no need."""
    if state.state is not State.OPEN or state.owner == "all":
        return ""
    return NEXT_OWNER.get(state.owner, "supervisor")
