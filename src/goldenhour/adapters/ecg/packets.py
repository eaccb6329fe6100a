"""From the bytes of a packet to the value that the rest of the product passes on."""

from goldenhour.kernel.telemetry import SampleClock, Strip
from goldenhour.wire.ecg_stream import Packet, decode


def strip_of(data: bytes, unit_id: str, received_ms: int, packet: Packet | None = None) -> Strip:
    """Raises BadPacketError."""
    known = packet or decode(data)
    said = known.declaration
    return Strip(
        unit_id=unit_id,
        epoch=known.epoch,
        sequence=known.sequence,
        key=known.key,
        received_ms=received_ms,
        data=data,
        first=known.first,
        clock=None
        if said is None
        else SampleClock(
            device_id=said.device_id,
            first=known.first,
            at_ms=said.device_ms,
            rate_mhz=said.rate_mhz,
        ),
    )
