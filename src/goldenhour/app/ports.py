"""The outside world, as the application needs it: narrow Protocols, one per capability."""

from collections.abc import Sequence
from typing import Protocol

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
