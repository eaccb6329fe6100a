"""The writer of the power drill: one thing after another, said once it is durable.

python -m goldenhour.main.drills.power_writer FOLDER CA PACKETS [--plant]
"""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

import msgspec
import structlog

from goldenhour.adapters.edge import schema
from goldenhour.main.drills import load, rig


async def _write(folder: Path, ca: Path, packets: list[bytes], *, plant: bool) -> None:
    box = rig.open_rig(folder, ca)
    if plant:
        os.fsync = lambda fd: None  # noqa: ARG005 (the planted bug)
    await rig.tell_of_a_run(box)
    writing = load.Load(box, packets, rig.RUN)
    for turn in count(1):
        for kind in writing.list_due(turn):
            await writing.say(kind)
            print(msgspec.json.encode(writing.said).decode(), flush=True)


def main(folder: Path, ca: Path, packets: Path, *, plant: bool) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if plant:
        # The store refuses to open like this, so its own check must be deceived as well.
        schema.PRAGMAS = (*schema.PRAGMAS, "pragma synchronous = normal")  # type: ignore[misc] # the planted bug
        schema._FULL = 1  # type: ignore[misc] # noqa: SLF001 (as above)
    asyncio.run(_write(folder, ca, load.read_packets(packets), plant=plant))


if __name__ == "__main__":
    main(*(Path(text) for text in sys.argv[1:4]), plant="--plant" in sys.argv[4:])
