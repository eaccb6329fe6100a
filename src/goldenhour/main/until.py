"""Running until a signal asks to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

GRACE_S = 2.0
"""How long work may finish by itself after the signal."""


def stop_on_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def until(work: Coroutine[Any, Any, None], stopping: asyncio.Event) -> None:
    """Run until it ends or the process is asked to stop; an error ends the process."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    done, _ = await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    if task in done:
        stop.cancel()
        task.result()
        return
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), GRACE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
