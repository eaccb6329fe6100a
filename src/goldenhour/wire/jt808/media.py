"""Pictures, sound and video of a terminal, and its camera: 0x0800, 0x0801, 0x0805, 0x8800, 0x8801.

Rule 1: codes are bare numbers, since terminals send others than the standard's; the enumerations
        name those that are known.
Rule 2: between head and data of a 0x0801 stands the fixed part of a position, since 2013. Under a
        header of 2013 a body whose data begin at once, by the mark of their own format, is that of
        2011, which has no position.
Rule 3: the data are not looked into beyond that.
"""

from enum import IntEnum
from struct import Struct
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.fields import Cursor
from goldenhour.wire.jt808.position import Position, decode_position, encode_position
from goldenhour.wire.jt808.values import Reason, RefusedError, UnencodableError, Version

MEDIA_ID: Final = 0x0801
VIDEO_COMMAND: Final = 0xFFFF
_HEAD: Final = Struct(">IBBBB")
_ORDER: Final = Struct(">BHHBBBBBBB")
_PLACE_BYTES: Final = 28


class MediaKind(IntEnum):
    PICTURE = 0
    SOUND = 1
    VIDEO = 2


class MediaFormat(IntEnum):
    JPEG = 0
    TIF = 1
    MP3 = 2
    WAV = 3
    WMV = 4


_MARKS: Final[dict[int, tuple[bytes, ...]]] = {
    MediaFormat.JPEG: (b"\xff\xd8\xff",),
    MediaFormat.TIF: (b"II*\0", b"MM\0*"),
    MediaFormat.MP3: (b"ID3",),
    MediaFormat.WAV: (b"RIFF",),
    MediaFormat.WMV: (b"\x30\x26\xb2\x75",),
}


class Occasion(IntEnum):
    """Why a terminal took it; 4 to 7 since 2013."""

    ORDER = 0
    TIMER = 1
    ROBBERY = 2
    COLLISION = 3
    DOOR_OPENED = 4
    DOOR_CLOSED = 5
    DROVE_OFF = 6
    """A door was shut and the vehicle went over 20 km/h."""
    DISTANCE = 7


class CameraResult(IntEnum):
    """Of 0x0805."""

    OK = 0
    FAILED = 1
    NO_CHANNEL = 2


class MediaEvent(Record):
    """0x0800: something was taken; and the head of a 0x0801."""

    media_id: int
    """The terminal's own number of it."""
    kind: int
    format: int
    occasion: int
    channel: int


class Media(Record):
    """0x0801, whole."""

    event: MediaEvent
    position: Position | None
    """Where and when it was taken; without items. None: 2011."""
    data: bytes


class MediaAnswer(Record):
    """0x8800: it is whole, or these of its sub-packages are missing."""

    media_id: int
    missing: tuple[int, ...] = ()


class TakePicture(Record):
    """0x8801."""

    channel: int
    command: int
    """How many pictures; 0 stops, `VIDEO_COMMAND` films."""
    interval_s: int = 0
    keep: int = 0
    """1: it stays in the terminal; 0: it is sent at once."""
    resolution: int = 2
    """1 to 4: 320x240, 640x480, 800x600, 1024x768; 5 to 8: the sizes of analogue cameras."""
    quality: int = 5
    """1 loses least, 10 is smallest."""
    brightness: int = 128
    contrast: int = 64
    saturation: int = 64
    chroma: int = 128


class CameraAnswer(Record):
    """0x0805: the answer to 0x8801."""

    serial: int
    result: int
    media_ids: tuple[int, ...] = ()
    """Only with result 0."""


def decode_event(cursor: Cursor, _version: Version) -> MediaEvent:
    return MediaEvent(
        media_id=cursor.number(4, "media_id"),
        kind=cursor.number(1, "kind"),
        format=cursor.number(1, "format"),
        occasion=cursor.number(1, "occasion"),
        channel=cursor.number(1, "channel"),
    )


def encode_event(body: MediaEvent, _version: Version) -> bytes:
    return _HEAD.pack(body.media_id, body.kind, body.format, body.occasion, body.channel)


def decode_media(cursor: Cursor, version: Version) -> Media:
    event = decode_event(cursor, version)
    rest = cursor.rest()
    position = None
    if not _is_of_2011(event.format, rest, version):
        inner = Cursor(rest)
        position = decode_position(inner.take(_PLACE_BYTES, "position"))
        rest = inner.rest()
    if not rest:
        raise RefusedError(Reason.LENGTH, "data", "0 bytes")
    return Media(event=event, position=position, data=rest)


def encode_media(body: Media, version: Version) -> bytes:
    place = b"" if body.position is None else encode_position(body.position)
    if body.position is not None and len(place) != _PLACE_BYTES:
        raise UnencodableError("position: its items have no room here")
    rest = place + body.data
    if not body.data or _is_of_2011(body.event.format, rest, version) != (body.position is None):
        raise UnencodableError("data: none, or they would be read as of another edition")
    return encode_event(body.event, version) + rest


def _is_of_2011(code: int, rest: bytes, version: Version) -> bool:
    marks = _MARKS.get(code, ())
    after_head = rest.startswith(marks) and not rest[_PLACE_BYTES:].startswith(marks)
    return version is Version.V2013 and after_head


def decode_media_answer(cursor: Cursor, _version: Version) -> MediaAnswer:
    media_id = cursor.number(4, "media_id")
    # Nothing follows when all is there; some write a count of nought.
    count = cursor.number(1, "count") if cursor.left else 0
    return MediaAnswer(media_id=media_id, missing=_numbers(cursor.take(2 * count, "missing"), 2))


def encode_media_answer(body: MediaAnswer, _version: Version) -> bytes:
    head = body.media_id.to_bytes(4)
    if not body.missing:
        return head
    indices = b"".join(index.to_bytes(2) for index in body.missing)
    return head + len(body.missing).to_bytes(1) + indices


def decode_take_picture(cursor: Cursor, _version: Version) -> TakePicture:
    return TakePicture(
        channel=cursor.number(1, "channel"),
        command=cursor.number(2, "command"),
        interval_s=cursor.number(2, "interval_s"),
        keep=cursor.number(1, "keep"),
        resolution=cursor.number(1, "resolution"),
        quality=cursor.number(1, "quality"),
        brightness=cursor.number(1, "brightness"),
        contrast=cursor.number(1, "contrast"),
        saturation=cursor.number(1, "saturation"),
        chroma=cursor.number(1, "chroma"),
    )


def encode_take_picture(body: TakePicture, _version: Version) -> bytes:
    return _ORDER.pack(
        body.channel,
        body.command,
        body.interval_s,
        body.keep,
        body.resolution,
        body.quality,
        body.brightness,
        body.contrast,
        body.saturation,
        body.chroma,
    )


def decode_camera_answer(cursor: Cursor, _version: Version) -> CameraAnswer:
    serial, result = cursor.number(2, "serial"), cursor.number(1, "result")
    # A list belongs to success alone, and some leave it out even then.
    count = cursor.number(2, "count") if result == CameraResult.OK and cursor.left else 0
    media_ids = _numbers(cursor.take(4 * count, "media_ids"), 4)
    return CameraAnswer(serial=serial, result=result, media_ids=media_ids)


def encode_camera_answer(body: CameraAnswer, _version: Version) -> bytes:
    head = body.serial.to_bytes(2) + body.result.to_bytes(1)
    if body.result != CameraResult.OK:
        if body.media_ids:
            raise UnencodableError("media_ids: only with result 0")
        return head
    ids = b"".join(media_id.to_bytes(4) for media_id in body.media_ids)
    return head + len(body.media_ids).to_bytes(2) + ids


def _numbers(data: bytes, width: int) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + width]) for at in range(0, len(data), width))
