"""Appends to a vehicle's store until it is killed; prints each sequence once it is durable."""

import asyncio
import itertools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories.edge_centre import numeric_set
from factories.world import START_MS, FakeClock, TestWorld
from goldenhour.adapters.edge import EdgeStore
from goldenhour.domain import commands as c
from goldenhour.kernel.personal import Clear


async def main() -> None:
    clock = FakeClock()
    store = EdgeStore(Path(sys.argv[1]), os.urandom, clock)
    world = TestWorld(journal=store, clock=clock)
    for n in itertools.count(1):
        if n % 2:
            ring = c.Ring(call_id=world.new_id(), number=Clear(text="139"), line="typed")
            await world.accept(ring)
        else:
            await store.append_numerics([numeric_set(START_MS + n)])
        sys.stdout.write(f"{n}\n")
        sys.stdout.flush()


asyncio.run(main())
