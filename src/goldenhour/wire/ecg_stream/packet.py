"""One packet: at most 200 ms of all leads, coded, with what places it in its stream.

Rule 1: a stream is (device, epoch); a source that starts again takes a later epoch. Samples are
        numbered from 0 within it, packets too.
Rule 2: a key packet declares the leads and can be decoded alone; another one needs all packets
        since the last key packet.
Rule 3: a packet lies within one block of one second, so that whole packets make sealed blocks.
Rule 4: everything read is checked; a packet with a wrong CRC-32C is no packet.
"""

from typing import Final

from crc32c import crc32c

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_stream.fields import BadPacketError, Reader, text, varint

__all__ = ["BadPacketError", "Channel", "Declaration", "Packet", "block_number", "decode", "encode"]

VERSION: Final = 0xE1
MAX_PACKET_BYTES: Final = 0xFFFF
MAX_CHANNELS: Final = 64
MAX_COUNT: Final = 4096
HASH_BYTES: Final = 32

_KEY: Final = 0x01
_REPLAY: Final = 0x01
_SAME_SCALE: Final = 0x80
_CRC_BYTES: Final = 4
_MHZ: Final = 1000

LEADS: Final = (
    *("", "I", "II", "III", "aVR", "aVL", "aVF"),
    *("V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9"),
    *("V3R", "V4R", "V5R", "V6R", "X", "Y", "Z", "MCL1", "ES", "AS", "AI"),
)
"""The numbers of leads stand in the format; 0 is followed by a name."""
_NUMBERS: Final = {name: number for number, name in enumerate(LEADS) if name}


class Channel(Record):
    lead: str
    nanovolt: int
    """Of one unit of a sample."""


class Declaration(Record):
    """What a key packet says of its stream."""

    device_id: str
    replay: bool
    """A recording that is played again, for demonstration: never a patient."""
    device_ms: int
    """The device's clock at the packet's first sample."""
    rate_mhz: int
    """Samples a second, times 1000."""
    channels: tuple[Channel, ...]
    sealed: bytes
    """The cumulative hash of all blocks before this packet's block."""


class Packet(Record):
    epoch: int
    sequence: int
    first: int
    """The number of its first sample."""
    count: int
    declaration: Declaration | None
    """Present in key packets."""
    coded: bytes

    @property
    def key(self) -> bool:
        return self.declaration is not None

    @property
    def end(self) -> int:
        return self.first + self.count


def block_number(sample: int, rate_mhz: int) -> int:
    """The second that a sample belongs to; a block has rate // 1000 samples, at least one."""
    return sample // max(rate_mhz // _MHZ, 1)


def encode(packet: Packet) -> bytes:
    """Raises BadPacketError for what the format cannot hold."""
    if not 0 <= packet.epoch < 1 << 32:
        raise BadPacketError(f"epoch: {packet.epoch} is out of range")
    if not 1 <= packet.count <= MAX_COUNT:
        raise BadPacketError(f"count: {packet.count} is out of range")
    out = bytearray((VERSION, _KEY if packet.key else 0))
    out += packet.epoch.to_bytes(4, "little")
    out += varint(packet.sequence, "sequence")
    out += varint(packet.first, "first")
    out += varint(packet.count, "count")
    if packet.declaration is not None:
        out += _encode_declaration(packet.declaration)
    out += packet.coded
    out += crc32c(bytes(out)).to_bytes(_CRC_BYTES, "little")
    if len(out) > MAX_PACKET_BYTES:
        raise BadPacketError(f"packet: {len(out)} bytes, {MAX_PACKET_BYTES} are possible")
    return bytes(out)


def decode(data: bytes) -> Packet:
    """Raises BadPacketError, and nothing else."""
    body, crc = data[:-_CRC_BYTES], data[-_CRC_BYTES:]
    if crc32c(body).to_bytes(_CRC_BYTES, "little") != crc:
        raise BadPacketError("crc: does not match")
    reader = Reader(body)
    version, flags = reader.octet("version"), reader.octet("flags")
    if version != VERSION:
        raise BadPacketError(f"version: {version:#x} is unknown")
    if flags & ~_KEY:
        raise BadPacketError(f"flags: {flags:#x} is unknown")
    epoch = reader.fixed(4, "epoch")
    sequence, first = reader.varint("sequence"), reader.varint("first")
    count = reader.varint("count")
    if not 1 <= count <= MAX_COUNT:
        raise BadPacketError(f"count: {count} is out of range")
    return Packet(
        epoch=epoch,
        sequence=sequence,
        first=first,
        count=count,
        declaration=_decode_declaration(reader) if flags & _KEY else None,
        coded=reader.rest(),
    )


def _encode_declaration(given: Declaration) -> bytes:
    if not 1 <= len(given.channels) <= MAX_CHANNELS:
        raise BadPacketError(f"channels: {len(given.channels)}, 1 to {MAX_CHANNELS} are possible")
    if len(given.sealed) != HASH_BYTES:
        raise BadPacketError(f"sealed: {len(given.sealed)} bytes instead of {HASH_BYTES}")
    out = bytearray(text(given.device_id, "device_id"))
    out.append(_REPLAY if given.replay else 0)
    out += varint(given.device_ms, "device_ms")
    out += varint(given.rate_mhz, "rate_mhz")
    out += given.sealed
    out.append(len(given.channels))
    scale = 0
    for channel in given.channels:
        number = _NUMBERS.get(channel.lead, 0)
        out.append(number | (_SAME_SCALE if channel.nanovolt == scale else 0))
        if not number:
            out += text(channel.lead, "lead")
        if channel.nanovolt != scale:
            out += varint(channel.nanovolt, "nanovolt")
        scale = channel.nanovolt
    return bytes(out)


def _decode_declaration(reader: Reader) -> Declaration:
    device_id = reader.text("device_id")
    marks = reader.octet("marks")
    if marks & ~_REPLAY:
        raise BadPacketError(f"marks: {marks:#x} is unknown")
    device_ms = reader.varint("device_ms")
    rate_mhz = reader.varint("rate_mhz")
    if rate_mhz == 0:
        raise BadPacketError("rate_mhz: 0")
    sealed = reader.octets(HASH_BYTES, "sealed")
    count = reader.octet("channels")
    if not 1 <= count <= MAX_CHANNELS:
        raise BadPacketError(f"channels: {count}, 1 to {MAX_CHANNELS} are possible")
    channels: list[Channel] = []
    scale = 0
    for _ in range(count):
        form = reader.octet("lead")
        number = form & ~_SAME_SCALE
        if number >= len(LEADS):
            raise BadPacketError(f"lead: {number} is unknown")
        lead = LEADS[number] or reader.text("lead")
        scale = scale if form & _SAME_SCALE else reader.varint("nanovolt")
        if scale == 0:
            raise BadPacketError("nanovolt: 0")
        channels.append(Channel(lead=lead, nanovolt=scale))
    return Declaration(
        device_id=device_id,
        replay=bool(marks & _REPLAY),
        device_ms=device_ms,
        rate_mhz=rate_mhz,
        channels=tuple(channels),
        sealed=sealed,
    )
