"""How long a packet of the ECG stream is, and what the ECG double codes once for all."""

import numpy as np
import pytest

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.compute.ecg import Decoder
from goldenhour.simulator.ecg_packets import KEY_BLOCKS, code_loop, packet_counts
from goldenhour.wire.ecg_stream import Channel, decode

LONGEST_MS = 200
CHANNELS = [Channel(lead=lead, nanovolt=5000) for lead in TWELVE]


@pytest.mark.parametrize("rate_hz", [62, 128, 250, 256, 257, 360, 500, 1000])
def test_no_packet_is_longer_than_a_fifth_of_a_second(rate_hz: int) -> None:
    packets = [decode(d) for d in packets_of(synthetic(1, 2 * rate_hz, rate_hz), rate_hz, TWELVE)]
    assert sum(packet.count for packet in packets) == 2 * rate_hz
    assert max(packet.count * 1000 / rate_hz for packet in packets) <= LONGEST_MS


@pytest.mark.parametrize("rate_hz", [62, 500])
def test_a_recording_coded_once_is_itself_from_every_key_on(rate_hz: int) -> None:
    samples = synthetic(1, 3 * KEY_BLOCKS * rate_hz, rate_hz)
    blocks = code_loop(samples, CHANNELS, rate_hz)
    keys = [at for at, (block, _count) in enumerate(blocks) if block.key]
    assert len(keys) == 3
    for at in keys:
        decoder = Decoder(len(CHANNELS))
        played = [decoder.decode(block, count) for block, count in blocks[at:] + blocks[:at]]
        before = sum(count for _block, count in blocks[:at])
        assert np.array_equal(np.concatenate(played), np.roll(samples, -before, axis=0))


@pytest.mark.parametrize(("rate_hz", "counts"), [(500, [100] * 5), (62, [13, 13, 13, 13, 10])])
def test_the_packets_of_a_second_make_a_second(rate_hz: int, counts: list[int]) -> None:
    assert packet_counts(rate_hz) == counts
