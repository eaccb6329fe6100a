"""The outside world, as the application needs it: narrow Protocols, one per capability."""

from collections.abc import Sequence
from typing import Protocol

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet


class Clock(Protocol):
    def now_ms(self) -> int: ...


class Terminal(Record):
    """A vehicle terminal that may connect."""

    phone: str
    """The terminal's number as digits, left zeros stripped."""
    unit_id: str
    key: str
    """The authentication code given at registration."""
    enabled: bool


class TerminalDirectory(Protocol):
    async def find_terminal(self, phone: str) -> Terminal | None: ...


class TelemetryStore(Protocol):
    """Append stores of positions and numerics; what they hold is durable when a call returns."""

    async def append_fixes(self, fixes: Sequence[Fix]) -> None: ...

    async def append_numerics(self, sets: Sequence[NumericSet]) -> None: ...


class Bus(Protocol):
    """Live telemetry between processes of one node: best effort, newest wins, never the record."""

    async def publish(self, topic: str, payload: bytes) -> None: ...


class Place(Record):
    """Where a vehicle is, and where it is heading while it moves."""

    point: Point
    heading_deg: float | None = None
    speed_kmh: float | None = None


class Leg(Record):
    seconds: float | None
    """None: nothing could be said, not even by the straight line."""
    estimated: bool
    """True where no road time was known and the straight line stood in."""


class Travel(Record):
    legs: tuple[Leg, ...]
    """One for each place asked, in the order asked."""
    metric_version: int
    """Of the speeds that the answer rests on; 0 without a road graph."""


class TravelTimes(Protocol):
    """Road travel times; computed in memory, no third party is asked."""

    def times_to(self, target: Point, sources: Sequence[Place]) -> Travel: ...

    def times_from(self, source: Place, targets: Sequence[Point]) -> Travel: ...
