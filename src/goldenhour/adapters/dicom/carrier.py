"""Carries a vehicle's ultrasound pictures to its centre, in slices and after everything else.

Rule 1: the centre says how far it holds a picture; the next slice begins there. A line that dies
        costs the slice that was under way.
Rule 2: one picture at a time, oldest first. It is done when the centre has proved its hash; one
        that is refused holds up no other and is offered again.
Rule 3: what has changed on the vehicle's own disk is not sent; it could never be proved.
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

from goldenhour.adapters.dicom.config import ImageUplinkConfig
from goldenhour.adapters.dicom.store import ImageFolder
from goldenhour.app.images import ImageHeld, StoredImage
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError

_log = structlog.get_logger(__name__)
_OK: Final = 200
_HELD: Final = msgspec.json.Decoder(ImageHeld)


class Carrier(Protocol):
    """The networks to the centre: adapters/edge. Test double: `Line` in test_dicom_carrier.py."""

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        """Raises UplinkLostError when the work was broken off."""
        ...

    def turn(self, uplink: str, data: DataClass) -> AbstractAsyncContextManager[None]: ...
    def slice_bytes(self, uplink: str) -> int: ...
    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None: ...


class ImageCarrier:
    def __init__(self, config: ImageUplinkConfig, folder: ImageFolder, carrier: Carrier) -> None:
        self._config = config
        self._folder = folder
        self._carrier = carrier
        self._context = ssl.create_default_context(cafile=config.ca_file or None)
        self.waiting = 0
        """Pictures that the centre lacks."""

    async def run(self, stopping: asyncio.Event) -> None:
        working = asyncio.create_task(self._run_for_ever())
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self) -> None:
        while True:
            self.waiting = len(await self._folder.list_waiting())
            if self.waiting:
                with suppress(UplinkLostError):
                    await self._carrier.during(DataClass.IMAGES, self._over)
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
            await carry_waiting(client, self._folder, self._carrier, uplink.name)


async def carry_waiting(
    client: httpx.AsyncClient, folder: ImageFolder, carrier: Carrier, uplink: str
) -> None:
    """Everything that waits, once."""
    for image in await folder.list_waiting():
        try:
            if await _carry(client, folder, carrier, uplink, image):
                await folder.mark_carried(image)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            _log.info("dicom.not_carried", sha256=image.origin.sha256, reason=repr(error))
            return


async def _carry(
    client: httpx.AsyncClient,
    folder: ImageFolder,
    carrier: Carrier,
    uplink: str,
    image: StoredImage,
) -> bool:
    origin = image.origin
    found = await folder.find_image(origin.mission_id, origin.sha256)
    data = found[1] if found else b""
    if hashlib.sha256(data).hexdigest() != origin.sha256:
        _log.error("dicom.file_changed", sha256=origin.sha256)
        return False
    loop = asyncio.get_running_loop()
    at = 0
    part = b""  # the first question only asks how far the centre is
    while True:
        async with carrier.turn(uplink, DataClass.IMAGES):
            began_s = loop.time()
            answer = await client.post(
                "/api/edge/images",
                params={**msgspec.to_builtins(origin), "offset": at},
                content=part,
            )
            if part:
                carrier.sent(uplink, len(part), loop.time() - began_s)
        if answer.status_code != _OK:
            # The run may not be known there yet; it is asked again.
            _log.warning("dicom.refused", sha256=origin.sha256, status=answer.status_code)
            return False
        held = _HELD.decode(answer.content)
        if held.kept:
            return True
        if part and held.held_bytes < at + len(part):
            _log.warning("dicom.begun_again", sha256=origin.sha256, held=held.held_bytes)
            return False
        at = held.held_bytes
        part = data[at : at + carrier.slice_bytes(uplink)]
        if not part:
            return False
