"""Carries a vehicle's files to its centre, in slices and after everything that is more urgent.

Rule 1: the centre says how far it holds a file; the next slice begins there. A line that dies costs
        the slice that was under way.
Rule 2: one file at a time, oldest first. It is done when the centre has proved its hash; one that
        is refused or cannot be read holds up no other and is offered again.
Rule 3: nothing begins, and no further slice goes, while it may not: cabin video waits for the end
        of the run, since the line belongs to the patient.
Rule 4: what has changed on the vehicle's own disk is not sent; it could never be proved.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final, Protocol

import httpx
import msgspec
import structlog

from goldenhour.adapters.files.config import ParcelConfig
from goldenhour.app.files import Held, Parcel, Parcels
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError

_log = structlog.get_logger(__name__)
_OK: Final = 200
_HELD: Final = msgspec.json.Decoder(Held)

MayGo = Callable[[], Awaitable[bool]]


async def always() -> bool:
    return True


class Carrier(Protocol):
    """The networks to the centre: adapters/edge. Test double: `Line` in factories/carrying.py."""

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        """Raises UplinkLostError when the work was broken off."""
        ...

    def turn(self, uplink: str, data: DataClass) -> AbstractAsyncContextManager[None]: ...
    def slice_bytes(self, uplink: str) -> int: ...
    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None: ...


class ParcelCarrier:
    """One class of data; its files may lie in several stores."""

    def __init__(
        self,
        config: ParcelConfig,
        data: DataClass,
        stores: Sequence[Parcels],
        carrier: Carrier,
        may_go: MayGo = always,
    ) -> None:
        self._config = config
        self._data = data
        self._stores = stores
        self._carrier = carrier
        self._may_go = may_go
        self._context = ssl.create_default_context(cafile=config.ca_file or None)
        self.waiting = 0
        """Files that the centre lacks."""

    async def run(self, stopping: asyncio.Event) -> None:
        working = asyncio.create_task(self._run_for_ever())
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self) -> None:
        while True:
            self.waiting = await self._count()
            if self.waiting and await self._may_go():
                with suppress(UplinkLostError):
                    await self._carrier.during(self._data, self._over)
                self.waiting = await self._count()
            await asyncio.sleep(self._config.every_s)

    async def _count(self) -> int:
        return sum([len(await _list(store, self._data)) for store in self._stores])

    async def _over(self, uplink: Uplink) -> None:
        async with httpx.AsyncClient(
            base_url=uplink.url,
            headers={"Authorization": self._config.authorization},
            verify=self._context,
            timeout=self._config.answer_s,
            trust_env=False,
        ) as client:
            for store in self._stores:
                await carry_waiting(
                    client, store, self._data, self._carrier, uplink.name, may_go=self._may_go
                )


async def carry_waiting(
    client: httpx.AsyncClient,
    store: Parcels,
    data: DataClass,
    carrier: Carrier,
    uplink: str,
    *,
    may_go: MayGo = always,
) -> None:
    """Everything of a class that waits in a store, once, as long as it may."""
    for parcel in await _list(store, data):
        try:
            if await _carry(
                client, store, parcel, data=data, carrier=carrier, uplink=uplink, may_go=may_go
            ):
                await store.mark_carried(parcel)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            _log.info("files.not_carried", sha256=parcel.sha256, reason=repr(error))
            return
        except (OSError, ValueError) as error:
            # Its bytes cannot be read, or that they were carried not be written down.
            _log.error("files.not_carried", sha256=parcel.sha256, reason=repr(error))


async def _list(store: Parcels, data: DataClass) -> Sequence[Parcel]:
    """A store that cannot be read now holds up no other, and is asked again."""
    try:
        return await store.list_parcels(data)
    except (OSError, ValueError) as error:
        _log.error("files.not_listed", path=store.path, reason=repr(error))
        return ()


async def _carry(
    client: httpx.AsyncClient,
    store: Parcels,
    parcel: Parcel,
    *,
    data: DataClass,
    carrier: Carrier,
    uplink: str,
    may_go: MayGo,
) -> bool:
    if not await store.is_whole(parcel):
        _log.error("files.file_changed", sha256=parcel.sha256)
        return False
    loop = asyncio.get_running_loop()
    at = 0
    part = b""  # the first question only asks how far the centre is
    while await may_go():
        async with carrier.turn(uplink, data):
            began_s = loop.time()
            answer = await client.post(
                store.path, params={**parcel.query, "offset": at}, content=part
            )
            if part:
                carrier.sent(uplink, len(part), loop.time() - began_s)
        if answer.status_code != _OK:
            # The run may not be known there yet; it is asked again.
            _log.warning("files.refused", sha256=parcel.sha256, status=answer.status_code)
            return False
        held = _HELD.decode(answer.content)
        if held.kept:
            return True
        if part and held.held_bytes < at + len(part):
            _log.warning("files.begun_again", sha256=parcel.sha256, held=held.held_bytes)
            return False
        at = held.held_bytes
        part = await store.read_part(parcel, at, carrier.slice_bytes(uplink))
        if not part:
            return False
    return False
