"""Packets on a byte stream: `30 31 63 64`, a header, a body of the length that the header states.

    4 version and flags | 5 marker and payload type | 6 sequence, u16 | 8 number of the device, BCD
    | channel | kind and split, 4 bits each | device time, u64 ms: not of kind 4
    | two intervals, u16: of video only | length of the body, u16 | body

Rule 1: a packet counts when another one begins right behind it, or when the stream ends there.
Rule 2: the number has 6 bytes by the standard and 10 on terminals of 2019, and no field says which.
        The reading is taken whose fields are possible and whose length leads to the next packet;
        where both do, the standard's. It is decided for each packet anew.
Rule 3: what is no packet is skipped up to the next `30 31 63 64`, and told.
Rule 4: how the stream was cut into chunks never changes what comes out.
Rule 5: any bytes are borne, and never more are kept than the longest packet has.
"""

from enum import IntEnum
from typing import Final

from goldenhour.kernel.record import Record

MARK: Final = b"\x30\x31\x63\x64"
NUMBER_BYTES: Final = (6, 10)
_VERSION: Final = 2
_VERSION_AT: Final = 4
_TYPE_AT: Final = 5
_SEQUENCE_AT: Final = 6
_NUMBER_AT: Final = 8
_TIME_BYTES: Final = 8
_LENGTH_BYTES: Final = 2
_BEFORE_LENGTH: Final = (12, 12, 12, 8, 0)
"""By kind: the bytes between kind and length."""


class Kind(IntEnum):
    KEY = 0
    """A picture that needs no other."""
    PREDICTED = 1
    BOTH_WAYS = 2
    AUDIO = 3
    TRANSPARENT = 4


class Split(IntEnum):
    ATOMIC = 0
    FIRST = 1
    LAST = 2
    MIDDLE = 3


class Packet(Record):
    device: str
    """The number as digits, left zeros stripped."""
    channel: int
    kind: Kind
    split: Split
    payload_type: int
    """98 is H.264, 99 is H.265; others are audio."""
    sequence: int
    device_ms: int
    """By the device's own clock or since its own start; 0 in transparent data, which has none."""
    body: bytes


class Broken(Record):
    """Bytes that were skipped on the way to the next packet."""

    dropped_bytes: int


class Splitter:
    """Chunks of a stream in; packets, and what was skipped between them, out."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._skipped_bytes = 0

    def feed(self, chunk: bytes) -> list[Packet | Broken]:
        self._kept += chunk
        return self._take(ended=False)

    def close(self) -> list[Packet | Broken]:
        """The stream has ended: what stands at its end counts now."""
        found = self._take(ended=True)
        if self._skipped_bytes:
            found.append(Broken(dropped_bytes=self._skipped_bytes))
            self._skipped_bytes = 0
        return found

    def _take(self, *, ended: bool) -> list[Packet | Broken]:
        kept = self._kept
        found: list[Packet | Broken] = []
        at = 0
        while True:
            start = kept.find(MARK, at)
            if start < 0:
                # The last bytes may be the beginning of a mark.
                stop = len(kept) if ended else max(at, len(kept) - len(MARK) + 1)
                self._skipped_bytes += stop - at
                at = stop
                break
            self._skipped_bytes += start - at
            at = start
            number_bytes, end = _reading(kept, at, ended=ended)
            if end > len(kept):
                break  # what is to come decides
            if number_bytes == 0:
                self._skipped_bytes += 1
                at += 1
                continue
            if self._skipped_bytes:
                found.append(Broken(dropped_bytes=self._skipped_bytes))
                self._skipped_bytes = 0
            found.append(_packet(kept, at, number_bytes, end))
            at = end
        del kept[:at]
        return found


def _reading(data: bytearray, at: int, *, ended: bool) -> tuple[int, int]:
    """Bytes of the number, 0 for no packet; its end, beyond the data while that is undecided."""
    for number_bytes in NUMBER_BYTES:
        end = _end(data, at, number_bytes)
        if end is None:
            continue
        behind = bytes(data[end : end + len(MARK)])
        if not ended and len(behind) < len(MARK):
            return 0, len(data) + 1
        if end <= len(data) and MARK.startswith(behind):
            return number_bytes, end
    return 0, at


def _end(data: bytearray, at: int, number_bytes: int) -> int | None:
    """Where a packet ends, beyond the data while its length has not come; None: it is none."""
    kind_at = at + _NUMBER_AT + number_bytes + 1
    if kind_at >= len(data):
        return kind_at + 1
    kind, split = divmod(data[kind_at], 16)
    number = data[at + _NUMBER_AT : at + _NUMBER_AT + number_bytes]
    if (
        data[at + _VERSION_AT] >> 6 != _VERSION
        or kind > Kind.TRANSPARENT
        or split > Split.MIDDLE
        or not number.hex().isdecimal()
    ):
        return None
    length_at = kind_at + 1 + _BEFORE_LENGTH[kind]
    if length_at + _LENGTH_BYTES > len(data):
        return length_at + _LENGTH_BYTES
    length = int.from_bytes(data[length_at : length_at + _LENGTH_BYTES], "big")
    return length_at + _LENGTH_BYTES + length


def _packet(data: bytearray, at: int, number_bytes: int, end: int) -> Packet:
    channel_at = at + _NUMBER_AT + number_bytes
    kind, split = divmod(data[channel_at + 1], 16)
    time_at = channel_at + 2
    body_at = time_at + _BEFORE_LENGTH[kind] + _LENGTH_BYTES
    timed = kind != Kind.TRANSPARENT
    return Packet(
        device=data[at + _NUMBER_AT : channel_at].hex().lstrip("0"),
        channel=data[channel_at],
        kind=Kind(kind),
        split=Split(split),
        payload_type=data[at + _TYPE_AT] & 0x7F,
        sequence=int.from_bytes(data[at + _SEQUENCE_AT : at + _NUMBER_AT], "big"),
        device_ms=int.from_bytes(data[time_at : time_at + _TIME_BYTES], "big") if timed else 0,
        body=bytes(data[body_at:end]),
    )
