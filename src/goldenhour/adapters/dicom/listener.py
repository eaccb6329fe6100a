"""The storage provider for ultrasound devices: C-ECHO and C-STORE, as docs/interfaces says.

Rule 1: a device is told "success" only after `sink` returned, that is, after fsync. A full disk is
        "out of resources" (A700), and the device keeps its picture.
Rule 2: who calls by a title that no device of this vehicle has, or calls another title than ours,
        is refused, and the log says which.
Rule 3: a peer's connections, their number, the length of what it sends and its silence are bounded.
        More than that is cut off while it comes, not after it filled the memory.
Rule 4: the library works in threads of its own; the loop is entered for the sink alone.
Rule 5: no patient data in logs; the library's own are shut, since they repeat what peers send.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self
from weakref import WeakKeyDictionary, WeakSet

import structlog
from pynetdicom import AE, evt
from pynetdicom.transport import ThreadedAssociationServer

from goldenhour.adapters.dicom.config import DicomConfig
from goldenhour.wire.ultrasound.image import EXPLICIT, IMPLICIT, JPEG, OTHERS, RLE

VERIFICATION: Final = "1.2.840.10008.1.1"
CLASSES: Final = (
    *("1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"),  # ultrasound, multi-frame
    *("1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.3"),  # the same, retired
    # What devices send that cannot do better: secondary capture, and its loops.
    *("1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.7.2", "1.2.840.10008.5.1.4.1.1.7.4"),
)
SYNTAXES: Final = (EXPLICIT, IMPLICIT, JPEG, RLE, *OTHERS)
SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_UNDERSTAND: Final = 0xC000
_NOBODY: Final = "NO DEVICE NAMED"
"""A device's title has no blanks (app/devices.py), so nobody is called so."""
_PDU_BYTES: Final = 128 * 1024
_LEAVE_S: Final = 5.0
_OVERHEAD_BYTES: Final = 1 << 20
"""Heads of packets and the command, beside an instance."""
_log = structlog.get_logger(__name__)

Sink = Callable[[str, bytes], Awaitable[None]]
"""Title of the device, the instance as a file; durable when it returns, else OSError."""


class DicomListener:
    """`async with DicomListener(...) as listener:` listens until the block ends."""

    def __init__(
        self,
        config: DicomConfig,
        *,
        sink: Sink,
        on_stranger: Callable[[str, str], None] = lambda _title, _reason: None,
    ) -> None:
        """`on_stranger`: who was not let in, and why; in the event loop."""
        self._config = config
        self._on_stranger = on_stranger
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._read_bytes: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        """Association -> what it has sent since it was last answered."""
        self._lines: WeakSet[socket.socket] = WeakSet()
        self._server: ThreadedAssociationServer | None = None
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
        self._entity = AE(ae_title=config.title)
        self._entity.require_called_aet = True
        # An empty list would let everybody in.
        self._entity.require_calling_aet = list(config.callers) or [_NOBODY]
        self._entity.maximum_associations = config.max_connections
        self._entity.maximum_pdu_size = _PDU_BYTES
        self._entity.network_timeout = config.silence_s
        self._entity.dimse_timeout = config.silence_s
        self._entity.acse_timeout = config.greeting_s
        self._entity.add_supported_context(VERIFICATION)
        for one in CLASSES:
            self._entity.add_supported_context(one, list(SYNTAXES))

    @property
    def port(self) -> int:
        assert self._server is not None
        assert self._server.socket is not None
        port: int = self._server.socket.getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, self._on_connection),
            (evt.EVT_REJECTED, self._on_rejected),
            (evt.EVT_ABORTED, _on_aborted),
            (evt.EVT_C_STORE, self._on_store),
        ]
        self._server = self._entity.start_server(
            (self._config.host, self._config.port), block=False, evt_handlers=handlers
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._end)
        for line in list(self._lines):
            line.close()  # the library leaves that of a peer that died to the collector

    def _end(self) -> None:
        """Not the library's own `shutdown`: it aborts whom it has not let in, and dies of that."""
        assert self._server is not None
        self._server.shutdown()
        here = self._entity.active_associations
        for one in here:
            if one.is_established:
                one.abort()
        for line in list(self._lines):
            with suppress(OSError):  # it may be gone already
                line.shutdown(socket.SHUT_RDWR)
        for one in here:
            one.dul.kill_dul()
            if one.dul.is_alive():  # else it is gone, or ends as it begins
                one.dul.join(_LEAVE_S)

    # ---- in the library's threads

    def _on_connection(self, event: Any) -> None:
        """Bound what this peer may send between two answers; the library reads whatever comes."""
        line = event.assoc.dul.socket
        self._lines.add(line.socket)
        read, self._read_bytes[event.assoc] = line.recv, 0

        def bounded(count: int) -> bytearray:
            self._read_bytes[event.assoc] += count
            # Who has not been let in has nothing to send but its name.
            known = event.assoc.is_established
            most = _OVERHEAD_BYTES + (self._config.max_bytes if known else 0)
            if self._read_bytes[event.assoc] > most:
                _log.warning("dicom.too_long", peer=event.address, limit=most)
                raise OSError("more than an instance may have")
            data: bytearray = read(count)
            return data

        line.recv = bounded

    def _on_store(self, event: Any) -> int:
        device = event.assoc.requestor.ae_title.strip()
        data = event.encoded_dataset()
        self._read_bytes[event.assoc] = 0
        if len(data) > self._config.max_bytes:
            _log.warning("dicom.too_long", device=device, limit=self._config.max_bytes)
            return OUT_OF_RESOURCES
        future = asyncio.run_coroutine_threadsafe(_awaited(self._sink(device, data)), self._loop)
        try:
            future.result(self._config.keep_s)
        except (OSError, TimeoutError) as error:
            _log.error("dicom.not_kept", device=device, reason=repr(error))
            return OUT_OF_RESOURCES
        except Exception:  # noqa: BLE001 (the library would swallow it, and its log is shut)
            _log.exception("dicom.failed", device=device)
            return CANNOT_UNDERSTAND
        return SUCCESS

    def _on_rejected(self, event: Any) -> None:
        calling = event.assoc.requestor.ae_title.strip()
        called = event.assoc.requestor.primitive.called_ae_title.strip()
        answer = event.assoc.acceptor.primitive
        _log.warning(
            "dicom.refused",
            peer=event.assoc.requestor.address,
            calling=calling,
            called=called,
            reason=answer.reason_str if answer else "no place left",
        )
        if calling and calling not in self._config.callers:
            reason = "unknown_device" if called == self._config.title else "other_title"
            self._loop.call_soon_threadsafe(self._on_stranger, calling, reason)


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _on_aborted(event: Any) -> None:
    _log.info("dicom.broken_off", device=event.assoc.requestor.ae_title.strip())
