"""Identifiers: UUIDv7 (RFC 9562) from a given time and given randomness.

Time-ordered ids keep B-trees dense and make logs readable; a given source of randomness keeps
virtual time reproducible.
"""

from collections.abc import Callable
from typing import Final, NewType

Entropy = Callable[[int], bytes]
"""Gives n random bytes: `os.urandom` live, `random.Random(seed).randbytes` in virtual time."""

Id = NewType("Id", str)

_LENGTH: Final = 16


def uuid7(at_ms: int, entropy: Entropy) -> Id:
    """A UUIDv7 in its 36-character form."""
    raw = bytearray(at_ms.to_bytes(6, "big") + entropy(_LENGTH - 6))
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    text = raw.hex()
    return Id(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
