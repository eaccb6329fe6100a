"""MLLP framing: 0B, message, 1C 0D.

Rule 1: 0B never occurs inside a message (neither UTF-8 nor GB18030 text uses it), so a 0B always
starts one; what came before it without an end is reported and dropped.
Rule 2: only 1C followed by 0D ends a message. A lone 1C breaks it: half a message could carry half
a number ("12" of "120"), and that must never reach a chart.
Rule 3: never more than `max_bytes` are kept; a longer message is skipped up to the next 0B.
"""

from typing import Final

from goldenhour.kernel.record import Record

_START: Final = 0x0B
_END: Final = 0x1C
_CR: Final = 0x0D
_FILLER: Final = b"\r\n"
"""Bytes that some peers put between frames; they are no news."""

MAX_BYTES: Final = 256 * 1024


class Broken(Record):
    """Bytes that were dropped on the way to the next message."""

    text: str
    dropped_bytes: int


class Framer:
    """Chunks in, messages out; one per connection."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept = bytearray()
        self._inside = False
        self._outside_bytes = 0

    def feed(self, chunk: bytes) -> tuple[bytes | Broken, ...]:
        """Every whole message and every break that this chunk completes, in order."""
        found: list[bytes | Broken] = []
        at = 0
        while at < len(chunk):
            at = self._inside_from(chunk, at, found) if self._inside else self._seek(chunk, at)
            if self._inside and self._outside_bytes:
                found.append(Broken(text="outside a frame", dropped_bytes=self._outside_bytes))
                self._outside_bytes = 0
        return tuple(found)

    def _seek(self, chunk: bytes, at: int) -> int:
        start = chunk.find(_START, at)
        stop = len(chunk) if start < 0 else start
        self._outside_bytes += len(chunk[at:stop].strip(_FILLER))
        self._inside = start >= 0
        return stop + 1

    def _inside_from(self, chunk: bytes, at: int, found: list[bytes | Broken]) -> int:
        kept = self._kept
        if kept and kept[-1] == _END:
            if chunk[at] == _CR:
                found.append(bytes(kept[:-1]))
                self._leave()
                return at + 1
            self._drop("1C without 0D", found)
            return at
        marks = [i for i in (chunk.find(_START, at), chunk.find(_END, at)) if i >= 0]
        stop = min(marks, default=len(chunk))
        if len(kept) + stop - at > self._max_bytes:
            kept += chunk[at:stop]
            self._drop(f"longer than {self._max_bytes} bytes", found)
            return stop
        kept += chunk[at:stop]
        if stop == len(chunk):
            return stop
        if chunk[stop] == _START:
            self._drop("a new frame began inside a frame", found)
            return stop
        kept.append(_END)
        return stop + 1

    def _drop(self, text: str, found: list[bytes | Broken]) -> None:
        found.append(Broken(text=text, dropped_bytes=len(self._kept)))
        self._leave()

    def _leave(self) -> None:
        self._kept.clear()
        self._inside = False


def wrap(message: bytes) -> bytes:
    return bytes([_START]) + message + bytes([_END, _CR])
