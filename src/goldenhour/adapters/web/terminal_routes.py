"""The terminals' console: how each stands, its newest frames, and what is asked of it from afar."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.realm import check_terminal
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.terminals import (
    FramePage,
    Order,
    OrderRow,
    TerminalBook,
    TerminalState,
    check,
)
from goldenhour.kernel.record import Record

ADMIN: Final = access(Role.ADMIN)
ORDERS: Final = 20


class TerminalAnswer(Record):
    state: TerminalState
    orders: tuple[OrderRow, ...]
    """The newest first."""


class NewOrder(Record):
    id: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{8,64}$")]
    """Made by the page, so that a press that is repeated is one order."""
    order: Order


def routes(services: Services) -> list[BaseRouteHandler]:
    def book() -> TerminalBook:
        if services.terminals is None:
            raise ProblemError(503, "no_terminals")
        return services.terminals

    @get("/api/admin/terminals/{phone:str}", opt=ADMIN)
    async def one(request: AnyRequest, phone: str) -> TerminalAnswer:
        """Looking is noted: so long the gateway tells the frames as well."""
        await check_terminal(request, services, phone)
        state = await book().look(phone, services.clock.now_ms())
        if state is None:
            raise ProblemError(404, "absent", "phone")
        return TerminalAnswer(state=state, orders=tuple(await book().list_orders(phone, ORDERS)))

    @get("/api/admin/terminals/{phone:str}/frames", opt=ADMIN)
    async def frames(request: AnyRequest, phone: str, line_ms: int = 0, n: int = 0) -> FramePage:
        """Older than the frame `n` of the connection that began at `line_ms`; 0: the newest."""
        await check_terminal(request, services, phone)
        return await book().list_frames(phone, (line_ms, n) if line_ms else None)

    @post("/api/admin/terminals/{phone:str}/orders", opt=ADMIN, status_code=202)
    async def order(request: AnyRequest, phone: str, data: JSONBody[NewOrder]) -> None:
        now_ms, principal = services.clock.now_ms(), principal_of(request)
        await check_terminal(request, services, phone)
        wrong = check(data.order)
        if wrong is not None:
            raise refused(wrong)
        await book().put_order(
            OrderRow(
                id=data.id,
                phone=phone,
                order=data.order,
                asked_by=principal.person_id,
                asked_ms=now_ms,
                done_ms=None,
                outcome="",
                parameters=(),
                place="",
            )
        )
        said = f"{data.order.kind} {data.order.parameter_id:04X}".removesuffix(" 0000")
        await services.accounts.log_access(
            now_ms, principal.person_id, f"terminal.{said}", f"terminal:{phone}", "accepted"
        )

    handlers: list[Any] = [one, frames, order]
    return handlers
