"""A mission: one unit's run for one incident.

Rule 1: every state and every transition of a mission lives in this file.
Rule 2: the vehicle is the authority for its milestones: they are appended always, even out of
        order; what the table does not expect changes nothing and is flagged for a person.
Rule 3: a reserved unit is not dispatched: only an active mission claims its unit, and the store
        refuses a second claim.
Rule 4: a standby ends where it stands, unless somebody becomes its patient.
Rule 5: a corrected time keeps the original; an undone node stays in the journal.
Rule 6: an order carries the command of its unit, (epoch, node). The vehicle refuses a lower one
        that no crew has acknowledged, which ends the run (ADR 0026).

It is one noun with its table, and long for that: divided, rule 1 would not hold.
"""

from enum import StrEnum
from typing import Final

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.dispatch import callback, leads, monitors, scene_alarms
from goldenhour.domain.dispatch.callback import Callback
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    BandGiven,
    BandTaken,
    CallbackAnswered,
    CallbackAsked,
    Confidence,
    DestinationSet,
    HospitalAlerted,
    LeadsPlaced,
    Milestone,
    MilestoneCorrected,
    MilestoneProposed,
    MilestoneReached,
    MilestoneUndone,
    MonitorBound,
    MonitorCorrected,
    MonitorReleased,
    MonitorTakenOff,
    NobodyTreated,
    NumberShown,
    OrderRefused,
    Reserved,
    RunFileAdded,
    RunFilePut,
    SceneAlarmed,
    Source,
    StandDownSeen,
    StoodDown,
    TaskTextSent,
)
from goldenhour.domain.dispatch.monitors import Monitors
from goldenhour.domain.dispatch.scene_alarms import SceneAlarming
from goldenhour.domain.dispatch.window import Window
from goldenhour.kernel.outcome import Claim, Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class State(StrEnum):
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    AT_PATIENT = "at_patient"
    LOADED = "loaded"
    TO_HOSPITAL = "to_hospital"
    AT_HOSPITAL = "at_hospital"
    HANDED_OVER = "handed_over"
    CLEARED = "cleared"
    STOOD_DOWN = "stood_down"


REACHED: Final[dict[Milestone, State]] = {
    Milestone.ACKNOWLEDGED: State.ACKNOWLEDGED,
    Milestone.DEPARTED: State.EN_ROUTE,
    Milestone.ON_SCENE: State.ON_SCENE,
    Milestone.AT_PATIENT: State.AT_PATIENT,
    Milestone.LOADED: State.LOADED,
    Milestone.LEFT_SCENE: State.TO_HOSPITAL,
    Milestone.AT_HOSPITAL: State.AT_HOSPITAL,
    Milestone.HANDED_OVER: State.HANDED_OVER,
    Milestone.CLEARED: State.CLEARED,
}
ORDER: Final = tuple(Milestone)
# A crew may skip nodes it forgot (they are supplied later), never go back: only an undo does.
TRANSITIONS: Final[dict[State, tuple[Milestone, ...]]] = {
    State.RESERVED: (),
    State.ASSIGNED: ORDER,
    State.ACKNOWLEDGED: ORDER[1:],
    State.EN_ROUTE: ORDER[2:],
    State.ON_SCENE: ORDER[3:],
    State.AT_PATIENT: ORDER[4:],
    State.LOADED: ORDER[5:],
    State.TO_HOSPITAL: ORDER[6:],
    State.AT_HOSPITAL: ORDER[7:],
    State.HANDED_OVER: ORDER[8:],
    State.CLEARED: (),
    State.STOOD_DOWN: (),
}
_CARRIED: Final = ORDER[ORDER.index(Milestone.LOADED) : ORDER.index(Milestone.CLEARED)]
CREW: Final = "crew"
"""The role that needs no words for its choice of a hospital: it is with the patient."""
ENDED: Final = frozenset({State.CLEARED, State.STOOD_DOWN})
STAND_DOWN_REASONS: Final = (
    "cancelled",
    "refused",
    "no_patient",
    "taken_by_other",
    "dead_on_scene",
    "diverted",
    "relieved",
    "mistake",
)
TAKEN_OVER: Final = "taken_over"
"""Why a run ended whose order the vehicle refused; no person gives it as a reason."""
STAND_DOWN_UNTIL: Final = frozenset(
    {
        State.RESERVED,
        State.ASSIGNED,
        State.ACKNOWLEDGED,
        State.EN_ROUTE,
        State.ON_SCENE,
        State.AT_PATIENT,
    }
)
"""With a patient on board the run cannot be called off any more."""


class Node(Record):
    """A time node with every word said about it."""

    milestone: Milestone
    at_ms: int
    source: Source
    actor: str
    received_ms: int
    original_ms: int | None
    """The time before a correction, else None."""
    reason: str
    supplied_late: bool


class Untreated(Record):
    """What the crew signed, and when."""

    event: NobodyTreated
    by: str
    at_ms: int


class Mission(Record):
    state: State
    incident_id: str
    incident_number: str
    unit_id: str
    call_sign: str
    level: str
    seat: str
    due_ms: int | None
    """When a reserved unit is wanted at the earliest; None for an immediate dispatch."""
    nodes: tuple[Node, ...]
    proposed: tuple[Milestone, ...]
    destination_id: str
    destination_name: str
    stand_down_reason: str
    task_text: str
    flags: tuple[str, ...]
    """Conflicts for a person to look at, for example `milestone_after_end:on_scene`."""
    assigned_ms: int | None
    since_ms: int
    ended_ms: int | None
    files: tuple[RunFileAdded, ...] = ()
    """Those that came before anybody was registered, or waited for a person's word."""
    put: dict[str, str] = field(default_factory=dict)
    """By SHA-256 of a file that waited the patient whom it was put to last."""
    devices: Monitors = Monitors()
    standby: bool = False
    callback: Callback | None = None
    """The newest of the crew's calls to the caller."""
    number_shown: bool = False
    alerted: tuple[HospitalAlerted, ...] = ()
    """The pre-alerts of this run, also those that have ended."""
    stand_down_seat: str = ""
    """Who called it off."""
    stand_down_seen_ms: int | None = None
    """When the crew said that it had read so."""
    epoch: int = 0
    node: str = ""
    """Who ordered it, with the unit's epoch then."""
    refused_by: str = ""
    """The node whose command the vehicle obeys instead."""
    scene_alarms: dict[str, SceneAlarming] = field(default_factory=dict)
    """What alarms at the scene on nobody who is registered, by `scene_alarms.name_of`."""
    lent_to: str = ""
    """The node that asked for the unit and leads the case; empty: this run's own."""
    untreated: Untreated | None = None
    """Why there was no patient; None: the crew has not said so."""
    proposals: tuple[MilestoneProposed, ...] = ()
    """Of `proposed`, those that say how sure they are: the surest of each node."""
    latest_ms: int | None = None
    """Until when a reserved unit has to be at the pick-up."""

    @property
    def command(self) -> tuple[int, str]:
        return self.epoch, self.node

    @property
    def window(self) -> Window | None:
        return None if self.due_ms is None else Window(due_ms=self.due_ms, latest_ms=self.latest_ms)

    @property
    def active(self) -> bool:
        return self.state not in ENDED and self.state is not State.RESERVED

    def find_node(self, milestone: Milestone) -> Node | None:
        return next((n for n in self.nodes if n.milestone is milestone), None)

    def find_file(self, sha256: str) -> RunFileAdded | None:
        return next((file for file in self.files if file.sha256 == sha256), None)

    def list_waiting(self) -> frozenset[str]:
        """SHA-256 of the files of which nobody has said whose they are."""
        return frozenset(one.sha256 for one in self.files if one.waiting) - self.put.keys()


def evolve(state: Mission | None, recorded: Recorded) -> Mission | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    if isinstance(event, Assigned | Reserved):
        return state or _begin(event, recorded)
    if state is None:
        return None
    match event:
        case Activated() if state.state is State.RESERVED:
            return replace(
                state,
                state=State.ASSIGNED,
                seat=recorded.seat,
                assigned_ms=at_ms,
                since_ms=at_ms,
                epoch=event.epoch,
                node=event.node,
            )
        case OrderRefused() if state.state is State.ASSIGNED:
            return replace(
                state,
                state=State.STOOD_DOWN,
                stand_down_reason=TAKEN_OVER,
                refused_by=event.node,
                since_ms=at_ms,
                ended_ms=at_ms,
            )
        case MilestoneReached():
            return _reach(state, event, recorded)
        case MilestoneProposed():
            return _propose(state, event)
        case MilestoneUndone():
            return _undo(state, event.milestone)
        case MilestoneCorrected():
            nodes = tuple(
                replace(
                    n, at_ms=event.at_ms, original_ms=n.original_ms or n.at_ms, reason=event.reason
                )
                if n.milestone is event.milestone
                else n
                for n in state.nodes
            )
            return replace(state, nodes=nodes)
        case StoodDown() if state.state not in ENDED:
            return replace(
                state,
                state=State.STOOD_DOWN,
                stand_down_reason=event.reason,
                stand_down_seat=recorded.seat,
                since_ms=at_ms,
                ended_ms=at_ms,
            )
        case StandDownSeen():
            return replace(state, stand_down_seen_ms=state.stand_down_seen_ms or at_ms)
        case NobodyTreated():
            signed = Untreated(event=event, by=recorded.actor, at_ms=at_ms)
            return replace(state, untreated=signed)
        case DestinationSet():
            return replace(
                state, destination_id=event.hospital_id, destination_name=event.hospital_name
            )
        case TaskTextSent():
            return replace(state, task_text=event.outcome)
        case CallbackAsked() | CallbackAnswered():
            return replace(state, callback=callback.evolve(state.callback, event, recorded))
        case NumberShown():
            return replace(state, number_shown=True)
        case HospitalAlerted():
            return replace(state, alerted=(*state.alerted, event))
        case RunFileAdded():
            known = state.find_file(event.sha256) is not None
            return state if known else replace(state, files=(*state.files, event))
        case RunFilePut():
            return replace(state, put=state.put | {event.sha256: event.patient_id})
        case (
            BandGiven()
            | BandTaken()
            | MonitorBound()
            | MonitorReleased()
            | MonitorTakenOff()
            | MonitorCorrected()
        ):
            alarms = state.scene_alarms
            if isinstance(event, MonitorBound | MonitorTakenOff):
                alarms = scene_alarms.after_moving(alarms, event)
            devices = monitors.evolve(state.devices, event, recorded)
            return replace(state, devices=devices, scene_alarms=alarms)
        case SceneAlarmed():
            alarms = scene_alarms.evolve(state.scene_alarms, event, at_ms)
            return replace(state, scene_alarms=alarms)
        case LeadsPlaced():
            return replace(state, devices=leads.evolve(state.devices, event, recorded))
        case _:
            return replace(state, flags=(*state.flags, f"unexpected:{event.__class__.__name__}"))


def _begin(event: Assigned | Reserved, recorded: Recorded) -> Mission:
    assigned = isinstance(event, Assigned)
    return Mission(
        state=State.ASSIGNED if assigned else State.RESERVED,
        incident_id=event.incident_id,
        incident_number=event.incident_number,
        unit_id=event.unit_id,
        call_sign=event.call_sign,
        level=event.level if isinstance(event, Assigned) else "",
        seat=recorded.seat,
        due_ms=event.due_ms if isinstance(event, Reserved) else None,
        latest_ms=event.latest_ms if isinstance(event, Reserved) else None,
        nodes=(),
        proposed=(),
        destination_id="",
        destination_name="",
        stand_down_reason="",
        task_text="",
        flags=(),
        assigned_ms=recorded.occurred_ms if assigned else None,
        since_ms=recorded.occurred_ms,
        ended_ms=None,
        standby=event.standby,
        epoch=event.epoch if isinstance(event, Assigned) else 0,
        node=event.node if isinstance(event, Assigned) else "",
        lent_to=event.lent_to if isinstance(event, Assigned) else "",
    )


def _reach(state: Mission, event: MilestoneReached, recorded: Recorded) -> Mission:
    node = Node(
        milestone=event.milestone,
        at_ms=recorded.occurred_ms,
        source=event.source,
        actor=recorded.actor,
        received_ms=recorded.received_ms,
        original_ms=None,
        reason="",
        supplied_late=event.supplied_late,
    )
    if state.find_node(event.milestone):
        # Two seats pressed the same node: the first stands, a person may correct it.
        return replace(state, flags=(*state.flags, f"milestone_twice:{event.milestone}"))
    known = replace(
        state,
        nodes=tuple(sorted((*state.nodes, node), key=lambda n: ORDER.index(n.milestone))),
        proposed=tuple(m for m in state.proposed if m is not event.milestone),
        proposals=tuple(p for p in state.proposals if p.milestone is not event.milestone),
    )
    if event.milestone in TRANSITIONS[state.state]:
        after = REACHED[event.milestone]
        return replace(
            known,
            state=after,
            since_ms=recorded.occurred_ms,
            ended_ms=recorded.occurred_ms if after in ENDED else None,
        )
    if event.supplied_late and state.state is not State.STOOD_DOWN:
        return known
    flag = (
        f"milestone_after_end:{event.milestone}"
        if state.state in ENDED
        else (f"milestone_out_of_order:{event.milestone}")
    )
    return replace(known, flags=(*state.flags, flag))


def is_news(state: Mission, proposed: MilestoneProposed) -> bool:
    """Whether the node is neither set nor was proposed as surely."""
    if state.find_node(proposed.milestone):
        return False
    if proposed.milestone not in state.proposed:
        return True
    before = next((p for p in state.proposals if p.milestone is proposed.milestone), None)
    return before is not None and _surer(proposed, before)


def _surer(one: MilestoneProposed, other: MilestoneProposed) -> bool:
    if one.confidence is None or other.confidence is None:
        return False
    order = tuple(Confidence)
    return order.index(one.confidence) < order.index(other.confidence)


def _propose(state: Mission, event: MilestoneProposed) -> Mission:
    others = tuple(p for p in state.proposals if p.milestone is not event.milestone)
    known = event.milestone in state.proposed
    return replace(
        state,
        proposed=state.proposed if known else (*state.proposed, event.milestone),
        proposals=others if event.confidence is None else (*others, event),
    )


def _undo(state: Mission, milestone: Milestone) -> Mission:
    """Only the newest node can be undone; the state falls back to the node before it."""
    if state.state is State.STOOD_DOWN:
        # A run that was called off does not come back; a new one is sent.
        return replace(state, flags=(*state.flags, f"undo_after_stand_down:{milestone}"))
    if not state.nodes or state.nodes[-1].milestone is not milestone:
        return replace(state, flags=(*state.flags, f"undo_not_newest:{milestone}"))
    nodes = state.nodes[:-1]
    return replace(
        state,
        nodes=nodes,
        state=REACHED[nodes[-1].milestone] if nodes else State.ASSIGNED,
        since_ms=nodes[-1].at_ms if nodes else (state.assigned_ms or state.since_ms),
        ended_ms=None,
    )


def claims(state: Mission) -> tuple[Claim, ...]:
    """An active mission holds its unit alone."""
    return (Claim(kind="unit", key=state.unit_id),) if state.active else ()


def next_milestone(state: Mission) -> Milestone | None:
    """What a crew does next as a rule; everything else that is allowed stays possible."""
    if state.standby and state.state is State.ON_SCENE:
        return Milestone.CLEARED
    allowed = TRANSITIONS[state.state]
    return allowed[0] if allowed else None


def may_have_brought(state: Mission) -> bool:
    """Whether its vehicle took somebody along, or was seen where it would have brought them."""
    return Milestone.AT_HOSPITAL in state.proposed or any(state.find_node(one) for one in _CARRIED)


def _is_before(state: Mission, at_ms: int) -> bool:
    """A time of the day that is yet to come is easily meant as yesterday's."""
    return state.assigned_ms is not None and at_ms < state.assigned_ms


def decide_reach(
    state: Mission | None, event: MilestoneReached, at_ms: int | None, now_ms: int
) -> MilestoneReached | Refused:
    """For the person at a screen; a vehicle's own word does not pass through here."""
    if state is None:
        return Refused(code="absent", field="mission_id")
    if at_ms is not None and at_ms > now_ms:
        return Refused(code="in_the_future", field="at_ms")
    if at_ms is not None and _is_before(state, at_ms):
        return Refused(code="before_the_run", field="at_ms")
    if state.find_node(event.milestone):
        return Refused(code="milestone_already_set", field="milestone")
    if event.supplied_late and state.state is not State.STOOD_DOWN:
        return event
    if state.state in ENDED:
        return Refused(code=f"mission_{state.state}")
    if event.milestone not in TRANSITIONS[state.state]:
        return Refused(code="milestone_out_of_order", field="milestone")
    return event


def decide_undo(
    state: Mission | None, milestone: Milestone, now_ms: int, limit_ms: int
) -> MilestoneUndone | Refused:
    if state is None:
        return Refused(code="absent", field="mission_id")
    node = state.find_node(milestone)
    if node is None:
        return Refused(code="milestone_not_set", field="milestone")
    if state.nodes[-1].milestone is not milestone:
        return Refused(code="undo_only_newest", field="milestone")
    if now_ms - node.at_ms > limit_ms:
        return Refused(code="undo_too_late", field="milestone")
    return MilestoneUndone(milestone=milestone)


def decide_correct(
    state: Mission | None, milestone: Milestone, at_ms: int, reason: str, now_ms: int
) -> MilestoneCorrected | Refused:
    if state is None:
        return Refused(code="absent", field="mission_id")
    if state.find_node(milestone) is None:
        return Refused(code="milestone_not_set", field="milestone")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    if at_ms > now_ms:
        return Refused(code="in_the_future", field="at_ms")
    if _is_before(state, at_ms):
        return Refused(code="before_the_run", field="at_ms")
    return MilestoneCorrected(milestone=milestone, at_ms=at_ms, reason=reason)


def decide_destination(
    state: Mission | None, event: DestinationSet, role: str
) -> DestinationSet | Refused:
    """Whoever chooses last is followed; what a crew out of reach chose arrives later."""
    if state is None:
        return Refused(code="absent", field="mission_id")
    if not state.active:
        return Refused(code=f"mission_{state.state}")
    if role != CREW and not event.reason:
        return Refused(code="reason_required", field="reason")
    return event


def decide_stand_down(state: Mission | None, reason: str) -> StoodDown | Refused:
    if state is None:
        return Refused(code="absent", field="mission_id")
    if reason not in STAND_DOWN_REASONS:
        return Refused(code="unknown_value", field="reason")
    if state.state in ENDED:
        return Refused(code=f"mission_{state.state}")
    if state.state not in STAND_DOWN_UNTIL:
        return Refused(code="patient_on_board")
    return StoodDown(reason=reason)


def decide_refuse(state: Mission | None, epoch: int, node: str) -> OrderRefused | None:
    """None: a crew has acknowledged it, or no higher command has been heard.

    At epoch 0 nobody has taken anything over, whatever its nodes are called.
    """
    if state is None or state.state is not State.ASSIGNED:
        return None
    if not epoch or (epoch, node) <= state.command:
        return None
    return OrderRefused(epoch=epoch, node=node)


def decide_seen(state: Mission | None) -> StandDownSeen | Refused | None:
    """None: somebody of the crew was quicker."""
    if state is None:
        return Refused(code="absent", field="mission_id")
    if state.state is not State.STOOD_DOWN:
        return Refused(code="not_called_off", field="mission_id")
    return StandDownSeen() if state.stand_down_seen_ms is None else None
