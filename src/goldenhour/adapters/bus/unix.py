"""Both ends of the bus: one server (the api process), many clients (gateways).

Rule 1: a publisher never waits. What cannot be sent is kept up to a bound; then the oldest goes and
is counted, since of live telemetry the newest is worth most. The stores hold the record.
Rule 2: a client connects by itself, again and again; a server may come and go.
Rule 3: a socket file without a server behind it is removed; one with a server is refused.
Rule 4: the socket's mode is 0600: only this account's processes speak on the bus.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from goldenhour.adapters.bus.frame import (
    LENGTH_BYTES,
    FrameError,
    decode_body,
    decode_length,
    encode,
)

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0

_LOG: Final = logging.getLogger(__name__)


class BusError(Exception):
    """The bus cannot be opened; the text says why."""


class BusServer:
    """Calls `on_message(topic, payload)` for every message, in each client's order.

    `on_message` runs in the event loop and must return at once. What it raises is logged and costs
    that message only.
    """

    def __init__(self, path: Path, on_message: Callable[[str, bytes], None]) -> None:
        self._path = path
        self._on_message = on_message
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await _remove_stale(self._path)
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        self._path.chmod(0o600)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                length = decode_length(await reader.readexactly(LENGTH_BYTES))
                topic, payload = decode_body(await reader.readexactly(length))
                try:
                    self._on_message(topic, payload)
                except Exception:  # noqa: BLE001 (a fault of one message; it is logged with its trace)
                    _LOG.exception("a message on %s was lost", topic)
        except FrameError as error:
            _LOG.warning("a client of the bus was closed: %s", error)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # it left; it comes back by itself
        finally:
            self._writers.discard(writer)
            writer.close()


class BusClient:
    """Publishes into the bus; an `app.ports.Bus`."""

    def __init__(self, path: Path, *, keep: int = 500) -> None:
        self._path = path
        self._waiting: deque[bytes] = deque(maxlen=keep)
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0
        """Messages given up since the start; a metric."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._send_for_ever())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def publish(self, topic: str, payload: bytes) -> None:
        """Never waits. Raises FrameError when topic or payload cannot be framed."""
        frame = encode(topic, payload)
        if len(self._waiting) == self._waiting.maxlen:
            self.dropped += 1
        self._waiting.append(frame)
        self._filled.set()

    async def _send_for_ever(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._path)
            except OSError:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            pause_s = _FIRST_PAUSE_S
            sending = asyncio.create_task(self._send(writer))
            # The server never speaks, so the end of its stream is how we learn that it left.
            leaving = asyncio.create_task(reader.read(1))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
                writer.close()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        while True:
            while self._waiting:
                frames = b"".join(self._waiting)
                self._waiting.clear()
                writer.write(frames)
                await writer.drain()
            self._filled.clear()
            await self._filled.wait()


async def _remove_stale(path: Path) -> None:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink()  # noqa: ASYNC240 (once, at the start)
        return
    writer.close()
    await writer.wait_closed()
    raise BusError(f"{path}: another process serves this bus; stop it first")
