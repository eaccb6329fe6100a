"""One stream of a segment store: its segments, the open file, and which packets are on the disk."""

import os
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from goldenhour.adapters.ecg.index import index_of, write_index
from goldenhour.adapters.ecg.lateness import Lateness
from goldenhour.app.at_rest import AtRest
from goldenhour.kernel.telemetry import SampleClock, Strip

_UNTIMED: Final = 100
"""Packets; a stream says its time every two seconds."""


class KeptStream:
    """What is known of one stream's files."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []
        """Sequences that are here: ordered, disjoint, never touching."""
        self.segments: list[tuple[Path, int, int]] = []
        """File, least and greatest sequence."""
        self.open: BinaryIO | None = None
        self.durable = 0
        """Of the open file, the bytes that are on the disk."""
        self.unsynced: set[int] = set()
        """Sequences of the write that is under way."""
        self.open_sequences: list[int] = []
        """What the open file holds."""
        self.open_clock: SampleClock | None = None
        """The earliest that it says."""
        self.clock: SampleClock | None = None
        self.untimed: deque[Strip] = deque(maxlen=_UNTIMED)
        """Came before a key packet, which alone says the time."""
        self.lateness = Lateness()
        self.behind_ms = 0

    def hear(self, clock: SampleClock | None) -> None:
        """As a record of it counts: from the first sample of which the source said the time."""
        self.clock = earlier(self.clock, clock)

    def wrote(self, strip: Strip) -> None:
        self.open_sequences.append(strip.sequence)
        self.open_clock = earlier(self.open_clock, strip.clock)

    def sync(self) -> None:
        if self.open is not None:
            self.open.flush()
            os.fsync(self.open.fileno())
            self.durable = self.open.tell()

    def undo(self) -> None:
        """After a failed write: what may not be on the disk is not there, though it can be read.

        Nothing is read again for it: on a full disk every packet fails, five a second.
        """
        for sequence in self.unsynced:
            self.drop(sequence)
        self.unsynced.clear()
        if self.open is None:
            return
        self.let_go()
        path = self.segments[-1][0]
        with suppress(OSError):
            if self.durable:
                os.truncate(path, self.durable)
            else:
                path.unlink()
                self.segments.pop()

    def let_go(self) -> None:
        """Nothing is written behind this any more."""
        if self.open is not None:
            with suppress(OSError):
                self.open.close()
            self.open = None

    def shut(self, at_rest: AtRest) -> None:
        """What was written lately is on the disk then, too."""
        if self.open is not None:
            with self.open:
                try:
                    self.sync()
                finally:
                    self.open = None
            path = self.segments[-1][0]
            with suppress(OSError):  # a full disk, or it was erased meanwhile: it will be read
                index = index_of(path, self.open_sequences, self.open_clock)
                write_index(path, index, at_rest)

    def has(self, sequence: int) -> bool:
        return any(first <= sequence < end for first, end in self.ranges)

    def drop(self, sequence: int) -> None:
        self.ranges = [
            part
            for first, end in self.ranges
            for part in ((first, min(sequence, end)), (max(sequence + 1, first), end))
            if part[0] < part[1]
        ]

    def add(self, first: int, end: int) -> None:
        joined: list[tuple[int, int]] = []
        for low, high in sorted([*self.ranges, (first, end)]):
            if joined and joined[-1][1] >= low:
                joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
            else:
                joined.append((low, high))
        self.ranges = joined


def earlier(one: SampleClock | None, other: SampleClock | None) -> SampleClock | None:
    if one is None or other is None:
        return one or other
    return other if other.first < one.first else one
