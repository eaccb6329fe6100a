"""From the segment files of a vehicle to one record of a stretch of time.

Rule 1: samples come out as they were coded; what was never received is a gap.
Rule 2: a sample belongs to the stretch by the device's clock, corrected by what the vehicle has
        found out of it. Where nothing is known, one that is ahead is set back: a packet cannot
        arrive before it was taken; one that is behind is believed.
Rule 3: a stretch is cut exactly: what lies before or behind it may be another patient's.
Rule 4: what a device recorded while it was on somebody else is a gap.
Rule 5: all of it is work on the disk and the processor; it runs in a thread.
"""

import asyncio
import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from goldenhour.adapters.ecg.store import folder_of, read_behind, read_packets
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.strips import Worn
from goldenhour.compute.ecg import BadBlockError, Block, Decoder
from goldenhour.wire.ecg_files import EcgFileError, EcgRecord, Lead, check_size, join, with_gaps
from goldenhour.wire.ecg_stream import Assembler, Broken, Declaration, Framer, Packet, wrap

_MS: Final = 1000
_MHZ: Final = 1000
_NAME: Final = re.compile(r"(\d{1,15})-\d+\.seg")


class Segment(NamedTuple):
    arrived_ms: int
    """When its first packet came, by our clock."""
    packets: list[Packet]


class EcgArchive:
    """The segment files below a folder, as `SegmentStore` keeps them."""

    def __init__(self, folder: Path, at_rest: AtRest = PLAIN) -> None:
        self._folder = folder
        self._at_rest = at_rest

    async def find_record(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None = None
    ) -> EcgRecord | None:
        """What the vehicle recorded from `from_ms` on and before `to_ms`; None: nothing.

        `worn`: only of those stretches. Raises EcgFileError when it is too long for one record, or
        its leads change within.
        """
        return await asyncio.to_thread(self._find_record, unit_id, from_ms, to_ms, worn)

    def _find_record(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None
    ) -> EcgRecord | None:
        records: list[tuple[int, int, EcgRecord]] = []
        for path in self._list_streams(unit_id, from_ms):
            # The first segment tells whether the stream begins too late; most others do.
            paths = sorted(path.glob("*.seg"), key=_arrived_ms)
            if not paths or _begins_after(read_segment(paths[0], self._at_rest), to_ms):
                continue
            segments = [read_segment(one, self._at_rest) for one in paths]
            behind_ms = read_behind(path)
            record = record_of(segments, from_ms, to_ms, worn=worn, behind_ms=behind_ms)
            if record is not None and record.begun_ms is not None:
                records.append((record.begun_ms + behind_ms, behind_ms, record))
        records.sort(key=lambda one: one[0])
        # All on the clock of the first: between two of them it may have been set right.
        return (
            join([replace(r, begun_ms=at_ms - records[0][1]) for at_ms, _, r in records])
            if records
            else None
        )

    async def list_packets(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None = None
    ) -> list[bytes]:
        """The coded packets of that stretch as they came, oldest first; a key packet leads them."""
        return await asyncio.to_thread(self._list_packets, unit_id, from_ms, to_ms, worn)

    def _list_packets(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None
    ) -> list[bytes]:
        found: list[bytes] = []
        for path in self._list_streams(unit_id, from_ms):
            segments = sorted(path.glob("*.seg"), key=_arrived_ms)
            frames = [
                item
                for one in segments
                if _arrived_ms(one) < to_ms
                for item in _read_frames(one, self._at_rest)
            ]
            clock = _Clock.of([packet for _, packet in frames])
            if clock is None:
                continue
            ahead_ms = _arrived_ms(segments[0]) - clock.ms_of(frames[0][1].first)
            shift_ms = read_behind(path) or min(ahead_ms, 0)
            stretches = worn(clock.declaration.device_id) if worn else None
            for data, packet in sorted(frames, key=lambda item: item[1].first):
                begun_ms = clock.ms_of(packet.first) + shift_ms
                ended_ms = clock.ms_of(packet.end) + shift_ms
                whole = stretches is None or any(
                    low <= begun_ms and ended_ms <= high for low, high in stretches
                )
                if whole and from_ms <= begun_ms < to_ms:
                    found.append(data)
        return found

    def _list_streams(self, unit_id: str, from_ms: int) -> Iterator[Path]:
        """Those of which something arrived at `from_ms` or later."""
        folder = self._folder / folder_of(unit_id)
        for path in sorted(path for path in folder.glob("*") if path.name.isdigit()):
            written = [one.stat().st_mtime_ns // 1_000_000 for one in path.glob("*.seg")]
            if written and max(written) >= from_ms:
                yield path


def read_segment(path: Path, at_rest: AtRest = PLAIN) -> Segment:
    """The whole packets of a file; a torn end and what is broken are left out."""
    return Segment(_arrived_ms(path), [packet for _, packet in _read_frames(path, at_rest)])


def _read_frames(path: Path, at_rest: AtRest) -> list[tuple[bytes, Packet]]:
    framed = b"".join(wrap(data) for data in read_packets(path, at_rest))
    return [item for item in Framer().feed(framed) if not isinstance(item, Broken)]


def record_of(
    segments: Sequence[Segment],
    from_ms: int,
    to_ms: int,
    *,
    worn: Worn | None = None,
    behind_ms: int = 0,
) -> EcgRecord | None:
    """The stretch of one stream; None when it has none of it."""
    packets = sorted(
        {packet.sequence: packet for segment in segments for packet in segment.packets}.values(),
        key=lambda packet: packet.first,
    )
    clock = _Clock.of(packets)
    if clock is None:
        return None
    ahead_ms = min(
        (s.arrived_ms - clock.ms_of(s.packets[0].first) for s in segments if s.packets), default=0
    )
    shift_ms = behind_ms or min(ahead_ms, 0)
    first = max(clock.sample_at(from_ms - shift_ms), packets[0].first)
    end = min(clock.sample_at(to_ms - shift_ms), packets[-1].end)
    if first >= end:
        return None
    begun = clock.declaration
    check_size(end - first, len(begun.channels), "range")
    samples = np.zeros((end - first, len(begun.channels)), np.int32)
    measured = np.zeros(end - first, np.bool_)
    for at, rows in _decoded(packets, begun, first, end):
        low, high = max(at, first), min(at + len(rows), end)
        samples[low - first : high - first] = rows[low - at : high - at]
        measured[low - first : high - first] = True
    if worn is not None:
        own = np.zeros(end - first, np.bool_)
        for low_ms, high_ms in worn(begun.device_id):
            low, high = (clock.sample_at(at_ms - shift_ms) - first for at_ms in (low_ms, high_ms))
            own[max(low, 0) : max(high, 0)] = True
        measured &= own
    there = np.flatnonzero(measured)
    if not there.size:
        return None
    inner = slice(int(there[0]), int(there[-1]) + 1)
    samples, measured = samples[inner], measured[inner]
    record = EcgRecord(
        leads=tuple(
            Lead(name=channel.lead, lsb_nv=Fraction(channel.nanovolt)) for channel in begun.channels
        ),
        rate_hz=Fraction(begun.rate_mhz, _MHZ),
        samples=samples,
        begun_ms=clock.ms_of(first + inner.start),
        device=begun.device_id,
        test=begun.replay,
    )
    return with_gaps(record, np.repeat(~measured[:, None], len(begun.channels), axis=1))


class _Clock(NamedTuple):
    """The device's time of every sample, from the first declaration: samples are counted evenly."""

    first: int
    declaration: Declaration

    @staticmethod
    def of(packets: Sequence[Packet]) -> "_Clock | None":
        return next((_Clock(p.first, p.declaration) for p in packets if p.declaration), None)

    def ms_of(self, sample: int) -> int:
        past_ms = Fraction((sample - self.first) * _MS * _MHZ, self.declaration.rate_mhz)
        return self.declaration.device_ms + round(past_ms)

    def sample_at(self, at_ms: int) -> int:
        """The first sample at this time or later."""
        past = Fraction((at_ms - self.declaration.device_ms) * self.declaration.rate_mhz)
        return self.first + math.ceil(past / (_MS * _MHZ))


class PacketDecoder:
    def __init__(self, declaration: Declaration) -> None:
        self._decoder = Decoder(len(declaration.channels))

    def decode(self, packet: Packet) -> NDArray[np.int32]:
        return self._decoder.decode(Block(packet.key, packet.coded), packet.count)


def _decoded(
    packets: Sequence[Packet], begun: Declaration, first: int, end: int
) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """First sample and rows of whatever can be decoded, from the last key before `first` on."""
    keys = [packet.first for packet in packets if packet.key and packet.first <= first]
    assembler = Assembler(PacketDecoder, BadBlockError)
    for packet in packets:
        if packet.first < (keys[-1] if keys else 0) or packet.first >= end:
            continue
        for piece in assembler.add(packet):
            declared = piece.declaration
            if (declared.channels, declared.rate_mhz) != (begun.channels, begun.rate_mhz):
                raise EcgFileError("leads", "they change within the stream")
            if piece.first + piece.count > first:
                yield piece.first, piece.rows


def _begins_after(segment: Segment, at_ms: int) -> bool:
    clock = _Clock.of(segment.packets)
    if clock is None:
        return False
    first_ms = clock.ms_of(segment.packets[0].first)
    return min(first_ms, segment.arrived_ms) >= at_ms


def _arrived_ms(path: Path) -> int:
    """`TIME-SEQUENCE.seg`."""
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise EcgFileError("name", f"{path.name!r} is not TIME-SEQUENCE.seg")
    return int(named[1])
