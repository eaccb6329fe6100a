"""`goldenhour seat`: a centre's fallback seat, which takes calls and sends units without it.

It keeps the centre's board, addresses, cards, telephone numbers and units in a sealed store of its
own, as a vehicle's computer does, and serves the desk from it. What is decided here and when, see
`app/seat.py`.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Gauge

from goldenhour.adapters.edge import EdgeAccounts, EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app import roads
from goldenhour.app.devices import Seat
from goldenhour.app.journal import Identity, StoreFullError
from goldenhour.app.live import Hub
from goldenhour.app.ports import Clock
from goldenhour.app.seat import SeatMode
from goldenhour.app.seat_authority import series_of
from goldenhour.app.uplinks import Uplink
from goldenhour.content.exchange import load_exchange
from goldenhour.content.facts import load_facts
from goldenhour.content.rules import load_rules
from goldenhour.domain.case import Facts
from goldenhour.main.city_parts import CityParts, open_city
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_file import list_doubles, read_demo_desk
from goldenhour.main.https import serve_https
from goldenhour.main.node import LiveWorld
from goldenhour.main.pages import content_json, web_root
from goldenhour.main.safes import Safe, Safes
from goldenhour.main.settings import Settings
from goldenhour.main.vehicle import ready_of
from goldenhour.main.vehicle_file import SEAT_FILE, read_seat
from goldenhour.views.fold import Folded

COOKIE: Final = "goldenhour_seat"
IDENTITY: Final = Identity(orgs=("*seat",), topics=("*",))
REFRESH_S: Final = 2.0
_PENDING = Gauge(
    "goldenhour_seat_uploads_pending", "Items that are not known to be durable at the centre"
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SeatParts:
    """The running parts of one fallback seat."""

    seat: Seat
    store: EdgeStore
    link: EdgeLink
    accounts: EdgeAccounts
    hub: Hub
    desk: Desk
    mode: SeatMode


def open_seat(
    safe: Safe[Seat], config: EdgeConfig, facts: Facts, city: CityParts, clock: Clock
) -> SeatParts:
    """On what its safe keeps; raises StoreError."""
    seat, vault = safe.computer, safe.vault
    key, series = vault.key_for("journal"), series_of(seat.seat)
    store = EdgeStore(safe.folder / "journal.sqlite", entropy, clock, key, series)
    if (roster := store.find_roster()) is not None:
        vault.keep_people([person.username for person in roster.people])
    hub = Hub(store, store, facts, clock, city.travel.locate)
    accounts = EdgeAccounts(store, vault)
    link = EdgeLink(
        config,
        store,
        clock,
        entropy,
        on_fix=hub.positions.take,
        on_roster=accounts.keep_people,
    )
    world = LiveWorld(journal=store, facts=facts, entropy=entropy)

    async def view() -> Folded:
        return (await hub.scope(IDENTITY)).view

    safe.link_lost = lambda: not link.connected
    return SeatParts(
        seat=seat,
        store=store,
        link=link,
        accounts=accounts,
        hub=hub,
        desk=Desk(world=world, reader=store, hub=hub, telemetry=store),
        mode=SeatMode(
            seat,
            config.uplinks[0].url,
            line=link,
            store=store,
            view=view,
            world=world,
            identity=IDENTITY,
            clock=clock,
        ),
    )


async def services_of(
    parts: SeatParts, settings: Settings, city: CityParts, facts: Facts, clock: Clock
) -> Services:
    """What its web server works on; the board is folded when this returns."""
    travel, tree = city.travel, Tree()
    await parts.hub.lead(IDENTITY, lambda view: travel.set_stretches(roads.stretches_of(view)))
    await parts.mode.restore()
    await tree.refresh(parts.accounts)  # type: ignore[arg-type] # a seat knows logins, not administration
    stopping = asyncio.Event()

    async def refresh() -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            await tree.refresh(parts.accounts)  # type: ignore[arg-type] # as above

    async def unite() -> None:
        async for _wake in parts.store.wake_ups():
            try:
                await parts.mode.end_when_united()
            except StoreFullError as error:
                _log.error("seat.disk_full", error=str(error))

    async def link() -> None:
        await parts.link.run(stopping)

    return Services(
        clock=clock,
        entropy=entropy,
        accounts=parts.accounts,  # type: ignore[arg-type] # as above
        tree=tree,
        identity_of=lambda _principal: IDENTITY,
        desk_of=lambda _principal: parts.desk,
        facts=facts,
        rules=load_rules(),
        exchange=load_exchange(facts.care, ws542=settings.ws542_file),
        content=content_json(settings.formulary_file),
        cookie=COOKIE,
        learn_password=parts.accounts.learn_password,
        world_name=settings.world,
        demo_accounts=read_demo_desk(settings, parts.seat.org),
        doubles=list_doubles(settings),
        web_root=web_root(),
        city=city.city,
        tiles=city.tiles,
        addresses=city.addresses,
        router=city.router,
        travel=travel,
        road_lines=travel,
        seat=parts.mode,
        mask_callers=settings.mask_callers,
        ca_file=settings.own_ca,
        ready=lambda: ready_of([parts.store]),
        background=(
            parts.hub.run,
            parts.hub.sweep_for_ever,
            parts.hub.positions.place_for_ever,
            refresh,
            unite,
            link,
        ),
    )


async def run_seat(settings: Settings, file: Path | None, uplinks: tuple[Uplink, ...]) -> None:
    """Until a signal. Begun again whenever the store is opened, or the seat revoked.

    Raises SystemExit where the seat's file cannot be read.
    """
    clock, seat = SystemClock(), read_seat(file or settings.state_dir / SEAT_FILE)
    computers = {f"seat-{seat.seat}": seat}
    safes = Safes(settings, computers, uplinks, clock, port=settings.seat_port, cookie=COOKIE)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(safes.run())
        while await safes.open_some():
            await _run_open(settings, safes, uplinks, clock)
            if not safes.changed.is_set():
                break
        asking.cancel()


async def _run_open(
    settings: Settings, safes: Safes[Seat], uplinks: tuple[Uplink, ...], clock: Clock
) -> None:
    facts = load_facts(formulary=settings.formulary_file, node=settings.node)
    city = open_city(settings.city_dir)
    (safe,) = safes.list_open()
    config = EdgeConfig(
        uplinks=uplinks,
        unit_id=safe.computer.seat,
        key=safe.computer.key,
        ca_file=str(settings.trusted_ca),
    )
    parts = open_seat(safe, config, facts, city, clock)
    _PENDING.set_function(parts.store.pending_count)
    try:
        await serve_https(
            settings,
            settings.seat_port,
            lambda: services_of(parts, settings, city, facts, clock),
            safes.changed,
        )
    finally:
        city.close()
        await parts.store.close()
