"""The vehicles' ear for ultrasound devices: every picture becomes one of the run that is active."""

import asyncio
from collections.abc import Iterable
from hashlib import sha256
from typing import Protocol

import structlog

from goldenhour.adapters.dicom import DicomConfig, DicomListener, ImageFolder
from goldenhour.app.devices import Vehicle
from goldenhour.app.images import origin_of
from goldenhour.app.journal import Identity
from goldenhour.app.live import Hub
from goldenhour.app.ports import Clock
from goldenhour.main.settings import Settings

_log = structlog.get_logger(__name__)


class Holder(Protocol):
    """The part of a vehicle's box that is needed here."""

    @property
    def vehicle(self) -> Vehicle: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def images(self) -> ImageFolder: ...


async def take_pictures(settings: Settings, holders: Iterable[Holder], clock: Clock) -> None:
    """For ever; at once where no vehicle has such a device."""
    owners = {title: holder for holder in holders for title in holder.vehicle.scanners}
    if not owners:
        return

    async def sink(device: str, data: bytes) -> None:
        holder = owners[device]
        scope = await holder.hub.scope(holder.identity)
        origin = origin_of(
            scope.view,
            holder.vehicle.unit_id,
            device=device,
            sha256=sha256(data).hexdigest(),
            size_bytes=len(data),
            now_ms=clock.now_ms(),
        )
        kept = await holder.images.keep(origin, data)
        _log.info(
            "vehicle.picture",
            unit_id=holder.vehicle.unit_id,
            mission_id=kept.origin.mission_id,
            sha256=origin.sha256,
            problem=kept.problem,
        )

    config = DicomConfig(
        host=settings.host,
        port=settings.dicom_port,
        title=settings.dicom_title,
        callers=tuple(owners),
    )
    async with DicomListener(config, sink=sink):
        await asyncio.Event().wait()
