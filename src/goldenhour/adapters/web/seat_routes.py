"""A fallback seat: how it stands with its centre, and the press by which it goes on alone."""

from typing import Any

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import DESK
from goldenhour.app.seat import SeatMode, SeatStatus


def routes(services: Services) -> list[BaseRouteHandler]:
    def seat() -> SeatMode:
        if services.seat is None:
            raise ProblemError(404, "absent")
        return services.seat

    @get("/api/seat", opt=access(*DESK))
    async def status() -> SeatStatus:
        return await seat().status()

    @post("/api/seat/alone", opt=access(*DESK), status_code=200)
    async def alone(request: AnyRequest) -> SeatStatus:
        refusal = await seat().begin(principal_of(request))
        if refusal is not None:
            raise refused(refusal)
        return await seat().status()

    handlers: list[Any] = [status, alone]
    return handlers
