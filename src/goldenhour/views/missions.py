"""Rows of runs."""

from goldenhour.domain.case import Facts
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.views.alarms import scene_alarm_rows
from goldenhour.views.fold import Reveal
from goldenhour.views.monitors import (
    correction_rows,
    leads_rows,
    monitor_rows,
)
from goldenhour.views.rows import (
    CallbackRow,
    MissionRow,
    NodeRow,
    ProposalRow,
    UntreatedRow,
)


def _other(node: str, facts: Facts) -> str:
    """A vehicle's computer has no name of a node, and nothing to tell apart."""
    return node if facts.node and node != facts.node else ""


def mission_row(ident: str, state: Mission, facts: Facts, level: str, reveal: Reveal) -> MissionRow:
    """`level`: of its case by now, where that can be read; what it was sent with else."""
    return MissionRow(
        id=ident,
        state=state.state,
        active=state.active,
        incident_id=state.incident_id,
        incident_number=state.incident_number,
        unit_id=state.unit_id,
        call_sign=state.call_sign,
        level=level,
        due_ms=state.due_ms,
        latest_ms=state.latest_ms,
        nodes=tuple(
            NodeRow(
                milestone=n.milestone,
                at_ms=n.at_ms,
                source=n.source,
                actor=n.actor,
                received_ms=n.received_ms,
                original_ms=n.original_ms,
                reason=n.reason,
                supplied_late=n.supplied_late,
            )
            for n in state.nodes
        ),
        next_milestone=mission.next_milestone(state),
        proposed=state.proposed,
        proposals=tuple(
            ProposalRow(milestone=p.milestone, confidence=p.confidence, doubts=p.doubts)
            for p in state.proposals
            if p.confidence is not None
        ),
        can_stand_down=state.state in mission.STAND_DOWN_UNTIL,
        destination_id=state.destination_id,
        destination_name=state.destination_name,
        stand_down_reason=state.stand_down_reason,
        task_text=state.task_text,
        flags=state.flags,
        assigned_ms=state.assigned_ms,
        since_ms=state.since_ms,
        limit_s=_limit_s(state, facts),
        ended_ms=state.ended_ms,
        monitors=monitor_rows(state.devices),
        monitor_corrections=correction_rows(state.devices),
        bands=state.devices.bands,
        leads=leads_rows(state.devices),
        standby=state.standby,
        callback=CallbackRow(
            id=state.callback.id,
            asked_ms=state.callback.asked_ms,
            outcome=state.callback.outcome,
        )
        if state.callback
        else None,
        number_shown=state.number_shown,
        stand_down_seat=state.stand_down_seat,
        stand_down_seen_ms=state.stand_down_seen_ms,
        untreated=_untreated(state.untreated, reveal) if state.untreated else None,
        scene_alarms=scene_alarm_rows(state),
        of_node=_other(state.node, facts),
        lent_to=_other(state.lent_to, facts),
    )


def _untreated(signed: mission.Untreated, reveal: Reveal) -> UntreatedRow:
    event = signed.event
    return UntreatedRow(
        reason=event.reason,
        name=event.name,
        at_ms=signed.at_ms,
        signer=reveal.text(event.signer) or "",
        signature=reveal.text(event.signature) or "",
        witness=reveal.text(event.witness) or "",
        details=reveal.text(event.details) or "",
    )


def _limit_s(state: Mission, facts: Facts) -> int | None:
    if state.standby and state.state is mission.State.ON_SCENE:
        return None  # waiting there is what it was sent for
    return facts.limits.state_s.get(state.state)
