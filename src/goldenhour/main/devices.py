"""`goldenhour device`: what may speak for a vehicle, added and disabled on the host.

The rules are those of `app/devices.py`, as on the administrator's page.
"""

import getpass
import os
from pathlib import Path
from typing import Final

import msgspec

from goldenhour.app.devices import Kind, Registered, register, revoke
from goldenhour.kernel.outcome import Refused
from goldenhour.main.clock import entropy
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings

_REFUSED: Final = {
    "terminal_id": "the terminal's number: digits, no leading zeros",
    "monitor_id": "the monitor's EUI-64: 16 capital hex digits",
    "phone_id": "the telephone's number: 5 to 15 digits, which may begin with +",
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
