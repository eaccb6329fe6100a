"""Sub-packages: put together whatever comes, within bounds, and ours sent again when asked for."""

import pytest

from goldenhour.wire.jt808 import (
    Assembler,
    Header,
    Malformed,
    Message,
    Part,
    Reason,
    Room,
    SentParts,
    Splitter,
    Version,
    decode,
    encode_parts,
)
from goldenhour.wire.jt808.messages import PlatformResend, PositionBatch, Raw
from goldenhour.wire.jt808.parts import MOST_ASKED
from goldenhour.wire.jt808.position import POSITIONED, Position

PHONE = "13800000001"
ID = 0x0900


def a_position(number: int) -> Position:
    return Position(
        alarm_bits=0,
        status_bits=POSITIONED,
        lat_microdeg=36_195_400 + number,
        lon_microdeg=113_116_300,
        altitude_m=900,
        speed_dkmh=423,
        direction_deg=90,
        device_ms=1_700_000_000_000,
    )


def read(frame: bytes) -> Message:
    (found,) = Splitter().feed(frame)
    assert isinstance(found, bytes)
    message = decode(found)
    assert isinstance(message, Message)
    return message


def a_part(
    serial: int, index: int, total: int, data: bytes = b"x", message_id: int = ID
) -> Message:
    return Message(
        header=Header(
            message_id=message_id,
            version=Version.V2013,
            phone=PHONE,
            serial=serial % 0x1_0000,
            part=Part(total=total, index=index),
        ),
        body=Raw(message_id=message_id, data=data),
    )


def a_refusal(found: object, reason: Reason) -> Malformed:
    assert isinstance(found, Malformed)
    assert found.reason is reason
    return found


BATCH = PositionBatch(kind=1, positions=tuple(a_position(n) for n in range(120)))


def list_parts(version: Version = Version.V2013) -> list[Message]:
    frames = encode_parts(BATCH, version=version, phone=PHONE, serial=0xFFFE)
    return [read(frame) for frame in frames]


@pytest.mark.parametrize("version", list(Version))
def test_parts_in_any_order_and_twice_make_the_message_once(version: Version) -> None:
    parts = list_parts(version)
    assert len(parts) == 4
    assembler = Assembler(timeout_ms=1000)
    results = [assembler.add(parts[n], 0) for n in (3, 1, 1, 0)]
    assert results == [None] * 4
    whole = assembler.add(parts[2], 0)
    assert isinstance(whole, Message)
    assert whole.body == BATCH
    assert whole.header.list_serials() == (0xFFFE, 0xFFFF, 0, 1)
    assert len(assembler) == 0


def test_missing_parts_are_asked_for_then_given_up() -> None:
    parts = list_parts()
    assembler = Assembler(timeout_ms=1000, max_asks=2)
    assembler.add(parts[1], 0)
    assembler.add(parts[3], 500)
    ask = [PlatformResend(first_serial=0xFFFE, indices=(1, 3))]
    assert assembler.list_overdue(1499) == []
    assert assembler.list_overdue(1500) == ask
    assert assembler.list_overdue(2499) == []
    assert assembler.list_overdue(2500) == ask
    (given_up,) = assembler.list_overdue(3500)
    a_refusal(given_up, Reason.INCOMPLETE)
    assert len(assembler) == 0


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_reports_between_the_parts_part_nothing(order: tuple[int, ...]) -> None:
    serials = {1: 0xFFFE, 2: 0, 3: 1}  # something else went out as 0xFFFF
    assembler = Assembler(timeout_ms=1000)
    found = [assembler.add(a_part(serials[n], n, 3, bytes((n,))), 0) for n in order]
    assert found[:2] == [None, None]
    assert isinstance(found[2], Message)
    assert found[2].body == Raw(message_id=ID, data=b"\1\2\3")
    assert found[2].header.list_serials() == (0xFFFE, 0, 1)


def test_two_messages_alike_are_not_mixed_where_both_lack_parts() -> None:
    assembler = Assembler(timeout_ms=1000)
    for serial, index in ((10, 1), (11, 2), (14, 2), (15, 3)):  # 12 and 13 were lost
        assert assembler.add(a_part(serial, index, 3, bytes((serial,))), 0) is None
    assert len(assembler) == 2
    whole = assembler.add(a_part(12, 3, 3, b"\x0c"), 0)
    assert isinstance(whole, Message)
    assert whole.body == Raw(message_id=ID, data=bytes((10, 11, 12)))


def test_a_total_that_changes_is_refused_and_the_message_goes_on() -> None:
    assembler = Assembler(timeout_ms=1000)
    assert assembler.add(a_part(10, 1, 3), 0) is None
    for total in (2, 4):
        a_refusal(assembler.add(a_part(11, 2, total), 0), Reason.RANGE)
    assert assembler.add(a_part(11, 2, 3), 0) is None
    assert isinstance(assembler.add(a_part(12, 3, 3), 0), Message)


@pytest.mark.parametrize("place", ["0000 0000", "0000 0001", "0002 0000", "0002 0003"])
def test_no_part_of_nothing_and_none_beyond_the_last_reaches_it(place: str) -> None:
    refusal = decode(bytes.fromhex(f"0900 2000 013800000001 0001 {place}"))
    assert a_refusal(refusal, Reason.RANGE).field == "part"


def test_a_message_of_one_part_is_whole_at_once_and_takes_no_room() -> None:
    assembler = Assembler(timeout_ms=1000, max_open=1, max_bytes=0)
    for _ in range(2):
        assert isinstance(assembler.add(a_part(10, 1, 1), 0), Message)
    assert (len(assembler), assembler.held_bytes) == (0, 0)


def test_a_part_that_comes_twice_postpones_nothing_and_changes_nothing() -> None:
    assembler = Assembler(timeout_ms=1000)
    assembler.add(a_part(10, 1, 2, b"first"), 0)
    assert assembler.add(a_part(10, 1, 2, b"later"), 900) is None
    assert assembler.list_overdue(1000) == [PlatformResend(first_serial=10, indices=(2,))]
    whole = assembler.add(a_part(11, 2, 2, b""), 1100)
    assert isinstance(whole, Message)
    assert whole.body == Raw(message_id=ID, data=b"first")


def test_a_part_of_what_is_whole_is_dropped_until_it_is_forgotten_or_old() -> None:
    assembler = Assembler(timeout_ms=1000, max_age_ms=60_000)
    parts = [a_part(10, 1, 2), a_part(11, 2, 2)]

    def offer(now_ms: int) -> Message | Malformed | None:
        return [assembler.add(part, now_ms) for part in parts][-1]

    whole = offer(0)
    assert isinstance(whole, Message)
    assert offer(59_999) is None
    assert len(assembler) == 0
    assembler.forget(whole.header)
    assert isinstance(offer(60_000), Message)
    assert isinstance(offer(120_000), Message)


def test_a_new_part_gives_new_patience_but_never_beyond_the_age() -> None:
    assembler = Assembler(timeout_ms=1000, max_age_ms=5000, max_asks=1)
    for n, now_ms in enumerate((0, 1500, 3000, 4500)):
        assembler.add(a_part(10 + n, 1 + n, 9), now_ms)
        (asked,) = assembler.list_overdue(now_ms + 1000) if now_ms < 4500 else (None,)
        assert asked is None or isinstance(asked, PlatformResend)
    (given_up,) = assembler.list_overdue(5000)
    assert a_refusal(given_up, Reason.INCOMPLETE).detail == "5 of 9 never came"
    assert (len(assembler), assembler.held_bytes) == (0, 0)


def test_no_more_is_asked_for_at_once_than_fits_an_old_request() -> None:
    assembler = Assembler(timeout_ms=1000)
    assembler.add(a_part(10, 1, 256), 0)
    (asked,) = assembler.list_overdue(1000)
    assert isinstance(asked, PlatformResend)
    assert asked.indices == tuple(range(2, 2 + MOST_ASKED))
    frames = encode_parts(asked, version=Version.V2013, phone=PHONE, serial=1)
    assert len(frames) == 1


def test_beyond_the_number_the_oldest_message_makes_room() -> None:
    assembler = Assembler(timeout_ms=1000, max_open=2)
    results = [assembler.add(a_part(serial, 1, 2), 0) for serial in (10, 20, 30)]
    assert results[:2] == [None, None]
    refusal = a_refusal(results[2], Reason.CAPACITY)
    assert refusal.header is not None
    assert refusal.header.serial == 10
    assert isinstance(assembler.add(a_part(21, 2, 2), 0), Message)
    assert isinstance(assembler.add(a_part(31, 2, 2), 0), Message)


@pytest.mark.parametrize("limit", [{"max_parts": 4}, {"max_bytes": 4}])
def test_what_is_too_long_is_refused_once_and_costs_nothing(limit: dict[str, int]) -> None:
    assembler = Assembler(timeout_ms=1000, max_age_ms=5000, **limit)
    found = [assembler.add(a_part(10 + n, 1 + n, 9), 0) for n in range(9)]
    (refusal,) = [one for one in found if one is not None]
    a_refusal(refusal, Reason.CAPACITY)
    assert assembler.held_bytes == 0
    assert assembler.list_overdue(4999) == []  # nor is it asked for
    # The next one, which is as short as it should be, is taken.
    assert assembler.add(a_part(30, 1, 2), 0) is None
    assert isinstance(assembler.add(a_part(31, 2, 2), 0), Message)
    assert assembler.list_overdue(5000) == []
    assert len(assembler) == 0


def test_all_terminals_share_one_room() -> None:
    room = Room(10)
    first, second = (Assembler(timeout_ms=1000, room=room) for _ in range(2))
    assert first.add(a_part(10, 1, 2, b"12345678"), 0) is None
    a_refusal(second.add(a_part(10, 1, 2, b"123"), 0), Reason.CAPACITY)
    assert second.add(a_part(20, 1, 3, b"12"), 0) is None
    assert room.held_bytes == 10
    assert isinstance(first.add(a_part(11, 2, 2, b""), 0), Message)
    assert room.held_bytes == 2
    second.clear()
    assert (room.held_bytes, len(second)) == (0, 0)


def test_ours_are_sent_again_as_they_were_while_they_are_kept() -> None:
    sent = SentParts(max_age_ms=1000, max_messages=2, max_bytes=100, max_asks=2)
    sent.keep(7, [b"a", b"b", b"c"], 0)
    assert sent.list_again(7, (3, 1, 3, 0, 4), 0) == [b"a", b"c"]
    assert sent.list_again(8, (1,), 0) == []
    assert sent.list_again(7, (2,), 999) == [b"b"]
    assert sent.list_again(7, (2,), 999) == []  # asked for too often
    sent.keep(20, [b"d" * 60], 1000)
    assert sent.list_again(20, (1,), 2000) == []  # too old
    sent.keep(30, [b"e" * 60], 1000)
    assert sent.held_bytes == 60
    assert sent.list_again(30, (1,), 1999) == [b"e" * 60]
    sent.keep(40, [b"f" * 101], 1000)
    assert sent.held_bytes == 0
