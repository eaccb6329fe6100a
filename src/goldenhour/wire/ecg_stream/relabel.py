"""The same packets under the names of other leads: an electrode was moved, its plug was not.

Rule 1: only names change; samples, numbers and times are those of the device.
Rule 2: between two key packets a name cannot change. What came after the change and before the
        next key packet is left out: it would be read under the old name.
Rule 3: a source that declares one of the new names itself is believed, and nothing is renamed.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from goldenhour.wire.ecg_stream.packet import Channel, decode, encode


def renamed(channels: tuple[Channel, ...], names: Mapping[str, str]) -> tuple[Channel, ...]:
    if not {channel.lead for channel in channels}.isdisjoint(names.values()):
        return channels
    return tuple(replace(one, lead=names.get(one.lead, one.lead)) for one in channels)


class Relabeller:
    """For the packets of one reader, in the order in which they come."""

    def __init__(self, names_at: Callable[[str, int], Mapping[str, str]]) -> None:
        """`names_at`: of a device at a moment, by the lead it declares the lead that it is."""
        self._names_at = names_at
        self._keyed: dict[str, Mapping[str, str]] = {}

    def take(self, data: bytes, device_id: str, at_ms: int) -> bytes | None:
        """None: it cannot be shown under the right name."""
        names = self._names_at(device_id, at_ms)
        if not names and not self._keyed.get(device_id):
            return data
        packet = decode(data)
        if packet.declaration is None:
            return data if self._keyed.get(device_id, {}) == names else None
        self._keyed[device_id] = names
        channels = renamed(packet.declaration.channels, names)
        return encode(replace(packet, declaration=replace(packet.declaration, channels=channels)))
