"""Record the corpus of a release: one whole case with the states that it folds to.

Run once at a release, with the name of the file to write; never overwrite an older corpus: new
code must fold it to the states recorded with it.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from factories.whole_case import whole_case
from factories.world import TestWorld
from goldenhour.app.handle import fold


async def record(path: Path) -> None:
    world = TestWorld(seed=20261122)
    await whole_case(world)
    streams = world.journal.streams
    corpus = {
        "events": world.journal.feed,
        "states": {stream: fold(stream, events) for stream, events in streams.items()},
    }
    with path.open("xb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(corpus), indent=1))


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
