"""Writes what one vehicle's cameras send into segments, while the vehicle is on a run.

Rule 1: a segment begins with a key frame, so that it plays by itself. It ends before the first key
        frame after ten seconds, with the run, with its camera's silence, or at its greatest size.
Rule 2: nothing is written outside a run, nor on a disk that is nearly full: the record of the
        patient comes first. Both are told to the crew.
Rule 3: a full or failing disk costs the segment that was being written, never the connection.
"""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

import structlog

from goldenhour.adapters.jt1078.config import RecorderConfig
from goldenhour.adapters.jt1078.store import VideoFolder
from goldenhour.app.video import MAX_SEGMENT_BYTES, VideoStatus
from goldenhour.wire.jt1078 import AccessUnit, Kept, Kind, Lost, write_kept

_log = structlog.get_logger(__name__)
Source = tuple[str, int]
"""Device and channel."""
_HEAD_BYTES: Final = 64
"""More than the head of a unit in a file."""


@dataclass
class _Open:
    """A segment that is being written."""

    path: Path
    out: BinaryIO
    mission_id: str
    payload_type: int
    begun_ms: int
    heard_ms: int
    synced_ms: int
    size_bytes: int = 0
    holes: int = 0


class Recorder:
    def __init__(self, folder: VideoFolder, config: RecorderConfig) -> None:
        self._folder = folder
        self._config = config
        self._open: dict[Source, _Open] = {}
        self._writing = Lock()
        """Of threads: one whose connection was cut off writes on until it is done."""
        self._full = False
        self._closed = False

    async def take(
        self,
        mission_id: str,
        device: str,
        items: Sequence[AccessUnit | Lost],
        received_ms: int,
    ) -> None:
        """What came from a device; an empty `mission_id` is no run."""
        await asyncio.to_thread(self._take, mission_id, device, items, received_ms)

    async def sweep(self, mission_id: str, now_ms: int) -> None:
        """End the segments of runs that are over and of cameras that have fallen silent."""
        await asyncio.to_thread(self._sweep, mission_id, now_ms)

    async def close(self) -> None:
        """End every segment, for good."""
        await asyncio.to_thread(self._close)

    def status(self, cameras: int) -> VideoStatus:
        return VideoStatus(cameras=cameras, recording=len(self._open), full=self._full)

    def _take(
        self,
        mission_id: str,
        device: str,
        items: Sequence[AccessUnit | Lost],
        received_ms: int,
    ) -> None:
        with self._writing:
            if not self._closed:
                self._keep(mission_id, device, items, received_ms)

    def _keep(
        self,
        mission_id: str,
        device: str,
        items: Sequence[AccessUnit | Lost],
        received_ms: int,
    ) -> None:
        touched: set[Source] = set()
        for item in items:
            source = (device, item.channel)
            if isinstance(item, Lost):
                _log.info("jt1078.hole", device=device, reason=item.text, packets=item.packets)
                if source in self._open:
                    self._open[source].holes += 1
                continue
            try:
                if self._write(source, mission_id, item, received_ms):
                    touched.add(source)
            except OSError as error:
                self._give_up(source, error)
        for source in touched & self._open.keys():
            try:
                self._settle(self._open[source], received_ms)
            except OSError as error:
                self._give_up(source, error)

    def _write(self, source: Source, mission_id: str, unit: AccessUnit, received_ms: int) -> bool:
        segment = self._open.get(source)
        if segment is not None and self._ends_before(segment, mission_id, unit, received_ms):
            self._seal(source)
            segment = None
        if segment is None:
            if not mission_id or unit.kind is not Kind.KEY or not self._has_room():
                return False
            segment = self._begin(source, mission_id, unit, received_ms)
        segment.size_bytes += segment.out.write(
            self._folder.piece(
                write_kept(
                    Kept(
                        device_ms=unit.device_ms,
                        received_ms=received_ms,
                        payload_type=unit.payload_type,
                        kind=unit.kind,
                        data=unit.data,
                    )
                )
            )
        )
        segment.heard_ms = received_ms
        return True

    def _ends_before(
        self, segment: _Open, mission_id: str, unit: AccessUnit, received_ms: int
    ) -> bool:
        if segment.mission_id != mission_id:
            return True
        if segment.size_bytes + len(unit.data) + _HEAD_BYTES > MAX_SEGMENT_BYTES:
            return True
        if unit.kind is not Kind.KEY:
            return False
        old = received_ms - segment.begun_ms >= self._config.segment_ms
        return old or unit.payload_type != segment.payload_type

    def _has_room(self) -> bool:
        self._folder.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(self._folder.folder).free
        full = free_bytes < self._config.least_free_bytes
        if full and not self._full:
            _log.error("jt1078.no_room", free_bytes=free_bytes)
        self._full = full
        return not full

    def _begin(self, source: Source, mission_id: str, unit: AccessUnit, received_ms: int) -> _Open:
        folder = self._folder.folder / mission_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{received_ms}-{source[0]}-{source[1]}.open"
        self._open[source] = _Open(
            path=path,
            out=path.open("xb"),
            mission_id=mission_id,
            payload_type=unit.payload_type,
            begun_ms=received_ms,
            heard_ms=received_ms,
            synced_ms=received_ms,
        )
        return self._open[source]

    def _settle(self, segment: _Open, received_ms: int) -> None:
        segment.out.flush()
        if received_ms - segment.synced_ms >= self._config.sync_ms:
            os.fsync(segment.out.fileno())
            segment.synced_ms = received_ms

    def _sweep(self, mission_id: str, now_ms: int) -> None:
        with self._writing:
            for source, segment in list(self._open.items()):
                silent = now_ms - segment.heard_ms >= self._config.silent_ms
                if silent or segment.mission_id != mission_id:
                    self._seal(source)

    def _close(self) -> None:
        with self._writing:
            self._closed = True
            for source in list(self._open):
                self._seal(source)

    def _seal(self, source: Source, *, cut: bool = False) -> None:
        segment = self._open.pop(source)
        try:
            segment.out.close()
            sealed = self._folder.seal(segment.path, holes=segment.holes, cut=cut)
        except OSError as error:
            # It is sealed at the next start, with what is whole.
            _log.error("jt1078.not_sealed", file=segment.path.name, reason=repr(error))
            return
        if sealed is not None:
            _log.info(
                "jt1078.segment",
                mission_id=segment.mission_id,
                device=source[0],
                channel=source[1],
                pictures=sealed.pictures,
                holes=segment.holes,
            )

    def _give_up(self, source: Source, error: OSError) -> None:
        _log.error("jt1078.not_written", device=source[0], channel=source[1], reason=repr(error))
        if source in self._open:
            self._seal(source, cut=True)
