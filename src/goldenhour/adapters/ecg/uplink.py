"""A vehicle's lines for ECG to its centre: live packets at once, older ones when asked for.

Rule 1: a live packet is sent once, when it arrives; while the line is down nothing is queued.
Rule 2: the vehicle says how far it holds each stream; the centre answers with what it lacks; that
        is read from the segment files and sent, newest first. Any loss ends in the same bytes.
Rule 3: what fills gaps has a line of its own, so that no live packet stands behind it in a buffer.
        It goes in half slices, two of them under way, so that the line is not idle while the
        centre answers and no more than a slice stands before what is more urgent.
Rule 4: a line is opened in its turn too: its handshake takes a slow link from what is more urgent.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from goldenhour.adapters.ecg.config import UplinkConfig
from goldenhour.adapters.ecg.store import SegmentStore
from goldenhour.app.strips import Missing, StreamState
from goldenhour.app.uplinks import LEAST_SLICE_BYTES, DataClass, Uplink, UplinkLostError
from goldenhour.kernel.telemetry import Strip
from goldenhour.kernel.time import phase_of

IN_FLIGHT: Final = 2
"""Half slices that the centre has not answered for."""
_LIVE_KEPT: Final = 100
_MISSING: Final = msgspec.json.Decoder(tuple[Missing, ...])
_FAILURES: Final = (WebSocketException, OSError, TimeoutError, msgspec.DecodeError)
_log = structlog.get_logger(__name__)


class Carrier(Protocol):
    """The networks to the centre: adapters/edge. Test double: `OneLine` in bench/ecg_live."""

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        """Raises UplinkLostError when the work was broken off."""
        ...

    def turn(self, uplink: str, data: DataClass) -> AbstractAsyncContextManager[None]: ...
    def slice_bytes(self, uplink: str) -> int: ...
    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None: ...


class EcgUplink:
    def __init__(self, config: UplinkConfig, store: SegmentStore, carrier: Carrier) -> None:
        self._config = config
        self._store = store
        self._carrier = carrier
        self._live: deque[bytes] = deque(maxlen=_LIVE_KEPT)
        self._filled = asyncio.Event()
        self._flying: deque[tuple[int, float]] = deque()
        """Of each half slice under way: bytes, and when it was sent."""
        self._heard_s = 0.0
        """When the last answer came."""
        self._context = ssl.create_default_context(cafile=config.ca_file)
        self.connected = False
        """The line for live packets."""
        self.waiting = 0
        """Packets that the centre lacks, as far as it has asked for them, and those since."""

    def take(self, strip: Strip) -> None:
        """Send this packet as soon as possible; returns at once."""
        if self.connected:
            self._live.append(strip.data)
            self._filled.set()
        else:
            self.waiting += 1

    async def run(self, stopping: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            lines = [
                group.create_task(self._keep(DataClass.ECG, self._send_live)),
                group.create_task(self._keep(DataClass.BACKLOG, self._fill)),
            ]
            await stopping.wait()
            for line in lines:
                line.cancel()

    async def _keep(
        self, data: DataClass, talk: Callable[[ClientConnection, str], Awaitable[None]]
    ) -> None:
        async def work(uplink: Uplink) -> None:
            async with self._carrier.turn(uplink.name, data):
                line = await connect(
                    uplink.url.replace("https://", "wss://", 1) + "/api/edge/ecg",
                    ssl=self._context,
                    additional_headers={"Authorization": self._config.authorization},
                    proxy=None,
                    compression=None,  # coded samples do not become smaller
                    open_timeout=self._config.answer_s,
                    close_timeout=1,
                )
            async with line as socket:
                await talk(socket, uplink.name)

        while True:
            try:
                await self._carrier.during(data, work)
            except UplinkLostError:
                continue
            except _FAILURES as error:
                unit_id = self._config.unit_id
                _log.warning("ecg.uplink_failed", unit_id=unit_id, data=data, reason=repr(error))
            await asyncio.sleep(self._config.pause_s)

    async def _send_live(self, socket: ClientConnection, uplink: str) -> None:
        self._live.clear()
        self.connected = True
        try:
            while True:
                while self._live:
                    async with self._carrier.turn(uplink, DataClass.ECG):
                        await socket.send(self._live.popleft())
                self._filled.clear()
                await self._filled.wait()
        finally:
            self.connected = False

    async def _fill(self, socket: ClientConnection, uplink: str) -> None:
        pause_s = self._config.ask_s * phase_of(self._config.unit_id)
        self._flying.clear()
        while True:
            told = {state.epoch: state for state in await self._ask(socket)}
            missing = await self._hear(socket)
            for one in missing:
                for first, end in one.ranges:
                    await self._send_range(socket, uplink, one.epoch, first, end)
                if not one.ranges and one.epoch in told:
                    await self._store.mark_carried(self._config.unit_id, told[one.epoch])
            while self._flying:
                await self._hear_of_slice(socket, uplink)
            if not any(one.ranges for one in missing):
                await asyncio.sleep(pause_s)
                pause_s = self._config.ask_s

    async def _ask(self, socket: ClientConnection) -> list[StreamState]:
        """What does the centre lack? It answers in order: what was sent before has arrived then."""
        states = self._store.list_streams(self._config.unit_id)
        await socket.send(msgspec.json.encode(states).decode())
        return states

    async def _hear(self, socket: ClientConnection) -> tuple[Missing, ...]:
        async with asyncio.timeout(self._config.answer_s):
            missing = _MISSING.decode(await socket.recv())
        self.waiting = sum(end - first for one in missing for first, end in one.ranges)
        return missing

    async def _hear_of_slice(self, socket: ClientConnection, uplink: str) -> None:
        """The line was busy with this one since it was sent, or since the one before arrived."""
        await self._hear(socket)
        now_s = asyncio.get_running_loop().time()
        sent, began_s = self._flying.popleft()
        self._carrier.sent(uplink, sent, now_s - max(began_s, self._heard_s))
        self._heard_s = now_s

    async def _send_range(
        self, socket: ClientConnection, uplink: str, epoch: int, first: int, end: int
    ) -> None:
        # At once, since each reading opens whole segments; the centre asks for a few hundred.
        packets = deque(await self._store.read(self._config.unit_id, epoch, first, end))
        while packets:
            async with self._carrier.turn(uplink, DataClass.BACKLOG):
                await self._send_slice(socket, uplink, packets)

    async def _send_slice(
        self, socket: ClientConnection, uplink: str, packets: deque[bytes]
    ) -> None:
        while len(self._flying) >= IN_FLIGHT:
            await self._hear_of_slice(socket, uplink)
        began_s, sent = asyncio.get_running_loop().time(), 0
        limit = max(self._carrier.slice_bytes(uplink) // IN_FLIGHT, LEAST_SLICE_BYTES)
        while packets and sent < limit:
            sent += len(packets[0])
            await socket.send(packets.popleft())
        await self._ask(socket)
        self._flying.append((sent, began_s))
