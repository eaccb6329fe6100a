"""`goldenhour device`: what may speak for a vehicle, added and disabled on the host.

The rules are those of `app/devices.py`, as on the administrator's page.
"""

import asyncio
import getpass
import os
from pathlib import Path
from typing import Final

import msgspec

from goldenhour.app.devices import (
    CENTRES,
    NODE,
    SEAT,
    Kind,
    Registered,
    register,
    register_node,
    register_seat,
    revoke,
)
from goldenhour.app.peers import Peer
from goldenhour.kernel.outcome import Refused
from goldenhour.main.clock import entropy
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings

_REFUSED: Final = {
    "terminal_id": "the terminal's number: digits, no leading zeros",
    "monitor_id": "the monitor's EUI-64, or the name it gives itself: capitals, digits and . _ -",
    "phone_id": "the telephone's number: 5 to 15 digits, which may begin with +",
}
_NO_SEAT: Final = {
    "seat_name": "--seat: a name of 1 to 6 digits and capital letters; its cases' numbers have it",
    "seat_in_use": "--seat: {detail} has or had a fallback seat of this name; take another one",
    "seat_declared": "--org: {detail} is its fallback seat; disable that one first",
}
_NO_NODE: Final = {
    "node_name": "--node: 1 to 20 small letters, digits and -",
    "node_in_use": "--node: it is known already, for {detail}; disable that first",
}


async def add_device(
    settings: Settings, *, kind: Kind, unit_id: str, device_id: str | None, file: Path | None
) -> None:
    """Raises SystemExit with a plain sentence."""
    async with open_node(settings, pool=2) as node:
        rows = {row.id: row for row in await node.accounts.list_organisations()}
        units = sorted(i.removeprefix("unit:") for i in rows if i.startswith("unit:"))
        if unit_id not in units:
            known = ", ".join(units) or "none: run `goldenhour city load` first"
            raise SystemExit(f"--unit: there is no unit {unit_id}; the units are {known}")
        path = file or Path(f"vehicle-{unit_id.replace('/', '-')}.json")
        if kind == "edge":
            _make_secret_file(path)  # before the key is drawn: nobody could take it otherwise
        made = await register(
            node.accounts,
            entropy,
            kind=kind,
            unit_id=unit_id,
            call_sign=rows[f"unit:{unit_id}"].name,
            device_id=device_id or "",
        )
        if isinstance(made, Refused):
            in_use = f"{device_id} belongs to unit {made.detail} already"
            raise SystemExit(f"--id: {_REFUSED.get(made.code, in_use)}")
        await _log(node, "device.add", f"{kind}:{made.device.id}")
    _tell(made, path)


def change_devices(
    settings: Settings,
    *,
    action: str,
    kind: Kind,
    unit_id: str | None,
    device_id: str | None,
    file: Path | None,
) -> None:
    """Raises SystemExit with a plain sentence."""
    if unit_id is None:
        raise SystemExit("--unit: of which vehicle?")
    if action == "add":
        work = add_device(settings, kind=kind, unit_id=unit_id, device_id=device_id, file=file)
    else:
        work = disable_devices(settings, kind=kind, unit_id=unit_id, device_id=device_id)
    asyncio.run(work)


def change_seat(
    settings: Settings, *, action: str, org: str | None, seat: str | None, file: Path | None
) -> None:
    """Raises SystemExit with a plain sentence."""
    if seat is None:
        raise SystemExit("--seat: which seat?")
    if action == "disable":
        asyncio.run(disable_seat(settings, seat=seat))
    elif org is None:
        raise SystemExit("--org: of which centre?")
    else:
        asyncio.run(add_seat(settings, org=org, seat=seat, file=file))


async def add_seat(settings: Settings, *, org: str, seat: str, file: Path | None) -> None:
    """Declare a centre's fallback seat. Raises SystemExit with a plain sentence."""
    async with open_node(settings, pool=2) as node:
        rows = await node.accounts.list_organisations()
        centres = sorted(r.id for r in rows if r.kind in CENTRES and r.closed_ms is None)
        if org not in centres:
            known = ", ".join(centres) or "none: run `goldenhour city load` first"
            raise SystemExit(f"--org: there is no centre {org}; the centres are {known}")
        path = file or Path(f"seat-{seat}.json")
        _make_secret_file(path)
        made = await register_seat(node.accounts, entropy, org=org, seat=seat)
        if isinstance(made, Refused):
            path.unlink()
            raise SystemExit(_NO_SEAT[made.code].format(detail=made.detail))
        path.write_bytes(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
        await _log(node, "device.add", f"{SEAT}:{seat}")
    print(f"fallback seat {seat} of {org}: carry {path} to its computer, then delete it here")


def change_node(
    settings: Settings,
    *,
    action: str,
    org: str | None,
    node: str | None,
    url: str | None,
    file: Path | None,
) -> None:
    """Raises SystemExit with a plain sentence."""
    if node is None:
        raise SystemExit("--node: which node?")
    if action == "disable":
        asyncio.run(disable_node(settings, name=node))
    elif org is None or url is None:
        raise SystemExit(
            "--org, --url: whose units does it see, and at which address of this node?"
        )
    else:
        asyncio.run(add_node(settings, org=org, name=node, url=url, file=file))


async def add_node(settings: Settings, *, org: str, name: str, url: str, file: Path | None) -> None:
    """Let another node see the units of a centre. Raises SystemExit with a plain sentence."""
    if not settings.node:
        raise SystemExit("node: this node has no name; give it one in the setting `node` first")
    async with open_node(settings, pool=2) as node:
        if org not in {row.id for row in await node.accounts.list_organisations()}:
            raise SystemExit(f"--org: there is no organisation {org}")
        path = file or Path(f"peers-{name}.json")
        _make_secret_file(path)
        made = await register_node(node.accounts, entropy, org=org, node=name)
        if isinstance(made, Refused):
            path.unlink()
            raise SystemExit(_NO_NODE[made.code].format(detail=made.detail))
        content = msgspec.json.encode([Peer(node=settings.node, url=url, key=made)])
        path.write_bytes(msgspec.json.format(content) + b"\n")
        await _log(node, "device.add", f"{NODE}:{name}")
    print(f"node {name} may ask: carry {path} to it, name it there as `peers`, delete it here")


async def disable_node(settings: Settings, *, name: str) -> None:
    """Shut another node out within 5 s. Raises SystemExit."""
    await _disable(settings, NODE, name, f"--node: no node {name} is enabled")
    print(f"node {name} is disabled")


async def disable_seat(settings: Settings, *, seat: str) -> None:
    """Shut a fallback seat out; a connected one within 5 s. Raises SystemExit."""
    await _disable(settings, SEAT, seat, f"--seat: no fallback seat {seat} is enabled")
    print(f"fallback seat {seat} is disabled")


async def _disable(settings: Settings, kind: str, name: str, absent: str) -> None:
    async with open_node(settings, pool=2) as node:
        found = [d for d in await node.accounts.list_devices(kind) if d.seat == name and d.enabled]
        if not found:
            raise SystemExit(absent)
        for device in found:
            await revoke(node.accounts, device)
            await _log(node, "device.disable", f"{kind}:{name}")


def _tell(made: Registered, path: Path) -> None:
    device = made.device
    if made.vehicle is not None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode([made.vehicle])) + b"\n")
        print(f"vehicle computer of unit {device.unit_id}: carry {path} to it, then delete it here")
        return
    print(f"{device.kind} {device.id} belongs to unit {device.unit_id}")
    if made.key:
        print(f"authentication code, shown once: {made.key}")
    if device.kind == "monitor":
        print(f'name it in the vehicle\'s file too: "monitors": ["{device.id}"]')


async def disable_devices(
    settings: Settings, *, kind: Kind, unit_id: str, device_id: str | None
) -> None:
    """Shut out the unit's devices of a kind, or one of them; a connected one within 5 s."""
    async with open_node(settings, pool=2) as node:
        found = [
            device
            for device in await node.accounts.list_devices(kind)
            if device.unit_id == unit_id and device.enabled and device_id in (None, device.id)
        ]
        if not found:
            raise SystemExit(f"unit {unit_id} has no such {kind} that is enabled")
        for device in found:
            await revoke(node.accounts, device)
            await _log(node, "device.disable", f"{kind}:{device.id}")
            print(f"{kind} {device.id} of unit {unit_id} is disabled")


def _make_secret_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from error


async def _log(node: Node, action: str, subject: str) -> None:
    person = f"host:{getpass.getuser()}"
    await node.accounts.log_access(node.clock.now_ms(), person, action, subject, "accepted")
