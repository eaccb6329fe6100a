"""Packets to access units: one picture, or one block of audio.

Rule 1: a unit comes whole or not at all: its first, middle and last packets follow one another by
        their sequence numbers, which everything on a channel shares.
Rule 2: what did not come is told once, in the place where it is missing.
Rule 3: a packet whose number is a little behind came twice or too late, and is left out: its place
        was told already. A number that is far off is a new count.
Rule 4: transparent data are counted and left out.
"""

from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt1078.packet import Kind, Packet, Split

MAX_UNIT_BYTES: Final = 4 * 1024 * 1024
LATE_PACKETS: Final = 64
_NUMBERS: Final = 1 << 16


class AccessUnit(Record):
    channel: int
    kind: Kind
    payload_type: int
    device_ms: int
    data: bytes
    """Of H.264 and H.265 in the form of Annex B, as the device wrote it."""


class Lost(Record):
    """A hole in a channel."""

    channel: int
    packets: int
    """That are missing by their numbers; 0: the numbers do not tell."""
    text: str


class _Channel:
    def __init__(self) -> None:
        self.next_sequence: int | None = None
        self.first: Packet | None = None
        """Of the unit that is under way."""
        self.body = bytearray()
        self.told = False
        """That this unit's rest is of no use."""

    def drop(self) -> None:
        self.first = None
        self.body.clear()


class Assembler:
    """One for each connection."""

    def __init__(self) -> None:
        self._channels: dict[int, _Channel] = {}

    def feed(self, packet: Packet) -> list[AccessUnit | Lost]:
        channel = self._channels.setdefault(packet.channel, _Channel())
        found: list[AccessUnit | Lost] = []
        if channel.next_sequence is not None:
            step = (packet.sequence - channel.next_sequence) % _NUMBERS
            if step >= _NUMBERS - LATE_PACKETS:
                return found
            if step:
                missing = step if step < _NUMBERS // 2 else 0
                found.append(_lost(packet, missing, "packets did not come"))
                channel.drop()
                channel.told = True
        channel.next_sequence = (packet.sequence + 1) % _NUMBERS
        if packet.kind is not Kind.TRANSPARENT:
            self._take(channel, packet, found)
        return found

    def _take(self, channel: _Channel, packet: Packet, found: list[AccessUnit | Lost]) -> None:
        if packet.split in (Split.ATOMIC, Split.FIRST):
            if channel.first is not None:
                found.append(_lost(packet, 0, "a unit has no end"))
                channel.drop()
            channel.told = False
            if packet.split is Split.ATOMIC:
                found.append(_unit(packet, packet.body))
                return
            channel.first = packet
        elif channel.first is None:
            if not channel.told:
                found.append(_lost(packet, 0, "a unit has no beginning"))
                channel.told = True
            return
        channel.body += packet.body
        if len(channel.body) > MAX_UNIT_BYTES:
            found.append(_lost(packet, 0, f"a unit is longer than {MAX_UNIT_BYTES} bytes"))
            channel.drop()
            channel.told = True
        elif packet.split is Split.LAST:
            found.append(_unit(channel.first, bytes(channel.body)))
            channel.drop()


def _lost(packet: Packet, packets: int, text: str) -> Lost:
    return Lost(channel=packet.channel, packets=packets, text=text)


def _unit(first: Packet, data: bytes) -> AccessUnit:
    return AccessUnit(
        channel=first.channel,
        kind=first.kind,
        payload_type=first.payload_type,
        device_ms=first.device_ms,
        data=data,
    )
