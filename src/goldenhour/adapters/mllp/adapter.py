"""The listener for patient monitors: HL7 PCD-01 and PCD-04 over MLLP.

Rule 1: AA is sent only after `sink` returned, that is, after the numerics are durable.
Rule 2: messages of one connection are handled in their order; a slow sink slows the peer down.
Rule 3: a monitor need not read its answers. They are never waited for, and withheld from a peer
that lets them pile up, so that its measurements keep flowing; a maker whose devices never read is
sent none.
Rule 4: a unit is found by the device's number alone, never by a patient's name.
Rule 5: no patient data in logs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from goldenhour.adapters.mllp.config import MllpConfig
from goldenhour.app.ports import Clock
from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.wire.hl7v2 import (
    AckCode,
    Broken,
    Envelope,
    Framer,
    Maker,
    Observation,
    Reason,
    Rejected,
    build_ack,
    decode,
    wrap,
)

_log = structlog.get_logger(__name__)
_CHUNK_BYTES: Final = 64 * 1024
_MOST_STRANGERS: Final = 100
_MAY_SUCCEED_AGAIN: Final = frozenset({Reason.REQUIRED_FIELD, Reason.DATA_TYPE, Reason.INTERNAL})


class MonitorDirectory(Protocol):
    """Which unit carries a monitor. Test double: `Directory` in tests/contract/test_mllp.py."""

    async def find_unit(self, device_id: str) -> str | None: ...


Sink = Callable[[NumericSet, str], Awaitable[None]]
"""Takes one message's numerics and whom the device names (PID-3); durable when it returns."""
AlarmSink = Callable[[str, Sequence[DeviceAlarm], int], Awaitable[None]]
"""Takes what one message says that the unit's device alarms, and when that came; durable when it
returns, where it is about a patient."""


class MllpListener:
    """`async with MllpListener(...) as listener:` listens until the block ends."""

    def __init__(
        self,
        config: MllpConfig,
        *,
        directory: MonitorDirectory,
        sink: Sink,
        on_alarms: AlarmSink,
        clock: Clock,
        makers: tuple[Maker, ...] = (),
        on_refused: Callable[[str, str], None] = lambda _device_id, _reason: None,
    ) -> None:
        """`on_refused`: which device sent what cannot be read, and why, as far as it says who."""
        self._config = config
        self._directory = directory
        self._sink = sink
        self._on_alarms = on_alarms
        self._clock = clock
        self._makers = makers
        self._on_refused = on_refused
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that is listened on, once it is."""
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
            log.error("monitor.too_many_connections", limit=self._config.max_connections)
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            await self._serve(reader, writer, log)
        except (ConnectionError, TimeoutError) as error:
            # Monitors drop idle links and vehicles lose their network; both are ordinary.
            log.info("monitor.disconnected", reason=type(error).__name__)
        except asyncio.CancelledError:
            writer.transport.abort()  # a close would wait for a peer that does not read
            raise
        finally:
            self._connections.discard(task)
            if self._is_stuck(writer):
                writer.transport.abort()
            writer.close()

    async def _serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        framer = Framer(self._config.max_message_bytes)
        strangers: set[str] = set()
        speakers: set[str] = set()
        while True:
            async with asyncio.timeout(self._config.silence_s):
                chunk = await reader.read(_CHUNK_BYTES)
            if not chunk:
                log.info("monitor.disconnected", reason="closed by the monitor")
                return
            for item in framer.feed(chunk):
                if isinstance(item, Broken):
                    log.warning("monitor.broken_frame", text=item.text, bytes=item.dropped_bytes)
                    continue
                answer = await self._handle(item, strangers, speakers, log)
                if answer and not self._is_stuck(writer):
                    writer.write(wrap(answer))

    def _is_stuck(self, writer: asyncio.StreamWriter) -> bool:
        unread_bytes = writer.transport.get_write_buffer_size()
        return unread_bytes > self._config.max_unread_ack_bytes

    async def _handle(
        self,
        raw: bytes,
        strangers: set[str],
        speakers: set[str],
        log: structlog.stdlib.BoundLogger,
    ) -> bytes:
        """The answer; empty for a peer that never reads one."""
        received_ms = self._clock.now_ms()
        result = decode(raw, self._makers)
        if isinstance(result, Rejected):
            log.warning("monitor.refused", field=result.field, reason=result.reason.name)
            if result.device_id:
                self._on_refused(result.device_id, result.reason.name.lower())
            code = AckCode.ERROR if result.reason in _MAY_SUCCEED_AGAIN else AckCode.REJECT
            return self._answer(
                result.envelope, code, result.reason, field=result.field, text=result.text
            )
        answer = await self._take(result, received_ms, strangers, speakers, log)
        return answer if result.reads_answers else b""

    async def _take(
        self,
        seen: Observation,
        received_ms: int,
        strangers: set[str],
        speakers: set[str],
        log: structlog.stdlib.BoundLogger,
    ) -> bytes:
        try:
            unit_id = await self._directory.find_unit(seen.device_id)
            if unit_id is not None and (seen.values or not seen.alarms):
                await self._sink(_numerics(seen, unit_id, received_ms), seen.patient_number)
            if unit_id is not None and seen.alarms:
                await self._on_alarms(unit_id, seen.alarms, received_ms)
        except Exception:
            # Whatever failed behind us, the monitor must learn that nothing was kept.
            log.exception("monitor.not_stored", device_id=seen.device_id)
            return self._answer(
                seen.envelope, AckCode.ERROR, Reason.INTERNAL, text="not stored, send again"
            )
        if unit_id is not None:
            speakers.add(seen.device_id)
            return self._answer(seen.envelope, AckCode.ACCEPT, Reason.INTERNAL)
        if seen.device_id in speakers:
            raise ConnectionAbortedError(f"{seen.device_id} was revoked")
        if seen.device_id not in strangers and len(strangers) < _MOST_STRANGERS:
            # Once a connection: monitors repeat themselves every second.
            strangers.add(seen.device_id)
            log.warning("monitor.unknown_device", device_id=seen.device_id)
        return self._answer(
            seen.envelope,
            AckCode.REJECT,
            Reason.UNKNOWN_DEVICE,
            field="MSH-3",
            text=f"device {seen.device_id} is not registered",
        )

    def _answer(
        self, to: Envelope, code: AckCode, reason: Reason, *, field: str = "", text: str = ""
    ) -> bytes:
        at_ms = self._clock.now_ms()
        return build_ack(to, code, at_ms=at_ms, reason=reason, field=field, text=text)


def _numerics(seen: Observation, unit_id: str, received_ms: int) -> NumericSet:
    return NumericSet(
        device_id=seen.device_id,
        unit_id=unit_id,
        device_ms=seen.device_ms,
        received_ms=received_ms,
        values=seen.values,
        clock_doubted=seen.clock_doubted,
    )
