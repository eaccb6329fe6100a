"""The crew's call to whoever called: neither learns the other's number.

Rule 1: the operator's platform rings the vehicle first and then the caller, so the deed is the
        centre's; an order that arrives late (the link was down) must not ring anybody up.
Rule 2: one attempt at a time; an attempt ends in a word, and a word to an older attempt is none.
Rule 3: where the platform fails, the crew may see the number itself and says why. That is a fact
        of the run, and looked at afterwards.
"""

from typing import Final

from goldenhour.domain.dispatch.events import CallbackAnswered, CallbackAsked, NumberShown
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import SECOND_MS

OUTCOMES: Final = (
    "connected",
    *("crew_no_answer", "caller_no_answer", "caller_busy"),
    *("no_service", "no_phone", "no_number", "service_error", "too_late"),
)
NUMBER_REASONS: Final = ("call_failed", "no_link", "no_phone_in_vehicle")
"""Why a crew must see the number itself."""


class Callback(Record):
    id: str
    asked_ms: int
    by: str
    outcome: str = ""
    """Empty: under way."""


def evolve(
    state: Callback | None, event: CallbackAsked | CallbackAnswered, recorded: Recorded
) -> Callback | None:
    match event:
        case CallbackAsked():
            return Callback(id=event.callback_id, asked_ms=recorded.occurred_ms, by=recorded.actor)
        case CallbackAnswered() if state and state.id == event.callback_id:
            return Callback(
                id=state.id, asked_ms=state.asked_ms, by=state.by, outcome=event.outcome
            )
        case _:
            return state


def decide_ask(
    state: Callback | None, callback_id: str, now_ms: int, patience_s: int
) -> CallbackAsked | Refused:
    if state and state.id == callback_id:
        return Refused(code="exists", field="callback_id")
    if state and not state.outcome and now_ms - state.asked_ms < patience_s * SECOND_MS:
        return Refused(code="callback_under_way")
    return CallbackAsked(callback_id=callback_id)


def decide_answer(
    state: Callback | None, callback_id: str, outcome: str
) -> CallbackAnswered | Refused | None:
    """None: a word to an older attempt, or the same word again."""
    if outcome not in OUTCOMES:
        return Refused(code="unknown_value", field="outcome")
    if state is None or state.id != callback_id or state.outcome:
        return None
    return CallbackAnswered(callback_id=callback_id, outcome=outcome)


def decide_show(reason: str) -> NumberShown | Refused:
    if reason not in NUMBER_REASONS:
        return Refused(code="unknown_value", field="reason")
    return NumberShown(reason=reason)
