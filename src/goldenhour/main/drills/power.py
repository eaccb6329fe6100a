"""Power cuts under a vehicle's store: what it acknowledged must be there afterwards.

An ext4 image on a loop device is shut down by `EXT4_IOC_SHUTDOWN` without a flush, as when the
power goes: what was not synced is gone, which a kill alone does not show. In each round a process
of the vehicle's store writes until the cut; then the image is mounted again and everything that was
acknowledged is looked for. Needs root, for the mount.

Planted bug: the store commits with synchronous=normal.
"""

import fcntl
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from statistics import median
from typing import Final

from goldenhour.adapters.edge.ledger import Ledger
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills.report import Options, Report, say, start

N: Final = 5
IMAGE_BYTES: Final = 256 * 1024 * 1024
_SHUTDOWN: Final = 0x8004587D
_NO_LOG_FLUSH: Final = 2
_WRITES_S: Final = (0.3, 1.2)


def run(options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    n = options.n or N
    acknowledged, lost, back_s = 0, 0, []
    with (
        tempfile.TemporaryDirectory(prefix="goldenhour-power-") as folder,
        image(Path(folder)) as disk,
    ):
        for number in range(n):
            last = disk.write_until_cut(dice.uniform(*_WRITES_S), plant=options.plant)
            began_s = time.monotonic()
            disk.mount()
            found = _count(disk.store)
            back_s.append(time.monotonic() - began_s)
            lost += max(last - found, 0)
            acknowledged += last
            say(f"cut {number}: {last} acknowledged, {found} found")
            disk.empty()
    return Report(
        name="power",
        value=lost,
        unit="acknowledged sets of vital signs lost",
        goal=0,
        passed=lost == 0 and acknowledged > 0,
        n=n,
        spread={"acknowledged": acknowledged, "back_p50_s": round(median(back_s), 2)},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


class Disk:
    """A file system in a file, mounted."""

    def __init__(self, file: Path, mounted: Path) -> None:
        self._file = file
        self._mounted = mounted
        self.store = mounted / "journal.sqlite"

    def mount(self) -> None:
        _system("mount", "-o", "loop", str(self._file), str(self._mounted))

    def unmount(self) -> None:
        _system("umount", str(self._mounted))

    def empty(self) -> None:
        for path in self._mounted.glob("journal.sqlite*"):
            path.unlink()

    def write_until_cut(self, after_s: float, *, plant: bool) -> int:
        """How many sets were acknowledged before the power went."""
        command = [sys.executable, "-m", "goldenhour.main.drills.power_writer", str(self.store)]
        with subprocess.Popen(  # noqa: S603 (our own module)
            [*command, *(["--plant"] if plant else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the cut is an I/O error to it
        ) as writer:
            assert writer.stdout is not None
            heard = writer.stdout.readline()
            time.sleep(after_s)  # the random instant
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
        return int(whole[-1])


@contextmanager
def image(folder: Path) -> Iterator[Disk]:
    """A fresh ext4, gone afterwards. Raises SystemExit where it cannot be mounted."""
    if os.geteuid() != 0:
        raise SystemExit("power: needs root, to mount a file system image")
    file, mounted = folder / "image", folder / "mounted"
    with file.open("wb") as handle:
        handle.truncate(IMAGE_BYTES)
    mounted.mkdir()
    _system("mkfs.ext4", "-q", "-F", str(file))
    disk = Disk(file, mounted)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def _system(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    if done.returncode:
        raise SystemExit(f"power: {' '.join(command)}: {done.stderr.strip()}")


def _count(store: Path) -> int:
    ledger = Ledger(store, entropy, SystemClock().now_ms())
    try:
        return ledger.vitals.last()
    finally:
        ledger.close()
