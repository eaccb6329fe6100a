"""Two nodes with a PostgreSQL database each, and a vehicle's computer that both may command."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg

from factories.emptied import empty
from factories.office import NO_PAGES, Office, listening, opened
from factories.world import FakeClock, TestWorld, facts
from goldenhour.adapters.edge import EdgeConfig, EdgeStore
from goldenhour.adapters.edge.link import EdgeLink
from goldenhour.adapters.peers import PeerLink
from goldenhour.adapters.postgres.copies import PostgresCopies
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.migrate import migrate
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.timers import Effects, Timers
from goldenhour.app.copies import Copier
from goldenhour.app.devices import Registered, register, register_node
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.live import Hub
from goldenhour.app.peers import SILENT_MS, Peer, PeerStatus
from goldenhour.app.timers import fire
from goldenhour.app.uplinks import Uplink
from goldenhour.main.homes import Homes
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.main.peers import Asks, Taker

WITHIN_S = 30
UNIT = "A-01"


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            if await true():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def second_database(server: EmbeddedServer) -> AsyncIterator[Database]:
    name = "goldenhour_two"
    with psycopg.connect(server.conninfo("postgres", "postgres"), autocommit=True) as admin:
        there = admin.execute("select from pg_database where datname = %s", (name,)).fetchone()
        if there is None:
            admin.execute(f"create database {name}".encode())
    if there is None:
        migrate(server.conninfo("postgres", name))
    empty(server.conninfo("postgres", name))
    database = Database(server.conninfo("postgres", name))
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def certificate_in(folder: Path) -> Certificate:
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


class NodeSite:
    """One node that can be cut off."""

    def __init__(self, name: str, office: Office, certificate: Certificate) -> None:
        self.name, self.office, self._certificate = name, office, certificate
        self.world: TestWorld = office.world
        self._port = 0
        self._serving: Any = None
        database, clock = office.database, office.world.clock
        store = PostgresCopies(database, office.world.journal, clock)
        assert office.lines is not None
        self.links = office.lines.links
        self.asks = Asks(
            effects=Effects(database),
            world=office.world,
            store=store,
            streams=office.world.journal,
            copier=Copier(office.world, store, clock),
            accounts=office.accounts,
            clock=clock,
            links=self.links,
        )

    async def serve(self) -> None:
        self._serving = listening(self.office, self._certificate, self._port)
        address = await self._serving.__aenter__()
        self._port = int(address.rpartition(":")[2])

    async def cut(self) -> None:
        if self._serving is not None:
            await self._serving.__aexit__(None, None, None)
            self._serving = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    @property
    def ca_file(self) -> str:
        return str(self._certificate.ca)

    async def state(self, stream: str) -> Any:
        found = await self.world.journal.load([stream], SYSTEM)
        return fold(stream, found[stream].events) if stream in found else None

    def peer(self) -> PeerStatus:
        """The other node, as this one's desks see it."""
        assert self.office.services.peers is not None
        (found,) = self.office.services.peers.list_status()
        return found

    async def hears_the_other(self) -> bool:
        return self.peer().connected

    def pass_silence(self) -> None:
        self.world.clock.at_ms += SILENT_MS

    async def carry(self) -> int:
        """Every ask that is due, once; how many."""
        count = 0
        while effect := await self.asks.effects.claim("unit_ask", self.world.clock.at_ms, 1):
            await self.asks.carry(effect)
            count += 1
        return count

    async def fire_all(self) -> None:
        timers = Timers(self.office.database)
        while due := await timers.due(self.world.clock.at_ms):
            for timer in due:
                await fire(timer, self.world.clock.at_ms, self.world, timers)


@asynccontextmanager
async def node_site(
    name: str, database: Database, certificate: Certificate, web_root: Path = NO_PAGES
) -> AsyncIterator[NodeSite]:
    other = "county" if name == "city" else "city"
    async with opened(database, seats=True, node=name, peers=(other,), web_root=web_root) as office:
        site = NodeSite(name, office, certificate)
        await site.world.list_unit(UNIT)

        async def pump() -> None:
            while True:
                await office.pump()
                await asyncio.sleep(0.01)

        pumping = asyncio.create_task(pump())
        await site.serve()
        try:
            yield site
        finally:
            await site.cut()
            pumping.cancel()
            await asyncio.gather(pumping, return_exceptions=True)


@asynccontextmanager
async def linked(asking: NodeSite, asked: NodeSite, *, named: str = "") -> AsyncIterator[None]:
    """`asking` hears the board of the other, over TLS, by the key that it was given.

    `named`: as it believes the other to be called, where that is wrong.
    """
    accounts, entropy = asked.office.accounts, asked.world.entropy
    key = await register_node(accounts, entropy, org="centre", node=asking.name)
    assert isinstance(key, str)
    peers = asking.office.services.peers
    assert peers is not None
    peer = Peer(node=named or asked.name, url=asked.url, key=key)
    link = PeerLink(asking.name, peer, Path(asked.ca_file), peers.take, ask_s=0.02)
    asking.links[link.node] = link
    taker = Taker(node=link.node, copier=asking.asks.copier, accounts=asking.office.accounts)
    lines = [asyncio.create_task(work) for work in (link.run(), link.follow(taker))]
    try:
        yield
    finally:
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


@asynccontextmanager
async def neighbours(city: NodeSite, county: NodeSite) -> AsyncIterator[None]:
    """Each hears the other's board and cases."""
    async with linked(city, county), linked(county, city):
        await until(city.hears_the_other)
        await until(county.hears_the_other)
        yield


class Computer:
    """A vehicle's computer as `goldenhour edge` runs it: a store and a link for each node."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.boxes: list[Any] = []
        self.changed = asyncio.Event()

    async def add(self, site: NodeSite, folder: Path) -> None:
        made = await register(
            site.office.accounts, site.world.entropy,
            kind="edge", unit_id=UNIT, call_sign=UNIT, device_id="",
        )  # fmt: skip
        assert isinstance(made, Registered)
        assert made.vehicle is not None
        store = EdgeStore(folder / f"{site.name}.sqlite", site.world.entropy, self.clock)
        config = EdgeConfig(
            uplinks=(Uplink(name=site.name, url=site.url),), unit_id=UNIT,
            key=made.vehicle.key, ca_file=site.ca_file,
            slow_beat_s=0.05, knock_s=0.02, first_pause_s=0.02, longest_pause_s=0.1, roster_s=0.1,
        )  # fmt: skip
        hub = Hub(store, store, facts(), self.clock)
        self.boxes.append(
            SimpleNamespace(
                vehicle=SimpleNamespace(unit_id=UNIT, node=site.name),
                store=store,
                hub=hub,
                identity=Identity(orgs=("*vehicle",), topics=("*",)),
                desk=SimpleNamespace(world=TestWorld(journal=store, clock=self.clock)),
                link=EdgeLink(config, store, self.clock, site.world.entropy, hub.positions.take),
            )
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Computer"]:
        stopping = asyncio.Event()
        self.homes = Homes(self.boxes, self.clock, self.changed)
        await self.homes.choose()

        async def heed(_view: Any) -> None:
            await self.homes.heed(UNIT)

        for box in self.boxes:
            await box.hub.lead(box.identity, heed)
        tasks = [asyncio.create_task(box.hub.run()) for box in self.boxes]
        tasks += [asyncio.create_task(box.link.run(stopping)) for box in self.boxes]
        try:
            yield self
        finally:
            stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for box in self.boxes:
                await box.store.close()

    async def commander(self) -> str:
        chosen = await Homes(self.boxes, self.clock, self.changed).choose()
        return str(chosen[UNIT].vehicle.node)

    async def hears(self, node: str, stream: str) -> bool:
        box = next(box for box in self.boxes if box.vehicle.node == node)
        return stream in (await box.hub.scope(box.identity)).view.states
