"""The hash chain of a stream: SHA-256 over length-prefixed bytes, as written.

Rule 1: the bytes that are hashed are the bytes that are stored; nothing is re-encoded.
Rule 2: every part is preceded by its length, so that no two different events hash alike.
Rule 3: the algorithm is a field, so that a stronger one can follow without rewriting history.

`main/verify.py` states the same rule a second time with the standard library alone; a test holds
the two together.
"""

import hashlib
from typing import Final

ALGORITHM: Final = "sha256-lp-1"
GENESIS: Final = bytes(32)


def link(
    previous: bytes,
    *,
    stream: str,
    version: int,
    body: bytes,
    actor: str,
    seat: str,
    role: str,
    org: str,
    installation: str,
    sequence: int,
    part: int,
    occurred_ms: int,
    received_ms: int,
    origin: bytes,
) -> bytes:
    """The hash of one event, given the hash of the event before it in its stream."""
    digest = hashlib.sha256()
    for item in (
        ALGORITHM.encode(),
        previous,
        stream.encode(),
        str(version).encode(),
        body,
        actor.encode(),
        seat.encode(),
        role.encode(),
        org.encode(),
        installation.encode(),
        str(sequence).encode(),
        str(part).encode(),
        str(occurred_ms).encode(),
        str(received_ms).encode(),
        origin,
    ):
        digest.update(len(item).to_bytes(8, "big"))
        digest.update(item)
    return digest.digest()
