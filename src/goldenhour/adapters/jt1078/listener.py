"""The receiver for cabin cameras: JT/T 1078 media over TCP, in the vehicle alone.

Rule 1: a connection is of the device that its first packet names. One that this vehicle does not
        name, or that changes its number, is cut off, and the log says which.
Rule 2: the number of connections, their silence and what a stranger may send are bounded.
Rule 3: the protocol knows no acknowledgement: what a camera sends while nobody takes it is lost,
        and the next packet's number tells how much.
Rule 4: nothing of a picture in logs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Self

import structlog

from goldenhour.adapters.jt1078.config import CameraConfig
from goldenhour.wire.jt1078 import AccessUnit, Assembler, Broken, Lost, Splitter

_log = structlog.get_logger(__name__)
_CHUNK_BYTES: Final = 64 * 1024

Sink = Callable[[str, Sequence[AccessUnit | Lost]], Awaitable[None]]
"""Number of the device, and what came of it, in order."""


class CameraListener:
    """`async with CameraListener(...) as listener:` listens until the block ends."""

    def __init__(
        self,
        config: CameraConfig,
        *,
        sink: Sink,
        on_stranger: Callable[[str], None] = lambda _device: None,
    ) -> None:
        """`on_stranger`: the number of a device that this vehicle does not name."""
        self._config = config
        self._on_stranger = on_stranger
        self._sink = sink
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
            log.error("jt1078.too_many_connections", limit=self._config.max_connections)
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            await self._serve(reader, log)
        except (OSError, TimeoutError) as error:
            log.info("jt1078.disconnected", reason=type(error).__name__)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, log: structlog.stdlib.BoundLogger) -> None:
        splitter, assembler = Splitter(), Assembler()
        device = ""
        read_bytes = 0
        while True:
            async with asyncio.timeout(self._config.silence_s):
                chunk = await reader.read(_CHUNK_BYTES)
            read_bytes += len(chunk)
            items: list[AccessUnit | Lost] = []
            for found in splitter.feed(chunk) if chunk else splitter.close():
                if isinstance(found, Broken):
                    log.warning("jt1078.skipped", device=device, bytes=found.dropped_bytes)
                    continue
                if not device:
                    if found.device not in self._config.cameras:
                        log.warning("jt1078.unknown_device", device=found.device)
                        self._on_stranger(found.device)
                        return
                    device = found.device
                if found.device != device:
                    log.warning("jt1078.other_device", device=found.device, before=device)
                    return
                items += assembler.feed(found)
            if items:
                await self._sink(device, items)
            if not chunk:
                return
            if not device and read_bytes > self._config.greeting_bytes:
                log.warning("jt1078.no_camera", bytes=read_bytes)
                return
