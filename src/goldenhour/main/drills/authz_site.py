"""The web application of the authz drill: with its guard, without it, and its route table."""

import asyncio
import logging
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute, WebSocketRoute

from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.painted import PostgresPainted
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import Feed
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.web import identity
from goldenhour.adapters.web.app import create_app
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app.access import Principal, identity_of
from goldenhour.app.edge import Roster, Upload, UploadAnswer
from goldenhour.app.live import Hub
from goldenhour.content.exchange import load_exchange
from goldenhour.content.facts import load_facts
from goldenhour.content.rules import load_rules
from goldenhour.kernel.record import Record
from goldenhour.main.drills import lab
from goldenhour.main.drills.authz_ground import Case

COOKIE: Final = "goldenhour_session"
PUBLIC: Final = frozenset(
    {
        "/",
        "/login",
        "/join",
        "/dispatcher",
        "/crew",
        "/hospital",
        "/kpi",
        "/admin",
        "/nodes",
        "/record/{patient:str}",
        "/untreated/{mission:str}",
        "/fleet",
        "/roster",
        "/vehicles",
        "/waiting",
        "/paper",
        "/review",
        "/review/{incident:str}",
        "/review/{incident:str}/replay",
        "/ws542",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/ca.crt",
        "/api/demo-accounts",
        "POST /api/session",
    }
)
"""What needs no session; a route that is public and not here counts as undeclared."""
_SCHEMA: Final = frozenset(
    {
        "/api",
        "/api/elements",
        "/api/oauth2-redirect.html",
        "/api/openapi.json",
        "/api/openapi.yaml",
        "/api/openapi.yml",
        "/api/rapidoc",
        "/api/redoc",
        "/api/scalar",
        "/api/swagger",
        "/api/{path:str}",
    }
)
"""The framework's own description of the interface, and its answer to unknown paths below it."""


class Question(Record):
    """One way to ask: a route, and the case that it is asked about."""

    method: str
    path: str
    query: dict[str, str]
    needed: Any
    """The declared access: `public`, `anyone`, `edge` or a set of roles."""


class Parked:
    """Double of the vehicles' counterpart: their routes are asked, their uploads are not taken."""

    async def take(self, upload: Upload, sender: Principal) -> UploadAnswer:
        del upload, sender
        return UploadAnswer(through=0, set_aside=())

    async def roster(self, computer: Principal) -> Roster | None:
        del computer
        return None

    def monitors(self, unit_id: str) -> tuple[str, ...]:
        del unit_id
        return ()


async def services(
    database: Database, world: lab.LabWorld, accounts: PostgresAccounts, clock: lab.LabClock
) -> Services:
    tree = Tree()
    await tree.refresh(accounts)
    facts = load_facts()
    hub = Hub(world.journal, Feed(database), facts, clock)
    key = Ed25519PrivateKey.generate()

    async def write_evidence(streams: Sequence[str], out: BinaryIO) -> None:
        await evidence.export(database, key, clock.at_ms, out, streams)

    desk = Desk(world=world, reader=world.journal, hub=hub, telemetry=PostgresTelemetry(database))
    return Services(
        clock=clock,
        entropy=world.entropy,
        accounts=accounts,
        tree=tree,
        identity_of=lambda principal: identity_of(principal, tree.organisations),
        desk_of=lambda _principal: desk,
        facts=facts,
        rules=load_rules(),
        exchange=load_exchange(facts.care),
        content=b"{}",
        cookie=COOKIE,
        world_name="training",
        demo_accounts=(),
        doubles=(),
        web_root=Path("none"),
        history=world.journal,
        paintings=PostgresPainted(database),
        evidence=write_evidence,
        edge_centre=Parked(),
    )


def make_app(services: Services) -> Litestar:
    with warnings.catch_warnings():
        # Some routes still declare their parameters in the style that Litestar 3 drops.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = create_app(services)
    # The application sets up logging for people; a drill asks some ten thousand times.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return app


class identify_only:  # noqa: N801 (a context manager, used like a function)
    """Takes the first wall away: whoever has a session passes every guard."""

    def __enter__(self) -> None:
        self._guard: Any = identity.Door.guard

        async def guard(door: identity.Door, connection: Any, handler: Any) -> None:
            del handler
            principal = await door.find_principal(connection)
            if principal is not None:
                connection.state.principal = principal

        identity.Door.guard = guard  # type: ignore[method-assign, assignment] # the drill's point

    def __exit__(self, *_error: object) -> None:
        identity.Door.guard = self._guard  # type: ignore[method-assign] # as above


def questions(app: Litestar, cases: list[Case], faults: Counter[str]) -> Iterator[Question]:
    """Every route and method of the application, once for each case that it can be asked about."""
    for route in app.routes:
        handlers: list[tuple[str, BaseRouteHandler]]
        if isinstance(route, HTTPRoute):
            handlers = [
                (str(m), h[0]) for m, h in route.route_handler_map.items() if m != "OPTIONS"
            ]
        elif isinstance(route, WebSocketRoute):
            handlers = [("SOCKET", route.route_handler)]
        else:
            continue
        for method, handler in handlers:
            needed = handler.opt.get("access")
            listed = {route.path, f"{method} {route.path}"} & PUBLIC
            if needed is None or (
                needed == identity.PUBLIC and not listed and route.path not in _SCHEMA
            ):
                faults[f"undeclared {method} {route.path}"] += 1
            if method == "SOCKET":
                continue  # asked with real sockets and through the views
            names = [n for n in ("incident_id", "mission_id", "patient_id") if _asks(handler, n)]
            for case in cases if names else [None]:
                ids = {n: case.ids[n.removesuffix("_id")] for n in names} if case else {}
                path = route.path_format
                for name in ("incident_id", "incident", "mission_id", "person_id"):
                    path = path.replace(f"{{{name}}}", ids.get(name, "nobody"))
                # A path that fits no route is absent for everybody, whoever may ask.
                path = path.replace("{media_id}", "1")
                yield Question(method=method, path=path, query=ids, needed=needed)


def _asks(handler: Any, name: str) -> bool:
    return name in handler.parsed_fn_signature.parameters


@asynccontextmanager
async def listening(app: Litestar) -> AsyncIterator[int]:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, ws="websockets-sansio", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    listening = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await listening
