"""The administrator's page: devices that speak and are in no register.

Rule 1: an administrator keeps to the vehicles of their own organisation (`realm`); what spoke to
        the centre's own gateway belongs to nobody yet, and is shown to whoever keeps everything.
Rule 2: one is registered as any other device is (`device_routes`). Who dismissed one, and who took
        that back, is on the access log.
"""

from typing import Any

from litestar import get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.realm import Realm, realm_of
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.strangers import (
    GATEWAY,
    KIND_OF,
    HeardStrangers,
    StrangerStore,
    Way,
    is_registered,
)
from goldenhour.kernel.record import Record


class StrangerRow(Record):
    place: str
    """The unit whose computer heard it; empty: the centre's gateway for vehicle terminals."""
    others: int
    """How many other vehicles that computer serves."""
    way: Way
    device_id: str
    """What it calls itself."""
    first_ms: int
    heard_ms: int
    count: int
    reason: str
    """Why the newest of it was refused."""
    kind: str
    """As what it can be registered; empty: the vehicle's own file names it."""
    holder: str
    """The unit in whose name it is registered; empty: in nobody's."""
    revoked: bool
    dismissed_ms: int | None
    dismissed_by: str


class StrangerName(Record):
    place: str
    way: Way
    device_id: str


def routes(services: Services) -> list[BaseRouteHandler]:
    admin = access(Role.ADMIN)

    def strangers() -> StrangerStore:
        if services.strangers is None:
            raise ProblemError(503, "no_terminals")
        return services.strangers

    @post("/api/edge/strangers", opt={"access": EDGE}, status_code=204)
    async def hear(request: AnyRequest, data: JSONBody[HeardStrangers]) -> None:
        await strangers().hear(principal_of(request).unit_id, data.others, data.heard)

    @get("/api/admin/strangers", opt=admin)
    async def listed(request: AnyRequest) -> list[StrangerRow]:
        realm = realm_of(request, services)
        register = {
            (kind, device.id): device
            for kind in {*KIND_OF.values()} - {""}
            for device in await services.accounts.list_devices(kind)
        }
        rows: list[StrangerRow] = []
        for one in await strangers().list_all():
            if not _keeps(realm, one.place):
                continue
            kind = KIND_OF[one.way]
            found = register.get((kind, one.device_id))
            if is_registered(one, found):
                continue
            rows.append(
                StrangerRow(
                    place=one.place,
                    others=one.others,
                    way=one.way,
                    device_id=one.device_id,
                    first_ms=one.first_ms,
                    heard_ms=one.heard_ms,
                    count=one.count,
                    reason=one.reason,
                    kind=kind,
                    holder=found.unit_id if found and realm.keeps_device(found) else "",
                    revoked=found is not None and not found.enabled,
                    dismissed_ms=one.dismissed_ms,
                    dismissed_by=one.dismissed_by,
                )
            )
        return rows

    async def put(request: AnyRequest, name: StrangerName, action: str, at_ms: int | None) -> None:
        person_id = principal_of(request).person_id
        if not _keeps(realm_of(request, services), name.place) or not await strangers().dismiss(
            name.place, name.way, name.device_id, person_id, at_ms
        ):
            raise ProblemError(404, "absent", "device_id")
        subject = f"stranger:{name.way}:{name.device_id} {name.place}".strip()
        now_ms = services.clock.now_ms()
        await services.accounts.log_access(now_ms, person_id, action, subject, "accepted")

    @post("/api/admin/strangers/dismiss", opt=admin)
    async def dismiss(request: AnyRequest, data: JSONBody[StrangerName]) -> None:
        await put(request, data, "stranger.dismiss", services.clock.now_ms())

    @post("/api/admin/strangers/take-back", opt=admin)
    async def take_back(request: AnyRequest, data: JSONBody[StrangerName]) -> None:
        await put(request, data, "stranger.take_back", None)

    handlers: list[Any] = [hear, listed, dismiss, take_back]
    return handlers


def _keeps(realm: Realm, place: str) -> bool:
    return realm.is_all if place == GATEWAY else realm.keeps(f"unit:{place}")
