"""Segments of cabin video in a folder: the bytes as they were recorded, and what is known of them.

    RUN/BEGUN-DEVICE-CHANNEL.open   in a vehicle: is being written
    RUN/SHA256.seg                  a closed segment; it never changes
    RUN/SHA256.json                 a StoredSegment; written first: it stands where .seg does
    RUN/SHA256.part                 at a centre: as far as it has come
    RUN/SHA256.erased               at a centre: it went on purpose, after its retention

Rule 1: a segment is sealed by its hash and its row, both on the disk before the name says so.
Rule 2: what a power cut left open is sealed at the next start with the units that are whole.
Rule 3: a carried segment counts when its hash is the announced one; else it is begun again.
Rule 4: a vehicle lets go of what the centre has proved: its disk is small, and the record of the
        patient needs it.
Rule 5: in a vehicle each unit is sealed as a piece (length, u32 | piece), and so is the row. Hash
        and size are those of the segment as it will stand at the centre.
"""

import asyncio
import hashlib
import os
import re
import struct
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from goldenhour.adapters.kept import Damaged, standing
from goldenhour.app.at_rest import AtRest
from goldenhour.app.files import FileStanding, Held, Parcel
from goldenhour.app.uplinks import DataClass
from goldenhour.app.video import SegmentOrigin, StoredSegment
from goldenhour.wire.jt1078 import Kept, Kind, codec_of, read_kept

_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_META: Final = msgspec.json.Decoder(StoredSegment)
_LENGTH: Final = struct.Struct("<I")
_log = structlog.get_logger(__name__)


class VideoFolder:
    """An `app.video.VideoStore`, and a vehicle's own side of it: `app.files.Parcels`."""

    path = "/api/edge/video"

    def __init__(self, folder: Path, sealed: AtRest | None = None) -> None:
        """`sealed` in a vehicle; a centre's files are as they will be played."""
        self.folder = folder
        self._sealed = sealed
        self._writing = asyncio.Lock()
        """Two deliveries of the same bytes must not write the same file at once."""
        self._under_way = ("", b"")
        """Of a vehicle: hash and bytes of the segment that is being carried."""
        self._damaged = Damaged()

    # ---- at both ends

    async def list_segments(self, mission_id: str) -> Sequence[StoredSegment]:
        return await asyncio.to_thread(self._list, mission_id)

    async def count_erased(self, mission_id: str) -> int:
        return await asyncio.to_thread(self._count_erased, mission_id)

    async def find_segment(
        self, mission_id: str, sha256: str
    ) -> tuple[StoredSegment, bytes] | None:
        return await asyncio.to_thread(self._find, mission_id, sha256)

    # ---- at the centre

    async def take_part(self, origin: SegmentOrigin, offset: int, part: bytes) -> Held:
        async with self._writing:
            return await asyncio.to_thread(self._take_part, origin, offset, part)

    # ---- in a vehicle

    async def list_waiting(self) -> Sequence[StoredSegment]:
        """What has not been carried to the centre, oldest first."""
        return await asyncio.to_thread(self._oldest_first, self.folder.glob("*/*.seg"))

    async def list_parcels(self, data: DataClass) -> Sequence[Parcel]:
        waiting = await self.list_waiting() if data is DataClass.VIDEO else ()
        return [
            Parcel(
                owner=one.origin.mission_id,
                sha256=one.origin.sha256,
                size_bytes=one.origin.size_bytes,
                query=msgspec.to_builtins(one.origin),
            )
            for one in waiting
        ]

    async def is_whole(self, parcel: Parcel) -> bool:
        found = await self.find_segment(parcel.owner, parcel.sha256)
        self._under_way = (parcel.sha256, found[1] if found else b"")
        return hashlib.sha256(self._under_way[1]).hexdigest() == parcel.sha256

    async def read_part(self, parcel: Parcel, at: int, count: int) -> bytes:
        if self._under_way[0] != parcel.sha256:
            await self.is_whole(parcel)
        return self._under_way[1][at : at + count]

    async def mark_carried(self, parcel: Parcel) -> None:
        """Its bytes go: rule 4."""
        self._under_way = ("", b"")
        await asyncio.to_thread(self._forget, parcel)

    async def recover(self) -> int:
        """Seal what the last run of this program left open; how many segments came of it."""
        return await asyncio.to_thread(self._recover)

    def seal(self, path: Path, *, holes: int, cut: bool) -> StoredSegment | None:
        """An open file becomes a segment; None: nothing in it was whole. Blocks; raises OSError."""
        pieces = self._read(path)
        data = b"".join(piece for piece, _end in pieces)
        kept, whole = read_kept(data)
        if not kept:
            path.unlink()
            return None
        # A piece is a unit, or the whole of a file that is not sealed.
        os.truncate(path, pieces[len(kept) - 1][1] if self._sealed else whole)
        _sync(path)
        begun_ms, device, channel = path.stem.split("-")
        origin = SegmentOrigin(
            sha256=hashlib.sha256(data[:whole]).hexdigest(),
            size_bytes=whole,
            mission_id=path.parent.name,
            device=device,
            channel=int(channel),
            begun_ms=int(begun_ms),
            holes=holes,
            cut=cut,
        )
        return self._close(path, describe(origin, kept))

    def piece(self, unit: bytes) -> bytes:
        """What stands in an open file for a unit."""
        if self._sealed is None:
            return unit
        sealed = self._sealed.seal(unit)
        return _LENGTH.pack(len(sealed)) + sealed

    def _read(self, path: Path) -> list[tuple[bytes, int]]:
        """The whole pieces in the clear, each with its end in the file."""
        data = path.read_bytes()
        if self._sealed is None:
            return [(data, len(data))]
        found: list[tuple[bytes, int]] = []
        at = 0
        while at + _LENGTH.size <= len(data):
            end = at + _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
            if end > len(data):
                break
            try:
                found.append((self._sealed.unseal(data[at + _LENGTH.size : end]), end))
            except ValueError:
                break  # torn, as a unit whose checksum is wrong
            at = end
        return found

    def _about(self, path: Path) -> StoredSegment:
        data = path.with_suffix(".json").read_bytes()
        return _META.decode(self._sealed.unseal(data) if self._sealed else data)

    def _oldest_first(self, paths: Iterable[Path]) -> list[StoredSegment]:
        found = self._damaged.skip(paths, self._about)
        return sorted(found, key=lambda one: (one.origin.begun_ms, one.origin.sha256))

    def _close(self, path: Path, segment: StoredSegment) -> StoredSegment:
        """Give the file its final name, once what is known of it is on the disk."""
        closed = path.with_name(f"{segment.origin.sha256}.seg")
        meta, row = closed.with_suffix(".json"), msgspec.json.encode(segment)
        meta.write_bytes(self._sealed.seal(row) if self._sealed else row)
        _sync(meta)
        path.replace(closed)
        _sync(closed.parent)
        return segment

    def _list(self, mission_id: str) -> list[StoredSegment]:
        if not _PLAIN.fullmatch(mission_id):
            return []
        # An erasure that was broken off has marked what it has not yet taken.
        return self._oldest_first(
            path
            for path in (self.folder / mission_id).glob("*.seg")
            if standing(path.parent, path.stem) is FileStanding.HERE
        )

    def _count_erased(self, mission_id: str) -> int:
        if not _PLAIN.fullmatch(mission_id):
            return 0
        return len(list((self.folder / mission_id).glob("*.erased")))

    def _find(self, mission_id: str, sha256: str) -> tuple[StoredSegment, bytes] | None:
        # What is no id might lead out of the folder.
        if not (_PLAIN.fullmatch(mission_id) and _PLAIN.fullmatch(sha256)):
            return None
        path = self.folder / mission_id / f"{sha256}.seg"
        if not path.is_file() or standing(path.parent, sha256) is not FileStanding.HERE:
            return None
        data = b"".join(piece for piece, _end in self._read(path))
        return self._about(path), data

    def _take_part(self, origin: SegmentOrigin, offset: int, part: bytes) -> Held:
        folder = self.folder / origin.mission_id
        erased = standing(folder, origin.sha256) is FileStanding.ERASED
        if erased or (folder / f"{origin.sha256}.seg").is_file():
            return Held(held_bytes=origin.size_bytes, kept=True)
        path = folder / f"{origin.sha256}.part"
        held = path.stat().st_size if path.exists() else 0
        if part and offset == held and held + len(part) <= origin.size_bytes:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("ab") as out:
                out.write(part)
            held += len(part)
        if held < origin.size_bytes:
            return Held(held_bytes=held, kept=False)
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != origin.sha256:
            path.unlink()
            _log.warning("jt1078.carried_otherwise", sha256=origin.sha256)
            return Held(held_bytes=0, kept=False)
        _sync(path)
        self._close(path, describe(origin, read_kept(data)[0]))
        return Held(held_bytes=held, kept=True)

    def _forget(self, parcel: Parcel) -> None:
        path = self.folder / parcel.owner / f"{parcel.sha256}.seg"
        path.unlink()
        path.with_suffix(".json").unlink()

    def _recover(self) -> int:
        sealed = 0
        for path in self.folder.glob("*/*.open"):
            try:
                sealed += self.seal(path, holes=0, cut=True) is not None
            except OSError as error:
                _log.error("jt1078.not_sealed", file=path.name, reason=repr(error))
        return sealed


def describe(origin: SegmentOrigin, kept: Collection[Kept]) -> StoredSegment:
    """What our reader makes of a segment; of one that it cannot read nothing but its origin."""
    pictures = [one for one in kept if one.kind < Kind.AUDIO]
    codecs = (codec_of(one.payload_type, one.data) for one in pictures if one.kind is Kind.KEY)
    return StoredSegment(
        origin=origin,
        payload_type=pictures[0].payload_type if pictures else 0,
        codec=next(filter(None, codecs), ""),
        pictures=len(pictures),
        audio=len(kept) - len(pictures),
        first_device_ms=min((one.device_ms for one in pictures), default=0),
        last_device_ms=max((one.device_ms for one in pictures), default=0),
        last_received_ms=max((one.received_ms for one in kept), default=origin.begun_ms),
        # The way from the camera only ever adds to our time.
        clock_offset_ms=max((one.device_ms - one.received_ms for one in pictures), default=0),
    )


def _sync(path: Path) -> None:
    """A file's content, or a folder's names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
