"""The web adapter over TLS by the local authority."""

from collections.abc import Awaitable, Callable

import uvicorn

from goldenhour.adapters.web.app import create_app
from goldenhour.adapters.web.services import Services
from goldenhour.main.clock import SystemClock
from goldenhour.main.local_ca import ensure_certificate, list_local_names
from goldenhour.main.settings import Settings


async def serve_https(
    settings: Settings, port: int, make: Callable[[], Awaitable[Services]]
) -> None:
    """Run the web adapter over TLS until a signal."""
    certificate = ensure_certificate(
        settings.state_dir / "tls", list_local_names(), now_ms=SystemClock().now_ms()
    )
    services = await make()
    config = uvicorn.Config(
        create_app(services),
        host=settings.host,
        port=port,
        ssl_certfile=str(certificate.chain),
        ssl_keyfile=str(certificate.key),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        ws_max_size=4 * 1024 * 1024,
        lifespan="on",
    )
    await uvicorn.Server(config).serve()
