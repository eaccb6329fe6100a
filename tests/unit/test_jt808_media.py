"""Pictures of terminals on the wire, byte by byte as the standard's tables have them."""

import pytest

from goldenhour.wire.jt808 import (
    Assembler,
    Malformed,
    Message,
    Reason,
    Splitter,
    UnencodableError,
    Version,
    decode,
    encode,
)
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    CameraResult,
    Media,
    MediaAnswer,
    MediaEvent,
    MediaFormat,
    MediaKind,
    Occasion,
    TakePicture,
)
from goldenhour.wire.jt808.messages import PlatformResend, Raw
from goldenhour.wire.jt808.position import Item, Position

OLD, NEW = Version.V2013, Version.V2019
PHONE = {OLD: "013800000001", NEW: "00000000013800000001"}
HEAD = "0000271D 00 00 02 01"  # number 10013, picture, JPEG, robbery, channel 1
PLACE = (
    "00000001 00080003"  # SOS; ACC, fix, BeiDou
    "02284EC8 06BDFA4C"  # 36.196040, 113.113676
    "03A2 01A7 005A"  # 930 m, 42.3 km/h, 90 degrees
    "251127 112233"
)
JPEG = "FFD8FFE0 0010 4A46494600 FFD9"
EVENT = MediaEvent(
    media_id=10013,
    kind=MediaKind.PICTURE,
    format=MediaFormat.JPEG,
    occasion=Occasion.ROBBERY,
    channel=1,
)
POSITION = Position(
    alarm_bits=1,
    status_bits=0x0008_0003,
    lat_microdeg=0x0228_4EC8,
    lon_microdeg=0x06BD_FA4C,
    altitude_m=930,
    speed_dkmh=423,
    direction_deg=90,
    device_ms=1_764_213_753_000,  # 2025-11-27T11:22:33+08:00
)


def on_the_line(version: Version, message_id: str, body: str, place: str = "") -> bytes:
    """By hand: properties, phone and serial 7 before the body, XOR after it, escapes and flags."""
    data = bytes.fromhex(body)
    properties = len(data) | (1 << 14 if version is NEW else 0) | (1 << 13 if place else 0)
    kind = "01" if version is NEW else ""
    serial = "0007" if not place else f"{6 + int(place.split()[1], 16):04X}"
    head = f"{message_id}{properties:04X}{kind}{PHONE[version]}{serial}{place}"
    content = bytes.fromhex(head) + data
    check = 0
    for byte in content:
        check ^= byte
    inner = content + bytes([check])
    escaped = inner.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
    return b"\x7e" + escaped + b"\x7e"


def read(frame: bytes) -> Message | Malformed:
    (found,) = Splitter().feed(frame)
    return decode(found) if isinstance(found, bytes) else found


MEDIA = Media(event=EVENT, position=POSITION, data=bytes.fromhex(JPEG))
BODIES = [
    ("0800", HEAD, EVENT),
    (
        "0800",
        "000015C1 01 02 01 06",
        MediaEvent(media_id=5569, kind=1, format=2, occasion=1, channel=6),
    ),
    ("0801", f"{HEAD} {PLACE} {JPEG}", MEDIA),
    (
        "0805",
        "30A8 00 0002 00003012 00003124",
        CameraAnswer(serial=12456, result=0, media_ids=(12306, 12580)),
    ),
    ("0805", "30A8 00 0000", CameraAnswer(serial=12456, result=CameraResult.OK)),
    ("0805", "30A8 01", CameraAnswer(serial=12456, result=CameraResult.FAILED)),
    ("0805", "30A8 02", CameraAnswer(serial=12456, result=CameraResult.NO_CHANNEL)),
    ("8800", "0000271D", MediaAnswer(media_id=10013)),
    ("8800", "0000271D 02 0002 0105", MediaAnswer(media_id=10013, missing=(2, 261))),
    (
        "8801",
        "03 0001 0000 00 02 05 80 40 40 80",
        TakePicture(channel=3, command=1),
    ),
    (
        "8801",
        "80 0000 0A7E 01 08 09 EB 7E 78 F5",
        TakePicture(
            channel=128,
            command=0,
            interval_s=2686,
            keep=1,
            resolution=8,
            quality=9,
            brightness=235,
            contrast=126,
            saturation=120,
            chroma=245,
        ),
    ),
]


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("message_id", "body", "meaning"), BODIES)
def test_a_frame_of_the_table_is_read_and_written(
    version: Version, message_id: str, body: str, meaning: object
) -> None:
    frame = on_the_line(version, message_id, body)
    message = read(frame)
    assert isinstance(message, Message)
    assert (message.body, message.extra) == (meaning, b"")
    assert (message.header.phone, message.header.serial) == ("13800000001", 7)
    assert encode(message.body, version=version, phone="13800000001", serial=7) == frame


@pytest.mark.parametrize(
    ("message_id", "body", "meaning"),
    [
        ("8800", "00000081 00", MediaAnswer(media_id=129)),  # a count of nought
        ("0805", "0007 00", CameraAnswer(serial=7, result=0)),  # no list
        ("0805", "0007 02 0001 0000271D", CameraAnswer(serial=7, result=2)),  # one, all the same
        (
            "0800",
            "00000000 09 FF 2A 00",  # codes that the standard keeps for later
            MediaEvent(media_id=0, kind=9, format=255, occasion=42, channel=0),
        ),
    ],
)
def test_what_terminals_write_otherwise_is_read(
    message_id: str, body: str, meaning: object
) -> None:
    message = read(on_the_line(OLD, message_id, body))
    assert isinstance(message, Message)
    assert message.body == meaning


def test_the_body_of_2011_has_no_place_and_is_known_by_its_picture() -> None:
    of_2011 = on_the_line(OLD, "0801", f"{HEAD} {JPEG}")
    message = read(of_2011)
    assert isinstance(message, Message)
    assert message.body == Media(event=EVENT, position=None, data=bytes.fromhex(JPEG))
    assert encode(message.body, version=OLD, phone="13800000001", serial=7) == of_2011
    # Under a header of 2019 it is no picture of 2011, but one that ends in its place.
    refusal = read(on_the_line(NEW, "0801", f"{HEAD} {JPEG}"))
    assert isinstance(refusal, Malformed)
    assert (refusal.reason, refusal.field) == (Reason.LENGTH, "position")
    # A picture within a picture is of 2013: its alarms happen to look like the mark.
    both = read(on_the_line(OLD, "0801", f"{HEAD} FFD8FFE0 {PLACE[9:]} {JPEG}"))
    assert isinstance(both, Message)
    assert isinstance(both.body, Media)
    assert both.body.position is not None
    assert both.body.position.alarm_bits == 0xFFD8FFE0


@pytest.mark.parametrize(
    ("message_id", "body", "field"),
    [
        ("0800", "0000271D 00 00 02", "channel"),
        ("0801", "0000271D 00 00 02", "channel"),
        ("0801", f"{HEAD} {PLACE[:-2]}", "position"),
        ("0801", f"{HEAD} {PLACE}", "data"),
        ("0805", "0007", "result"),
        ("0805", "0007 00 00", "count"),
        ("0805", "0007 00 0002 00000001", "media_ids"),
        ("8800", "000027", "media_id"),
        ("8800", "0000271D 02 0001", "missing"),
        ("8801", "01 0001 0000 00 02 05 80 40 40", "chroma"),
    ],
)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_what_ends_too_early_is_refused_by_the_field_that_was_to_come(
    version: Version, message_id: str, body: str, field: str
) -> None:
    refusal = read(on_the_line(version, message_id, body))
    assert isinstance(refusal, Malformed)
    assert (refusal.reason, refusal.field) == (Reason.LENGTH, field)
    assert refusal.header is not None


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (Media(event=EVENT, position=None, data=b"\xff\xd8\xff"), NEW),
        (Media(event=EVENT, position=None, data=b"no picture"), OLD),
        (Media(event=EVENT, position=POSITION, data=b""), OLD),
        (
            Media(
                event=EVENT,
                position=Position(
                    alarm_bits=0,
                    status_bits=0,
                    lat_microdeg=0,
                    lon_microdeg=0,
                    altitude_m=0,
                    speed_dkmh=0,
                    direction_deg=0,
                    device_ms=None,
                    items=(Item(item_id=1, data=b"1234"),),
                ),
                data=b"x",
            ),
            NEW,
        ),
        (CameraAnswer(serial=1, result=1, media_ids=(1,)), NEW),
        (MediaAnswer(media_id=1, missing=(1,) * 256), NEW),
        (TakePicture(channel=256, command=1), NEW),
    ],
)
def test_what_the_table_has_no_room_for_is_not_written(
    body: Media | CameraAnswer | MediaAnswer | TakePicture, version: Version
) -> None:
    with pytest.raises(UnencodableError):
        encode(body, version=version, phone="1", serial=1)


WHOLE = f"{HEAD} {PLACE} {JPEG}".replace(" ", "")


def list_parts(version: Version, message_id: str = "0801") -> list[Message]:
    """Four; the number of the picture stands in the first."""
    pieces = [WHOLE[at : at + 28] for at in range(0, len(WHOLE), 28)]
    found = []
    for n, piece in enumerate(pieces, 1):
        place = f"{len(pieces):04X} {n:04X}"
        message = read(on_the_line(version, message_id, piece, place))
        assert isinstance(message, Message)
        found.append(message)
    assert [part.header.serial for part in found] == [7, 8, 9, 10]
    return found


@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_picture_in_parts_is_whole_with_the_last_whatever_the_order(version: Version) -> None:
    first, second, third, fourth = list_parts(version)
    assembler = Assembler(timeout_ms=10)
    *nothing, whole = [assembler.add(part, 0) for part in (third, first, first, fourth, second)]
    assert nothing == [None] * 4
    assert isinstance(whole, Message)
    assert whole.body == MEDIA


def test_missing_parts_are_asked_for_by_the_pictures_number_then_by_serial() -> None:
    first, second, _third, fourth = list_parts(NEW)
    assembler = Assembler(timeout_ms=10)
    for part in (first, fourth):
        assembler.add(part, 0)
    assert assembler.list_overdue(10) == [MediaAnswer(media_id=10013, missing=(2, 3))]
    # A terminal that does not understand that is asked as for any other message.
    assert assembler.list_overdue(20) == [PlatformResend(first_serial=7, indices=(2, 3))]
    assembler.add(second, 21)
    assert assembler.list_overdue(31) == [MediaAnswer(media_id=10013, missing=(3,))]


def test_while_its_first_part_is_missing_a_picture_has_no_number() -> None:
    _first, second, third, fourth = list_parts(OLD)
    assembler = Assembler(timeout_ms=10)
    for part in (second, third, fourth):
        assembler.add(part, 0)
    assert assembler.list_overdue(10) == [PlatformResend(first_serial=7, indices=(1,))]


def test_no_other_message_is_asked_for_by_a_pictures_number() -> None:
    assembler = Assembler(timeout_ms=10)
    assembler.add(list_parts(OLD, "0900")[0], 0)
    assert assembler.list_overdue(10) == [PlatformResend(first_serial=7, indices=(2, 3, 4))]


def test_parts_that_make_no_picture_are_refused_as_a_whole() -> None:
    assembler = Assembler(timeout_ms=10)
    for index in (1, 2):
        place = f"0002 {index:04X}"
        part = read(on_the_line(OLD, "0801", "0000", place))
        assert isinstance(part, Message)
        assert isinstance(part.body, Raw)
        found = assembler.add(part, 0)
    assert isinstance(found, Malformed)
    assert (found.reason, found.field) == (Reason.LENGTH, "kind")
