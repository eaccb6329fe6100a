"""`goldenhour edge`: the computer of one vehicle, or of each vehicle of a demo, in its own process.

It serves the crew console from its own store, listens to the patient monitor, and talks to the
centre whenever there is a link. Nothing here waits for the network.
"""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace
from prometheus_client import Gauge

from goldenhour.adapters.dicom import ImageCarrier, ImageFolder, ImageUplinkConfig
from goldenhour.adapters.ecg import (
    EcgArchive,
    EcgConfig,
    EcgListener,
    EcgUplink,
    FileCarrier,
    ImportFolder,
    SegmentStore,
    UplinkConfig,
)
from goldenhour.adapters.edge import EdgeAccounts, EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.mllp import MllpConfig, MllpListener
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app.access import Principal
from goldenhour.app.accounts import Person
from goldenhour.app.chart import chart, names_other, watch_limits
from goldenhour.app.devices import Vehicle
from goldenhour.app.edge import EdgeStatus
from goldenhour.app.journal import Identity
from goldenhour.app.live import Hub
from goldenhour.app.uplinks import Uplink
from goldenhour.content.devices import load_quirks
from goldenhour.content.exchange import load_exchange
from goldenhour.content.facts import load_facts
from goldenhour.content.rules import load_rules
from goldenhour.domain.care.alarms import Watch
from goldenhour.kernel.telemetry import NumericSet, Strip
from goldenhour.main.city_parts import open_city
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_file import list_doubles, read_demo_accounts
from goldenhour.main.https import serve_https
from goldenhour.main.node import LiveWorld
from goldenhour.main.pages import content_json, web_root
from goldenhour.main.scanners import take_pictures
from goldenhour.main.settings import Settings

READY_S = 2.0
_PENDING = Gauge(
    "goldenhour_uploads_pending", "Items that are not known to be durable at the centre", ["unit"]
)


@dataclass
class Box:
    """The running parts of one vehicle."""

    vehicle: Vehicle
    store: EdgeStore
    link: EdgeLink
    accounts: EdgeAccounts
    hub: Hub
    desk: Desk
    identity: Identity
    strips: SegmentStore
    uplink: EcgUplink
    carrier: FileCarrier
    images: ImageFolder
    image_carrier: ImageCarrier
    charted: int = 0
    watches: dict[str, Watch] = field(default_factory=dict)

    async def take_numerics(self, item: NumericSet, named: str) -> None:
        """Kept first, then shown, charted where it is worth it, and held against the limits."""
        scope = await self.hub.scope(self.identity)
        if names_other(item, named, scope.view):
            item = replace(item, mismatch=True)
        await self.store.append_numerics([item])
        self.hub.take_numerics(item)
        self.charted += 1
        org, world = f"unit:{item.unit_id}", self.desk.world
        sequence = item.received_ms * 1000 + self.charted % 1000
        await chart(item, scope.view, world, org=org, sequence=sequence)
        # Several signs of one set may begin to alarm: each takes a number of its own.
        await watch_limits(item, scope.view, world, self.watches, org=org, sequence=sequence * 10)

    def hangs_here(self, device_id: str) -> bool:
        """By the centre's word; until it has spoken, by the vehicle's own file."""
        allowed = self.link.monitors
        return device_id in (self.vehicle.monitors if allowed is None else allowed)


async def run_edge(
    settings: Settings, vehicles: Sequence[Vehicle], uplinks: tuple[Uplink, ...]
) -> None:
    clock = SystemClock()
    facts = load_facts(formulary=settings.formulary_file)
    makers = load_quirks().makers
    parts = open_city(settings.city_dir)
    boxes: dict[str, Box] = {}
    for vehicle in vehicles:
        folder = settings.state_dir / "edge" / vehicle.unit_id.replace("/", "-")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = EdgeStore(folder / "journal.sqlite", entropy, clock)
        _PENDING.labels(vehicle.unit_id).set_function(store.pending_count)
        config = EdgeConfig(
            uplinks=uplinks,
            unit_id=vehicle.unit_id,
            key=vehicle.key,
            ca_file=str(settings.trusted_ca),
        )
        hub = Hub(store, store, facts, clock, parts.travel.locate)
        strips = SegmentStore(folder / "ecg")
        imports = ImportFolder(folder / "ecg-files")
        pictures = ImageFolder(folder / "images")
        uplink = UplinkConfig(
            unit_id=vehicle.unit_id,
            authorization=f"Edge {store.installation}:{vehicle.key}",
            ca_file=str(settings.trusted_ca),
        )
        link = EdgeLink(config, store, clock, entropy, on_fix=hub.positions.take)
        world = LiveWorld(journal=store, facts=facts, entropy=entropy)
        boxes[vehicle.unit_id] = Box(
            vehicle=vehicle,
            store=store,
            link=link,
            accounts=EdgeAccounts(store),
            hub=hub,
            desk=Desk(
                world=world,
                reader=store,
                hub=hub,
                telemetry=store,
                ecg=EcgArchive(folder / "ecg"),
                imports=imports,
                images=pictures,
            ),
            identity=Identity(orgs=("*vehicle",), topics=("*",)),
            strips=strips,
            uplink=EcgUplink(uplink, strips, link.uplinks),
            carrier=FileCarrier(uplink, imports, link.uplinks),
            images=pictures,
            image_carrier=ImageCarrier(
                ImageUplinkConfig(
                    unit_id=uplink.unit_id,
                    authorization=uplink.authorization,
                    ca_file=uplink.ca_file,
                ),
                pictures,
                link.uplinks,
            ),
        )
    stopping = asyncio.Event()

    async def monitors() -> None:
        config = MllpConfig(host=settings.host, port=settings.mllp_port)

        async def sink(item: NumericSet, named: str) -> None:
            await boxes[item.unit_id].take_numerics(item, named)

        async with MllpListener(
            config, directory=_Owners(boxes), sink=sink, clock=clock, makers=makers
        ):
            await asyncio.Event().wait()

    async def ecg() -> None:
        config = EcgConfig(host=settings.host, port=settings.ecg_port)

        async def sink(items: Sequence[Strip]) -> int:
            store = boxes[items[0].unit_id].strips
            await store.append(items)
            return store.through(items[0].unit_id, items[0].epoch)

        def on_strip(item: Strip) -> None:
            box = boxes[item.unit_id]
            box.desk.strips.take(item)
            box.uplink.take(item)

        async with EcgListener(
            config, directory=_Owners(boxes), sink=sink, on_strip=on_strip, clock=clock
        ):
            await asyncio.Event().wait()

    async def services() -> Services:
        return Services(
            clock=clock,
            entropy=entropy,
            accounts=_Everyone(boxes),  # type: ignore[arg-type] # a vehicle knows logins, not administration
            tree=Tree(),
            identity_of=lambda principal: boxes[_unit_of(principal, boxes)].identity,
            desk_of=lambda principal: boxes[_unit_of(principal, boxes)].desk,
            facts=facts,
            rules=load_rules(),
            exchange=load_exchange(facts.care, ws542=settings.ws542_file),
            content=content_json(settings.formulary_file),
            cookie="goldenhour_vehicle",
            world_name=settings.world,
            demo_accounts=tuple(a for a in read_demo_accounts(settings) if a.role == "crew"),
            doubles=list_doubles(settings),
            web_root=web_root(),
            city=parts.city,
            tiles=parts.tiles,
            addresses=parts.addresses,
            router=parts.router,
            travel=parts.travel,
            edge_status=lambda unit_id: _status(boxes, unit_id),
            ca_file=settings.own_ca,
            ready=lambda: ready_of([box.store for box in boxes.values()]),
            background=(
                monitors,
                ecg,
                lambda: take_pictures(settings, boxes.values(), clock),
                *(box.hub.run for box in boxes.values()),
                *(box.hub.sweep_for_ever for box in boxes.values()),
                *(box.hub.positions.place_for_ever for box in boxes.values()),
                *(_linked(box, stopping) for box in boxes.values()),
            ),
        )

    try:
        await serve_https(settings, settings.edge_port, services)
    finally:
        stopping.set()
        parts.close()
        for box in boxes.values():
            await box.store.close()
            await box.strips.close()


def _linked(box: Box, stopping: asyncio.Event) -> Any:
    async def run() -> None:
        async with asyncio.TaskGroup() as lines:
            lines.create_task(box.link.run(stopping))
            lines.create_task(box.uplink.run(stopping))
            lines.create_task(box.carrier.run(stopping))
            lines.create_task(box.image_carrier.run(stopping))

    return run


async def ready_of(stores: Sequence[EdgeStore]) -> Mapping[str, bool]:
    """Every vehicle's store answers."""
    try:
        async with asyncio.timeout(READY_S):
            for store in stores:
                await store.known()
    except (TimeoutError, sqlite3.Error):
        return {"store": False}
    return {"store": True}


def _unit_of(principal: Principal, boxes: Mapping[str, Box]) -> str:
    if principal.unit_id not in boxes:
        raise ProblemError(403, "not_allowed")
    return principal.unit_id


def _status(boxes: Mapping[str, Box], unit_id: str) -> EdgeStatus:
    if unit_id not in boxes:
        raise ProblemError(404, "absent")
    box = boxes[unit_id]
    return box.link.status(backlog=box.uplink.waiting, images=box.image_carrier.waiting)


class _Owners:
    """Which vehicle a monitor hangs in: bound by vehicle, never by name."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self._boxes = boxes

    async def find_unit(self, device_id: str) -> str | None:
        return next((unit for unit, box in self._boxes.items() if box.hangs_here(device_id)), None)


class _Everyone:
    """The logins of every vehicle of this process: each knows its own crew."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self._boxes = boxes

    async def find_username(self, username: str) -> Person | None:
        for box in self._boxes.values():
            if person := await box.accounts.find_username(username):
                return person
        return None

    async def find_person(self, person_id: str) -> Person | None:
        for box in self._boxes.values():
            if person := await box.accounts.find_person(person_id):
                return person
        return None

    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None:
        for box in self._boxes.values():
            if await box.accounts.find_person(person_id):
                await box.accounts.open_session(token_hash, person_id, now_ms, expires_ms)

    async def find_session(self, token_hash: bytes, now_ms: int) -> Person | None:
        for box in self._boxes.values():
            if person := await box.accounts.find_session(token_hash, now_ms):
                return person
        return None

    async def close_session(self, token_hash: bytes, now_ms: int) -> None:
        for box in self._boxes.values():
            await box.accounts.close_session(token_hash, now_ms)

    async def log_access(
        self, at_ms: int, person: str, action: str, subject: str, outcome: str
    ) -> None:
        """Log-ins at a vehicle are told to the centre with the next events; nothing to do here."""
