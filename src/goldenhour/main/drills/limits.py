"""A full disk under a vehicle's box: what it says, what is seen, what stands, and how it goes on.

The sealed stores write on a small file system of their own until that is full (`load.py`: vital
signs, ECG, charted sets, photos, ultrasound pictures). Checked:
- pictures stop while the vital signs and the ECG are still taken: the last of a disk is theirs;
- what is refused is refused as what it is, a full disk, and the journal's error names its file;
- the screen goes on: the monitor's newest value is shown, marked as not kept, and everything that
  was acknowledged can be read, also by a box that starts while the disk is full;
- once there is space, writing goes on, and nothing is lost, doubled or changed.
Needs root, for the mount.

Planted bug: the box says that it has kept what the full disk refused.
"""

import asyncio
import errno
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from goldenhour.app.journal import StoreFullError
from goldenhour.main.box import Box
from goldenhour.main.drills import load, rig
from goldenhour.main.drills.load import Load
from goldenhour.main.drills.report import Options, Report, say, start

N: Final = 200
"""Tries of each kind while the disk is full, and as many when it is not any more."""
_ROOM_BYTES: Final = 12 * 1024 * 1024
"""Of the disk, beside what keeps it full and is taken away later."""
_KEEP_FREE_BYTES: Final = 3 * 1024 * 1024
_TRY_BYTES: Final = 128 * 1024
"""One try of each kind takes less."""
_BALLAST: Final = "ballast"
_ECG_S: Final = 1_200
"""More packets than the disk holds."""
_URGENT: Final = ("packets", "sets", "commands")


def run(options: Options) -> Report:
    ballast_bytes = (options.n or N) * _TRY_BYTES + _KEEP_FREE_BYTES
    with tempfile.TemporaryDirectory(prefix="goldenhour-full-") as name:
        folder = Path(name)
        ca, packets = rig.write_ca(folder / "ca"), folder / "packets"
        load.write_packets(packets, _ECG_S)
        disk = folder / "disk"
        disk.mkdir()
        with _small(disk, _ROOM_BYTES + ballast_bytes):
            (disk / _BALLAST).write_bytes(bytes(ballast_bytes))
            return asyncio.run(_drill(disk, ca, load.read_packets(packets), options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


@contextmanager
def _small(folder: Path, size_bytes: int) -> Iterator[None]:
    if os.geteuid() != 0:
        raise SystemExit("limits: needs root, to mount a small file system")
    _system("mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder))
    try:
        yield
    finally:
        _system("umount", str(folder))


def _system(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    if done.returncode:
        raise SystemExit(f"limits: {' '.join(command)}: {done.stderr.strip()}")


async def _drill(disk: Path, ca: Path, packets: list[bytes], options: Options) -> Report:
    n = options.n or N
    folder = disk / "box"
    folder.mkdir()
    box = rig.open_rig(folder, ca, keep_free_bytes=_KEEP_FREE_BYTES)
    await rig.tell_of_a_run(box)
    filling = _Filling(box, Load(box, packets, rig.RUN), plant=options.plant)
    await filling.until_full()
    await filling.try_all(n)
    while_full = await load.check(box, folder, filling.load.said, packets, rig.RUN)
    say(f"full: {filling.load.said}, refused {dict(filling.refused)}, {while_full}")
    await rig.close_rig(box)
    box = rig.open_rig(folder, ca, keep_free_bytes=_KEEP_FREE_BYTES)
    started_full = await load.check(box, folder, filling.load.said, packets, rig.RUN)
    await rig.close_rig(box)
    (disk / _BALLAST).unlink()
    box = rig.open_rig(folder, ca, keep_free_bytes=_KEEP_FREE_BYTES)
    filling.go_on(box)
    refused = filling.refused.total()
    await filling.try_all(n)
    stopped = filling.refused.total() - refused
    await rig.close_rig(box)
    box = rig.open_rig(folder, ca)
    after = await load.check(box, folder, filling.load.said, packets, rig.RUN)
    await rig.close_rig(box)
    faults = Counter(
        while_full=while_full.count(),
        started_full=started_full.count(),
        after=after.count(),
        stopped=stopped,
        unsaid=filling.unsaid,
        unseen=filling.unseen,
        pictures_not_first=not filling.pictures_first,
    )
    return Report(
        name="limits",
        value=faults.total(),
        unit="acknowledged lost, doubled, other bytes or unreadable; refusals unsaid or unseen",
        goal=0,
        passed=faults.total() == 0 and all(filling.refused[kind] for kind in filling.load.kinds),
        n=n,
        spread={
            **{name: float(count) for name, count in faults.items()},
            **msgspec.structs.asdict(filling.load.said),
            **{f"refused_{kind}": float(count) for kind, count in filling.refused.items()},
        },
    )


class _Filling:
    def __init__(self, box: Box, writing: Load, *, plant: bool) -> None:
        self.load = writing
        self.refused: Counter[str] = Counter()
        self.unsaid = 0
        """Refusals that were no word of a full disk."""
        self.unseen = 0
        """Values of the monitor that were refused, and not shown as such."""
        self.pictures_first = False
        """Of the first refused picture: vital signs and ECG were taken after it."""
        self._box = box
        self._plant = plant

    def go_on(self, box: Box) -> None:
        self._box = box
        self.load.move(box)

    async def until_full(self) -> None:
        turn = 0
        while not all(self.refused[kind] for kind in _URGENT):
            turn += 1
            for kind in self.load.list_due(turn):
                taken = await self._try(kind)
                if taken and kind == "sets" and self.refused["pictures"]:
                    self.pictures_first = True

    async def try_all(self, n: int) -> None:
        for _ in range(n):
            for kind in self.load.kinds:
                await self._try(kind)

    async def _try(self, kind: str) -> bool:
        try:
            await self.load.say(kind)
        except (StoreFullError, OSError) as error:
            self.refused[kind] += 1
            self.unsaid += not _is_said(error)
            if kind == "sets":
                shown = self._box.hub.numerics[load.MONITOR]
                self.unseen += (shown.device_ms, shown.unstored) != (self.load.said.sets + 1, True)
            if self._plant:
                self.load.count(kind)
            return False
        return True


def _is_said(error: StoreFullError | OSError) -> bool:
    """As a person or a log reads it: of the journal with its file, else as the system says it."""
    if isinstance(error, StoreFullError):
        return "full" in str(error) or "No space left" in str(error)
    return error.errno == errno.ENOSPC or "disk" in str(error)
