"""A vehicle's cameras live to its centre, while somebody there watches and the crew lets them.

Rule 1: the line stands while the vehicle has a run, and is for that run alone. Only pictures of the
        cameras that the centre asks for go over it, and nothing while it asks for none.
Rule 2: one slice is under way, in the lowest class; the next goes when the centre has answered. A
        line that is too slow loses pictures by the rule of `wire/jt1078/newest.py`.
Rule 3: what the crew has closed stays closed until they open it or the run is over, also over a
        power cut. Recording goes on beside all of this and never waits for it.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import msgspec
import structlog
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from goldenhour.adapters.jt1078.config import VideoUplinkConfig
from goldenhour.app.cabin import CabinAsk, CabinSaid
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import ClockOffset, DataClass, Uplink, UplinkLostError
from goldenhour.wire.jt1078 import (
    AccessUnit,
    Kept,
    Kind,
    Lost,
    Newest,
    Slice,
    write_kept,
    write_slice,
)

_ASK: Final = msgspec.json.Decoder(CabinAsk)
_FAILURES: Final = (WebSocketException, OSError, TimeoutError, msgspec.DecodeError)
_NOBODY: Final = CabinAsk(cameras=(), watchers=0, taken=0)
_log = structlog.get_logger(__name__)

RunNow = Callable[[], Awaitable[str]]
"""The run that the vehicle is on now; empty: none."""


class Carrier(Protocol):
    """The networks to the centre: adapters/edge. Test double: `Line` in test_cabin_live.py."""

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        """Raises UplinkLostError when the work was broken off."""
        ...

    def turn(self, uplink: str, data: DataClass) -> AbstractAsyncContextManager[None]: ...
    def slice_bytes(self, uplink: str) -> int: ...
    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None: ...
    def clock_offset(self) -> ClockOffset | None: ...


class _Lens:
    """One camera that is watched."""

    def __init__(self) -> None:
        self.newest = Newest()
        self.rest = b""
        """Of a picture that is under way: it is ended, however old."""
        self.begun = False


class CabinLive:
    def __init__(
        self,
        config: VideoUplinkConfig,
        carrier: Carrier,
        run_now: RunNow,
        clock: Clock,
        closed_file: Path,
    ) -> None:
        self._config = config
        self._carrier = carrier
        self._run_now = run_now
        self._clock = clock
        self._closed_file = closed_file
        """Names the run for which the crew has closed the cabin."""
        self._closed_run = closed_file.read_text() if closed_file.exists() else ""
        self._context = ssl.create_default_context(cafile=config.ca_file or None)
        self._run = ""
        self._cameras: list[str] = []
        self._lenses: dict[str, _Lens] = {}
        self._asked = _NOBODY
        self._changed = asyncio.Event()

    @property
    def watchers(self) -> int:
        return self._asked.watchers

    @property
    def closed(self) -> bool:
        return self._run != "" and self._closed_run == self._run

    async def switch(self, *, closed: bool) -> None:
        """By the crew, for the run that the vehicle is on."""
        self._enter(await self._run_now())
        self._closed_run = self._run if closed else ""
        self._ask(self._run, self._asked)
        await asyncio.to_thread(self._closed_file.write_text, self._closed_run)

    def take(
        self, mission_id: str, device: str, items: Sequence[AccessUnit | Lost], received_ms: int
    ) -> None:
        """What came from a device; returns at once."""
        self._enter(mission_id)
        if not mission_id:
            return
        for item in items:
            if isinstance(item, Lost) or item.kind >= Kind.AUDIO:
                continue
            camera = f"{device}/{item.channel}"
            if camera not in self._cameras:
                self._cameras.append(camera)
                self._tell()
            if camera in self._lenses:
                self._lenses[camera].newest.put(
                    Kept(
                        device_ms=item.device_ms,
                        received_ms=received_ms,
                        payload_type=item.payload_type,
                        kind=item.kind,
                        data=item.data,
                    )
                )
                self._tell()

    async def run(self, stopping: asyncio.Event) -> None:
        working = asyncio.create_task(self._run_for_ever())
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self) -> None:
        while True:
            mission_id = await self._run_now()
            self._enter(mission_id)
            if mission_id:
                try:
                    over = partial(self._over, mission_id)
                    await self._carrier.during(DataClass.VIDEO, over)
                except UplinkLostError:
                    continue
                except _FAILURES as error:
                    unit_id = self._config.unit_id
                    _log.warning("jt1078.live_failed", unit_id=unit_id, reason=repr(error))
            await asyncio.sleep(self._config.look_s)

    async def _over(self, mission_id: str, uplink: Uplink) -> None:
        async with connect(
            uplink.url.replace("https://", "wss://", 1)
            + f"/api/edge/cabin?mission_id={quote(mission_id)}",
            ssl=self._context,
            additional_headers={"Authorization": self._config.authorization},
            proxy=None,
            compression=None,  # what a camera has coded does not become smaller
            open_timeout=self._config.answer_s,
            close_timeout=1,
        ) as socket:
            works = (
                self._hear(socket, mission_id),
                self._say(socket),
                self._send(socket, uplink.name),
                self._until_over(mission_id),
            )
            tasks = [asyncio.create_task(work) for work in works]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                self._ask(mission_id, _NOBODY)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_over(self, mission_id: str) -> None:
        while True:
            await asyncio.sleep(self._config.look_s)
            if await self._run_now() != mission_id:
                return

    async def _hear(self, socket: ClientConnection, mission_id: str) -> None:
        while True:
            self._ask(mission_id, _ASK.decode(await socket.recv()))

    async def _say(self, socket: ClientConnection) -> None:
        said = None
        while True:
            changed = self._changed
            now = CabinSaid(cameras=tuple(self._cameras), closed=self.closed)
            if now != said:
                said = now
                await socket.send(msgspec.json.encode(now).decode())
            await changed.wait()

    async def _send(self, socket: ClientConnection, uplink: str) -> None:
        loop, sent = asyncio.get_running_loop(), 0
        while True:
            changed = self._changed
            # A copy: what is asked for may change while a slice is under way.
            for camera, lens in list(self._lenses.items()):
                if not lens.rest and not lens.newest:
                    continue
                async with self._carrier.turn(uplink, DataClass.VIDEO):
                    part = self._slice(lens, self._carrier.slice_bytes(uplink))
                    # The crew may have closed it, or the watcher gone, while this one waited.
                    if not part or self._lenses.get(camera) is not lens:
                        continue
                    began_s = loop.time()
                    item = Slice(camera=camera, anew=not lens.begun, part=part)
                    lens.begun = True
                    await socket.send(write_slice(item))
                    sent += 1
                    async with asyncio.timeout(self._config.answer_s):
                        await self._taken(sent)
                    self._carrier.sent(uplink, len(part), loop.time() - began_s)
            await changed.wait()

    async def _taken(self, sent: int) -> None:
        while self._asked.taken < sent:
            await self._changed.wait()

    def _slice(self, lens: _Lens, most_bytes: int) -> bytes:
        """By the centre's clock, so that the page may say how old a picture is."""
        offset = self._carrier.clock_offset()
        made = bytearray(lens.rest)
        now_ms = self._clock.now_ms()
        while len(made) < most_bytes and (unit := lens.newest.pop(now_ms)) is not None:
            if offset is not None:
                unit = replace(unit, received_ms=unit.received_ms + offset.offset_ms)
            made += write_kept(unit)
        lens.rest = bytes(made[most_bytes:])
        return bytes(made[:most_bytes])

    def _enter(self, mission_id: str) -> None:
        if mission_id == self._run:
            return
        self._run = mission_id
        self._cameras.clear()
        self._lenses.clear()
        self._asked = _NOBODY
        self._tell()

    def _ask(self, mission_id: str, asked: CabinAsk) -> None:
        if mission_id != self._run:
            return  # the line of a run that is over; it is about to close
        self._asked = asked
        wanted = () if self.closed else asked.cameras
        self._lenses = {camera: self._lenses.get(camera) or _Lens() for camera in wanted}
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
