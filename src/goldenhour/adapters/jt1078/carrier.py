"""Carries a vehicle's cabin video to its centre, after the run and after everything else.

Rule 1: nothing of it goes while the vehicle is on a run: the line belongs to the patient.
Rule 2: the centre says how far it holds a segment; the next slice begins there. A line that dies
        costs the slice that was under way.
Rule 3: one segment at a time, oldest first. It is done, and let go of here, when the centre has
        proved its hash; one that is refused holds up no other and is offered again.
Rule 4: what has changed on the vehicle's own disk is not sent; it could never be proved.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final, Protocol

import httpx
import msgspec
import structlog

from goldenhour.adapters.jt1078.config import VideoUplinkConfig
from goldenhour.adapters.jt1078.store import VideoFolder
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError
from goldenhour.app.video import SegmentHeld, StoredSegment

_log = structlog.get_logger(__name__)
_OK: Final = 200
_HELD: Final = msgspec.json.Decoder(SegmentHeld)

RunNow = Callable[[], Awaitable[str]]
"""The run that the vehicle is on now; empty: none."""


class Carrier(Protocol):
    """The networks to the centre: adapters/edge. Test double: `Line` in test_video_routes.py."""

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        """Raises UplinkLostError when the work was broken off."""
        ...

    def turn(self, uplink: str, data: DataClass) -> AbstractAsyncContextManager[None]: ...
    def slice_bytes(self, uplink: str) -> int: ...
    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None: ...


class VideoCarrier:
    def __init__(
        self, config: VideoUplinkConfig, folder: VideoFolder, carrier: Carrier, run_now: RunNow
    ) -> None:
        self._config = config
        self._folder = folder
        self._carrier = carrier
        self._run_now = run_now
        self._context = ssl.create_default_context(cafile=config.ca_file or None)
        self.waiting = 0
        """Segments that the centre lacks."""

    async def run(self, stopping: asyncio.Event) -> None:
        working = asyncio.create_task(self._run_for_ever())
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self) -> None:
        while True:
            self.waiting = len(await self._folder.list_waiting())
            if self.waiting and not await self._run_now():
                with suppress(UplinkLostError):
                    await self._carrier.during(DataClass.VIDEO, self._over)
                self.waiting = len(await self._folder.list_waiting())
            await asyncio.sleep(self._config.every_s)

    async def _over(self, uplink: Uplink) -> None:
        async with httpx.AsyncClient(
            base_url=uplink.url,
            headers={"Authorization": self._config.authorization},
            verify=self._context,
            timeout=self._config.answer_s,
            trust_env=False,
        ) as client:
            await carry_waiting(client, self._folder, self._carrier, uplink.name, self._run_now)


async def carry_waiting(
    client: httpx.AsyncClient,
    folder: VideoFolder,
    carrier: Carrier,
    uplink: str,
    run_now: RunNow,
) -> None:
    """Everything that waits, once; until a run begins."""
    for segment in await folder.list_waiting():
        try:
            if await _carry(client, folder, carrier, uplink, segment, run_now=run_now):
                await folder.mark_carried(segment)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            _log.info("jt1078.not_carried", sha256=segment.origin.sha256, reason=repr(error))
            return


async def _carry(
    client: httpx.AsyncClient,
    folder: VideoFolder,
    carrier: Carrier,
    uplink: str,
    segment: StoredSegment,
    *,
    run_now: RunNow,
) -> bool:
    origin = segment.origin
    found = await folder.find_segment(origin.mission_id, origin.sha256)
    data = found[1] if found else b""
    if hashlib.sha256(data).hexdigest() != origin.sha256:
        _log.error("jt1078.file_changed", sha256=origin.sha256)
        return False
    loop = asyncio.get_running_loop()
    at = 0
    part = b""  # the first question only asks how far the centre is
    while not await run_now():
        async with carrier.turn(uplink, DataClass.VIDEO):
            began_s = loop.time()
            answer = await client.post(
                "/api/edge/video",
                params={**msgspec.to_builtins(origin), "offset": at},
                content=part,
            )
            if part:
                carrier.sent(uplink, len(part), loop.time() - began_s)
        if answer.status_code != _OK:
            # The run may not be known there yet; it is asked again.
            _log.warning("jt1078.refused", sha256=origin.sha256, status=answer.status_code)
            return False
        held = _HELD.decode(answer.content)
        if held.kept:
            return True
        if part and held.held_bytes < at + len(part):
            _log.warning("jt1078.begun_again", sha256=origin.sha256, held=held.held_bytes)
            return False
        at = held.held_bytes
        part = data[at : at + carrier.slice_bytes(uplink)]
        if not part:
            return False
    return False
