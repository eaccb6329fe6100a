"""JT/T 808-2013 and -2019, sans-I/O: bytes in, messages out, and back.

A stream goes through `Splitter`, each payload through `decode`, sub-packages through `Assembler`;
`encode` writes one frame, `encode_parts` as many as it takes, which `SentParts` keeps for a while.
Messages live in `messages`, the position body in `position`.
"""

from goldenhour.wire.jt808.codec import Message, decode, encode, encode_parts, header_bytes
from goldenhour.wire.jt808.frame import Splitter
from goldenhour.wire.jt808.parts import Assembler, Room, SentParts
from goldenhour.wire.jt808.values import (
    Header,
    Malformed,
    Part,
    Reason,
    UnencodableError,
    Version,
)

__all__ = [
    "Assembler",
    "Header",
    "Malformed",
    "Message",
    "Part",
    "Reason",
    "Room",
    "SentParts",
    "Splitter",
    "UnencodableError",
    "Version",
    "decode",
    "encode",
    "encode_parts",
    "header_bytes",
]
