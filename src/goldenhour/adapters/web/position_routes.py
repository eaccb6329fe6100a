"""Positions by the crew's tablet: from its page to the vehicle's computer, then to the centre.

Rule 1: a tablet speaks for the unit of its session alone, a vehicle for itself alone.
"""

from typing import Any

from litestar import post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.domain.dispatch.credible import Unheard
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import TabletPosition


class TabletAnswer(Record):
    unheard: Unheard | None
    """Why the position is not used; None: it is."""


def routes(services: Services) -> list[BaseRouteHandler]:
    async def take(request: AnyRequest, position: TabletPosition) -> TabletAnswer:
        unit_id = principal_of(request).unit_id
        if not unit_id or position.unit_id != unit_id:
            raise ProblemError(403, "not_allowed", "unit_id")
        ear = services.ear_of(unit_id) if services.ear_of else None
        if ear is None:
            raise ProblemError(404, "absent", "unit_id")
        return TabletAnswer(unheard=await ear.take(position))

    @post("/api/tablets/position", opt=access(Role.CREW), status_code=200)
    async def from_tablet(request: AnyRequest, data: JSONBody[TabletPosition]) -> TabletAnswer:
        return await take(request, data)

    @post("/api/edge/position", opt={"access": EDGE}, status_code=200)
    async def from_vehicle(request: AnyRequest, data: JSONBody[TabletPosition]) -> TabletAnswer:
        return await take(request, data)

    handlers: list[Any] = []
    if services.edge_centre is not None:
        handlers.append(from_vehicle)
    if services.edge_status is not None:
        handlers.append(from_tablet)
    return handlers
