"""A full disk under a vehicle's store: what it says, what stands, and how it goes on.

The store writes on a small file system of its own until that is full; the error must be the one
that the console shows in words, and name the file. Then space is freed: what was acknowledged must
be there, writing must go on, and the upload must still give every set in its order. Needs root, for
the mount.

Planted bug: the store says that it has written although the disk was full.
"""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from goldenhour.adapters.edge import EdgeStore
from goldenhour.app.journal import StoreFullError
from goldenhour.app.uplinks import DataClass
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills.report import Options, Report, start

N: Final = 200
"""Sets that are tried while the disk is full, and written when it is not any more."""
_SIZE: Final = "16m"
_BALLAST_BYTES: Final = 8 * 1024 * 1024
_ALL: Final = 1 << 40


def run(options: Options) -> Report:
    with tempfile.TemporaryDirectory(prefix="goldenhour-full-") as folder, _small(Path(folder)):
        return asyncio.run(_drill(Path(folder), options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


@contextmanager
def _small(folder: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        raise SystemExit("limits: needs root, to mount a small file system")
    _system("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder))
    try:
        yield
    finally:
        _system("umount", str(folder))


def _system(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    if done.returncode:
        raise SystemExit(f"limits: {' '.join(command)}: {done.stderr.strip()}")


async def _drill(folder: Path, options: Options) -> Report:
    n = options.n or N
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(_BALLAST_BYTES))
    store = EdgeStore(folder / "journal.sqlite", entropy, SystemClock())
    acknowledged: list[int] = []
    refused, unnamed = 0, 0

    async def write(number: int) -> None:
        await store.append_numerics([_set(number)])
        acknowledged.append(number)

    number = 0
    while refused < n:
        number += 1
        try:
            await write(number)
        except StoreFullError as error:
            refused += 1
            unnamed += "journal.sqlite" not in str(error) or "full" not in str(error)
            if options.plant:
                acknowledged.append(number)
    readable = len(await store.list_numerics("A-01", 0, _ALL))
    ballast.unlink()
    went_on = 0
    for later in range(number + 1, number + 1 + n):
        with suppress(StoreFullError):
            await write(later)
            went_on += 1
    await store.close()
    store = EdgeStore(folder / "journal.sqlite", entropy, SystemClock())
    upload = await store.next_upload(_ALL, DataClass.VITALS)
    await store.close()
    items = upload.items if upload else ()
    found = [item.numerics.device_ms for item in items if item.numerics is not None]
    lost = len(set(acknowledged) - set(found))
    dense = [item.sequence for item in items] == list(range(1, len(items) + 1))
    value = lost + (len(found) - len(set(found))) + (n - went_on) + unnamed + (not dense)
    return Report(
        name="limits",
        value=value,
        unit="acknowledged lost or doubled, not written after space was freed, error unnamed",
        goal=0,
        passed=value == 0 and readable > 0,
        n=n,
        spread={
            "acknowledged": len(acknowledged),
            "lost": lost,
            "readable_while_full": readable,
            "went_on": went_on,
            "unnamed": unnamed,
        },
    )


def _set(number: int) -> NumericSet:
    return NumericSet(
        device_id="monitor",
        unit_id="A-01",
        device_ms=number,
        received_ms=number,
        values=(Numeric(sign=Sign.SPO2, value=97.0, note=""),),
    )
