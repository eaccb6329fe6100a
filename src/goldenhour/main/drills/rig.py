"""A vehicle's box for a drill: every store as the product opens it, sealed, on a key of its own.

The key file is opened as in the street: at the first start by the centre's share, and after every
reboot by a tablet that is logged in, for which no centre need answer (docs/adr/0017).
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlite3

from goldenhour.adapters.edge import SealedFiles, Vault
from goldenhour.app.devices import Vehicle
from goldenhour.app.edge import FedEvent, FeedMessage
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Envelope, Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.uplinks import Uplink
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.box import Box, open_box
from goldenhour.main.city_parts import open_city
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.node import LiveWorld
from goldenhour.main.safes import Safe
from goldenhour.main.settings import Settings, World
from goldenhour.main.tls import certificate_of
from goldenhour.simulator import cases

UNIT: Final = "V01"
RUN: Final = "run-1"
_SHARE: Final = b"what the centre of a drill gives"
_TABLET: Final = b"the session of a drill's tablet."


def open_vault(folder: Path, own_key: str) -> Vault:
    clock = SystemClock()
    vault = Vault(folder / "keys.json", own_key, clock, entropy)
    if not vault.open_by_session(_TABLET):
        if not vault.open_by_centre(_SHARE):
            raise RuntimeError(f"{folder}: the centre's share does not open it")
        vault.learn_session(_TABLET, clock.now_ms() + 12 * HOUR_MS)
    return vault


def files_key(folder: Path, own_key: str) -> SealedFiles:
    """To look into the files of a box from outside."""
    return SealedFiles(open_vault(folder, own_key).key_for("files"), entropy)


def ask(folder: Path, own_key: str, query: str) -> list[tuple[Any, ...]]:
    """Of its journal, while it may be writing."""
    key = open_vault(folder, own_key).key_for("journal")
    connection = sqlite3.connect(f"file:{folder / 'journal.sqlite'}?mode=ro", uri=True)
    try:
        connection.execute(f"pragma key = \"x'{key.hex()}'\"")
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def write_ca(folder: Path) -> Path:
    """An authority for a box that talks to nobody."""
    return certificate_of(Settings(state=str(folder), world=World.SIMULATION)).ca


def open_rig(
    folder: Path,
    ca: Path,
    *,
    unit_id: str = UNIT,
    own_key: str = "own key",
    uplinks: Sequence[Uplink] = (Uplink(name="none", url="https://localhost:1"),),
    keep_free_bytes: int = 0,
) -> Box:
    vault = open_vault(folder, own_key)
    vehicle = Vehicle(unit_id=unit_id, call_sign=unit_id, key=own_key, monitors=("monitor",))
    return open_box(
        Safe(computer=vehicle, folder=folder, vault=vault),
        Settings(state=str(folder), tls_ca=str(ca), world=World.SIMULATION),
        tuple(uplinks),
        load_facts(),
        open_city(folder / "no-city"),
        keep_free_bytes=keep_free_bytes,
    )


async def close_rig(box: Box) -> None:
    await box.store.close()
    await box.strips.close()


async def tell_of_a_run(box: Box) -> None:
    """What a centre's feed says of a vehicle that it has sent, without a centre."""
    journal, dice = MemoryJournal(), Random(1)  # noqa: S311 (a drill must be repeatable)
    world = LiveWorld(journal=journal, facts=box.desk.world.facts, entropy=entropy)
    _call, incident_id, calling = cases.call_to_dispatchable(dice, lambda: f"id-{dice.random()}")
    assign = c.Assign(mission_id=RUN, incident_id=incident_id, unit_id=box.vehicle.unit_id)
    steps = (*cases.list_unit(box.vehicle.unit_id), *calling, cases.dispatcher(0, assign))
    now_ms = SystemClock().now_ms()
    for number, step in enumerate(steps, 1):
        outcome = await handle(step.command, step.stamp("rig", number, now_ms), SYSTEM, world)
        if not isinstance(outcome, Outcome):
            raise RuntimeError(f"{step.command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)
    names = Envelope.__struct_fields__
    events = tuple(
        FedEvent(**{name: getattr(e, name) for name in names}, owner=journal.owners[e.stream])
        for e in journal.feed
    )
    await box.store.take(
        FeedMessage(server_ms=now_ms, events=events, personal={}, forget=(), fix=None)
    )
