"""The platform over https: docs/interfaces/callback.md.

Rule 1: an order carries an id, and the platform begins it once however often it is sent; so it is
        sent again when the answer is lost.
Rule 2: nothing of the numbers enters a log or an error.
"""

import asyncio
import time
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import httpx
import msgspec

from goldenhour.adapters.outside import open_client
from goldenhour.kernel.record import Record

_WORDS: Final = {
    "connected": "connected",
    "first_no_answer": "crew_no_answer",
    "second_no_answer": "caller_no_answer",
    "second_busy": "caller_busy",
    "failed": "service_error",
}
"""Its final states; every other one is on the way."""
_SENT_AT_MOST: Final = 3


class PlatformConfig(Record):
    url: str
    """Without a slash at its end."""
    token: str
    ca_file: Path | None
    """None: the authorities that this system trusts."""
    answer_s: float = 4.0
    poll_s: float = 1.0
    ring_s: float = 75.0
    """Both may ring for so long together; whoever has not answered then does not."""


class _State(msgspec.Struct):
    state: str


class HttpCallPlatform:
    """`app.callbacks.CallPlatform`."""

    def __init__(self, config: PlatformConfig) -> None:
        self._config = config
        self._http = open_client(config.token, config.ca_file, config.answer_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def join(self, ident: str, first: str, second: str) -> str:
        until = time.monotonic() + self._config.ring_s
        if not await self._begin({"id": ident, "first": first, "second": second}):
            return "service_error"
        while time.monotonic() < until:
            state = await self._state(ident)
            if state in _WORDS:
                return _WORDS[state]
            await asyncio.sleep(self._config.poll_s)
        return "service_error"

    async def look(self, ident: str) -> str | None:
        state = await self._state(ident)
        return _WORDS.get(state, "service_error") if state else None

    async def _begin(self, order: dict[str, str]) -> bool:
        for _ in range(_SENT_AT_MOST):
            try:
                answer = await self._http.post(f"{self._config.url}/callbacks", json=order)
            except httpx.HTTPError:
                continue  # the answer may be lost alone; the same id begins nothing twice
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer.is_success
        return False

    async def _state(self, ident: str) -> str:
        """Empty: it does not know such an order, or does not answer."""
        path = f"{self._config.url}/callbacks/{quote(ident, safe='')}"
        try:
            answer = await self._http.get(path)
            if not answer.is_success:
                return ""
            return msgspec.json.decode(answer.content, type=_State).state
        except (httpx.HTTPError, msgspec.DecodeError):
            return ""
