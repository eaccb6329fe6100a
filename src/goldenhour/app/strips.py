"""Live ECG on its way to the screens: the newest packets of every vehicle, as they came.

Rule 1: packets are passed on and never decoded; what was late is passed on late, and the screen
        puts it in its place.
Rule 2: a follower that is too slow skips to the oldest packet that is kept; what it skipped is a
        gap on its screen until it connects again. Nobody waits for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Strip

KEPT: Final = 600
"""Packets of one vehicle: two minutes of five a second."""


Worn = Callable[[str], Sequence[tuple[int, int]]]
"""The stretches of time, by our clock, in which a device was on whoever is asked for."""


Placed = Callable[[str], Sequence[tuple[int, Mapping[str, str]]]]
"""Of a device, from when by our clock which declared lead is which other, in the order of time."""


def names_at(placed: Placed, device_id: str, at_ms: int) -> Mapping[str, str]:
    """Empty: the leads are those that the device declares."""
    said = [names for from_ms, names in placed(device_id) if from_ms <= at_ms]
    return said[-1] if said else {}


class StreamState(Record, omit_defaults=True):
    """How far a vehicle holds one stream."""

    epoch: int
    through: int
    """All packets below exist there."""
    behind_ms: int = 0
    """How far the source's clock is behind the vehicle's (ahead: less than 0); 0 where it is near,
    and then not told: a centre of before knows no such field."""


class Missing(Record):
    """What the centre lacks of one stream: [first, end) of sequences, the newest first."""

    epoch: int
    ranges: tuple[tuple[int, int], ...]


class StripStore(Protocol):
    """Where packets are kept for good: adapters/ecg. Test double: none, a folder is quick."""

    async def append(self, strips: Sequence[Strip]) -> list[Strip]:
        """Durable when it returns; only what was new."""
        ...

    async def missing(self, unit_id: str, stream: StreamState) -> Missing: ...


class _Recent:
    def __init__(self) -> None:
        self.strips: deque[Strip] = deque(maxlen=KEPT)
        self.taken = 0
        self.changed = asyncio.Event()


class StripHub:
    def __init__(self) -> None:
        self._units: dict[str, _Recent] = {}

    def take(self, strip: Strip) -> None:
        """Hand one packet to whoever follows its vehicle; returns at once."""
        recent = self._units.setdefault(strip.unit_id, _Recent())
        recent.strips.append(strip)
        recent.taken += 1
        recent.changed.set()
        recent.changed = asyncio.Event()

    async def next(self, unit_id: str, position: int) -> tuple[list[Strip], int]:
        """Packets after a position and the next position; waits until there is one."""
        recent = self._units.setdefault(unit_id, _Recent())
        while recent.taken <= position:
            await recent.changed.wait()
        skipped = max(len(recent.strips) - (recent.taken - position), 0)
        return list(islice(recent.strips, skipped, None)), recent.taken
