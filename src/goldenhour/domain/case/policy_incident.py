"""What follows from an event of a case: its clock, and its way to other seats and nodes."""

from goldenhour.domain import commands as c
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.case.loading import (
    Facts,
    node_org,
    reservation_due_id,
    stream_id,
    watch_alert_id,
    window_lost_id,
)
from goldenhour.domain.case.reactions import centre_owner, grant, resolve, unit_org
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.events import (
    AskEnded,
    AskOutcome,
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
from goldenhour.kernel.outcome import At, Cancel, Effect, Grant, Reaction
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import HOUR_MS, SECOND_MS


def of_incident(state: incident.Incident, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
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
                resolve(to_confirm_id(ident), "taken", recorded.received_ms),
                *_taken(state, ident, alert_id, recorded, facts.limits),
                *_clock(state, ident, alert_id, recorded, facts),
            )
        case MissionLinked(reserved=False):
            # The crew may call the caller: the number stands in the call's stream.
            calls = tuple(stream_id("call", ident_) for ident_ in state.calls)
            return (
                grant(unit_org(recorded.event.unit_id), calls, recorded),
                Cancel(key=f"dispatch:{ident}"),
                resolve(alert_id, "dispatched", recorded.received_ms),
                *_lent(state, recorded, facts.limits),
            )
        case UnitAsked() | AskEnded():
            return _ask(state, ident, recorded)
        case _ if state.state is incident.State.CLOSED:
            return (
                Cancel(key=f"dispatch:{ident}"),
                resolve(alert_id, "closed", recorded.received_ms),
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
                resolve(_offer_alert(state, ident), outcome.value, at_ms),
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
        resolve(_offer_alert(state, ident), "taken", at_ms),
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
        resolve(_offer_alert(state, ident), "taken", at_ms),
        Cancel(key=f"dispatch:{ident}"),
        resolve(waiting, "taken", at_ms),
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
