"""The outside world, as the application needs it: narrow Protocols, one per capability."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol

from goldenhour.domain.review.track import MatchedWay
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet


class Clock(Protocol):
    def now_ms(self) -> int: ...


class TerminalClock(StrEnum):
    """Which local time a terminal writes, whatever its standard says."""

    CHINA = "china"
    """GMT+8, as JT/T 808 says."""
    UTC = "utc"


class TerminalLength(StrEnum):
    """Which length of a terminal's messages is right."""

    STATED = "stated"
    """The one in the header, as JT/T 808 says; a frame of another length is refused."""
    COUNTED = "counted"
    """That of the frame, which its checksum vouches for: the header's is wrong."""


class TerminalReads(StrEnum):
    """How a driver says that a text was read."""

    NO = "no"
    """Not at all: JT/T 808-2019 has no way."""
    QUESTION = "question"
    """By the answer to a question, 0x8302 and 0x0302 of 2013."""


class TerminalProfile(Record):
    """How a terminal departs from its standard; stated by whoever registers it, never guessed."""

    datum: Datum = Datum.WGS84
    clock: TerminalClock = TerminalClock.CHINA
    length: TerminalLength = TerminalLength.STATED
    reads: TerminalReads = TerminalReads.NO


class Terminal(Record):
    """A vehicle terminal that may connect."""

    phone: str
    """The terminal's number as digits, left zeros stripped."""
    unit_id: str
    key: str
    """The authentication code given at registration."""
    enabled: bool
    profile: TerminalProfile = TerminalProfile()


class TerminalDirectory(Protocol):
    async def find_terminal(self, phone: str) -> Terminal | None: ...
    async def note_key_given(self, phone: str, now_ms: int) -> bool:
        """False: it had been given already, perhaps a moment ago."""


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


OFF_ROAD: Final = ((-1, 0.0), (-1, 0.0))


class Spot(Record):
    """A place with what the road graph knows of it; found once, then asked about often."""

    point: Point
    sides: tuple[tuple[int, float], tuple[int, float]]
    """Arc and fraction of its length for each way that one may drive; arc -1 is no way."""


class Stretch(Record):
    """A line along a road on which less than the usual speed is left."""

    line: tuple[Point, ...]
    both_ways: bool
    share: float
    """0: nobody drives through."""


class RoadLines(Protocol):
    def find_line(self, points: Sequence[Point]) -> tuple[Point, ...] | None:
        """Along the roads from crossing to crossing, through these points in their order.

        None: no road leads so, or the points lie on none.
        """


class WayMatching(Protocol):
    """The streets that a vehicle drove along; computed in memory, no third party is asked."""

    def match(self, fixes: Sequence[Fix], gap_ms: int) -> MatchedWay:
        """`fixes` by device time. Slow on a long track: not for the event loop."""
