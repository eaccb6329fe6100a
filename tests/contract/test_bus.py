"""The bus over a real Unix socket."""
# ruff: noqa: ASYNC240 (tests look at the socket's file between steps; nothing else runs)

import asyncio
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldenhour.adapters.bus import BusClient, BusError, BusServer
from goldenhour.app.ports import Bus

_WITHIN_S = 20


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # short, as a socket's path must be
        yield Path(folder) / "bus"


class _Inbox:
    def __init__(self) -> None:
        self.messages: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    def take(self, topic: str, payload: bytes) -> None:
        self.messages.put_nowait((topic, payload))

    async def get(self) -> tuple[str, bytes]:
        async with asyncio.timeout(_WITHIN_S):
            return await self.messages.get()

    async def get_until(self, wanted: bytes) -> list[bytes]:
        seen: list[bytes] = []
        while not seen or seen[-1] != wanted:
            seen.append((await self.get())[1])
        return seen


async def _reconnected(bus: Bus, inbox: _Inbox) -> None:
    """Publishes until something arrives: what was under way when the server left is lost."""
    async with asyncio.timeout(_WITHIN_S):
        while inbox.messages.empty():
            await bus.publish("probe", b"")
            await asyncio.sleep(0.01)


async def test_messages_arrive_whole_and_in_order(path: Path) -> None:
    inbox = _Inbox()
    sent = [(f"fix/{n}", bytes([n]) * n * 1000) for n in range(50)]
    async with BusServer(path, inbox.take), BusClient(path) as client:
        bus: Bus = client
        for topic, payload in sent:
            await bus.publish(topic, payload)
        assert [await inbox.get() for _ in sent] == sent
    assert not path.exists()


async def test_only_this_account_may_connect(path: Path) -> None:
    async with BusServer(path, _Inbox().take):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_what_is_published_before_the_server_comes_is_delivered(path: Path) -> None:
    inbox = _Inbox()
    async with BusClient(path) as client:
        await client.publish("t", b"early")
        async with BusServer(path, inbox.take):
            assert await inbox.get() == ("t", b"early")


async def test_the_oldest_go_first_and_are_counted(path: Path) -> None:
    inbox = _Inbox()
    async with BusClient(path, keep=3) as client:
        for n in range(10):
            await client.publish("t", str(n).encode())
        assert client.dropped == 7
        async with BusServer(path, inbox.take):
            assert await inbox.get_until(b"9") == [b"7", b"8", b"9"]


async def test_a_client_outlives_its_server(path: Path) -> None:
    first, second = _Inbox(), _Inbox()
    async with BusClient(path) as client:
        async with BusServer(path, first.take):
            await client.publish("t", b"1")
            assert await first.get() == ("t", b"1")
        async with BusServer(path, second.take):
            await _reconnected(client, second)


async def test_a_server_that_does_not_read_never_holds_the_publisher(path: Path) -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stopped.wait()
        writer.close()

    stopped = asyncio.Event()
    async with await asyncio.start_unix_server(deaf, path), BusClient(path, keep=10) as client:
        async with asyncio.timeout(_WITHIN_S):
            while client.dropped == 0:
                await client.publish("t", bytes(100_000))
                await asyncio.sleep(0)
        stopped.set()


async def test_a_socket_file_left_behind_is_removed(path: Path) -> None:
    async with await asyncio.start_unix_server(lambda _r, w: w.close(), path):
        # A second name, since newer Pythons remove the first at the end.
        path.with_name("left").hardlink_to(path)
    path.with_name("left").replace(path)
    inbox = _Inbox()
    async with BusServer(path, inbox.take), BusClient(path) as client:
        await client.publish("t", b"x")
        assert await inbox.get() == ("t", b"x")


async def test_a_second_server_is_refused(path: Path) -> None:
    inbox = _Inbox()
    async with BusServer(path, inbox.take), BusClient(path) as client:
        with pytest.raises(BusError, match="another process serves"):
            await BusServer(path, _Inbox().take).__aenter__()
        await client.publish("t", b"still here")
        assert await inbox.get() == ("t", b"still here")


async def test_garbage_closes_its_sender_only(path: Path) -> None:
    inbox = _Inbox()
    async with BusServer(path, inbox.take), BusClient(path) as client:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(struct.pack(">I", 4_000_000_000))
        async with asyncio.timeout(_WITHIN_S):
            assert await reader.read() == b""
        writer.close()
        await client.publish("t", b"still here")
        assert await inbox.get() == ("t", b"still here")


async def test_a_failing_reader_costs_that_message_only(path: Path) -> None:
    inbox = _Inbox()

    def take(topic: str, payload: bytes) -> None:
        if payload == b"bad":
            raise RuntimeError("planted")
        inbox.take(topic, payload)

    async with BusServer(path, take), BusClient(path) as client:
        await client.publish("t", b"bad")
        await client.publish("t", b"good")
        assert await inbox.get() == ("t", b"good")
