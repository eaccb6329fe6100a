"""The caller's number in clear, for a crew whose run says that it was needed.

It is asked for on its own and goes by no live feed: a screen that only follows never has it. Who
wanted it and why is an event of the run (`ShowNumber`), wherever that was said.
"""

from typing import Any

from litestar import post
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.views.masked import number_of


class NumberAnswer(Record):
    number: str


def routes(services: Services) -> list[BaseRouteHandler]:
    # Not a GET: nothing on the way may keep the answer.
    @post("/api/callback/number", opt=access(Role.CREW), status_code=200)
    async def number(request: AnyRequest, mission_id: str) -> NumberAnswer:
        principal = principal_of(request)
        hub = services.desk_of(principal).hub
        view = (await hub.scope(services.identity_of(principal))).view
        run = view.states.get(f"mission:{mission_id}")
        if not isinstance(run, Mission) or run.unit_id != principal.unit_id:
            raise ProblemError(404, "absent", "mission_id")
        if not run.number_shown:
            # Not yet, which the crew itself can change: no matter of who may.
            raise ProblemError(409, "number_not_shown", "mission_id")
        found = number_of(view, run)
        if found is None:
            raise ProblemError(404, "no_number", "mission_id")
        return NumberAnswer(number=found)

    handlers: list[Any] = [number]
    return handlers
