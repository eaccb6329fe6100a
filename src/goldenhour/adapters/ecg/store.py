"""Packets of ECG in append-only segment files, one folder a vehicle and stream.

    UNIT/EPOCH/FIRST_SEQUENCE.seg: length, u16 | packet, sealed in a vehicle | length | packet ...

Rule 1: `append` returns after fsync. While one fsync runs, what arrives waits for the next, so that
        many streams share the disk's time.
Rule 2: a closed segment never changes; one is closed after five minutes of packets, and when its
        vehicle begins a segment of a later stream: a source that starts again leaves no file open.
        What comes late for an earlier stream begins a new segment. What a closed one holds stands
        beside it (`index.py`).
Rule 3: a torn last packet after a power cut is cut off; it was never acknowledged.
Rule 4: a packet that is here already is not written again.
Rule 5: a vehicle marks the stream that the centre has whole (`.carried`): it is told no more, so
        that however many began while the link was down all get their turn, and is let go some
        days later.
Rule 6: how far a source's clock is behind is known where the source is (`lateness.py`). A centre is
        told it, and measures nothing itself: there a line may have been down all the time.
"""

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from msgspec.structs import replace

from goldenhour.adapters.ecg.index import SegmentIndex, find_index, index_of, write_index
from goldenhour.adapters.ecg.lateness import Lateness
from goldenhour.adapters.ecg.packets import strip_of
from goldenhour.adapters.ecg.stream import KeptStream, earlier
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.strips import Missing, StreamState
from goldenhour.kernel.telemetry import Strip
from goldenhour.wire.ecg_stream import BadPacketError, wrap

SEGMENT_PACKETS: Final = 1500
MAX_ASKED: Final = 500
"""Packets that are asked for at once."""
STREAMS_TOLD: Final = 8
"""A vehicle speaks of so many streams at once: the newest, and the oldest that are not carried."""
_CARRIED: Final = ".carried"
_CLOCK: Final = ".clock"
"""How far the source's clock is behind ours, in milliseconds, as text."""
_LENGTH_BYTES: Final = 2

_log = structlog.get_logger(__name__)
Key = tuple[str, int]


class SegmentStore:
    """An `app.strips.StripStore` on a folder."""

    def __init__(
        self, folder: Path, at_rest: AtRest = PLAIN, *, clock_off_ms: int | None = None
    ) -> None:
        """`clock_off_ms`: a source's clock that is off by more is corrected; None: as told."""
        self._folder = folder
        self._at_rest = at_rest
        self._clock_off_ms = clock_off_ms
        self._streams: dict[Key, KeptStream] = {}
        self._answered: set[Key] = set()
        """Streams that the centre has as far as they are here, though not from end to end."""
        self._waiting: list[tuple[KeptStream, Strip]] = []
        self._this_write: asyncio.Future[None] | None = None
        self._next_write: asyncio.Future[None] | None = None
        self._writing: asyncio.Task[None] | None = None

    async def append(self, strips: Sequence[Strip]) -> list[Strip]:
        fresh = []
        for strip in strips:
            stream = self._stream(strip.unit_id, strip.epoch)
            stream.hear(strip.clock)
            if self._clock_off_ms is not None and strip.clock is not None:
                self._compare(stream, strip, self._clock_off_ms)
            if not stream.has(strip.sequence):
                stream.add(strip.sequence, strip.sequence + 1)
                self._waiting.append((stream, strip))
                fresh.append(strip)
        if fresh:
            if self._next_write is None:
                self._next_write = asyncio.get_running_loop().create_future()
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write_waiting())
        # What is here already may be on its way to the disk still.
        known = len(fresh) < len(strips)
        for write in (self._this_write if known else None, self._next_write):
            if write is not None:
                await asyncio.shield(write)
        return fresh

    def timed(self, strip: Strip) -> list[Strip]:
        """With its time by our clock, once its stream has said one, and what waited for that."""
        stream = self._stream(strip.unit_id, strip.epoch)
        stream.hear(strip.clock)
        stream.untimed.append(strip)
        clock = stream.clock
        if clock is None:
            return []
        told = [
            replace(one, clock=clock, measured_ms=clock.ms_of(one.first) + stream.behind_ms)
            for one in stream.untimed
        ]
        stream.untimed.clear()
        return told

    def _compare(self, stream: KeptStream, strip: Strip, off_ms: int) -> None:
        assert stream.clock is not None  # this strip has told it, or one before
        late_ms = stream.lateness.hear(stream.clock.ms_of(strip.first), strip.received_ms)
        self._keep_clock(strip.unit_id, strip.epoch, late_ms if abs(late_ms) > off_ms else 0)

    def _keep_clock(self, unit_id: str, epoch: int, behind_ms: int) -> None:
        stream = self._stream(unit_id, epoch)
        if behind_ms == stream.behind_ms:
            return
        stream.behind_ms = behind_ms
        folder = self._folder / folder_of(unit_id) / str(epoch)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / _CLOCK).write_text(str(behind_ms))

    async def missing(self, unit_id: str, stream: StreamState) -> Missing:
        """Nothing only when all is durable: whoever is told so lets go of its copy."""
        self._keep_clock(unit_id, stream.epoch, stream.behind_ms)
        found = self._missing(unit_id, stream)
        if not found.ranges:
            for write in (self._this_write, self._next_write):
                if write is not None:
                    with suppress(OSError):
                        await asyncio.shield(write)
            found = self._missing(unit_id, stream)  # what failed has been forgotten
        return found

    def _missing(self, unit_id: str, stream: StreamState) -> Missing:
        gaps: list[tuple[int, int]] = []
        at = 0
        for first, end in [*self._stream(unit_id, stream.epoch).ranges, (stream.through,) * 2]:
            if first > at:
                gaps.append((at, min(first, stream.through)))
            at = max(at, end)
        asked: list[tuple[int, int]] = []
        left = MAX_ASKED
        for first, end in reversed([gap for gap in gaps if gap[0] < gap[1]]):
            asked.append((max(first, end - left), end))
            left -= asked[-1][1] - asked[-1][0]
            if left <= 0:
                break
        return Missing(epoch=stream.epoch, ranges=tuple(asked))

    def list_streams(self, unit_id: str) -> list[StreamState]:
        """What the centre may lack of a vehicle, and how far each stream is here without a gap."""
        epochs = self._epochs(unit_id)
        states: list[StreamState] = []
        # What was answered for and cannot be marked (it has a hole) gives way to the others.
        for epoch in sorted(epochs[:-1], key=lambda one: (unit_id, one) in self._answered):
            if len(states) == STREAMS_TOLD - 1:
                break
            if self._mark(unit_id, epoch).exists():
                continue
            unread = (unit_id, epoch) not in self._streams
            states += self._told(unit_id, epoch)
            if unread:
                break  # to read a whole one takes a second of the loop, here and at the centre
        return states + [state for epoch in epochs[-1:] for state in self._told(unit_id, epoch)]

    def _told(self, unit_id: str, epoch: int) -> list[StreamState]:
        through = self.through(unit_id, epoch)
        behind_ms = self._stream(unit_id, epoch).behind_ms
        return [StreamState(epoch=epoch, through=through, behind_ms=behind_ms)] if through else []

    def through(self, unit_id: str, epoch: int) -> int:
        """All sequences below are here."""
        ranges = self._stream(unit_id, epoch).ranges
        return ranges[0][1] if ranges and ranges[0][0] == 0 else 0

    async def mark_carried(self, unit_id: str, state: StreamState) -> None:
        """The centre has all of it; what is still written, or has a hole here, stays as it is."""
        stream = self._stream(unit_id, state.epoch)
        whole = stream.ranges == [(0, state.through)]
        if not whole:
            self._answered.add((unit_id, state.epoch))
        if whole and stream.open is None and state.epoch != self._epochs(unit_id)[-1]:
            await asyncio.to_thread(self._mark(unit_id, state.epoch).touch)

    async def let_go(self, unit_id: str, before_s: float) -> None:
        """Remove the streams that were carried before this time, in seconds since 1970."""
        for epoch in self._epochs(unit_id)[:-1]:
            mark = self._mark(unit_id, epoch)
            with suppress(FileNotFoundError):
                if mark.stat().st_mtime < before_s:
                    self._streams.pop((unit_id, epoch), None)
                    await asyncio.to_thread(shutil.rmtree, mark.parent)

    def _epochs(self, unit_id: str) -> list[int]:
        folder = self._folder / folder_of(unit_id)
        epochs = {int(path.name) for path in folder.glob("*") if path.name.isdigit()}
        return sorted(epochs | {epoch for unit, epoch in self._streams if unit == unit_id})

    def _mark(self, unit_id: str, epoch: int) -> Path:
        return self._folder / folder_of(unit_id) / str(epoch) / _CARRIED

    async def read(self, unit_id: str, epoch: int, first: int, end: int) -> list[bytes]:
        """Packets of these sequences, in order; those that are not here are left out."""
        stream = self._stream(unit_id, epoch)
        paths = [path for path, low, high in stream.segments if low < end and high >= first]
        found: dict[int, bytes] = {}
        for path in paths:
            for strip in await asyncio.to_thread(lambda at=path: list(self._scan(at, unit_id))):  # type: ignore[misc] # the default binds this turn's value
                if first <= strip.sequence < end:
                    found[strip.sequence] = strip.data
        return [found[sequence] for sequence in sorted(found)]

    async def close(self) -> None:
        if self._writing is not None:
            await self._writing
        for stream in self._streams.values():
            with suppress(OSError):  # a full disk: what is not on it was acknowledged to nobody
                stream.shut(self._at_rest)

    async def _write_waiting(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            done, self._next_write = self._next_write, None
            assert done is not None  # made with the first of those that wait
            self._this_write = done
            for stream, strip in waiting:
                stream.unsynced.add(strip.sequence)
            try:
                await asyncio.to_thread(self._write, waiting)
            except OSError as error:
                # Nobody may be told that it is kept; the sender sends it again.
                _log.error("ecg.not_stored", reason=repr(error), packets=len(waiting))
                for stream in dict.fromkeys(stream for stream, _strip in waiting):
                    stream.undo()
                done.set_exception(error)
            else:
                done.set_result(None)
            self._this_write = None
            for stream, strip in waiting:
                if self._streams.get((strip.unit_id, strip.epoch)) is not stream:
                    stream.let_go()  # it was carried and has been let go meanwhile

    def _write(self, waiting: list[tuple[KeptStream, Strip]]) -> None:
        for stream, strip in waiting:
            if stream.open is None or len(stream.open_sequences) >= SEGMENT_PACKETS:
                self._begin_segment(stream, strip)
            assert stream.open is not None
            stream.open.write(wrap(self._at_rest.seal(strip.data)))
            stream.wrote(strip)
            path, low, high = stream.segments[-1]
            stream.segments[-1] = (path, min(low, strip.sequence), max(high, strip.sequence))
        for stream in dict.fromkeys(stream for stream, _strip in waiting):
            stream.sync()
            stream.unsynced.clear()

    def _begin_segment(self, stream: KeptStream, strip: Strip) -> None:
        # A copy, since the loop's thread may come to know of a stream meanwhile.
        for (unit_id, epoch), known in list(self._streams.items()):
            if unit_id == strip.unit_id and epoch <= strip.epoch:
                known.shut(self._at_rest)
        folder = self._folder / folder_of(strip.unit_id) / str(strip.epoch)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / _CARRIED).unlink(missing_ok=True)  # something came late
        # The time of arrival makes the name new after a restart as well.
        path = folder / f"{strip.received_ms}-{strip.sequence}.seg"
        stream.open = path.open("ab")
        stream.open_sequences, stream.open_clock = [], None
        stream.durable = 0
        stream.segments.append((path, strip.sequence, strip.sequence))
        _sync_folder(folder)

    def _stream(self, unit_id: str, epoch: int) -> KeptStream:
        key = (unit_id, epoch)
        if key not in self._streams:
            stream = self._streams[key] = KeptStream()
            folder = self._folder / folder_of(unit_id) / str(epoch)
            if behind_ms := read_behind(folder):
                stream.behind_ms, stream.lateness = behind_ms, Lateness(behind_ms)
            for path in sorted(folder.glob("*.seg")):
                index = find_index(path, self._at_rest) or self._make_index(path, unit_id)
                stream.hear(index.clock)
                for first, end in index.ranges:
                    stream.add(first, end)
                if index.ranges:
                    stream.segments.append((path, index.ranges[0][0], index.ranges[-1][1] - 1))
        return self._streams[key]

    def _make_index(self, path: Path, unit_id: str) -> SegmentIndex:
        """Nothing is added to a segment that an earlier start has left."""
        sequences, clock = [], None
        for strip in self._scan(path, unit_id):
            sequences.append(strip.sequence)
            clock = earlier(clock, strip.clock)
        index = index_of(path, sequences, clock)
        with suppress(OSError):  # a full disk: it will be read again
            write_index(path, index, self._at_rest)
        return index

    def _scan(self, path: Path, unit_id: str) -> Iterator[Strip]:
        for data in read_packets(path, self._at_rest):
            try:
                yield strip_of(data, unit_id, 0)
            except BadPacketError as error:
                _log.error("ecg.broken_on_disk", file=path.name, reason=str(error))


def folder_of(unit_id: str) -> str:
    """The name of a vehicle's folder."""
    return unit_id.replace("/", "-")


def read_behind(folder: Path) -> int:
    """How far the clock of the stream of this folder is behind ours; 0: not that anybody knows."""
    try:
        return int((folder / _CLOCK).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def read_packets(path: Path, at_rest: AtRest) -> Iterator[bytes]:
    """The whole packets of a file, without a torn end and what this key did not seal."""
    data = path.read_bytes()
    at = 0
    while at + _LENGTH_BYTES <= len(data):
        end = at + _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
        if end > len(data):
            break
        try:
            yield at_rest.unseal(data[at + _LENGTH_BYTES : end])
        except ValueError as error:
            _log.error("ecg.broken_on_disk", file=path.name, at=at, reason=str(error))
        at = end


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
