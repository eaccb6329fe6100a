"""A vehicle's line to a centre, for the tests of carried files."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from factories.ecg_files import UNIT
from factories.office import Office
from goldenhour.app.accounts import Device
from goldenhour.app.uplinks import DataClass, Uplink

SLICE_BYTES = 50_000
KEY = "k" * 32


class Line:
    """A carrier with one uplink; counts what went over it."""

    def __init__(self, data: DataClass = DataClass.IMAGES, most_bytes: int = SLICE_BYTES) -> None:
        self.data = data
        self.most_bytes = most_bytes
        self.sizes: list[int] = []

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        raise NotImplementedError

    @asynccontextmanager
    async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
        assert (uplink, data) == ("line", self.data)
        yield

    def slice_bytes(self, uplink: str) -> int:
        del uplink
        return self.most_bytes

    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None:
        del uplink, took_s
        self.sizes.append(sent_bytes)


@asynccontextmanager
async def vehicle(
    office: Office, cut_after: int | None = None, *, unit_id: str = UNIT, key: str = KEY
) -> AsyncIterator[httpx.AsyncClient]:
    """Its line to the centre; it dies after so many requests, before the answer comes back."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    device = Device(id=digest, kind="edge", unit_id=unit_id, key="", enabled=True)
    await office.accounts.put_device(device)
    count = 0

    async def cutting(_answer: httpx.Response) -> None:
        nonlocal count
        count += 1
        if cut_after is not None and count > cut_after:
            raise httpx.ReadError("cut")

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app),  # type: ignore[arg-type] # Litestar's own types
        base_url="https://centre.local",
        headers={"Authorization": f"Edge installation-1:{key}"},
        event_hooks={"response": [cutting]},
    ) as client:
        yield client
