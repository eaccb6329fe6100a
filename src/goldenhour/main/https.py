"""The web adapter over TLS, by a certificate of one's own or the local authority's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from goldenhour.adapters.web.app import create_app
from goldenhour.adapters.web.services import Services
from goldenhour.main.file_limit import allow_connections
from goldenhour.main.settings import Settings
from goldenhour.main.tls import certificate_of

CONNECTIONS = 8_000
"""Every screen holds one or two, every vehicle half a dozen."""
KEEP_S = 75
"""An idle line is kept, a little longer than any client of ours does: handshakes are dear."""


class Server(uvicorn.Server):
    """Ends once the application's background has: a board that nothing feeds must not look alive.

    uvicorn itself serves on, since to it a lifespan that fails between start and end is over.
    """

    background_failed = False

    async def on_tick(self, counter: int) -> bool:
        self.background_failed = self.lifespan.error_occurred
        return self.background_failed or await super().on_tick(counter)


async def serve_https(
    settings: Settings,
    port: int,
    make: Callable[[], Awaitable[Services]],
    until: asyncio.Event | None = None,
) -> None:
    """Run the web adapter over TLS until a signal, or until the event.

    Raises SystemExit where its background has failed, for the supervisor to start it anew.
    """
    services = await make()
    await serve_app(settings, port, create_app(services), until)


async def serve_app(
    settings: Settings, port: int, app: Any, until: asyncio.Event | None = None
) -> None:
    certificate = certificate_of(settings)
    allow_connections(CONNECTIONS)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        ssl_certfile=str(certificate.chain),
        ssl_keyfile=str(certificate.key),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=KEEP_S,
        ws_max_size=4 * 1024 * 1024,
        lifespan="on",
    )
    server = Server(config)

    async def stop() -> None:
        if until is not None:
            await until.wait()
            server.should_exit = True

    stopping = asyncio.create_task(stop())
    try:
        await server.serve()
    finally:
        stopping.cancel()
    if server.background_failed:
        raise SystemExit("what feeds the screens has failed (see above): this server ends")
