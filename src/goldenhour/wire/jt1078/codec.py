"""What a browser must know of H.264 before it decodes: profile, constraints and level."""

from typing import Final

H264: Final = 98
H265: Final = 99
_START: Final = b"\x00\x00\x01"
_TYPE: Final = 0x1F
_PARAMETERS: Final = 7
_SHOWN_BYTES: Final = 3


def h264_codec(unit: bytes) -> str:
    """`avc1.PPCCLL` out of the sequence parameters of a key frame; empty: it has none."""
    start = unit.find(_START)
    while start >= 0:
        at = start + len(_START)
        told = unit[at + 1 : at + 1 + _SHOWN_BYTES]
        if len(told) == _SHOWN_BYTES and unit[at] & _TYPE == _PARAMETERS:
            return f"avc1.{told.hex()}"
        start = unit.find(_START, at)
    return ""
