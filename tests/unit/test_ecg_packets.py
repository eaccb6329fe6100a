"""How long a packet of the ECG stream is."""

import pytest

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.wire.ecg_stream import decode

LONGEST_MS = 200


@pytest.mark.parametrize("rate_hz", [62, 128, 250, 256, 257, 360, 500, 1000])
def test_no_packet_is_longer_than_a_fifth_of_a_second(rate_hz: int) -> None:
    packets = [decode(d) for d in packets_of(synthetic(1, 2 * rate_hz, rate_hz), rate_hz, TWELVE)]
    assert sum(packet.count for packet in packets) == 2 * rate_hz
    assert max(packet.count * 1000 / rate_hz for packet in packets) <= LONGEST_MS
