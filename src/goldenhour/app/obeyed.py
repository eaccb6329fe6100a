"""Whose orders a vehicle obeys, by what each of its stores has heard (ADR 0026).

Rule 1: a vehicle that several nodes may command keeps a store for each. The highest command that
        any of them has heard, in the register or in an order, is obeyed.
Rule 2: at epoch 0 nobody has taken it over: it is its first node's.
Rule 3: a lower order that no crew has acknowledged is refused in the run's own stream, which tells
        the node that gave it.
"""

from collections.abc import Sequence

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.commands import RefuseOrder
from goldenhour.domain.dispatch.mission import Mission, decide_refuse
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.recorded import Stamp
from goldenhour.views.fold import Folded

UnitCommand = tuple[int, str]
"""(epoch, node), compared in this order."""


def highest(unit_id: str, views: Sequence[Folded]) -> UnitCommand:
    heard: list[UnitCommand] = [(0, "")]
    for view in views:
        unit = view.states.get(f"unit:{unit_id}")
        if isinstance(unit, Unit):
            heard.append(unit.command)
        heard += [run.command for _ident, run in _runs(unit_id, view)]
    return max(heard)


def choose(command: UnitCommand, nodes: Sequence[str]) -> int:
    """Which of these nodes' stores the crew works on; the first is the one it began with."""
    epoch, node = command
    return nodes.index(node) if epoch and node in nodes else 0


def list_refused(unit_id: str, views: Sequence[Folded]) -> tuple[str, ...]:
    """The numbers of the cases whose orders this vehicle has refused."""
    runs = (run for view in views for _ident, run in _runs(unit_id, view))
    return tuple(sorted({run.incident_number for run in runs if run.refused_by}))


async def refuse_lower(
    unit_id: str, view: Folded, command: UnitCommand, world: World, now_ms: int
) -> None:
    """Said once for each order, however often it is looked at."""
    epoch, node = command
    for ident, run in _runs(unit_id, view):
        if decide_refuse(run, epoch, node) is None:
            continue
        stamp = Stamp(
            actor=unit_id,
            seat=unit_id,
            role="vehicle",
            org=f"unit:{unit_id}",
            installation=f"command:{ident}",
            sequence=epoch,
            now_ms=now_ms,
        )
        await handle(RefuseOrder(mission_id=ident, epoch=epoch, node=node), stamp, SYSTEM, world)


def _runs(unit_id: str, view: Folded) -> list[tuple[str, Mission]]:
    return [
        (stream.partition(":")[2], state)
        for stream, state in view.states.items()
        if isinstance(state, Mission) and state.unit_id == unit_id
    ]
