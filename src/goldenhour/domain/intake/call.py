"""A call: one caller leg, from the first ring to a recorded disposition.

Rule 1: a call has at most one owner, the seat that answered it.
Rule 2: an abandoned call stays open until someone has rung back or closed it with a reason.
"""

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.intake.events import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallField,
    CallFieldRecorded,
    CallLinked,
    CallRang,
    CallRungBack,
    Disposition,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class State(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    ENDED = "ended"


TRANSITIONS: Final[dict[State, dict[type[Record], State]]] = {
    State.RINGING: {CallAnswered: State.ANSWERED, CallAbandoned: State.ABANDONED},
    State.ABANDONED: {
        CallAnswered: State.ANSWERED,  # the caller was still there after all
        CallRungBack: State.ABANDONED,  # reached or not, see evolve
        CallEnded: State.ENDED,
    },
    State.ANSWERED: {
        CallFieldRecorded: State.ANSWERED,
        CallLinked: State.ANSWERED,
        CallEnded: State.ENDED,
    },
    State.ENDED: {CallFieldRecorded: State.ENDED, CallLinked: State.ENDED},
}


class Call(Record):
    state: State
    number: Personal
    line: str
    location: Personal | None
    fields: dict[CallField, Personal]
    owner: str
    """The seat that answered; empty while nobody has."""
    incident_id: str
    disposition: Disposition | None
    rang_ms: int
    answered_ms: int | None
    abandoned_ms: int | None
    ended_ms: int | None
    ring_backs: int


def evolve(state: Call | None, recorded: Recorded) -> Call | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    if isinstance(event, CallRang):
        return state or Call(
            state=State.RINGING,
            number=event.number,
            line=event.line,
            location=event.location,
            fields={},
            owner="",
            incident_id="",
            disposition=None,
            rang_ms=at_ms,
            answered_ms=None,
            abandoned_ms=None,
            ended_ms=None,
            ring_backs=0,
        )
    if state is None or type(event) not in TRANSITIONS[state.state]:
        return state
    after = TRANSITIONS[state.state][type(event)]
    match event:
        case CallAnswered():
            return replace(state, state=after, owner=recorded.seat, answered_ms=at_ms)
        case CallAbandoned():
            return replace(state, state=after, abandoned_ms=at_ms)
        case CallRungBack(reached=True):
            return replace(
                state,
                state=State.ANSWERED,
                owner=recorded.seat,
                answered_ms=at_ms,
                ring_backs=state.ring_backs + 1,
            )
        case CallRungBack():
            return replace(state, state=after, ring_backs=state.ring_backs + 1)
        case CallFieldRecorded():
            return replace(state, fields=state.fields | {event.field: event.value})
        case CallLinked():
            return replace(state, incident_id=event.incident_id)
        case CallEnded():
            return replace(state, state=after, disposition=event.disposition, ended_ms=at_ms)
        case _:
            return state


def refuse_unless(state: Call | None, event: type[Record]) -> Refused | None:
    """The refusal of an event that the table does not allow, or None."""
    if state is None:
        return Refused(code="absent", field="call_id")
    if event in TRANSITIONS[state.state]:
        return None
    if event is CallAnswered:
        return Refused(code="already_answered", detail=state.owner)
    return Refused(code=f"call_is_{state.state}", detail=state.owner)
