"""Logging in and out, and what a page must know before it shows anything."""

from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from goldenhour.adapters.web.identity import (
    ANYONE,
    MAX_PASSWORD,
    MAX_USERNAME,
    PUBLIC,
    SESSION_MS,
    AnyRequest,
    Door,
    principal_of,
)
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.accounts import DemoAccount
from goldenhour.kernel.record import Record

VIEWS: dict[Role, tuple[str, ...]] = {
    Role.DISPATCHER: ("dispatcher", "review", "kpi"),
    Role.SUPERVISOR: ("dispatcher", "review", "kpi"),
    Role.CREW: ("crew",),
    Role.HOSPITAL: ("hospital",),
    Role.QUALITY: ("review", "kpi"),
    Role.ADMIN: ("admin",),
}


class LogIn(Record):
    """Anybody may send it: attempts are counted in memory and logged by these names."""

    username: Annotated[str, Meta(max_length=MAX_USERNAME)]
    password: Annotated[str, Meta(max_length=MAX_PASSWORD)]
    totp: Annotated[str, Meta(max_length=16)] = ""


class Session(Record):
    person_id: str
    name: str
    role: str
    org: str
    org_name: str
    seat: str
    unit_id: str
    hospital_id: str
    physician: bool
    world: str
    demo: bool
    second_factor_skipped: bool
    doubles: tuple[str, ...]
    server_ms: int
    expires_ms: int
    views: tuple[str, ...]
    fallback_seat: bool
    """This is a centre's fallback seat, which can go on without it."""
    node: str
    """This node's name; empty: it is the only one."""


def session_of(principal: Principal, services: Services) -> Session:
    row = services.tree.organisations.rows.get(principal.org)
    now_ms = services.clock.now_ms()
    return Session(
        person_id=principal.person_id,
        name=principal.name,
        role=principal.role,
        org=principal.org,
        org_name=row.name if row else principal.org,
        seat=principal.seat,
        unit_id=principal.unit_id,
        hospital_id=principal.hospital_id,
        physician=principal.physician,
        world=services.world_name,
        demo=bool(services.demo_accounts),
        second_factor_skipped=bool(services.demo_accounts),
        doubles=services.doubles,
        server_ms=now_ms,
        expires_ms=now_ms + SESSION_MS,
        views=VIEWS.get(principal.role, ()),
        fallback_seat=services.seat is not None,
        node=services.facts.node,
    )


def entered(token: str, principal: Principal, services: Services) -> Response[Session]:
    """The answer that makes a browser the principal's."""
    cookie = Cookie(
        key=services.cookie,
        value=token,
        httponly=True,
        secure=True,
        samesite="strict",
        max_age=SESSION_MS // 1000,
    )
    return Response(session_of(principal, services), cookies=[cookie])


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    @post("/api/session", opt={"access": PUBLIC}, status_code=200)
    async def log_in(data: JSONBody[LogIn]) -> Response[Session]:
        token, principal = await door.log_in(data.username, data.password, data.totp)
        return entered(token, principal, services)

    @get("/api/session", opt={"access": ANYONE})
    async def session(request: AnyRequest) -> Session:
        return session_of(principal_of(request), services)

    @delete("/api/session", opt={"access": ANYONE})
    async def log_out(request: AnyRequest) -> None:
        await door.log_out(request)

    @get("/api/demo-accounts", opt={"access": PUBLIC})
    async def demo_accounts() -> tuple[DemoAccount, ...]:
        if not services.demo_accounts:
            raise ProblemError(404, "absent")
        return services.demo_accounts

    handlers: list[Any] = [log_in, session, log_out, demo_accounts]
    return handlers
