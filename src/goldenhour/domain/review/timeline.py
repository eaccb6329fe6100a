"""The time nodes of a case, as the field numbers them, with everything said about each.

Rule 1: a case is the incident with everything linked to it, composed for reading.
Rule 2: a node shows the time that counts now; a corrected one keeps its first time and the reason.
Rule 3: several calls of one case: it began when the first of them rang and was answered when the
        first of them was. Nodes of the vehicles stand once a run.
Rule 4: an interval that would be negative is an error in the data, not a number.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from goldenhour.domain.dispatch.events import Activated, Assigned, Milestone, Source
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.events import PreAlertAcknowledged, Signed
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.events import (
    CallAnswered,
    CallRang,
    CallRungBack,
    Determined,
    InstructionGiven,
    LevelOverridden,
    LocationSet,
)
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import SECOND_MS

LOADED: Final = "loaded"
"""病人上车 has no number of its own among the master stamps."""
CODES: Final = (
    "T1", "T2", "T3", "T4", "T5", "T5a", "T6", "T7", "T8", "T9", "T10",
    LOADED, "T12", "T13", "T14", "T15", "T16",
)  # fmt: skip
"""In their usual order. T11 and T20 on belong to devices and hospitals not yet connected."""
_OF_MILESTONE: Final = {
    Milestone.ACKNOWLEDGED: "T7",
    Milestone.DEPARTED: "T8",
    Milestone.ON_SCENE: "T9",
    Milestone.AT_PATIENT: "T10",
    Milestone.LOADED: LOADED,
    Milestone.LEFT_SCENE: "T12",
    Milestone.AT_HOSPITAL: "T14",
    Milestone.HANDED_OVER: "T15",
    Milestone.CLEARED: "T16",
}
_SOURCES: Final = {
    "dispatcher": "dispatcher",
    "supervisor": "dispatcher",
    "station": "station",
    "crew": "crew",
    "hospital": "hospital",
}
"""Who set a node, by the role of whoever said it; everything else is the system."""


class CaseFile(Record):
    incident_id: str
    incident: Incident
    calls: tuple[Call, ...]
    missions: dict[str, Mission]
    """By id, oldest first."""
    handovers: tuple[Handover, ...]
    recorded: tuple[Recorded, ...]
    """Every event of its streams, in the order of recording."""


class Node(Record):
    code: str
    call_sign: str
    """Whose run it belongs to; empty for a node of the whole case."""
    at_ms: int
    received_ms: int
    """When the centre had it; later than `at_ms` when a vehicle had been out of reach."""
    source: str
    actor: str
    original_ms: int | None
    """The time before a correction, else None."""
    reason: str
    estimated: bool
    """True for a node entered afterwards: then the time is a person's word."""


class Interval(Record):
    code: str
    call_sign: str
    seconds: int | None
    """None: the nodes contradict each other, see `problem`."""
    target_s: int | None
    problem: str


class Span(Protocol):
    """Of an indicator, what an interval needs (the double in tests is a plain class)."""

    @property
    def code(self) -> str: ...
    @property
    def start(self) -> str: ...
    @property
    def end(self) -> str: ...
    @property
    def target_s(self) -> int | None: ...


def nodes(case: CaseFile) -> tuple[Node, ...]:
    """By time; nodes of one moment in their usual order."""
    found = [*_case_nodes(case)]
    for mission_id, mission in case.missions.items():
        found.extend(run_nodes(case, mission_id, mission))
    return tuple(sorted(found, key=lambda n: (n.at_ms, CODES.index(n.code), n.call_sign)))


def intervals(case: CaseFile, spans: Iterable[Span]) -> tuple[Interval, ...]:
    """Each pair of nodes once, however many indicators use it; an open interval is left out."""
    before = {n.code: n.at_ms for n in _case_nodes(case)}
    runs = [
        (m.call_sign, {n.code: n.at_ms for n in run_nodes(case, ident, m)})
        for ident, m in case.missions.items()
    ]
    found: dict[tuple[str, str, str], Interval] = {}
    for span in spans:
        whole_case = span.start in before and span.end in before
        for call_sign, stamps in [("", {})] if whole_case else runs:
            known = before | stamps
            if span.start not in known or span.end not in known:
                continue
            seconds = seconds_begun(known[span.start], known[span.end])
            interval = Interval(
                code=span.code,
                call_sign=call_sign,
                seconds=seconds if seconds >= 0 else None,
                target_s=span.target_s,
                problem="" if seconds >= 0 else "data_error",
            )
            found.setdefault((span.start, span.end, call_sign), interval)
    return tuple(found.values())


def seconds_begun(start_ms: int, end_ms: int) -> int:
    """Whole seconds, the last one counted once it has begun: 10.2 s is not within 10 s."""
    return -((start_ms - end_ms) // SECOND_MS)


def _case_nodes(case: CaseFile) -> Iterator[Node]:
    state = case.incident
    given = state.instructions
    answered = [c.answered_ms for c in case.calls if c.answered_ms is not None]
    first: Sequence[tuple[str, int | None, tuple[type, ...]]] = (
        ("T1", min((c.rang_ms for c in case.calls), default=None), (CallRang,)),
        ("T2", min(answered, default=None), (CallAnswered, CallRungBack)),
        ("T3", state.located_ms, (LocationSet,)),
        ("T4", state.levelled_ms, (Determined, LevelOverridden)),
        ("T5", min((i.at_ms for i in given), default=None), (InstructionGiven,)),
        (
            "T5a",
            min((i.at_ms for i in given if i.step == "first_compression"), default=None),
            (InstructionGiven,),
        ),
    )
    for code, at_ms, kinds in first:
        if at_ms is not None:
            yield _plain(code, "", at_ms, _said(case, "", kinds, at_ms))


def run_nodes(case: CaseFile, mission_id: str, mission: Mission) -> Iterator[Node]:
    """The nodes of one run: those of its vehicle, and those of its pre-alert and hand-over."""
    name = mission.call_sign
    if mission.assigned_ms is not None:
        stream = f"mission:{mission_id}"
        said = _said(case, stream, (Assigned, Activated), mission.assigned_ms)
        yield _plain("T6", name, mission.assigned_ms, said)
    for node in mission.nodes:
        yield Node(
            code=_OF_MILESTONE[node.milestone],
            call_sign=name,
            at_ms=node.at_ms,
            received_ms=node.received_ms,
            source=node.source,
            actor=node.actor,
            original_ms=node.original_ms,
            reason=node.reason,
            estimated=node.supplied_late,
        )
    own = [h for h in case.handovers if h.mission_id == mission_id]
    accepted = [h.acknowledged_ms for h in own if h.acknowledged_ms is not None]
    if accepted:
        said = _said(case, "", (PreAlertAcknowledged,), min(accepted))
        yield _plain("T13", name, min(accepted), said)
    signed = [h.ended_ms for h in own if len(h.signatures) > 1 and h.ended_ms is not None]
    if signed and not mission.find_node(Milestone.HANDED_OVER):
        yield _plain("T15", name, max(signed), _said(case, "", (Signed,), max(signed)))


def _said(case: CaseFile, stream: str, kinds: tuple[type, ...], at_ms: int) -> Recorded | None:
    return next(
        (
            r
            for r in case.recorded
            if isinstance(r.event, kinds)
            and r.occurred_ms == at_ms
            and (not stream or r.stream == stream)
        ),
        None,
    )


def _plain(code: str, call_sign: str, at_ms: int, said: Recorded | None) -> Node:
    """A node that a fold keeps as a time only; who said it stands in the event."""
    source = _SOURCES.get(said.role, Source.SYSTEM) if said else Source.SYSTEM
    return Node(
        code=code,
        call_sign=call_sign,
        at_ms=at_ms,
        received_ms=said.received_ms if said else at_ms,
        source=source,
        actor=said.actor if said else "",
        original_ms=None,
        reason="",
        estimated=False,
    )
