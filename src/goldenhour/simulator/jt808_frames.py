"""JT/T 808 frames as a vehicle terminal writes and reads them (2013 and 2019 layouts).

Rule 1: written from the layouts in the field's description only and independent of `wire.jt808`;
the two must agree on the wire, not in code.
Rule 2: no sockets, no clock, no randomness: values in, bytes out, and back.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, to_datetime

MAX_BODY_BYTES: Final = 1_023
_FLAG: Final = 0x7E
_V2019: Final = 1 << 14
_SPLIT: Final = 1 << 13
_LENGTH: Final = 0x3FF

_ALARM_NONE: Final = 0
_FIXED_POSITION_BYTES: Final = 28
_STATUS_ACC: Final = 1 << 0
_STATUS_POSITIONED: Final = 1 << 1
_STATUS_SOUTH: Final = 1 << 2
_STATUS_WEST: Final = 1 << 3
_STATUS_GPS: Final = 1 << 18
_STATUS_BEIDOU: Final = 1 << 19
_STATUS_MOVING: Final = 1 << 22  # 2019 only


class Id(IntEnum):
    TERMINAL_ANSWER = 0x0001
    HEARTBEAT = 0x0002
    RESEND = 0x0005
    REGISTER = 0x0100
    AUTHENTICATE = 0x0102
    POSITION = 0x0200
    QUESTION_ANSWER = 0x0302
    DRIVER = 0x0702
    BATCH = 0x0704
    MEDIA_EVENT = 0x0800
    MEDIA = 0x0801
    CAMERA_ANSWER = 0x0805
    PLATFORM_ANSWER = 0x8001
    PLATFORM_RESEND = 0x8003
    REGISTER_ANSWER = 0x8100
    TEXT = 0x8300
    QUESTION = 0x8302
    QUERY_DRIVER = 0x8702
    MEDIA_ANSWER = 0x8800
    CAMERA = 0x8801


class Identity(Record):
    """Who a terminal is on the wire."""

    phone: str
    """Digits; left zeros are added."""
    v2019: bool
    plate: str
    imei: str = "000000000000000"


class Card(Record):
    """A driver's certificate."""

    name: str
    certificate: str
    issuer: str
    valid_until: str
    """YYYYMMDD."""
    id_number: str


class Position(Record):
    """One fix; `point` None is a terminal that has found no satellites."""

    point: Point | None
    speed_kmh: float
    heading_deg: int
    altitude_m: int
    at_ms: int
    mileage_km: float
    satellites: int


class Heard(Record):
    """A frame of the platform."""

    message_id: int
    serial: int
    body: bytes


def build(who: Identity, message_id: int, serial: int, body: bytes = b"") -> bytes:
    """A whole frame, escaped."""
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"a body of {len(body)} bytes does not fit into one frame")
    return seal(_header(who, message_id, serial, len(body)) + body)


def build_parts(who: Identity, message_id: int, first_serial: int, body: bytes) -> list[bytes]:
    """Frames of a body that is longer than one; each has its place after the serial."""
    pieces = [body[at : at + MAX_BODY_BYTES] for at in range(0, len(body), MAX_BODY_BYTES)]
    return [
        seal(
            _header(who, message_id, first_serial + n, len(piece) | _SPLIT)
            + _word(len(pieces))
            + _word(n + 1)
            + piece
        )
        for n, piece in enumerate(pieces)
    ]


def build_with_wrong_length(who: Identity, message_id: int, serial: int, body: bytes) -> bytes:
    """A frame whose header promises one byte more than there is; the checksum is right."""
    return seal(_header(who, message_id, serial, len(body) + 1) + body)


def seal(content: bytes) -> bytes:
    """Checksum, escapes and delimiters around header and body."""
    check = 0
    for byte in content:
        check ^= byte
    inner = content + bytes([check])
    escaped = inner.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
    return bytes([_FLAG]) + escaped + bytes([_FLAG])


def _header(who: Identity, message_id: int, serial: int, properties: int) -> bytes:
    if who.v2019:
        kind, phone = b"\x01", bytes.fromhex(who.phone.zfill(20))
    else:
        kind, phone = b"", bytes.fromhex(who.phone.zfill(12))
    properties |= _V2019 if who.v2019 else 0
    return _word(message_id) + _word(properties) + kind + phone + _word(serial)


def register(who: Identity) -> bytes:
    maker, model, number = (11, 30, 30) if who.v2019 else (5, 20, 7)
    return b"".join(
        (
            _word(36),  # a province and a city of China, by the first digits of GB/T 2260
            _word(100),
            b"GHSIM".ljust(maker, b"\0"),
            b"DOUBLE".ljust(model, b"\0"),
            who.phone[-7:].encode().ljust(number, b"\0"),
            b"\x02",  # a yellow plate
            who.plate.encode("gbk"),
        )
    )


def authenticate(who: Identity, code: str) -> bytes:
    given = code.encode("gbk")
    if not who.v2019:
        return given
    version = b"double-1"
    imei = who.imei.encode().ljust(15, b"\0")
    return bytes([len(given)]) + given + imei + bytes([len(version)]) + version


def answer(serial: int, message_id: int, result: int) -> bytes:
    return _word(serial) + _word(message_id) + bytes([result])


def position(who: Identity, fix: Position) -> bytes:
    status = _STATUS_ACC
    lat = lon = 0.0
    if fix.point is not None:
        lat, lon = fix.point.lat, fix.point.lon
        status |= _STATUS_POSITIONED | _STATUS_GPS | _STATUS_BEIDOU
        status |= _STATUS_SOUTH if lat < 0 else 0
        status |= _STATUS_WEST if lon < 0 else 0
    if who.v2019 and fix.speed_kmh > 0:
        status |= _STATUS_MOVING
    local = to_datetime(fix.at_ms).astimezone(CHINA)
    return b"".join(
        (
            _double_word(_ALARM_NONE),
            _double_word(status),
            _double_word(round(abs(lat) * 1e6)),
            _double_word(round(abs(lon) * 1e6)),
            _word(fix.altitude_m),
            _word(round(fix.speed_kmh * 10)),
            _word(fix.heading_deg),
            bytes.fromhex(f"{local:%y%m%d%H%M%S}"),
            b"\x01\x04" + _double_word(round(fix.mileage_km * 10)),
            b"\x31\x01" + bytes([fix.satellites]),
        )
    )


def driver(who: Identity, card: Card | None, at_ms: int) -> bytes:
    """The body of a 0x0702; without a card, of its removal."""
    local = to_datetime(at_ms).astimezone(CHINA)
    when = bytes.fromhex(f"{local:%y%m%d%H%M%S}")
    if card is None:
        return b"\x02" + when
    name, issuer = card.name.encode("gbk"), card.issuer.encode("gbk")
    return b"".join(
        (
            b"\x01" + when + b"\x00",
            bytes([len(name)]) + name,
            card.certificate.encode("gbk").ljust(20, b"\0"),
            bytes([len(issuer)]) + issuer,
            bytes.fromhex(card.valid_until),
            card.id_number.encode("gbk").ljust(20, b"\0") if who.v2019 else b"",
        )
    )


def picture_event(media_id: int, occasion: int, channel: int) -> bytes:
    """The body of a 0x0800 of a JPEG."""
    return _double_word(media_id) + bytes([0, 0, occasion, channel])


def picture(event: bytes, position_body: bytes, data: bytes) -> bytes:
    """The body of a 0x0801, from those of its 0x0800 and of a 0x0200."""
    return event + position_body[:_FIXED_POSITION_BYTES] + data


def camera_answer(serial: int, result: int, media_ids: list[int]) -> bytes:
    """The body of a 0x0805; the list belongs to result 0."""
    ids = b"" if result else _word(len(media_ids)) + b"".join(map(_double_word, media_ids))
    return _word(serial) + bytes([result]) + ids


def read_camera(body: bytes) -> tuple[int, int]:
    """Channel and number of pictures of a 0x8801."""
    return body[0], int.from_bytes(body[1:3])


def read_media_answer(body: bytes) -> tuple[int, list[int]]:
    """The picture that a 0x8800 names, and its missing parts; none: it has arrived."""
    return int.from_bytes(body[:4]), [
        int.from_bytes(body[n : n + 2]) for n in range(5, len(body), 2)
    ]


def resend(who: Identity, first_serial: int, indices: list[int]) -> bytes:
    """The body of a 0x0005; its count is a WORD in 2019 and a BYTE before."""
    count = len(indices).to_bytes(2 if who.v2019 else 1)
    return _word(first_serial) + count + b"".join(map(_word, indices))


def read_resend(who: Identity, body: bytes) -> tuple[int, list[int]]:
    """The first serial and the parts that a 0x8003 asks for."""
    at = 4 if who.v2019 else 3
    return int.from_bytes(body[:2]), [
        int.from_bytes(body[n : n + 2]) for n in range(at, len(body), 2)
    ]


def catch_up(positions: list[bytes]) -> bytes:
    """The body of a 0x0704 for the blind zone, from bodies of 0x0200."""
    items = b"".join(_word(len(body)) + body for body in positions)
    return _word(len(positions)) + b"\x01" + items


def how_many_fit(positions: Iterable[bytes], most_bytes: int = MAX_BODY_BYTES) -> int:
    """How many of the first bodies one 0x0704 can carry."""
    size, count = 3, 0
    for body in positions:
        size += 2 + len(body)
        if size > most_bytes:
            break
        count += 1
    return count


def read_text(who: Identity, body: bytes) -> str:
    """The text of a 0x8300: a flag, in 2019 a type, then GBK."""
    return body[2 if who.v2019 else 1 :].decode("gbk", errors="replace")


def press(serial: int) -> bytes:
    """A 0x0302: which question, and the first of its answers."""
    return serial.to_bytes(2) + b"\1"


class Splitter:
    """The platform's byte stream in, messages out; what is no frame is dropped.

    A message in parts comes out with its last part, under that part's serial.
    """

    def __init__(self, who: Identity) -> None:
        self._who = who
        self._rest = b""
        self._open: dict[tuple[int, int, int], dict[int, bytes]] = {}
        """By id, serial of the first part and total: what came of it."""

    def list_missing(self) -> list[tuple[int, list[int]]]:
        """First serial and missing parts of each message that is not whole yet."""
        return [
            (first_serial, [n for n in range(1, total + 1) if n not in parts])
            for (_id, first_serial, total), parts in self._open.items()
        ]

    def feed(self, chunk: bytes) -> list[Heard]:
        *frames, self._rest = (self._rest + chunk).split(bytes([_FLAG]))
        heard = (self._read(frame) for frame in frames if frame)
        return [frame for frame in heard if frame is not None]

    def _read(self, frame: bytes) -> Heard | None:
        content = frame.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        start = 17 if self._who.v2019 else 12
        check = 0
        for byte in content:
            check ^= byte
        if len(content) <= start or check:  # a content with its own checksum gives zero
            return None
        properties, body = int.from_bytes(content[2:4]), content[start:-1]
        message_id, serial = int.from_bytes(content[:2]), int.from_bytes(content[start - 2 : start])
        place = b""
        if properties & _SPLIT:
            place, body = body[:4], body[4:]
        if len(body) != properties & _LENGTH:
            return None
        if not place:
            return Heard(message_id=message_id, serial=serial, body=body)
        total, index = int.from_bytes(place[:2]), int.from_bytes(place[2:])
        key = (message_id, (serial - index + 1) & 0xFFFF, total)
        parts = self._open.setdefault(key, {})
        parts[index] = body
        if len(parts) < total:
            return None
        del self._open[key]
        whole = b"".join(parts[n] for n in sorted(parts))
        return Heard(message_id=message_id, serial=serial, body=whole)


def _word(value: int) -> bytes:
    return (value & 0xFFFF).to_bytes(2)


def _double_word(value: int) -> bytes:
    return value.to_bytes(4)
