"""A DOUBLE of an operator's platform that joins two telephones: nobody is rung up.

Rule 1: an order is begun once, however often it comes.
Rule 2: both "telephones" ring for a moment and then answer; `fault` makes it fail like a real one.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from goldenhour.kernel.record import Record
from goldenhour.simulator.asgi import Receive, Send, answer, live

WARNING: Final = (
    "WARNING: a DOUBLE of an operator's platform: it rings nobody up."
    " Never point a live centre at it."
)
PATH: Final = "/callbacks"


class Fault(StrEnum):
    NONE = "none"
    SLOW = "slow"
    SILENT = "silent"
    ERROR = "error"
    MALFORMED = "malformed"
    UNAUTHORISED = "unauthorised"
    LOST_ANSWER = "lost-answer"
    """Begins the order, and the first answer never arrives."""
    CREW_NO_ANSWER = "crew-no-answer"
    CALLER_NO_ANSWER = "caller-no-answer"
    CALLER_BUSY = "caller-busy"


_END: Final = {
    Fault.CREW_NO_ANSWER: "first_no_answer",
    Fault.CALLER_NO_ANSWER: "second_no_answer",
    Fault.CALLER_BUSY: "second_busy",
}


class CallbackConfig(Record):
    token: str
    fault: Fault = Fault.NONE
    ring_s: float = 1.5
    """Each of the two."""
    slow_s: float = 3.0


@dataclass
class Begun:
    first: str
    second: str
    at_s: float
    sent: int = 1
    """How often the order came."""


class CallbackDouble:
    """An ASGI application; https is the server's."""

    def __init__(self, config: CallbackConfig) -> None:
        self.config = config
        self.begun: dict[str, Begun] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        fault = self.config.fault
        allowed = (b"authorization", f"Bearer {self.config.token}".encode()) in scope["headers"]
        if not allowed or fault is Fault.UNAUTHORISED:
            await _answer(send, HTTPStatus.UNAUTHORIZED, {"error": "login"})
            return
        body = await _body(receive)
        match fault:
            case Fault.SILENT:
                await receive()  # until the client goes away
                return
            case Fault.SLOW:
                await asyncio.sleep(self.config.slow_s)
            case Fault.ERROR:
                await _answer(send, HTTPStatus.SERVICE_UNAVAILABLE, {"error": "transient"})
                return
            case Fault.MALFORMED:
                await _answer(send, HTTPStatus.OK, "<html>please log in</html>")
                return
            case _:
                pass
        path = scope["path"]
        if scope["method"] == "POST" and path == PATH:
            await self._begin(body, send)
            return
        one = self.begun.get(path.removeprefix(f"{PATH}/"))
        if scope["method"] != "GET" or one is None:
            await _answer(send, HTTPStatus.NOT_FOUND, {"error": "not found"})
            return
        await _answer(send, HTTPStatus.OK, {"state": self._state(one)})

    async def _begin(self, body: bytes, send: Send) -> None:
        try:
            order = json.loads(body)
            ident, first, second = (str(order[name]) for name in ("id", "first", "second"))
        except (ValueError, KeyError, TypeError):
            await _answer(send, HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "id, first, second"})
            return
        if one := self.begun.get(ident):
            one.sent += 1
        else:
            one = Begun(first=first, second=second, at_s=time.monotonic())
            self.begun[ident] = one
        if self.config.fault is Fault.LOST_ANSWER and one.sent == 1:
            raise ConnectionError("the answer is lost, as asked for")
        await _answer(send, HTTPStatus.ACCEPTED, {"state": self._state(one)})

    def _state(self, one: Begun) -> str:
        rings = (time.monotonic() - one.at_s) / self.config.ring_s
        end = _END.get(self.config.fault, "connected")
        if rings < 1:
            return "ringing_first"
        if rings < 2 and end != "first_no_answer":  # noqa: PLR2004 (the second of two)
            return "ringing_second"
        return end


async def _body(receive: Receive) -> bytes:
    found = b""
    while True:
        message = await receive()
        found += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return found


async def _answer(send: Send, status: int, body: dict[str, str] | str) -> None:
    await answer(send, status, (body if isinstance(body, str) else json.dumps(body)).encode())
