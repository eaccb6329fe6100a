"""Other nodes beside this one: what each tells of its units, and since when it is silent.

ADR 0026.

Rule 1: another node's board is a view with its age. It is shown, and nothing is decided on it but
        this: a unit whose home answers is not taken over.
Rule 2: a higher command of a unit that is enrolled here is learnt, from whoever tells it.
Rule 3: where its units are is shown beside this node's own, as old as it was when it was told.
Rule 4: with a link cut each side goes on with its own units, and its screens say so.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.ports import Clock
from goldenhour.domain import commands as c
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import system_stamp
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.rows import Row, UnitRow

SILENT_MS: Final = 10 * SECOND_MS
"""As for a fallback seat: a process that died is back before."""


class Peer(Record):
    """Another node, as this one reaches it: an entry of the file of peers."""

    node: str
    url: str
    key: str
    ca: str = ""
    """PEM of the authority that signed its certificate; empty: this node's own."""


class PeerUnit(Record):
    """No names, no case, no patient: what another centre needs to ask for a unit."""

    unit_id: str
    call_sign: str
    station_name: str
    unit_kind: str
    state: str
    since_ms: int
    home: str
    epoch: int
    fix: Fix | None


class NodeBoard(Record):
    node: str
    at_ms: int
    units: tuple[PeerUnit, ...]
    """Those that this node assigns, and those of another's whose command was ever raised."""


class PeerStatus(Record):
    node: str
    connected: bool
    last_contact_ms: int | None
    """By this node's clock; None: not since the start."""
    units: tuple[PeerUnit, ...]
    """As they were then; of its own alone."""
    refused: int = 0
    """Streams that it told, that this node could not keep, and that nobody has dismissed."""


def board_of(node: str, rows: Iterable[Row], fixes: Mapping[str, Fix], now_ms: int) -> NodeBoard:
    units = (
        PeerUnit(
            unit_id=row.id,
            call_sign=row.call_sign,
            station_name=row.station_name,
            unit_kind=row.unit_kind,
            state=row.state,
            since_ms=row.since_ms,
            home=row.home or node,
            epoch=row.epoch,
            fix=None if row.away else fixes.get(row.id),
        )
        for row in rows
        if isinstance(row, UnitRow) and (not row.away or row.epoch)
    )
    by_name = sorted(units, key=lambda one: (one.call_sign, one.unit_id))
    return NodeBoard(node=node, at_ms=now_ms, units=tuple(by_name))


class Peers:
    def __init__(
        self, nodes: Iterable[str], world: World, clock: Clock, show: Callable[[Fix], object]
    ) -> None:
        """`show`: a position on this node's screens."""
        self._world = world
        self._show = show
        self._clock = clock
        self._boards: dict[str, tuple[int, NodeBoard] | None] = dict.fromkeys(nodes)
        self._told: dict[str, Fix] = {}
        """The newest of each unit, as its home told it."""
        self._learnt: set[tuple[str, str, int]] = set()

    async def take(self, board: NodeBoard) -> None:
        self._boards[board.node] = (self._clock.now_ms(), board)
        for unit in board.units:
            if unit.home == board.node and unit.fix is not None:
                self._tell(unit.fix, board.at_ms)
            if unit.epoch:
                await self._learn(board.node, unit)

    def _tell(self, fix: Fix, at_ms: int) -> None:
        """Each once: the age by two clocks is never quite the same."""
        if self._told.get(fix.unit_id) == fix:
            return
        self._told[fix.unit_id] = fix
        age_ms = max(0, at_ms - fix.received_ms)
        self._show(replace(fix, received_ms=self._clock.now_ms() - age_ms))

    def list_status(self) -> list[PeerStatus]:
        now_ms = self._clock.now_ms()
        return [
            PeerStatus(
                node=node,
                connected=heard is not None and now_ms - heard[0] < SILENT_MS,
                last_contact_ms=heard[0] if heard else None,
                units=tuple(one for one in heard[1].units if one.home == node) if heard else (),
            )
            for node, heard in sorted(self._boards.items())
        ]

    def now_at(self, node: str) -> int:
        """What time it is there, as its last board told; this node's own time before that."""
        now_ms, heard = self._clock.now_ms(), self._boards.get(node)
        return now_ms if heard is None else now_ms - heard[0] + heard[1].at_ms

    def refuse(self, command: c.Command) -> Refused | None:
        """What is not done while its home answers."""
        if not isinstance(command, c.TakeUnitOver):
            return None
        for peer in self.list_status():
            if peer.connected and any(one.unit_id == command.unit_id for one in peer.units):
                return Refused(code="home_answers", field="unit_id", detail=peer.node)
        return None

    async def _learn(self, node: str, unit: PeerUnit) -> None:
        told = (unit.unit_id, unit.home, unit.epoch)
        if told in self._learnt:
            return
        stamp = system_stamp(
            f"peer:{node}:{unit.unit_id}:{unit.home}", unit.epoch, self._clock.now_ms()
        )
        command = c.LearnHome(unit_id=unit.unit_id, node=unit.home, epoch=unit.epoch)
        outcome = await handle(command, stamp, SYSTEM, self._world)
        # Refused while the unit is on a run of this node, and nothing while it is not enrolled:
        # the next board says it again.
        if isinstance(outcome, Outcome) and outcome.versions:
            self._learnt.add(told)
