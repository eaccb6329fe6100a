"""What the fleet drove: of the units that the asker may see, and no other."""

from typing import Annotated, Any, Final

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Mileage
from goldenhour.kernel.time import HOUR_MS

LONGEST_MS: Final = 31 * 24 * HOUR_MS


class MileageRow(Record):
    call_sign: str
    station_name: str
    driven: Mileage | None
    """None: not one report in that time."""


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/fleet/mileage", opt=access(Role.DISPATCHER, Role.SUPERVISOR, Role.QUALITY))
    async def mileage(
        request: AnyRequest,
        from_ms: int,
        to_ms: int,
        over_kmh: Annotated[float, Parameter(ge=1, le=300)],
    ) -> list[MileageRow]:
        if services.mileage is None:
            raise ProblemError(503, "no_history")
        if to_ms <= from_ms:
            raise ProblemError(400, "ends_before_it_begins", "to_ms")
        if to_ms - from_ms > LONGEST_MS:
            raise ProblemError(400, "period_too_long", "from_ms")
        principal = principal_of(request)
        hub = services.desk_of(principal).hub
        view = (await hub.scope(services.identity_of(principal))).view
        units = {
            stream.partition(":")[2]: state
            for stream, state in view.states.items()
            if isinstance(state, Unit)
        }
        found = await services.mileage.list_mileage(
            sorted(units),
            from_ms,
            to_ms,
            jump_kmh=services.rules.dispatch.credible.jump_kmh,
            over_kmh=over_kmh,
        )
        driven = {one.unit_id: one for one in found}
        rows = [
            MileageRow(
                call_sign=unit.call_sign,
                station_name=unit.station_name,
                driven=driven.get(ident),
            )
            for ident, unit in units.items()
        ]
        return sorted(rows, key=lambda row: row.call_sign)

    handlers: list[Any] = [mileage]
    return handlers
