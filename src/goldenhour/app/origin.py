"""The vehicle's own hash chain: one link an upload item, in the order of recording.

Rule 1: origin(n) = SHA-256(origin(n-1) + canonical(n)), from 32 zero bytes.
Rule 2: canonical bytes are parts, each preceded by its length (8 bytes, big endian), so that no two
        different items hash alike; the algorithm is the first part.
Rule 3: personal text is not among them: event bodies commit to it, and its erasure must leave the
        chain provable.
"""

import hashlib
from typing import Final

import msgspec

from goldenhour.app.edge import UploadItem

ALGORITHM: Final = "sha256-edge-1"

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


def origin_after(previous: bytes, installation: str, item: UploadItem) -> bytes:
    """The chain after this item; the item's own `origin` is not read."""
    digest = hashlib.sha256(previous)
    parts = [
        ALGORITHM.encode(),
        installation.encode(),
        str(item.sequence).encode(),
        item.actor.encode(),
        item.seat.encode(),
        item.role.encode(),
        str(item.occurred_ms).encode(),
        item.fingerprint,
        b"" if item.numerics is None else _ENCODER.encode(item.numerics),
    ]
    for event in item.events:
        parts += [event.stream.encode(), str(event.part).encode(), event.body]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
