"""The api process: consoles, commands, live views, vehicles' uploads. It may die and come back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

import msgspec
import psycopg
from prometheus_client import Gauge

from goldenhour.adapters.bus.unix import BusClient, BusServer
from goldenhour.adapters.city.shelf import CityShelf
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.ecg import EcgArchive, ImportFolder, SegmentStore, strip_of
from goldenhour.adapters.files import FileFolder
from goldenhour.adapters.jt808 import MediaFolder
from goldenhour.adapters.jt1078 import VideoFolder
from goldenhour.adapters.paper import LATEST
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.backlog import read_backlog
from goldenhour.adapters.postgres.clocks import PostgresClocks
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.adapters.postgres.painted import PostgresPainted
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import Feed
from goldenhour.adapters.postgres.strangers import PostgresStrangers
from goldenhour.adapters.postgres.streets import PostgresStreets
from goldenhour.adapters.postgres.terminal_media import PostgresTerminalMedia
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.adapters.postgres.ways import PostgresWays
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app import roads
from goldenhour.app.access import DESK, Principal, Role, identity_of
from goldenhour.app.accounts import Device, Person
from goldenhour.app.clocks import VehicleClocks
from goldenhour.app.devices import SEAT
from goldenhour.app.edge import Roster, RosterEntry, Upload, UploadAnswer
from goldenhour.app.live import Hub
from goldenhour.app.observe import Observer
from goldenhour.app.ports import Clock
from goldenhour.app.seat_authority import FromSeat
from goldenhour.app.strips import StripHub
from goldenhour.app.tablet import CentreEar
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.app.vehicle_authority import FromVehicle
from goldenhour.content.exchange import load_exchange
from goldenhour.content.rules import load_rules
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.kernel.time import HOUR_MS, SECOND_MS
from goldenhour.main.city_parts import CityParts, open_city
from goldenhour.main.clock import entropy
from goldenhour.main.demo_file import list_doubles, read_demo_accounts
from goldenhour.main.https import serve_https
from goldenhour.main.learner import Follower
from goldenhour.main.node import Node, bus_paths, open_node
from goldenhour.main.pages import content_json, web_root
from goldenhour.main.peers import open_peers
from goldenhour.main.settings import Settings
from goldenhour.main.windows import watch_windows

READY_S = 2.0
RELAY_LATE_MS = 5 * SECOND_MS
"""What was committed so long ago should be on the screens."""
_FOLLOWERS = Gauge("goldenhour_live_followers", "Screens and vehicles that follow a live view")
RECENT_MS = 24 * HOUR_MS
SPEAKING_MS = 10 * SECOND_MS
"""A monitor whose last set is not older is connected."""


class Centre:
    """The counterpart of vehicles and fallback seats in the api process."""

    def __init__(self, node: Node, observer: Observer, tree: Tree) -> None:
        self._node = node
        self._observer = observer
        self._tree = tree
        self._monitors: dict[str, list[str]] = {}
        self._seats: list[Device] = []
        """Those that may speak."""

    async def refresh(self) -> None:
        """Read again what an administrator may have changed."""
        await self._tree.refresh(self._node.accounts)
        monitors: dict[str, list[str]] = {}
        for device in await self._node.accounts.list_devices("monitor"):
            if device.enabled:
                monitors.setdefault(device.unit_id, []).append(device.id)
        self._monitors = monitors
        seats = await self._node.accounts.list_devices(SEAT)
        self._seats = [seat for seat in seats if seat.enabled]

    async def take(self, upload: Upload, sender: Principal) -> UploadAnswer:
        if sender.role is not Role.SEAT:
            return await self._observer.take(upload, FromVehicle(name=sender.unit_id))
        seat = FromSeat(
            seat=sender.seat,
            org=sender.org,
            identity=identity_of(sender, self._tree.organisations),
            units=frozenset(self._home_units(sender.org)),
        )
        return await self._observer.take(upload, seat)

    def monitors(self, unit_id: str) -> tuple[str, ...]:
        return tuple(self._monitors.get(unit_id, ()))

    async def roster(self, computer: Principal) -> Roster | None:
        row = self._tree.organisations.rows.get(computer.org)
        if row is None:
            return None
        accounts, is_seat = self._node.accounts, computer.role is Role.SEAT
        units = self._home_units(row.id) if is_seat else ()
        phones = await accounts.list_devices("phone") if is_seat else []
        return Roster(
            unit_id=computer.unit_id,
            call_sign=row.name,
            org=row.id,
            home_org=row.id if is_seat else self._tree.organisations.rows[row.parent].parent,
            people=tuple(
                _entry(person)
                for person in await accounts.list_people()
                if person.active and _works_at(person, computer)
            ),
            orgs=identity_of(computer, self._tree.organisations).orgs,
            units=units,
            phones={d.unit_id: d.id for d in phones if d.enabled and d.unit_id in units},
        )

    def _home_units(self, org: str) -> tuple[str, ...]:
        """Below a centre, without those of another one there that has a fallback seat itself."""
        tree = self._tree.organisations
        own = set(tree.subtree(org))
        for other in {seat.org for seat in self._seats} & own - {org}:
            own -= set(tree.subtree(other))
        units = {i for i in own if i.startswith("unit:") and tree.rows[i].closed_ms is None}
        return tuple(sorted(ident.removeprefix("unit:") for ident in units))


def _works_at(person: Person, computer: Principal) -> bool:
    if computer.role is Role.SEAT:
        return person.role in DESK and person.org == computer.org
    return person.role is Role.CREW and person.unit_id == computer.unit_id


def _entry(person: Person) -> RosterEntry:
    return RosterEntry(
        person_id=person.id,
        username=person.username,
        name=person.name,
        org=person.org,
        seat=person.seat,
        password_hash=person.password_hash,
        totp_secret=person.totp_secret,
        demo=person.demo,
        role="" if person.role is Role.CREW else person.role,
        physician=person.physician,
    )


class StripTaker:
    """ECG from the vehicles: on to the screens at once, into the segment files beside it."""

    def __init__(self, store: SegmentStore, hub: StripHub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock
        self._storing: set[asyncio.Task[object]] = set()
        self.missing = store.missing

    async def take(self, data: bytes, unit_id: str) -> None:
        strip = strip_of(data, unit_id, self._clock.now_ms())
        for timed in self._store.timed(strip):
            self._hub.take(timed)
        # What is lost before the disk has it shows as missing and is asked for again.
        task = asyncio.create_task(self._store.append([strip]))
        self._storing.add(task)
        task.add_done_callback(self._stored)

    def _stored(self, task: asyncio.Task[object]) -> None:
        self._storing.discard(task)
        if not task.cancelled():
            task.exception()  # the store has logged it


async def run_api(settings: Settings) -> None:
    async with open_node(settings) as node:
        parts = open_city(settings.city_dir)
        try:
            await serve_https(settings, settings.https_port, lambda: _api_services(node, parts))
        finally:
            parts.close()


async def _api_services(node: Node, parts: CityParts) -> Services:
    settings, clock = node.settings, node.clock
    tree = Tree()
    feed = Feed(node.database)
    rules = load_rules()
    credible = rules.dispatch.credible
    hub = Hub(node.journal, feed, node.world.facts, clock, parts.travel.locate, credible=credible)
    _FOLLOWERS.set_function(hub.count_followers)
    await hub.lead(roads.READER, lambda view: parts.travel.set_stretches(roads.stretches_of(view)))
    for fix in await node.telemetry.list_latest(clock.now_ms() - RECENT_MS):
        hub.positions.take(fix)
    for item in await node.telemetry.list_latest_numerics(clock.now_ms() - RECENT_MS):
        hub.take_numerics(item)
    streets = (
        Follower(PostgresStreets(node.database), parts.network, parts.travel)
        if parts.network
        else None
    )
    centre = Centre(node, Observer(node.world, node.telemetry, clock, hub), tree)
    await centre.refresh()
    strips = StripHub()
    strip_store = SegmentStore(settings.state_dir / "ecg")
    desk = Desk(
        world=node.world,
        reader=node.journal,
        hub=hub,
        telemetry=node.telemetry,
        strips=strips,
        ecg=EcgArchive(settings.state_dir / "ecg"),
        imports=ImportFolder(settings.state_dir / "ecg-files"),
        images=ImageFolder(settings.state_dir / "images"),
        video=VideoFolder(settings.state_dir / "video"),
        files=FileFolder(settings.state_dir / "files"),
    )

    async def listen() -> None:
        async with BusServer(bus_paths(settings)["api"], to_hub(hub)):
            await asyncio.Event().wait()

    worker = BusClient(bus_paths(settings)["worker"])

    async def tell_worker(fixes: Sequence[Fix]) -> None:
        await worker.publish("fixes", msgspec.json.encode(fixes))

    async def keep_telling() -> None:
        async with worker:
            await asyncio.Event().wait()

    ear = CentreEar(hub.positions, node.telemetry, tell_worker, clock, credible)

    async def refresh() -> None:
        while True:
            await asyncio.sleep(2)
            await centre.refresh()
            now_ms = clock.now_ms()
            sets = hub.numerics.values()
            speaking = [s.device_id for s in sets if now_ms - s.received_ms < SPEAKING_MS]
            await node.accounts.saw_devices(speaking, now_ms)

    neighbours = open_peers(node, rules.dispatch.lend, hub.positions.take)

    # Without a city the board works by the straight line; with one, its roads belong to it.
    has_roads = parts.city is None or parts.travel.has_roads

    paintings = PostgresPainted(node.database)

    async def painted(principal: Principal, delivery: int) -> None:
        await paintings.record(principal, delivery, clock.now_ms())

    async def write_evidence(streams: Sequence[str], out: BinaryIO) -> None:
        key = evidence.load_key(key_path)
        await evidence.export(node.database, key, clock.now_ms(), out, streams)

    # The worker makes the key; where the api runs without one, there is nothing to check against.
    key_path = settings.state_dir / "roots.key"

    return Services(
        clock=clock,
        entropy=entropy,
        accounts=node.accounts,
        tree=tree,
        identity_of=lambda principal: identity_of(principal, tree.organisations),
        desk_of=lambda _principal: desk,
        facts=node.world.facts,
        rules=rules,
        exchange=load_exchange(node.world.facts.care, ws542=settings.ws542_file),
        content=content_json(settings.formulary_file),
        cookie="goldenhour_session",
        world_name=settings.world,
        demo_accounts=read_demo_accounts(settings),
        doubles=list_doubles(settings),
        web_root=web_root(),
        city=parts.city,
        tiles=parts.tiles,
        addresses=parts.addresses,
        router=parts.router,
        travel=parts.travel,
        road_lines=parts.travel,
        matching=parts.matching,
        ways=PostgresWays(node.database),
        learnt=(lambda: streets.learnt) if streets else None,
        taught_speeds=streets.taught_for if streets else None,
        history=node.journal,
        clocks=VehicleClocks(PostgresClocks(node.database)),
        erased=Erasure(node.database).is_erased,
        edge_centre=centre,
        peers=neighbours.peers if neighbours else None,
        copies=neighbours.copies if neighbours else None,
        lender=neighbours.lender if neighbours else None,
        giver=neighbours.giver if neighbours else None,
        getter=neighbours.getter if neighbours else None,
        tell_again=neighbours.tell_again if neighbours else None,
        ear_of=lambda _unit_id: ear,
        strip_sink=StripTaker(strip_store, strips, clock),
        terminals=PostgresTerminals(node.database),
        terminal_media=TerminalMedia(
            MediaFolder(settings.state_dir / "terminal-media"), PostgresTerminalMedia(node.database)
        ),
        strangers=PostgresStrangers(node.database),
        maps=CityShelf(settings.city_dir),
        mileage=node.telemetry,
        run_sheet=settings.run_sheets_dir / LATEST,
        mask_callers=settings.mask_callers,
        ca_file=settings.own_ca,
        ready=lambda: ready_of(node.database, clock, roads=has_roads),
        painted=painted,
        paintings=paintings,
        evidence=write_evidence if key_path.is_file() else None,
        background=(
            hub.run,
            hub.sweep_for_ever,
            hub.positions.place_for_ever,
            listen,
            keep_telling,
            refresh,
            lambda: watch_windows(node, hub, parts.travel),
            *(neighbours.loops if neighbours else ()),
            *((streets.run,) if streets else ()),
        ),
    )


async def ready_of(database: Database, clock: Clock, *, roads: bool) -> Mapping[str, bool]:
    """The database answers, the relay keeps up, the roads are loaded."""
    try:
        async with asyncio.timeout(READY_S):
            waiting = await read_backlog(database, clock.now_ms())
    except (TimeoutError, psycopg.Error):
        return {"database": False, "relay": False, "roads": roads}
    return {"database": True, "relay": waiting.outbox_age_ms < RELAY_LATE_MS, "roads": roads}


def to_hub(hub: Hub) -> Callable[[str, bytes], None]:
    """What to do with a message of the bus."""

    def take(topic: str, payload: bytes) -> None:
        if topic == "fixes":
            for fix in msgspec.json.decode(payload, type=list[Fix]):
                hub.positions.take(fix)
        elif topic == "numerics":
            hub.take_numerics(msgspec.json.decode(payload, type=NumericSet))

    return take
