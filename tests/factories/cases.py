"""Finished and unfinished cases from seconds after the first ring, for tests of looking back."""

from typing import Any

from factories.advice import run
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import Mission, Node, State
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.handover.prealert import State as HandoverState
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.events import Disposition
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.review.timeline import CaseFile
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.personal import Clear

ZERO_MS = 1_795_300_000_000
"""10:00:00 of the vectors."""


def ms(seconds: float) -> int:
    return ZERO_MS + round(seconds * 1000)


def call_at(
    rang: float,
    answered: float | None = None,
    abandoned: float | None = None,
    *,
    ended: float | None = None,
    disposition: Disposition | None = Disposition.INCIDENT,
    ring_backs: int = 0,
) -> Call:
    """Ended with a disposition unless `ended` is None."""
    if ended is not None:
        state = call.State.ENDED
    elif answered is not None:
        state = call.State.ANSWERED
    else:
        state = call.State.RINGING if abandoned is None else call.State.ABANDONED
    return Call(
        state=state,
        number=Clear(text="13900001111"),
        line="typed",
        location=None,
        fields={},
        owner="03",
        incident_id="",
        disposition=disposition if ended is not None else None,
        rang_ms=ms(rang),
        answered_ms=None if answered is None else ms(answered),
        abandoned_ms=None if abandoned is None else ms(abandoned),
        ended_ms=None if ended is None else ms(ended),
        ring_backs=ring_backs,
    )


def node(milestone: Milestone, at: float, **changes: Any) -> Node:
    given: dict[str, Any] = {
        "at_ms": ms(at),
        "source": Source.CREW,
        "actor": "crew-1",
        "received_ms": ms(at),
        "original_ms": None,
        "reason": "",
        "supplied_late": False,
    }
    return Node(milestone=milestone, **(given | changes))


def run_at(assigned: float | None, *nodes: Node, **changes: Any) -> Mission:
    """A cleared run; `ended` in seconds, None for one that goes on."""
    ended = changes.pop("ended", 9000)
    state = changes.pop("state", State.ASSIGNED if ended is None else State.CLEARED)
    return run(
        state,
        *nodes,
        assigned_ms=None if assigned is None else ms(assigned),
        ended_ms=None if ended is None else ms(ended),
        **changes,
    )


def told_at(sent: float, mission_id: str = "m1", **changes: Any) -> Handover:
    given: dict[str, Any] = {
        "state": HandoverState.SENT,
        "incident_id": "i1",
        "incident_number": "20261121-0001",
        "mission_id": mission_id,
        "patient_id": "p1",
        "unit_id": "u1",
        "call_sign": "A-01",
        "hospital_id": "h1",
        "tier": Tier.ALERT,
        "needs": (),
        "eta_s": None,
        "summary": None,
        "acknowledged_name": "",
        "bay": "",
        "acknowledged_ms": None,
        "reason": "",
        "signatures": {},
        "sent_ms": ms(sent),
        "ended_ms": None,
    }
    return Handover(**(given | changes))


def case_of(
    calls: tuple[Call, ...],
    *runs: Mission,
    handovers: tuple[Handover, ...] = (),
    level: DispatchLevel = DispatchLevel.R1,
    **changes: Any,
) -> CaseFile:
    """A closed case; its runs are m1, m2 ..."""
    given: dict[str, Any] = {
        "state": incident.State.CLOSED,
        "number": "20261121-0001",
        "calls": tuple(f"c{n}" for n in range(len(calls))),
        "location": None,
        "location_source": None,
        "accuracy_m": 0,
        "topic": "",
        "answers": {},
        "determined": None,
        "override": level,
        "override_reason": "",
        "instructions": (),
        "missions": (),
        "seat": "03",
        "opened_ms": ms(20),
        "dispatched_ms": None,
        "located_ms": None,
        "levelled_ms": None,
        "closed_ms": None,
        "close_reason": "",
    }
    return CaseFile(
        incident_id="i1",
        incident=Incident(**(given | changes)),
        calls=calls,
        missions={f"m{n}": m for n, m in enumerate(runs, 1)},
        handovers=handovers,
        recorded=(),
    )
