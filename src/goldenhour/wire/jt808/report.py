"""The everyday exchange of one terminal, shortened: a position in one frame, and its answer.

Nine frames in ten are this one. Here its header is compared instead of read, and the answer is
filled into a form instead of written anew.

Rule 1: `find` gives what `decode` would, or None; what is None goes the general way, which also
        knows how to refuse it. `answer` gives the bytes that `encode` would. Both are held to it by
        tests/property.
"""

from collections import deque
from struct import Struct
from typing import Final

from goldenhour.wire.jt808.codec import encode
from goldenhour.wire.jt808.frame import close_frame, open_frame
from goldenhour.wire.jt808.messages import PlatformAnswer, Result
from goldenhour.wire.jt808.position import Position, decode_position
from goldenhour.wire.jt808.values import SERIALS, Malformed, RefusedError, Version

POSITION_ID: Final = 0x0200
_FIRST: Final = Struct(">HH")  # message id, properties
_TAIL: Final = Struct(">HHHB")  # our serial, theirs, message id, result
_PHONES: Final = {Version.V2013: slice(4, 10), Version.V2019: slice(5, 15)}
_FLAGS: Final = {Version.V2013: 0, Version.V2019: 1 << 14}


class Reports:
    """For the terminal with this number, which writes in this edition.

    Reports with one of the alarms `but_bits` go the general way.
    """

    def __init__(self, version: Version, phone: str, *, but_bits: int = 0) -> None:
        self._but_bits = but_bits
        self._phone_at = _PHONES[version]
        self._flags = _FLAGS[version]
        self._serial_at = self._phone_at.stop
        self._body_at = self._serial_at + 2
        sample = PlatformAnswer(serial=0, message_id=POSITION_ID, result=Result.OK)
        form = open_frame(encode(sample, version=version, phone=phone, serial=0)[1:-1])
        assert isinstance(form, bytes)
        self._form = form[: -_TAIL.size]
        self._phone = form[self._phone_at]

    def find(self, payload: bytes) -> tuple[int, Position] | None:
        """Serial and position of a payload that is nothing but that."""
        if len(payload) < self._body_at or payload[self._phone_at] != self._phone:
            return None
        message_id, properties = _FIRST.unpack_from(payload)
        # Equal only without encryption, sub-packages and a length that is wrong.
        if message_id != POSITION_ID or properties != self._flags | len(payload) - self._body_at:
            return None
        try:
            position = decode_position(payload[self._body_at :])
        except RefusedError:
            return None
        if position.alarm_bits & self._but_bits:
            return None
        return int.from_bytes(payload[self._serial_at : self._body_at]), position

    def take(self, frames: deque[bytes | Malformed], most: int) -> tuple[list[int], list[Position]]:
        """Takes such payloads off the head of the line: their serials and positions."""
        serials: list[int] = []
        positions: list[Position] = []
        while frames and len(serials) < most:
            frame = frames[0]
            found = None if isinstance(frame, Malformed) else self.find(frame)
            if found is None:
                break
            frames.popleft()
            serials.append(found[0])
            positions.append(found[1])
        return serials, positions

    def answer(self, own_serial: int, serials: list[int]) -> bytes:
        """The frames that say: these positions are stored. Their serials begin with our own."""
        return b"".join(
            close_frame(
                self._form + _TAIL.pack((own_serial + n) % SERIALS, serial, POSITION_ID, Result.OK)
            )
            for n, serial in enumerate(serials)
        )
