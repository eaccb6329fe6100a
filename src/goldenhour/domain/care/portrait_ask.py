"""One patient's portrait: asked for, taken or failed.

Rule 1: a portrait belongs to the write that said who the patient is. When another write says so,
        or that one is emptied, what was taken before may be another person's and is dropped.
Rule 2: an answer to an older question changes nothing.
"""

from typing import Final

from msgspec.structs import replace

from goldenhour.domain.care.portrait_events import (
    PortraitAsked,
    PortraitEvent,
    PortraitFailed,
    PortraitTaken,
)
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.written import Written
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

IDENTITY_FIELDS: Final = ("id_number", "health_card")
"""Fields of the record that say who somebody is."""
BASES: Final = ("emergency", "consent")


class Happened[E](Record):
    event: E
    by: str
    at_ms: int


class PortraitState(Record):
    asked: Happened[PortraitAsked]
    taken: Happened[PortraitTaken] | None = None
    failed: Happened[PortraitFailed] | None = None
    """The newest attempt, where it failed; what was taken before stands beside it."""


def evolve(state: PortraitState | None, recorded: Recorded) -> PortraitState | None:
    event, by, at_ms = recorded.event, recorded.actor, recorded.occurred_ms
    match event:
        case PortraitAsked():
            asked = Happened(event=event, by=by, at_ms=at_ms)
            same = state is not None and state.asked.event.write_id == event.write_id
            return PortraitState(asked=asked, taken=state.taken if state and same else None)
        case PortraitTaken() if state and state.asked.event.ask_id == event.ask_id:
            taken = Happened(event=event, by=by, at_ms=at_ms)
            return replace(state, taken=taken, failed=None)
        case PortraitFailed() if state and state.asked.event.ask_id == event.ask_id:
            return replace(state, failed=Happened(event=event, by=by, at_ms=at_ms))
        case _:
            return state


def still_said(state: PortraitState | None, record: CareRecord) -> PortraitState | None:
    """None once the write that said who it is was written over, also by nothing."""
    return None if state and state.asked.event.write_id in record.replaced else state


def find_identity(record: CareRecord) -> tuple[str, Written] | None:
    """Which field says who the patient is, and how: the newest of all writes."""
    newest = [
        (field, record.fields[field][-1]) for field in IDENTITY_FIELDS if record.fields.get(field)
    ]
    written = [(field, one) for field, one in newest if one.text is not None]
    return max(written, key=lambda found: found[1].at_ms, default=None)


def decide_ask(
    state: PortraitState | None, record: CareRecord, ask_id: str, basis: str
) -> PortraitAsked | Refused:
    if basis not in BASES:
        return Refused(code="unknown_value", field="basis")
    if state and state.asked.event.ask_id == ask_id:
        return Refused(code="exists", field="ask_id")
    found = find_identity(record)
    if found is None:
        return Refused(code="identity_required", field="patient_id")
    field, written = found
    return PortraitAsked(ask_id=ask_id, field=field, write_id=written.write_id, basis=basis)


def decide_answer(
    state: PortraitState | None, answer: PortraitTaken | PortraitFailed
) -> PortraitEvent | None:
    """None: an answer to another question, or nothing new."""
    if state is None or state.asked.event.ask_id != answer.ask_id:
        return None
    if state.failed and state.failed.event == answer:
        return None
    return answer
