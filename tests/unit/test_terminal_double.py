"""The pure parts of the terminal double: bytes, movement, what is kept."""

from datetime import UTC, date, datetime
from random import Random  # noqa: TID251 (a seed fixes the test)

import msgspec
import pytest

from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.time import from_datetime
from goldenhour.simulator import jt808_frames as frames
from goldenhour.simulator.driving import DrivePlan, Vehicle
from goldenhour.simulator.jt808_outbox import LONG_BYTES, LongMessages, Outbox, PartFaults
from goldenhour.simulator.terminals import list_terminals
from goldenhour.wire import jt808
from goldenhour.wire.jt808.driver import Card, Driver
from goldenhour.wire.jt808.messages import PlatformResend, PositionBatch, TerminalResend, Text

OLD = frames.Identity(phone="123456789012", v2019=False, plate="京A12345")
NEW = frames.Identity(phone="1234567890", v2019=True, plate="京A12345")
FIX = frames.Position(
    point=Point(lat=-12.345678, lon=-116.5),
    speed_kmh=61.2,
    heading_deg=359,
    altitude_m=40,
    at_ms=from_datetime(datetime(2026, 1, 1, 16, 5, 9, tzinfo=UTC)),
    mileage_km=12.34,
    satellites=14,
)


def test_a_published_frame_is_built_byte_for_byte() -> None:
    body = bytes.fromhex(
        "00000001 00000002 00BA7F0E 07E4F11C 0028 003C 0000 181015101010 01 04 00000064 02 02 007D"
    )
    assert frames.build(OLD, frames.Id.POSITION, 0x7E, body) == bytes.fromhex(
        "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C0000"
        "1810151010100104000000640202007D01137E"
    )


@pytest.mark.parametrize(
    ("who", "frame", "serial", "skipped"),
    [
        (OLD, "7E8300000D012345678900000105736D616C6C63686920353138027E", 1, 1),
        (NEW, "7E8300400E010000000001234567890000010501736D616C6C63686920353138417E", 1, 2),
    ],
)
def test_published_texts_of_a_platform_are_read(
    who: frames.Identity, frame: str, serial: int, skipped: int
) -> None:
    stream = b"\x7e\x01\x02" + bytes.fromhex(frame) * 2  # the end of some lost frame before them
    splitter = frames.Splitter(who)
    heard = [item for byte in stream for item in splitter.feed(bytes([byte]))]
    assert heard == [frames.Heard(message_id=frames.Id.TEXT, serial=serial, body=heard[0].body)] * 2
    assert heard[0].body[skipped:] == b"smallchi 518"
    assert frames.read_text(who, heard[0].body) == "smallchi 518"


def test_a_damaged_frame_is_not_heard() -> None:
    good = bytearray.fromhex("7E8300000D012345678900000105736D616C6C63686920353138027E")
    good[20] ^= 1
    assert frames.Splitter(OLD).feed(bytes(good) + b"\x7e\x7e") == []


@pytest.mark.parametrize(("who", "status"), [(OLD, "000C000F"), (NEW, "004C000F")])
def test_a_position_body(who: frames.Identity, status: str) -> None:
    body = bytes.fromhex(
        f"00000000 {status} 00BC614E 06F1A620 0028 0264 0167 260102000509 01 04 0000007B 31 01 0E"
    )
    assert frames.position(who, FIX) == body


def test_a_terminal_without_satellites_says_so_and_gives_no_place() -> None:
    body = frames.position(OLD, msgspec.structs.replace(FIX, point=None))
    assert int.from_bytes(body[4:8]) & 0b10 == 0
    assert body[8:16] == bytes(8)


def test_registration_and_authentication_have_the_widths_of_their_edition() -> None:
    plate = "京A12345".encode("gbk")
    assert len(frames.register(OLD)) == 4 + 5 + 20 + 7 + 1 + len(plate)
    assert len(frames.register(NEW)) == 4 + 11 + 30 + 30 + 1 + len(plate)
    assert frames.authenticate(OLD, "key") == b"key"
    assert frames.authenticate(NEW, "key").startswith(b"\x03key" + b"0" * 15)


def test_a_batch_is_as_full_as_a_frame_allows() -> None:
    bodies = [frames.position(OLD, FIX)] * 40
    count = frames.how_many_fit(bodies)
    assert len(frames.build(OLD, frames.Id.BATCH, 1, frames.catch_up(bodies[:count]))) > 1_000
    with pytest.raises(ValueError, match="does not fit"):
        frames.build(OLD, frames.Id.BATCH, 1, frames.catch_up(bodies[: count + 1]))


def test_a_wrong_length_keeps_its_checksum() -> None:
    frame = frames.build_with_wrong_length(OLD, frames.Id.POSITION, 1, b"abc")
    check = 0
    for byte in frame[1:-1]:
        check ^= byte
    assert check == 0
    assert frame[3:5] == b"\x00\x04"


def test_a_vehicle_drives_a_plan_once_and_stays_at_its_end() -> None:
    home, corner, end = (
        Point(lat=30, lon=120),
        Point(lat=30.01, lon=120),
        Point(lat=30.01, lon=120.01),
    )
    vehicle = Vehicle(home)
    vehicle.advance(None, 100)
    assert (vehicle.point, vehicle.speed_kmh) == (home, 0)

    plan = DrivePlan(plan_id="p1", polyline=(home, corner, end), speed_kmh=72)
    before, seconds = vehicle.point, 0
    while vehicle.point != end:
        vehicle.advance(plan, 1)
        assert distance_m(before, vehicle.point) < 20.1  # 72 km/h and never a jump
        before, seconds = vehicle.point, seconds + 1
        if vehicle.point.lat < 30.0099:
            assert vehicle.heading_deg == 0
    length_m = distance_m(home, corner) + distance_m(corner, end)
    assert seconds == pytest.approx(length_m / 20, abs=1)
    assert vehicle.heading_deg == 90
    assert vehicle.mileage_km == pytest.approx(length_m / 1_000)
    vehicle.advance(plan, 1_000)
    assert (vehicle.point, vehicle.speed_kmh) == (end, 0)


def test_a_diverted_vehicle_starts_from_where_it_is_and_a_missing_plan_is_a_pause() -> None:
    vehicle = Vehicle(Point(lat=30, lon=120))
    first = DrivePlan(plan_id="p1", polyline=(Point(lat=30.1, lon=120),), speed_kmh=36)
    vehicle.advance(first, 10)
    there = vehicle.point
    vehicle.advance(None, 60)
    assert (vehicle.point, vehicle.speed_kmh) == (there, 0)
    vehicle.advance(first, 10)
    assert distance_m(there, vehicle.point) == pytest.approx(100, abs=0.1)
    there = vehicle.point
    second = DrivePlan(plan_id="p2", polyline=(Point(lat=30, lon=121),), speed_kmh=36)
    vehicle.advance(second, 1)
    assert distance_m(there, vehicle.point) == pytest.approx(10, abs=0.1)


def test_what_was_not_answered_is_kept_before_what_came_later() -> None:
    outbox = Outbox(limit=10)
    for serial in (1, 2, 3):
        outbox.sent(serial, [bytes([serial])], at_ms=serial)
    outbox.answered(2)
    outbox.answered(99)
    assert outbox.oldest_ms() == 1
    outbox.kept.append(b"\x04")
    outbox.link_lost()
    assert outbox.oldest_ms() is None
    assert outbox.take_batch() == [b"\x01", b"\x03", b"\x04"]
    assert not outbox.kept


def test_half_of_a_farm_is_of_each_edition() -> None:
    farm = list_terminals({f"u{i}": Point(lat=30, lon=120) for i in range(10)})
    assert sum(terminal.identity.v2019 for terminal in farm) == 5
    assert len({terminal.identity.phone for terminal in farm}) == 10


CARD = frames.Card(
    name="测试员",
    certificate="140400199001012222",
    issuer="运管",
    valid_until="20340409",
    id_number="140400199001012222",
)


def read(frame: bytes) -> jt808.Message:
    (payload,) = jt808.Splitter().feed(frame)
    assert isinstance(payload, bytes)
    message = jt808.decode(payload)
    assert isinstance(message, jt808.Message)
    return message


@pytest.mark.parametrize("who", [OLD, NEW])
def test_a_drivers_card_means_on_the_wire_what_it_means_here(who: frames.Identity) -> None:
    body = frames.driver(who, CARD, FIX.at_ms)
    assert read(frames.build(who, frames.Id.DRIVER, 1, body)).body == Driver(
        card=Card.INSERTED,
        at_ms=FIX.at_ms,
        name=CARD.name,
        certificate=CARD.certificate,
        issuer=CARD.issuer,
        valid_until=date(2034, 4, 9),
        id_number=CARD.id_number if who.v2019 else "",
    )
    removed = frames.build(who, frames.Id.DRIVER, 1, frames.driver(who, None, FIX.at_ms))
    assert read(removed).body == Driver(card=Card.REMOVED, at_ms=FIX.at_ms)


@pytest.mark.parametrize("who", [OLD, NEW])
@pytest.mark.parametrize(
    "faults",
    [
        PartFaults(),
        PartFaults(doubled=0.5, reordered=0.5),
        PartFaults(lost=0.4, doubled=0.3, reordered=0.5),
    ],
)
def test_a_long_history_arrives_over_a_bad_line_with_what_is_asked_for(
    who: frames.Identity, faults: PartFaults
) -> None:
    outbox = Outbox(limit=1000)
    outbox.kept.extend([frames.position(who, FIX)] * 1000)
    batch = outbox.take_batch(LONG_BYTES)
    body = frames.catch_up(batch)
    assert frames.MAX_BODY_BYTES < len(body) <= LONG_BYTES
    asked = 0
    for seed in range(20):
        long = LongMessages(who, faults, Random(seed))
        assembler = jt808.Assembler(timeout_ms=10, max_asks=1000)
        sent, count = long.send(frames.Id.BATCH, 0xFFFE, body)
        assert count == 4
        found, now_ms = [assembler.add(read(part), 0) for part in sent], 0
        while not any(found):
            now_ms += 10
            if not len(assembler):  # all was lost, so nobody knows what to ask for
                break
            (resend,) = assembler.list_overdue(now_ms)
            assert isinstance(resend, PlatformResend)
            version = jt808.Version.V2019 if who.v2019 else jt808.Version.V2013
            request = jt808.encode(resend, version=version, phone=who.phone, serial=1)
            (heard,) = frames.Splitter(who).feed(request)
            assert heard.message_id == frames.Id.PLATFORM_RESEND
            asked += 1
            found += [assembler.add(read(part), now_ms) for part in long.send_again(heard.body)]
        for whole in filter(None, found):
            assert isinstance(whole, jt808.Message)
            assert isinstance(whole.body, PositionBatch)
            assert len(whole.body.positions) == len(batch)
            assert whole.header.list_serials() == (0xFFFE, 0xFFFF, 0, 1)
    assert (asked > 0) == (faults.lost > 0)


@pytest.mark.parametrize("who", [OLD, NEW])
def test_a_long_text_is_put_together_and_what_lacks_is_asked_for(who: frames.Identity) -> None:
    version = jt808.Version.V2019 if who.v2019 else jt808.Version.V2013
    text = Text(flags=4, kind=1 if who.v2019 else 0, text="救" * 512)
    parts = jt808.encode_parts(text, version=version, phone=who.phone, serial=0xFFFF)
    splitter = frames.Splitter(who)
    assert splitter.feed(parts[1]) == []
    ((first_serial, missing),) = splitter.list_missing()
    asked = read(frames.build(who, frames.Id.RESEND, 1, frames.resend(who, first_serial, missing)))
    sent = jt808.SentParts()
    sent.keep(0xFFFF, parts, 0)
    assert isinstance(asked.body, TerminalResend)
    (again,) = sent.list_again(asked.body.first_serial, asked.body.indices, 0)
    (heard,) = splitter.feed(again)
    assert frames.read_text(who, heard.body) == text.text
    assert splitter.list_missing() == []
