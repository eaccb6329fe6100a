"""Asking the feed: docs/interfaces/road-feed.md.

Rule 1: an answer that has not changed need not come again (`If-None-Match`); it counts as one.
Rule 2: an answer that is too long is none: nobody's roads have so many entries.
"""

from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from goldenhour.adapters.outside import open_client
from goldenhour.app.road_feed import FeedError
from goldenhour.kernel.record import Record
from goldenhour.kernel.road_notice import BadNotice, Notice
from goldenhour.wire import cifs

MOST_BYTES: Final = 8 << 20


class FeedConfig(Record):
    url: str
    """The whole address of the feed."""
    token: str
    ca_file: Path | None
    """None: the authorities that this system trusts."""
    answer_s: float = 10.0


class HttpRoadFeed:
    """One line to the authority, kept between questions."""

    def __init__(self, config: FeedConfig) -> None:
        self._config = config
        self._http = open_client(
            config.token, config.ca_file, config.answer_s, accept="application/json"
        )
        self._tag = ""
        self._last: tuple[list[Notice], list[BadNotice]] = ([], [])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def read(self) -> tuple[list[Notice], list[BadNotice]]:
        headers = {"if-none-match": self._tag} if self._tag else {}
        try:
            async with self._http.stream("GET", self._config.url, headers=headers) as answer:
                if answer.status_code == HTTPStatus.NOT_MODIFIED and self._tag:
                    return self._last
                if answer.status_code != HTTPStatus.OK:
                    raise FeedError(f"answers {answer.status_code}")
                body = await _whole(answer)
        except httpx.HTTPError as error:
            raise FeedError(f"{type(error).__name__}") from error
        try:
            self._last = cifs.decode(body)
        except cifs.FeedError as error:
            raise FeedError(str(error)) from error
        self._tag = answer.headers.get("etag", "")
        return self._last


async def _whole(answer: httpx.Response) -> bytes:
    parts, size = list[bytes](), 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise FeedError(f"is longer than {MOST_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)
