"""The running parts of one vehicle, on what its sealed store keeps."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from msgspec.structs import replace
from prometheus_client import Gauge

from goldenhour.adapters import kept
from goldenhour.adapters.cards import CardReader, CardReaderConfig
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.ecg import (
    EcgArchive,
    EcgUplink,
    FileCarrier,
    ImportFolder,
    RhythmEar,
    SegmentStore,
    UplinkConfig,
)
from goldenhour.adapters.edge import (
    EdgeAccounts,
    EdgeConfig,
    EdgeLink,
    EdgeStore,
    Errand,
    SealedFiles,
)
from goldenhour.adapters.edge.vitals import NUMERICS_KEPT_MS
from goldenhour.adapters.files import FileFolder, ParcelCarrier, ParcelConfig
from goldenhour.adapters.jt1078 import (
    CabinLive,
    Recorder,
    RecorderConfig,
    RunNow,
    VideoFolder,
    VideoUplinkConfig,
)
from goldenhour.adapters.web.services import Desk
from goldenhour.app.alarming import Alarming
from goldenhour.app.chart import chart, doubt_clock, names_other, place
from goldenhour.app.devices import Vehicle
from goldenhour.app.journal import Identity, StoreFullError
from goldenhour.app.live import Hub
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.domain.case import Facts
from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.telemetry import NumericSet, Strip
from goldenhour.kernel.time import SECOND_MS
from goldenhour.main.cameras import run_of_vehicle
from goldenhour.main.city_parts import CityParts
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.node import LiveWorld
from goldenhour.main.safes import Safe
from goldenhour.main.settings import Settings
from goldenhour.views.fold import Folded

_PENDING = Gauge(
    "goldenhour_uploads_pending", "Items that are not known to be durable at the centre", ["unit"]
)

_log = structlog.get_logger(__name__)
_RELEASE_S = 3_600.0
_SILENCE_S = 1.0
ROOM: Final = 100
"""Numbers for what one message of a device makes alarm."""
_HEARD: Final = 600
"""Packets: two minutes of five a second."""


@dataclass
class Box:
    """The running parts of one vehicle."""

    vehicle: Vehicle
    clock: Clock
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
    image_carrier: ParcelCarrier
    film_carrier: ParcelCarrier
    cabin: VideoFolder
    recorder: Recorder
    live: CabinLive
    run_now: RunNow
    video_carrier: ParcelCarrier
    cards: CardReader | None
    tablet_key: Callable[[str], bytes]
    """By which a tablet seals what it could not send yet."""
    folder: Path
    owned: tuple[tuple[str, Path], ...]
    """Folders of files, by the kind of stream that owns what lies in them."""
    charted: int = 0
    alarming: Alarming = field(default_factory=Alarming)
    heard: asyncio.Queue[Strip] = field(default_factory=lambda: asyncio.Queue(_HEARD))
    """What the watch on the live ECG has not looked at yet."""

    async def take_numerics(self, item: NumericSet, named: str) -> None:
        """Kept first, then shown, charted where it is worth it, and held against the limits."""
        scope = await self.hub.scope(self.identity)
        item = doubt_clock(item, self.desk.world.facts.limits)
        if names_other(item, named, scope.view):
            item = replace(item, mismatch=True)
        try:
            await self.store.append_numerics([item])
        except StoreFullError:
            # The crew still sees it; the monitor gets no acknowledgement and says it again.
            self.hub.take_numerics(replace(item, unstored=True))
            await self._alarm(item, scope.view, self._next(item.received_ms))
            raise
        self.hub.take_numerics(item)
        sequence = self._next(item.received_ms)
        try:
            org = f"unit:{item.unit_id}"
            await chart(item, scope.view, self.desk.world, org=org, sequence=sequence)
        finally:
            await self._alarm(item, scope.view, sequence)

    def _next(self, received_ms: int) -> int:
        self.charted += 1
        return received_ms * 1000 + self.charted % 1000

    async def _alarm(self, item: NumericSet, view: Folded, sequence: int) -> None:
        """Held against the limits; on a full disk what alarms is on the screens alone."""
        # Several signs of one set may begin to alarm: each takes a number of its own (`ROOM`).
        org, world = f"unit:{item.unit_id}", self.desk.world
        await self.alarming.take_numerics(item, view, world, org=org, sequence=sequence * ROOM)
        self.hub.unrecorded = self.alarming.list_unrecorded()

    async def take_alarms(self, alarms: Sequence[DeviceAlarm], received_ms: int) -> None:
        """What a device alarms by itself; raises StoreFullError where a patient's is not kept."""
        scope = await self.hub.scope(self.identity)
        unit_id = self.vehicle.unit_id
        try:
            await self.alarming.take_own(
                unit_id,
                alarms,
                received_ms,
                scope.view,
                self.desk.world,
                org=f"unit:{unit_id}",
                sequence=self._next(received_ms) * ROOM,
            )
        finally:
            self.hub.unrecorded = self.alarming.list_unrecorded()

    async def watch_silence(self) -> None:
        """Say for ever which devices that alarm have fallen silent; it needs no link."""
        unit_id = self.vehicle.unit_id
        while True:
            await asyncio.sleep(_SILENCE_S)
            scope = await self.hub.scope(self.identity)
            try:
                await self.alarming.take_silence(
                    unit_id,
                    self.clock.now_ms(),
                    scope.view,
                    self.desk.world,
                    org=f"unit:{unit_id}",
                )
            except Exception:  # noqa: BLE001 (logged: as of the watch on the ECG)
                _log.exception("vehicle.silence_not_watched", unit_id=unit_id)
            self.hub.unrecorded = self.alarming.list_unrecorded()

    def show_strip(self, item: Strip) -> None:
        self.uplink.take(item)
        for timed in self.strips.timed(item):
            self.desk.strips.take(timed)
            if self.heard.full():
                self.heard.get_nowait()
            self.heard.put_nowait(timed)

    async def watch_ecg(self) -> None:
        """Look at what the ECG sources send, for ever; it needs neither link nor disk."""
        ear = RhythmEar(self.desk.world.facts.care.rhythm)
        unit_id = self.vehicle.unit_id
        while True:
            strips = [await self.heard.get()]
            while not self.heard.empty():
                strips.append(self.heard.get_nowait())
            try:
                for heard in await asyncio.to_thread(ear.hear, strips):
                    scope = await self.hub.scope(self.identity)
                    await self.alarming.take_rhythm(
                        unit_id, heard, scope.view, self.desk.world, org=f"unit:{unit_id}"
                    )
                    self.hub.unrecorded = self.alarming.list_unrecorded()
            except Exception:  # noqa: BLE001 (logged: a faulty stream must not stop the vehicle)
                # The vehicle goes on, and so does the watch with what comes next.
                _log.exception("vehicle.ecg_not_watched", unit_id=unit_id)

    async def take_strips(self, items: Sequence[Strip]) -> int:
        """Kept, and said whom the source is on; with every key packet, for people come aboard."""
        await self.strips.append(items)
        unit_id = self.vehicle.unit_id
        for item in items:
            if item.clock is None:
                continue
            scope = await self.hub.scope(self.identity)
            try:
                await place(
                    item.clock.device_id,
                    unit_id,
                    scope.view,
                    self.desk.world,
                    org=f"unit:{unit_id}",
                    sequence=item.received_ms,
                    now_ms=item.received_ms,
                )
            except StoreFullError as error:
                # The ECG itself is on the disk, and goes on.
                _log.error("vehicle.ecg_not_placed", unit_id=unit_id, reason=repr(error))
        return self.strips.through(unit_id, items[0].epoch)

    def hangs_here(self, device_id: str) -> bool:
        """By the centre's word; until it has spoken, by the vehicle's own file."""
        allowed = self.link.monitors
        return device_id in (self.vehicle.monitors if allowed is None else allowed)


def open_box(
    safe: Safe[Vehicle],
    settings: Settings,
    uplinks: tuple[Uplink, ...],
    facts: Facts,
    parts: CityParts,
    *,
    errands: Sequence[Errand] = (),
    keep_free_bytes: int,
) -> Box:
    """The parts of one vehicle, on what its safe keeps."""
    clock = SystemClock()
    vehicle, folder, vault = safe.computer, safe.folder, safe.vault
    store = EdgeStore(folder / "journal.sqlite", entropy, clock, vault.key_for("journal"))
    sealed = SealedFiles(vault.key_for("files"), entropy)
    if (roster := store.find_roster()) is not None:
        vault.keep_people([person.username for person in roster.people])
    _PENDING.labels(vehicle.unit_id).set_function(store.pending_count)
    config = EdgeConfig(
        uplinks=uplinks,
        unit_id=vehicle.unit_id,
        key=vehicle.key,
        ca_file=str(settings.trusted_ca),
    )
    hub = Hub(store, store, facts, clock, parts.travel.locate)
    off_ms = facts.limits.ecg_clock_s * SECOND_MS
    strips = SegmentStore(folder / "ecg", sealed, clock_off_ms=off_ms)
    imports = ImportFolder(folder / "ecg-files", sealed, keep_free_bytes)
    pictures = ImageFolder(folder / "images", sealed, keep_free_bytes)
    captured = FileFolder(folder / "files", sealed)
    cabin = VideoFolder(folder / "video", sealed)
    uplink = UplinkConfig(
        unit_id=vehicle.unit_id,
        authorization=f"Edge {store.installation}:{vehicle.key}",
        ca_file=str(settings.trusted_ca),
    )
    parcels = ParcelConfig(authorization=uplink.authorization, ca_file=uplink.ca_file)
    accounts = EdgeAccounts(store, vault)
    link = EdgeLink(
        config,
        store,
        clock,
        entropy,
        on_fix=hub.positions.take,
        on_roster=accounts.keep_people,
        errands=errands,
    )
    safe.link_lost = _lost(link)
    video = VideoUplinkConfig(
        unit_id=uplink.unit_id, authorization=uplink.authorization, ca_file=uplink.ca_file
    )
    world = LiveWorld(journal=store, facts=facts, entropy=entropy)
    identity = Identity(orgs=("*vehicle",), topics=("*",))
    run_now = run_of_vehicle(hub, identity, vehicle.unit_id)

    async def off_run() -> bool:
        return not await run_now()

    return Box(
        vehicle=vehicle,
        clock=clock,
        store=store,
        link=link,
        accounts=accounts,
        hub=hub,
        desk=Desk(
            world=world,
            reader=store,
            hub=hub,
            telemetry=store,
            ecg=EcgArchive(folder / "ecg", sealed),
            imports=imports,
            images=pictures,
            files=captured,
        ),
        identity=identity,
        strips=strips,
        uplink=EcgUplink(uplink, strips, link.uplinks),
        carrier=FileCarrier(uplink, imports, link.uplinks),
        images=pictures,
        image_carrier=ParcelCarrier(parcels, DataClass.IMAGES, (pictures, captured), link.uplinks),
        film_carrier=ParcelCarrier(parcels, DataClass.VIDEO, (captured,), link.uplinks),
        cabin=cabin,
        recorder=Recorder(cabin, RecorderConfig()),
        run_now=run_now,
        live=CabinLive(video, link.uplinks, run_now, clock, folder / "cabin-closed"),
        video_carrier=ParcelCarrier(parcels, DataClass.VIDEO, (cabin,), link.uplinks, off_run),
        cards=_card_reader(vehicle, clock),
        tablet_key=lambda tablet: vault.key_for(f"tablet {tablet}"),
        folder=folder,
        owned=(
            ("patient", folder / "files"),
            ("patient", folder / "ecg-files"),
            ("mission", folder / "images"),
        ),
    )


def _lost(link: EdgeLink) -> Callable[[], bool]:
    return lambda: not link.connected


def linked(box: Box, stopping: asyncio.Event) -> Any:
    async def run() -> None:
        async with asyncio.TaskGroup() as lines:
            lines.create_task(box.link.run(stopping))
            lines.create_task(box.uplink.run(stopping))
            lines.create_task(box.carrier.run(stopping))
            lines.create_task(box.image_carrier.run(stopping))
            lines.create_task(box.film_carrier.run(stopping))
            lines.create_task(box.video_carrier.run(stopping))
            if box.vehicle.cameras:
                lines.create_task(box.live.run(stopping))
            releasing = lines.create_task(_release_for_ever(box))
            await stopping.wait()
            releasing.cancel()

    return run


async def _release_for_ever(box: Box) -> None:
    while True:
        try:
            await release(box.store, box.owned, box.identity)
            old_s = (SystemClock().now_ms() - NUMERICS_KEPT_MS) / 1000
            await box.strips.let_go(box.vehicle.unit_id, old_s)
        except OSError as error:
            _log.error("vehicle.files_not_released", reason=repr(error))
        await asyncio.sleep(_RELEASE_S)


async def release(store: EdgeStore, owned: Sequence[tuple[str, Path]], identity: Identity) -> None:
    """Let files go with the right to their owner; `owned`: kind of the owner's stream, folder."""
    for kind, folder in owned:
        owners = await asyncio.to_thread(kept.list_owners, folder)
        held = await store.readable([f"{kind}:{owner}" for owner in owners], identity)
        for owner in owners:
            if f"{kind}:{owner}" not in held:
                await asyncio.to_thread(kept.let_go, folder / owner)


def _card_reader(vehicle: Vehicle, clock: Clock) -> CardReader | None:
    port = vehicle.card_reader_port
    return CardReader(CardReaderConfig(host="127.0.0.1", port=port), clock) if port else None
