"""An incident: the emergency itself, what is known of it and how severe it is thought to be.

Rule 1: the protocol's level is a proposal recorded beside the person's choice; a person's override
        stays until a later determination is worse, since worst wins.
Rule 2: an incident is dispatchable from a location and an answer about breathing on; questioning
        goes on meanwhile. A standby has nobody to ask about and needs the location alone.
Rule 3: closing needs every mission to have ended; `case.py` sees to it.
"""

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.intake.events import (
    AskEnded,
    AskOutcome,
    CallJoined,
    CaseOffered,
    CaseTaken,
    ComplaintSet,
    Determined,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    InstructionGiven,
    LevelOverridden,
    LocationSet,
    LocationSource,
    MissionLinked,
    OfferEnded,
    PaperEntered,
    QuestionAnswered,
    StandbyOpened,
    UnitAsked,
    UnitTaken,
)
from goldenhour.kernel.levels import DispatchLevel, worst_dispatch
from goldenhour.kernel.outcome import Claim, Refused
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

Answer = bool | int | float | str | tuple[str, ...] | None
BREATHING: Final = "breathing_normal"
"""The entry question whose answer, with a location, opens dispatch (clinical.md 1.2)."""


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Location(Record):
    """Where the patient is; lives in a personal row."""

    label: str
    lat: float
    lon: float


class Instruction(Record):
    instruction: str
    step: str
    at_ms: int


class Standby(Record):
    """Why units wait somewhere for whatever may happen, and for how long."""

    occasion: str
    from_ms: int
    until_ms: int


class Offer(Record):
    """Somebody is asked to take the case."""

    org: str
    org_name: str
    seat: str
    reason: str
    from_org: str
    from_seat: str
    at_ms: int

    def is_to(self, org: str, seat: str) -> bool:
        return self.org == org and self.seat in ("", seat)


class Ask(Record):
    """Another node was asked for a unit, for a run with this id."""

    mission_id: str
    unit_id: str
    call_sign: str
    node: str
    asked_ms: int
    due_ms: int
    outcome: AskOutcome | None = None
    code: str = ""
    detail: str = ""
    linked_ms: int | None = None
    """When the run's own event had come; None: the unit is not known to be sent."""
    late: bool = False
    """It came after the ask had ended."""

    @property
    def waits(self) -> bool:
        return self.outcome is None and self.linked_ms is None


class Incident(Record):
    state: State
    number: str
    calls: tuple[str, ...]
    location: Personal | None
    location_source: LocationSource | None
    accuracy_m: int
    topic: str
    answers: dict[str, dict[str, Answer]]
    """card -> question -> answer; the card `entry` holds the ten questions of every call."""
    determined: Determined | None
    override: DispatchLevel | None
    override_reason: str
    instructions: tuple[Instruction, ...]
    missions: tuple[str, ...]
    seat: str
    opened_ms: int
    dispatched_ms: int | None
    located_ms: int | None
    levelled_ms: int | None
    closed_ms: int | None
    close_reason: str
    standby: Standby | None = None
    """None for an emergency."""
    taken_run: str = ""
    """The run that left it without a unit; empty: none did."""
    paper_number: str = ""
    """Of the form that it was written on first; empty: on none."""
    org: str = ""
    """The centre that leads it; that which opened it until another takes it."""
    centres: tuple[str, ...] = ()
    """Those that have led it, in their order."""
    offer: Offer | None = None
    offers: int = 0
    """How often it was offered."""
    taken_ms: int | None = None
    """Since when it is led by its present seat; None: from the beginning."""
    asks: tuple[Ask, ...] = ()
    """For units of other nodes."""
    home: str = ""
    """The node that records it; empty: no other has a part in it."""
    nodes: tuple[str, ...] = ()
    """Those that have recorded it, where it was handed over."""
    moved: bool = False
    """Its new node has not said yet that it has it."""

    def find_ask(self, mission_id: str) -> Ask | None:
        return next((ask for ask in self.asks if ask.mission_id == mission_id), None)

    @property
    def level(self) -> DispatchLevel | None:
        """A person's override, unless the protocol has since found worse."""
        found = self.determined.level if self.determined else None
        return self.override or found

    @property
    def entry(self) -> dict[str, Answer]:
        return self.answers.get("entry", {})

    @property
    def dispatchable(self) -> bool:
        asked = self.standby is not None or BREATHING in self.entry
        return self.location is not None and asked


def evolve(state: Incident | None, recorded: Recorded) -> Incident | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    if isinstance(event, IncidentOpened | StandbyOpened):
        return state or Incident(
            state=State.OPEN,
            number=event.number,
            calls=(event.call_id,) if isinstance(event, IncidentOpened) else (),
            location=None,
            location_source=None,
            accuracy_m=0,
            topic="",
            answers={},
            determined=None,
            override=None,
            override_reason="",
            instructions=(),
            missions=(),
            seat=recorded.seat,
            opened_ms=at_ms,
            dispatched_ms=None,
            located_ms=None,
            levelled_ms=None,
            closed_ms=None,
            close_reason="",
            org=recorded.org,
            centres=(recorded.org,),
            standby=(
                Standby(occasion=event.occasion, from_ms=event.from_ms, until_ms=event.until_ms)
                if isinstance(event, StandbyOpened)
                else None
            ),
        )
    if state is None:
        return None
    match event:
        case LocationSet():
            return replace(
                state,
                location=event.location,
                location_source=event.source,
                accuracy_m=event.accuracy_m,
                located_ms=state.located_ms or at_ms,
            )
        case PaperEntered():
            return replace(state, paper_number=event.paper_number)
        case ComplaintSet():
            return replace(state, topic=event.topic)
        case QuestionAnswered():
            card = state.answers.get(event.card, {}) | {event.question: event.answer}
            return replace(state, answers=state.answers | {event.card: card})
        case Determined():
            worse = (
                state.override is not None
                and event.level is not None
                and worst_dispatch((event.level, state.override)) != state.override
                and (state.determined is None or event.level != state.determined.level)
            )
            return replace(
                state,
                determined=event,
                topic=event.topic or state.topic,
                override=None if worse else state.override,
                levelled_ms=state.levelled_ms or (at_ms if event.level else None),
            )
        case LevelOverridden():
            return replace(
                state,
                override=event.level,
                override_reason=event.reason,
                levelled_ms=state.levelled_ms or at_ms,
            )
        case InstructionGiven():
            given = Instruction(instruction=event.instruction, step=event.step, at_ms=at_ms)
            return replace(state, instructions=(*state.instructions, given))
        case CallJoined():
            return replace(state, calls=(*state.calls, event.call_id))
        case MissionLinked():
            return replace(
                state,
                missions=tuple(dict.fromkeys((*state.missions, event.mission_id))),
                dispatched_ms=state.dispatched_ms or (None if event.reserved else at_ms),
                asks=tuple(
                    replace(ask, linked_ms=at_ms, late=ask.outcome is not None)
                    if ask.mission_id == event.mission_id
                    else ask
                    for ask in state.asks
                ),
            )
        case UnitAsked():
            ask = Ask(
                mission_id=event.mission_id,
                unit_id=event.unit_id,
                call_sign=event.call_sign,
                node=event.node,
                asked_ms=at_ms,
                due_ms=event.due_ms,
            )
            home = event.from_node or state.home
            return replace(state, asks=(*state.asks, ask), home=home)
        case AskEnded():
            ended = tuple(
                replace(ask, outcome=event.outcome, code=event.code, detail=event.detail)
                if ask.mission_id == event.mission_id
                else ask
                for ask in state.asks
            )
            return replace(state, asks=ended)
        case UnitTaken():
            return replace(state, dispatched_ms=None, taken_run=event.mission_id)
        case CaseOffered():
            offer = Offer(
                org=event.org,
                org_name=event.org_name,
                seat=event.seat,
                reason=event.reason,
                from_org=recorded.org,
                from_seat=recorded.seat,
                at_ms=at_ms,
            )
            home = event.node or state.home
            return replace(state, offer=offer, offers=state.offers + 1, home=home)
        case OfferEnded():
            return replace(state, offer=None)
        case CaseTaken():
            return replace(
                state,
                seat=recorded.seat,
                org=recorded.org,
                centres=tuple(dict.fromkeys((*state.centres, recorded.org))),
                offer=None,
                taken_ms=at_ms,
                home=event.node or state.home,
                nodes=tuple(dict.fromkeys((*state.nodes, event.from_node, event.node)))
                if event.node
                else state.nodes,
                moved=bool(event.node),
            )
        case IncidentClosed():
            return replace(
                state,
                state=State.CLOSED,
                closed_ms=at_ms,
                close_reason=event.reason,
                offer=None,
            )
        case IncidentReopened():
            return replace(state, state=State.OPEN, closed_ms=None, close_reason="")
        case _:
            return state


def claims(state: Incident) -> tuple[Claim, ...]:
    """A paper form is entered once."""
    return (Claim(kind="paper", key=state.paper_number),) if state.paper_number else ()


def decide_standby(event: StandbyOpened, now_ms: int) -> StandbyOpened | Refused:
    if not event.occasion.strip():
        return Refused(code="required", field="occasion")
    if event.until_ms <= event.from_ms:
        return Refused(code="ends_before_it_begins", field="until_ms")
    if event.until_ms <= now_ms:
        return Refused(code="in_the_past", field="until_ms")
    return event


def refuse_unless_open(state: Incident | None) -> Refused | None:
    if state is None:
        return Refused(code="absent", field="incident_id")
    if state.state is State.CLOSED:
        return Refused(code="incident_closed")
    return None


def decide_override(
    state: Incident, level: DispatchLevel, reason: str
) -> LevelOverridden | Refused:
    """Lowering below the protocol's level needs a reason (clinical.md, global rule 3)."""
    found = state.determined.level if state.determined else None
    lowers = found is not None and worst_dispatch((found, level)) == found and level != found
    if lowers and not reason.strip():
        return Refused(code="reason_required", field="reason")
    return LevelOverridden(level=level, reason=reason)
