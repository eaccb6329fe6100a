"""What may speak for a vehicle: registered and revoked, on the host or on the administrator's page.

Rule 1: a key is drawn here and given out once. Of a vehicle computer's key the centre keeps the
        SHA-256 only; a terminal's key is kept, since the protocol sends it to the terminal.
        For a vehicle's computer the centre keeps a share instead, without which the computer
        cannot open its own store, and gives it out while the computer is not revoked.
Rule 2: an id that is in use is refused; nothing is taken from one vehicle and given to another.
Rule 3: a centre has one fallback seat, so that no two decide for its units when it is silent; the
        name of one is never given again, since the numbers of its cases begin with it.
Rule 4: whoever is revoked loses the connection within 5 s, by the look-ups of the gateway, of the
        vehicles' feed and, for a monitor, of the vehicle's own computer.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta
from msgspec.structs import replace

from goldenhour.app.accounts import Device
from goldenhour.app.ports import TerminalProfile
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

Kind = Literal["terminal", "monitor", "edge", "phone"]
KINDS: Final[tuple[Kind, ...]] = ("terminal", "monitor", "edge", "phone")
_IDS: Final = {
    "terminal": re.compile(r"[1-9]\d{5,19}"),
    "monitor": re.compile(r"[0-9A-Z._-]{1,64}"),
    "phone": re.compile(r"\+?[0-9]{5,15}"),
}
CENTRES: Final = ("centre", "county")
"""Kinds of organisation that may have a fallback seat."""
SEAT: Final = "seat"
"""The kind of a centre's fallback seat, which belongs to no vehicle."""
NODE: Final = "node"
"""The kind of another node, which sees the units of the organisation that it belongs to."""
_NODE: Final = re.compile(r"[a-z0-9-]{1,20}")
_SEAT: Final = re.compile(r"[0-9A-Z]{1,6}")
_TERMINAL_KEY_BYTES: Final = 8
_EDGE_KEY_BYTES: Final = 32
_SHARE_BYTES: Final = 32


class Vehicle(Record):
    """One vehicle's own secret and the devices that hang in it: the content of its file."""

    unit_id: str
    call_sign: str
    key: str
    monitors: tuple[str, ...]
    scanners: tuple[Annotated[str, Meta(pattern=r"^[!-\[\]-~]{1,16}$")], ...] = ()
    """The titles (DICOM AE) of its ultrasound devices."""
    cameras: tuple[Annotated[str, Meta(pattern=r"^[1-9]\d{0,19}$")], ...] = ()
    """The numbers (JT/T 1078) of its cabin cameras' recorders, left zeros stripped."""
    card_reader_port: Annotated[int, Meta(ge=1, le=65_535)] | None = None
    """Where its identity card reader answers, on this computer alone; None: it has none."""
    node: str = ""
    """Whose key this is, where several nodes may command the vehicle: one entry for each."""
    centre: Annotated[str, Meta(pattern=r"^(https://[^/]+)?$")] = ""
    """How that node is reached; empty: over the usual uplinks."""


class Seat(Record):
    """A fallback seat's own secret and whose it is: the content of its file."""

    org: str
    seat: str
    key: str


class Registered(Record):
    device: Device
    key: str
    """A terminal's authentication code; empty for the others."""
    vehicle: Vehicle | None
    """For a vehicle's computer: to be carried to it, and kept nowhere else."""


class Devices(Protocol):
    """The part of `Accounts` that is needed here."""

    async def find_device(self, device_id: str, kind: str) -> Device | None: ...
    async def list_devices(self, kind: str) -> Sequence[Device]: ...
    async def put_device(self, device: Device) -> None:
        """All but `key_given_ms`, which goes only with the key that it is about."""

    async def forget_key_given(self, device_id: str) -> None: ...


async def register(
    devices: Devices, entropy: Entropy, *, kind: Kind, unit_id: str, call_sign: str, device_id: str
) -> Registered | Refused:
    """`unit_id` is known to exist; the id of a vehicle's computer follows from its key."""
    if kind == "edge":
        monitors = [d.id for d in await devices.list_devices("monitor") if d.unit_id == unit_id]
        key = entropy(_EDGE_KEY_BYTES).hex()
        vehicle = Vehicle(unit_id=unit_id, call_sign=call_sign, key=key, monitors=tuple(monitors))
        digest = sha256(key.encode()).hexdigest()
        share = entropy(_SHARE_BYTES).hex()
        device = Device(id=digest, kind=kind, unit_id=unit_id, key=share, enabled=True)
        await devices.put_device(device)
        return Registered(device=device, key="", vehicle=vehicle)
    if not _IDS[kind].fullmatch(device_id):
        return Refused(code=f"{kind}_id", field="device_id")
    key = entropy(_TERMINAL_KEY_BYTES).hex() if kind == "terminal" else ""
    device = Device(id=device_id, kind=kind, unit_id=unit_id, key=key, enabled=True)
    for known in KINDS:
        found = await devices.find_device(device_id, known)
        if found and (found.enabled or (found.kind, found.unit_id) != (kind, unit_id)):
            return Refused(code="device_in_use", field="device_id", detail=found.unit_id)
        if found:  # it comes back as it was
            device = replace(
                device, datum=found.datum, clock=found.clock, length=found.length, reads=found.reads
            )
    await devices.put_device(device)
    return Registered(device=device, key=key, vehicle=None)


async def register_seat(
    devices: Devices, entropy: Entropy, *, org: str, seat: str
) -> Seat | Refused:
    """`org` is known to be a centre."""
    if not _SEAT.fullmatch(seat):
        return Refused(code="seat_name", field="seat")
    for known in await devices.list_devices(SEAT):
        if known.seat == seat:
            return Refused(code="seat_in_use", field="seat", detail=known.org)
        if known.org == org and known.enabled:
            return Refused(code="seat_declared", field="org", detail=known.seat)
    made = Seat(org=org, seat=seat, key=entropy(_EDGE_KEY_BYTES).hex())
    await devices.put_device(seat_device(made, entropy(_SHARE_BYTES).hex()))
    return made


async def register_node(
    devices: Devices, entropy: Entropy, *, org: str, node: str
) -> str | Refused:
    """The key with which that node asks; `org` is known to exist."""
    if not _NODE.fullmatch(node):
        return Refused(code="node_name", field="node")
    for known in await devices.list_devices(NODE):
        if known.seat == node and known.enabled:
            return Refused(code="node_in_use", field="node", detail=known.org)
    key = entropy(_EDGE_KEY_BYTES).hex()
    digest = sha256(key.encode()).hexdigest()
    await devices.put_device(
        Device(id=digest, kind=NODE, unit_id="", key="", enabled=True, org=org, seat=node)
    )
    return key


def seat_device(seat: Seat, share: str) -> Device:
    """As the centre knows it."""
    digest = sha256(seat.key.encode()).hexdigest()
    return Device(
        id=digest, kind=SEAT, unit_id="", key=share, enabled=True, org=seat.org, seat=seat.seat
    )


async def set_profile(devices: Devices, device: Device, profile: TerminalProfile) -> Refused | None:
    """How a terminal departs from its standard; the gateway reads it so within seconds."""
    if device.kind != "terminal":
        return Refused(code="no_profile", field="kind")
    await devices.put_device(
        replace(
            device,
            datum=profile.datum,
            clock=profile.clock,
            length=profile.length,
            reads=profile.reads,
        )
    )
    return None


async def reopen(devices: Devices, device: Device) -> Refused | None:
    """The next terminal that registers under this number is given the key.

    A new one in the old one's place, or one that has forgotten its key.
    """
    if device.kind != "terminal" or not device.enabled:
        return Refused(code="not_reopened", field="kind")
    await devices.forget_key_given(device.id)
    return None


async def revoke(devices: Devices, device: Device) -> None:
    await devices.put_device(replace(device, enabled=False))


async def restore(devices: Devices, device: Device) -> Refused | None:
    """Take back the revocation of a computer with a store: it opens it again, nothing is lost.

    The other kinds are registered again, by which a terminal gets a new code.
    """
    if device.kind not in ("edge", SEAT):
        return Refused(code="not_restored", field="kind")
    for known in await devices.list_devices(SEAT) if device.kind == SEAT else ():
        if known.org == device.org and known.enabled and known.id != device.id:
            return Refused(code="seat_declared", field="device_id", detail=known.seat)
    await devices.put_device(replace(device, enabled=True))
    return None
