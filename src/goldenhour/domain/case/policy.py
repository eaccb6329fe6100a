"""What follows from an event: timers, deeds outside, and who may read the case from now on.

Rule 1: pure, and decided by the state after the event; no event of the past is looked up.
Rule 2: a follow-up command is a timer that is due at once, so that it survives a crash too.
Rule 3: grants open and close here and nowhere else: a vehicle reads its task until some hours
        after the run, a hospital from the pre-alert until 72 h after the hand-over or 5 s after a
        re-routing (design.md rule 14). What a hospital says of itself is there for whoever
        chooses hospitals.

Cases, runs and patients have files of their own beside this one (`policy_*.py`).
"""

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertMoved,
    AlertRaised,
)
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import patient
from goldenhour.domain.case.loading import Facts, stream_id
from goldenhour.domain.case.policy_incident import of_incident
from goldenhour.domain.case.policy_mission import of_mission
from goldenhour.domain.case.policy_patient import of_handover, of_patient
from goldenhour.domain.case.reactions import (
    ECG_UNREAD,
    HOSPITAL_READERS,
    NOT_COMING,
    ROAD_READERS,
    grant,
    resolve,
)
from goldenhour.domain.case.streams import State
from goldenhour.domain.dispatch import mission, road
from goldenhour.domain.dispatch.events import RoadChanged, RoadClosed, RoadReopened
from goldenhour.domain.handover import prealert
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.events import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallRang,
    CallRungBack,
)
from goldenhour.domain.register import hospital, roster, unit
from goldenhour.domain.register.events import HelpCalled, HelpEnded, HospitalListed
from goldenhour.kernel.outcome import At, Cancel, Reaction
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import SECOND_MS


def react(state: State | None, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
    match state:
        case call.Call():
            return _call(state, recorded, facts.limits)
        case incident.Incident():
            return of_incident(state, recorded, facts)
        case mission.Mission():
            return of_mission(state, recorded, facts.limits)
        case patient.Patient():
            return of_patient(state, recorded, facts)
        case prealert.Handover():
            return of_handover(state, recorded, facts.limits)
        case alert.Alert():
            return _alert(state, recorded, facts.limits)
        case unit.Unit():
            return _unit(state, recorded)
        case hospital.Hospital() if isinstance(recorded.event, HospitalListed):
            return (grant(HOSPITAL_READERS, (recorded.stream,), recorded),)
        case road.Road():
            return _road(state, recorded)
        case _:
            return ()


def _call(state: call.Call, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    unanswered, abandoned = f"ring_unanswered.{ident}", f"call_abandoned.{ident}"

    def raised(alert_id: str, priority: int) -> c.RaiseAlert:
        return c.RaiseAlert(
            alert_id=alert_id,
            code=alert_id.partition(".")[0],
            priority=priority,
            subject=recorded.stream,
            incident_id="",
            owner="all",
            details={},
        )

    match recorded.event:
        case CallRang():
            due_ms = recorded.occurred_ms + limits.ring_s * SECOND_MS
            return (At(key=f"ring:{ident}", due_ms=due_ms, command=raised(unanswered, 1)),)
        case CallAbandoned() if state.state is call.State.ABANDONED:
            return (
                Cancel(key=f"ring:{ident}"),
                resolve(unanswered, "abandoned", recorded.received_ms),
                At(
                    key=f"abandoned:{ident}",
                    due_ms=recorded.received_ms,
                    command=raised(abandoned, 2),
                ),
            )
        case CallAnswered() | CallRungBack(reached=True) | CallEnded():
            return (
                Cancel(key=f"ring:{ident}"),
                # Both are due at once: raised after it was resolved, it would stand for ever.
                Cancel(key=f"abandoned:{ident}"),
                resolve(unanswered, "answered", recorded.received_ms),
                resolve(abandoned, "answered", recorded.received_ms),
            )
        case _:
            return ()


def _unit(state: unit.Unit, recorded: Recorded) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    match recorded.event:
        case HelpCalled(by_alarm=alarm):
            raised = c.RaiseAlert(
                alert_id=f"sos.{ident}.{recorded.occurred_ms}",
                code="sos",
                priority=1,
                subject=recorded.stream,
                incident_id="",
                owner="all",
                details={"call_sign": state.call_sign} | ({"by_alarm": alarm} if alarm else {}),
            )
            return (At(key=f"sos:{ident}", due_ms=recorded.received_ms, command=raised),)
        case HelpEnded():
            # Both may be due at once: raised after it was resolved, it would stand for ever.
            return (
                Cancel(key=f"sos:{ident}"),
                resolve(f"sos.{ident}.{recorded.event.since_ms}", "safe", recorded.received_ms),
            )
        case _:
            return ()


def _road(state: road.Road, recorded: Recorded) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    key = f"road_over:{ident}"
    over = c.ReopenRoad(closure_id=ident, reason="over")
    if state.reopened_ms is not None or state.until_ms is None:
        timer: At | Cancel = Cancel(key=key)
    else:
        timer = At(key=key, due_ms=state.until_ms, command=over)
    match recorded.event:
        case RoadClosed():
            return (timer, grant(ROAD_READERS, (recorded.stream,), recorded))
        case RoadChanged() | RoadReopened():
            return (timer,)
        case _:
            return ()


def _alert(state: alert.Alert, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    told = state.code in {NOT_COMING, ECG_UNREAD} and state.owner.startswith("@")
    match recorded.event:
        case AlertRaised() | AlertEscalated() | AlertMoved() if state.owner != "all":
            wait_s = limits.escalate_s.get(str(state.priority))
            # A right of its own: of an alert to a hospital the case may be one it does not read.
            shown = (
                (grant(state.owner.removeprefix("@"), (recorded.stream,), recorded),)
                if told and isinstance(recorded.event, AlertRaised)
                else ()
            )
            if wait_s is None:
                return shown
            return (
                *shown,
                At(
                    key=f"escalate:{ident}",
                    due_ms=recorded.occurred_ms + wait_s * SECOND_MS,
                    command=c.EscalateAlert(alert_id=ident),
                ),
            )
        case AlertAcknowledged():
            ended = (resolve(ident, "looked_at", recorded.received_ms),)
            return (
                Cancel(key=f"escalate:{ident}"),
                *(ended if state.code in alert.TO_LOOK_AT else ()),
            )
        case _ if state.state is alert.State.RESOLVED:
            return (Cancel(key=f"escalate:{ident}"),)
        case _:
            return ()


def home_of(state: State | None) -> str:
    """The node that records it, where a stream of a case says so."""
    return state.home if isinstance(state, incident.Incident) else ""


def case_stream(stream: str, state: State | None) -> str:
    """The incident stream whose case this stream belongs to; empty: none (yet)."""
    if isinstance(state, incident.Incident):
        return stream
    ident = getattr(state, "incident_id", "")
    return stream_id("incident", ident) if ident else ""


def parent(state: State | None) -> str:
    """The stream whose organisation owns this one too; empty: it belongs to whoever began it."""
    match state:
        case mission.Mission():
            return stream_id("incident", state.incident_id)
        case patient.Patient() | prealert.Handover():
            return stream_id("mission", state.mission_id)
        case alert.Alert():
            return state.subject
        case roster.UnitWeek():
            return stream_id("unit", state.unit_id)
        case _:
            return ""
