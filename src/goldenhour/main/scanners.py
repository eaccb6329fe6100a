"""The vehicles' ear for ultrasound devices: every picture becomes one of the run that is active."""

import asyncio
from collections.abc import Iterable
from hashlib import sha256
from typing import Protocol

import structlog

from goldenhour.adapters.dicom import DicomConfig, DicomListener, ImageFolder
from goldenhour.adapters.web.services import Desk
from goldenhour.app.chart import place
from goldenhour.app.devices import Vehicle
from goldenhour.app.handle import handle
from goldenhour.app.images import origin_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.live import Hub
from goldenhour.app.ports import Clock
from goldenhour.app.strangers import StrangerBook
from goldenhour.app.told import installation_of, of_image
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.settings import Settings
from goldenhour.wire.ultrasound import read_patient_number

_log = structlog.get_logger(__name__)


class Holder(Protocol):
    """The part of a vehicle's box that is needed here."""

    @property
    def vehicle(self) -> Vehicle: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def images(self) -> ImageFolder: ...


async def take_pictures(
    settings: Settings, holders: Iterable[Holder], clock: Clock, strangers: StrangerBook
) -> None:
    """For ever; at once where no vehicle has such a device."""
    owners = {title: holder for holder in holders for title in holder.vehicle.scanners}
    if not owners:
        return

    async def sink(device: str, data: bytes) -> None:
        holder = owners[device]
        scope = await holder.hub.scope(holder.identity)
        now_ms = clock.now_ms()
        # From the first picture on the crew can say by a band whom the device is on.
        await place(
            device,
            holder.vehicle.unit_id,
            scope.view,
            holder.desk.world,
            org=f"unit:{holder.vehicle.unit_id}",
            sequence=now_ms,
            now_ms=now_ms,
        )
        origin = origin_of(
            scope.view,
            holder.vehicle.unit_id,
            device=device,
            number=await asyncio.to_thread(read_patient_number, data),
            sha256=sha256(data).hexdigest(),
            size_bytes=len(data),
            now_ms=now_ms,
        )
        kept = await holder.images.keep(origin, data)
        command = of_image(kept.origin)
        if command is not None:
            stamp = Stamp(
                actor=device,
                seat=holder.vehicle.unit_id,
                role="vehicle",
                org=f"unit:{holder.vehicle.unit_id}",
                installation=installation_of(command),
                sequence=now_ms,
                now_ms=now_ms,
            )
            outcome = await handle(command, stamp, SYSTEM, holder.desk.world)
            if isinstance(outcome, Refused):
                _log.warning("vehicle.picture_not_told", sha256=origin.sha256, code=outcome.code)
        _log.info(
            "vehicle.picture",
            unit_id=holder.vehicle.unit_id,
            mission_id=kept.origin.mission_id,
            sha256=origin.sha256,
            waiting=kept.origin.waiting,
            problem=kept.problem,
        )

    config = DicomConfig(
        host=settings.host,
        port=settings.dicom_port,
        title=settings.dicom_title,
        callers=tuple(owners),
    )

    def on_stranger(title: str, reason: str) -> None:
        strangers.hear("dicom", title, reason)

    async with DicomListener(config, sink=sink, on_stranger=on_stranger):
        await asyncio.Event().wait()
