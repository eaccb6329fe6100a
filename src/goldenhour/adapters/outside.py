"""Speaking to somebody else's service over https."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import httpx


def open_client(
    token: str, ca_file: Path | None, timeout: httpx.Timeout | float, **headers: str
) -> httpx.AsyncClient:
    """With a bearer token; `ca_file` None: the authorities that this system trusts."""
    return httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=str(ca_file) if ca_file else None),
        headers={"authorization": f"Bearer {token}"} | headers,
        timeout=timeout,
        # A redirect would carry the token, and whom it is about, to somebody else.
        follow_redirects=False,
        trust_env=False,
    )


async def send(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """The answer's content; broken off at any point, it leaves no socket behind.

    Raises httpx.HTTPError, for an answer that is none as well.
    """
    opened: list[Any] = []

    async def trace(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            opened.append(info["return_value"])

    request.extensions["trace"] = trace
    try:
        response = await client.send(request)
    except asyncio.CancelledError:
        # httpcore forgets a socket whose TLS handshake is cancelled.
        for stream in opened:
            await stream.aclose()
        raise
    return response.raise_for_status().content
