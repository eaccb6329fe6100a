"""What follows from an event: timers, deeds outside, and who may read the case from now on.

Rule 1: pure, and decided by the state after the event; no event of the past is looked up.
Rule 2: a follow-up command is a timer that is due at once, so that it survives a crash too.
Rule 3: grants open and close here and nowhere else: a vehicle reads its task until some hours
        after the run, a hospital from the pre-alert until 72 h after the hand-over or 5 s after a
        re-routing (design.md rule 14). What a hospital says of itself is there for whoever
        chooses hospitals.

It is one match over what every kind of stream brings about, and long for that.
"""

import re
from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertMoved,
    AlertRaised,
)
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import interpret, patient, record
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    EntryWithdrawn,
    FieldWritten,
    PatientJoined,
    PatientMerged,
    PatientParted,
    PatientRegistered,
    PatientUnmerged,
    SheetRead,
)
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut
from goldenhour.domain.care.portrait_events import PortraitAsked
from goldenhour.domain.care.sheets import Who
from goldenhour.domain.case.loading import (
    Facts,
    node_org,
    reservation_due_id,
    stream_id,
    watch_alert_id,
    window_lost_id,
)
from goldenhour.domain.case.streams import State
from goldenhour.domain.dispatch import mission, road, window
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    CallbackAsked,
    HospitalAlerted,
    MilestoneReached,
    MilestoneUndone,
    OrderRefused,
    Reserved,
    RoadChanged,
    RoadClosed,
    RoadReopened,
    StoodDown,
)
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import (
    PreAlertCorrected,
    PreAlertDeathTold,
    PreAlertDeclined,
    PreAlerted,
)
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.events import (
    AskEnded,
    AskOutcome,
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallRang,
    CallRungBack,
    CaseOffered,
    CaseTaken,
    Determined,
    IncidentReopened,
    LevelOverridden,
    MissionLinked,
    OfferEnded,
    UnitAsked,
    UnitTaken,
)
from goldenhour.domain.register import hospital, roster, unit
from goldenhour.domain.register.events import HelpCalled, HelpEnded, HospitalListed
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import At, Cancel, Effect, Grant, GrantUntil, Reaction
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import HOUR_MS, SECOND_MS


def unit_org(unit_id: str) -> str:
    """The organisation that a vehicle's own computer and crew belong to."""
    return f"unit:{unit_id}"


def station_org(station_id: str) -> str:
    return f"station:{station_id}"


def centre_owner(org: str) -> str:
    """Whom an alert to a whole centre or hospital is for, where others write a seat."""
    return f"@{org}"


def hospital_org(hospital_id: str) -> str:
    return f"hospital:{hospital_id}"


HOSPITAL_READERS: Final = "readers:hospital"
"""Everybody who chooses hospitals. It stands in no tree and owns nothing, so that reading what all
hospitals say of themselves never means reading the cases that were granted to one of them."""

ROAD_READERS: Final = "readers:road"
"""Everybody who drives or sends: a closed road is no secret of the centre that said it."""


def react(state: State | None, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
    match state:
        case call.Call():
            return _call(state, recorded, facts.limits)
        case incident.Incident():
            return _incident(state, recorded, facts)
        case mission.Mission():
            return _mission(state, recorded, facts.limits)
        case patient.Patient():
            return _patient(state, recorded, facts)
        case prealert.Handover():
            return _handover(state, recorded, facts.limits)
        case alert.Alert():
            return _alert(state, recorded, facts.limits)
        case unit.Unit():
            return _unit(state, recorded)
        case hospital.Hospital() if isinstance(recorded.event, HospitalListed):
            return (_grant(HOSPITAL_READERS, (recorded.stream,), recorded),)
        case road.Road():
            return _road(state, recorded)
        case _:
            return ()


def _resolve(alert_id: str, reason: str, at_ms: int) -> At:
    """Due at once; an alert that was never raised makes it a no-op."""
    return At(
        key=f"resolve:{alert_id}",
        due_ms=at_ms,
        command=c.ResolveAlert(alert_id=alert_id, reason=reason),
    )


def _grant(
    org: str, streams: tuple[str, ...], recorded: Recorded, until_ms: int | None = None
) -> Grant:
    """A right of this stream alone: of two patients at one hospital one may be sent elsewhere."""
    return Grant(org=org, streams=streams, until_ms=until_ms, cause=recorded.stream)


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
                _resolve(unanswered, "abandoned", recorded.received_ms),
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
                _resolve(unanswered, "answered", recorded.received_ms),
                _resolve(abandoned, "answered", recorded.received_ms),
            )
        case _:
            return ()


def _incident(state: incident.Incident, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
    """The clock of a level runs until the first unit is sent."""
    ident = recorded.stream.partition(":")[2]
    # An alert is raised once: a case that was left by its unit has one of its own.
    alert_id = f"not_dispatched.{state.taken_run or ident}"
    match recorded.event:
        case Determined() | LevelOverridden() | UnitTaken() | IncidentReopened():
            return _clock(state, ident, alert_id, recorded, facts)
        case CaseOffered() | OfferEnded():
            return _offer(state, ident, recorded, facts.limits)
        case CaseTaken() if recorded.event.node:
            return _moved(state, ident, alert_id, recorded, facts.limits)
        case CaseTaken():
            return (
                _resolve(to_confirm_id(ident), "taken", recorded.received_ms),
                *_taken(state, ident, alert_id, recorded, facts.limits),
                *_clock(state, ident, alert_id, recorded, facts),
            )
        case MissionLinked(reserved=False):
            # The crew may call the caller: the number stands in the call's stream.
            calls = tuple(stream_id("call", ident_) for ident_ in state.calls)
            return (
                _grant(unit_org(recorded.event.unit_id), calls, recorded),
                Cancel(key=f"dispatch:{ident}"),
                _resolve(alert_id, "dispatched", recorded.received_ms),
                *_lent(state, recorded, facts.limits),
            )
        case UnitAsked() | AskEnded():
            return _ask(state, ident, recorded)
        case _ if state.state is incident.State.CLOSED:
            return (
                Cancel(key=f"dispatch:{ident}"),
                _resolve(alert_id, "closed", recorded.received_ms),
            )
        case _:
            return ()


def _clock(
    state: incident.Incident, ident: str, alert_id: str, recorded: Recorded, facts: Facts
) -> tuple[Reaction, ...]:
    if not state.level or state.dispatched_ms:
        return ()
    target_s = facts.triage.dispatch_target_s(state.level)
    if target_s is None:
        return (Cancel(key=f"dispatch:{ident}"),)
    raised = c.RaiseAlert(
        alert_id=alert_id,
        code="not_dispatched",
        priority=1,
        subject=recorded.stream,
        incident_id=ident,
        owner=state.seat or "all",
        details={"number": state.number, "level": state.level},
    )
    reopened = isinstance(recorded.event, IncidentReopened)
    begun_ms = recorded.received_ms if reopened else state.opened_ms
    # Where the time was over before, this is another moment and so another deed of the clock.
    due_ms = max(begun_ms + target_s * SECOND_MS, recorded.received_ms)
    return (At(key=f"dispatch:{ident}", due_ms=due_ms, command=raised),)


def _ask(state: incident.Incident, ident: str, recorded: Recorded) -> tuple[Reaction, ...]:
    event = recorded.event
    mission_id = event.mission_id
    ask = state.find_ask(mission_id)
    if ask is None:
        return ()
    names = {"incident_id": ident, "mission_id": mission_id, "node": ask.node}
    if isinstance(event, UnitAsked):
        check = c.CheckAsk(incident_id=ident, mission_id=mission_id)
        return (
            At(key=f"ask:{mission_id}", due_ms=event.due_ms, command=check),
            Effect(kind="unit_ask", key=f"ask:{mission_id}", body=names),
        )
    over = Cancel(key=f"ask:{mission_id}")
    if event.outcome is AskOutcome.WITHDRAWN:
        recall = names | {"recall": event.reason}
        # It may be withdrawn again, where it was refused or the run came late.
        key = f"recall:{mission_id}:{recorded.version}"
        return (over, Effect(kind="unit_ask", key=key, body=recall))
    return (over, _ask_alert(f"ask_{event.outcome}", state, ident, ask, recorded))


def _lent(state: incident.Incident, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    """The run of another node is here: that node reads the whole case from now on.

    Both nodes watch it: the crew may be out of the home's reach, and the patient is this one's.
    """
    ask = state.find_ask(recorded.event.mission_id)
    if ask is None:
        return ()
    ident = recorded.stream.partition(":")[2]
    late = (_ask_alert("run_late", state, ident, ask, recorded),) if ask.late else ()
    run = ask.mission_id
    at_ms = recorded.received_ms
    return (
        Cancel(key=f"ask:{run}"),
        *_share_case(state, node_org(ask.node), recorded, None),
        At(
            key=f"acknowledge:{run}",
            due_ms=at_ms + limits.acknowledge_s * SECOND_MS,
            command=c.CheckAcknowledged(mission_id=run),
        ),
        At(
            key=f"depart:{run}",
            due_ms=at_ms + limits.depart_s * SECOND_MS,
            command=c.CheckDeparted(mission_id=run),
        ),
        *late,
    )


def _ask_alert(
    code: str, state: incident.Incident, ident: str, ask: incident.Ask, recorded: Recorded
) -> At:
    raised = c.RaiseAlert(
        alert_id=f"{code}.{ask.mission_id}",
        code=code,
        priority=1,
        subject=recorded.stream,
        incident_id=ident,
        owner=state.seat or "all",
        details={
            "call_sign": ask.call_sign,
            "number": state.number,
            "to": ask.node,
            "refusal": ask.code,
            "detail": ask.detail,
        },
    )
    key = f"{code}:{ask.mission_id}"
    return At(key=key, due_ms=recorded.received_ms, command=raised)


def _offer_alert(state: incident.Incident, ident: str) -> str:
    return f"case_offered.{ident}.{state.offers}"


def _offer(
    state: incident.Incident, ident: str, recorded: Recorded, limits: Limits
) -> tuple[Reaction, ...]:
    """Who is asked reads the whole case, until it says no or is asked no more."""
    at_ms = recorded.received_ms
    match recorded.event:
        case CaseOffered(org=org, seat=seat, org_name=name, reason=reason):
            raised = c.RaiseAlert(
                alert_id=_offer_alert(state, ident),
                code="case_offered",
                priority=2,
                subject=recorded.stream,
                incident_id=ident,
                owner=seat or centre_owner(org),
                details={"number": state.number, "to": name or seat, "reason": reason},
            )
            return (
                *_share_case(state, org, recorded, None),
                At(key=f"offer:{ident}", due_ms=at_ms, command=raised),
            )
        case OfferEnded(org=org, outcome=outcome):
            # A node out of reach has to hear that it is asked no more.
            long_ms = limits.grant_after_run_h * HOUR_MS
            soon_ms = limits.grant_after_reroute_s * SECOND_MS
            until_ms = at_ms + (long_ms if org.startswith(node_org("")) else soon_ms)
            return (
                *_share_case(state, org, recorded, until_ms),
                Cancel(key=f"offer:{ident}"),
                _resolve(_offer_alert(state, ident), outcome.value, at_ms),
            )
        case _:
            return ()


def _taken(
    state: incident.Incident, ident: str, waiting: str, recorded: Recorded, limits: Limits
) -> tuple[Reaction, ...]:
    """What the case is warned of goes with it."""
    at_ms = recorded.received_ms
    watched = [
        watch_alert_id(check(mission_id=one))
        for one in state.missions
        for check in (c.CheckAcknowledged, c.CheckDeparted)
    ]
    watched += [
        alert_of(one) for one in state.missions for alert_of in (reservation_due_id, window_lost_id)
    ]
    unasked = recorded.event.unasked
    until_ms = at_ms + limits.grant_after_reroute_s * SECOND_MS
    return (
        *(_share_case(state, unasked, recorded, until_ms) if unasked else ()),
        Cancel(key=f"offer:{ident}"),
        _resolve(_offer_alert(state, ident), "taken", at_ms),
        *(
            At(
                key=f"move:{one}",
                due_ms=at_ms,
                command=c.MoveAlert(alert_id=one, owner=state.seat or "all"),
            )
            for one in (waiting, *watched)
        ),
    )


def to_confirm_id(incident_id: str) -> str:
    """The alert of a case that another node has handed over and nobody here has taken yet."""
    return f"case_to_confirm.{incident_id}"


def _moved(
    state: incident.Incident, ident: str, waiting: str, recorded: Recorded, limits: Limits
) -> tuple[Reaction, ...]:
    """Another node watches over it from now on; whether it has it is asked after a while."""
    at_ms = recorded.received_ms
    due_ms = at_ms + limits.ask_s * SECOND_MS
    return (
        Cancel(key=f"offer:{ident}"),
        _resolve(_offer_alert(state, ident), "taken", at_ms),
        Cancel(key=f"dispatch:{ident}"),
        _resolve(waiting, "taken", at_ms),
        At(key=f"moved:{ident}", due_ms=due_ms, command=c.CheckMoved(incident_id=ident)),
    )


def _share_case(
    state: incident.Incident, org: str, recorded: Recorded, until_ms: int | None
) -> tuple[Grant, ...]:
    """All of the case and what is yet to come; a centre that has led it reads it for good."""
    if org in state.centres:
        return ()
    streams = (recorded.stream,)
    return (Grant(org=org, streams=streams, until_ms=until_ms, cause=recorded.stream, whole=True),)


def _mission(state: mission.Mission, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    acknowledged = c.CheckAcknowledged(mission_id=ident)
    departed = c.CheckDeparted(mission_id=ident)
    own_streams = (recorded.stream, stream_id("incident", state.incident_id))
    match recorded.event:
        case Reserved():
            return _window(ident, state, recorded, limits)
        case Assigned() | Activated():
            at_ms = recorded.occurred_ms
            lent = recorded.event.lent_to if isinstance(recorded.event, Assigned) else ""
            calls = recorded.event.calls if isinstance(recorded.event, Assigned) else ()
            shown = (*own_streams, *(stream_id("call", one) for one in calls))
            return (
                *((_lent_away(ident, state, recorded),) if lent else ()),
                *_window_over(ident, state, "activated", recorded),
                _grant(unit_org(state.unit_id), shown, recorded),
                Effect(
                    kind="terminal_text",
                    key=f"task:{ident}:{recorded.version}",
                    body={"mission_id": ident, "unit_id": state.unit_id, "text": "task"},
                ),
                At(
                    key=f"acknowledge:{ident}",
                    due_ms=at_ms + limits.acknowledge_s * SECOND_MS,
                    command=acknowledged,
                ),
                At(
                    key=f"depart:{ident}",
                    due_ms=at_ms + limits.depart_s * SECOND_MS,
                    command=departed,
                ),
            )
        case StoodDown():
            told = Effect(
                kind="terminal_text",
                key=f"stand_down:{ident}:{recorded.version}",
                body={"mission_id": ident, "unit_id": state.unit_id, "text": "stand_down"},
            )
            return (
                *_quiet(ident, acknowledged, departed, recorded),
                *_window_over(ident, state, "stood_down", recorded),
                # A reservation was never told, and the vehicle may be on another run.
                *((told,) if state.assigned_ms is not None else ()),
                _grant_after_run(state, recorded, limits),
                *_called_off(state.alerted, state, recorded),
            )
        case OrderRefused() if state.refused_by:
            return (
                *_quiet(ident, acknowledged, departed, recorded),
                _grant_after_run(state, recorded, limits),
                *_taken_over(ident, state, recorded),
            )
        case HospitalAlerted() if state.state is mission.State.STOOD_DOWN:
            # A vehicle out of reach announced itself before it heard that it was called off.
            return _called_off((recorded.event,), state, recorded)
        case CallbackAsked(callback_id=callback_id):
            return (
                Effect(
                    kind="callback",
                    key=f"callback:{ident}:{callback_id}",
                    body={"mission_id": ident, "callback_id": callback_id},
                ),
            )
        case MilestoneReached():
            done: tuple[Reaction, ...] = ()
            if state.state is mission.State.ACKNOWLEDGED:
                alert_id = watch_alert_id(acknowledged)
                done = (
                    Cancel(key=f"acknowledge:{ident}"),
                    _resolve(alert_id, "acknowledged", recorded.received_ms),
                )
            elif state.state is not mission.State.ASSIGNED:
                done = _quiet(ident, acknowledged, departed, recorded)
            if state.state in mission.ENDED:
                # Of a run that was called off, too: what came later from out of reach gave rights.
                done = (*done, _grant_after_run(state, recorded, limits))
            if state.state is mission.State.CLEARED:
                patients = dict.fromkeys(one.patient_id for one in state.alerted)
                settled = (
                    alert_id
                    for one in patients
                    for alert_id in (_declined_alert(one), f"{ECG_UNREAD}.{one}")
                )
                done = (*done, *(_resolve(one, "cleared", recorded.received_ms) for one in settled))
                if mission.may_have_brought(state):
                    done = (*done, *_somebody_comes(state.alerted))
                else:
                    due_ms = recorded.received_ms + limits.undo_s * SECOND_MS
                    done = (*done, *_nobody_comes(state.alerted, NOT_BROUGHT, due_ms))
            return done
        case MilestoneUndone() if state.active:
            return (
                *_somebody_comes(state.alerted),
                _grant(unit_org(state.unit_id), own_streams, recorded),
                *_watched_again(state, acknowledged, departed, recorded, limits),
            )
        case _:
            return ()


def _window(
    ident: str, state: mission.Mission, recorded: Recorded, limits: Limits
) -> tuple[At, ...]:
    """By the clock: the road times are known to the api alone, which asks sooner."""
    wanted = state.window
    if wanted is None or state.state is not mission.State.RESERVED:
        return ()
    check = c.CheckWindow(mission_id=ident)
    times = {
        "due": window.activate_ms(wanted, None, limits.depart_s),
        "lost": wanted.latest_ms,
    }
    return tuple(
        At(key=f"{name}:{ident}", due_ms=max(at_ms, recorded.received_ms), command=check)
        for name, at_ms in times.items()
        if at_ms is not None
    )


def _window_over(
    ident: str, state: mission.Mission, reason: str, recorded: Recorded
) -> tuple[Reaction, ...]:
    """The reservation has become a run, or is none any more."""
    if state.window is None:
        return ()
    alerts = (reservation_due_id(ident), window_lost_id(ident))
    return (
        *(Cancel(key=f"{name}:{ident}") for name in ("due", "lost")),
        *(_resolve(one, reason, recorded.received_ms) for one in alerts),
    )


def _watched_again(
    state: mission.Mission,
    acknowledged: c.CheckAcknowledged,
    departed: c.CheckDeparted,
    recorded: Recorded,
    limits: Limits,
) -> tuple[Reaction, ...]:
    """The node that ended the watch was a mistake; what is over by now is said at once."""
    ident = recorded.stream.partition(":")[2]

    def again(
        name: str, check: c.CheckAcknowledged | c.CheckDeparted, limit_s: int
    ) -> tuple[Reaction, ...]:
        due_ms = (state.assigned_ms or state.since_ms) + limit_s * SECOND_MS
        return (
            Cancel(key=f"resolve:{watch_alert_id(check)}"),
            At(key=f"{name}:{ident}", due_ms=max(due_ms, recorded.received_ms), command=check),
        )

    leaves = again("depart", departed, limits.depart_s)
    match state.state:
        case mission.State.ASSIGNED:
            return (*again("acknowledge", acknowledged, limits.acknowledge_s), *leaves)
        case mission.State.ACKNOWLEDGED:
            return leaves
        case _:
            return ()


def _lent_away(ident: str, state: mission.Mission, recorded: Recorded) -> At:
    """Nobody at this node sent it: its desks hear where their vehicle went."""
    raised = c.RaiseAlert(
        alert_id=f"unit_lent.{ident}",
        code="unit_lent",
        priority=2,
        subject=recorded.stream,
        incident_id=state.incident_id,
        owner="all",
        details={
            "call_sign": state.call_sign,
            "number": state.incident_number,
            "to": state.lent_to,
        },
    )
    return At(key=f"unit_lent:{ident}", due_ms=recorded.received_ms, command=raised)


def _taken_over(ident: str, state: mission.Mission, recorded: Recorded) -> tuple[At, At]:
    """The vehicle obeys another node: the case needs another unit, and this node learns of it."""
    event, at_ms = recorded.event, recorded.received_ms
    raised = c.RaiseAlert(
        alert_id=f"order_refused.{ident}",
        code="order_refused",
        priority=1,
        subject=recorded.stream,
        incident_id=state.incident_id,
        owner=state.seat or "all",
        details={
            "call_sign": state.call_sign,
            "number": state.incident_number,
            "to": state.refused_by,
        },
    )
    learnt = c.LearnHome(unit_id=state.unit_id, node=event.node, epoch=event.epoch)
    return (
        At(key=f"order_refused:{ident}", due_ms=at_ms, command=raised),
        At(key=f"learn_home:{ident}", due_ms=at_ms, command=learnt),
    )


NOT_BROUGHT: Final = "not_brought"
"""Why a hospital waits no more, where the run ended and its vehicle never took a patient along."""


def _called_off(
    alerted: tuple[HospitalAlerted, ...], state: mission.Mission, recorded: Recorded
) -> tuple[Reaction, ...]:
    """The hospitals that wait are told, and what they had refused troubles nobody any more."""
    at_ms = recorded.received_ms
    return (
        *_nobody_comes(alerted, state.stand_down_reason, at_ms),
        *(_resolve(_declined_alert(one.patient_id), "called_off", at_ms) for one in alerted),
    )


def _nobody_comes(alerted: tuple[HospitalAlerted, ...], reason: str, due_ms: int) -> tuple[At, ...]:
    return tuple(
        At(
            key=_drop(one),
            due_ms=due_ms,
            command=c.DropPreAlert(handover_id=one.handover_id, reason=reason),
        )
        for one in alerted
    )


def _somebody_comes(alerted: tuple[HospitalAlerted, ...]) -> tuple[Cancel, ...]:
    """The end of the run was a mistake, or a node that was forgotten says that it took somebody."""
    return tuple(Cancel(key=_drop(one)) for one in alerted)


def _drop(alerted: HospitalAlerted) -> str:
    return f"drop:{alerted.handover_id}"


def _declined_alert(patient_id: str) -> str:
    """One a patient: another hospital's yes settles the first one's no."""
    return f"prealert_declined.{patient_id}"


def _quiet(
    ident: str,
    acknowledged: c.CheckAcknowledged,
    departed: c.CheckDeparted,
    recorded: Recorded,
) -> tuple[Reaction, ...]:
    """Nobody waits for this vehicle to move any more."""
    at_ms = recorded.received_ms
    return (
        Cancel(key=f"acknowledge:{ident}"),
        Cancel(key=f"depart:{ident}"),
        _resolve(watch_alert_id(acknowledged), "moving", at_ms),
        _resolve(watch_alert_id(departed), "moving", at_ms),
    )


def _grant_after_run(state: mission.Mission, recorded: Recorded, limits: Limits) -> GrantUntil:
    """Task, call, patients and pre-alerts alike."""
    return GrantUntil(
        org=unit_org(state.unit_id),
        case_stream=stream_id("incident", state.incident_id),
        until_ms=recorded.received_ms + limits.grant_after_run_h * HOUR_MS,
    )


def _patient(state: patient.Patient, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
    limits = facts.limits
    match recorded.event:
        case PatientRegistered():
            return (_grant(unit_org(state.unit_id), (recorded.stream,), recorded),)
        case (
            PatientJoined(other_id=ident, hospital_ids=wards)
            | PatientMerged(into=ident, hospital_ids=wards)
        ):
            # The time runs from here: what would end it, run or hand-over, may be over.
            hours = (limits.grant_after_run_h, limits.grant_after_handover_h)
            return _share(state, ident, wards, recorded, (hours[0] * HOUR_MS, hours[1] * HOUR_MS))
        case (
            PatientParted(other_id=ident, hospital_ids=wards)
            | PatientUnmerged(out_of=ident, hospital_ids=wards)
        ):
            soon_ms = limits.grant_after_reroute_s * SECOND_MS
            return _share(state, ident, wards, recorded, (soon_ms, soon_ms))
        case (
            EcgRead()
            | EcgInterpreted()
            | EntryWithdrawn()
            | VitalsMovedOut()
            | VitalsMovedIn()
            | FieldWritten(field=record.DIED)
        ):
            return _ecg_clock(state, recorded, limits)
        case PortraitAsked(ask_id=ask_id):
            ident = recorded.stream.partition(":")[2]
            return (
                Effect(
                    kind="portrait",
                    key=f"portrait:{ident}:{ask_id}",
                    body={"patient_id": ident, "ask_id": ask_id},
                ),
            )
        case SheetRead(response=response) if response is not None:
            return (_scene_asks(state, response, recorded, facts),)
        case _:
            return ()


ECG_UNREAD: Final = "ecg_unread"


def _ecg_clock(state: patient.Patient, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    """The oldest ECG that waits for a physician is the one whose time runs; of the dead, none."""
    ident = recorded.stream.partition(":")[2]
    key, at_ms = f"{ECG_UNREAD}:{ident}", recorded.received_ms
    ended = _resolve(f"{ECG_UNREAD}.{ident}", "read", at_ms)
    died = state.record.died_ms is not None
    unread = () if died else interpret.list_unread(state.record)
    if not unread:
        ecgs = (one.entry for one in state.record.entries if isinstance(one.entry, EcgRead))
        return (Cancel(key=key), ended) if any(ecgs) else ()
    due_ms = min(kept.at_ms for kept in unread) + limits.ecg_read_s * SECOND_MS
    check = c.CheckEcg(patient_id=ident)
    return (
        At(key=key, due_ms=max(due_ms, at_ms), command=check),
        *((ended,) if due_ms > at_ms else ()),
    )


URGENT: Final = (DispatchLevel.R0, DispatchLevel.R1)
"""Immediate threat to life (clinical fact sheet 1.1)."""


def _scene_asks(
    state: patient.Patient, response: DispatchLevel, recorded: Recorded, facts: Facts
) -> At:
    """What a crew's score of the scene asks of the centre, the police and the fire service."""
    ident, reading = recorded.stream.partition(":")[2], recorded.event
    sheet = facts.care.find_sheet(reading.sheet)
    asked = [
        row
        for row in (sheet.actions if sheet else ())
        if row.id in reading.actions and row.who is not Who.CREW
    ]
    raised = c.RaiseAlert(
        alert_id=f"scene_asks.{ident}",
        code="scene_asks",
        priority=1 if response in URGENT else 2,
        subject=recorded.stream,
        incident_id=state.incident_id,
        owner="all",
        details={
            "unit_id": state.unit_id,
            "sheet": reading.sheet,
            "level": response,
            "who": ",".join(who for who in Who if any(row.who is who for row in asked)),
            "actions": ",".join(row.id for row in asked),
        },
        if_changed=True,
    )
    return At(key=f"scene_asks:{ident}", due_ms=recorded.received_ms, command=raised)


def _share(
    state: patient.Patient,
    ident: str,
    wards: tuple[str, ...],
    recorded: Recorded,
    lasts_ms: tuple[int, int],
) -> tuple[Reaction, ...]:
    """Its vehicle and its hospitals read the other record of the same person: so long."""
    other, at_ms = (stream_id("patient", ident),), recorded.received_ms
    return (
        _grant(unit_org(state.unit_id), other, recorded, at_ms + lasts_ms[0]),
        *(_grant(hospital_org(one), other, recorded, at_ms + lasts_ms[1]) for one in wards),
    )


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
                _resolve(f"sos.{ident}.{recorded.event.since_ms}", "safe", recorded.received_ms),
            )
        case _:
            return ()


def _handover(state: prealert.Handover, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    check = c.CheckPreAlert(handover_id=ident)
    streams = (
        recorded.stream,
        stream_id("incident", state.incident_id),
        stream_id("mission", state.mission_id),
        stream_id("patient", state.patient_id),
        *(stream_id("patient", ident) for ident in state.joined),
    )
    where = hospital_org(state.hospital_id)
    at_ms = recorded.received_ms
    declined_id = _declined_alert(state.patient_id)
    silence: tuple[Reaction, ...] = (
        Cancel(key=f"prealert:{ident}"),
        _resolve(watch_alert_id(check), str(state.state), at_ms),
    )
    ask = At(
        key=f"prealert:{ident}",
        due_ms=recorded.occurred_ms + limits.prealert_s * SECOND_MS,
        command=check,
    )
    if isinstance(recorded.event, PreAlerted):
        return (
            _grant(where, streams, recorded),
            _grant(unit_org(state.unit_id), (recorded.stream,), recorded),
            ask,
        )
    if isinstance(recorded.event, PreAlertCorrected | PreAlertDeathTold):
        return (ask,) if state.state is prealert.State.SENT else ()
    match state.state:
        case prealert.State.ACKNOWLEDGED:
            return (*silence, _resolve(declined_id, "acknowledged", at_ms))
        case prealert.State.DECLINED | prealert.State.WITHDRAWN:
            until_ms = at_ms + limits.grant_after_reroute_s * SECOND_MS
            ended = _grant(where, streams, recorded, until_ms)
            if not isinstance(recorded.event, PreAlertDeclined):
                return (*silence, ended, _not_coming(state, recorded))
            declined = c.RaiseAlert(
                alert_id=declined_id,
                code="prealert_declined",
                priority=1,
                subject=recorded.stream,
                incident_id=state.incident_id,
                owner="all",
                details={"call_sign": state.call_sign, "reason": state.reason},
                anew=True,
            )
            return (*silence, ended, At(key=f"declined:{ident}", due_ms=at_ms, command=declined))
        case prealert.State.HANDED_OVER:
            until_ms = at_ms + limits.grant_after_handover_h * HOUR_MS
            return (
                *silence,
                _resolve(declined_id, "handed_over", at_ms),
                _resolve(f"{ECG_UNREAD}.{state.patient_id}", "handed_over", at_ms),
                _grant(where, streams, recorded, until_ms),
            )
        case _:
            return ()


NOT_COMING: Final = "not_coming"
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")


def _not_coming(state: prealert.Handover, recorded: Recorded) -> At:
    """The hospital reads the case no more; of whom it need not wait for it hears by an alert."""
    ident = recorded.stream.partition(":")[2]
    told = c.RaiseAlert(
        alert_id=f"{NOT_COMING}.{ident}",
        code=NOT_COMING,
        priority=3,
        subject=recorded.stream,
        incident_id="",
        owner=centre_owner(hospital_org(state.hospital_id)),
        details={
            "call_sign": state.call_sign,
            "hospital_id": state.hospital_id,
            # Words of one's own may name the patient.
            "reason": state.reason if _CODE.fullmatch(state.reason) else "",
        },
    )
    return At(key=f"not_coming:{ident}", due_ms=recorded.received_ms, command=told)


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
            return (timer, _grant(ROAD_READERS, (recorded.stream,), recorded))
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
                (_grant(state.owner.removeprefix("@"), (recorded.stream,), recorded),)
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
            ended = (_resolve(ident, "looked_at", recorded.received_ms),)
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
