"""What is said to a card reader, and what its answers mean; no socket.

Rule 1: a message has its length before it, two bytes, the high one first. One byte alone is for the
        reader itself (those of vsmartcard's `vpcd`), anything longer is a command of ISO 7816-4 for
        the card, answered with data and two bytes of status.
Rule 2: an empty answer says that no card lies there; in the middle of a reading it was taken away.
Rule 3: the reader has opened the card with its own secrets (the SAM); here comes the text alone.
"""

from collections.abc import Generator
from enum import StrEnum
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.id_card.block import BLOCK_BYTES

LENGTH_BYTES: Final = 2
MOST_BYTES: Final = 258
"""Of an answer: the data of a short command and its status."""
POWER_OFF: Final = b"\x00"
POWER_ON: Final = b"\x01"
GET_ATR: Final = b"\x04"
"""The answer to reset; the two orders of power have no answer."""
_CONVENTIONS: Final = (0x3B, 0x3F)
"""What an answer to reset begins with."""
_TEXT_FILE: Final = bytes.fromhex("1001")
_SELECT: Final = bytes.fromhex("00 A4 02 0C 02") + _TEXT_FILE
"""An elementary file by its identifier, without a description in the answer."""
_READ_BINARY: Final = bytes.fromhex("00 B0")
_PART_BYTES: Final = 128
_STATUS_BYTES: Final = 2
_DONE: Final = bytes.fromhex("9000")


class Stop(StrEnum):
    NO_CARD = "no_card"
    REMOVED = "removed"
    REFUSED = "refused"


class Stopped(Record):
    """Why a reading ended without a text."""

    stop: Stop
    status: str = ""
    """Four hexadecimal digits of ISO 7816-4, or what was no answer at all."""


def frame(message: bytes) -> bytes:
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


def read_text() -> Generator[bytes, bytes, bytes | Stopped]:
    """Yields what to say, is sent the answer to it, and returns the text block."""
    atr = yield GET_ATR
    if not atr:
        return Stopped(stop=Stop.NO_CARD)
    if atr[0] not in _CONVENTIONS:
        return Stopped(stop=Stop.REFUSED, status="ATR")
    answer = yield _SELECT
    if stopped := _stopped(answer):
        return stopped
    block = bytearray()
    while len(block) < BLOCK_BYTES:
        offset = len(block).to_bytes(2, "big")
        answer = yield _READ_BINARY + offset + bytes([_PART_BYTES])
        if stopped := _stopped(answer):
            return stopped
        part = answer[:-_STATUS_BYTES]
        if not part:
            return Stopped(stop=Stop.REFUSED, status="empty")
        block += part
    return bytes(block)


def _stopped(answer: bytes) -> Stopped | None:
    if not answer:
        return Stopped(stop=Stop.REMOVED)
    status = answer[-_STATUS_BYTES:]
    return None if status == _DONE else Stopped(stop=Stop.REFUSED, status=status.hex().upper())
