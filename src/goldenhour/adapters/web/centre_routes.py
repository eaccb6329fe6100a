"""The centres of the network: to whom a case may be handed, and under which name."""

from typing import Any

from litestar import get
from litestar.handlers import BaseRouteHandler
from msgspec.structs import replace

from goldenhour.adapters.web.identity import access
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import DESK, Organisation, Principal
from goldenhour.domain import commands as c
from goldenhour.domain.case.loading import node_org
from goldenhour.views.answers import CentreAnswer

KINDS = ("centre", "county")
NODE_ORG = node_org("")


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/centres", opt=access(*DESK))
    async def centres() -> list[CentreAnswer]:
        return [
            CentreAnswer(id=row.id, name=row.name, name_en=row.name_en, kind=row.kind)
            for row in services.tree.organisations.rows.values()
            if _is_centre(row)
        ]

    handlers: list[Any] = [centres]
    return handlers


async def named(command: c.Command, principal: Principal, services: Services) -> c.Command:
    """The command with the names of the register in it: a page's word for a centre is not taken.

    Nor is it for who signs an ECG: that is whoever is logged in.

    Raises ProblemError where a case is offered to nobody that there is.
    """
    rows = services.tree.organisations.rows
    match command:
        case c.OfferCase() if command.org.startswith(NODE_ORG):
            node = command.org.removeprefix(NODE_ORG)
            status = services.peers.list_status() if services.peers else []
            found = [one for one in status if one.node == node]
            if not found or command.seat:
                raise ProblemError(409, "unknown_value", "org")
            if not found[0].connected:
                raise ProblemError(409, "home_silent", "org", node)
            return replace(command, org_name=node)
        case c.OfferCase():
            row = rows.get(command.org)
            if row is None or not _is_centre(row):
                raise ProblemError(409, "unknown_value", "org")
            if command.seat and command.seat not in await _seats_of(principal.org, services):
                raise ProblemError(409, "unknown_value", "seat")
            return replace(command, org_name=row.name)
        case c.TakeCase():
            own = rows.get(principal.org)
            return replace(command, org_name=own.name if own else "", node="")
        case c.InterpretEcg():
            return replace(command, name=principal.name)
        case _:
            return command


def _is_centre(row: Organisation) -> bool:
    return row.kind in KINDS and row.closed_ms is None


async def _seats_of(org: str, services: Services) -> set[str]:
    return {
        person.seat
        for person in await services.accounts.list_people()
        if person.active and person.role in DESK and person.org == org
    }
