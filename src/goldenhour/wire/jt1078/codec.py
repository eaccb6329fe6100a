"""What a browser must know of H.264 and H.265 before it decodes: profile, constraints and level."""

from collections.abc import Iterator
from typing import Final

H264: Final = 98
H265: Final = 99
_START: Final = b"\x00\x00\x01"
_H264_TYPE: Final = 0x1F
_H264_PARAMETERS: Final = 7
_H264_SHOWN: Final = 3
_H265_PARAMETERS: Final = 33
_H265_HEAD: Final = 3
"""Two bytes of header, one of the parameter set's id and its layers."""
_H265_SHOWN: Final = 12


def codec_of(payload_type: int, unit: bytes) -> str:
    """As RFC 6381 writes it, out of the sequence parameters of a key frame; empty: not known."""
    if payload_type == H264:
        return h264_codec(unit)
    return h265_codec(unit) if payload_type == H265 else ""


def h264_codec(unit: bytes) -> str:
    """`avc1.PPCCLL`; empty: there are no sequence parameters."""
    for at in _parts(unit):
        told = unit[at + 1 : at + 1 + _H264_SHOWN]
        if len(told) == _H264_SHOWN and unit[at] & _H264_TYPE == _H264_PARAMETERS:
            return f"avc1.{told.hex()}"
    return ""


def h265_codec(unit: bytes) -> str:
    """`hev1.P.C.TL.X` (ISO/IEC 14496-15, annex E); empty: there are no sequence parameters."""
    for at in _parts(unit):
        if unit[at] >> 1 & 0x3F != _H265_PARAMETERS:
            continue
        # A 3 after two zeros was put in so that no start code arises.
        raw = unit[at : at + 2 * (_H265_HEAD + _H265_SHOWN)].replace(b"\x00\x00\x03", b"\x00\x00")
        told = raw[_H265_HEAD : _H265_HEAD + _H265_SHOWN]
        if len(told) == _H265_SHOWN:
            return _h265_words(told)
    return ""


def _h265_words(told: bytes) -> str:
    space, high, profile = told[0] >> 6, told[0] >> 5 & 1, told[0] & 0x1F
    compatible = int(f"{int.from_bytes(told[1:5]):032b}"[::-1], 2)
    constraints = "".join(f".{byte:x}" for byte in told[5:11].rstrip(b"\x00"))
    letter = ("", "A", "B", "C")[space]
    return f"hev1.{letter}{profile}.{compatible:x}.{'H' if high else 'L'}{told[11]}{constraints}"


def _parts(unit: bytes) -> Iterator[int]:
    """Where the parts of an Annex B picture begin, behind their start codes."""
    start = unit.find(_START)
    while start >= 0:
        at = start + len(_START)
        if at < len(unit):
            yield at
        start = unit.find(_START, at)
