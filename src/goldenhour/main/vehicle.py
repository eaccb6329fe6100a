"""`goldenhour edge`: the computer of one vehicle, or of each vehicle of a demo, in its own process.

It serves the crew console from its own store, listens to the patient monitor, and talks to the
centre whenever there is a link. Nothing here waits for the network.
"""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from sqlcipher3 import dbapi2 as sqlite3

from goldenhour.adapters.ecg import (
    EcgConfig,
    EcgListener,
)
from goldenhour.adapters.edge import EdgeStore, FetchSpeeds, TellStrangers
from goldenhour.adapters.jt1078 import CabinLive
from goldenhour.adapters.mllp import MllpConfig, MllpListener
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services, Tree
from goldenhour.app.access import Principal
from goldenhour.app.accounts import Person
from goldenhour.app.devices import Vehicle
from goldenhour.app.edge import AsideItem, EdgeStatus
from goldenhour.app.live import Heed
from goldenhour.app.observe import not_taken
from goldenhour.app.ports import Stretch
from goldenhour.app.roads import stretches_of
from goldenhour.app.strangers import StrangerBook, StrangerNews
from goldenhour.app.tablet import VehicleEar
from goldenhour.app.uplinks import Uplink
from goldenhour.app.video import VideoStatus
from goldenhour.content.devices import load_quirks
from goldenhour.content.exchange import load_exchange
from goldenhour.content.facts import load_facts
from goldenhour.content.rules import load_rules
from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.telemetry import NumericSet, Strip
from goldenhour.main.box import Box, linked, open_box
from goldenhour.main.box_map import BoxMap
from goldenhour.main.cameras import record_cabins
from goldenhour.main.city_parts import open_city
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_file import list_doubles, read_demo_accounts
from goldenhour.main.homes import Homes
from goldenhour.main.https import serve_https
from goldenhour.main.owners import Owners
from goldenhour.main.pages import content_json, web_root
from goldenhour.main.safes import Safes
from goldenhour.main.scanners import take_pictures
from goldenhour.main.settings import Settings
from goldenhour.main.taught_speeds import VehicleSpeeds
from goldenhour.views.fold import Folded

COOKIE: Final = "goldenhour_vehicle"
SPEEDS_FILE: Final = "edge/street-speeds.json"
READY_S = 2.0


async def run_edge(
    settings: Settings, vehicles: Sequence[Vehicle], uplinks: tuple[Uplink, ...]
) -> None:
    """Until a signal. Begun again whenever a store is opened, or a computer revoked."""
    clock = SystemClock()
    computers = {_folder_of(vehicle): vehicle for vehicle in vehicles}
    safes = Safes(
        settings,
        computers,
        uplinks,
        clock,
        port=settings.edge_port,
        cookie=COOKIE,
        centres={name: vehicle.centre for name, vehicle in computers.items() if vehicle.centre},
    )
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(safes.run())
        while await safes.open_some():
            await _run_boxes(settings, safes, uplinks, clock)
            if not safes.changed.is_set():
                break
        asking.cancel()


def _folder_of(vehicle: Vehicle) -> str:
    """A store for each node that may command it."""
    return f"{vehicle.unit_id}@{vehicle.node}" if vehicle.centre else vehicle.unit_id


def _uplinks_of(vehicle: Vehicle, uplinks: tuple[Uplink, ...]) -> tuple[Uplink, ...]:
    return (Uplink(name=vehicle.node, url=vehicle.centre),) if vehicle.centre else uplinks


async def _run_boxes(
    settings: Settings, safes: Safes[Vehicle], uplinks: tuple[Uplink, ...], clock: SystemClock
) -> None:
    """The vehicles whose stores are open, until a signal or a change of them."""
    facts = load_facts(formulary=settings.formulary_file, node=settings.node)
    makers = load_quirks().makers
    rules = load_rules()
    keep_free_bytes = rules.files.keep_free_bytes
    box_map = BoxMap(settings, clock, keep_free_bytes)
    parts = open_city(box_map.folder)
    speeds = (
        VehicleSpeeds(parts.network, parts.travel, clock, settings.state_dir / SPEEDS_FILE)
        if parts.network
        else None
    )
    strangers = StrangerBook(clock)
    served = safes.list_open()
    every = [
        open_box(
            safe,
            settings,
            _uplinks_of(safe.computer, uplinks),
            facts,
            parts,
            errands=(
                *((FetchSpeeds(speeds),) if speeds else ()),
                *_telling(safe.computer, [one.computer for one in served], strangers),
                *((box_map.fetch,) if box_map.fetch and safe is served[0] else ()),
            ),
            keep_free_bytes=keep_free_bytes,
        )
        for safe in served
    ]
    homes = Homes(every, clock, safes.changed)
    boxes = await homes.choose()
    stopping = asyncio.Event()

    async def monitors() -> None:
        config = MllpConfig(host=settings.host, port=settings.mllp_port)

        async def sink(item: NumericSet, named: str) -> None:
            await boxes[item.unit_id].take_numerics(item, named)

        async def on_alarms(unit_id: str, alarms: Sequence[DeviceAlarm], at_ms: int) -> None:
            await boxes[unit_id].take_alarms(alarms, at_ms)

        owners = Owners(boxes, strangers, "hl7")
        async with MllpListener(
            config,
            directory=owners,
            sink=sink,
            on_alarms=on_alarms,
            clock=clock,
            makers=makers,
            on_refused=owners.refused,
        ):
            await asyncio.Event().wait()

    async def ecg() -> None:
        config = EcgConfig(host=settings.host, port=settings.ecg_port)

        async def sink(items: Sequence[Strip]) -> int:
            return await boxes[items[0].unit_id].take_strips(items)

        def on_strip(item: Strip) -> None:
            boxes[item.unit_id].show_strip(item)

        owners = Owners(boxes, strangers, "ecg")
        async with EcgListener(config, directory=owners, sink=sink, on_strip=on_strip, clock=clock):
            await asyncio.Event().wait()

    ears = {
        unit_id: VehicleEar(
            box.hub.positions, box.link.tell_position, clock, rules.dispatch.credible
        )
        for unit_id, box in boxes.items()
    }

    async def services() -> Services:
        for box in every:
            heed = _heeding(parts.travel, homes, box.vehicle.unit_id)
            await box.hub.lead(box.identity, heed)
        return Services(
            clock=clock,
            entropy=entropy,
            accounts=_Everyone(every),  # type: ignore[arg-type] # a vehicle knows logins, not administration
            tree=Tree(),
            identity_of=lambda principal: boxes[_unit_of(principal, boxes)].identity,
            desk_of=lambda principal: boxes[_unit_of(principal, boxes)].desk,
            facts=facts,
            rules=rules,
            exchange=load_exchange(facts.care, ws542=settings.ws542_file),
            content=content_json(settings.formulary_file),
            cookie=COOKIE,
            learn_password=lambda person, password: boxes[person.unit_id].accounts.learn_password(
                person, password
            ),
            tablet_key=lambda principal, tablet: boxes[_unit_of(principal, boxes)].tablet_key(
                tablet
            ),
            world_name=settings.world,
            demo_accounts=tuple(a for a in read_demo_accounts(settings) if a.role == "crew"),
            doubles=list_doubles(settings),
            web_root=web_root(),
            city=parts.city,
            tiles=parts.tiles,
            addresses=parts.addresses,
            router=parts.router,
            travel=parts.travel,
            edge_status=lambda unit_id: _status(boxes, homes, strangers, box_map, unit_id),
            not_taken=lambda unit_id, since_ms: _not_taken(boxes, unit_id, since_ms),
            cabin_of=lambda unit_id: _cabin(boxes, unit_id),
            card_reader_of=lambda unit_id: boxes[unit_id].cards if unit_id in boxes else None,
            ear_of=ears.get,
            mask_callers=settings.mask_callers,
            ca_file=settings.own_ca,
            ready=lambda: ready_of([box.store for box in every]),
            background=(
                monitors,
                ecg,
                lambda: take_pictures(settings, boxes.values(), clock, strangers),
                lambda: record_cabins(settings, boxes.values(), clock, strangers),
                *(box.hub.run for box in every),
                *(box.watch_ecg for box in every),
                *(box.watch_silence for box in every),
                *(box.hub.sweep_for_ever for box in every),
                *(box.hub.positions.place_for_ever for box in every),
                lambda: box_map.watch([box.run_now for box in every], safes.changed),
                *((speeds.run,) if speeds else ()),
                *(linked(box, stopping) for box in every),
                *(box.cards.watch for box in boxes.values() if box.cards is not None),
            ),
        )

    try:
        await serve_https(settings, settings.edge_port, services, safes.changed)
    finally:
        stopping.set()
        parts.close()
        for box in every:
            await box.store.close()
            await box.strips.close()


def _telling(
    vehicle: Vehicle, served: Sequence[Vehicle], book: StrangerBook
) -> tuple[TellStrangers, ...]:
    """Of the vehicles of one centre the first tells it; what spoke may hang in any of them."""
    own = [one for one in served if one.centre == vehicle.centre]
    return (TellStrangers(StrangerNews(book), len(own) - 1),) if own[0] is vehicle else ()


async def ready_of(stores: Sequence[EdgeStore]) -> Mapping[str, bool]:
    """Every vehicle's store answers."""
    try:
        async with asyncio.timeout(READY_S):
            for store in stores:
                await store.known()
    except (TimeoutError, sqlite3.Error):
        return {"store": False}
    return {"store": True}


def _heeding(travel: RoadTravel, homes: Homes, unit_id: str) -> Heed:
    """What a vehicle hears of shut roads counts in its travel times and on its way.

    What it hears of its command counts in what it obeys.

    The vehicles of a demo share them: there the newest word of any of them counts.
    """
    known: tuple[Stretch, ...] = ()

    async def heed(view: Folded) -> None:
        nonlocal known
        heard = stretches_of(view)
        if heard != known:
            known = heard
            await travel.set_stretches(heard)
        await homes.heed(unit_id)

    return heed


def _unit_of(principal: Principal, boxes: Mapping[str, Box]) -> str:
    if principal.unit_id not in boxes:
        raise ProblemError(403, "not_allowed")
    return principal.unit_id


def _status(
    boxes: Mapping[str, Box],
    homes: Homes,
    strangers: StrangerBook,
    box_map: BoxMap,
    unit_id: str,
) -> EdgeStatus:
    if unit_id not in boxes:
        raise ProblemError(404, "absent")
    box = boxes[unit_id]
    status = box.link.status(
        backlog=box.uplink.waiting,
        images=box.image_carrier.waiting,
        segments=box.video_carrier.waiting + box.film_carrier.waiting,
        video=_video(box) if box.vehicle.cameras else None,
    )
    disk = shutil.disk_usage(box.folder)
    return replace(
        status,
        card_reader=box.cards.connected if box.cards else None,
        disk_used=round(disk.used / (disk.used + disk.free), 3),
        commander=homes.told(unit_id)[0],
        refused=homes.told(unit_id)[1],
        strangers=strangers.list_all(),
        map=box_map.status(),
    )


async def _not_taken(boxes: Mapping[str, Box], unit_id: str, since_ms: int) -> list[AsideItem]:
    if unit_id not in boxes:
        raise ProblemError(404, "absent")
    return [not_taken(one) for one in await boxes[unit_id].store.list_aside(since_ms)]


def _video(box: Box) -> VideoStatus:
    status = box.recorder.status(len(box.vehicle.cameras))
    return replace(status, watchers=box.live.watchers, closed=box.live.closed)


def _cabin(boxes: Mapping[str, Box], unit_id: str) -> CabinLive | None:
    box = boxes.get(unit_id)
    return box.live if box is not None and box.vehicle.cameras else None


class _Everyone:
    """The logins of every vehicle of this process: each knows its own crew."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        self._found: dict[bytes, Box] = {}
        """Where each session was found: asked first, since every screen asks all the time."""

    async def find_username(self, username: str) -> Person | None:
        for box in self._boxes:
            if person := await box.accounts.find_username(username):
                return person
        return None

    async def find_person(self, person_id: str) -> Person | None:
        for box in self._boxes:
            if person := await box.accounts.find_person(person_id):
                return person
        return None

    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None:
        for box in self._boxes:
            if await box.accounts.find_person(person_id):
                await box.accounts.open_session(token_hash, person_id, now_ms, expires_ms)

    async def find_session(self, token_hash: bytes, now_ms: int) -> Person | None:
        known = self._found.pop(token_hash, None)
        boxes: list[Box] = [*([known] if known else []), *self._boxes]
        for box in boxes:
            if person := await box.accounts.find_session(token_hash, now_ms):
                self._found[token_hash] = box
                return person
        return None

    async def close_session(self, token_hash: bytes, now_ms: int) -> None:
        for box in self._boxes:
            await box.accounts.close_session(token_hash, now_ms)

    async def log_access(
        self, at_ms: int, person: str, action: str, subject: str, outcome: str
    ) -> None:
        """Log-ins at a vehicle are told to the centre with the next events; nothing to do here."""
