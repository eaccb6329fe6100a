"""How a process that runs for months keeps its memory and its sockets.

Rule 1: what was loaded at the start stays; looking through it for garbage finds none.
Rule 2: frames and rows come in bursts and die young without cycles; looking for cycles every 2,000
        objects, as Python does, was a sixth of the vehicle gateway's time.
Rule 3: Python counts objects, not bytes: a closed TLS connection is fifty of them and 0.3 MB, in a
        cycle. So cycles are looked for by the clock as well.
Rule 4: what a start makes is no garbage either; looking for it was a fifth of loading the modules.
Rule 5: sockets, TLS and timers are uvloop's, and uvicorn reads HTTP with httptools: the same
        programs, with less of a processor.
"""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, Final

import uvloop

YOUNG_OBJECTS: Final = 50_000
TIDY_S: Final = 60.0
TIDY_RARELY_S: Final = 3600.0
"""Of a process that speaks no TLS, and whose closed lines leave no cycle: the vehicle gateway. To
look through what ten thousand lines hold keeps all of them waiting for a third of a second."""


def begin() -> None:
    """Before the modules of a process are imported, until it settles (rule 4)."""
    gc.disable()


def settle() -> None:
    """What there is stays (rule 1), and what is young is let alone for longer (rule 2)."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG_OBJECTS)


def run_for_long(work: Coroutine[Any, Any, None], tidy_s: float = TIDY_S) -> None:
    settle()
    asyncio.run(_beside(work, tidy_s), loop_factory=uvloop.new_event_loop)


async def _beside(work: Coroutine[Any, Any, None], tidy_s: float) -> None:
    tidying = asyncio.create_task(_tidy_for_ever(tidy_s))
    try:
        await work
    finally:
        tidying.cancel()


async def _tidy_for_ever(tidy_s: float) -> None:
    while True:
        await asyncio.sleep(tidy_s)
        gc.collect()
