"""Live ECG over a network that fails in every way; in the end all of it is there, to the bit.

Three vehicles stream twelve leads at 500 Hz, each behind a bad radio of its own (512 kbit/s, 8 %
loss) that is cut, swallows everything or loses the answers every few seconds, for up to six. The
centre is the product's own api. Checked at the end: every packet that was made is stored at both
ends with the same bytes, every second is proved by its source's seal, and what a hospital decodes
are the samples that were coded.

Planted bug: the vehicles may not fill gaps, so that what a hole swallowed stays lost.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.adapters.ecg import EcgUplink, SegmentStore, UplinkConfig, strip_of
from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.compute.ecg import BadBlockError, Block, Decoder
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills import lab, offline_site
from goldenhour.main.drills.offline_site import Enrolled, Site
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator.bad_radio import BadRadio, Profile, Trouble, load_profiles
from goldenhour.simulator.ecg_packets import Packetizer
from goldenhour.simulator.ecg_source import Recording, load_recording
from goldenhour.wire.ecg_stream import decode, prove

SECONDS: Final = 3_600
VEHICLES: Final = 3
RATE_HZ: Final = 500
EPOCH: Final = 1_795_000_000
TROUBLES: Final = (Trouble.CUT, Trouble.HOLE, Trouble.DEAF)
_CALM_S: Final = (1.0, 12.0)
_TROUBLE_S: Final = (0.5, 6.0)
_GIVEN_UP_S: Final = 20.0
"""With the link back and nothing more arriving for so long, what is missing is lost."""
_SAID_EVERY_S: Final = 60
_POLL_S: Final = 1.0
_NEWEST: Final = 1 << 62


def run(options: Options) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory(prefix="goldenhour-ecg-") as folder:
        return asyncio.run(_drill(running, Path(folder), options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, folder: Path, options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    seconds = options.n or SECONDS
    recording, profile = load_recording(RATE_HZ), load_profiles()["poor"]
    async with offline_site.opened(running, folder, VEHICLES, options.seed) as site:
        vehicles = [
            _Vehicle(site, one, profile, recording, seed=dice.getrandbits(32), plant=options.plant)
            for one in site.enrolled
        ]
        async with asyncio.TaskGroup() as group:
            for vehicle in vehicles:
                group.create_task(vehicle.drill(seconds))
        found = [await vehicle.compare() for vehicle in vehicles]
    lost, differing, unproved, wrong = (sum(each) for each in zip(*found, strict=True))
    value = lost + differing + unproved + wrong
    return Report(
        name="ecg",
        value=value,
        unit="packets, seconds or samples lost, different or unproved",
        goal=0,
        passed=value == 0,
        n=sum(len(vehicle.made) for vehicle in vehicles),
        spread={
            "lost": lost,
            "differing": differing,
            "seconds_unproved": unproved,
            "samples_wrong": wrong,
            "troubles": sum(vehicle.troubles for vehicle in vehicles),
            "caught_up_s": round(max(vehicle.caught_up_s for vehicle in vehicles), 1),
        },
    )


class _Vehicle:
    def __init__(
        self,
        site: Site,
        enrolled: Enrolled,
        profile: Profile,
        recording: Recording,
        *,
        seed: int,
        plant: bool,
    ) -> None:
        self._site = site
        self._unit_id = enrolled.unit_id
        self._recording = recording
        self._dice = Random(seed)  # noqa: S311 (as above)
        self.radio = BadRadio(profile, ("127.0.0.1", site.port), self._dice)
        self._folder = site.folder.parent / enrolled.unit_id
        self._folder.mkdir()
        self._strips = SegmentStore(self._folder / "ecg")
        self._key, self._plant = enrolled.key, plant
        self.made: list[bytes] = []
        self._coded: list[NDArray[np.int32]] = []
        self.troubles = 0
        self.caught_up_s = 0.0

    async def drill(self, seconds: int) -> None:
        clock = SystemClock()
        store = EdgeStore(self._folder / "journal.sqlite", entropy, clock)
        stopping = asyncio.Event()
        async with self.radio.running(), asyncio.TaskGroup() as group:
            carries = tuple(d for d in DataClass if not (self._plant and d is DataClass.BACKLOG))
            uplink = Uplink(
                name="radio", url=f"https://localhost:{self.radio.port}", carries=carries
            )
            config = EdgeConfig(
                uplinks=(uplink,),
                unit_id=self._unit_id,
                key=self._key,
                ca_file=str(self._site.ca),
            )
            link = EdgeLink(config, store, clock, entropy, on_fix=lambda _fix: None)
            ecg = EcgUplink(
                UplinkConfig(
                    unit_id=self._unit_id,
                    authorization=f"Edge {store.installation}:{self._key}",
                    ca_file=str(self._site.ca),
                ),
                self._strips,
                link.uplinks,
            )
            group.create_task(link.run(stopping))
            group.create_task(ecg.run(stopping))
            spoiling = group.create_task(self._spoil())
            await self._acquire(ecg, seconds)
            spoiling.cancel()
            self.radio.trouble(Trouble.NONE)
            await self._catch_up()
            stopping.set()
        await store.close()
        await self._strips.close()

    async def _acquire(self, ecg: EcgUplink, seconds: int) -> None:
        """A packet every fifth of a second, each when its last sample would be there."""
        loop, samples = asyncio.get_running_loop(), self._recording.samples
        packets = Packetizer(
            device_id=f"ecg-{self._unit_id}",
            epoch=EPOCH,
            rate_hz=RATE_HZ,
            channels=self._recording.channels,
            replay=True,
        )
        begun_s, begun_ms = loop.time(), SystemClock().now_ms()
        at = self._dice.randrange(len(samples))
        taken = 0
        while taken < seconds * RATE_HZ:
            count = packets.next_count()
            rows = samples[np.arange(at + taken, at + taken + count) % len(samples)]
            data = packets.packet(rows, begun_ms + taken * 1000 // RATE_HZ)
            taken += count
            await asyncio.sleep(max(begun_s + taken / RATE_HZ - loop.time(), 0))
            strip = strip_of(data, self._unit_id, SystemClock().now_ms())
            await self._strips.append([strip])
            ecg.take(strip)
            self.made.append(data)
            self._coded.append(rows)
            if taken % (_SAID_EVERY_S * RATE_HZ) == 0:
                say(f"{self._unit_id}: {taken // RATE_HZ} s, {self.troubles} troubles")

    async def _spoil(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(*_CALM_S))
            self.radio.trouble(self._dice.choice(TROUBLES))
            self.troubles += 1
            await asyncio.sleep(self._dice.uniform(*_TROUBLE_S))
            self.radio.trouble(Trouble.NONE)

    async def _catch_up(self) -> None:
        began_s = news_s = time.monotonic()
        there = -1
        while there < len(self.made) and time.monotonic() - news_s < _GIVEN_UP_S:
            await asyncio.sleep(_POLL_S)
            now = len(await self._at_centre())
            if now > there:
                there, news_s = now, time.monotonic()
        self.caught_up_s = time.monotonic() - began_s

    async def _at_centre(self) -> list[bytes]:
        # Opened anew each time: what another process appends is not seen otherwise.
        return await SegmentStore(self._site.folder / "ecg").read(self._unit_id, EPOCH, 0, _NEWEST)

    async def compare(self) -> tuple[int, int, int, int]:
        """Packets lost, packets that differ, seconds without a proof, samples that are wrong."""
        own = await SegmentStore(self._folder / "ecg").read(self._unit_id, EPOCH, 0, _NEWEST)
        there = await self._at_centre()
        lost = len(self.made) - len(there) + abs(len(self.made) - len(own))
        made = set(self.made)
        differing = sum(data not in made for data in (*there, *own))
        proof = prove(there)
        # The newest second has no packet behind it that would seal it, nor has the one before,
        # since only every second one is followed by a key packet.
        unproved = len(proof.broken) + max(len(proof.unproved) - 2, 0)
        return lost, differing, unproved, self._count_wrong(there)

    def _count_wrong(self, packets: list[bytes]) -> int:
        decoder = Decoder(len(self._recording.channels))
        wrong = 0
        coded = dict(enumerate(self._coded))
        for data in packets:
            packet = decode(data)
            wanted = coded[packet.sequence]
            try:
                rows = decoder.decode(Block(packet.key, packet.coded), packet.count)
            except BadBlockError:  # what it leans on is missing
                wrong += wanted.size
                continue
            wrong += int(np.count_nonzero(rows != wanted))
        return wrong
