"""Between nodes: this node's board for another one, and the others' for this one's desks."""

from typing import Any

from litestar import get
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.identity import NODES, AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import DESK
from goldenhour.app.peers import NodeBoard, PeerStatus, board_of


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/node/board", opt={"access": NODES})
    async def board(request: AnyRequest) -> NodeBoard:
        """What the organisation that the other node was registered for may read of units."""
        if not services.facts.node:
            raise ProblemError(404, "absent")
        principal = principal_of(request)
        hub = services.desk_of(principal).hub
        scope = await hub.scope(services.identity_of(principal))
        rows, fixes = scope.view.rows.values(), hub.positions.fixes
        return board_of(services.facts.node, rows, fixes, services.clock.now_ms())

    @get("/api/nodes", opt=access(*DESK))
    async def nodes() -> list[PeerStatus]:
        return services.peers.list_status() if services.peers else []

    handlers: list[Any] = [board, nodes]
    return handlers
