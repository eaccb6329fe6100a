"""JT/T 1078 media packets: another maker's recordings, and what a stream may do to its pictures."""

from itertools import islice
from random import Random  # noqa: TID251 (a seeded one)

import pytest

from factories.jt1078 import (
    ATOMIC,
    AUDIO,
    BOTH_WAYS,
    CAMERA,
    FIRST,
    KEY,
    LAST,
    MIDDLE,
    NUMBER,
    PREDICTED,
    STARTED_MS,
    TRANSPARENT,
    foreign,
    key_frame,
    packet,
    shared,
)
from goldenhour.simulator.cameras import Trouble, film, load_recording
from goldenhour.wire.jt1078 import (
    MAX_UNIT_BYTES,
    AccessUnit,
    Assembler,
    Broken,
    Kept,
    Kind,
    Lost,
    Packet,
    Split,
    Splitter,
    codec_of,
    h264_codec,
    h265_codec,
    read_kept,
    write_kept,
)

LONG_NUMBER = "00000000012345678999"


def read(data: bytes) -> list[Packet | Broken]:
    splitter = Splitter()
    return [*splitter.feed(data), *splitter.close()]


def units(data: bytes) -> list[AccessUnit | Lost]:
    assembler, found = Assembler(), []
    for one in read(data):
        assert isinstance(one, Packet), one
        found += assembler.feed(one)
    return found


def told(*packets: bytes) -> list[bytes | tuple[int, str]]:
    """Data of units, and number and text of holes."""
    return [
        one.data if isinstance(one, AccessUnit) else (one.packets, one.text)
        for one in units(b"".join(packets))
    ]


# ---- another maker's recordings


def test_the_foreign_key_frame_comes_back_byte_for_byte() -> None:
    (unit,) = units(b"".join(foreign("jt1078_1.txt")))
    assert isinstance(unit, AccessUnit)
    assert unit.data == shared("jt1078_1.h264").read_bytes()
    assert (unit.channel, unit.kind, unit.payload_type) == (1, Kind.KEY, 98)
    assert unit.device_ms == STARTED_MS
    assert h264_codec(unit.data) == "avc1.4d0014"


def test_the_foreign_recording_is_read_whole() -> None:
    packets = foreign("jt1078_2.txt")
    found = read(b"".join(packets))
    assert len(found) == len(packets) == 314
    assert {one.device for one in found if isinstance(one, Packet)} == {CAMERA}
    pictures = units(b"".join(packets))
    assert [one for one in pictures if isinstance(one, Lost)] == []
    kinds = [one.kind for one in pictures if isinstance(one, AccessUnit)]
    assert (kinds.count(Kind.KEY), kinds.count(Kind.PREDICTED)) == (6, 264)
    first, last = pictures[0], pictures[-1]
    assert isinstance(first, AccessUnit)
    assert isinstance(last, AccessUnit)
    assert first.data == shared("jt1078_1.h264").read_bytes()
    assert (first.device_ms, last.device_ms) == (STARTED_MS, 0x016CD3AA54A2)
    assert all(one.data.startswith(b"\0\0\0\1") for one in pictures if isinstance(one, AccessUnit))


# ---- one packet


def test_what_a_packet_says() -> None:
    sent = packet(
        b"\x00\x00\x00\x01\x65",
        sequence=0xFFFE,
        channel=3,
        kind=KEY,
        split=FIRST,
        device_ms=1_795_300_000_123,
        payload_type=0x80 | 99,
    )
    assert read(sent) == [
        Packet(
            device=CAMERA,
            channel=3,
            kind=Kind.KEY,
            split=Split.FIRST,
            payload_type=99,
            sequence=0xFFFE,
            device_ms=1_795_300_000_123,
            body=b"\x00\x00\x00\x01\x65",
        )
    ]


@pytest.mark.parametrize("kind", [KEY, PREDICTED, BOTH_WAYS, AUDIO, TRANSPARENT])
@pytest.mark.parametrize("number", [NUMBER, LONG_NUMBER])
def test_every_kind_has_its_own_header_and_both_lengths_of_the_number_are_read(
    kind: int, number: str
) -> None:
    one = packet(b"x" * 40, kind=kind, number=number)
    for sent in (one, one * 3):
        for found in read(sent):
            assert isinstance(found, Packet)
            assert (found.device, found.kind, found.body) == (CAMERA, Kind(kind), b"x" * 40)
            assert found.device_ms == (0 if kind == TRANSPARENT else 1_000)
        assert len(read(sent)) == len(sent) // len(one)


def test_a_device_that_counts_time_from_its_start_reads_both_ways_and_the_next_packet_decides() -> (
    None
):
    """Small times make the fields of a 6-byte number possible as those of a 10-byte number too."""
    short = packet(b"\x00\x00\x00\x01\x61", kind=PREDICTED, device_ms=40)
    for place, sent in enumerate((short, packet(b"ab", number=LONG_NUMBER, device_ms=40))):
        first, second = read(sent * 2)
        assert first == second, place
        assert isinstance(first, Packet)
        assert (first.device, first.device_ms) == (CAMERA, 40)


def test_garbage_is_skipped_up_to_the_next_packet_and_told() -> None:
    one = packet(b"one")
    broken = b"\x30\x31\x63\x64" + b"\xff" * 40  # a mark, and fields that cannot be
    first, gap, second, end = read(one + one + b"noise" + broken + one + b"\x30\x31")
    assert isinstance(first, Packet)
    assert first == second
    # What no packet follows might be cut short itself, so it goes with the noise.
    assert gap == Broken(dropped_bytes=len(one) + 5 + 44)
    assert end == Broken(dropped_bytes=2)


def test_a_packet_that_is_cut_short_costs_itself_alone() -> None:
    one, two = packet(b"1" * 50, sequence=1), packet(b"2" * 50, sequence=2)
    found = read(one[:-20] + two + one)
    bodies = [each.body for each in found if isinstance(each, Packet)]
    assert bodies == [b"2" * 50, b"1" * 50]
    assert found[0] == Broken(dropped_bytes=len(one) - 20)


def test_a_last_packet_without_its_end_is_no_packet() -> None:
    assert read(packet(b"whole") + packet(b"torn")[:-1])[1:] == [
        Broken(dropped_bytes=len(packet(b"torn")) - 1)
    ]


# ---- pictures out of packets


def part(sequence: int, split: int, body: bytes, device_ms: int = 7) -> bytes:
    return packet(body, sequence=sequence, split=split, kind=KEY, device_ms=device_ms)


def test_first_middle_and_last_make_a_picture_with_the_time_of_the_first() -> None:
    sent = part(65_534, FIRST, b"a", 100) + part(65_535, MIDDLE, b"b", 101)
    sent += part(0, MIDDLE, b"c", 102) + part(1, LAST, b"d", 103)
    (unit,) = units(sent)
    assert unit == AccessUnit(
        channel=1, kind=Kind.KEY, payload_type=98, device_ms=100, data=b"abcd"
    )


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        # a middle packet did not come: the picture is dropped, its rest is not told again
        (((0, FIRST, b"a"), (2, LAST, b"c"), (3, ATOMIC, b"d")), [(1, "did not come"), b"d"]),
        # the last one did not come, nor the next first
        (((0, FIRST, b"a"), (3, LAST, b"b"), (4, ATOMIC, b"c")), [(2, "did not come"), b"c"]),
        # numbers without a gap, and still no end
        (((0, FIRST, b"a"), (1, FIRST, b"b"), (2, LAST, b"c")), [(0, "no end"), b"bc"]),
        (((0, FIRST, b"a"), (1, ATOMIC, b"b")), [(0, "no end"), b"b"]),
        # a stream that is joined in the middle of a picture
        (
            ((5, MIDDLE, b"a"), (6, LAST, b"b"), (7, ATOMIC, b"c")),
            [(0, "no beginning"), b"c"],
        ),
        # twice, and too late: once is enough, and a hole stays a hole
        (((0, ATOMIC, b"a"), (0, ATOMIC, b"a"), (1, ATOMIC, b"b")), [b"a", b"b"]),
        (
            ((0, FIRST, b"a"), (2, LAST, b"c"), (1, MIDDLE, b"b"), (3, ATOMIC, b"d")),
            [(1, "did not come"), b"d"],
        ),
        # a new count is no loss that has a number
        (((40_000, ATOMIC, b"a"), (0, ATOMIC, b"b")), [b"a", (25_535, "did not come"), b"b"]),
        (((20_000, ATOMIC, b"a"), (0, ATOMIC, b"b")), [b"a", (0, "did not come"), b"b"]),
    ],
)
def test_what_is_missing_is_told_once(
    sent: tuple[tuple[int, int, bytes], ...], found: list[bytes | tuple[int, str]]
) -> None:
    got = told(*(part(*one) for one in sent))
    assert len(got) == len(found)
    for one, wanted in zip(got, found, strict=True):
        if isinstance(wanted, bytes):
            assert one == wanted
        else:
            assert isinstance(one, tuple)
            assert one[0] == wanted[0]
            assert one[1].endswith(wanted[1])


def test_channels_are_counted_apart_and_audio_is_kept() -> None:
    sent = [
        packet(b"picture", sequence=0, channel=1),
        packet(b"other", sequence=9, channel=2),
        packet(b"sound", sequence=1, channel=1, kind=AUDIO, payload_type=6),
        packet(b"serial", sequence=2, channel=1, kind=TRANSPARENT),
        packet(b"more", sequence=3, channel=1),
    ]
    assert told(*sent) == [b"picture", b"other", b"sound", b"more"]


def test_a_picture_without_end_is_dropped_at_its_bound() -> None:
    body = b"x" * 65_000
    count = MAX_UNIT_BYTES // len(body) + 2
    sent = [part(0, FIRST, body), *(part(n, MIDDLE, body) for n in range(1, count))]
    (hole,) = told(*sent)
    assert isinstance(hole, tuple)
    assert hole[1].startswith("a unit is longer")


def test_the_codec_is_read_of_the_parameters_wherever_they_stand() -> None:
    assert h264_codec(key_frame()) == "avc1.4d0014"
    assert h264_codec(b"\x00\x00\x01\x09\x10" + key_frame()) == "avc1.4d0014"
    for nothing in (b"", b"\x00\x00\x01", b"\x00\x00\x01\x67\x4d", b"\x00\x00\x01\x65\x00\x00\x01"):
        assert h264_codec(nothing) == ""


# The parameter sets that x265 writes for 1280x720, main profile, level 3.1, and for main 10 in the
# high tier: a browser knows the first as hev1.1.6.L93.90.
MAIN = bytes.fromhex("0000000140010c01ffff01600000030090000003000003005d")
X265 = bytes.fromhex("0000000142010101600000030090000003000003005da00280802d16")
MAIN_10 = bytes.fromhex("000001420101222000000300b00000030000030099a00280802d16")


def test_h265_is_told_as_browsers_ask_for_it() -> None:
    assert h265_codec(MAIN + X265) == "hev1.1.6.L93.90"
    assert h265_codec(MAIN_10) == "hev1.2.4.H153.b0"
    assert codec_of(99, X265) == "hev1.1.6.L93.90"
    assert codec_of(98, key_frame()) == "avc1.4d0014"
    assert codec_of(6, X265) == ""
    for nothing in (b"", X265[:12], MAIN, key_frame(), b"\x00\x00\x01"):
        assert h265_codec(nothing) == ""


# ---- in a file


def kept(number: int, data: bytes = b"picture") -> Kept:
    return Kept(
        device_ms=1_000 + number,
        received_ms=2_000 + number,
        payload_type=98,
        kind=Kind.PREDICTED,
        data=data,
    )


def test_a_segment_is_read_up_to_its_torn_end() -> None:
    written = [write_kept(kept(n)) for n in range(3)]
    whole = b"".join(written)
    assert read_kept(whole) == ([kept(0), kept(1), kept(2)], len(whole))
    two = len(written[0]) + len(written[1])
    for torn in (whole[:-1], whole[: two + 1], whole[:two] + b"\0" * 4_096):
        assert read_kept(torn) == ([kept(0), kept(1)], two)
    changed = bytearray(whole)
    changed[two - 1] ^= 1
    assert read_kept(bytes(changed)) == ([kept(0)], len(written[0]))


# ---- the double, whose bytes are its own


def filmed(trouble: Trouble | None, count: int) -> list[AccessUnit | Lost]:
    recording = load_recording(shared("jt1078_2.txt"))
    packets = film(recording, "990000000007", 5_000, trouble, Random(4))
    return units(b"".join(data for _due_ms, data in islice(packets, count)))


def test_the_double_films_on_after_its_recording_with_times_that_only_grow() -> None:
    found = filmed(None, 700)
    assert [one for one in found if isinstance(one, Lost)] == []
    times = [one.device_ms for one in found if isinstance(one, AccessUnit)]
    assert times[0] == 5_000
    assert times == sorted(times)
    assert len(times) > 2 * 270


@pytest.mark.parametrize(
    ("trouble", "loses"),
    [(Trouble.LOST_MIDDLE, True), (Trouble.REORDERED, True), (Trouble.DUPLICATE, False)],
)
def test_the_double_misbehaves_as_it_is_told(trouble: Trouble, loses: bool) -> None:
    found = filmed(trouble, 600)
    assert any(isinstance(one, Lost) for one in found) is loses
    assert any(isinstance(one, AccessUnit) for one in found)


def test_a_double_that_stalls_ends_and_a_stranger_has_another_number() -> None:
    recording = load_recording(shared("jt1078_2.txt"))
    stalled = list(film(recording, "990000000007", 0, Trouble.STALL, Random(4)))
    assert 0 < len(stalled) < len(recording.packets)
    (_due_ms, data), *_more = film(recording, "990000000007", 0, Trouble.STALL, Random(4))
    (own,) = read(data)
    _due_ms, data = next(film(recording, "990000000007", 0, Trouble.STRANGER, Random(4)))
    (other,) = read(data)
    assert isinstance(own, Packet)
    assert isinstance(other, Packet)
    assert (own.device, other.device) == ("990000000007", "980000000007")
