"""What a closed segment holds, written beside it, so that a start reads no hours of packets again.

    UNIT/EPOCH/NAME.idx: JSON of `SegmentIndex`, sealed as the packets are

Rule 1: it is a help and no truth: where it is missing, torn or not of these very bytes, the segment
        is read instead.
"""

import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
import structlog

from goldenhour.app.at_rest import AtRest
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import SampleClock

_log = structlog.get_logger(__name__)


class SegmentIndex(Record):
    ranges: tuple[tuple[int, int], ...]
    """Sequences, from the first to before the second; ordered, disjoint, never touching."""
    clock: SampleClock | None
    """The earliest that a packet of it says."""
    size: int
    """Of the segment, in bytes."""
    crc32: int


_INDEX = msgspec.json.Decoder(SegmentIndex)


def find_index(segment: Path, at_rest: AtRest) -> SegmentIndex | None:
    """None: it is to be read."""
    try:
        found = _INDEX.decode(at_rest.unseal(path_of(segment).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # broken JSON is a ValueError too
        _log.warning("ecg.index_unusable", file=segment.name, reason=str(error))
        return None
    data = segment.read_bytes()
    return found if (found.size, found.crc32) == (len(data), zlib.crc32(data)) else None


def index_of(segment: Path, sequences: Iterable[int], clock: SampleClock | None) -> SegmentIndex:
    """Of a segment to which nothing is added any more; raises OSError."""
    data = segment.read_bytes()
    return SegmentIndex(
        ranges=ranges_of(sequences), clock=clock, size=len(data), crc32=zlib.crc32(data)
    )


def write_index(segment: Path, index: SegmentIndex, at_rest: AtRest) -> None:
    """Raises OSError."""
    path_of(segment).write_bytes(at_rest.seal(msgspec.json.encode(index)))


def path_of(segment: Path) -> Path:
    return segment.with_suffix(".idx")


def ranges_of(sequences: Iterable[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for sequence in sorted(set(sequences)):
        if ranges and ranges[-1][1] == sequence:
            ranges[-1] = (ranges[-1][0], sequence + 1)
        else:
            ranges.append((sequence, sequence + 1))
    return tuple(ranges)
