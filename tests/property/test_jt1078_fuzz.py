"""Whatever the bytes are and however they are cut, a stream gives packets, pictures and holes."""

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from factories.jt1078 import NUMBER, packet
from goldenhour.wire.jt1078 import Assembler, Broken, Packet, Splitter, read_kept

MARK = b"\x30\x31\x63\x64"
numbers = st.sampled_from([NUMBER, "00000000012345678999"])
packets = st.builds(
    packet,
    st.binary(max_size=80) | st.just(MARK * 3),
    number=numbers,
    sequence=st.integers(0, 6),
    channel=st.integers(0, 2),
    kind=st.integers(0, 4),
    split=st.integers(0, 3),
    device_ms=st.integers(0, 1 << 63) | st.integers(0, 2_000),
    payload_type=st.integers(0, 255),
)
noise = st.binary(max_size=60) | st.just(MARK) | packets.map(lambda data: data[:-3])
streams = st.lists(packets | noise, max_size=12).map(b"".join)


def read(data: bytes, cuts: list[int]) -> list[Packet | Broken]:
    splitter, found = Splitter(), []
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(places):
        found += splitter.feed(data[begin:end])
    return found + splitter.close()


@settings(max_examples=300, deadline=None)
@given(streams | st.binary(max_size=300), st.lists(st.integers(0, 2_000), max_size=8))
@example(packet(b"")[:-1], [3])
def test_how_a_stream_is_cut_changes_nothing(data: bytes, cuts: list[int]) -> None:
    whole = read(data, [])
    assert read(data, cuts) == whole
    assert read(data, list(range(len(data)))) == whole
    assembler = Assembler()
    for one in whole:
        if isinstance(one, Packet):
            assembler.feed(one)


@settings(max_examples=200, deadline=None)
@given(st.lists(packets, min_size=1, max_size=12))
def test_every_packet_of_a_clean_stream_is_read(sent: list[bytes]) -> None:
    found = read(b"".join(sent), [])
    assert len(found) == len(sent)
    assert all(isinstance(one, Packet) for one in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_may_stand_in_a_segment(data: bytes) -> None:
    kept, whole = read_kept(data)
    assert 0 <= whole <= len(data)
    assert (whole == 0) == (kept == [])
