"""Asking another node for its board, again and again over one line.

Rule 1: a board is a view with the time when it was true; nothing is resumed or merged.
Rule 2: only the authority of the peer's file vouches for it; proxies of the environment are not
        used. Silence, a refusal, nonsense and the board of a third node are the same to whoever
        waits: no word.
Rule 3: what goes wrong here with a board ends no line: the next one is two seconds away.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import msgspec
import structlog

from goldenhour.app.peers import NodeBoard, Peer

ASK_S: Final = 2.0
ANSWER_S: Final = 4.0
_BOARD: Final = msgspec.json.Decoder(NodeBoard)
_log = structlog.get_logger(__name__)


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
        self._context = ssl.create_default_context(cafile=peer.ca or str(ca_file))

    async def run(self) -> None:
        """For ever."""
        wrong = ""
        async with httpx.AsyncClient(
            base_url=self._peer.url,
            headers=self._headers,
            verify=self._context,
            timeout=ANSWER_S,
            follow_redirects=False,
            trust_env=False,
        ) as client:
            while True:
                before, wrong = wrong, await self._ask(client)
                if wrong and not before:
                    _log.warning("peer.silent", node=self._peer.node, error=wrong)
                await asyncio.sleep(self._ask_s)

    async def _ask(self, client: httpx.AsyncClient) -> str:
        """What was wrong; empty: its board was taken."""
        try:
            answer = await client.get("/api/node/board")
            board = _BOARD.decode(answer.raise_for_status().content)
        except (httpx.HTTPError, msgspec.DecodeError, OSError) as error:
            return repr(error)
        if board.node != self._peer.node:
            return f"this is {board.node}"
        try:
            await self._on_board(board)
        except Exception as error:  # noqa: BLE001 (logged: the database may be away for a while)
            return repr(error)
        return ""
