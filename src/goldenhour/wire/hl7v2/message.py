"""The grammar of an HL7 v2 message, as far as an observation needs it.

Rule 1: any bytes give a `Message` or a `Rejected` that names the field; nothing is raised.
Rule 2: text is decoded before it is split, since the second byte of a GB18030 character may be
`|`, `^`, `~` or a backslash.
Rule 3: a time without an offset takes that of MSH-7, and without that UTC+8: it is a Chinese clock.

The splitter is our own: the `hl7` package takes decoded text only, raises for an absent segment or
field, and splitting alone takes it three times as long as all of our decoding.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, from_datetime


class Reason(StrEnum):
    """Why a message is refused; the values are those of HL7 table 0357."""

    REQUIRED_FIELD = "101"
    DATA_TYPE = "102"
    MESSAGE_TYPE = "200"
    VERSION = "203"
    UNKNOWN_DEVICE = "204"
    INTERNAL = "207"


class Separators(Record):
    """MSH-1 and the four signs of MSH-2."""

    bar: str = "|"
    caret: str = "^"
    tilde: str = "~"
    escape: str = "\\"
    ampersand: str = "&"


class Envelope(Record):
    """What an answer to a message must repeat. The texts are as the peer wrote them."""

    separators: Separators
    sender: str
    facility: str
    control_id: str
    processing_id: str
    charset: str
    """Python's name of the character set the message was read in."""
    charset_name: str
    """MSH-18 as given."""
    trigger: str = "R01"
    """MSH-9's second component."""


class Rejected(Record):
    envelope: Envelope
    reason: Reason
    field: str
    text: str
    device_id: str = ""
    """Whose it is, where that can be read."""


class Message(Record):
    envelope: Envelope
    segments: tuple[tuple[str, ...], ...]
    """Each a tuple whose index is HL7's field number (0 holds the name)."""

    def list_segments(self, name: str) -> list[tuple[str, ...]]:
        return [segment for segment in self.segments if segment[0] == name]


UNREADABLE: Final = Envelope(
    separators=Separators(),
    sender="",
    facility="",
    control_id="",
    processing_id="P",
    charset="utf-8",
    charset_name="UNICODE UTF-8",
)

TRIGGERS: Final = ("R01", "R40")
"""Of the messages that are read: observations, and alarms (IHE PCD-01, PCD-04)."""
_SIGNS: Final = 5
_TIME: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})"
    r"(?:([0-9]{2})(?:\.([0-9]{1,6}))?)?(?:([+-])([0-9]{2})([0-9]{2}))?"
)
_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})$")


def field(segment: tuple[str, ...], number: int) -> str:
    """A field's text; absent and empty are the same to us."""
    return segment[number] if number < len(segment) else ""


def component(text: str, separator: str, number: int) -> str:
    """A component, counted from 1 as HL7 does, without the blanks around it."""
    parts = text.split(separator)
    return parts[number - 1].strip() if number <= len(parts) else ""


def parse(raw: bytes) -> Message | Rejected:
    charset, text = _decode(raw)
    lines = [line for line in re.split(r"[\r\n]+", text) if line]
    if not lines or not lines[0].startswith("MSH") or len(lines[0]) < 3 + _SIGNS:
        return Rejected(
            envelope=UNREADABLE,
            reason=Reason.REQUIRED_FIELD,
            field="MSH",
            text="the message does not begin with MSH and its separators",
        )
    signs = lines[0][3 : 3 + _SIGNS]
    if len(set(signs)) < _SIGNS or any(sign.isalnum() or sign.isspace() for sign in signs):
        return Rejected(
            envelope=UNREADABLE,
            reason=Reason.DATA_TYPE,
            field="MSH-2",
            text="five different signs are needed as separators",
        )
    bar = signs[0]
    header, *rest = (tuple(line.split(bar)) for line in lines)
    header = ("MSH", bar, *header[1:])  # MSH-1 is the separator itself
    envelope = Envelope(
        separators=Separators(
            bar=bar, caret=signs[1], tilde=signs[2], escape=signs[3], ampersand=signs[4]
        ),
        sender=field(header, 3),
        facility=field(header, 4),
        control_id=field(header, 10),
        processing_id=field(header, 11),
        charset=charset,
        charset_name=field(header, 18),
        trigger=component(field(header, 9), signs[1], 2),
    )
    return Message(envelope=envelope, segments=(header, *rest))


def _decode(raw: bytes) -> tuple[str, str]:
    """The character set that fits, the declared one first."""
    bar = raw[3:4].decode("latin-1") or "|"
    header = raw.lstrip(b"\r\n").split(b"\r", 1)[0].decode("latin-1").split(bar)
    declared = field(tuple(header), 17).upper()  # counted without MSH-1
    order = ["utf-8", "gb18030"]
    if declared.startswith("GB"):
        order.reverse()
    elif "8859" in declared:
        order.insert(1, "latin-1")
    for charset in order:
        try:
            return charset, raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return "utf-8", raw.decode("utf-8", errors="replace")


def unescape(text: str, signs: Separators) -> str:
    r"""Escape sequences (`\F\ \S\ \R\ \T\ \E\`) turned into what they stand for."""
    for letter, sign in _escapes(signs).items():
        text = text.replace(f"{signs.escape}{letter}{signs.escape}", sign)
    return text


def escape(text: str, signs: Separators) -> str:
    """Text that may stand in a component; what cannot be printed becomes a blank."""
    letters = {sign: letter for letter, sign in _escapes(signs).items()}
    clean = (c if c.isprintable() else " " for c in text)
    return "".join(
        f"{signs.escape}{letters[c]}{signs.escape}" if c in letters else c for c in clean
    )


def _escapes(signs: Separators) -> dict[str, str]:
    """The escape sign itself comes last, so that what it yields is not read again."""
    return {
        "F": signs.bar,
        "S": signs.caret,
        "R": signs.tilde,
        "T": signs.ampersand,
        "E": signs.escape,
    }


def offset_of(text: str) -> timezone | None:
    """The offset that a time carries, if it is one that exists."""
    match = _OFFSET.search(text)
    return _zone(*match.groups()) if match else None


def parse_time(text: str, default: timezone | None) -> int | None:
    """An HL7 DTM of at least minute precision as an instant; None for anything else."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    *parts, second, fraction, sign, hours, minutes = match.groups()
    zone = _zone(sign, hours, minutes) if sign else default or CHINA
    if zone is None:
        return None
    year, month, day, hour, minute = (int(part) for part in parts)
    micros = int((fraction or "0").ljust(6, "0"))
    try:
        value = datetime(year, month, day, hour, minute, int(second or 0), micros, tzinfo=zone)
        return from_datetime(value.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _zone(sign: str, hours: str, minutes: str) -> timezone | None:
    """None beyond the 14 hours that the earth's clocks reach."""
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(size if sign == "+" else -size) if size <= timedelta(hours=14) else None
