"""A case goes from one seat or centre to another (移交), and nobody writes anything twice.

Rule 1: nobody lets go before somebody has it: an offered case stays with whoever offered it.
Rule 2: whoever reads a case may take it, as the city may from a county; without an offer that needs
        a reason.
Rule 3: a case is offered to a colleague by seat, to another centre as a whole: who answers there
        is its own affair.
Rule 4: to another node it goes by an offer alone, and by two words: the last one of the node that
        had it, and the first one of the node that has it (ADR 0026).
"""

from msgspec.structs import replace

from goldenhour.domain.intake.events import CaseOffered, CaseTaken, OfferEnded, OfferOutcome
from goldenhour.domain.intake.incident import Incident, refuse_unless_open
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Stamp


def decide_offer(state: Incident | None, event: CaseOffered) -> CaseOffered | Refused:
    refused = refuse_unless_open(state)
    if refused or state is None:
        return refused or Refused(code="absent", field="incident_id")
    if state.offer is not None:
        return Refused(code="offer_stands", detail=state.offer.org_name or state.offer.seat)
    if not event.reason:
        return Refused(code="reason_required", field="reason")
    if event.org != state.org:
        return Refused(code="seat_elsewhere", field="seat") if event.seat else event
    if not event.seat:
        return Refused(code="already_there", field="org")
    return Refused(code="already_there", field="seat") if event.seat == state.seat else event


def decide_end(
    state: Incident | None, outcome: OfferOutcome, reason: str, stamp: Stamp
) -> OfferEnded | Refused:
    refused = refuse_unless_open(state)
    if refused or state is None:
        return refused or Refused(code="absent", field="incident_id")
    if state.offer is None:
        return Refused(code="no_offer")
    ended = OfferEnded(outcome=outcome, reason=reason, org=state.offer.org)
    if outcome is OfferOutcome.WITHDRAWN:
        return ended if stamp.org == state.org else Refused(code="not_your_offer")
    if not state.offer.is_to(stamp.org, stamp.seat):
        return Refused(code="not_offered_to_you")
    return ended if reason else Refused(code="reason_required", field="reason")


def decide_take(state: Incident | None, event: CaseTaken, stamp: Stamp) -> CaseTaken | Refused:
    """The event with what is known of whoever led it."""
    refused = refuse_unless_open(state)
    if refused or state is None:
        return refused or Refused(code="absent", field="incident_id")
    if (stamp.org, stamp.seat) == (state.org, state.seat):
        return Refused(code="already_yours")
    offered = state.offer is not None and state.offer.is_to(stamp.org, stamp.seat)
    if event.node and not offered:
        return Refused(code="no_offer")
    if event.node and any(ask.waits for ask in state.asks):
        return Refused(code="ask_waits")
    if not offered and not state.moved and not event.reason:
        return Refused(code="reason_required", field="reason")
    return replace(
        event,
        from_org=state.org,
        from_seat=state.seat,
        unasked=state.offer.org if state.offer and state.offer.org != stamp.org else "",
    )
