"""What a vehicle's computer serves while its store is closed: its pages, and two ways to open it.

Rule 1: a tablet that is logged in opens the computer by whatever it asks; a person by logging in.
Rule 2: everything else is refused with the reason, so that a screen can say it in words.
Rule 3: one password is tried at a time, and only so many in a minute.
"""

import asyncio
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec
from litestar import Litestar, Response, get, post
from litestar.params import JSONBody

from goldenhour.adapters.web.app import HEADERS, PAGES, assets_of, page_of
from goldenhour.adapters.web.identity import ATTEMPTS_WINDOW_MS, MAX_ATTEMPTS, token_hash
from goldenhour.adapters.web.nul import CheckedRequest
from goldenhour.adapters.web.problems import HANDLERS, MEDIA_TYPE, ProblemError
from goldenhour.adapters.web.session_routes import LogIn
from goldenhour.app.ports import Clock

_LOCKED: Final = 423
_OPENING: Final = 503
"""The page asks again by itself."""


class Lock(Protocol):
    """The closed store, or the stores of a demo's vehicles. Test double: `Paper` of its test."""

    def state(self) -> Literal["locked", "opening", "revoked"]: ...

    async def try_session(self, token: bytes) -> None:
        """`token` is the hash of a session's cookie."""

    async def try_password(self, username: str, password: str) -> None: ...


def create_locked_app(lock: Lock, clock: Clock, cookie: str, web_root: Path) -> Any:
    """The ASGI application."""
    attempts: list[int] = []
    trying = asyncio.Lock()

    def refusal() -> ProblemError:
        state = lock.state()
        return ProblemError(_OPENING if state == "opening" else _LOCKED, f"box_{state}")

    @post("/api/session")
    async def log_in(data: JSONBody[LogIn]) -> None:
        now_ms = clock.now_ms()
        attempts[:] = [at for at in attempts if now_ms - at < ATTEMPTS_WINDOW_MS]
        if len(attempts) >= MAX_ATTEMPTS:
            raise ProblemError(429, "too_many_attempts")
        attempts.append(now_ms)
        async with trying:
            if lock.state() == "locked":
                await lock.try_password(data.username, data.password)
        raise refusal()

    @get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready")
    async def ready() -> Response[dict[str, bool]]:
        return Response({"store": False}, status_code=503)

    @get(PAGES)
    async def page() -> Response[bytes]:
        return page_of(web_root)

    handlers: list[Any] = [log_in, live, ready, page, *assets_of(web_root)]
    pages = Litestar(
        route_handlers=handlers,
        request_class=CheckedRequest,
        exception_handlers=HANDLERS,
        openapi_config=None,
        response_headers=HEADERS,
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        token = _cookie(scope, cookie)
        if token and lock.state() == "locked":
            await lock.try_session(token_hash(token))
        path = scope.get("path", "")
        if not path.startswith("/api/") or (path, scope.get("method")) == ("/api/session", "POST"):
            await pages(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await _answer(send, refusal())

    return app


def _cookie(scope: Any, name: str) -> str:
    cookies = SimpleCookie()
    for key, value in scope.get("headers", ()):
        if key == b"cookie":
            with suppress(CookieError):
                cookies.load(value.decode("latin-1"))
    return cookies[name].value if name in cookies else ""


async def _answer(send: Any, error: ProblemError) -> None:
    headers = {"content-type": MEDIA_TYPE, **HEADERS}
    await send(
        {
            "type": "http.response.start",
            "status": error.problem.status,
            "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": msgspec.json.encode(error.problem)})
