"""The vehicles' eye on the cabin: what cameras send is recorded while the vehicle is on a run."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import structlog

from goldenhour.adapters.jt1078 import (
    CabinLive,
    CameraConfig,
    CameraListener,
    Recorder,
    RunNow,
    VideoFolder,
)
from goldenhour.app.devices import Vehicle
from goldenhour.app.journal import Identity
from goldenhour.app.live import Hub
from goldenhour.app.ports import Clock
from goldenhour.app.strangers import StrangerBook
from goldenhour.app.video import run_of
from goldenhour.main.settings import Settings
from goldenhour.wire.jt1078 import AccessUnit, Lost

SWEEP_S: Final = 2.0
_log = structlog.get_logger(__name__)


class Holder(Protocol):
    """The part of a vehicle's box that is needed here."""

    @property
    def vehicle(self) -> Vehicle: ...
    @property
    def cabin(self) -> VideoFolder: ...
    @property
    def recorder(self) -> Recorder: ...
    @property
    def live(self) -> CabinLive: ...
    @property
    def run_now(self) -> RunNow: ...


def run_of_vehicle(hub: Hub, identity: Identity, unit_id: str) -> RunNow:
    async def run_now() -> str:
        scope = await hub.scope(identity)
        return run_of(scope.view, unit_id)

    return run_now


async def record_cabins(
    settings: Settings, holders: Iterable[Holder], clock: Clock, strangers: StrangerBook
) -> None:
    """For ever; at once where no vehicle has a camera, but for what was left open before."""
    vehicles = list(holders)
    for holder in vehicles:
        if sealed := await holder.cabin.recover():
            _log.warning("vehicle.video_recovered", unit_id=holder.vehicle.unit_id, sealed=sealed)
    filmed = [holder for holder in vehicles if holder.vehicle.cameras]
    owners = {camera: holder for holder in filmed for camera in holder.vehicle.cameras}
    if not owners:
        return

    async def sink(device: str, items: Sequence[AccessUnit | Lost]) -> None:
        holder = owners[device]
        mission_id, received_ms = await holder.run_now(), clock.now_ms()
        holder.live.take(mission_id, device, items, received_ms)
        await holder.recorder.take(mission_id, device, items, received_ms)

    config = CameraConfig(host=settings.host, port=settings.video_port, cameras=tuple(owners))
    try:
        async with CameraListener(
            config,
            sink=sink,
            on_stranger=lambda device: strangers.hear("jt1078", device, "unknown_device"),
        ):
            while True:
                await asyncio.sleep(SWEEP_S)
                for holder in filmed:
                    await holder.recorder.sweep(await holder.run_now(), clock.now_ms())
    finally:
        for holder in filmed:
            await holder.recorder.close()
