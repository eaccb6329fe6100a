"""A vehicle's line for ECG to its centre: live packets at once, older ones when they are asked for.

Rule 1: a live packet is sent once, when it arrives; while the line is down nothing is queued.
Rule 2: the vehicle says how far it holds each stream; the centre answers with what it lacks; that
        is read from the segment files and sent, newest first. Any loss ends in the same bytes.
Rule 3: live packets go between those that fill gaps and never behind all of them.
"""

import asyncio
import ssl
from collections import deque
from contextlib import suppress
from typing import Final

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from goldenhour.adapters.ecg.config import UplinkConfig
from goldenhour.adapters.ecg.store import SegmentStore
from goldenhour.app.strips import Missing
from goldenhour.kernel.telemetry import Strip
from goldenhour.kernel.time import phase_of

PART: Final = 100
"""Packets read from disk at once."""
_LIVE_KEPT: Final = 100
_MISSING: Final = msgspec.json.Decoder(tuple[Missing, ...])
_FAILURES: Final = (WebSocketException, OSError, TimeoutError, msgspec.DecodeError)
_log = structlog.get_logger(__name__)


class EcgUplink:
    def __init__(self, config: UplinkConfig, store: SegmentStore) -> None:
        self._config = config
        self._store = store
        self._live: deque[bytes] = deque(maxlen=_LIVE_KEPT)
        self._filled = asyncio.Event()
        self.connected = False

    def take(self, strip: Strip) -> None:
        """Send this packet as soon as possible; returns at once."""
        if self.connected:
            self._live.append(strip.data)
            self._filled.set()

    async def run(self, stopping: asyncio.Event) -> None:
        context = ssl.create_default_context(cafile=self._config.ca_file)
        working = asyncio.create_task(self._run_for_ever(context))
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self, context: ssl.SSLContext) -> None:
        while True:
            try:
                await self._talk(context)
            except* _FAILURES as group:
                reasons = [repr(error) for error in group.exceptions]
                _log.warning("ecg.uplink_failed", unit_id=self._config.unit_id, reasons=reasons)
            await asyncio.sleep(self._config.pause_s)

    async def _talk(self, context: ssl.SSLContext) -> None:
        async with connect(
            self._config.centre_url.replace("https://", "wss://", 1) + "/api/edge/ecg",
            ssl=context,
            additional_headers={"Authorization": self._config.authorization},
            proxy=None,
            compression=None,  # coded samples do not become smaller
            open_timeout=self._config.answer_s,
            close_timeout=1,
        ) as socket:
            self._live.clear()
            self.connected = True
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send_live(socket))
                    group.create_task(self._fill(socket))
            finally:
                self.connected = False

    async def _send_live(self, socket: ClientConnection) -> None:
        while True:
            while self._live:
                await socket.send(self._live.popleft())
            self._filled.clear()
            await self._filled.wait()

    async def _fill(self, socket: ClientConnection) -> None:
        pause_s = self._config.ask_s * phase_of(self._config.unit_id)
        while True:
            states = self._store.list_streams(self._config.unit_id)
            await socket.send(msgspec.json.encode(states).decode())
            async with asyncio.timeout(self._config.answer_s):
                missing = _MISSING.decode(await socket.recv())
            for one in missing:
                for first, end in one.ranges:
                    await self._send_range(socket, one.epoch, first, end)
            if not any(one.ranges for one in missing):
                await asyncio.sleep(pause_s)
                pause_s = self._config.ask_s

    async def _send_range(self, socket: ClientConnection, epoch: int, first: int, end: int) -> None:
        for at in range(first, end, PART):
            until = min(at + PART, end)
            for data in await self._store.read(self._config.unit_id, epoch, at, until):
                await socket.send(data)
