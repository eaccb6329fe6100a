"""Deeds that touch several streams of a case in one transaction.

A check on another stream only gives an early, friendly refusal. What must hold across streams is a
claim, and the store enforces it.
"""

from typing import Any

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import AlertRaised, AlertResolved
from goldenhour.domain.case.loading import (
    Facts,
    reservation_due_id,
    stream_id,
    watch_alert_id,
    window_lost_id,
)
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission, window
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    Reserved,
)
from goldenhour.domain.handover import prealert
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.events import (
    CallEnded,
    CallJoined,
    CallLinked,
    Disposition,
    IncidentClosed,
    IncidentOpened,
    MissionLinked,
    OfferEnded,
    OfferOutcome,
    StandbyOpened,
    UnitTaken,
)
from goldenhour.domain.register import home, unit
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp


def one(stream: str, event: Any) -> Accepted:
    return Accepted(writes=(Write(stream=stream, events=(event,)),))


def or_refuse(stream: str, decided: Any) -> Accepted | Refused:
    """What a slice decided, as an event of this stream or as its refusal."""
    return decided if isinstance(decided, Refused) else one(stream, decided)


def open_incident(command: c.OpenIncident, states: States, facts: Facts) -> Accepted | Refused:
    caller = states.get(stream_id("call", command.call_id))
    if not isinstance(caller, call.Call):
        return Refused(code="absent", field="call_id")
    if caller.incident_id:
        return Refused(code="call_already_linked", field="call_id", detail=caller.incident_id)
    refused = call.refuse_unless(caller, CallLinked)
    if refused:
        return refused
    return Accepted(
        writes=(
            Write(
                stream=stream_id("incident", command.incident_id),
                events=(IncidentOpened(number=facts.case_number, call_id=command.call_id),),
            ),
            Write(
                stream=stream_id("call", command.call_id),
                events=(CallLinked(incident_id=command.incident_id),),
            ),
        )
    )


def open_standby(
    command: c.OpenStandby, states: States, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    stream = stream_id("incident", command.incident_id)
    if stream in states:
        return Refused(code="exists", field="incident_id")
    opened = StandbyOpened(
        number=facts.case_number,
        occasion=command.occasion,
        from_ms=command.from_ms,
        until_ms=command.until_ms,
    )
    return or_refuse(stream, incident.decide_standby(opened, stamp.now_ms))


def join(command: c.JoinCall, states: States) -> Accepted | Refused:
    target = states.get(stream_id("incident", command.incident_id))
    refused = incident.refuse_unless_open(target if isinstance(target, incident.Incident) else None)
    if refused:
        return refused
    caller = states.get(stream_id("call", command.call_id))
    if not isinstance(caller, call.Call):
        return Refused(code="absent", field="call_id")
    if caller.incident_id:
        return Refused(code="call_already_linked", field="call_id", detail=caller.incident_id)
    events: tuple[Any, ...] = (CallLinked(incident_id=command.incident_id),)
    if caller.state is call.State.ANSWERED:
        events = (*events, CallEnded(disposition=Disposition.DUPLICATE))
    return Accepted(
        writes=(
            Write(
                stream=stream_id("incident", command.incident_id),
                events=(CallJoined(call_id=command.call_id),),
            ),
            Write(stream=stream_id("call", command.call_id), events=events),
        )
    )


def close(command: c.CloseIncident, states: States) -> Accepted | Refused:
    stream = stream_id("incident", command.incident_id)
    found = states.get(stream)
    refused = incident.refuse_unless_open(found if isinstance(found, incident.Incident) else None)
    if refused or not isinstance(found, incident.Incident):
        return refused or Refused(code="absent", field="incident_id")
    for ident in found.missions:
        run = states.get(stream_id("mission", ident))
        if isinstance(run, mission.Mission) and run.ended_ms is None:
            return Refused(code="mission_running", detail=run.call_sign)
    if not command.reason.strip():
        return Refused(code="reason_required", field="reason")
    # Nobody can take a closed case: who is asked is asked no more.
    offer = found.offer
    withdrawn = OfferOutcome.WITHDRAWN
    ended = (OfferEnded(outcome=withdrawn, reason=command.reason, org=offer.org),) if offer else ()
    closed = IncidentClosed(reason=command.reason)
    return Accepted(writes=(Write(stream=stream, events=(*ended, closed)),))


def send(command: c.Assign | c.Reserve, states: States, facts: Facts) -> Accepted | Refused:
    stream = stream_id("mission", command.mission_id)
    found = states.get(stream_id("incident", command.incident_id))
    vehicle = states.get(stream_id("unit", command.unit_id))
    if not isinstance(found, incident.Incident):
        return Refused(code="absent", field="incident_id")
    if not isinstance(vehicle, unit.Unit):
        return Refused(code="absent", field="unit_id")
    if stream in states:
        return Refused(code="exists", field="mission_id")
    if found.state is incident.State.CLOSED:
        return Refused(code="incident_closed")
    if refused := home.refuse_away(vehicle):
        return refused
    if isinstance(command, c.Assign):
        if not found.dispatchable:
            missing = "location" if found.location is None else incident.BREATHING
            return Refused(code="not_dispatchable_yet", field=missing)
        if refused := refuse_unready(vehicle):
            return refused
    first = (
        Assigned(
            incident_id=command.incident_id,
            incident_number=found.number,
            unit_id=command.unit_id,
            call_sign=vehicle.call_sign,
            level=found.level or "",
            proposal=command.proposal,
            standby=found.standby is not None,
            epoch=vehicle.epoch,
            node=vehicle.home or facts.node,
        )
        if isinstance(command, c.Assign)
        else Reserved(
            incident_id=command.incident_id,
            incident_number=found.number,
            unit_id=command.unit_id,
            call_sign=vehicle.call_sign,
            due_ms=command.due_ms,
            latest_ms=command.latest_ms,
            standby=found.standby is not None,
        )
    )
    linked = MissionLinked(
        mission_id=command.mission_id,
        unit_id=command.unit_id,
        reserved=isinstance(command, c.Reserve),
    )
    return Accepted(
        writes=(
            Write(stream=stream, events=(first,)),
            Write(stream=stream_id("incident", command.incident_id), events=(linked,)),
        )
    )


def reserve(command: c.Reserve, states: States, stamp: Stamp, facts: Facts) -> Accepted | Refused:
    wanted = window.Window(due_ms=command.due_ms, latest_ms=command.latest_ms)
    return window.refuse(wanted, stamp.now_ms) or send(command, states, facts)


def refuse_unready(vehicle: unit.Unit) -> Refused | None:
    if not vehicle.on_duty:
        return Refused(code="unit_off_duty", field="unit_id")
    if vehicle.out_of_service:
        return Refused(code="unit_out_of_service", field="unit_id", detail=vehicle.out_of_service)
    return None


def activate(command: c.Activate, states: States, facts: Facts) -> Accepted | Refused:
    """The reservation becomes a dispatch, and the incident's clock stops."""
    stream = stream_id("mission", command.mission_id)
    run = states.get(stream)
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    if run.state is not mission.State.RESERVED:
        return Refused(code="not_reserved")
    vehicle = states.get(stream_id("unit", run.unit_id))
    if not isinstance(vehicle, unit.Unit):
        return Refused(code="absent", field="unit_id")
    if refused := home.refuse_away(vehicle) or refuse_unready(vehicle):
        return refused
    activated = Activated(epoch=vehicle.epoch, node=vehicle.home or facts.node)
    linked = MissionLinked(mission_id=command.mission_id, unit_id=run.unit_id, reserved=False)
    return Accepted(
        writes=(
            Write(stream=stream, events=(activated,)),
            Write(stream=stream_id("incident", run.incident_id), events=(linked,)),
        )
    )


def divert(command: c.Divert, states: States, facts: Facts) -> Accepted | Refused:
    """Ends this run and begins the next in one transaction, so that the unit is never twice out."""
    stream = stream_id("mission", command.mission_id)
    run = states.get(stream)
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    if run.incident_id == command.incident_id:
        return Refused(code="same_incident", field="incident_id")
    next_run = c.Assign(
        mission_id=command.new_mission_id,
        incident_id=command.incident_id,
        unit_id=run.unit_id,
        proposal=command.proposal,
    )
    exchanged = _exchange(stream, run, "diverted", next_run, states=states, facts=facts)
    if isinstance(exchanged, Refused):
        return exchanged
    graver = states.get(stream_id("incident", command.incident_id))
    number = graver.number if isinstance(graver, incident.Incident) else ""
    # A case of another node is told by the run, and that node says that it waits again.
    left = () if run.lent_to else left_alone(command.mission_id, run, number, states)
    return Accepted(writes=(*exchanged, *left))


def relieve(command: c.Relieve, states: States, facts: Facts) -> Accepted | Refused:
    """One unit goes and another comes, in one transaction: the case is never without one."""
    stream = stream_id("mission", command.mission_id)
    run = states.get(stream)
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    if run.unit_id == command.unit_id:
        return Refused(code="same_unit", field="unit_id")
    next_run = c.Assign(
        mission_id=command.new_mission_id,
        incident_id=run.incident_id,
        unit_id=command.unit_id,
        proposal=command.proposal,
    )
    exchanged = _exchange(stream, run, "relieved", next_run, states=states, facts=facts)
    return exchanged if isinstance(exchanged, Refused) else Accepted(writes=exchanged)


def _exchange(
    stream: str,
    run: mission.Mission,
    reason: str,
    next_run: c.Assign,
    *,
    states: States,
    facts: Facts,
) -> tuple[Write, ...] | Refused:
    """One run ends for this reason and another begins."""
    stood_down = mission.decide_stand_down(run, reason)
    if isinstance(stood_down, Refused):
        return stood_down
    sent = send(next_run, states, facts)
    if isinstance(sent, Refused):
        return sent
    return (Write(stream=stream, events=(stood_down,)), *sent.writes)


def left_alone(
    mission_id: str, run: mission.Mission, number: str, states: States
) -> tuple[Write, ...]:
    """The case that the unit leaves waits again, unless it is closed or another unit is there."""
    stream = stream_id("incident", run.incident_id)
    left = states.get(stream)
    if not isinstance(left, incident.Incident) or left.state is incident.State.CLOSED:
        return ()
    others = (states.get(stream_id("mission", one)) for one in left.missions if one != mission_id)
    if any(isinstance(one, mission.Mission) and one.active for one in others):
        return ()
    taken = UnitTaken(mission_id=mission_id, call_sign=run.call_sign, for_number=number)
    return (Write(stream=stream, events=(taken,)),)


def watch(
    command: c.CheckAcknowledged | c.CheckDeparted | c.CheckPreAlert,
    states: States,
    watched: mission.Mission | prealert.Handover,
    subject: str,
) -> Accepted:
    """Raise the alert of a limit that has passed, unless it stands."""
    ident = watch_alert_id(command)
    stream = stream_id("alert", ident)
    if alert.stands(states.get(stream)):
        return Accepted(writes=())
    owner = _led_by(watched, states) if isinstance(watched, mission.Mission) else ""
    event = AlertRaised(
        code=ident.partition(".")[0],
        priority=2 if isinstance(command, c.CheckPreAlert) else 1,
        subject=subject,
        incident_id=watched.incident_id,
        owner=owner or "all",
        details={"call_sign": watched.call_sign, "number": watched.incident_number},
    )
    return one(stream, event)


def look_at_window(command: c.CheckWindow, states: States, stamp: Stamp, facts: Facts) -> Accepted:
    """Raise what the reservation asks for by now, and take back what was feared too early."""
    run = states.get(stream_id("mission", command.mission_id))
    if not isinstance(run, mission.Mission) or run.state is not mission.State.RESERVED:
        return Accepted(writes=())
    wanted = run.window
    if wanted is None:
        return Accepted(writes=())
    due, lost = reservation_due_id(command.mission_id), window_lost_id(command.mission_id)
    get_away_s = facts.limits.depart_s
    keeping = window.keeping(wanted, command.road_s, get_away_s, stamp.now_ms)
    asks, fears = (alert.stands(states.get(stream_id("alert", ident))) for ident in (due, lost))
    if keeping is window.Keeping.LOST:
        raised = () if fears else (_window_alert(lost, 1, run, states),)
        return Accepted(writes=(*raised, *_window_settled(due, "window_lost", stands=asks)))
    if fears and command.road_s is None:
        # The clock alone takes nothing back that the road has said.
        return Accepted(writes=())
    settled = _window_settled(lost, "in_time", stands=fears)
    if keeping is window.Keeping.NOW and not asks:
        return Accepted(writes=(_window_alert(due, 2, run, states), *settled))
    return Accepted(writes=settled)


def _window_settled(ident: str, reason: str, *, stands: bool) -> tuple[Write, ...]:
    ended = Write(stream=stream_id("alert", ident), events=(AlertResolved(reason=reason),))
    return (ended,) if stands else ()


def _window_alert(ident: str, priority: int, run: mission.Mission, states: States) -> Write:
    details = {
        "call_sign": run.call_sign,
        "number": run.incident_number,
        "due_ms": str(run.due_ms),
    }
    event = AlertRaised(
        code=ident.partition(".")[0],
        priority=priority,
        subject=stream_id("incident", run.incident_id),
        incident_id=run.incident_id,
        owner=_led_by(run, states) or "all",
        details=details if run.latest_ms is None else details | {"latest_ms": str(run.latest_ms)},
    )
    return Write(stream=stream_id("alert", ident), events=(event,))


def _led_by(run: mission.Mission, states: States) -> str:
    """The seat that sent it, unless the case has gone to another since.

    Nobody's where the case is another node's: its seats are not ours.
    """
    if run.lent_to:
        return ""
    found = states.get(stream_id("incident", run.incident_id))
    if not isinstance(found, incident.Incident) or found.home not in ("", run.node):
        return run.seat
    if (found.taken_ms or 0) > (run.assigned_ms or 0):
        return found.seat
    return run.seat
