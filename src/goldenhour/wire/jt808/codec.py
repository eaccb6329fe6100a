"""A checked payload to a message and back, for JT/T 808-2013 and -2019.

Rule 1: `decode` never raises; what it cannot read is a `Malformed` with the field's name.
Rule 2: the header alone says which edition a message is in; nothing is guessed from the phone.
Rule 3: a sub-package decodes to its raw bytes; `parts.Assembler` makes the message of them.

Implements the message layouts of the standard; no conformity is claimed.
"""

from struct import Struct
from struct import error as struct_error
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.bodies import CODECS, MESSAGE_IDS
from goldenhour.wire.jt808.fields import Cursor
from goldenhour.wire.jt808.frame import MAX_BODY_BYTES, close_frame
from goldenhour.wire.jt808.messages import Body, Raw
from goldenhour.wire.jt808.values import (
    SERIALS,
    Header,
    Malformed,
    Part,
    Reason,
    RefusedError,
    UnencodableError,
    Version,
)

_FIRST: Final = Struct(">HH")  # message id, properties
_PART: Final = Struct(">HH")
_SPLIT: Final = 1 << 13
_IS_2019: Final = 1 << 14
_PROTOCOL_VERSION: Final = b"\x01"
_PHONE_BYTES: Final = {Version.V2013: 6, Version.V2019: 10}


class Message(Record):
    """`header.part` is set for a sub-package, whose body is `Raw`, and for what came in parts."""

    header: Header
    body: Body
    extra: bytes = b""
    """Bytes after the last field that we know."""


def header_bytes(payload: bytes) -> int:
    """How long a payload's header is, by what its properties say."""
    properties = int.from_bytes(payload[2:4])
    version = Version.V2019 if properties & _IS_2019 else Version.V2013
    phone_at = 5 if version is Version.V2019 else 4
    return phone_at + _PHONE_BYTES[version] + (2 + _PART.size if properties & _SPLIT else 2)


def decode(payload: bytes, *, counted: bool = False) -> Message | Malformed:
    """Takes what `Splitter` or `open_frame` gave.

    `counted`: the length that the header states is wrong, and passed over.
    """
    try:
        header, body = _read_header(payload, counted=counted)
    except RefusedError as error:
        return Malformed(reason=error.reason, field=error.field, detail=error.detail)
    if header.encryption:
        return Malformed(
            reason=Reason.ENCRYPTED,
            field="body",
            detail=f"method {header.encryption}",
            header=header,
        )
    if header.part is not None:
        return Message(header=header, body=Raw(message_id=header.message_id, data=body))
    return decode_body(header, body)


def decode_body(header: Header, data: bytes) -> Message | Malformed:
    codec = CODECS.get(header.message_id)
    if codec is None:
        return Message(header=header, body=Raw(message_id=header.message_id, data=data))
    cursor = Cursor(data)
    try:
        body = codec.read(cursor, header.version)
    except RefusedError as error:
        return Malformed(reason=error.reason, field=error.field, detail=error.detail, header=header)
    return Message(header=header, body=body, extra=cursor.rest())


def encode(body: Body, *, version: Version, phone: str, serial: int) -> bytes:
    """One frame; a body over 1,023 bytes is an UnencodableError."""
    message_id, data = _write_body(body, version)
    return _frame(Header(message_id=message_id, version=version, phone=phone, serial=serial), data)


def encode_parts(
    body: Body, *, version: Version, phone: str, serial: int, part_bytes: int = MAX_BODY_BYTES
) -> list[bytes]:
    """Frames of a body of any length, with serials from `serial` on; one that fits is not split."""
    message_id, data = _write_body(body, version)
    pieces = [data[at : at + part_bytes] for at in range(0, len(data), part_bytes)] or [b""]
    total = len(pieces)
    return [
        _frame(
            Header(
                message_id=message_id,
                version=version,
                phone=phone,
                serial=(serial + n) % SERIALS,
                part=Part(total=total, index=n + 1) if total > 1 else None,
            ),
            piece,
        )
        for n, piece in enumerate(pieces)
    ]


def _read_header(payload: bytes, *, counted: bool) -> tuple[Header, bytes]:
    if len(payload) < _FIRST.size:
        raise RefusedError(Reason.LENGTH, "header", f"{len(payload)} bytes")
    message_id, properties = _FIRST.unpack_from(payload)
    if properties & _IS_2019:
        version, phone_at = Version.V2019, 5
    else:
        version, phone_at = Version.V2013, 4
    serial_at = phone_at + _PHONE_BYTES[version]
    end = serial_at + (2 + _PART.size if properties & _SPLIT else 2)
    if len(payload) < end:
        raise RefusedError(Reason.LENGTH, "header", f"{len(payload)} bytes of {end}")
    if not counted and len(payload) - end != properties & MAX_BODY_BYTES:
        raise RefusedError(
            Reason.LENGTH,
            "body",
            f"{len(payload) - end} bytes, the header says {properties & MAX_BODY_BYTES}",
        )
    phone = payload[phone_at:serial_at].hex()
    if not phone.isdecimal():
        raise RefusedError(Reason.DIGITS, "phone", phone)
    part = None
    if properties & _SPLIT:
        total, index = _PART.unpack_from(payload, serial_at + 2)
        if not 1 <= index <= total:
            raise RefusedError(Reason.RANGE, "part", f"{index} of {total}")
        part = Part(total=total, index=index)
    header = Header(
        message_id=message_id,
        version=version,
        phone=phone.lstrip("0"),
        serial=int.from_bytes(payload[serial_at : serial_at + 2]),
        encryption=properties >> 10 & 0b111,
        part=part,
    )
    return header, payload[end:]


def _write_body(body: Body, version: Version) -> tuple[int, bytes]:
    if isinstance(body, Raw):
        return body.message_id, body.data
    message_id = MESSAGE_IDS[type(body)]
    try:
        return message_id, CODECS[message_id].write(body, version)
    except (struct_error, OverflowError) as error:
        raise UnencodableError(f"{type(body).__name__}: {error}") from error


def _frame(header: Header, data: bytes) -> bytes:
    if len(data) > MAX_BODY_BYTES:
        raise UnencodableError(f"body: {len(data)} bytes do not fit {MAX_BODY_BYTES}")
    digits = 2 * _PHONE_BYTES[header.version]
    phone = header.phone.zfill(digits)
    if len(phone) != digits or not (phone.isascii() and phone.isdecimal()):
        raise UnencodableError(f"phone: {header.phone!r} is not up to {digits} digits")
    properties = len(data)
    protocol = place = b""
    if header.version is Version.V2019:
        properties |= _IS_2019
        protocol = _PROTOCOL_VERSION
    try:
        if header.part is not None:
            properties |= _SPLIT
            place = _PART.pack(header.part.total, header.part.index)
        first = _FIRST.pack(header.message_id, properties)
        serial = header.serial.to_bytes(2)
    except (struct_error, OverflowError) as error:
        raise UnencodableError(f"header: {error}") from error
    return close_frame(b"".join((first, protocol, bytes.fromhex(phone), serial, place, data)))
