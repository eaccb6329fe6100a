"""From the segment files of a vehicle to one record of a stretch of time.

Rule 1: samples come out as they were coded; what was never received is a gap.
Rule 2: a sample belongs to the stretch by the device's clock, corrected by what the vehicle has
        found out of it. Where nothing is known, one that is ahead is set back: a packet cannot
        arrive before it was taken; one that is behind is believed. What fills a gap arrives last,
        in a segment of its own, however old it is.
Rule 3: a stretch is cut exactly: what lies before or behind it may be another patient's.
Rule 4: what a device recorded while it was on somebody else is a gap.
Rule 5: a lead whose electrode was moved stands under the name of where it is (`Placed`).
Rule 6: all of it is work on the disk and the processor; it runs in a thread.
"""

import asyncio
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from goldenhour.adapters.ecg.store import folder_of, read_behind, read_packets
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.strips import Placed, Worn, names_at
from goldenhour.compute.ecg import BadBlockError, Block, Decoder
from goldenhour.wire.ecg_files import (
    EcgFileError,
    EcgRecord,
    Lead,
    check_size,
    join,
    missing,
    with_gaps,
)
from goldenhour.wire.ecg_stream import (
    Assembler,
    Broken,
    Channel,
    Declaration,
    Framer,
    Packet,
    Relabeller,
    renamed,
    wrap,
)

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
        self,
        unit_id: str,
        from_ms: int,
        to_ms: int,
        worn: Worn | None = None,
        placed: Placed | None = None,
    ) -> EcgRecord | None:
        """What the vehicle recorded from `from_ms` on and before `to_ms`; None: nothing.

        `worn`: only of those stretches; `placed`: which lead an electrode was moved to. Raises
        EcgFileError when it is too long for one record, or its leads change within.
        """
        return await asyncio.to_thread(self._find_record, unit_id, from_ms, to_ms, worn, placed)

    def _find_record(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None, placed: Placed | None
    ) -> EcgRecord | None:
        records: list[tuple[int, int, EcgRecord]] = []
        for path in self._list_streams(unit_id, from_ms):
            behind_ms = read_behind(path)
            segments = [segment for segment, _ in self._read_before(path, behind_ms, to_ms)]
            record = record_of(
                segments, from_ms, to_ms, worn=worn, placed=placed, behind_ms=behind_ms
            )
            if record is not None and record.begun_ms is not None:
                records.append((record.begun_ms + behind_ms, behind_ms, record))
        records.sort(key=lambda one: one[0])
        # All on the clock of the first: between two of them it may have been set right.
        return (
            join(
                of_same_leads(
                    [replace(r, begun_ms=at_ms - records[0][1]) for at_ms, _, r in records]
                )
            )
            if records
            else None
        )

    async def list_packets(
        self,
        unit_id: str,
        from_ms: int,
        to_ms: int,
        worn: Worn | None = None,
        placed: Placed | None = None,
    ) -> list[bytes]:
        """The coded packets of that stretch as they came, oldest first; a key packet leads them."""
        return await asyncio.to_thread(self._list_packets, unit_id, from_ms, to_ms, worn, placed)

    def _list_packets(
        self, unit_id: str, from_ms: int, to_ms: int, worn: Worn | None, placed: Placed | None
    ) -> list[bytes]:
        found: list[bytes] = []
        for path in self._list_streams(unit_id, from_ms):
            behind_ms = read_behind(path)
            read = self._read_before(path, behind_ms, to_ms)
            frames = sorted(
                (item for _, items in read for item in items), key=lambda item: item[1].first
            )
            clock = _Clock.of([packet for _, packet in frames])
            if clock is None:
                continue
            shift_ms = behind_ms or _set_back_ms([segment for segment, _ in read], clock)
            device_id = clock.declaration.device_id
            stretches = worn(device_id) if worn else None
            relabeller = Relabeller(partial(names_at, placed)) if placed else None
            for data, packet in frames:
                begun_ms = clock.ms_of(packet.first) + shift_ms
                ended_ms = clock.ms_of(packet.end) + shift_ms
                whole = stretches is None or any(
                    low <= begun_ms and ended_ms <= high for low, high in stretches
                )
                if not whole or not from_ms <= begun_ms < to_ms:
                    continue
                told = relabeller.take(data, device_id, begun_ms) if relabeller else data
                if told is not None:
                    found.append(told)
        return found

    def _read_before(
        self, path: Path, behind_ms: int, to_ms: int
    ) -> list[tuple[Segment, list[tuple[bytes, Packet]]]]:
        """All segments of a stream; nothing when it begins at `to_ms` or later.

        The first that came tells that, and most do: samples are counted from the beginning.
        """
        read: list[tuple[Segment, list[tuple[bytes, Packet]]]] = []
        for one in sorted(path.glob("*.seg"), key=_arrived_ms):
            frames = _read_frames(one, self._at_rest)
            read.append((Segment(_arrived_ms(one), [packet for _, packet in frames]), frames))
            if len(read) == 1 and _begins_after(read[0][0], behind_ms, to_ms):
                return []
        return read

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
    placed: Placed | None = None,
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
    shift_ms = behind_ms or _set_back_ms(segments, clock)
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
    said = placed(begun.device_id) if placed else ()
    stretches = [
        (clock.sample_at(at_ms - shift_ms) - first - inner.start, names) for at_ms, names in said
    ]
    columns = _by_name(samples, measured, begun.channels, stretches)
    record = EcgRecord(
        leads=tuple(Lead(name=one.lead, lsb_nv=Fraction(one.nanovolt)) for one in columns),
        rate_hz=Fraction(begun.rate_mhz, _MHZ),
        samples=np.column_stack([rows for rows, _mask in columns.values()]),
        begun_ms=clock.ms_of(first + inner.start),
        device=begun.device_id,
        test=begun.replay,
    )
    return with_gaps(record, np.column_stack([~mask for _rows, mask in columns.values()]))


def _by_name(
    samples: NDArray[np.int32],
    measured: NDArray[np.bool_],
    channels: Sequence[Channel],
    said: Sequence[tuple[int, Mapping[str, str]]],
) -> dict[Channel, tuple[NDArray[np.int32], NDArray[np.bool_]]]:
    """Each lead's samples, and where there are any; `said` from which sample on leads are others.

    A lead that an electrode was moved to is one of its own, with a gap while it was not there.
    """
    edges = [(0, {}), *((max(first, 0), names) for first, names in said)]
    found: dict[Channel, tuple[NDArray[np.int32], NDArray[np.bool_]]] = {}
    for place, (low, names) in enumerate(edges):
        high = edges[place + 1][0] if place + 1 < len(edges) else len(samples)
        for column, channel in enumerate(renamed(tuple(channels), names)):
            if not measured[low:high].any():
                continue
            rows, mask = found.setdefault(
                channel, (np.zeros(len(samples), np.int32), np.zeros(len(samples), np.bool_))
            )
            rows[low:high] = samples[low:high, column]
            mask[low:high] = measured[low:high]
    return found


def of_same_leads(records: Sequence[EcgRecord]) -> list[EcgRecord]:
    """Each with the leads of all, and a gap for what it has not: electrodes were moved between."""
    leads = {(at.name, at.lsb_nv, at.zero_nv): at for record in records for at in record.leads}
    if all(len(record.leads) == len(leads) for record in records):
        return list(records)
    if len({name for name, _lsb, _zero in leads}) < len(leads):
        return list(records)  # of another scale: `join` says so
    whole = []
    for record in records:
        own = {at.name: place for place, at in enumerate(record.leads)}
        samples = np.zeros((record.count, len(leads)), np.int32)
        gaps = np.ones(samples.shape, np.bool_)
        for place, lead in enumerate(leads.values()):
            if lead.name in own:
                samples[:, place] = record.samples[:, own[lead.name]]
                gaps[:, place] = missing(record)[:, own[lead.name]]
        wide = replace(record, leads=tuple(leads.values()), samples=samples)
        whole.append(with_gaps(wide, gaps))
    return whole


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


def _set_back_ms(segments: Sequence[Segment], clock: _Clock) -> int:
    """Of a clock of which nothing is known: 0, or less where it is ahead of what arrived."""
    late_ms = (s.arrived_ms - clock.ms_of(s.packets[0].first) for s in segments if s.packets)
    return min(0, *late_ms, 0)


def _begins_after(segment: Segment, behind_ms: int, at_ms: int) -> bool:
    clock = _Clock.of(segment.packets)
    if clock is None:
        return False
    # What came first need not be the beginning: a gap is filled from its newest side.
    begun_ms = clock.ms_of(0) + behind_ms
    return (begun_ms if behind_ms else min(begun_ms, segment.arrived_ms)) >= at_ms


def _arrived_ms(path: Path) -> int:
    """`TIME-SEQUENCE.seg`."""
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise EcgFileError("name", f"{path.name!r} is not TIME-SEQUENCE.seg")
    return int(named[1])
