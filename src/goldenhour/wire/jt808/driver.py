"""The driver's certificate, as the terminal's card reader found it: 0x0702.

Rule 1: 2011 begins with the name, 2013 with card and time; 2019 adds the identity card's number.
Rule 2: name and numbers are a person's. They stand in this value alone, and in no refusal.
"""

from datetime import date
from enum import IntEnum
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.fields import (
    DATE_BYTES,
    TIME_BYTES,
    Cursor,
    decode_text,
    encode_date,
    encode_padded,
    encode_text,
    encode_time,
    find_date,
    find_time_ms,
)
from goldenhour.wire.jt808.values import UnencodableError, Version

_CERTIFICATE_BYTES: Final = 20
_CERTIFICATE_2011_BYTES: Final = 40
_ID_NUMBER_BYTES: Final = 20


class Card(IntEnum):
    """Of a driver's certificate; NONE where the edition of 2011 does not say it."""

    NONE = 0
    INSERTED = 1
    REMOVED = 2


class CardResult(IntEnum):
    READ = 0
    KEY_REFUSED = 1
    LOCKED = 2
    PULLED_OUT = 3
    CHECKSUM = 4


class Driver(Record):
    """0x0702. What follows `result` is there for a card that was inserted and read."""

    card: int
    at_ms: int | None
    """When it was inserted or removed."""
    result: int = CardResult.READ
    name: str = ""
    certificate: str = ""
    """Often the same number as the identity card's."""
    issuer: str = ""
    valid_until: date | None = None
    id_number: str = ""
    """Of the identity card; some write it under a header of 2013 too."""
    short: bool = False
    """The body of 2011, under a header of 2013: without card, time, result and validity."""


def _read_counted(cursor: Cursor, field: str) -> str:
    return decode_text(cursor.take(cursor.number(1, field), field))


def _write_counted(text: str, field: str) -> bytes:
    data = encode_text(text, field)
    return len(data).to_bytes(1) + data


def decode_driver(cursor: Cursor, version: Version) -> Driver:
    first = cursor.number(1, "card")
    if version is Version.V2013 and first not in (Card.INSERTED, Card.REMOVED):
        # The body of 2011 begins with the length of a name, and no name has two bytes or one.
        return Driver(
            card=Card.NONE,
            at_ms=None,
            name=decode_text(cursor.take(first, "name")),
            id_number=cursor.padded(_ID_NUMBER_BYTES, "id_number"),
            certificate=cursor.padded(_CERTIFICATE_2011_BYTES, "certificate"),
            issuer=_read_counted(cursor, "issuer"),
            short=True,
        )
    at_ms = find_time_ms(cursor.take(TIME_BYTES, "time"))
    if first != Card.INSERTED:
        return Driver(card=first, at_ms=at_ms)
    result = cursor.number(1, "result")
    if result != CardResult.READ:
        return Driver(card=first, at_ms=at_ms, result=result)
    return Driver(
        card=first,
        at_ms=at_ms,
        result=result,
        name=_read_counted(cursor, "name"),
        certificate=cursor.padded(_CERTIFICATE_BYTES, "certificate"),
        issuer=_read_counted(cursor, "issuer"),
        valid_until=find_date(cursor.take(DATE_BYTES, "valid_until")),
        id_number=cursor.padded(_ID_NUMBER_BYTES, "id_number")
        if cursor.left >= _ID_NUMBER_BYTES
        else "",
    )


def encode_driver(body: Driver, version: Version) -> bytes:
    name = _write_counted(body.name, "name")
    id_number = encode_padded(body.id_number, _ID_NUMBER_BYTES, "id_number")
    issuer = _write_counted(body.issuer, "issuer")
    if body.short:
        if version is not Version.V2013 or name[0] in (Card.INSERTED, Card.REMOVED):
            raise UnencodableError("short: under a header of 2013, and not with such a name")
        width = _CERTIFICATE_2011_BYTES
        certificate = encode_padded(body.certificate, width, "certificate")
        return b"".join((name, id_number, certificate, issuer))
    data = body.card.to_bytes(1) + encode_time(body.at_ms)
    if body.card != Card.INSERTED:
        return data
    data += body.result.to_bytes(1)
    if body.result != CardResult.READ:
        return data
    certificate = encode_padded(body.certificate, _CERTIFICATE_BYTES, "certificate")
    data += name + certificate + issuer + encode_date(body.valid_until)
    return data + id_number if version is Version.V2019 or body.id_number else data
