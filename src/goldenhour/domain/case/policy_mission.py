"""What follows from an event of a run: its watches, its task, its window, who waits for it."""

from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.case.loading import (
    reservation_due_id,
    stream_id,
    watch_alert_id,
    window_lost_id,
)
from goldenhour.domain.case.reactions import ECG_UNREAD, declined_alert, grant, resolve, unit_org
from goldenhour.domain.dispatch import mission, window
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    CallbackAsked,
    HospitalAlerted,
    MilestoneReached,
    MilestoneUndone,
    OrderRefused,
    Reserved,
    StoodDown,
)
from goldenhour.kernel.outcome import At, Cancel, Effect, GrantUntil, Reaction
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import HOUR_MS, SECOND_MS

NOT_BROUGHT: Final = "not_brought"
"""Why a hospital waits no more, where the run ended and its vehicle never took a patient along."""


def of_mission(state: mission.Mission, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
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
                grant(unit_org(state.unit_id), shown, recorded),
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
                    resolve(alert_id, "acknowledged", recorded.received_ms),
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
                    for alert_id in (declined_alert(one), f"{ECG_UNREAD}.{one}")
                )
                done = (*done, *(resolve(one, "cleared", recorded.received_ms) for one in settled))
                if mission.may_have_brought(state):
                    done = (*done, *_somebody_comes(state.alerted))
                else:
                    due_ms = recorded.received_ms + limits.undo_s * SECOND_MS
                    done = (*done, *_nobody_comes(state.alerted, NOT_BROUGHT, due_ms))
            return done
        case MilestoneUndone() if state.active:
            return (
                *_somebody_comes(state.alerted),
                grant(unit_org(state.unit_id), own_streams, recorded),
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
        *(resolve(one, reason, recorded.received_ms) for one in alerts),
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


def _called_off(
    alerted: tuple[HospitalAlerted, ...], state: mission.Mission, recorded: Recorded
) -> tuple[Reaction, ...]:
    """The hospitals that wait are told, and what they had refused troubles nobody any more."""
    at_ms = recorded.received_ms
    return (
        *_nobody_comes(alerted, state.stand_down_reason, at_ms),
        *(resolve(declined_alert(one.patient_id), "called_off", at_ms) for one in alerted),
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
        resolve(watch_alert_id(acknowledged), "moving", at_ms),
        resolve(watch_alert_id(departed), "moving", at_ms),
    )


def _grant_after_run(state: mission.Mission, recorded: Recorded, limits: Limits) -> GrantUntil:
    """Task, call, patients and pre-alerts alike."""
    return GrantUntil(
        org=unit_org(state.unit_id),
        case_stream=stream_id("incident", state.incident_id),
        until_ms=recorded.received_ms + limits.grant_after_run_h * HOUR_MS,
    )
