"""The newest run sheet, for whoever wants it on the screen or on the printer beside it."""

import asyncio
from typing import Any

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.response import Response

from goldenhour.adapters.web.identity import access
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import DESK


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/run-sheet.pdf", opt=access(*DESK))
    async def newest() -> Response[bytes]:
        path = services.run_sheet
        try:
            data = await asyncio.to_thread(path.read_bytes) if path else None
        except OSError:
            data = None
        if data is None:
            raise ProblemError(404, "absent", "run_sheet")
        return Response(data, media_type="application/pdf", headers={"cache-control": "no-store"})

    handlers: list[Any] = [newest]
    return handlers
