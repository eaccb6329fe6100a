"""Samples to packets: the sender's half of the ECG stream, without a clock or a socket.

Rule 1: no packet is longer than 200 ms, none crosses a second; a key packet comes at the start and
        at least every two seconds.
Rule 2: every key packet carries the hash of the blocks before it, made of the packets' own bytes.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.compute.ecg import Block, Encoder, limb_relations
from goldenhour.wire import ecg_stream
from goldenhour.wire.ecg_stream import GENESIS, Channel, Declaration, Packet, seal

PACKETS_A_SECOND: Final = 5
KEY_BLOCKS: Final = 2
"""A key packet begins every second block."""


def packet_counts(rate_hz: int) -> list[int]:
    """Samples of the packets of one second: a fifth of it each, and what is left."""
    most = -(-rate_hz // PACKETS_A_SECOND)
    return [min(most, rate_hz - at) for at in range(0, rate_hz, most)]


def code_loop(
    samples: NDArray[np.int32], channels: Sequence[Channel], rate_hz: int
) -> list[tuple[Block, int]]:
    """A recording of whole key periods as blocks and their samples; after the last comes the first.

    The second time round is taken, since a key block is suited to what came before it.
    """
    encoder = Encoder(len(channels), limb_relations([channel.lead for channel in channels]))
    blocks: list[tuple[Block, int]] = []
    for begin in 2 * list(range(0, len(samples), rate_hz)):
        at = begin
        for count in packet_counts(rate_hz):
            key = at == begin and begin // rate_hz % KEY_BLOCKS == 0
            blocks.append((encoder.encode(samples[at : at + count], key=key), count))
            at += count
    return blocks[len(blocks) // 2 :]


class Packetizer:
    def __init__(
        self,
        *,
        device_id: str,
        epoch: int,
        rate_hz: int,
        channels: Sequence[Channel],
        replay: bool,
    ) -> None:
        self._device_id = device_id
        self._epoch = epoch
        self._rate_hz = rate_hz
        self._channels = tuple(channels)
        self._replay = replay
        self._encoder = Encoder(
            len(self._channels), limb_relations([channel.lead for channel in channels])
        )
        self._sequence = 0
        self._first = 0
        self._block: list[bytes] = []
        self._sealed = GENESIS

    def next_count(self) -> int:
        """How many samples the next packet takes: a fifth of a second, or what is left of it."""
        left = self._rate_hz - self._first % self._rate_hz
        return min(max(self._rate_hz // PACKETS_A_SECOND, 1), left)

    def packet(self, samples: NDArray[np.int32], device_ms: int) -> bytes:
        """The next packet, of `next_count` rows; `device_ms` is the time of its first."""
        if len(samples) != self.next_count():
            raise ValueError(f"samples: {len(samples)} rows instead of {self.next_count()}")
        number, place = divmod(self._first, self._rate_hz)
        block = self._encoder.encode(samples, key=place == 0 and number % KEY_BLOCKS == 0)
        return self.put(block, len(samples), device_ms)

    def put(self, block: Block, count: int, device_ms: int) -> bytes:
        """The next packet, of `count` samples that were coded before."""
        number, place = divmod(self._first, self._rate_hz)
        if place == 0 and self._block:
            _, self._sealed = seal(self._epoch, number - 1, self._block, self._sealed)
            self._block = []
        declaration = Declaration(
            device_id=self._device_id,
            replay=self._replay,
            device_ms=device_ms,
            rate_mhz=self._rate_hz * 1000,
            channels=self._channels,
            sealed=self._sealed,
        )
        data = ecg_stream.encode(
            Packet(
                epoch=self._epoch,
                sequence=self._sequence,
                first=self._first,
                count=count,
                declaration=declaration if block.key else None,
                coded=block.data,
            )
        )
        self._sequence += 1
        self._first += count
        self._block.append(data)
        return data
