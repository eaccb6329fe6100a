"""How access units lie in a segment file: a head and the unit, one after the other, nothing else.

    length of the unit, u32 | CRC-32 of what follows, u32 | device time, u64 ms | our time, u64 ms
    | payload type, u8 | kind, u8 | unit            (little endian; `panels/review/cabin.ts` too)

Rule 1: reading ends at the first unit that is not whole: after a power cut that is the torn end.
Rule 2: a unit is never changed; several that lie behind one another are a stream that plays.
"""

import struct
from typing import Final
from zlib import crc32

from goldenhour.kernel.record import Record
from goldenhour.wire.jt1078.packet import Kind

_BEFORE: Final = struct.Struct("<II")
_ABOUT: Final = struct.Struct("<QQBB")


class Kept(Record):
    """One access unit of a segment."""

    device_ms: int
    received_ms: int
    payload_type: int
    kind: Kind
    data: bytes


def write_kept(kept: Kept) -> bytes:
    about = _ABOUT.pack(kept.device_ms, kept.received_ms, kept.payload_type, kept.kind)
    checked = about + kept.data
    return _BEFORE.pack(len(kept.data), crc32(checked)) + checked


def read_kept(data: bytes) -> tuple[list[Kept], int]:
    """The whole units, and how many bytes they take."""
    found: list[Kept] = []
    at = 0
    while at + _BEFORE.size + _ABOUT.size <= len(data):
        length, checksum = _BEFORE.unpack_from(data, at)
        about_at = at + _BEFORE.size
        end = about_at + _ABOUT.size + length
        if end > len(data) or crc32(data[about_at:end]) != checksum:
            break
        device_ms, received_ms, payload_type, kind = _ABOUT.unpack_from(data, about_at)
        if kind > Kind.TRANSPARENT:
            break
        found.append(
            Kept(
                device_ms=device_ms,
                received_ms=received_ms,
                payload_type=payload_type,
                kind=Kind(kind),
                data=data[about_at + _ABOUT.size : end],
            )
        )
        at = end
    return found, at
