"""Power cuts under a vehicle's box: what it acknowledged must be there afterwards.

An ext4 image on a loop device is shut down by `EXT4_IOC_SHUTDOWN` without a flush, as when the
power goes: what was not synced is gone, which a kill alone does not show. In each round a process
writes to the box's sealed stores (`load.py`: vital signs, ECG, charted sets, photos, ultrasound
pictures) until the cut; then the image is mounted again, the box is opened by a tablet's session as
after any start without a link, and everything that was acknowledged is looked for. Needs root, for
the mount.

Planted bugs: the journal commits with synchronous=normal, and no file is synced.
"""

import asyncio
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from statistics import median
from typing import Final

import msgspec

from goldenhour.main.drills import load, rig
from goldenhour.main.drills.load import Faults, Said
from goldenhour.main.drills.report import Options, Report, say, start

N: Final = 5
IMAGE_BYTES: Final = 256 * 1024 * 1024
_SHUTDOWN: Final = 0x8004587D
_NO_LOG_FLUSH: Final = 2
_WRITES_S: Final = (0.3, 2.5)
_ECG_S: Final = 600
"""More packets than a round has time for."""


def run(options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    n = options.n or N
    said, faults, back_s = Counter[str](), Counter[str](), []
    with (
        tempfile.TemporaryDirectory(prefix="goldenhour-power-") as folder,
        image(Path(folder)) as disk,
    ):
        for number in range(n):
            last = disk.write_until_cut(dice.uniform(*_WRITES_S), plant=options.plant)
            began_s = time.monotonic()
            disk.mount()
            found = asyncio.run(disk.look(last))
            back_s.append(time.monotonic() - began_s)
            said.update(msgspec.structs.asdict(last))
            faults.update(msgspec.structs.asdict(found))
            say(f"cut {number}: {last}, {found}")
            disk.empty()
    value = sum(faults.values())
    return Report(
        name="power",
        value=value,
        unit="acknowledged lost, doubled or other bytes; chains broken; files in the clear",
        goal=0,
        passed=value == 0 and all(said.values()),
        n=n,
        spread={**dict(faults), **dict(said), "back_p50_s": round(median(back_s), 2)},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


class Disk:
    """A file system in a file, mounted: the disk of a box."""

    def __init__(self, folder: Path) -> None:
        self._file, self._mounted = folder / "image", folder / "mounted"
        self._packets = folder / "packets"
        self._ca = rig.write_ca(folder)
        load.write_packets(self._packets, _ECG_S)
        with self._file.open("wb") as handle:
            handle.truncate(IMAGE_BYTES)
        self._mounted.mkdir()
        _system("mkfs.ext4", "-q", "-F", str(self._file))
        self.box = self._mounted / "box"

    def mount(self) -> None:
        _system("mount", "-o", "loop", str(self._file), str(self._mounted))
        self.box.mkdir(exist_ok=True)

    def unmount(self) -> None:
        _system("umount", str(self._mounted))

    def empty(self) -> None:
        shutil.rmtree(self.box)
        self.box.mkdir()

    async def look(self, said: Said) -> Faults:
        """Of a box that was acknowledged so much; its computer starts without a link."""
        box = rig.open_rig(self.box, self._ca)
        try:
            packets = load.read_packets(self._packets)
            return await load.check(box, self.box, said, packets, rig.RUN)
        finally:
            await rig.close_rig(box)

    def write_until_cut(self, after_s: float, *, plant: bool) -> Said:
        """How much was acknowledged before the power went."""
        command = [sys.executable, "-m", "goldenhour.main.drills.power_writer"]
        command += [str(self.box), str(self._ca), str(self._packets)]
        with subprocess.Popen(  # noqa: S603 (our own module)
            [*command, *(["--plant"] if plant else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the cut is an I/O error to it
        ) as writer:
            assert writer.stdout is not None
            while (heard := writer.stdout.readline()) and not all(_said(heard).values()):
                pass  # until something of each kind is acknowledged, however slow the machine
            # Meanwhile it is heard, or it would wait for us with a full pipe.
            until_s = time.monotonic() + after_s  # the random instant
            while time.monotonic() < until_s and (line := writer.stdout.readline()):
                heard = line
            os.set_blocking(writer.stdout.fileno(), False)
            # Heard before the cut: an fsync that is under way at the ioctl may return without an
            # error although its journal was given up, which a true power cut cannot do.
            heard += writer.stdout.read() or b""
            handle = os.open(self._mounted, os.O_RDONLY)
            try:
                fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
            finally:
                os.close(handle)
            writer.kill()
        self.unmount()
        *whole, _cut_off = heard.split(b"\n")
        if not whole:
            raise RuntimeError("the writer acknowledged nothing")
        return msgspec.json.decode(whole[-1], type=Said)


def _said(line: bytes) -> dict[str, int]:
    return msgspec.structs.asdict(msgspec.json.decode(line, type=Said))


@contextmanager
def image(folder: Path) -> Iterator[Disk]:
    """A fresh ext4, gone afterwards. Raises SystemExit where it cannot be mounted."""
    if os.geteuid() != 0:
        raise SystemExit("power: needs root, to mount a file system image")
    disk = Disk(folder)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def _system(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    if done.returncode:
        raise SystemExit(f"power: {' '.join(command)}: {done.stderr.strip()}")
