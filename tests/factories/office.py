"""A centre's web server on a real database, with people of every role in two centres."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, Final

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from websockets.asyncio.client import ClientConnection, connect

from factories.world import FakeClock, TestWorld, facts
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.ecg import EcgArchive, ImportFolder
from goldenhour.adapters.files import FileFolder
from goldenhour.adapters.jt1078 import VideoFolder
from goldenhour.adapters.peers import PeerLink
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.clocks import PostgresClocks
from goldenhour.adapters.postgres.copies import PostgresCopies
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.painted import PostgresPainted
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import Feed, move_once
from goldenhour.adapters.postgres.strangers import PostgresStrangers
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.adapters.postgres.ways import PostgresWays
from goldenhour.adapters.web.app import create_app
from goldenhour.adapters.web.identity import SESSION_MS, hash_password, token_hash
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app.access import Organisation, Role, identity_of
from goldenhour.app.accounts import DemoAccount, Person
from goldenhour.app.cabin import CabinSwitch
from goldenhour.app.clocks import VehicleClocks
from goldenhour.app.copies import Copier
from goldenhour.app.handing import CaseDeed, Getter, Giver
from goldenhour.app.lending import AskAnswer, Lender
from goldenhour.app.live import Hub
from goldenhour.app.maps import MapShelf
from goldenhour.app.observe import Observer
from goldenhour.app.peers import Peers
from goldenhour.app.ports import WayMatching
from goldenhour.app.tablet import CentreEar
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.content.exchange import load_exchange
from goldenhour.content.rules import load_rules
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.centre import Centre
from goldenhour.main.drills.authz_site import Parked
from goldenhour.main.learner import Follower
from goldenhour.main.local_ca import Certificate
from goldenhour.main.pages import content_json
from goldenhour.main.peers import org_of

COOKIE: Final = "goldenhour_session"
PASSWORD: Final = "correct horse 120"
NO_PAGES: Final = Path("none")
SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAGE: Final = "page-0001"
ORGANISATIONS: Final = (
    ("city", "", "city"),
    ("centre", "city", "centre"),
    ("county", "city", "centre"),
    ("station:s1", "centre", "station"),
    ("unit:A-01", "station:s1", "unit"),
    ("unit:A-02", "station:s1", "unit"),
    ("hospital:h1", "city", "hospital"),
    ("hospital:h2", "city", "hospital"),
)
PEOPLE: Final = (
    ("dispatcher", Role.DISPATCHER, "centre"),
    ("supervisor", Role.SUPERVISOR, "centre"),
    ("quality", Role.QUALITY, "centre"),
    ("county", Role.DISPATCHER, "county"),
    ("crew1", Role.CREW, "unit:A-01"),
    ("crew2", Role.CREW, "unit:A-02"),
    ("hospital1", Role.HOSPITAL, "hospital:h1"),
    ("hospital2", Role.HOSPITAL, "hospital:h2"),
    ("admin", Role.ADMIN, "city"),
)
DEMO: Final = DemoAccount(
    username="demo", password=PASSWORD, role=Role.DISPATCHER, name="demo", url="/", org="centre"
)


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class Lines:
    """What a test has connected this node with."""

    accounts: PostgresAccounts
    links: dict[str, PeerLink] = field(default_factory=dict)

    async def deed(self, node: str, deed: CaseDeed) -> AskAnswer | None:
        return await self.links[node].deed(deed) if node in self.links else None

    async def tell_again(self, node: str) -> bool:
        if node in self.links:
            await self.links[node].begin_again()
        return node in self.links

    async def org_of(self, node: str) -> str:
        return await org_of(node, self.accounts)


@dataclass
class Office:
    app: Litestar
    client: httpx.AsyncClient
    world: TestWorld
    accounts: PostgresAccounts
    hub: Hub
    database: Database
    counterpart: Centre
    """Of vehicles and fallback seats."""
    services: Services
    told: list[Fix]
    """Positions of tablets, as the worker hears of them."""
    streets: Follower | None = None
    sequence: int = 0
    lines: Lines | None = None
    """To other nodes."""

    async def cookie(self, username: str) -> dict[str, str]:
        """The header of a session of this person, without the ceremony of logging in."""
        now_ms = self.world.clock.at_ms
        token = self.world.entropy(32).hex()
        await self.accounts.open_session(token_hash(token), username, now_ms, now_ms + SESSION_MS)
        return {"cookie": f"{COOKIE}={token}"}

    async def say(
        self, cookie: dict[str, str], command: dict[str, Any], sequence: int = 0
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of a command as a page sends it."""
        self.sequence += 1
        body = {
            "installation": PAGE,
            "sequence": sequence or self.sequence,
            "command": command,
        }
        answer = await self.client.post("/api/commands", json=body, headers=cookie)
        return answer.status_code, answer.json()

    async def pump(self) -> None:
        """The relay and the hub, one turn each."""
        async with self.database.system() as connection:
            await move_once(connection)
        await self.hub.advance()


def person(username: str, role: Role, org: str, **changes: Any) -> Person:
    kind, _, ident = org.partition(":")
    given: dict[str, Any] = {
        "id": username,
        "username": username,
        "name": username,
        "role": role,
        "org": org,
        "seat": username,
        "unit_id": ident if kind == "unit" else "",
        "hospital_id": ident if kind == "hospital" else "",
        "password_hash": password_hash(),
        "totp_secret": SECRET,
        "active": True,
        "demo": False,
    }
    return Person(**(given | changes))


async def furnish(accounts: PostgresAccounts, now_ms: int) -> None:
    for ident, parent, kind in ORGANISATIONS:
        await accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    for username, role, org in PEOPLE:
        await accounts.put_person(person(username, role, org), now_ms)


@asynccontextmanager
async def opened(
    database: Database,
    *,
    demo: bool = False,
    web_root: Path = NO_PAGES,
    proofs: Ed25519PrivateKey | None = None,
    ecg: Path | None = None,
    edge: bool = False,
    seats: bool = False,
    cabin: CabinSwitch | None = None,
    mask_callers: bool = False,
    matching: WayMatching | None = None,
    streets: Follower | None = None,
    terminal_media: TerminalMedia | None = None,
    node: str = "",
    peers: Sequence[str] = (),
    maps: MapShelf | None = None,
) -> AsyncIterator[Office]:
    """`ecg`: a folder for ECG, which is kept there as a centre keeps it; vehicles may speak then.

    `edge`: they may speak without it. `seats`: what they upload is taken. `cabin`: the cameras of
    unit A-01, as at its own computer. `node`, `peers`: its name, and those beside it.
    """
    clock = FakeClock()
    journal = PostgresJournal(database, clock)
    world = TestWorld(journal=journal, clock=clock, node=node)
    accounts = PostgresAccounts(database)
    await furnish(accounts, clock.at_ms)
    tree = Tree()
    await tree.refresh(accounts)
    hub = Hub(journal, Feed(database), world.facts, clock)
    desk = Desk(
        world=world,
        reader=journal,
        hub=hub,
        telemetry=PostgresTelemetry(database),
        ecg=EcgArchive(ecg / "ecg") if ecg else None,
        imports=ImportFolder(ecg / "ecg-files") if ecg else None,
        images=ImageFolder(ecg / "images") if ecg else None,
        video=VideoFolder(ecg / "video") if ecg else None,
        files=FileFolder(ecg / "files") if ecg else None,
    )

    async def write_evidence(streams: Sequence[str], out: BinaryIO) -> None:
        assert proofs is not None
        await evidence.export(database, proofs, clock.at_ms, out, streams)

    observer = Observer(world, PostgresTelemetry(database), clock, hub)
    host: Any = SimpleNamespace(accounts=accounts)
    counterpart = Centre(host, observer, tree)
    await counterpart.refresh()
    told: list[Fix] = []

    async def tell(fixes: Sequence[Fix]) -> None:
        told.extend(fixes)

    telemetry, rules = PostgresTelemetry(database), load_rules()
    ear = CentreEar(hub.positions, telemetry, tell, clock, rules.dispatch.credible)
    copies = PostgresCopies(database, journal, clock)
    neighbours = Peers(peers, world, clock, hub.positions.take) if peers else None
    lines = Lines(accounts)
    services = Services(
        clock=clock,
        entropy=world.entropy,
        accounts=accounts,
        tree=tree,
        identity_of=lambda principal: identity_of(principal, tree.organisations),
        desk_of=lambda _principal: desk,
        facts=world.facts,
        rules=rules,
        exchange=load_exchange(facts().care),
        content=b"{}" if web_root == NO_PAGES else content_json(),
        cookie=COOKIE,
        world_name="training",
        demo_accounts=(DEMO,) if demo else (),
        doubles=(),
        web_root=web_root,
        history=journal,
        clocks=VehicleClocks(PostgresClocks(database)),
        erased=Erasure(database).is_erased,
        paintings=PostgresPainted(database),
        evidence=write_evidence if proofs else None,
        edge_centre=counterpart if seats else Parked() if ecg or edge else None,
        ear_of=lambda _unit_id: ear,
        cabin_of={"A-01": cabin}.get if cabin else None,
        mask_callers=mask_callers,
        matching=matching,
        ways=PostgresWays(database),
        learnt=(lambda: streets.learnt) if streets else None,
        taught_speeds=streets.taught_for if streets else None,
        mileage=PostgresTelemetry(database),
        strangers=PostgresStrangers(database),
        maps=maps,
        terminals=PostgresTerminals(database),
        terminal_media=terminal_media,
        peers=neighbours,
        copies=copies if peers else None,
        lender=Lender(world, copies, clock, rules.dispatch.lend, neighbours.now_at)
        if neighbours
        else None,
        tell_again=lines.tell_again if peers else None,
        giver=Giver(world, copies, clock) if peers else None,
        getter=Getter(world, Copier(world, copies, clock), lines.deed, lines.org_of)
        if peers
        else None,
    )
    with warnings.catch_warnings():
        # query_routes and app.py still declare parameters in the style that Litestar 3 drops.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = create_app(services)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own ASGI types
    async with httpx.AsyncClient(transport=transport, base_url="https://centre.local") as client:
        yield Office(
            app, client, world, accounts, hub, database, counterpart, services, told, streets,
            lines=lines,
        )  # fmt: skip


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def listening(
    office: Office, certificate: Certificate | None = None, port: int = 0
) -> AsyncIterator[str]:
    """The same application behind a real socket; its `ws://` address, with a certificate `wss://`."""
    config = uvicorn.Config(
        office.app,
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    await server.listening.wait()
    try:
        scheme = "wss" if certificate else "ws"
        yield f"{scheme}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def live(address: str, cookie: dict[str, str], after: int | None = None) -> connect:
    query = "" if after is None else f"?after={after}"
    return connect(f"{address}/api/live{query}", additional_headers=cookie)


__all__ = ["ClientConnection", "Office", "listening", "live", "opened", "person"]
