"""What a stored stream proves, and what no longer: the second walls of the ECG."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.wire import ecg_stream
from goldenhour.wire.ecg_stream import Packet, block_number, prove

RATE_HZ = 100
SECONDS = 8
VOUCHED = tuple(range(6))
"""The last key packet stands at second 6: nobody vouches for what it begins."""


@cache
def stream() -> tuple[bytes, ...]:
    return tuple(packets_of(synthetic(11, RATE_HZ * SECONDS, RATE_HZ), RATE_HZ, TWELVE))


def second_of(data: bytes) -> int:
    return block_number(ecg_stream.decode(data).first, RATE_HZ * 1000)


def pair_of(second: int) -> set[int]:
    """A key packet begins every second block and judges both since the last one."""
    return {second - second % 2, second - second % 2 + 1}


def test_an_untouched_stream_is_proved_up_to_its_last_key_packet() -> None:
    proof = prove(stream())
    assert (proof.proved, proof.broken, proof.unproved) == (VOUCHED, (), (6, 7))


def test_nothing_proves_nothing() -> None:
    assert prove(()) == prove([]) == ecg_stream.Proof(proved=(), broken=(), unproved=())


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_another_packet_in_its_place_is_found(data: st.DataObject) -> None:
    """Rightly formed, with a checksum of its own: only the chain tells."""
    packets = list(stream())
    chosen = data.draw(st.sampled_from([n for n, p in enumerate(packets) if second_of(p) < 6]))
    was = ecg_stream.decode(packets[chosen])
    coded = bytearray(was.coded)
    coded[data.draw(st.integers(0, len(coded) - 1))] ^= data.draw(st.integers(1, 255))
    packets[chosen] = ecg_stream.encode(
        Packet(
            epoch=was.epoch,
            sequence=was.sequence,
            first=was.first,
            count=was.count,
            declaration=was.declaration,
            coded=bytes(coded),
        )
    )
    proof = prove(packets)
    assert set(proof.broken) == pair_of(second_of(stream()[chosen]))
    assert set(proof.proved) == set(VOUCHED) - set(proof.broken)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_is_missing_is_unproved_and_never_called_broken(data: st.DataObject) -> None:
    packets = list(stream())
    lost = data.draw(st.sets(st.integers(0, len(packets) - 1), min_size=1))
    proof = prove(data for n, data in enumerate(packets) if n not in lost)
    assert proof.broken == ()
    assert not {second_of(packets[n]) for n in lost} & set(proof.proved)
