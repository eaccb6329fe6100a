"""Between nodes: a unit is asked for and lent, a handed-over case is missed (ADR 0026).

Rule 1: the case's node asks and the unit's home sends. Neither writes the other's streams: the run
        is the home's, and the case has it (`LinkRun`) when the run's own event is here.
Rule 2: the ask, the run and their answers have one id, so that what comes twice is known.
Rule 3: an ask that has ended stays ended. A run that comes of it all the same is a fact: it is
        linked, and a person decides what becomes of it.
"""

from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.attention.events import AlertRaised
from goldenhour.domain.case.across import left_alone, one, or_refuse, refuse_unready
from goldenhour.domain.case.loading import Facts, stream_id, unconfirmed_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.events import Assigned
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.events import AskEnded, AskOutcome, MissionLinked, UnitAsked
from goldenhour.domain.register import home, unit
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.time import SECOND_MS

NOTHING: Final = Accepted(writes=())

Command = c.AskUnit | c.WithdrawAsk | c.CheckAsk | c.AnswerAsk | c.LinkRun | c.LoseRun | c.Lend


def decide(command: Command, states: States, stamp: Stamp, facts: Facts) -> Accepted | Refused:
    stream = stream_id("incident", command.incident_id)
    found = states.get(stream)
    if not isinstance(found, incident.Incident):
        return Refused(code="absent", field="incident_id")
    run = states.get(stream_id("mission", command.mission_id))
    run = run if isinstance(run, mission.Mission) else None
    ask = found.find_ask(command.mission_id)
    match command:
        case c.AskUnit():
            return or_refuse(stream, _ask(command, found, states, stamp, facts))
        case c.WithdrawAsk():
            return or_refuse(stream, _withdraw(command, ask, run))
        case c.CheckAsk():
            if ask is None or not ask.waits:
                return NOTHING
            ended = AskEnded(mission_id=ask.mission_id, outcome=AskOutcome.UNANSWERED)
            return one(stream, ended)
        case c.AnswerAsk():
            return _answered(command, ask, stream)
        case c.LinkRun():
            if run is None or ask is None or ask.linked_ms is not None:
                return NOTHING
            return one(
                stream,
                MissionLinked(mission_id=command.mission_id, unit_id=run.unit_id, reserved=False),
            )
        case c.LoseRun():
            return _lost(command, found, ask, run, states)
        case c.Lend():
            return _lend(command, found, run, states, facts)


def check_moved(command: c.CheckMoved, states: States) -> Accepted:
    """Nobody knows which node has the case: somebody telephones."""
    stream = stream_id("incident", command.incident_id)
    found = states.get(stream)
    if not isinstance(found, incident.Incident) or not found.moved:
        return NOTHING
    return one(
        stream_id("alert", unconfirmed_id(command.incident_id)),
        AlertRaised(
            code="case_unconfirmed",
            priority=1,
            subject=stream,
            incident_id=command.incident_id,
            owner="all",
            details={"number": found.number, "to": found.home},
        ),
    )


def _ask(
    command: c.AskUnit, found: incident.Incident, states: States, stamp: Stamp, facts: Facts
) -> UnitAsked | Refused:
    vehicle = states.get(stream_id("unit", command.unit_id))
    if refused := incident.refuse_unless_open(found):
        return refused
    if not isinstance(vehicle, unit.Unit):
        return Refused(code="absent", field="unit_id")
    if not vehicle.held:
        return Refused(code="already_home", field="unit_id")
    taken = stream_id("mission", command.mission_id) in states
    if taken or found.find_ask(command.mission_id):
        return Refused(code="exists", field="mission_id")
    if any(one.unit_id == command.unit_id and one.waits for one in found.asks):
        return Refused(code="ask_waits", field="unit_id")
    if not found.dispatchable:
        missing = "location" if found.location is None else incident.BREATHING
        return Refused(code="not_dispatchable_yet", field=missing)
    return UnitAsked(
        mission_id=command.mission_id,
        unit_id=command.unit_id,
        call_sign=vehicle.call_sign,
        node=vehicle.home,
        due_ms=stamp.now_ms + facts.limits.ask_s * SECOND_MS,
        from_node=facts.node,
    )


def _withdraw(
    command: c.WithdrawAsk, ask: incident.Ask | None, run: mission.Mission | None
) -> AskEnded | Refused:
    """While it waits; and the run that came of it, as any run is called off."""
    if ask is None:
        return Refused(code="absent", field="mission_id")
    if not ask.waits and ask.linked_ms is None:
        return Refused(code="ask_ended", detail=ask.outcome or "")
    if ask.linked_ms is not None:
        off = mission.decide_stand_down(run, "cancelled")
        if isinstance(off, Refused):
            return off
    if not command.reason.strip():
        return Refused(code="reason_required", field="reason")
    return AskEnded(
        mission_id=ask.mission_id, outcome=AskOutcome.WITHDRAWN, reason=command.reason.strip()
    )


def _answered(command: c.AnswerAsk, ask: incident.Ask | None, stream: str) -> Accepted:
    """A refusal that comes after the ask has ended changes nothing."""
    if ask is None:
        return NOTHING
    if ask.waits:
        outcome = AskOutcome.REFUSED
    elif ask.outcome is AskOutcome.WITHDRAWN and ask.linked_ms is not None:
        outcome = AskOutcome.RECALL_REFUSED
    else:
        return NOTHING
    return one(
        stream,
        AskEnded(
            mission_id=ask.mission_id, outcome=outcome, code=command.code, detail=command.detail
        ),
    )


def _lost(
    command: c.LoseRun,
    found: incident.Incident,
    ask: incident.Ask | None,
    run: mission.Mission | None,
    states: States,
) -> Accepted:
    called_off = run is not None and run.state is mission.State.STOOD_DOWN
    told = ask is None or ask.outcome in (AskOutcome.WITHDRAWN, AskOutcome.CALLED_OFF)
    if run is None or told or not called_off or found.state is incident.State.CLOSED:
        return NOTHING
    ended = AskEnded(
        mission_id=command.mission_id, outcome=AskOutcome.CALLED_OFF, code=run.stand_down_reason
    )
    stream = stream_id("incident", command.incident_id)
    left = [e for write in left_alone(command.mission_id, run, "", states) for e in write.events]
    return Accepted(writes=(Write(stream=stream, events=(ended, *left)),))


def _lend(
    command: c.Lend,
    found: incident.Incident,
    run: mission.Mission | None,
    states: States,
    facts: Facts,
) -> Accepted | Refused:
    vehicle = states.get(stream_id("unit", command.unit_id))
    if not isinstance(vehicle, unit.Unit):
        return Refused(code="absent", field="unit_id")
    if run is not None:
        return Refused(code="exists", field="mission_id")
    if refused := (
        incident.refuse_unless_open(found) or home.refuse_away(vehicle) or refuse_unready(vehicle)
    ):
        return refused
    return one(
        stream_id("mission", command.mission_id),
        Assigned(
            incident_id=command.incident_id,
            incident_number=found.number,
            unit_id=command.unit_id,
            call_sign=vehicle.call_sign,
            level=found.level or "",
            proposal=None,
            standby=found.standby is not None,
            epoch=vehicle.epoch,
            node=vehicle.home or facts.node,
            lent_to=command.node,
            calls=found.calls,
        ),
    )
