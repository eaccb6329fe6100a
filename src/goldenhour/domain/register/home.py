"""Which node alone may assign a unit: named, taken over, given, learnt (ADR 0026).

Rule 1: nothing here lowers a unit's command, (epoch, node). What another node or the vehicle tells
        of a higher one is learnt and not argued with.
Rule 2: `own` is this node's name; without one it is the only node, and every unit is its own.
"""

from goldenhour.domain.register.events import UnitHomed
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.outcome import Refused


def refuse_away(state: Unit) -> Refused | None:
    """Another node's is asked for, never assigned."""
    if not state.held:
        return None
    return Refused(code="unit_of_other_node", field="unit_id", detail=state.home)


def decide_name(state: Unit | None, unit_id: str, node: str, own: str) -> UnitHomed | Refused:
    """At enrolment: the unit is another node's and has always been."""
    if refused := _refuse_node(state, node, own):
        return refused
    if state is None or state.home:
        return Refused(code="home_is_named", field="node", detail=state.home if state else "")
    return UnitHomed(unit_id=unit_id, node=node, epoch=state.epoch, here=False, reason="")


def decide_take(state: Unit | None, unit_id: str, reason: str, own: str) -> UnitHomed | Refused:
    """Its home is dead: a named person answers for that."""
    if state is None:
        return Refused(code="absent", field="unit_id")
    if not own:
        return Refused(code="node_unnamed")
    if not state.held:
        return Refused(code="already_home", field="unit_id")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    epoch, said = state.epoch + 1, reason.strip()
    return UnitHomed(unit_id=unit_id, node=own, epoch=epoch, here=True, reason=said)


def decide_give(
    state: Unit | None, unit_id: str, node: str, reason: str, own: str
) -> UnitHomed | Refused:
    """While it is on a run the store refuses, for the run holds its claim."""
    if refused := _refuse_node(state, node, own):
        return refused
    if state is None or state.held:
        return Refused(code="unit_of_other_node", field="unit_id")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    epoch, said = state.epoch + 1, reason.strip()
    return UnitHomed(unit_id=unit_id, node=node, epoch=epoch, here=False, reason=said)


def decide_learn(
    state: Unit | None, unit_id: str, node: str, epoch: int, own: str
) -> UnitHomed | None:
    """None: nothing new, or nothing that this node knows of."""
    if state is None or (epoch, node) <= state.command:
        return None
    return UnitHomed(unit_id=unit_id, node=node, epoch=epoch, here=node == own, reason="")


def _refuse_node(state: Unit | None, node: str, own: str) -> Refused | None:
    if state is None:
        return Refused(code="absent", field="unit_id")
    if not own:
        return Refused(code="node_unnamed")
    if not node.strip():
        return Refused(code="node_required", field="node")
    return Refused(code="already_home", field="node") if node == own else None
