"""The bus's frame: bytes to values and back, no socket.

    uint32 length of what follows | uint16 length of the topic | topic, UTF-8 | payload

Numbers are big-endian. A frame is at most `FRAME_MAX_BYTES` long; a longer one means that the two
ends lost step, so the connection is given up.
"""

import struct
from typing import Final

FRAME_MAX_BYTES: Final = 1_048_576

_TOPIC_MAX_BYTES: Final = 65_535
_LENGTH: Final = struct.Struct(">I")
_TOPIC_LENGTH: Final = struct.Struct(">H")

LENGTH_BYTES: Final = _LENGTH.size


class FrameError(ValueError):
    """Not a frame of this bus; the text names the field."""


def encode(topic: str, payload: bytes) -> bytes:
    name = topic.encode()
    length = _TOPIC_LENGTH.size + len(name) + len(payload)
    if not name or len(name) > _TOPIC_MAX_BYTES:
        raise FrameError(f"topic: {len(name)} bytes, 1 to {_TOPIC_MAX_BYTES} are possible")
    if length > FRAME_MAX_BYTES:
        raise FrameError(f"payload: the frame would have {length} bytes, {FRAME_MAX_BYTES} at most")
    return _LENGTH.pack(length) + _TOPIC_LENGTH.pack(len(name)) + name + payload


def decode_length(head: bytes) -> int:
    """How many bytes follow these first `LENGTH_BYTES`."""
    if len(head) != LENGTH_BYTES:
        raise FrameError(f"length: {len(head)} bytes instead of {LENGTH_BYTES}")
    length: int = _LENGTH.unpack(head)[0]
    if not _TOPIC_LENGTH.size < length <= FRAME_MAX_BYTES:
        raise FrameError(f"length: {length} is out of range")
    return length


def decode_body(body: bytes) -> tuple[str, bytes]:
    """Topic and payload of what follows the length."""
    if len(body) < _TOPIC_LENGTH.size:
        raise FrameError("topic length: cut short")
    size: int = _TOPIC_LENGTH.unpack_from(body)[0]
    start = _TOPIC_LENGTH.size
    if not 0 < size <= len(body) - start:
        raise FrameError(f"topic length: {size} is out of range")
    try:
        topic = body[start : start + size].decode()
    except UnicodeDecodeError as error:
        raise FrameError("topic: not UTF-8") from error
    return topic, body[start + size :]
