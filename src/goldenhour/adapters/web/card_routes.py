"""Reading an identity card at a vehicle: what it says is a proposal, and changes nothing."""

from typing import Any

from litestar import post
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.id_card import IdCard
from goldenhour.kernel.outcome import Refused


def routes(services: Services) -> list[BaseRouteHandler]:
    # Not a GET: nothing on the way may keep what a card says.
    @post("/api/edge/id-card", opt=access(Role.CREW), status_code=200)
    async def read(request: AnyRequest) -> IdCard:
        find = services.card_reader_of
        reader = find(principal_of(request).unit_id) if find is not None else None
        if reader is None:
            raise ProblemError(404, "absent", "card_reader")
        card = await reader.read()
        if isinstance(card, Refused):
            raise refused(card)
        return card

    handlers: list[Any] = [read]
    return handlers
