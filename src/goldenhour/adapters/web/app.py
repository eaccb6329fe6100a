"""The web adapter: one origin for consoles, commands, live views, queries and administration."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, get
from litestar.config.app import AppConfig
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins import InitPluginProtocol
from litestar.response import File
from litestar.static_files import create_static_files_router
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from goldenhour.adapters.web import (
    admin_routes,
    burn_routes,
    cabin_routes,
    card_routes,
    centre_routes,
    command_routes,
    device_routes,
    ecg_compare_routes,
    ecg_file_routes,
    ecg_reading_routes,
    ecg_routes,
    edge_routes,
    file_routes,
    fleet_routes,
    image_routes,
    live_routes,
    map_routes,
    node_routes,
    number_routes,
    paper_routes,
    position_routes,
    query_routes,
    record_routes,
    review_routes,
    roster_routes,
    seat_routes,
    session_routes,
    station_routes,
    stranger_routes,
    tablet_routes,
    terminal_media_routes,
    terminal_routes,
    vehicle_routes,
    vehicle_table_routes,
    video_routes,
)
from goldenhour.adapters.web.identity import (
    ANYONE,
    PUBLIC,
    AnyRequest,
    Door,
    require_declared,
)
from goldenhour.adapters.web.nul import CheckedRequest, refuse_nul
from goldenhour.adapters.web.problems import HANDLERS, ProblemError
from goldenhour.adapters.web.services import Services

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
        " style-src 'self' 'unsafe-inline';"
        " font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' wss:;"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
}
PAGES: Final = [
    "/",
    "/login",
    "/join",
    "/dispatcher",
    "/paper",
    "/crew",
    "/hospital",
    "/kpi",
    "/fleet",
    "/roster",
    "/vehicles",
    "/waiting",
    "/ws542",
    "/admin",
    "/nodes",
    "/record/{patient:str}",
    "/untreated/{mission:str}",
    "/review",
    "/review/{incident:str}",
    "/review/{incident:str}/replay",
]
"""Where a browser may begin; what stands there the page itself decides."""


def create_app(services: Services) -> Litestar:
    """The ASGI application; raises UndeclaredRouteError when a route states no access."""
    door = Door(services)
    handlers: list[BaseRouteHandler] = [
        *session_routes.routes(services, door),
        *command_routes.routes(services),
        *live_routes.routes(services, door),
        *ecg_routes.routes(services, door),
        *ecg_file_routes.routes(services),
        *ecg_compare_routes.routes(services),
        *ecg_reading_routes.routes(services),
        *image_routes.routes(services),
        *video_routes.routes(services),
        *cabin_routes.routes(services, door),
        *file_routes.routes(services),
        *query_routes.routes(services),
        *card_routes.routes(services),
        *number_routes.routes(services),
        *centre_routes.routes(services),
        *paper_routes.routes(services),
        *fleet_routes.routes(services),
        *position_routes.routes(services),
        *device_routes.routes(services),
        *stranger_routes.routes(services),
        *map_routes.routes(services),
        *terminal_routes.routes(services),
        *terminal_media_routes.routes(services),
        *record_routes.routes(services),
        *burn_routes.routes(services),
        *review_routes.routes(services),
        *admin_routes.routes(services, door),
        *seat_routes.routes(services),
        *node_routes.routes(services, door),
        *vehicle_routes.routes(services),
        *_plain_routes(services),
    ]
    if services.seat is None:
        # A fallback seat decides by commands alone, which it looks at first.
        handlers += roster_routes.routes(services) + vehicle_table_routes.routes(services)
        handlers += station_routes.routes(services)
    if services.edge_centre is not None:
        handlers += edge_routes.routes(services, services.edge_centre, door)
    if services.edge_status is not None:
        handlers += tablet_routes.routes(services, door)
    require_declared(handlers)

    @asynccontextmanager
    async def background(_app: Litestar) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work()) for work in services.background]
            yield
            for task in tasks:
                task.cancel()

    return Litestar(
        route_handlers=[*handlers, *assets_of(services.web_root)],
        guards=[door.guard, refuse_nul],
        request_class=CheckedRequest,
        exception_handlers=HANDLERS,
        lifespan=[background],
        openapi_config=OpenAPIConfig(title="GoldenHour", version="1", path="/api"),
        plugins=[_SchemaAccess()],
        response_headers=HEADERS,
    )


def assets_of(web_root: Path) -> list[Any]:
    """What the pages load; nothing where they are not built."""
    if not (web_root / "assets").is_dir():
        return []
    return [
        create_static_files_router(
            path="/assets",
            directories=[web_root / "assets"],
            opt={"access": PUBLIC},
            include_in_schema=False,
        )
    ]


def page_of(web_root: Path) -> Response[bytes]:
    index = web_root / "index.html"
    if not index.is_file():
        return Response(
            b"The web pages are not built: run make setup.",
            media_type="text/plain",
            status_code=503,
        )
    return Response(index.read_bytes(), media_type="text/html; charset=utf-8")


class _SchemaAccess(InitPluginProtocol):
    """The framework's own schema routes are public like the documentation that they are."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.opt.setdefault("access", PUBLIC)
        return app_config


def _plain_routes(services: Services) -> list[BaseRouteHandler]:
    @get("/health/live", opt={"access": PUBLIC})
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready", opt={"access": PUBLIC})
    async def ready() -> Response[dict[str, bool]]:
        checks = dict(await services.ready()) if services.ready else {}
        return Response(checks, status_code=200 if all(checks.values()) else 503)

    @get("/metrics", opt={"access": PUBLIC})
    async def metrics(request: AnyRequest) -> Response[bytes]:
        # They tell how busy a centre is; uvicorn names the far end of a local proxy's request.
        if request.client is None or not ip_address(request.client.host).is_loopback:
            raise ProblemError(403, "not_allowed")
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @get("/ca.crt", opt={"access": PUBLIC})
    async def ca() -> File:
        if services.ca_file is None:
            raise ProblemError(404, "absent")
        return File(
            services.ca_file, filename="goldenhour-ca.crt", media_type="application/x-x509-ca-cert"
        )

    @get("/api/content", opt={"access": ANYONE})
    async def content() -> Response[bytes]:
        return Response(services.content, media_type="application/json")

    @get("/api/city", opt={"access": ANYONE})
    async def city() -> Response[bytes]:
        return Response(msgspec.json.encode(services.city), media_type="application/json")

    @get("/tiles/city.pmtiles", opt={"access": ANYONE})
    async def tiles(request: Any) -> Response[bytes]:
        return _ranged(services.tiles, request.headers.get("range", ""))

    @get(PAGES, opt={"access": PUBLIC}, include_in_schema=False)
    async def page() -> Response[bytes]:
        return page_of(services.web_root)

    handlers: list[Any] = [live, ready, metrics, ca, content, city, tiles, page]
    return handlers


def _ranged(path: Path | None, range_header: str) -> Response[bytes]:
    """A part of a file by HTTP Range (PMTiles asks for nothing else)."""
    if path is None or not path.is_file():
        raise ProblemError(404, "absent")
    size = path.stat().st_size
    unit, _, span = range_header.partition("=")
    first, _, last = span.partition("-")
    if unit != "bytes" or not first.isdigit() or (last and not last.isdigit()):
        return Response(path.read_bytes(), media_type="application/octet-stream")
    start, end = int(first), min(int(last) if last else size - 1, size - 1)
    if start > end:
        raise ProblemError(416, "range_not_satisfiable")
    with path.open("rb") as file:
        file.seek(start)
        part = file.read(end - start + 1)
    return Response(
        part,
        status_code=206,
        media_type="application/octet-stream",
        headers={"content-range": f"bytes {start}-{end}/{size}", "accept-ranges": "bytes"},
    )
