"""A DOUBLE of 12-lead ECG devices: many connections in one process, all playing one recording.

Rule 1: the recording is real (the sample that pydicom ships), looped, and every key packet marks it
        as a replay: no screen may take it for a patient.
Rule 2: a packet leaves when its newest sample would have been acquired, never earlier.
Rule 3: what is not acknowledged is kept and sent again after a reconnection, from a key packet on;
        a stream is never begun anew because a line was lost.
Rule 4: the recording is coded once for all: a device spends that work, not the machine that plays a
        hundred of them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import count as count_from
from random import Random  # noqa: TID251 (a simulator is given one)
from typing import Final

import numpy as np
import pydicom
import structlog
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from goldenhour.app.ports import Clock
from goldenhour.compute.ecg import Block
from goldenhour.kernel.record import Record
from goldenhour.simulator.ecg_packets import KEY_BLOCKS, Packetizer, code_loop
from goldenhour.wire.ecg_stream import AckReader, Channel, wrap

_log = structlog.get_logger(__name__)

KEPT: Final = 9_000
"""Packets without an acknowledgement: half an hour."""
_SECOND_MS: Final = 1000


class EcgSource(Record):
    device_id: str


class EcgSourcesConfig(Record):
    host: str
    port: int
    sources: tuple[EcgSource, ...]
    rate_hz: int = 500
    """The recording has 1,000 samples a second; 500 are every second one of them."""
    retry_s: float = 2.0


class Recording(Record):
    samples: NDArray[np.int32]
    channels: tuple[Channel, ...]
    rate_hz: int


def load_recording(rate_hz: int) -> Recording:
    """The 12-lead sample of pydicom, thinned to the wanted rate."""
    path = get_testdata_file("waveform_ecg.dcm")
    assert isinstance(path, str)  # it is part of the wheel
    group = pydicom.dcmread(path).WaveformSequence[0]
    own_hz = int(group.SamplingFrequency)
    if own_hz % rate_hz:
        raise ValueError(f"rate_hz: {rate_hz} does not divide {own_hz}")
    rows = np.frombuffer(group.WaveformData, "<i2").reshape(-1, group.NumberOfWaveformChannels)
    channels = tuple(
        Channel(
            # "Lead I (Einthoven)" and "Lead aVR": the second word is the lead.
            lead=str(one.ChannelSourceSequence[0].CodeMeaning).split()[1],
            nanovolt=round(float(one.ChannelSensitivity) * 1000),
        )
        for one in group.ChannelDefinitionSequence
    )
    whole = len(rows) // (own_hz * KEY_BLOCKS) * own_hz * KEY_BLOCKS
    samples = rows[: whole : own_hz // rate_hz].astype(np.int32)
    return Recording(samples=samples, channels=channels, rate_hz=rate_hz)


async def always_worn(config: EcgSourcesConfig) -> AsyncIterator[frozenset[str]]:
    """Every source from the first moment on."""
    yield frozenset(source.device_id for source in config.sources)
    await asyncio.Event().wait()


async def run_sources(
    config: EcgSourcesConfig, *, worn: AsyncIterator[frozenset[str]], clock: Clock, rng: Random
) -> None:
    """Runs until cancelled. A stream begins when a source is put on, and ends when taken off."""
    _log.warning(
        "simulator.ecg_double",
        meaning="THESE ECG SOURCES ARE A DOUBLE: they replay one recording and no patient",
        sources=len(config.sources),
    )
    recording = load_recording(config.rate_hz)
    loop = code_loop(recording.samples, recording.channels, recording.rate_hz)
    keys = [at for at, (block, _count) in enumerate(loop) if block.key]
    playing: dict[str, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        async for devices in worn:
            for device_id in playing.keys() - devices:
                playing.pop(device_id).cancel()
            for source in config.sources:
                if source.device_id in devices and source.device_id not in playing:
                    at = rng.choice(keys)
                    player = _Player(config, source, recording, clock, loop[at:] + loop[:at])
                    playing[source.device_id] = group.create_task(player.play(rng.random()))


class _Player:
    def __init__(
        self,
        config: EcgSourcesConfig,
        source: EcgSource,
        recording: Recording,
        clock: Clock,
        blocks: Sequence[tuple[Block, int]],
    ) -> None:
        self._config = config
        self._recording = recording
        self._clock = clock
        self._blocks = blocks
        self._epoch = clock.now_ms() // _SECOND_MS
        self._packets = Packetizer(
            device_id=source.device_id,
            epoch=self._epoch,
            rate_hz=recording.rate_hz,
            channels=recording.channels,
            replay=True,
        )
        self._kept: deque[tuple[int, bool, bytes]] = deque(maxlen=KEPT)
        """Sequence, key, bytes of what may be wanted again."""
        self._made = asyncio.Event()

    async def play(self, delay_s: float) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.acquire(delay_s))
            group.create_task(self.connect())

    async def acquire(self, delay_s: float) -> None:
        """Make each packet when its last sample is there, by the loop's steady clock."""
        loop = asyncio.get_running_loop()
        # Not all at once; the plan is made before the wait, so that a late start moves nobody.
        due, sample_ms = loop.time() + delay_s, self._clock.now_ms() + delay_s * _SECOND_MS
        await asyncio.sleep(delay_s)
        for sequence in count_from():
            block, count = self._blocks[sequence % len(self._blocks)]
            due += count / self._recording.rate_hz
            await asyncio.sleep(max(due - loop.time(), 0))
            data = self._packets.put(block, count, round(sample_ms))
            sample_ms += count * _SECOND_MS / self._recording.rate_hz
            self._kept.append((sequence, block.key, data))
            self._made.set()
            self._made = asyncio.Event()

    async def connect(self) -> None:
        while True:
            try:
                await self._talk()
            except OSError as error:
                _log.info("simulator.ecg_link_lost", reason=type(error).__name__)
            await asyncio.sleep(self._config.retry_s)

    async def _talk(self) -> None:
        reader, writer = await asyncio.open_connection(self._config.host, self._config.port)
        reading = asyncio.create_task(self._read_acks(reader))
        sent = -1
        try:
            while not reading.done():
                made = self._made
                for sequence, key, data in list(self._kept):
                    # The receiver learns whose the stream is from a key packet.
                    if sequence > sent and (sent >= 0 or key):
                        writer.write(wrap(data))
                        sent = sequence
                await writer.drain()
                waiting = asyncio.create_task(made.wait())
                await asyncio.wait({waiting, reading}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        finally:
            reading.cancel()
            writer.close()

    async def _read_acks(self, reader: asyncio.StreamReader) -> None:
        acks = AckReader()
        while chunk := await reader.read(4096):
            for ack in acks.feed(chunk):
                if ack.epoch == self._epoch:
                    self._forget(ack.through)

    def _forget(self, through: int) -> None:
        """Let go of what is durable there, but for the last key before it and what follows."""
        keys = [s for s, key, _ in self._kept if key and s < through]
        while keys and self._kept[0][0] < keys[-1]:
            self._kept.popleft()
