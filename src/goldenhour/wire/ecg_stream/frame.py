"""Packets on a byte stream: a length of two bytes before each, and what comes back.

Rule 1: a packet that is broken inside its length costs itself only; the next length stands.
Rule 2: the receiver says how far it holds a stream durably; the sender keeps what is beyond and
        sends it again after a reconnection, so a receiver must bear duplicates.
"""

from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_stream.packet import BadPacketError, Packet, decode

_LENGTH_BYTES: Final = 2
_ACK_BYTES: Final = 12


class Broken(Record):
    """A frame whose content is no packet."""

    text: str


class Framer:
    """Chunks in; for each whole frame its bytes and its packet, or what broke it."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, chunk: bytes) -> list[tuple[bytes, Packet] | Broken]:
        kept = self._kept
        kept += chunk
        found: list[tuple[bytes, Packet] | Broken] = []
        at = 0
        while len(kept) - at >= _LENGTH_BYTES:
            end = at + _LENGTH_BYTES + int.from_bytes(kept[at : at + _LENGTH_BYTES], "little")
            if end > len(kept):
                break
            data = bytes(kept[at + _LENGTH_BYTES : end])
            try:
                found.append((data, decode(data)))
            except BadPacketError as error:
                found.append(Broken(text=str(error)))
            at = end
        del kept[:at]
        return found


def wrap(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH_BYTES, "little") + data


class Ack(Record):
    """All packets of the stream below `through` are durable at the receiver."""

    epoch: int
    through: int


class AckReader:
    """The sender's end of the same connection."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, chunk: bytes) -> list[Ack]:
        self._kept += chunk
        whole = len(self._kept) // _ACK_BYTES * _ACK_BYTES
        found = [
            Ack(
                epoch=int.from_bytes(self._kept[at : at + 4], "little"),
                through=int.from_bytes(self._kept[at + 4 : at + _ACK_BYTES], "little"),
            )
            for at in range(0, whole, _ACK_BYTES)
        ]
        del self._kept[:whole]
        return found


def write_ack(ack: Ack) -> bytes:
    return ack.epoch.to_bytes(4, "little") + ack.through.to_bytes(8, "little")
