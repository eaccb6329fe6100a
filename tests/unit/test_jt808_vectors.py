"""Frames that others wrote: the vectors of three unrelated projects must decode, and come back
byte for byte where we know the message.
"""

import os
from pathlib import Path

import pytest

from goldenhour.kernel.geo import Point
from goldenhour.wire.jt808 import Malformed, Message, Splitter, Version, decode, encode
from goldenhour.wire.jt808.frame import open_frame
from goldenhour.wire.jt808.messages import Raw, Text
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


@pytest.mark.parametrize("line", [POSITION_2013, TEXT_2013, TEXT_2019])
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
    assert known == 57
    # The two: a vendor's two bytes after an 0x0001, and the unescaped form, which we escape.
    assert [message.extra for message in differing] == [b"\x00\xa8", b""]


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
