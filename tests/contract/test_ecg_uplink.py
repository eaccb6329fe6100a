"""The vehicle's line that fills gaps: it is kept busy, and never filled further than that."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.adapters.ecg import EcgUplink, SegmentStore, UplinkConfig, strip_of
from goldenhour.adapters.ecg.uplink import IN_FLIGHT
from goldenhour.app.strips import Missing
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.main.local_ca import Certificate, ensure_certificate

UNIT = "A-01"
RATE_HZ = 500
PACKETS = packets_of(synthetic(31, RATE_HZ * 30, RATE_HZ), RATE_HZ, TWELVE, 7)
SLICE_BYTES = 16_000
HALF_BYTES = SLICE_BYTES // IN_FLIGHT
WITHIN_S = 20


class Centre:
    """Lacks everything; answers when it is told to."""

    def __init__(self) -> None:
        self.have = 0
        self.given = 0
        """Answers."""
        self.questions: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        """With each, how many packets had come and how many answers were given."""
        self.answers = asyncio.Semaphore(0)

    async def talk(self, socket: ServerConnection) -> None:
        unanswered: asyncio.Queue[int] = asyncio.Queue()
        answering = asyncio.create_task(self._answer(socket, unanswered))
        async for message in socket:
            if isinstance(message, bytes):
                self.have += 1
            else:
                self.questions.put_nowait((self.have, self.given))
                unanswered.put_nowait(self.have)
        answering.cancel()

    async def _answer(self, socket: ServerConnection, unanswered: asyncio.Queue[int]) -> None:
        while True:
            have = await unanswered.get()
            await self.answers.acquire()
            self.given += 1
            ranges = ((have, len(PACKETS)),) if have < len(PACKETS) else ()
            await socket.send(msgspec.json.encode([Missing(epoch=7, ranges=ranges)]).decode())

    async def asked(self) -> tuple[int, int]:
        async with asyncio.timeout(WITHIN_S):
            return await self.questions.get()


class Line:
    """One network that always lives; counts what was confirmed."""

    def __init__(self, url: str) -> None:
        self._uplink = Uplink(name="line", url=url)
        self.sent_bytes: list[int] = []
        self.waited = asyncio.Event()
        """Somebody has asked for a turn."""
        self.free = asyncio.Event()
        """Nothing more urgent wants the line."""
        self.free.set()

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        if data is not DataClass.BACKLOG:
            await asyncio.Event().wait()
        await work(self._uplink)

    @asynccontextmanager
    async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
        assert (uplink, data) == ("line", DataClass.BACKLOG)
        self.waited.set()
        await self.free.wait()
        yield

    def slice_bytes(self, uplink: str) -> int:
        del uplink
        return SLICE_BYTES

    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None:
        del uplink
        assert took_s > 0
        self.sent_bytes.append(sent_bytes)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    names = ("localhost", "127.0.0.1")
    return ensure_certificate(tmp_path_factory.mktemp("tls"), names, now_ms=1_795_000_000_000)


def list_halves() -> list[int]:
    """How many packets have gone after each half slice: it ends with what passes its size."""
    found, sent = [], 0
    for count, data in enumerate(PACKETS, start=1):
        sent += len(data)
        if sent >= HALF_BYTES:
            found.append(count)
            sent = 0
    return found


async def test_two_half_slices_are_under_way_and_no_more(
    tmp_path: Path, certificate: Certificate
) -> None:
    store = SegmentStore(tmp_path)
    await store.append([strip_of(data, UNIT, n) for n, data in enumerate(PACKETS)])
    centre, context = Centre(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)
    async with serve(centre.talk, "127.0.0.1", 0, ssl=context) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        line = Line(f"https://localhost:{port}")
        config = UplinkConfig(
            unit_id=UNIT, authorization="Edge x:y", ca_file=str(certificate.ca), ask_s=0.05
        )
        stopping = asyncio.Event()
        running = asyncio.create_task(EcgUplink(config, store, line).run(stopping))
        assert await centre.asked() == (0, 0)
        first, second, third, fourth = list_halves()[:4]
        centre.answers.release()
        assert [await centre.asked(), await centre.asked()] == [(first, 1), (second, 1)]
        # The next half goes when one has been answered for, and not before.
        centre.answers.release()
        assert await centre.asked() == (third, 2)
        centre.answers.release()
        assert await centre.asked() == (fourth, 3)
        for _answer in PACKETS:
            centre.answers.release()
        while centre.have < len(PACKETS):
            await centre.asked()
        stopping.set()
        await running
    assert centre.have == len(PACKETS)  # nothing twice
    assert sum(line.sent_bytes) <= sum(map(len, PACKETS))
    await store.close()


async def test_a_line_is_opened_behind_what_is_more_urgent(
    tmp_path: Path, certificate: Certificate
) -> None:
    store, lines = SegmentStore(tmp_path), 0
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)
    opened = asyncio.Event()

    def on_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        del reader
        lines += 1
        opened.set()
        writer.transport.abort()

    server = await asyncio.start_server(on_line, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        line = Line(f"https://localhost:{port}")
        line.free.clear()
        config = UplinkConfig(unit_id=UNIT, authorization="Edge x:y", ca_file=str(certificate.ca))
        stopping = asyncio.Event()
        running = asyncio.create_task(EcgUplink(config, store, line).run(stopping))
        async with asyncio.timeout(WITHIN_S):
            await line.waited.wait()
            assert lines == 0
            line.free.set()
            await opened.wait()
        stopping.set()
        await running
    await store.close()
