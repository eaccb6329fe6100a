"""Synthetic ECG and the decoder that joins the packets' format with the sample coder."""

import numpy as np
from numpy.typing import NDArray

from goldenhour.compute.ecg import Block, Decoder
from goldenhour.simulator.ecg_packets import Packetizer
from goldenhour.wire.ecg_stream import Channel, Declaration, Packet

LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
TWELVE = (*LIMB, "V1", "V2", "V3", "V4", "V5", "V6")
Samples = NDArray[np.int32]


def synthetic(
    seed: int, samples: int, rate_hz: int, leads: int = 12, noise: float = 3.0
) -> Samples:
    """Something like an ECG: P, QRS and T on a wandering base line, with noise, in 1/200 mV."""
    rng = np.random.default_rng(seed)
    t = np.arange(samples) / rate_hz
    beat = t % 0.83
    rows = np.zeros((samples, leads))
    for lead in range(leads):
        for at, width, height in ((0.12, 0.02, 25), (0.28, 0.011, 300), (0.55, 0.05, 60)):
            size = height * (0.4 + 0.6 * np.sin(1.7 * lead + at * 5))
            rows[:, lead] += size * np.exp(-(((beat - at) / width) ** 2))
        rows[:, lead] += 40 * np.sin(t * 1.3 + lead) + rng.normal(0, noise, samples)
    whole = np.rint(rows).astype(np.int32)
    if leads >= len(LIMB):
        one, two = whole[:, 0], whole[:, 1]
        slack = rng.integers(-1, 2, (samples, 4))
        whole[:, 2] = two - one + slack[:, 0]
        whole[:, 3] = -(one + two) // 2 + slack[:, 1]
        whole[:, 4] = one - two // 2 + slack[:, 2]
        whole[:, 5] = two - one // 2 + slack[:, 3]
    return whole


def packets_of(
    samples: Samples, rate_hz: int, leads: tuple[str, ...], epoch: int = 7
) -> list[bytes]:
    maker = Packetizer(
        device_id="E-1",
        epoch=epoch,
        rate_hz=rate_hz,
        channels=[Channel(lead=lead, nanovolt=5000) for lead in leads],
        replay=True,
    )
    packets: list[bytes] = []
    at = 0
    while at + maker.next_count() <= len(samples):
        end = at + maker.next_count()
        packets.append(maker.packet(samples[at:end], 1_000_000 + at * 1000 // rate_hz))
        at = end
    return packets


class PacketDecoder:
    """A SampleDecoder of wire/ecg_stream."""

    def __init__(self, declaration: Declaration) -> None:
        self._decoder = Decoder(len(declaration.channels))

    def decode(self, packet: Packet) -> Samples:
        return self._decoder.decode(Block(packet.key, packet.coded), packet.count)
