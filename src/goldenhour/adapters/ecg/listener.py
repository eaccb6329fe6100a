"""The listener for ECG sources: framed packets over TCP, acknowledged when they are durable.

Rule 1: an acknowledgement is sent only after `sink` returned, that is, after fsync.
Rule 2: a connection begins with a key packet; its device number alone says whose it is.
Rule 3: live screens do not wait for the disk: `on_strip` is called as a packet arrives.
Rule 4: no patient data in logs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from goldenhour.adapters.ecg.config import EcgConfig
from goldenhour.adapters.ecg.packets import strip_of
from goldenhour.app.ports import Clock
from goldenhour.kernel.telemetry import Strip
from goldenhour.wire.ecg_stream import Ack, Broken, Framer, write_ack

_log = structlog.get_logger(__name__)
_CHUNK_BYTES: Final = 64 * 1024
_UNREAD_ACK_BYTES: Final = 64 * 1024


class SourceDirectory(Protocol):
    """Which unit carries a device. Test double: `Owners` in tests/contract/test_ecg_path.py."""

    async def find_unit(self, device_id: str) -> str | None: ...


Sink = Callable[[Sequence[Strip]], Awaitable[int]]
"""Keeps packets of one stream; when it returns, all sequences below the answer are durable."""


class EcgListener:
    """`async with EcgListener(...) as listener:` listens until the block ends."""

    def __init__(
        self,
        config: EcgConfig,
        *,
        directory: SourceDirectory,
        sink: Sink,
        on_strip: Callable[[Strip], None],
        clock: Clock,
    ) -> None:
        self._config = config
        self._directory = directory
        self._sink = sink
        self._on_strip = on_strip
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._on_connection, self._config.host, self._config.port
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _on_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        log = _log.bind(peer=writer.get_extra_info("peername"))
        if len(self._connections) >= self._config.max_connections:
            log.error("ecg.too_many_connections", limit=self._config.max_connections)
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            await self._serve(reader, writer, log)
        except (OSError, TimeoutError) as error:
            log.info("ecg.disconnected", reason=type(error).__name__)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        framer = Framer()
        owner: tuple[str, int] | None = None
        while True:
            async with asyncio.timeout(self._config.silence_s):
                chunk = await reader.read(_CHUNK_BYTES)
            if not chunk:
                return
            strips: list[Strip] = []
            for item in framer.feed(chunk):
                if isinstance(item, Broken):
                    log.warning("ecg.broken_packet", text=item.text)
                    continue
                data, packet = item
                if owner is None or packet.epoch != owner[1]:
                    device = packet.declaration.device_id if packet.declaration else ""
                    unit_id = await self._directory.find_unit(device)
                    if unit_id is None:
                        log.warning("ecg.unknown_device", device_id=device)
                        return
                    owner = (unit_id, packet.epoch)
                strip = strip_of(data, owner[0], self._clock.now_ms(), packet)
                self._on_strip(strip)
                strips.append(strip)
            if not strips or owner is None:
                continue
            through = await self._sink(strips)
            if writer.transport.get_write_buffer_size() < _UNREAD_ACK_BYTES:
                writer.write(write_ack(Ack(epoch=owner[1], through=through)))
