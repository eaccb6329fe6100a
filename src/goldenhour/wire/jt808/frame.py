"""Framing: `7E | payload | XOR | 7E`, where 7E is sent as 7D 02 and 7D as 7D 01.

Rule 1: a frame is whatever stands between two delimiters; a delimiter both closes and opens, so one
        lost byte costs at most two frames, and empty frames (double 7E) mean nothing.
Rule 2: the buffer never holds more than one frame of the greatest length.
Rule 3: a 7D that escapes nothing stands for itself; length and checksum judge the result.
Rule 4: how the stream was cut into chunks never changes what comes out.
"""

from functools import reduce
from operator import xor
from typing import Final

from goldenhour.wire.jt808.values import Malformed, Reason

DELIMITER: Final = b"\x7e"
MAX_BODY_BYTES: Final = 1023
MIN_PAYLOAD_BYTES: Final = 12
MAX_FRAME_BYTES: Final = 2 * (21 + MAX_BODY_BYTES + 1)
"""The longest header, body and checksum with every byte escaped."""
_FOLDED_BYTES: Final = 64


class Splitter:
    """Chunks of a stream in; checked, unescaped payloads without checksum, or refusals, out."""

    def __init__(self) -> None:
        self._rest = b""
        self._dropping = True  # until the first delimiter nothing says where a frame begins

    @property
    def between(self) -> bool:
        """The next byte may begin a frame."""
        return not (self._rest or self._dropping)

    def feed(self, chunk: bytes) -> list[bytes | Malformed]:
        out: list[bytes | Malformed] = []
        *pieces, rest = chunk.split(DELIMITER)
        for piece in pieces:
            if not self._dropping and not self._rest and 0 < len(piece) <= MAX_FRAME_BYTES:
                out.append(open_frame(piece))  # the ordinary case, shortened
                continue
            self._take(piece, out)
            if self._rest:
                out.append(
                    Malformed(reason=Reason.GARBAGE, field="frame", detail="bytes outside a frame")
                    if self._dropping
                    else open_frame(self._rest)
                )
                self._rest = b""
            self._dropping = False
        self._take(rest, out)
        return out

    def _take(self, piece: bytes, out: list[bytes | Malformed]) -> None:
        self._rest += piece
        while len(self._rest) > MAX_FRAME_BYTES:
            # Said once per frame's length, so that an endless stream of garbage is noticed.
            self._rest = self._rest[MAX_FRAME_BYTES + 1 :]
            self._dropping = True
            out.append(
                Malformed(
                    reason=Reason.OVERLONG,
                    field="frame",
                    detail=f"no delimiter in {MAX_FRAME_BYTES} bytes",
                )
            )


def checksum(data: bytes) -> int:
    """All bytes combined by XOR."""
    if len(data) > _FOLDED_BYTES:
        return reduce(xor, data)
    # Most frames are short: as one number, folded into its low byte, they take half the time.
    folded = int.from_bytes(data)
    folded ^= folded >> 256
    folded ^= folded >> 128
    folded ^= folded >> 64
    folded ^= folded >> 32
    folded ^= folded >> 16
    return (folded ^ folded >> 8) & 0xFF


def unescape(data: bytes) -> bytes:
    if b"\x7d" not in data:
        return data
    # In this order: the other one would read 7D 01 02 as an escaped 7E.
    return data.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


def open_frame(data: bytes) -> bytes | Malformed:
    """The payload of what stood between two delimiters."""
    data = unescape(data)
    if len(data) <= MIN_PAYLOAD_BYTES:
        return Malformed(reason=Reason.LENGTH, field="frame", detail=f"{len(data)} bytes")
    if checksum(data):
        return Malformed(reason=Reason.CHECKSUM, field="checksum", detail=f"{data[-1]:02X}")
    return data[:-1]


def close_frame(payload: bytes) -> bytes:
    """The bytes on the line for one payload."""
    data = payload + bytes((checksum(payload),))
    # In this order: the other one would escape its own escapes.
    return b"\x7e" + data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"
