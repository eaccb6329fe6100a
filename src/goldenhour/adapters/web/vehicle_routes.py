"""The vehicles that the asker may see: what each is, what it carries, its checks and its history.

Reading only. What a vehicle is comes with the city (`goldenhour city load`) or by a table
(`vehicle_table_routes`), what its crew says comes as commands; who may speak for it stands among
the devices.
"""

from typing import Any, Final

from litestar import get
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.history import StreamEvent, history_of
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import PLANNERS
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.record import Record
from goldenhour.views.rows import CheckRow
from goldenhour.views.units import check_row

_CARRIED: Final = ("terminal", "monitor", "edge", "phone")


class CarriedDevice(Record):
    kind: str
    id: str
    enabled: bool
    seen_ms: int | None


class VehicleRow(Record):
    unit_id: str
    call_sign: str
    station_id: str
    station_name: str
    unit_kind: str
    assumed: bool
    plate: str
    on_duty: bool
    crew: tuple[str, ...]
    out_of_service: str
    """Empty while in service, else the reason."""
    since_ms: int
    devices: tuple[CarriedDevice, ...]
    checks: tuple[CheckRow, ...]
    """The newest first."""


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/vehicles", opt=access(*PLANNERS))
    async def vehicles(request: AnyRequest) -> list[VehicleRow]:
        principal = principal_of(request)
        hub = services.desk_of(principal).hub
        view = (await hub.scope(services.identity_of(principal))).view
        orgs = services.tree.organisations.rows
        carried: dict[str, list[CarriedDevice]] = {}
        for kind in _CARRIED:
            for one in await services.accounts.list_devices(kind):
                device = CarriedDevice(
                    kind=kind, id=one.id, enabled=one.enabled, seen_ms=one.seen_ms
                )
                carried.setdefault(one.unit_id, []).append(device)
        rows = [
            VehicleRow(
                unit_id=ident,
                call_sign=unit.call_sign,
                station_id=unit.station_id,
                station_name=unit.station_name,
                unit_kind=unit.unit_kind,
                assumed=unit.assumed,
                plate=unit.plate,
                on_duty=unit.on_duty,
                crew=unit.crew,
                out_of_service=unit.out_of_service,
                since_ms=unit.since_ms,
                devices=tuple(carried.get(ident, ())),
                checks=tuple(check_row(one) for one in unit.checks),
            )
            for stream, unit in view.states.items()
            if isinstance(unit, Unit)
            and (ident := stream.partition(":")[2])
            and ((org := orgs.get(stream)) is None or org.closed_ms is None)
        ]
        return sorted(rows, key=lambda row: (row.station_name, row.call_sign))

    @get("/api/vehicles/history", opt=access(*PLANNERS))
    async def history(request: AnyRequest, unit_id: str) -> list[StreamEvent]:
        """Everything that its stream says, the newest first."""
        found = await history_of(services, principal_of(request), f"unit:{unit_id}")
        if found is None:
            raise ProblemError(404, "absent", "unit_id")
        return found

    handlers: list[Any] = [vehicles, history]
    return handlers
