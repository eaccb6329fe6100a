"""Frames that others wrote: the vectors of three unrelated projects must decode, and come back
byte for byte where we know the message.
"""

import os
from datetime import date
from pathlib import Path

import pytest

from goldenhour.kernel.geo import Point
from goldenhour.wire.jt808 import (
    Assembler,
    Malformed,
    Message,
    Splitter,
    Version,
    decode,
    encode,
)
from goldenhour.wire.jt808.bodies import CODECS
from goldenhour.wire.jt808.driver import Card, CardResult, Driver
from goldenhour.wire.jt808.fields import Cursor
from goldenhour.wire.jt808.frame import close_frame, open_frame
from goldenhour.wire.jt808.media import Media, MediaAnswer, MediaEvent, Occasion
from goldenhour.wire.jt808.messages import (
    Body,
    Choice,
    PlatformResend,
    Question,
    QuestionAnswer,
    Raw,
    TerminalResend,
    Text,
)
from goldenhour.wire.jt808.position import Position

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GOLDENHOUR_DATA", ROOT / "../shared/data"))
FRAMES = DATA / "formats" / "jt808_frames_smallchi.txt"

POSITION_2013 = (
    "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000"
    "640202007D01137E"
)
TEXT_2013 = "7E8300000D012345678900000105736D616C6C63686920353138027E"
TEXT_2019 = "7E8300400E010000000001234567890000010501736D616C6C63686920353138417E"
# As hylexus/jt-framework shows them: the count is a WORD in 2019.
RESEND_2019 = (
    "7E00054008010000000001391234432900010000000200010002387E",
    "7E000540080100000000013912344329000100030002000100023B7E",
)


def read(line: str) -> Message:
    (payload,) = Splitter().feed(bytes.fromhex(line))
    assert isinstance(payload, bytes)
    message = decode(payload)
    assert isinstance(message, Message)
    return message


def written(message: Message) -> str:
    header = message.header
    return (
        encode(message.body, version=header.version, phone=header.phone, serial=header.serial)
        .hex()
        .upper()
    )


@pytest.mark.parametrize("line", [POSITION_2013, TEXT_2013, TEXT_2019, *RESEND_2019])
def test_a_standard_vector_comes_back_byte_for_byte(line: str) -> None:
    assert written(read(line)) == line


def test_the_position_vector_means_what_its_source_says() -> None:
    message = read(POSITION_2013)
    assert (message.header.phone, message.header.serial) == ("123456789012", 0x7E)
    position = message.body
    assert isinstance(position, Position)
    assert position.point == Point(lat=12.222222, lon=132.444444)
    assert position.altitude_m == 40
    assert position.speed_dkmh == 60
    assert position.device_ms == 1_539_569_410_000  # 2018-10-15T10:10:10+08:00
    assert position.mileage_km == 10.0
    assert position.find_item(2) == b"\x00\x7d"
    assert position.alarms == ("sos",)


def test_the_text_vectors_differ_only_by_edition() -> None:
    old, new = read(TEXT_2013), read(TEXT_2019)
    assert old.body == Text(flags=5, text="smallchi 518")
    assert new.body == Text(flags=5, kind=1, text="smallchi 518")
    assert (old.header.version, new.header.version) == (Version.V2013, Version.V2019)
    assert old.header.phone == new.header.phone == "12345678900"


def test_the_resend_vectors_name_the_first_part_and_those_that_are_missing() -> None:
    assert [read(line).body for line in RESEND_2019] == [
        TerminalResend(first_serial=first, indices=(1, 2)) for first in (0, 3)
    ]


READ = Driver(
    card=Card.INSERTED,
    at_ms=1_534_382_176_000,  # 2018-08-16T09:16:16+08:00
    name="koike",
    certificate="qwe123456aaa",
    issuer="qwertx",
    valid_until=date(2018, 8, 16),
)
READ_2019 = (
    "0119120111111100056B6F696B65717765313233343536616161000000000000000006717765727478"
    "201912013132333435363738393031323334353637000000"
)
IN_2019 = Driver(
    card=Card.INSERTED,
    at_ms=1_575_169_871_000,  # 2019-12-01T11:11:11+08:00
    name="koike",
    certificate="qwe123456aaa",
    issuer="qwertx",
    valid_until=date(2019, 12, 1),
    id_number="12345678901234567",
)


@pytest.mark.parametrize(
    ("message_id", "version", "hexed", "body"),
    [
        (0x8003, Version.V2013, "04D20201020203", PlatformResend),
        (0x0005, Version.V2013, "04D20201020203", TerminalResend),
        (0x0702, Version.V2013, "02180816091616", Driver(card=Card.REMOVED, at_ms=READ.at_ms)),
        (
            0x0702,
            Version.V2013,
            "0118081609161601",
            Driver(card=Card.INSERTED, at_ms=READ.at_ms, result=CardResult.KEY_REFUSED),
        ),
        (
            0x0702,
            Version.V2013,
            "0118081609161600056B6F696B6571776531323334353661616100000000000000000671776572747820180816",
            READ,
        ),
        (
            0x0702,
            Version.V2019,
            READ_2019,
            IN_2019,
        ),
    ],
)
def test_a_body_of_smallchis_tests_comes_back_byte_for_byte(
    message_id: int, version: Version, hexed: str, body: Body | type
) -> None:
    if body in (PlatformResend, TerminalResend):
        body = body(first_serial=1234, indices=(0x0102, 0x0203))  # type: ignore[operator] # a class
    raw = Raw(message_id=message_id, data=bytes.fromhex(hexed))
    frame = encode(raw, version=version, phone="1", serial=1)
    message = read(frame.hex())
    assert (message.body, message.extra) == (body, b"")
    assert written(message) == frame.hex().upper()


def list_foreign() -> list[tuple[str, str]]:
    if not FRAMES.exists():
        pytest.skip(f"shared data is not here: {FRAMES} (set GOLDENHOUR_DATA)")
    lines = FRAMES.read_text(encoding="utf-8").splitlines()
    pairs = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    return [(frame, verdict) for frame, verdict in pairs]


def test_every_consistent_foreign_frame_decodes_and_comes_back() -> None:
    consistent = [frame for frame, verdict in list_foreign() if verdict == "ok"]
    differing = []
    known = 0
    for line in consistent:
        # One line is the unescaped form, whose raw 7E no stream could carry.
        payload = open_frame(bytes.fromhex(line)[1:-1])
        assert isinstance(payload, bytes), line
        message = decode(payload)
        assert isinstance(message, Message), (line, message)
        if message.header.part is not None:
            continue
        known += not isinstance(message.body, Raw)
        if written(message) != line:
            differing.append(message)
    assert len(consistent) == 85
    assert known == 66
    # A vendor's two bytes after an 0x0001, the unescaped form, which we escape, and two 0x8800 with
    # a count of nought, which we leave out.
    assert [message.extra for message in differing if message.extra] == [b"\x00\xa8"]
    assert [type(message.body) for message in differing].count(MediaAnswer) == 2
    assert len(differing) == 4


def test_every_inconsistent_foreign_frame_is_refused_by_name() -> None:
    inconsistent = [frame for frame, verdict in list_foreign() if verdict != "ok"]
    assert len(inconsistent) == 44
    for line in inconsistent:
        stream = Splitter().feed(bytes.fromhex(line))
        results = [decode(found) if isinstance(found, bytes) else found for found in stream]
        assert results, line
        for result in results:
            assert isinstance(result, Malformed), (line, result)
            assert result.field


def test_a_recorders_picture_in_ten_parts_with_reports_between_is_put_together() -> None:
    """Their checksums are wrong, since somebody put another number into them; lengths are right."""
    frames = [bytes.fromhex(line)[1:-1] for line, _ in list_foreign() if line.startswith("7E0801")]
    parts = []
    for frame in frames:
        payload = frame.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")[:-1]
        part = read(close_frame(payload).hex())
        assert part.header.part is not None
        parts.append(part)
    serials = sorted(part.header.serial for part in parts)
    assert serials[-1] - serials[0] > len(serials) - 1  # they do not follow one another
    assembler = Assembler(timeout_ms=1000)
    *found, whole = [assembler.add(part, 0) for part in parts]
    assert found == [None] * 9
    assert isinstance(whole, Message)
    assert whole.header.list_serials() == tuple(serials)
    assert isinstance(whole.body, Media)
    assert whole.body.event == MediaEvent(
        media_id=10013, kind=0, format=0, occasion=Occasion.TIMER, channel=1
    )
    place, picture = whole.body.position, whole.body.data
    assert place is not None
    assert place.device_ms == 1_546_565_392_000  # 2019-01-04T09:29:52+08:00
    assert picture.startswith(b"\xff\xd8")
    assert picture.endswith(b"\xff\xd9")


def test_a_question_and_its_answer_by_the_table_of_2013() -> None:
    """0x8302: flag, length, GBK question, then of each answer its id, a length and GBK; 0x0302."""
    question = Question(flags=8, text="已读", choices=(Choice(id=1, text="是"),))
    body = bytes.fromhex("08 04 d2d1b6c1 01 0002 cac7")
    assert CODECS[0x8302].write(question, Version.V2013) == body
    assert CODECS[0x8302].read(Cursor(body), Version.V2013) == question
    pressed = QuestionAnswer(serial=0x1234, choice=1)
    assert CODECS[0x0302].write(pressed, Version.V2013) == bytes.fromhex("1234 01")
    assert CODECS[0x0302].read(Cursor(bytes.fromhex("123401")), Version.V2013) == pressed
