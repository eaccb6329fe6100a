"""The text of a second-generation identity card, as its reader gives it: 256 bytes of UTF-16LE.

Rule 1: fields of fixed lengths, filled up with blanks or zeros; nothing is corrected or guessed.
Rule 2: any bytes give a card or the field at fault; nothing is raised.
Rule 3: a fault names the field and never what stands in it, since it goes into logs.
Rule 4: a field is cut out before it is decoded: a rare character of a name takes two units.
"""

from datetime import date
from typing import Final
from unicodedata import category

from goldenhour.kernel.record import Record

BLOCK_BYTES: Final = 256
_UNIT_BYTES: Final = 2
_WIDTHS: Final = {
    "name": 15,
    "sex": 1,
    "nation": 2,
    "birth_day": 8,
    "address": 35,
    "number": 18,
    "issuer": 15,
    "valid_from": 8,
    "valid_to": 8,
}
"""In units of UTF-16; eighteen more are reserved."""
_KIND_AT: Final = 248
"""In the reserve: which kind of card this is."""
_CITIZEN: Final = (b" \0", b"\0\0")
_RESIDENT: Final = b"J\0"
"""A residence permit of Hong Kong, Macao and Taiwan: what is taken here stands in these places."""
_FOREIGN: Final = (b"I\0", b"Y\0")
"""A foreigner's permanent residence, whose places are others."""
_FILL: Final = " \0"
_FOR_EVER: Final = "长期"
_SEXES: Final = ("0", "1", "2", "9")
_DAY_DIGITS: Final = 8


class CardText(Record):
    name: str
    sex: str
    """GB/T 2261.1: 1 a man, 2 a woman, 0 and 9 not known"""
    nation: str
    """GB/T 3304, two digits; empty on a residence permit"""
    birth_day: str
    """Here and below YYYY-MM-DD."""
    address: str
    number: str
    """As it stands there; its check digit is somebody else's to check."""
    issuer: str
    valid_from: str
    valid_to: str
    """Empty: without an end."""


class BlockFault(Record):
    field: str
    """`kind`: another kind of card, which is no fault of the reader."""


def read_block(block: bytes) -> CardText | BlockFault:
    if len(block) != BLOCK_BYTES:
        return BlockFault(field="length")
    kind = block[_KIND_AT : _KIND_AT + _UNIT_BYTES]
    if kind in _FOREIGN:
        return BlockFault(field="kind")
    if kind not in (*_CITIZEN, _RESIDENT):
        return BlockFault(field="reserve")
    texts: dict[str, str] = {}
    at = 0
    for field, width in _WIDTHS.items():
        part, at = block[at : at + width * _UNIT_BYTES], at + width * _UNIT_BYTES
        text = _text(part)
        if text is None:
            return BlockFault(field=field)
        texts[field] = text
    forever = texts["valid_to"] == _FOR_EVER
    days = ("birth_day", "valid_from") if forever else ("birth_day", "valid_from", "valid_to")
    for field in days:
        day = _day(texts[field])
        if day is None:
            return BlockFault(field=field)
        texts[field] = day
    for field in ("name", "number"):
        if not texts[field]:
            return BlockFault(field=field)
    if texts["sex"] not in _SEXES:
        return BlockFault(field="sex")
    if forever:
        texts["valid_to"] = ""
    return CardText(**texts)


def _text(part: bytes) -> str | None:
    """Without its filling; None: no text."""
    try:
        text = part.decode("utf-16-le").rstrip(_FILL)
    except UnicodeDecodeError:
        return None
    return None if any(category(character) == "Cc" for character in text) else text


def _day(text: str) -> str | None:
    if len(text) != _DAY_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    day = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    return day
