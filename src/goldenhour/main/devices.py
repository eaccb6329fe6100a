"""`goldenhour device`: what may speak for a vehicle, added and disabled on the host.

Rule 1: a key is drawn here and shown or written once. Of a vehicle computer's key the centre keeps
        the SHA-256 only; a terminal's key is kept, since the protocol sends it to the terminal.
Rule 2: an id that is in use is refused; nothing is taken from one vehicle and given to another.
"""

import getpass
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from goldenhour.app.accounts import Device
from goldenhour.main.clock import entropy
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings
from goldenhour.main.vehicle_file import Vehicle

KINDS: Final = ("terminal", "monitor", "edge")
_IDS: Final = {
    "terminal": (re.compile(r"[1-9]\d{5,19}"), "the terminal's number: digits, no leading zeros"),
    "monitor": (re.compile(r"[0-9A-Z._-]{1,64}"), "the monitor's EUI-64: 16 capital hex digits"),
}
_TERMINAL_KEY_BYTES: Final = 8
_EDGE_KEY_BYTES: Final = 32


async def add_device(
    settings: Settings, *, kind: str, unit_id: str, device_id: str | None, file: Path | None
) -> None:
    """Raises SystemExit with a plain sentence."""
    async with open_node(settings, pool=2) as node:
        rows = {row.id: row for row in await node.accounts.list_organisations()}
        units = sorted(i.removeprefix("unit:") for i in rows if i.startswith("unit:"))
        if unit_id not in units:
            known = ", ".join(units) or "none: run `goldenhour city load` first"
            raise SystemExit(f"--unit: there is no unit {unit_id}; the units are {known}")
        if kind == "edge":
            path = file or Path(f"vehicle-{unit_id.replace('/', '-')}.json")
            await _add_edge(node, unit_id, rows[f"unit:{unit_id}"].name, path)
            return
        pattern, meaning = _IDS[kind]
        if not device_id or not pattern.fullmatch(device_id):
            raise SystemExit(f"--id: {meaning}")
        found = await node.accounts.find_device(device_id, kind)
        if found is not None and (found.enabled or found.unit_id != unit_id):
            raise SystemExit(f"--id: {device_id} belongs to unit {found.unit_id} already")
        key = entropy(_TERMINAL_KEY_BYTES).hex() if kind == "terminal" else ""
        await node.accounts.put_device(
            Device(id=device_id, kind=kind, unit_id=unit_id, key=key, enabled=True)
        )
        await _log(node, "device.add", f"{kind}:{device_id}")
    print(f"{kind} {device_id} belongs to unit {unit_id}")
    if key:
        print(f"authentication code, shown once: {key}")
    if kind == "monitor":
        print(f'name it in the vehicle\'s file too: "monitors": ["{device_id}"]')


async def disable_devices(
    settings: Settings, *, kind: str, unit_id: str, device_id: str | None
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
            await node.accounts.put_device(msgspec.structs.replace(device, enabled=False))
            await _log(node, "device.disable", f"{kind}:{device.id}")
            print(f"{kind} {device.id} of unit {unit_id} is disabled")


async def _add_edge(node: Node, unit_id: str, call_sign: str, path: Path) -> None:
    monitors = [d.id for d in await node.accounts.list_devices("monitor") if d.unit_id == unit_id]
    key = entropy(_EDGE_KEY_BYTES).hex()
    vehicle = Vehicle(unit_id=unit_id, call_sign=call_sign, key=key, monitors=tuple(monitors))
    try:
        making = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from error
    with os.fdopen(making, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode([vehicle])) + b"\n")
    digest = sha256(key.encode()).hexdigest()
    await node.accounts.put_device(
        Device(id=digest, kind="edge", unit_id=unit_id, key="", enabled=True)
    )
    await _log(node, "device.add", f"edge:{digest}")
    print(f"vehicle computer of unit {unit_id}: carry {path} to it, then delete the file here")


async def _log(node: Node, action: str, subject: str) -> None:
    person = f"host:{getpass.getuser()}"
    await node.accounts.log_access(node.clock.now_ms(), person, action, subject, "accepted")
