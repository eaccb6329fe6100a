"""Whatever comes in parts: bounds hold, nothing is raised, and what is put together was sent."""

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.wire.jt808 import (
    Assembler,
    Header,
    Malformed,
    Message,
    Part,
    Room,
    SentParts,
    Version,
)
from goldenhour.wire.jt808.media import MediaAnswer
from goldenhour.wire.jt808.messages import PlatformResend, Raw

MOST = {"max_open": 3, "max_parts": 6, "max_bytes": 40}
SERIALS = 0x1_0000
IDS = st.sampled_from((0x0704, 0x0801, 0x0900))


@st.composite
def parts(draw: st.DrawFn) -> Message:
    """Well-formed on their own, as the codec lets them through, and at odds with one another."""
    total = draw(st.integers(1, 8) | st.sampled_from((0xFFFF,)))
    message_id = draw(IDS)
    return Message(
        header=Header(
            message_id=message_id,
            version=draw(st.sampled_from(Version)),
            phone=draw(st.sampled_from(("1", "2"))),
            serial=draw(st.integers(0, 12) | st.integers(SERIALS - 4, SERIALS - 1)),
            part=Part(total=total, index=draw(st.integers(1, min(total, 9)))),
        ),
        body=Raw(message_id=message_id, data=draw(st.binary(max_size=20))),
    )


STEPS = st.lists(
    st.one_of(
        parts(),
        st.integers(0, 40),  # so much time goes by, and what is overdue is looked at
        st.sampled_from(("again", "forget", "clear")),
    ),
    max_size=60,
)


@given(steps=STEPS)
def test_memory_stays_within_its_bounds_whatever_comes(steps: list[Message | int | str]) -> None:
    room = Room(60)
    first = Assembler(timeout_ms=10, max_age_ms=100, max_asks=2, room=room, **MOST)
    second = Assembler(timeout_ms=10, max_age_ms=100, max_asks=2, room=room, **MOST)
    now_ms, offered = 0, []
    whole: list[Header] = []
    for n, step in enumerate(steps):
        assembler = (first, second)[n % 2]
        match step:
            case Message():
                offered.append(step)
                found = assembler.add(step, now_ms)
            case "again" if offered:
                found = assembler.add(offered[n % len(offered)], now_ms)
            case "forget" if whole:
                assembler.forget(whole[-1])
                found = None
            case "clear":
                assembler.clear()
                found = None
            case int():
                now_ms += step
                for each in (first, second):
                    for overdue in each.list_overdue(now_ms):
                        assert isinstance(overdue, PlatformResend | MediaAnswer | Malformed)
                found = None
            case _:
                found = None
        assert found is None or isinstance(found, Message | Malformed)
        if isinstance(found, Message):
            whole.append(found.header)
        for each in (first, second):
            assert len(each) <= 3
            assert each.held_bytes <= 40
            pieces = [p for one in each._open for p in one.pieces.values()]
            assert each.held_bytes == sum(map(len, pieces))
            assert all(len(one.drifts) <= 6 for one in each._open)
            assert len(each._whole) <= 3
        assert room.held_bytes == first.held_bytes + second.held_bytes <= 60
    for each in (first, second):
        each.list_overdue(now_ms + 100)
        assert len(each) == 0
    assert room.held_bytes == 0


@st.composite
def sent(draw: st.DrawFn, most: int = 3) -> list[list[Message]]:
    """Messages of one terminal, one after another, with reports of its own between their parts."""
    serial = draw(st.integers(0, SERIALS - 1))
    messages = []
    for number in range(draw(st.integers(1, most))):
        total = draw(st.integers(2, 6))
        gaps = draw(st.integers(0, total - 1))
        after = draw(st.lists(st.integers(1, total), min_size=gaps, max_size=gaps))
        of_one = []
        for index in range(1, total + 1):
            of_one.append(
                Message(
                    header=Header(
                        message_id=0x0900,
                        version=Version.V2019,
                        phone="1",
                        serial=serial,
                        part=Part(total=total, index=index),
                    ),
                    body=Raw(message_id=0x0900, data=bytes((number, total, index))),
                )
            )
            # Those after the last part are before the next message.
            serial = (serial + 1 + after.count(index)) % SERIALS
        messages.append(of_one)
    return messages


def raw_of(parts_of_one: list[Message]) -> bytes:
    return b"".join(p.body.data for p in parts_of_one if isinstance(p.body, Raw))


@given(messages=sent(), data=st.data())
def test_what_is_put_together_was_sent_whatever_is_lost_and_in_whatever_order(
    messages: list[list[Message]], data: st.DataObject
) -> None:
    everything = [part for of_one in messages for part in of_one]
    lost = data.draw(st.sets(st.integers(0, len(everything) - 1), max_size=4))
    twice = data.draw(st.lists(st.sampled_from(everything), max_size=4))
    arriving = [part for n, part in enumerate(everything) if n not in lost] + twice
    assembler = Assembler(timeout_ms=1)
    found = [assembler.add(part, 0) for part in data.draw(st.permutations(arriving))]
    whole = [one for one in found if isinstance(one, Message)]
    originals = {raw_of(of_one): of_one for of_one in messages}
    for one in whole:
        assert isinstance(one.body, Raw)
        assert one.body.data in originals
        of_one = originals.pop(one.body.data)  # so each is whole once at most
        assert one.header.list_serials() == tuple(part.header.serial for part in of_one)


@given(messages=sent(most=1), data=st.data())
def test_what_is_asked_for_is_what_is_missing_and_makes_it_whole(
    messages: list[list[Message]], data: st.DataObject
) -> None:
    (of_one,) = messages
    first = data.draw(st.lists(st.sampled_from(of_one), min_size=1, max_size=len(of_one) - 1))
    assembler = Assembler(timeout_ms=10)
    for part in first:
        assert assembler.add(part, 0) is None
    (asked,) = assembler.list_overdue(10)
    assert isinstance(asked, PlatformResend)
    came = {part.header.part.index for part in first if part.header.part is not None}
    assert set(asked.indices) == set(range(1, len(of_one) + 1)) - came
    if 1 in came:
        assert asked.first_serial == of_one[0].header.serial
    again = [assembler.add(of_one[n - 1], 11) for n in asked.indices]
    assert isinstance(again[-1], Message)
    assert isinstance(again[-1].body, Raw)
    assert again[-1].body.data == raw_of(of_one)


@given(
    kept=st.lists(
        st.tuples(st.integers(0, 5), st.lists(st.binary(max_size=30), min_size=2, max_size=5)),
        max_size=6,
    ),
    asked=st.lists(
        st.tuples(
            st.integers(0, 5), st.lists(st.integers(0, 0xFFFF), max_size=9), st.integers(0, 30)
        ),
        max_size=20,
    ),
)
def test_a_terminal_that_asks_without_end_gets_no_more_than_is_kept(
    kept: list[tuple[int, list[bytes]]], asked: list[tuple[int, list[int], int]]
) -> None:
    sent_parts = SentParts(max_age_ms=100, max_messages=2, max_bytes=80, max_asks=2)
    for first_serial, frames in kept:
        sent_parts.keep(first_serial, frames, 0)
        assert sent_parts.held_bytes <= 80
        assert len(sent_parts._split) <= 2
    now_ms, given_bytes = 0, 0
    for first_serial, indices, later_ms in asked:
        now_ms += later_ms
        again = sent_parts.list_again(first_serial, tuple(indices), now_ms)
        given_bytes += sum(map(len, again))
        assert not again or now_ms < 100
    assert given_bytes <= 2 * 80
