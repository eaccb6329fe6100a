"""The platform as its clients see it, written by hand for the tests of the simulated actors."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn

from goldenhour.adapters.web.command_routes import CommandRequest
from goldenhour.adapters.web.live_routes import PatchMessage, ServerMessage, Snapshot
from goldenhour.domain.commands import Command
from goldenhour.main.local_ca import Certificate
from goldenhour.views.rows import Row

Sent = tuple[str, int]
"""(installation, sequence)"""


class Platform:
    """Answers from `plan` first, then as a platform in good health would."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self.routes: dict[str, tuple[int, Any]] = {}
        """What is asked -> status and body."""
        self.plan: list[tuple[str, int]] = []
        """(what is asked, the status of the answer); 0: the link breaks instead."""
        self.asked: list[str] = []
        self.heard: list[tuple[Sent, Command]] = []
        self.done: dict[Sent, Command] = {}
        self.on_command: Callable[[Command], None] = lambda _: None
        self.refusals: dict[str, str] = {}
        """Kind of command -> code."""
        self.sessions = 0
        self.news = asyncio.Condition()
        self.url = ""
        self._at = 0
        self._views: set[asyncio.Queue[bytes | None]] = set()

    # What a test says and waits for.

    def put(self, *rows: Row, drop: tuple[Row, ...] = ()) -> None:
        self._at += 1
        self.rows |= {_key(row): row for row in rows}
        for row in drop:
            del self.rows[_key(row)]
        self.say(PatchMessage(at=self._at, put=rows, drop=tuple(_key(row) for row in drop)))

    def say(self, message: ServerMessage) -> None:
        self.say_bytes(msgspec.json.encode(message))

    def say_bytes(self, message: bytes | None) -> None:
        """None closes every view."""
        for view in self._views:
            view.put_nowait(message)

    async def until[T](self, found: Callable[[], T]) -> T:
        async with self.news:
            return await self.news.wait_for(found)

    def list_done(self) -> list[Command]:
        return list(self.done.values())

    # What it is asked.

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        query = scope["query_string"].decode()
        verb = scope.get("method", "WS")
        asked = f"{verb} {path}" + (f"?{query}" if query else "")
        status = self._planned(asked)
        if scope["type"] == "websocket":
            await self._live(scope, receive, send, asked, status)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        answer = self._answer(verb, asked, body, scope, status)
        if status == 0:
            # It was done, and the link broke before the answer.
            headers = [(b"content-length", b"9")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._note(asked)
            return
        await self._note(asked)
        code, content = answer
        flags = b"; HttpOnly; SameSite=strict" + b"; Secure" * (scope["scheme"] == "https")
        cookie = (b"set-cookie", b"pass=%d; Path=/" % self.sessions + flags)
        headers = [cookie] if path == "/api/session" else []
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    def _planned(self, asked: str) -> int:
        for number, (prefix, status) in enumerate(self.plan):
            if asked.startswith(prefix):
                del self.plan[number]
                return status
        return 200

    async def _note(self, asked: str) -> None:
        async with self.news:
            self.asked.append(asked)
            self.news.notify_all()

    def _answer(
        self, verb: str, asked: str, body: bytes, scope: Any, status: int
    ) -> tuple[int, Any]:
        if status not in (0, 200):
            return status, {"code": f"planned_{status}", "field": "f", "detail": "", "title": "t"}
        if asked == "POST /api/session":
            self.sessions += 1
            who = json.loads(body)
            return 200, {
                "person_id": "p1", "name": who["username"], "unit_id": "u1", "server_ms": 0,
            }  # fmt: skip
        if not self._knows(scope):
            return 401, {"code": "no_session"}
        if verb == "GET":
            return self.routes.get(asked, (404, {"code": "absent"}))
        request = msgspec.json.decode(body, type=CommandRequest)
        pair = (request.installation, request.sequence)
        self.heard.append((pair, request.command))
        kind = str(request.command.__struct_config__.tag)
        if kind in self.refusals:
            return 409, {"code": self.refusals[kind], "field": "call_id"}
        if pair not in self.done:
            self.done[pair] = request.command
            self.on_command(request.command)
        return 200, {"outcome": "accepted", "versions": {"call:c": len(self.done)}}

    def _knows(self, scope: Any) -> bool:
        return (b"cookie", b"pass=%d" % self.sessions) in scope["headers"]

    async def _live(self, scope: Any, receive: Any, send: Any, asked: str, status: int) -> None:
        if status != 200 or not self._knows(scope):
            await self._note(asked)
            await send({"type": "websocket.close", "code": 4401})
            return
        said: asyncio.Queue[bytes | None] = asyncio.Queue()
        if "after=" not in asked:
            rows = tuple(self.rows.values())
            said.put_nowait(msgspec.json.encode(Snapshot(at=self._at, rows=rows)))
        self._views.add(said)
        await self._note(asked)
        await send({"type": "websocket.accept"})
        gone = asyncio.create_task(_until_gone(receive))
        gone.add_done_callback(lambda _: said.put_nowait(None))
        try:
            while (message := await said.get()) is not None:
                await send({"type": "websocket.send", "text": message.decode()})
            if not gone.done():
                await send({"type": "websocket.close", "code": 1011})
        finally:
            self._views.discard(said)
            gone.cancel()


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


def _key(row: Row) -> tuple[str, str]:
    return str(row.__struct_config__.tag), row.id


@asynccontextmanager
async def serving(certificate: Certificate | None = None) -> AsyncIterator[Platform]:
    platform = Platform()
    listening = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if certificate else "http"
    platform.url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        platform,
        lifespan="off",
        ws="websockets-sansio",
        log_config=None,
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield platform
    finally:
        server.should_exit = True
        await running
        listening.close()
