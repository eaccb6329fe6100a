"""The web server lives no longer than what feeds its screens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from uvicorn.lifespan.on import LifespanOn

from goldenhour.main.https import Server


def served(gone: asyncio.Event) -> Server:
    """A server, not listening, of an application whose background fails once that is set."""

    async def feed() -> None:
        await gone.wait()
        raise ConnectionError("the database is gone")

    @asynccontextmanager
    async def background(_app: Litestar) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            feeding = group.create_task(feed())
            yield
            feeding.cancel()

    app: Any = Litestar(lifespan=[background], openapi_config=None)
    config = uvicorn.Config(app, lifespan="on", log_config=None)
    config.load()
    server = Server(config)
    server.lifespan = LifespanOn(config)
    return server


async def test_it_ends_when_its_background_has_failed() -> None:
    gone = asyncio.Event()
    server = served(gone)
    await server.lifespan.startup()
    assert not await server.on_tick(0)
    gone.set()
    async with asyncio.timeout(5):
        while not await server.on_tick(1):  # noqa: ASYNC110 (as uvicorn itself asks)
            await asyncio.sleep(0)
    assert server.background_failed
    await server.lifespan.shutdown()


@pytest.mark.parametrize("asked", [True, False])
async def test_it_stays_until_it_is_asked_to_end(asked: bool) -> None:
    server = served(asyncio.Event())
    await server.lifespan.startup()
    server.should_exit = asked
    assert await server.on_tick(1) is asked
    await server.lifespan.shutdown()
    assert not server.background_failed
    assert not server.lifespan.shutdown_failed
