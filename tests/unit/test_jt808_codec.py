"""What the codec refuses, what it keeps, and the traps that vehicles set."""

import msgspec
import pytest

from goldenhour.kernel.geo import Point
from goldenhour.wire.jt808 import (
    Header,
    Malformed,
    Message,
    Reason,
    Splitter,
    UnencodableError,
    Version,
    decode,
    encode,
)
from goldenhour.wire.jt808.driver import Card, CardResult, Driver
from goldenhour.wire.jt808.frame import MAX_FRAME_BYTES, close_frame
from goldenhour.wire.jt808.messages import (
    Authenticate,
    Body,
    Heartbeat,
    PlatformAnswer,
    PlatformResend,
    Raw,
    Register,
    Text,
    TimeAnswer,
    Track,
)
from goldenhour.wire.jt808.position import (
    ENCRYPTED,
    ITEM_MILEAGE,
    ITEM_SATELLITES,
    POSITIONED,
    SOUTH,
    WEST,
    Item,
    Position,
)

PHONE = "13800000001"


def a_position(
    status_bits: int = POSITIONED,
    lat_microdeg: int = 36_195_400,
    lon_microdeg: int = 113_116_300,
    alarm_bits: int = 0,
    device_ms: int | None = 1_700_000_000_000,
) -> Position:
    return Position(
        alarm_bits=alarm_bits,
        status_bits=status_bits,
        lat_microdeg=lat_microdeg,
        lon_microdeg=lon_microdeg,
        altitude_m=900,
        speed_dkmh=423,
        direction_deg=90,
        device_ms=device_ms,
    )


def a_frame(body: Body, version: Version = Version.V2013, serial: int = 1) -> bytes:
    return encode(body, version=version, phone=PHONE, serial=serial)


def read_all(data: bytes) -> list[Message | Malformed]:
    return [decode(found) if isinstance(found, bytes) else found for found in Splitter().feed(data)]


def read(data: bytes) -> Message | Malformed:
    (found,) = read_all(data)
    return found


def a_raw_frame(message_id: int, body: bytes) -> bytes:
    return a_frame(Raw(message_id=message_id, data=body))


def test_garbage_before_between_and_after_costs_no_frame() -> None:
    frame = a_frame(Heartbeat())
    found = read_all(b"noise" + frame + b"noise" + frame + b"\x7e\x7e" + frame + b"noise")
    assert [type(result) for result in found] == [Malformed, Message, Malformed, Message, Message]
    assert [result.reason for result in found if isinstance(result, Malformed)] == [
        Reason.GARBAGE,
        Reason.LENGTH,
    ]


def test_frames_may_share_a_delimiter() -> None:
    frame = a_frame(Heartbeat())
    assert len(read_all(frame + frame[1:])) == 2


def test_a_lost_delimiter_costs_two_frames_and_no_more() -> None:
    frame = a_frame(Heartbeat())
    found = read_all(frame[:-1] + frame[1:] + frame)
    assert [type(result) for result in found] == [Malformed, Message]


def test_endless_garbage_is_noticed_and_not_kept() -> None:
    splitter = Splitter()
    found = [result for _ in range(100) for result in splitter.feed(b"x" * 1000)]
    assert len(found) == 100_000 // (MAX_FRAME_BYTES + 1)
    assert {result.reason for result in found if isinstance(result, Malformed)} == {Reason.OVERLONG}
    assert len(splitter._rest) <= MAX_FRAME_BYTES
    (_, message) = splitter.feed(a_frame(Heartbeat()))
    assert isinstance(message, bytes)


def test_the_delimiter_of_other_trackers_is_garbage() -> None:
    assert read_all(a_frame(Heartbeat()).replace(b"\x7e", b"\xe7")) == []


def test_every_byte_value_survives_escaping() -> None:
    message = read(a_raw_frame(0x0900, bytes(range(256)) + b"\x7d\x01\x7d\x02\x7e"))
    assert isinstance(message, Message)
    assert message.body == Raw(message_id=0x0900, data=bytes(range(256)) + b"\x7d\x01\x7d\x02\x7e")


def test_a_flipped_bit_is_a_checksum_error() -> None:
    frame = bytearray(a_frame(a_position()))
    frame[20] ^= 1
    refusal = read(bytes(frame))
    assert isinstance(refusal, Malformed)
    assert refusal.reason is Reason.CHECKSUM


@pytest.mark.parametrize(
    ("payload", "reason", "field"),
    [
        ("0002 0001 013800000001 0001", Reason.LENGTH, "body"),
        ("0002 0000 01380000000A 0001 ", Reason.DIGITS, "phone"),
        ("0002 4000 01 0000000138000000", Reason.LENGTH, "header"),
        ("0200 2000 013800000001 0001 0002 0003", Reason.RANGE, "part"),
        ("0200 2000 013800000001 0001 0002 0000", Reason.RANGE, "part"),
        ("0200 0400 013800000001 0001", Reason.ENCRYPTED, "body"),
        ("0001 0004 013800000001 0001 00010200", Reason.LENGTH, "body"),
        ("0200 0001 013800000001 0001 00", Reason.LENGTH, "position"),
        ("0704 0005 013800000001 0001 0001 01 001C", Reason.LENGTH, "positions[0]"),
        ("0704 0004 013800000001 0001 0000 01 FF", Reason.LENGTH, "positions"),
        ("0104 0008 013800000001 0001 0001 01 00000001 04", Reason.LENGTH, "parameters[0]"),
        ("8103 0007 013800000001 0001 02 00000001 01 05", Reason.LENGTH, "count"),
        ("8003 0004 013800000001 0001 0001 01 00", Reason.LENGTH, "indices"),
        ("0100 0003 013800000001 0001 000A00", Reason.LENGTH, "city"),
        ("0702 0001 013800000001 0001 01", Reason.LENGTH, "time"),
        ("0702 0007 013800000001 0001 01180816091616", Reason.LENGTH, "result"),
        ("0702 000A 013800000001 0001 01180816091616 00 0541", Reason.LENGTH, "name"),
        ("0702 0005 013800000001 0001 04B2E2CAD4", Reason.LENGTH, "id_number"),
        ("8202 0004 013800000001 0001 0005 0001", Reason.LENGTH, "duration_s"),
    ],
)
def test_a_refusal_names_reason_and_field(payload: str, reason: Reason, field: str) -> None:
    frame = close_frame(bytes.fromhex(payload))
    refusal = read(frame)
    assert isinstance(refusal, Malformed)
    assert (refusal.reason, refusal.field) == (reason, field)


def test_a_refused_body_still_says_whose_it_was() -> None:
    refusal = read(a_raw_frame(0x0200, b"short"))
    assert isinstance(refusal, Malformed)
    assert refusal.header == Header(message_id=0x0200, version=Version.V2013, phone=PHONE, serial=1)


@pytest.mark.parametrize(
    ("position", "point"),
    [
        (a_position(), Point(lat=36.1954, lon=113.1163)),
        (a_position(POSITIONED | SOUTH), Point(lat=-36.1954, lon=113.1163)),
        (a_position(POSITIONED | WEST), Point(lat=36.1954, lon=-113.1163)),
        (a_position(status_bits=0), None),
        (a_position(POSITIONED | ENCRYPTED), None),
        (a_position(lat_microdeg=0, lon_microdeg=0), None),
        (a_position(lat_microdeg=90_000_001), None),
        (a_position(lon_microdeg=2**32 - 113_116_300), None),
    ],
)
def test_only_a_real_place_is_a_point(position: Position, point: Point | None) -> None:
    message = read(a_frame(position))
    assert isinstance(message, Message)
    assert message.body == position
    assert position.point == point
    assert position.encrypted == bool(position.status_bits & ENCRYPTED)


def test_alarm_bits_have_names_and_none_is_dropped() -> None:
    assert a_position(alarm_bits=1 | 1 << 4 | 1 << 9 | 1 << 29).alarms == (
        "sos",
        "gnss_fault",
        "bit_9",
        "collision",
    )


@pytest.mark.parametrize(
    "digits", ["000000000000", "241301000000", "240230000000", "240101240000", "2401010A0000"]
)
def test_a_time_that_is_no_date_is_none_and_costs_no_position(digits: str) -> None:
    body = bytes.fromhex("00000001" + "00" * 18 + digits)
    message = read(a_raw_frame(0x0200, body))
    assert isinstance(message, Message)
    assert isinstance(message.body, Position)
    assert message.body.device_ms is None
    assert message.body.alarms == ("sos",)


def test_terminal_time_is_beijing_time() -> None:
    message = read(a_raw_frame(0x8004, bytes.fromhex("240229000001")))
    assert isinstance(message, Message)
    # 2024-02-28T16:00:01Z
    assert message.body == TimeAnswer(at_ms=1_709_136_001_000)


def test_odd_items_cost_no_position() -> None:
    position = Position(
        alarm_bits=0,
        status_bits=POSITIONED,
        lat_microdeg=1,
        lon_microdeg=1,
        altitude_m=-154,
        speed_dkmh=0,
        direction_deg=0,
        device_ms=None,
        items=(Item(item_id=0x31, data=b"\x09"), Item(item_id=0x01, data=b"\0\0\0\x65")),
        tail=b"\xeb\xff\x00",
    )
    message = read(a_frame(position))
    assert isinstance(message, Message)
    assert message.body == position
    assert (position.satellites, position.mileage_km) == (9, 10.1)


@pytest.mark.parametrize(
    ("data", "satellites", "mileage_km"),
    [
        (b"", None, None),
        (b"\x0b", 11, 1.1),
        (b"\x00\x0b", 11, 1.1),
        (b"\x00\x00\x0b", None, 1.1),
        (b"\xff" * 4, None, 429_496_729.5),
        (b"\xff" * 5, None, None),
        (b"\xff" * 255, None, None),  # a quotient that no float holds
    ],
)
def test_an_item_longer_than_its_number_has_none_and_costs_no_position(
    data: bytes, satellites: int | None, mileage_km: float | None
) -> None:
    items = tuple(Item(item_id=ident, data=data) for ident in (ITEM_SATELLITES, ITEM_MILEAGE))
    message = read(a_frame(msgspec.structs.replace(a_position(), items=items)))
    assert isinstance(message, Message)
    assert isinstance(message.body, Position)
    assert message.body.items == items
    assert (message.body.satellites, message.body.mileage_km) == (satellites, mileage_km)


def test_absent_items_are_none() -> None:
    assert (a_position().satellites, a_position().mileage_km) == (None, None)


@pytest.mark.parametrize("software", [b"\x04v1.2", b"v1.2".ljust(20, b"\0"), b"\x13" + b"v" * 19])
def test_both_ways_to_write_the_software_are_read(software: bytes) -> None:
    body = b"\x03key" + b"8".ljust(15, b"\0") + software
    frame = encode(Raw(message_id=0x0102, data=body), version=Version.V2019, phone=PHONE, serial=1)
    message = read(frame)
    assert isinstance(message, Message)
    assert isinstance(message.body, Authenticate)
    assert message.body.key == "key"
    assert message.body.software == ("v" * 19 if software[0] == 0x13 else "v1.2")


def test_a_registration_of_2011_is_told_by_its_length() -> None:
    register = Register(
        province=14,
        city=4,
        maker="12345",
        model="M8",
        terminal_id="T1",
        plate_colour=2,
        plate="晋D12345",
        short_model=True,
    )
    message = read(a_frame(register))
    assert isinstance(message, Message)
    assert message.body == register


def test_bytes_that_are_no_gbk_cost_no_registration() -> None:
    body = bytes(37)[:-1] + b"\x02" + b"\xff\xff"
    message = read(a_raw_frame(0x0100, body))
    assert isinstance(message, Message)
    assert isinstance(message.body, Register)
    assert message.body.plate == "\ufffd\ufffd"


def test_to_stop_tracking_the_interval_stands_alone() -> None:
    frame = a_frame(Track(interval_s=0, duration_s=0))
    message = read(frame)
    assert isinstance(message, Message)
    assert message.body == Track(interval_s=0, duration_s=0)
    assert frame[3:5] == (2).to_bytes(2)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (Text(flags=0, text="\U0001f691"), "text"),
        (Text(flags=256, text=""), "Text"),
        (Text(flags=0, text="救" * 512), "body"),
        (Text(flags=0, text="救" * 513), "text"),
        (Driver(card=Card.NONE, at_ms=None, name="甲", short=True), "short"),
        (Driver(card=Card.INSERTED, at_ms=None, name="甲" * 128), "Driver"),
        (PlatformAnswer(serial=-1, message_id=1, result=0), "PlatformAnswer"),
        (a_position(device_ms=0), "device_ms"),
        (PlatformResend(first_serial=0, indices=(1,) * 256), "PlatformResend"),
    ],
)
def test_what_the_protocol_cannot_carry_is_our_error(body: Body, what: str) -> None:
    with pytest.raises(UnencodableError, match=what):
        a_frame(body)


@pytest.mark.parametrize("result", [result for result in CardResult if result])
def test_a_card_that_was_not_read_names_nobody(result: CardResult) -> None:
    # What follows the result means nothing then; some send it all the same.
    body = bytes.fromhex(f"01 180816091616 {result:02x}") + b"\x04\xb2\xe2\xca\xd4"
    message = read(a_raw_frame(0x0702, body))
    assert isinstance(message, Message)
    assert message.body == Driver(card=Card.INSERTED, at_ms=1_534_382_176_000, result=result)
    assert len(message.extra) == 5


def test_a_drivers_body_of_2011_is_told_by_its_first_byte() -> None:
    body = b"".join(
        (
            b"\x06" + "测试员".encode("gbk"),
            b"140400199001012222".ljust(20, b"\0"),
            b"1404000012345".ljust(40, b"\0"),
            b"\x04" + "运管".encode("gbk"),
            b"\x01\x02\x03",  # a maker's own
        )
    )
    message = read(a_raw_frame(0x0702, body))
    assert isinstance(message, Message)
    assert message.body == Driver(
        card=Card.NONE,
        at_ms=None,
        name="测试员",
        certificate="1404000012345",
        issuer="运管",
        id_number="140400199001012222",
        short=True,
    )
    assert message.extra == b"\1\2\3"


@pytest.mark.parametrize("phone", ["1380000000012", "138a", "１３８"])
def test_a_phone_is_up_to_12_digits_in_2013(phone: str) -> None:
    with pytest.raises(UnencodableError, match="phone"):
        encode(Heartbeat(), version=Version.V2013, phone=phone, serial=1)
