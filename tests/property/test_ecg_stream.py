from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.ecg import TWELVE, PacketDecoder, Samples, packets_of, synthetic
from goldenhour.compute.ecg import BadBlockError, Block, Decoder
from goldenhour.wire import ecg_stream
from goldenhour.wire.ecg_stream import (
    Assembler,
    BadPacketError,
    BadSealError,
    Broken,
    Channel,
    Declaration,
    Framer,
    Packet,
    Piece,
    block_number,
    open_sealed,
    seal,
    wrap,
)

RATE_HZ = 100
SECONDS = 8


@cache
def stream() -> tuple[Samples, tuple[bytes, ...]]:
    samples = synthetic(11, RATE_HZ * SECONDS, RATE_HZ)
    return samples, tuple(packets_of(samples, RATE_HZ, TWELVE))


def put(into: Samples, seen: np.ndarray, pieces: list[Piece[Samples]]) -> None:
    for piece in pieces:
        span = slice(piece.first, piece.first + piece.count)
        assert not seen[span].any()  # once only
        into[span], seen[span] = piece.rows, True


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_loss_then_back_fill_is_bit_exact(data: st.DataObject) -> None:
    samples, packets = stream()
    lost = data.draw(st.sets(st.integers(0, len(packets) - 1)))
    order = data.draw(st.randoms(use_true_random=False))
    live = [n for n in range(len(packets)) if n not in lost]
    near = sorted(live, key=lambda n: n + order.uniform(0, 4))  # a radio reorders a little
    late = list(lost)
    order.shuffle(late)
    again = order.sample(range(len(packets)), 5)
    got, seen = np.zeros_like(samples), np.zeros(len(samples), bool)
    assembler = Assembler(PacketDecoder, BadBlockError)
    for n in near:
        put(got, seen, assembler.add(ecg_stream.decode(packets[n])))
    holes = np.ones(len(samples), bool)
    for first, end in assembler.missing():
        holes[first:end] = False
    if live:
        start, end = min(live) * RATE_HZ // 5, (max(live) + 1) * RATE_HZ // 5
        assert np.array_equal(seen[start:end], holes[start:end])
    for n in [*late, *again]:
        put(got, seen, assembler.add(ecg_stream.decode(packets[n])))
    assert seen.all()
    assert assembler.missing() == []
    assert np.array_equal(got, samples)


def test_a_lost_packet_hides_what_leans_on_it_and_nothing_else() -> None:
    _samples, packets = stream()
    assembler = Assembler(PacketDecoder, BadBlockError)
    for n, packet in enumerate(packets):
        if n != 3:
            assembler.add(ecg_stream.decode(packet))
    assert assembler.missing() == [(60, 200)]  # from packet 3 to the next key at two seconds


def test_memory_is_bounded_and_a_forgotten_gap_stays_a_gap() -> None:
    _samples, packets = stream()
    assembler = Assembler(PacketDecoder, BadBlockError, keep=10)
    for packet in packets[1:]:
        assembler.add(ecg_stream.decode(packet))
    assert assembler.missing() == [(20, 200)]
    assert assembler.add(ecg_stream.decode(packets[0])) != []
    assert assembler.missing() == [(20, 200)]


NAMES = st.text(max_size=20)


@given(
    epoch=st.integers(0, (1 << 32) - 1),
    numbers=st.tuples(*[st.integers(0, (1 << 49) - 1)] * 4),
    count=st.integers(1, 4096),
    leads=st.lists(
        st.builds(
            Channel,
            lead=st.one_of(st.sampled_from(TWELVE), NAMES),
            nanovolt=st.integers(1, 10_000_000),
        ),
        min_size=1,
        max_size=64,
    ),
    device=NAMES,
    key=st.booleans(),
    coded=st.binary(max_size=500),
)
def test_a_packet_comes_back(
    epoch: int,
    numbers: tuple[int, ...],
    count: int,
    leads: list[Channel],
    device: str,
    *,
    key: bool,
    coded: bytes,
) -> None:
    sequence, first, device_ms, rate_mhz = numbers
    declaration = Declaration(
        device_id=device,
        replay=key,
        device_ms=device_ms,
        rate_mhz=rate_mhz or 1,
        channels=tuple(leads),
        sealed=bytes(range(32)),
    )
    packet = Packet(
        epoch=epoch,
        sequence=sequence,
        first=first,
        count=count,
        declaration=declaration if key else None,
        coded=coded,
    )
    assert ecg_stream.decode(ecg_stream.encode(packet)) == packet


@given(st.binary(max_size=300))
def test_any_bytes_are_no_packet(data: bytes) -> None:
    with pytest.raises(BadPacketError):
        ecg_stream.decode(data)


@settings(deadline=None)
@given(
    data=st.binary(max_size=400),
    changes=st.dictionaries(st.floats(0, 0.999), st.integers(0, 255), min_size=1, max_size=6),
    kept=st.floats(0, 1),
    count=st.integers(1, 200),
)
def test_any_coded_bytes_give_samples_or_the_one_error(
    data: bytes, changes: dict[float, int], kept: float, count: int
) -> None:
    _samples, packets = stream()
    real = bytearray(ecg_stream.decode(packets[0]).coded)
    for place, octet in changes.items():
        real[int(place * len(real))] = octet
    for coded in (data, bytes(real), bytes(real[: int(kept * len(real))])):
        try:
            rows = Decoder(12).decode(Block(key=True, data=coded), count)
        except BadBlockError:
            continue
        assert rows.shape == (count, 12)


@given(cuts=st.lists(st.integers(1, 4000), max_size=30), broken=st.integers(0, 39))
def test_a_byte_stream_gives_its_packets_and_names_the_broken_one(
    cuts: list[int], broken: int
) -> None:
    _samples, packets = stream()
    sent = [bytearray(packet) for packet in packets]
    sent[broken][8] ^= 0x40
    whole = b"".join(wrap(bytes(packet)) for packet in sent)
    framer, found = Framer(), []
    for cut in cuts:
        found += framer.feed(whole[:cut])
        whole = whole[cut:]
    found += framer.feed(whole)
    assert [n for n, item in enumerate(found) if isinstance(item, Broken)] == [broken]
    assert len(found) == len(packets)


def test_the_source_vouches_for_every_block_before_a_key() -> None:
    _samples, packets = stream()
    blocks: dict[int, list[bytes]] = {}
    for data in packets:
        blocks.setdefault(ecg_stream.decode(data).first // RATE_HZ, []).append(data)
    previous = ecg_stream.GENESIS
    for number, members in blocks.items():
        declaration = ecg_stream.decode(members[0]).declaration
        if declaration is not None:
            assert declaration.sealed == previous
        block, chained = seal(7, number, members, previous)
        assert open_sealed(block, previous).packets == tuple(members)
        previous = chained
    assert block_number(299, RATE_HZ * 1000) == 2


@given(at=st.integers(0, 2000), bit=st.integers(0, 7))
def test_a_sealed_block_betrays_one_changed_bit(at: int, bit: int) -> None:
    _samples, packets = stream()
    block, _chained = seal(7, 0, packets[:5], ecg_stream.GENESIS)
    changed = bytearray(block)
    changed[at % len(block)] ^= 1 << bit
    with pytest.raises(BadSealError):
        open_sealed(bytes(changed), ecg_stream.GENESIS)
