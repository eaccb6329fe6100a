"""Which node records what a screen shows of a case (ADR 0026)."""

from goldenhour.domain.case import Facts, State
from goldenhour.domain.case.loading import node_org
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.incident import Incident
from goldenhour.views.fold import Folded


def other_node(state: State | None, facts: Facts) -> str:
    """That records the case, where this one does not. A vehicle's computer has no node's name."""
    if not isinstance(state, Incident) or not facts.node or state.home == facts.node:
        return ""
    return state.home


def is_shown(stream: str, state: Incident, view: Folded, facts: Facts) -> bool:
    """Another node's case: while this one has a part in it, or is asked to take it."""
    home = other_node(state, facts)
    if not home or facts.node in state.nodes:
        return True
    if state.offer is not None and state.offer.org == node_org(facts.node):
        return True
    runs = (view.states.get(f"mission:{ident}") for ident in view.linked(stream, "mission"))
    return any(isinstance(run, Mission) and run.node == facts.node for run in runs)


def rang_at(state: Call, found: State | None, facts: Facts) -> str:
    """The other node at whose desk the caller is: a call does not go with a handed-over case."""
    if isinstance(found, Incident) and found.nodes and state.rang_ms <= (found.taken_ms or 0):
        return found.nodes[0] if facts.node not in ("", found.nodes[0]) else ""
    return other_node(found, facts)
