"""The one way in for people's commands."""

from typing import Annotated, Any

from litestar import post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from goldenhour.adapters.web.centre_routes import named
from goldenhour.adapters.web.identity import ANYONE, AnyRequest, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, refusal_of
from goldenhour.app.handle import handle
from goldenhour.app.journal import Outcome
from goldenhour.domain.commands import Command, CorrectMonitor, PutRunFile
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp


class CommandRequest(Record):
    installation: Annotated[str, Meta(min_length=8, max_length=64)]
    """Made once by the page when it loads."""
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    command: Command


def stamp_of(principal: Principal, installation: str, sequence: int, now_ms: int) -> Stamp:
    """Who says it: never what a page claims of itself."""
    return Stamp(
        actor=principal.person_id,
        seat=principal.seat,
        role=principal.role,
        org=principal.org,
        # Two people's pages may not share an identity, whatever their scripts claim.
        installation=f"{principal.person_id}/{installation}",
        sequence=sequence,
        now_ms=now_ms,
    )


def moved_between(command: Command) -> list[str]:
    """The patients whom a command takes files from, or gives some to: none of them is erased."""
    match command:
        case CorrectMonitor():
            idents = {command.patient_id, *(one.patient_id for one in command.files)}
        case PutRunFile():
            idents = {command.patient_id}
        case _:
            return []
    return [f"patient:{ident}" for ident in sorted(idents - {""})]


def routes(services: Services) -> list[BaseRouteHandler]:
    @post("/api/commands", opt={"access": ANYONE}, status_code=200)
    async def send(request: AnyRequest, data: JSONBody[CommandRequest]) -> Outcome:
        principal = principal_of(request)
        if code := refusal_of(principal, data.command):
            raise ProblemError(403, code)
        stamp = stamp_of(principal, data.installation, data.sequence, services.clock.now_ms())
        desk = services.desk_of(principal)
        if services.seat is not None:
            refusal = await services.seat.refuse(data.command)
            if refusal is not None:
                raise refused(refusal)
        refusal = services.peers.refuse(data.command) if services.peers else None
        if refusal is not None:
            raise refused(refusal)
        if services.erased is not None and await services.erased(moved_between(data.command)):
            raise refused(Refused(code="patient_erased", field="patient_id"))
        command = await named(data.command, principal, services)
        if services.getter is not None:
            identity = services.identity_of(principal)
            asked = await services.getter.ask_home(command, principal, identity)
            if isinstance(asked, Refused):
                raise refused(asked)
            if not asked:
                return Outcome(versions={})
        outcome = await handle(command, stamp, services.identity_of(principal), desk.world)
        if isinstance(outcome, Refused):
            raise refused(outcome)
        return outcome

    handlers: list[Any] = [send]
    return handlers
