"""Lines to another node: its board again and again, its feed, and asks for its units.

Rule 1: a board is a view with the time when it was true; nothing is resumed or merged.
Rule 2: only the authority of the peer's file vouches for it; proxies of the environment are not
        used. Silence, a refusal, nonsense and the board of a third node are the same to whoever
        waits: no word.
Rule 3: what goes wrong here with a board or a copy ends no line: it comes again.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

import httpx
import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect

from goldenhour.adapters.outside import send
from goldenhour.app.copies import Copied, CopiesHello
from goldenhour.app.handing import CaseDeed
from goldenhour.app.lending import Ask, AskAnswer
from goldenhour.app.peers import NodeBoard, Peer

ASK_S: Final = 2.0
ANSWER_S: Final = 4.0
SILENCE_S: Final = 6.0
"""Three signs of life of the feed."""
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
_BOARD: Final = msgspec.json.Decoder(NodeBoard)
_COPIED: Final = msgspec.json.Decoder(Copied)
_ANSWER: Final = msgspec.json.Decoder(AskAnswer)
_log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Where copies go; bound to the node that they come from."""

    async def known(self) -> dict[str, int]: ...
    async def take(self, copied: Copied) -> None: ...


class PeerLink:
    def __init__(
        self,
        own: str,
        peer: Peer,
        ca_file: Path,
        on_board: Callable[[NodeBoard], Awaitable[object]],
        *,
        ask_s: float = ASK_S,
    ) -> None:
        """`own`: this node's name, under which the other one knows it."""
        self._peer = peer
        self._on_board = on_board
        self._ask_s = ask_s
        self._headers = {"authorization": f"Edge {own}:{peer.key}"}
        self._feed: ClientConnection | None = None
        self._context = ssl.create_default_context(cafile=peer.ca or str(ca_file))

    @property
    def node(self) -> str:
        return self._peer.node

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._peer.url,
            headers=self._headers,
            verify=self._context,
            timeout=ANSWER_S,
            follow_redirects=False,
            trust_env=False,
        )

    async def run(self) -> None:
        """For ever."""
        wrong = ""
        async with self._open() as client:
            while True:
                before, wrong = wrong, await self._ask(client)
                if wrong and not before:
                    _log.warning("peer.silent", node=self._peer.node, error=wrong)
                await asyncio.sleep(self._ask_s)

    async def _ask(self, client: httpx.AsyncClient) -> str:
        """What was wrong; empty: its board was taken."""
        try:
            board = _BOARD.decode(
                await send(client, client.build_request("GET", "/api/node/board"))
            )
        except (httpx.HTTPError, msgspec.DecodeError, OSError) as error:
            return repr(error)
        if board.node != self._peer.node:
            return f"this is {board.node}"
        try:
            await self._on_board(board)
        except Exception as error:  # noqa: BLE001 (logged: the database may be away for a while)
            return repr(error)
        return ""

    async def ask(self, ask: Ask) -> AskAnswer | None:
        """None: not reached, or no word that can be read."""
        return await self._post("/api/node/ask", msgspec.json.encode(ask))

    async def deed(self, deed: CaseDeed) -> AskAnswer | None:
        """As `ask`."""
        return await self._post("/api/node/case", msgspec.json.encode(deed))

    async def _post(self, path: str, content: bytes) -> AskAnswer | None:
        try:
            async with self._open() as client:
                headers = {"content-type": "application/json"}
                request = client.build_request("POST", path, content=content, headers=headers)
                return _ANSWER.decode(await send(client, request))
        except (httpx.HTTPError, msgspec.DecodeError, OSError) as error:
            _log.warning("peer.not_asked", node=self._peer.node, error=repr(error))
            return None

    async def begin_again(self) -> None:
        """Ask anew for whatever of its streams is not here; nothing while the feed is down."""
        if self._feed is not None:
            await self._feed.close()

    async def follow(self, taker: Taker) -> None:
        """Take what the other node shares, for ever."""
        wrong = ""
        while True:
            before = wrong
            try:
                await self._listen(taker)
            except Exception as error:  # noqa: BLE001 (logged: it begins again from what is here)
                wrong = repr(error)
            if wrong != before:
                _log.warning("peer.feed_lost", node=self._peer.node, error=wrong)
            await asyncio.sleep(self._ask_s)

    async def _listen(self, taker: Taker) -> None:
        async with connect(
            self._peer.url.replace("https://", "wss://", 1) + "/api/node/feed",
            ssl=self._context,
            additional_headers=self._headers,
            proxy=None,
            open_timeout=ANSWER_S,
            close_timeout=1,
            ping_interval=None,  # the feed's own sign of life says more
            max_size=MAX_MESSAGE_BYTES,
        ) as socket:
            self._feed = socket
            try:
                await self._take_all(socket, taker)
            finally:
                self._feed = None

    async def _take_all(self, socket: ClientConnection, taker: Taker) -> None:
        hello = CopiesHello(known=await taker.known())
        await socket.send(msgspec.json.encode(hello).decode())
        while True:
            copied = _COPIED.decode(await asyncio.wait_for(socket.recv(), SILENCE_S))
            if copied.events:
                await taker.take(copied)
