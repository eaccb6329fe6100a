"""Vehicles without a link for half an hour, then on 512 kbit/s with 8 % loss, rebooted twice.

The centre is the product's own api and worker on an embedded PostgreSQL; each vehicle is a process
with the product's stores and link, behind a bad radio of its own (`simulator/bad_radio.toml`, poor:
2 % of the answers are cut off, so that requests come twice). The time without a link is not waited
for: `--minutes` of content with their own times are recorded as fast as the disk takes them. Each
vehicle is killed (-9) once meanwhile and once while it catches up.

Checked at the end: everything acknowledged is at the centre, once and in its order; the ECG bit for
bit; and how long after the link's return (or after the reboot, if that came later) each event of
the dark stood there. A machine that is busy makes that longer, so tests judge the faults alone.

Planted bug: the vehicle acknowledges vital signs that are only in memory.
"""

import argparse
import asyncio
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any, Final

import msgspec
import numpy as np

from goldenhour.adapters.ecg import SegmentStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.app.uplinks import Uplink
from goldenhour.kernel.record import Record
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import lab
from goldenhour.main.drills.offline_site import Enrolled, Site, opened
from goldenhour.main.drills.offline_vehicle import (
    STEP_S,
    TABLET,
    Said,
    Spec,
    list_said,
    read_packets,
)
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator.bad_radio import BadRadio, Trouble, load_profiles
from goldenhour.simulator.ecg_packets import PACKETS_A_SECOND, Packetizer
from goldenhour.simulator.ecg_source import load_recording
from goldenhour.wire.ecg_stream import wrap

N: Final = 3
MINUTES: Final = 2.0
GOAL_S: Final = 5.0
RATE_HZ: Final = 500
EPOCH: Final = 7
LIVE_S: Final = 1_200
"""ECG that is there for the time after the link's return, if it is needed."""
_KILLED_AFTER_S: Final = (0.5, 4.0)
"""The second kill, after the link's return, of the first few vehicles."""
_START_TAKES_S: Final = 1.0
"""Of a processor, for a vehicle to start. Each has its own in the street; here all share one, so
that the more of them there are, the longer their second kills are spread over."""
_PATIENCE_S: Final = 120.0
"""Beyond the time that the backlog itself takes on the poor line, or the disk for the steps."""
_STEP_TAKES_S: Final = 0.05
"""The most that one step of one vehicle takes where all of them record at once."""
_POLL_S: Final = 0.2
_NEWEST: Final = 1 << 62


class Car:
    """A vehicle's process behind its radio."""

    def __init__(self, enrolled: Enrolled, folder: Path, site: Site, dice: Random) -> None:
        self.unit_id = enrolled.unit_id
        self.folder = folder
        self.folder.mkdir()
        self.radio = BadRadio(
            load_profiles()["poor"],
            ("127.0.0.1", site.port),
            Random(dice.getrandbits(32)),  # noqa: S311 (a drill must be repeatable)
        )
        self.returned_ms = 0
        self.again_ms = 0
        """When it was back after its second reboot; 0: before that."""
        self._enrolled = enrolled
        self._site = site
        self._process: asyncio.subprocess.Process | None = None
        self._words: list[str] = []

    def write_spec(self, packets: Path, steps: int, from_ms: int, *, plant: bool) -> None:
        spec = Spec(
            folder=str(self.folder),
            unit_id=self.unit_id,
            mission_id=self._enrolled.mission_id,
            uplink=Uplink(name="radio", url=f"https://localhost:{self.radio.port}"),
            key=self._enrolled.key,
            ca_file=str(self._site.ca),
            packets=str(packets),
            steps=steps,
            from_ms=from_ms,
            plant=plant,
        )
        (self.folder / "spec.json").write_bytes(msgspec.json.encode(spec))

    async def start(self) -> None:
        with (self.folder / "errors").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "goldenhour.main.drills.offline_vehicle", str(self.folder / "spec.json")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        await self.hear("ready")
        for word in self._words:
            self._write(word)

    async def hear(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.decode().strip() == word:
                return
        errors = (self.folder / "errors").read_text(errors="replace")[-3_000:]
        raise RuntimeError(f"{self.unit_id} ended before it said {word}; it says:\n{errors}")

    def tell(self, word: str) -> None:
        """Now, and again after every reboot."""
        self._words.append(word)
        self._write(word)

    def _write(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def said(self) -> list[Said]:
        return list_said(self.folder)

    def has_said(self, step: int) -> bool:
        return len(self.said()) > step

    def installation(self) -> str:
        """Under this name the centre records what comes from here."""
        ((own,),) = self.ask("select id from own_installation")
        return f"edge:{own}"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Of its store, while it may be writing."""
        connection = sqlite3.connect(f"file:{self.folder / 'journal.sqlite'}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def has_sent_all(self) -> bool:
        ((events, vitals),) = self.ask(
            "select (select count(*) from item) - confirmed,"
            " (select count(*) from vital) - vitals_confirmed from own_installation"
        )
        return (events, vitals) == (0, 0) and _size(self.folder / "ecg") <= _size(
            self._site.folder / "ecg" / self.unit_id
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.seg"))


class Faults(Record):
    lost: int
    doubled: int
    reordered: int
    ecg_differs: int
    kept_aside: int


def run(options: Options, minutes: float = MINUTES) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory(prefix="goldenhour-off-") as folder:
        return asyncio.run(_drill(running, Path(folder), options, minutes))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    given, rest = parser.parse_known_args(arguments)
    work = partial(run, minutes=given.minutes)
    work.__module__ = __name__  # `start` shows this module's description
    return start(work, rest)


async def _drill(running: EmbeddedServer, folder: Path, options: Options, minutes: float) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    n = options.n or N
    steps = max(1, round(minutes * 60 / STEP_S))
    packets = folder / "packets"
    _write_packets(packets, steps * STEP_S + LIVE_S)
    say(f"{packets.stat().st_size / 1e6:.1f} MB of ECG a vehicle, with what is live afterwards")
    async with opened(running, folder, n, options.seed) as site:
        cars = [Car(enrolled, folder / enrolled.unit_id, site, dice) for enrolled in site.enrolled]
        async with asyncio.TaskGroup() as group:
            radios = [group.create_task(_hold(car.radio)) for car in cars]
            try:
                await _go_through_it(cars, packets, steps, dice, plant=options.plant)
                backlog_s = await _catch_up(cars, dice)
                faults = await _faults(cars, site, packets)
                took_s = await _events_took_s(cars, site)
            finally:
                for car in cars:
                    await car.kill()
                for radio in radios:
                    radio.cancel()
    value = sum(msgspec.structs.astuple(faults))
    late_s = sorted(took_s)
    return Report(
        name="offline",
        value=value,
        unit="acknowledged lost, doubled, reordered, kept aside; ECG packets that differ",
        goal=0,
        passed=value == 0 and late_s[-1] <= GOAL_S,
        n=n,
        spread={name: float(count) for name, count in msgspec.structs.asdict(faults).items()}
        | {
            "minutes": minutes,
            "events": len(late_s),
            "events_there_p50_s": round(late_s[len(late_s) // 2], 2),
            "events_there_p99_s": round(late_s[len(late_s) * 99 // 100], 2),
            "events_there_max_s": round(late_s[-1], 2),
            "events_there_goal_s": GOAL_S,
            "ecg_mb": round(sum(_size(car.folder / "ecg") for car in cars) / n / 1e6, 2),
            "all_there_s": round(backlog_s, 1),
            "answers_cut": sum(car.radio.cuts for car in cars),
        },
    )


async def _hold(radio: BadRadio) -> None:
    async with radio.running():
        await asyncio.Event().wait()


def _write_packets(path: Path, seconds: int) -> None:
    """One recording for all, in a loop, as the double of an ECG source plays it."""
    recording = load_recording(RATE_HZ)
    maker = Packetizer(
        device_id="E-1",
        epoch=EPOCH,
        rate_hz=RATE_HZ,
        channels=recording.channels,
        replay=True,
    )
    at = 0
    with path.open("wb") as out:
        for _ in range(seconds * PACKETS_A_SECOND):
            wanted = np.arange(at, at + maker.next_count()) % len(recording.samples)
            out.write(wrap(maker.packet(recording.samples[wanted], 1_000_000 + 2 * at)))
            at += len(wanted)


async def _go_through_it(
    cars: list[Car], packets: Path, steps: int, dice: Random, *, plant: bool
) -> None:
    """Linked, then dark; recorded, killed in the middle, recorded to the end."""
    await _wait(lambda: all(car.radio.port for car in cars), "radio", _PATIENCE_S)
    from_ms = SystemClock().now_ms() - steps * STEP_S * 1000
    for car in cars:
        car.write_spec(packets, steps, from_ms, plant=plant)
        await car.start()
    for car in cars:
        car.radio.trouble(Trouble.HOLE)
    for car in cars:
        car.tell("go")
        # Between two of the planted bug's writings, whatever the dice say.
        step = dice.randrange(steps // 3, max(steps // 3 + 1, steps * 2 // 3)) // 5 * 5 + 2
        patience_s = _PATIENCE_S + len(cars) * steps * _STEP_TAKES_S
        await _wait(partial(car.has_said, step), "step", patience_s)
        await car.kill()
        say(f"{car.unit_id}: killed after step {len(car.said())} of {steps}")
    for car in cars:
        await car.start()
    await asyncio.gather(*(car.hear("recorded") for car in cars))


async def _catch_up(cars: list[Car], dice: Random) -> float:
    """The link returns; each vehicle is rebooted once more. How long until all is there."""
    began_s = time.monotonic()
    for car in cars:
        car.returned_ms = SystemClock().now_ms()
        car.radio.trouble(Trouble.NONE)

    async def reboot(car: Car, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await car.kill()
        await car.start()
        car.again_ms = SystemClock().now_ms()
        say(f"{car.unit_id}: rebooted {after_s:.1f} s after the link's return")

    first_s, last_s = _KILLED_AFTER_S
    last_s += len(cars) * _START_TAKES_S
    await asyncio.gather(*(reboot(car, dice.uniform(first_s, last_s)) for car in cars))
    await asyncio.gather(*(car.hear("recorded") for car in cars))
    megabits = max(_size(car.folder / "ecg") for car in cars) * 8 / 1e6
    for car in cars:
        car.tell("stop")
    patience_s = _PATIENCE_S + 4 * megabits / 0.512
    await _wait(lambda: all(car.has_sent_all() for car in cars), "all of it", patience_s)
    return time.monotonic() - began_s


async def _wait(is_so: Callable[[], bool], what: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {what} after {patience_s:.0f} s")
        await asyncio.sleep(_POLL_S)


async def _faults(cars: list[Car], site: Site, packets: Path) -> Faults:
    lost = doubled = reordered = ecg_differs = 0
    for car in cars:
        last = car.said()[-1]
        installation = car.installation()
        # The tablet's count, then the vehicle's item, then the centre in the order of delivery.
        items = {
            asked: sequence
            for installation_of_page, asked, sequence in car.ask(
                "select installation, asked, sequence from item"
            )
            if installation_of_page == TABLET
        }
        parts = await site.ask(
            "select sequence, part from event join feed using (seq) where installation = %s"
            " order by delivery",
            installation,
        )
        arrived = [sequence for sequence, part in parts if part == 0]
        lost += sum(items.get(number) not in set(arrived) for number in range(1, last.command + 1))
        doubled += len(arrived) - len(set(arrived))
        reordered += arrived != sorted(arrived)
        # Vital signs: every acknowledged step has one set.
        rows = await site.ask(
            "select received_ms, count(*) from vital where unit_id = %s group by 1", car.unit_id
        )
        sets = Counter(dict(rows))
        said = {line.vitals_ms for line in car.said()}
        lost += len(said - sets.keys())
        doubled += sum(count - 1 for count in sets.values())
        lanes = await site.ask(
            "select through from edge_progress where installation = %s", f"{installation}:vitals"
        )
        reordered += lanes != [(len(sets),)]
        ecg_differs += await _ecg_differs(car, site, packets, last.packets)
    aside = await site.ask("select count(*) from quarantine")
    return Faults(
        lost=lost,
        doubled=doubled,
        reordered=reordered,
        ecg_differs=ecg_differs,
        kept_aside=aside[0][0],
    )


async def _ecg_differs(car: Car, site: Site, packets: Path, acknowledged: int) -> int:
    """Packets that the source made, the vehicle has, and the centre has not the same."""
    own = await SegmentStore(car.folder / "ecg").read(car.unit_id, EPOCH, 0, _NEWEST)
    there = await SegmentStore(site.folder / "ecg").read(car.unit_id, EPOCH, 0, _NEWEST)
    made = read_packets(packets)[: len(own)]
    differs = sum(a != b for a, b in zip(own, made, strict=True))
    differs += sum(a != b for a, b in zip(own, there, strict=False))
    return differs + abs(len(own) - len(there)) + max(acknowledged - len(own), 0)


async def _events_took_s(cars: list[Car], site: Site) -> list[float]:
    """Of every event of the dark: from the link's return until the centre had it."""
    took = []
    for car in cars:
        rows = await site.ask(
            "select received_ms from event where installation = %s",
            car.installation(),
        )
        for (received_ms,) in rows:
            from_ms = car.returned_ms
            if car.again_ms and received_ms > car.again_ms:
                from_ms = car.again_ms
            took.append((received_ms - from_ms) / 1000)
    return took
