"""What is told of one connection: counts, and its newest frames while somebody looks.

Rule 1: of a frame that tells of a driver, or is a picture's, only the header is kept.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from goldenhour.app.ports import Clock
from goldenhour.app.terminals import TRACE, TerminalState, WireFrame
from goldenhour.wire.jt808 import Header, Malformed, Splitter, header_bytes
from goldenhour.wire.jt808.bodies import MESSAGE_IDS
from goldenhour.wire.jt808.driver import Driver
from goldenhour.wire.jt808.media import Media

_HIDDEN: Final = tuple(MESSAGE_IDS[kind].to_bytes(2) for kind in (Driver, Media))


class Watch:
    def __init__(self, clock: Clock) -> None:
        self.peer = ""
        self._clock = clock
        self._since_ms = self._last_ms = clock.now_ms()
        self._frames = self._bad = 0
        self._last_bad = ""
        self._trace: deque[WireFrame] | None = None
        self._number = 0
        """Of the newest frame, in both directions."""

    def look(self, *, on: bool) -> None:
        """Keep the newest frames, or no longer."""
        if on and self._trace is None:
            self._trace = deque(maxlen=TRACE)
        elif not on:
            self._trace = None

    @property
    def looking(self) -> bool:
        return self._trace is not None

    def took(self, frames: int) -> None:
        self._last_ms = self._clock.now_ms()
        self._frames += frames

    def sent(self, frames: bytes) -> None:
        if self._trace is not None:
            self.note(Splitter().feed(frames), sent=True)

    def refused(self, reason: str, field: str) -> None:
        self._bad += 1
        self._last_bad = f"{reason} {field}".strip()

    def state(
        self, phone: str, unit_id: str | None, like: Header | None, *, connected: bool
    ) -> TerminalState:
        """`like`: the header of its last message."""
        return TerminalState(
            phone=phone,
            unit_id=unit_id or "",
            connected=connected,
            peer=self.peer,
            edition=int(like.version) if like else 0,
            since_ms=self._since_ms,
            last_ms=self._last_ms,
            frames=self._frames,
            bad=self._bad,
            last_bad=self._last_bad,
            trace=tuple(self._trace or ()),
        )

    def note(self, frames: Iterable[bytes | Malformed], *, sent: bool) -> None:
        """Without delimiters, escapes and checksum, as the standard's tables read."""
        if self._trace is None:
            return
        now_ms = self._clock.now_ms()
        for frame in frames:
            if isinstance(frame, bytes):
                self._number += 1
                shown = frame[: header_bytes(frame)] if frame.startswith(_HIDDEN) else frame
                self._trace.append(
                    WireFrame(at_ms=now_ms, sent=sent, hex=shown.hex(), n=self._number)
                )
