"""The head of a key block: what the model must know of each channel before the first sample.

Rule 1: everything read from bytes is checked here; what is out of range is a BadBlockError.
"""

from enum import IntEnum
from typing import Final, NamedTuple

MAX_CHANNELS: Final = 64
MAX_SAMPLES: Final = 4096
"""Of one block: a bound on memory."""
MAX_VALUE: Final = 1 << 23
"""Samples are signed 24-bit numbers."""
MAX_SHIFT: Final = 15
MAX_SCALE: Final = 223

_HAS_STEP: Final = 0x10
_KIND_SHIFT: Final = 5
_VARINT_MAX_BYTES: Final = 5
_CONTINUED: Final = 0x80
"""The top bit says whether another byte follows."""


class BadBlockError(ValueError):
    """These bytes are no block of this format; the text names the field."""


class RelationKind(IntEnum):
    """The lead that is predicted from leads I and II; the numbers stand in the format."""

    NONE = 0
    III = 1
    AVR = 2
    AVL = 3
    AVF = 4


HALVES: Final = ((0, 0), (-2, 2), (-1, -1), (2, -1), (-1, 2))
"""By kind: how many halves of lead I and of lead II make the lead."""


class Relation(NamedTuple):
    kind: RelationKind
    lead_i: int
    lead_ii: int
    """Indices of the channels that hold leads I and II."""


class ChannelParams(NamedTuple):
    relation: Relation | None
    step: int
    """Greatest common divisor of all differences: many devices count in fives."""
    first: int
    """The first sample, or the first remainder of a channel with a relation."""
    shift: int
    """Differences are halved so many times before the predictor sees them."""
    scale: int
    """Code of the expected error at the start."""


def expected_error(scale: int) -> int:
    """What a scale code stands for, in 1/256 of a step."""
    return ((8 + (scale & 7)) << (scale >> 3)) >> 3


def scale_for(error: int) -> int:
    """The smallest code that stands for at least this error, in 1/256 of a step."""
    scale = 0
    while scale < MAX_SCALE and expected_error(scale) < error:
        scale += 1
    return scale


def write_params(channels: list[ChannelParams]) -> bytes:
    out = bytearray()
    for channel in channels:
        kind = channel.relation.kind if channel.relation else RelationKind.NONE
        has_step = _HAS_STEP if channel.step != 1 else 0
        out.append(kind << _KIND_SHIFT | has_step | channel.shift)
        if channel.relation:
            out += bytes((channel.relation.lead_i, channel.relation.lead_ii))
        if channel.step != 1:
            _write_varint(out, channel.step)
        out.append(channel.scale)
        first = channel.first
        _write_varint(out, first << 1 if first >= 0 else (-first << 1) - 1)
    return bytes(out)


def read_params(data: bytes, count: int) -> tuple[list[ChannelParams], int]:
    """The parameters of `count` channels and where the coded samples begin."""
    at = 0
    channels: list[ChannelParams] = []
    for _ in range(count):
        form, at = _read_byte(data, at, "form")
        kind = form >> _KIND_SHIFT
        if kind > RelationKind.AVF:
            raise BadBlockError(f"relation: {kind} is unknown")
        relation = None
        if kind:
            lead_i, at = _read_byte(data, at, "lead I")
            lead_ii, at = _read_byte(data, at, "lead II")
            relation = Relation(RelationKind(kind), lead_i, lead_ii)
        step = 1
        if form & _HAS_STEP:
            step, at = _read_varint(data, at, "step")
        scale, at = _read_byte(data, at, "scale")
        folded, at = _read_varint(data, at, "first")
        first = folded >> 1 if folded & 1 == 0 else -((folded + 1) >> 1)
        if not 1 <= step <= 2 * MAX_VALUE:
            raise BadBlockError(f"step: {step} is out of range")
        if scale > MAX_SCALE:
            raise BadBlockError(f"scale: {scale} is out of range")
        if abs(first) >= 4 * MAX_VALUE:
            raise BadBlockError(f"first: {first} is out of range")
        channels.append(ChannelParams(relation, step, first, form & MAX_SHIFT, scale))
    for channel in channels:
        for lead in channel.relation[1:] if channel.relation else ():
            if lead >= count or channels[lead].relation:
                raise BadBlockError(f"relation: channel {lead} is not a plain one")
    return channels, at


def _write_varint(out: bytearray, value: int) -> None:
    while value >= _CONTINUED:
        out.append(value & 0x7F | _CONTINUED)
        value >>= 7
    out.append(value)


def _read_byte(data: bytes, at: int, field: str) -> tuple[int, int]:
    if at >= len(data):
        raise BadBlockError(f"{field}: cut short")
    return data[at], at + 1


def _read_varint(data: bytes, at: int, field: str) -> tuple[int, int]:
    value = 0
    for place in range(_VARINT_MAX_BYTES):
        byte, at = _read_byte(data, at, field)
        value |= (byte & 0x7F) << 7 * place
        if byte < _CONTINUED:
            return value, at
    raise BadBlockError(f"{field}: longer than {_VARINT_MAX_BYTES} bytes")
