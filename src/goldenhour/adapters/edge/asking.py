"""One request of a vehicle to its centre, and the asking that errands are given."""

from http import HTTPStatus
from typing import Any

import httpx

from goldenhour.adapters.edge.uplinks import Uplinks
from goldenhour.adapters.outside import send
from goldenhour.app.uplinks import DataClass


class Asking:
    """`errands.Ask`."""

    def __init__(
        self, client: httpx.AsyncClient, uplinks: Uplinks, uplink: str, data: DataClass
    ) -> None:
        self._client = client
        self._uplinks = uplinks
        self._uplink = uplink
        self._data = data

    def slice_bytes(self) -> int:
        return self._uplinks.slice_bytes(self._uplink)

    async def __call__(self, method: str, path: str, **said: Any) -> bytes:
        request = self._client.build_request(method, path, **said)
        async with self._uplinks.turn(self._uplink, self._data):
            return await _send_to_older(self._client, request)


async def _send_to_older(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """As `send`; a centre of a release that does not know the address has nothing to say."""
    try:
        return await send(client, request)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise
        return b""
