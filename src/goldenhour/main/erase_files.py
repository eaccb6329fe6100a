"""Files at the centre whose end has come, found by what stands beside their bytes.

Rule 1: a file goes when the retention of its kind is over and none of its streams is under a hold.
        What was erased stays told: the event and the hash are in the journal, a mark on the disk.
Rule 2: decided and erased under the lock that a new hold waits for.
Rule 3: a segment of our own ECG is five minutes of a vehicle, not of a patient. With a case goes
        what lies wholly within its run; a hold keeps whatever the vehicle sent since the held run
        began, since what was late arrives later.
Rule 4: what a vehicle terminal took is a vehicle's likewise: it goes with the run in which it came.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from goldenhour.adapters import kept
from goldenhour.adapters.ecg.index import path_of
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.adapters.web.ecg_file_routes import span_of
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.files import FileOrigin
from goldenhour.app.handle import fold
from goldenhour.app.images import StoredImage
from goldenhour.app.journal import SYSTEM
from goldenhour.app.video import StoredSegment
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.review.retention import Kept, Retention, written_before_ms
from goldenhour.kernel.files import FileKind
from goldenhour.main.node import Node

ECG_STREAM: Final = "ecg_stream"
CABIN_VIDEO: Final = "cabin_video"
TERMINAL_MEDIA: Final = "terminal_media"
_SEGMENT: Final = re.compile(r"(\d{1,15})-\d+\.seg")
_CAPTURED: Final = msgspec.json.Decoder(FileOrigin)
_IMPORTED: Final = msgspec.json.Decoder(ImportedEcg)
_PICTURED: Final = msgspec.json.Decoder(StoredImage)
_FILMED: Final = msgspec.json.Decoder(StoredSegment)


class Found(NamedTuple):
    kept: Kept
    streams: frozenset[str]
    """Of the case that it belongs to; empty: it belongs to a vehicle."""
    path: Path
    """Of the .json; of a vehicle's file, its own."""
    unit: str = ""
    """Of a vehicle's file: the folder of the vehicle."""
    begun_ms: int = 0
    """Of a vehicle's file: when its first packet came."""


class Holds(NamedTuple):
    streams: frozenset[str]
    units_ms: dict[str, int]
    """Folder of a vehicle -> when its first run under a hold began."""

    def cover(self, found: Found) -> bool:
        held_ms = self.units_ms.get(found.unit)
        late = held_ms is not None and found.kept.written_ms >= held_ms
        return late or not self.streams.isdisjoint(found.streams)


async def list_of_case(node: Node, streams: Iterable[str]) -> list[Found]:
    """Every file of a case, and what of its vehicles lies wholly within one of its runs."""
    runs = await _list_runs(node, streams)
    own, now_ms = frozenset(streams), node.clock.now_ms()
    spans = [(_folder_of(run), *span_of(run, now_ms)) for run in runs]

    def look() -> list[Found]:
        files = [one for one in _list_files(node.settings.state_dir) if one.streams & own]
        of_vehicles = [
            one
            for one in _list_of_vehicles(node.settings.state_dir)
            for unit, begun_ms, ended_ms in spans
            if one.unit == unit and begun_ms <= one.begun_ms and one.kept.written_ms <= ended_ms
        ]
        return [*files, *of_vehicles]

    return await asyncio.to_thread(look)


async def erase_found(node: Node, found: Iterable[Found]) -> int:
    """The count of those that went: less than given where a hold has come in between."""
    async with Erasure(node.database).holding_off() as streams:
        holds = await _holds(node, streams)
        free = [one for one in found if not holds.cover(one)]
        await asyncio.to_thread(_erase, free)
    return len(free)


async def erase_due(node: Node, retention: Retention) -> int:
    limits_ms = written_before_ms(retention.files, node.clock.now_ms())
    return await erase_found(node, await asyncio.to_thread(_list_due, node, limits_ms))


def _list_due(node: Node, limits_ms: Mapping[str, int]) -> list[Found]:
    state = node.settings.state_dir
    return [
        one
        for one in (*_list_files(state), *_list_of_vehicles(state))
        if (limit_ms := limits_ms.get(one.kept.topic)) is not None
        and one.kept.written_ms < limit_ms
    ]


async def _holds(node: Node, streams: frozenset[str]) -> Holds:
    units_ms: dict[str, int] = {}
    for run in await _list_runs(node, streams):
        unit, begun_ms = _folder_of(run), span_of(run, 0)[0]
        units_ms[unit] = min(begun_ms, units_ms.get(unit, begun_ms))
    return Holds(streams, units_ms)


async def _list_runs(node: Node, streams: Iterable[str]) -> list[Mission]:
    runs = []
    for stream in sorted(one for one in streams if one.startswith("mission:")):
        run = fold(stream, await node.journal.list_streams([stream], SYSTEM))
        if isinstance(run, Mission):
            runs.append(run)
    return runs


def _folder_of(run: Mission) -> str:
    return run.unit_id.replace("/", "-")


# ---- in threads


def _list_files(state: Path) -> Iterator[Found]:
    for meta in sorted((state / "files").glob("*/*.json")):
        origin = _CAPTURED.decode(meta.read_bytes())
        yield Found(
            Kept(row=origin.sha256, topic=origin.kind, written_ms=origin.received_ms),
            frozenset({f"patient:{origin.patient_id}", f"mission:{origin.mission_id}"}),
            meta,
        )
    for meta in sorted((state / "ecg-files").glob("*/*.json")):
        file = _IMPORTED.decode(meta.read_bytes())
        yield Found(
            Kept(row=file.sha256, topic=FileKind.ECG, written_ms=file.received_ms),
            frozenset({f"patient:{file.patient_id}", f"mission:{file.mission_id}"}),
            meta,
        )
    for meta in sorted((state / "images").glob("*/*.json")):
        about = _PICTURED.decode(meta.read_bytes()).origin
        yield Found(
            Kept(row=about.sha256, topic=FileKind.ULTRASOUND, written_ms=about.received_ms),
            frozenset({f"patient:{about.patient_id}", f"mission:{about.mission_id}"}),
            meta,
        )
    for meta in sorted((state / "video").glob("*/*.json")):
        film = _FILMED.decode(meta.read_bytes())
        yield Found(
            # When it came here is not kept; it cannot be older than its last picture.
            Kept(row=film.origin.sha256, topic=CABIN_VIDEO, written_ms=film.last_received_ms),
            frozenset({f"mission:{film.origin.mission_id}"}),
            meta,
        )


def _list_of_vehicles(state: Path) -> Iterator[Found]:
    """Segments of ECG, and what terminals took."""
    for path in sorted((state / "ecg").glob("*/*/*.seg")):
        named = _SEGMENT.fullmatch(path.name)
        if named is None:
            continue  # no segment of ours
        written_ms = path.stat().st_mtime_ns // 1_000_000
        yield Found(
            Kept(row=path.name, topic=ECG_STREAM, written_ms=written_ms),
            frozenset(),
            path,
            unit=path.parent.parent.name,
            begun_ms=int(named[1]),
        )
    for path in sorted((state / "terminal-media").glob("*/*.bin")):
        written_ms = path.stat().st_mtime_ns // 1_000_000
        yield Found(
            Kept(row=path.stem, topic=TERMINAL_MEDIA, written_ms=written_ms),
            frozenset(),
            path,
            unit=path.parent.name,
            begun_ms=written_ms,
        )


def _erase(found: Iterable[Found]) -> None:
    for one in found:
        if one.kept.topic == ECG_STREAM:
            one.path.unlink(missing_ok=True)
            path_of(one.path).unlink(missing_ok=True)
            kept.sync_folder(one.path.parent)
        else:
            kept.erase(one.path.parent, one.path.stem)
