"""Sealed blocks: the packets of one second as they travelled, with a checksum and a chained hash.

    hash of block n = SHA-256(hash of block n - 1 | epoch, u32 | n, u64 | packets, framed)

Rule 1: the packets' own bytes are sealed, never a re-coding: what is proved is what was sent.
Rule 2: the next key packet carries the hash so far (`Declaration.sealed`), so the source itself
        vouches for every block before it, whoever stored them.
Rule 3: a block is decodable together with the block that holds its last key packet.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from crc32c import crc32c

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_stream.frame import Framer, wrap
from goldenhour.wire.ecg_stream.packet import HASH_BYTES, Packet

GENESIS: Final = bytes(HASH_BYTES)
_HEAD_BYTES: Final = 12
_TAIL_BYTES: Final = HASH_BYTES + 4


class BadSealError(ValueError):
    """Not a sealed block, or not as it was sealed; the text names the field."""


class Sealed(Record):
    epoch: int
    number: int
    packets: tuple[bytes, ...]
    chained: bytes
    """The cumulative hash, this block included."""


def seal(epoch: int, number: int, packets: Sequence[bytes], previous: bytes) -> tuple[bytes, bytes]:
    """The block's bytes and its cumulative hash."""
    body = epoch.to_bytes(4, "little") + number.to_bytes(8, "little")
    body += b"".join(wrap(packet) for packet in packets)
    chained = hashlib.sha256(previous + body).digest()
    block = body + chained
    return block + crc32c(block).to_bytes(4, "little"), chained


def open_sealed(block: bytes, previous: bytes | None = None) -> Sealed:
    """Raises BadSealError. `previous` is the hash before; without it the chain is not checked."""
    if len(block) < _HEAD_BYTES + _TAIL_BYTES:
        raise BadSealError("block: cut short")
    if crc32c(block[:-4]).to_bytes(4, "little") != block[-4:]:
        raise BadSealError("crc: does not match")
    body, chained = block[:-_TAIL_BYTES], block[-_TAIL_BYTES:-4]
    if previous is not None and hashlib.sha256(previous + body).digest() != chained:
        raise BadSealError("hash: does not continue the block before")
    packets: list[tuple[bytes, Packet]] = []
    for item in Framer().feed(body[_HEAD_BYTES:]):
        if not isinstance(item, tuple):
            raise BadSealError(f"packets: {item.text}")
        packets.append(item)
    if sum(len(wrap(data)) for data, _ in packets) != len(body) - _HEAD_BYTES:
        raise BadSealError("packets: cut short")
    return Sealed(
        epoch=int.from_bytes(body[:4], "little"),
        number=int.from_bytes(body[4:_HEAD_BYTES], "little"),
        packets=tuple(data for data, _ in packets),
        chained=chained,
    )
