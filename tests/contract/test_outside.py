"""Speaking to somebody else's service: what is broken off leaves nothing behind."""

import asyncio
import ssl

import httpx

from goldenhour.adapters.outside import send


async def test_a_request_that_is_broken_off_in_its_handshake_leaves_no_socket() -> None:
    asked: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait((reader, writer))

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(verify=ssl.create_default_context()) as client:
        request = client.build_request("GET", f"https://127.0.0.1:{port}/")
        asking = asyncio.create_task(send(client, request))
        reader, writer = await asked.get()
        assert await reader.read(1 << 16)  # a handshake's beginning
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        ended = asyncio.create_task(reader.read())
        await asyncio.wait({ended}, timeout=10)
        left_open = not ended.done()
        writer.transport.abort()
    assert not left_open
