"""Positions read by the hundred are those that are read one by one; so are their answers."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_jt808_roundtrip import BYTE, POSITIONS, WORD, phones

from goldenhour.adapters.jt808.fixes import to_fix, to_fixes
from goldenhour.app.ports import TerminalClock, TerminalProfile
from goldenhour.kernel.datum import Datum
from goldenhour.wire.jt808 import (
    Malformed,
    Message,
    Splitter,
    Version,
    decode,
    encode,
    encode_parts,
)
from goldenhour.wire.jt808.frame import MAX_FRAME_BYTES, close_frame
from goldenhour.wire.jt808.messages import Heartbeat, PlatformAnswer, Raw
from goldenhour.wire.jt808.plain import COLUMNS, SERIAL, _answer, _take, answer, form_of, take, warm
from goldenhour.wire.jt808.position import Position

Terminal = tuple[Version, str]
NOW_MS = 1_800_000_000_000
PROFILES = st.builds(
    TerminalProfile, datum=st.sampled_from(Datum), clock=st.sampled_from(TerminalClock)
)
TERMINALS = st.sampled_from(Version).flatmap(lambda v: st.tuples(st.just(v), phones(v)))
# Times that are dates, and such that nearly are: BCD, and the ends of months, hours and minutes.
TIMES = st.tuples(
    *(
        st.sampled_from([n // 10 << 4 | n % 10 for n in most] + [0x1A, 0xA1])
        for most in (
            (0, 23, 24, 26, 99),
            range(14),
            (0, 1, 28, 29, 30, 31, 32),
            (0, 23, 24),
            (0, 59, 60),
            (0, 59, 60),
        )
    )
).map(bytes)


@st.composite
def frames(draw: st.DrawFn, terminal: Terminal) -> bytes:
    """Mostly a position of this terminal, whole or spoilt; or what else may stand on its line."""
    version, phone = terminal
    serial = draw(WORD)
    body = draw(
        st.one_of(
            POSITIONS,
            st.builds(
                lambda head, time, items: Raw(message_id=0x0200, data=head + time + items),
                st.binary(min_size=22, max_size=22),
                TIMES,
                st.lists(st.sampled_from((0, 1, 2, 3, 4, 5, 0x31, 0x7D, 0x7E)), max_size=20).map(
                    bytes
                ),
            ),
            st.binary(max_size=1023).map(lambda data: Raw(message_id=0x0200, data=data)),
            st.just(Heartbeat()),
        )
    )
    frame = encode(body, version=version, phone=phone, serial=serial)
    match draw(st.integers(0, 19)):
        case 0:
            at = draw(st.integers(0, len(frame) - 1))
            return frame[:at] + bytes((draw(BYTE),)) + frame[at + 1 :]
        case 1:
            return frame[: draw(st.integers(0, len(frame)))]
        case 2:
            other_version, other = draw(TERMINALS)
            return encode(body, version=other_version, phone=other, serial=serial)
        case 3:
            parts = encode_parts(body, version=version, phone=phone, serial=serial, part_bytes=20)
            return parts[0]
        case 4:
            return draw(st.sampled_from((0x7E, 0x7D, 0x01, 0x02)).map(lambda n: bytes((n,)))) * 3
        case 5:
            return close_frame(draw(st.binary(max_size=60)))
        case 6:
            return b"x" * draw(st.integers(1, 2 * MAX_FRAME_BYTES))
        case _:
            return frame


@st.composite
def lines(draw: st.DrawFn) -> tuple[Terminal, bytes, int]:
    """A terminal, what came on its line, and how many positions it may have read."""
    terminal = draw(TERMINALS)
    stream = b"".join(draw(st.lists(frames(terminal), max_size=6)))
    return terminal, stream[: draw(st.integers(0, 2 * len(stream)))], draw(st.integers(0, 6))


def one_by_one(terminal: Terminal, chunk: bytes, most: int, but: int) -> list[tuple[int, Position]]:
    """Serials and positions until a frame is something else, as the general way reads them."""
    splitter, found = Splitter(), list[tuple[int, Position]]()
    splitter.feed(b"\x7e")
    for piece in chunk.split(b"\x7e")[:-1]:
        for frame in splitter.feed(piece + b"\x7e"):
            message = frame if isinstance(frame, Malformed) else decode(frame)
            if len(found) == most or not isinstance(message, Message):
                return found
            header, body = message.header, message.body
            if header.part or (header.version, header.phone) != terminal:
                return found
            if not isinstance(body, Position) or body.alarm_bits & but:
                return found
            found.append((header.serial, body))
    return found


@given(several=st.lists(lines(), max_size=5), but=st.sampled_from((0, 1, 1 << 31)), data=st.data())
def test_positions_read_together_are_those_read_one_by_one(
    several: list[tuple[Terminal, bytes, int]], but: int, data: st.DataObject
) -> None:
    expected = [one_by_one(*line, but) for line in several]
    found = take(
        [chunk for _terminal, chunk, _most in several],
        [form_of(*terminal) for terminal, _chunk, _most in several],
        [most for _terminal, _chunk, most in several],
        room=100,
        but=but,
    )
    assert found.counts == [len(positions) for positions in expected]
    profile, rows = data.draw(PROFILES), found.rows.tolist()
    assert [row[SERIAL] for row in rows] == [serial for line in expected for serial, _ in line]
    assert to_fixes(rows, "unit-1", NOW_MS, profile) == [
        to_fix(position, "unit-1", NOW_MS, catch_up=False, profile=profile)
        for line in expected
        for _serial, position in line
    ]


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize(("size", "count"), [(27, 0), (28, 1), (1023, 1), (1024, 0)])
def test_a_body_longer_than_its_header_can_say_is_left(
    version: Version, size: int, count: int
) -> None:
    (payload,) = Splitter().feed(encode(Heartbeat(), version=version, phone="1", serial=7))
    assert isinstance(payload, bytes)
    properties = (1 << 14 if version is Version.V2019 else 0) | size
    head = b"\x02\x00" + properties.to_bytes(2) + payload[4:]
    chunk = close_frame(head + bytes(size))
    found = take([chunk], [form_of(version, "1")], [1], room=1, but=0)
    assert found.counts == [count]
    assert len(one_by_one((version, "1"), chunk, 1, 0)) == count


@given(line=lines())
def test_where_positions_end_the_general_way_goes_on(line: tuple[Terminal, bytes, int]) -> None:
    terminal, chunk, most = line
    found = take([chunk], [form_of(*terminal)], [most], room=100, but=0)
    whole, rest = Splitter(), Splitter()
    whole.feed(b"\x7e")
    rest.feed(b"\x7e")
    assert rest.feed(chunk[found.stops[0] :]) == whole.feed(chunk)[found.counts[0] :]


@given(several=st.lists(lines(), max_size=5), room=st.integers(0, 8))
def test_no_more_are_read_than_there_is_room_for(
    several: list[tuple[Terminal, bytes, int]], room: int
) -> None:
    expected = [len(one_by_one(*line, 0)) for line in several]
    found = take(
        [chunk for _terminal, chunk, _most in several],
        [form_of(*terminal) for terminal, _chunk, _most in several],
        [most for _terminal, _chunk, most in several],
        room=room,
        but=0,
    )
    assert len(found.rows) == sum(found.counts) == min(room, sum(expected))
    assert all(count <= most for count, most in zip(found.counts, expected, strict=True))


@given(
    several=st.lists(st.tuples(TERMINALS, WORD, st.lists(WORD, max_size=4)), max_size=5),
    place=POSITIONS.map(lambda place: msgspec.structs.replace(place, items=(), tail=b"")),
)
def test_answers_written_together_are_those_written_one_by_one(
    several: list[tuple[Terminal, int, list[int]]], place: Position
) -> None:
    read = take(
        [
            b"".join(encode(place, version=v, phone=phone, serial=n) for n in serials)
            for (v, phone), _first, serials in several
        ],
        [form_of(*terminal) for terminal, _first, _serials in several],
        [4 for _ in several],
        room=100,
        but=0,
    )
    found = answer(
        [form_of(*terminal) for terminal, _first, _serials in several],
        [first for _terminal, first, _serials in several],
        read.counts,
        read.rows[:, SERIAL],
    )
    assert found == [
        b"".join(
            encode(
                PlatformAnswer(serial=serial, message_id=0x0200, result=0),
                version=version,
                phone=phone,
                serial=(first + n) % 0x1_0000,
            )
            for n, serial in enumerate(serials)
        )
        for (version, phone), first, serials in several
    ]


def test_nothing_is_compiled_while_terminals_wait() -> None:
    warm()
    form = form_of(Version.V2013, "1")
    for count in (1, 3):
        rows = np.zeros((count, COLUMNS), np.int64)
        take([b"\x7e"] * count, [form] * count, [1] * count, room=count, but=1)
        answer([form], [1], [count], rows[:, SERIAL])
    assert len(_take.signatures) == len(_answer.signatures) == 1
