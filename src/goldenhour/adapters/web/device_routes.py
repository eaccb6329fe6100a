"""The administrator's page: what may speak for a vehicle or, a fallback seat, for a centre.

Rule: an administrator keeps to the vehicles and centres of their own organisation (`realm`).
"""

from typing import Any, Literal

from litestar import get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.realm import realm_of
from goldenhour.adapters.web.services import Services
from goldenhour.app import devices
from goldenhour.app.access import Role
from goldenhour.app.accounts import Device
from goldenhour.app.devices import Kind, Seat, Vehicle
from goldenhour.app.ports import TerminalClock, TerminalLength, TerminalProfile, TerminalReads
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record


class DeviceRow(Record):
    """What everybody may know of a device; a key leaves the server once, when it is drawn."""

    id: str
    kind: str
    unit_id: str
    enabled: bool
    seen_ms: int | None
    datum: Datum
    """Of a terminal's coordinates."""
    clock: TerminalClock
    """Of a terminal."""
    length: TerminalLength
    reads: TerminalReads
    """Of a terminal's messages."""
    key_given_ms: int | None
    """When a terminal fetched its key by registering."""
    org: str
    """The centre of a fallback seat; empty for what belongs to a vehicle."""
    seat: str


class NewDevice(Record):
    kind: Kind
    unit_id: str
    device_id: str = ""
    """Empty for a vehicle's computer: it follows from the key."""


class NewDeviceAnswer(Record):
    device: DeviceRow
    key: str
    vehicle: tuple[Vehicle, ...]
    """The content of the vehicle's file; empty where there is none."""


class NewSeat(Record):
    """A centre's fallback seat."""

    org: str
    seat: str


class NewSeatAnswer(Record):
    device: DeviceRow
    file: Seat
    """The content of the seat's file."""


class DeviceName(Record):
    kind: Kind | Literal["seat"]
    device_id: str


class NewProfile(Record):
    """How a terminal departs from its standard."""

    kind: Kind
    device_id: str
    datum: Datum
    clock: TerminalClock
    length: TerminalLength = TerminalLength.STATED
    reads: TerminalReads = TerminalReads.NO


def routes(services: Services) -> list[BaseRouteHandler]:
    accounts, admin = services.accounts, access(Role.ADMIN)

    async def find(request: AnyRequest, name: DeviceName | NewProfile) -> Device:
        device = await accounts.find_device(name.device_id, name.kind)
        if device is None or not realm_of(request, services).keeps_device(device):
            raise ProblemError(404, "absent", "device_id")
        return device

    async def end(
        request: AnyRequest, action: str, device: Device, refusal: Refused | None, said: str = ""
    ) -> None:
        if refusal is not None:
            raise refused(refusal)
        subject = f"{device.kind}:{device.id}{said}"
        person_id = principal_of(request).person_id
        await accounts.log_access(services.clock.now_ms(), person_id, action, subject, "accepted")

    @get("/api/admin/devices", opt=admin)
    async def listed(request: AnyRequest) -> list[DeviceRow]:
        realm = realm_of(request, services)
        return [
            _device_row(device)
            for kind in (*devices.KINDS, devices.SEAT)
            for device in await accounts.list_devices(kind)
            if realm.keeps_device(device)
        ]

    @post("/api/admin/devices", opt=admin)
    async def add(request: AnyRequest, data: JSONBody[NewDevice]) -> NewDeviceAnswer:
        unit = realm_of(request, services).tree.rows.get(f"unit:{data.unit_id}")
        if unit is None:
            raise ProblemError(400, "unknown_value", "unit_id")
        if unit.closed_ms is not None:
            raise ProblemError(409, "org_closed", "unit_id")
        made = await devices.register(
            accounts,
            services.entropy,
            kind=data.kind,
            unit_id=data.unit_id,
            call_sign=unit.name,
            device_id=data.device_id,
        )
        if isinstance(made, Refused):
            raise refused(made)
        await end(request, "device.add", made.device, None)
        return NewDeviceAnswer(
            device=_device_row(made.device),
            key=made.key,
            vehicle=(made.vehicle,) if made.vehicle else (),
        )

    @post("/api/admin/devices/seat", opt=admin)
    async def declare(request: AnyRequest, data: JSONBody[NewSeat]) -> NewSeatAnswer:
        centre = realm_of(request, services).tree.rows.get(data.org)
        if centre is None or centre.kind not in devices.CENTRES:
            raise ProblemError(400, "unknown_value", "org")
        if centre.closed_ms is not None:
            raise ProblemError(409, "org_closed", "org")
        made = await devices.register_seat(accounts, services.entropy, org=data.org, seat=data.seat)
        if isinstance(made, Refused):
            raise refused(made)
        known = await accounts.list_devices(devices.SEAT)
        device = next(one for one in known if one.seat == data.seat)
        await end(request, "device.add", device, None)
        return NewSeatAnswer(device=_device_row(device), file=made)

    @post("/api/admin/devices/revoke", opt=admin)
    async def revoke(request: AnyRequest, data: JSONBody[DeviceName]) -> None:
        device = await find(request, data)
        await devices.revoke(accounts, device)
        await end(request, "device.disable", device, None)

    @post("/api/admin/devices/restore", opt=admin)
    async def restore(request: AnyRequest, data: JSONBody[DeviceName]) -> None:
        device = await find(request, data)
        await end(request, "device.restore", device, await devices.restore(accounts, device))

    @post("/api/admin/devices/profile", opt=admin)
    async def profile(request: AnyRequest, data: JSONBody[NewProfile]) -> None:
        device = await find(request, data)
        refusal = await devices.set_profile(
            accounts,
            device,
            TerminalProfile(
                datum=data.datum, clock=data.clock, length=data.length, reads=data.reads
            ),
        )
        await end(
            *(request, "device.profile", device, refusal),
            f" {data.datum} {data.clock} {data.length} {data.reads}",
        )

    @post("/api/admin/devices/reopen", opt=admin)
    async def reopen(request: AnyRequest, data: JSONBody[DeviceName]) -> None:
        device = await find(request, data)
        await end(request, "device.reopen", device, await devices.reopen(accounts, device))

    handlers: list[Any] = [listed, add, declare, revoke, restore, profile, reopen]
    return handlers


def _device_row(device: Device) -> DeviceRow:
    return DeviceRow(
        id=device.id,
        kind=device.kind,
        unit_id=device.unit_id,
        enabled=device.enabled,
        seen_ms=device.seen_ms,
        datum=Datum(device.datum),
        clock=TerminalClock(device.clock),
        length=TerminalLength(device.length),
        reads=TerminalReads(device.reads),
        key_given_ms=device.key_given_ms,
        org=device.org,
        seat=device.seat,
    )
