"""A pre-alert and the hand-over that follows it, for one patient at one hospital.

Rule 1: the hospital is the authority for accepting; silence is never acceptance.
Rule 2: a hand-over is complete with two signatures, one a side, by named people.
Rule 3: a correction asks the same hospital anew; who had accepted, and where, stays to be read.
Rule 4: so does a death that the record says, or takes back: no team waits at the door in vain.
"""

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.handover.events import (
    PreAlertAcknowledged,
    PreAlertCorrected,
    PreAlertDeathTold,
    PreAlertDeclined,
    PreAlerted,
    PreAlertWithdrawn,
    Signed,
    Tier,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class State(StrEnum):
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"


TRANSITIONS: Final[dict[State, dict[type[Record], State]]] = {
    State.SENT: {
        PreAlertCorrected: State.SENT,
        PreAlertDeathTold: State.SENT,
        PreAlertAcknowledged: State.ACKNOWLEDGED,
        PreAlertDeclined: State.DECLINED,
        PreAlertWithdrawn: State.WITHDRAWN,
        Signed: State.SENT,  # the ambulance may be at the door before anybody acknowledged
    },
    State.ACKNOWLEDGED: {
        PreAlertCorrected: State.SENT,
        PreAlertDeathTold: State.SENT,
        PreAlertAcknowledged: State.ACKNOWLEDGED,  # another bay or another name
        PreAlertDeclined: State.DECLINED,
        PreAlertWithdrawn: State.WITHDRAWN,
        Signed: State.ACKNOWLEDGED,
    },
    State.DECLINED: {},
    State.WITHDRAWN: {},
    State.HANDED_OVER: {},
}


class Signature(Record):
    name: str
    actor: str
    at_ms: int


class Correction(Record):
    at_ms: int
    changed: tuple[str, ...]
    needs_before: tuple[str, ...]


class Handover(Record):
    state: State
    incident_id: str
    incident_number: str
    mission_id: str
    patient_id: str
    unit_id: str
    call_sign: str
    hospital_id: str
    tier: Tier
    needs: tuple[str, ...]
    eta_s: int | None
    summary: Personal | None
    acknowledged_name: str
    bay: str
    acknowledged_ms: int | None
    reason: str
    signatures: dict[str, Signature]
    sent_ms: int
    ended_ms: int | None
    joined: tuple[str, ...] = ()
    """As it was announced."""
    corrections: tuple[Correction, ...] = ()
    died_ms: int | None = None
    """As the hospital was told; None: they live, as far as it was told."""


def evolve(state: Handover | None, recorded: Recorded) -> Handover | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    if isinstance(event, PreAlerted):
        return state or Handover(
            state=State.SENT,
            incident_id=event.incident_id,
            incident_number=event.incident_number,
            mission_id=event.mission_id,
            patient_id=event.patient_id,
            unit_id=event.unit_id,
            call_sign=event.call_sign,
            hospital_id=event.hospital_id,
            tier=event.tier,
            needs=event.needs,
            eta_s=event.eta_s,
            summary=event.summary,
            acknowledged_name="",
            bay="",
            acknowledged_ms=None,
            reason="",
            signatures={},
            sent_ms=at_ms,
            ended_ms=None,
            joined=event.joined,
        )
    if state is None or type(event) not in TRANSITIONS[state.state]:
        return state
    after = TRANSITIONS[state.state][type(event)]
    match event:
        case PreAlertCorrected():
            correction = Correction(at_ms=at_ms, changed=event.changed, needs_before=state.needs)
            return replace(
                state,
                state=after,
                tier=event.tier,
                needs=event.needs,
                eta_s=event.eta_s,
                summary=event.summary or state.summary,
                acknowledged_ms=None,
                corrections=(*state.corrections, correction),
            )
        case PreAlertDeathTold():
            correction = Correction(at_ms=at_ms, changed=("death",), needs_before=state.needs)
            return replace(
                state,
                state=after,
                died_ms=event.died_ms,
                acknowledged_ms=None,
                corrections=(*state.corrections, correction),
            )
        case PreAlertAcknowledged():
            return replace(
                state,
                state=after,
                acknowledged_name=event.name,
                bay=event.bay,
                acknowledged_ms=state.acknowledged_ms or at_ms,
            )
        case Signed():
            signature = Signature(name=event.name, actor=recorded.actor, at_ms=at_ms)
            signatures = {event.side: signature} | state.signatures
            complete = {"crew", "hospital"} <= signatures.keys()
            return replace(
                state,
                state=State.HANDED_OVER if complete else after,
                signatures=signatures,
                ended_ms=at_ms if complete else None,
            )
        case PreAlertDeclined() | PreAlertWithdrawn():
            return replace(state, state=after, reason=event.reason, ended_ms=at_ms)
        case _:
            return state


def refuse_unless(state: Handover | None, event: type[Record]) -> Refused | None:
    if state is None:
        return Refused(code="absent", field="handover_id")
    if event in TRANSITIONS[state.state]:
        return None
    return Refused(code=f"handover_{state.state}")


def decide_correct(
    state: Handover | None, tier: Tier, needs: tuple[str, ...], *, summary: Personal | None
) -> tuple[str, ...] | Refused:
    """What is changed of it."""
    refused = refuse_unless(state, PreAlertCorrected)
    if refused or state is None:
        return refused or Refused(code="absent", field="handover_id")
    told = {
        "tier": tier is not state.tier,
        "needs": set(needs) != set(state.needs),
        "summary": summary is not None,
    }
    changed = tuple(name for name, differs in told.items() if differs)
    return changed or Refused(code="nothing_changed")


def decide_acknowledge(
    state: Handover | None, name: str, bay: str, seen: int | None
) -> PreAlertAcknowledged | Refused:
    """`seen`: so many corrections had been read; None: the page does not say."""
    refused = refuse_unless(state, PreAlertAcknowledged)
    if not name.strip():
        return Refused(code="name_required", field="name")
    if refused or state is None:
        return refused or Refused(code="absent", field="handover_id")
    if seen is not None and seen != len(state.corrections):
        return Refused(code="prealert_corrected", field="corrections")
    return PreAlertAcknowledged(name=name, bay=bay)


def decide_sign(state: Handover | None, side: str, name: str) -> Signed | Refused:
    refused = refuse_unless(state, Signed)
    if refused or state is None:
        return refused or Refused(code="absent", field="handover_id")
    if not name.strip():
        return Refused(code="name_required", field="name")
    if side in state.signatures:
        return Refused(code="already_signed", field="side", detail=state.signatures[side].name)
    return Signed(side=side, name=name)
