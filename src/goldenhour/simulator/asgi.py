"""What the doubles of services that answer over https share: an answer, and an orderly end."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    media_type: str = "application/json",
    headers: Sequence[tuple[bytes, bytes]] = (),
    cut: bool = False,
) -> None:
    """`cut`: half of the body, then ConnectionError, by which the server breaks the line."""
    head = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": head})
    if cut:
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionError("cut off, as asked for")
    await send({"type": "http.response.body", "body": body})


async def live(receive: Receive, send: Send) -> None:
    """The server's own beginning and end (ASGI lifespan)."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
