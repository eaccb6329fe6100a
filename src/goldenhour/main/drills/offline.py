"""Vehicles without a link for half an hour, then on 512 kbit/s with 8 % loss, rebooted twice.

The centre is the product's own api and worker on an embedded PostgreSQL; each vehicle is a process
with the product's box, sealed and with all of its lines, behind a bad radio of its own
(`simulator/bad_radio.toml`, poor: 2 % of the answers are cut off, so that requests come twice). The
time without a link is not waited for: `--minutes` of content with their own times are recorded as
fast as the disk takes them. Each vehicle is killed (-9) once meanwhile, and once more while it
catches up.

Checked at the end: everything acknowledged is at the centre, once and in its order; ECG, photos and
pictures bit for bit; the centre's hash chains are whole, and nothing on a vehicle's disk is in the
clear; and how long after the link's return (or after the reboot, if that came later) each event of
the dark stood there. A machine that is busy makes that longer, so tests judge the faults alone.

Planted bug: the vehicle acknowledges vital signs that are only in memory.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Final

import msgspec
import numpy as np
import uvloop

from goldenhour.adapters.ecg import SegmentStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.kernel.record import Record
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import lab, load, rig
from goldenhour.main.drills.load import EPOCH
from goldenhour.main.drills.offline_car import Car, size_of
from goldenhour.main.drills.offline_site import Site, opened
from goldenhour.main.drills.offline_vehicle import (
    STEP_S,
    TABLET,
)
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator.bad_radio import BadRadio, Trouble
from goldenhour.wire.ecg_stream import wrap

N: Final = 3
MINUTES: Final = 2.0
GOAL_S: Final = 5.0
LIVE_S: Final = 1_200
"""ECG that is there for the time after the link's return, if it is needed."""
_KILLED_AFTER_S: Final = (0.5, 4.0)
"""The second kill, after the link's return, of the first few vehicles. A vehicle has a processor of
its own in the street; here all share one, so that the more of them there are, the longer their
second kills are spread over: by the time that one takes to start."""
_PATIENCE_S: Final = 120.0
"""Beyond the time that the backlog itself takes on the poor line, or the disk for the steps."""
_STEP_TAKES_S: Final = 0.05
"""The most that one step of one vehicle takes where all of them record at once."""
_POLL_S: Final = 0.2
_NEWEST: Final = 1 << 62


class Faults(Record):
    lost: int
    doubled: int
    reordered: int
    ecg_differs: int
    files_differ: int
    """Photos and pictures that are not at the centre with the same bytes."""
    kept_aside: int
    chains_broken: int
    """Streams of the centre."""
    in_the_clear: int
    """Files of the vehicles."""


def run(options: Options, minutes: float = MINUTES) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory(prefix="goldenhour-off-") as folder:
        return uvloop.run(_drill(running, Path(folder), options, minutes))


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
    load.write_packets(packets, steps * STEP_S + LIVE_S)
    say(f"{packets.stat().st_size / 1e6:.1f} MB of ECG a vehicle, with what is live afterwards")
    async with opened(running, folder, n, options.seed) as site:
        cars = [Car(enrolled, folder / enrolled.unit_id, site, dice) for enrolled in site.enrolled]
        async with asyncio.TaskGroup() as group:
            radios = [group.create_task(_hold(car.radio)) for car in cars]
            try:
                start_s = await _go_through_it(cars, packets, steps, dice, plant=options.plant)
                backlog_s = await _catch_up(cars, dice, packets, start_s)
                for car in cars:
                    await car.kill()
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
            "ecg_mb": round(sum(size_of(car.box / "ecg") for car in cars) / n / 1e6, 2),
            "all_there_s": round(backlog_s, 1),
            "answers_cut": sum(car.radio.cuts for car in cars),
        },
    )


async def _hold(radio: BadRadio) -> None:
    async with radio.running():
        await asyncio.Event().wait()


async def _go_through_it(
    cars: list[Car], packets: Path, steps: int, dice: Random, *, plant: bool
) -> float:
    """Linked, then dark; recorded, killed in the middle, recorded to the end.

    How long a vehicle took to start, in seconds, before there was anything to do.
    """
    await _wait(lambda: all(car.radio.port for car in cars), "radio", _PATIENCE_S)
    from_ms = SystemClock().now_ms() - steps * STEP_S * 1000
    began_s = time.monotonic()
    for car in cars:
        car.write_spec(packets, steps, from_ms, plant=plant)
        await car.start()
    start_s = (time.monotonic() - began_s) / len(cars)
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
    return start_s


async def _catch_up(cars: list[Car], dice: Random, packets: Path, start_s: float) -> float:
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
    last_s += len(cars) * start_s
    await asyncio.gather(*(reboot(car, dice.uniform(first_s, last_s)) for car in cars))
    await asyncio.gather(*(car.hear("recorded") for car in cars))
    megabits = max(size_of(car.box / "ecg") for car in cars) * 8 / 1e6
    for car in cars:
        car.tell("stop")
    patience_s = _PATIENCE_S + 4 * megabits / 0.512
    ends = np.cumsum([len(wrap(packet)) for packet in load.read_packets(packets)])
    async with asyncio.timeout(patience_s):
        await asyncio.gather(*(car.hear("sent") for car in cars))
    await _wait(lambda: all(car.has_sent_ecg(ends) for car in cars), "all of it", patience_s)
    return time.monotonic() - began_s


async def _wait(is_so: Callable[[], bool], what: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {what} after {patience_s:.0f} s")
        await asyncio.sleep(_POLL_S)


async def _faults(cars: list[Car], site: Site, packets: Path) -> Faults:
    lost = doubled = reordered = ecg_differs = files_differ = 0
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
        files_differ += _files_differ(car, site, last.files)
    aside = await site.ask("select count(*) from quarantine")
    return Faults(
        lost=lost,
        doubled=doubled,
        reordered=reordered,
        ecg_differs=ecg_differs,
        files_differ=files_differ,
        kept_aside=aside[0][0],
        chains_broken=await site.count_broken_chains(),
        in_the_clear=sum(load.count_in_the_clear(car.box) for car in cars),
    )


async def _ecg_differs(car: Car, site: Site, packets: Path, acknowledged: int) -> int:
    """Packets that the source made, the vehicle has, and the centre has not the same."""
    sealed = rig.files_key(car.box, car.key)
    own = await SegmentStore(car.box / "ecg", sealed).read(car.unit_id, EPOCH, 0, _NEWEST)
    there = await SegmentStore(site.folder / "ecg").read(car.unit_id, EPOCH, 0, _NEWEST)
    made = load.read_packets(packets)[: len(own)]
    differs = sum(a != b for a, b in zip(own, made, strict=True))
    differs += sum(a != b for a, b in zip(own, there, strict=False))
    return differs + abs(len(own) - len(there)) + max(acknowledged - len(own), 0)


def _files_differ(car: Car, site: Site, acknowledged: int) -> int:
    numbers = range(1, acknowledged + 1)
    photos = [("files", f"{car.mission_id}-p", "bin", load.photo(n)) for n in numbers]
    pictures = [("images", car.mission_id, "dcm", load.picture(n)) for n in numbers]
    differ = 0
    for folder, owner, ending, data in (*photos, *pictures):
        path = site.folder / folder / owner / f"{sha256(data).hexdigest()}.{ending}"
        differ += not path.exists() or path.read_bytes() != data
    return differ


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
