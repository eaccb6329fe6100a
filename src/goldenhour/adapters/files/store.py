"""Photos, voice memos and body-camera files in a folder, by patient and hash.

    PATIENT/SHA256.bin      the bytes; in a vehicle sealed, piece by piece
    PATIENT/SHA256.json     a FileOrigin, sealed too; written last: where it stands the bytes do
    PATIENT/SHA256.carried  in a vehicle: the centre has it
    PATIENT/SHA256.part     at a centre: as far as it has come
    PATIENT/SHA256.erased   its retention is over: adapters/kept.py
    NUMBER.coming           while a tablet sends it

Rule 1: nothing is overwritten; the same bytes of the same patient are kept once. Two patients have
        a copy each, so that one can go without the other.
Rule 2: no file is ever whole in memory: a film has gigabytes.
Rule 3: a carried file counts when its hash is the one that was announced; else it is begun again.
"""

import asyncio
import errno
import hashlib
import itertools
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Self

import msgspec
import structlog

from goldenhour.adapters.kept import Damaged, standing, sync_folder, write_durably
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.files import (
    FileOrigin,
    FilesFullError,
    FileStanding,
    Held,
    Parcel,
)
from goldenhour.app.journal import StoreFullError
from goldenhour.app.uplinks import DataClass
from goldenhour.kernel.files import FileKind

PIECE_BYTES: Final = 1 << 20
"""What is written and read at once."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_META: Final = msgspec.json.Decoder(FileOrigin)
_log = structlog.get_logger(__name__)


class FileFolder:
    """An `app.files.FileStore`, and a vehicle's own side of it: `app.files.Parcels`."""

    path = "/api/edge/files"

    def __init__(self, folder: Path, at_rest: AtRest = PLAIN) -> None:
        self._folder = folder
        self._at_rest = at_rest
        self._writing = asyncio.Lock()
        """Two deliveries of the same bytes must not write the same file at once."""
        self._numbers = itertools.count()
        self._proved: set[tuple[str, str]] = set()
        """Owner and hash of what was proved before: a film takes seconds."""
        self._damaged = Damaged()
        for left in folder.glob("*.coming"):
            left.unlink()  # of a tablet that was cut off when the power was

    def incoming(self) -> "Incoming":
        return Incoming(self, self._folder / f"{next(self._numbers)}.coming", self._at_rest)

    async def free_bytes(self) -> int:
        folder = self._folder if self._folder.exists() else self._folder.parent
        return (await asyncio.to_thread(shutil.disk_usage, folder)).free

    async def adopt(self, coming: Path, origin: FileOrigin, most: int) -> FileOrigin:
        """Keep what has come; raises FilesFullError and StoreFullError."""
        with _full_disk():
            async with self._writing:
                return await asyncio.to_thread(self._adopt, coming, origin, most)

    async def standing(self, patient_id: str, sha256: str) -> FileStanding:
        if not (_PLAIN.fullmatch(patient_id) and _PLAIN.fullmatch(sha256)):
            return FileStanding.AWAITED
        return await asyncio.to_thread(standing, self._folder / patient_id, sha256)

    async def find_origin(self, patient_id: str, sha256: str) -> FileOrigin | None:
        return await asyncio.to_thread(self._find, patient_id, sha256)

    async def read(self, patient_id: str, sha256: str, at: int, count: int) -> bytes:
        return await asyncio.to_thread(self._read, self._bytes_of(patient_id, sha256), at, count)

    async def stream(self, patient_id: str, sha256: str) -> AsyncIterator[bytes]:
        at = 0
        while piece := await self.read(patient_id, sha256, at, PIECE_BYTES):
            at += len(piece)
            yield piece

    async def take_part(self, origin: FileOrigin, offset: int, part: bytes) -> Held:
        with _full_disk():
            async with self._writing:
                return await asyncio.to_thread(self._take_part, origin, offset, part)

    # ---- a vehicle's own side

    async def list_parcels(self, data: DataClass) -> Sequence[Parcel]:
        return await asyncio.to_thread(self._list_parcels, data)

    async def is_whole(self, parcel: Parcel) -> bool:
        named = (parcel.owner, parcel.sha256)
        if named not in self._proved:
            path = self._bytes_of(*named)
            try:
                found = await asyncio.to_thread(self._hash_of, path)
            except OSError as error:
                self._damaged.tell(path, error)
                return False
            if found != parcel.sha256:
                return False
            self._proved.add(named)
        return True

    async def read_part(self, parcel: Parcel, at: int, count: int) -> bytes:
        return await self.read(parcel.owner, parcel.sha256, at, count)

    async def mark_carried(self, parcel: Parcel) -> None:
        path = self._folder / parcel.owner / f"{parcel.sha256}.carried"
        await asyncio.to_thread(write_durably, path, b"")

    # ---- in threads

    def _bytes_of(self, patient_id: str, sha256: str) -> Path:
        if not (_PLAIN.fullmatch(patient_id) and _PLAIN.fullmatch(sha256)):
            raise ValueError("no ids: they might lead out of the folder")
        return self._folder / patient_id / f"{sha256}.bin"

    def _find(self, patient_id: str, sha256: str) -> FileOrigin | None:
        # What is no id might lead out of the folder.
        if not (_PLAIN.fullmatch(patient_id) and _PLAIN.fullmatch(sha256)):
            return None
        folder = self._folder / patient_id
        if standing(folder, sha256) is not FileStanding.HERE:
            return None
        return self._about(folder / f"{sha256}.json")

    def _adopt(self, coming: Path, origin: FileOrigin, most: int | None) -> FileOrigin:
        if known := self._find(origin.patient_id, origin.sha256):
            return known
        folder = self._folder / origin.patient_id
        if most is not None and self._count(folder.glob("*.json"), origin.kind) >= most:
            raise FilesFullError(f"the patient has {most} already")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        coming.replace(self._bytes_of(origin.patient_id, origin.sha256))
        meta = self._at_rest.seal(msgspec.json.encode(origin))
        write_durably(folder / f"{origin.sha256}.json", meta)
        sync_folder(self._folder)
        return origin

    def _take_part(self, origin: FileOrigin, offset: int, part: bytes) -> Held:
        folder = self._folder / origin.patient_id
        if standing(folder, origin.sha256) is not FileStanding.AWAITED:
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
        if self._hash_of(path) != origin.sha256:
            path.unlink()
            _log.warning("files.carried_otherwise", sha256=origin.sha256)
            return Held(held_bytes=0, kept=False)
        with path.open("rb") as whole:
            os.fsync(whole.fileno())
        self._adopt(path, origin, None)
        return Held(held_bytes=held, kept=True)

    def _list_parcels(self, data: DataClass) -> list[Parcel]:
        waiting = (
            meta
            for meta in self._folder.glob("*/*.json")
            if not meta.with_suffix(".carried").exists()
            and standing(meta.parent, meta.stem) is FileStanding.HERE
        )
        found = self._damaged.skip(waiting, self._about)
        return [
            Parcel(
                owner=origin.patient_id,
                sha256=origin.sha256,
                size_bytes=origin.size_bytes,
                query=msgspec.to_builtins(origin),
            )
            for origin in sorted(found, key=lambda one: (one.received_ms, one.sha256))
            if class_of(origin.kind) is data
        ]

    def _about(self, meta: Path) -> FileOrigin:
        return _META.decode(self._at_rest.unseal(meta.read_bytes()))

    def _count(self, metas: Iterable[Path], kind: FileKind) -> int:
        return sum(origin.kind is kind for origin in self._damaged.skip(metas, self._about))

    def _pieces(self, path: Path, number: int = 0) -> Iterator[bytes]:
        """From this one on, in the clear. Raises ValueError for one that was changed."""
        stride = PIECE_BYTES + self._at_rest.added_bytes
        with path.open("rb") as file:
            file.seek(number * stride)
            while piece := file.read(stride):
                yield self._at_rest.unseal(piece)

    def _read(self, path: Path, at: int, count: int) -> bytes:
        number, skipped = divmod(at, PIECE_BYTES)
        found = bytearray()
        for piece in self._pieces(path, number):
            found += piece
            if len(found) >= skipped + count:
                break
        return bytes(found[skipped : skipped + count])

    def _hash_of(self, path: Path) -> str:
        digest = hashlib.sha256()
        try:
            for piece in self._pieces(path):
                digest.update(piece)
        except ValueError:
            return ""  # it is not what was kept
        return digest.hexdigest()


class Incoming:
    """An `app.files.Incoming`."""

    def __init__(self, store: FileFolder, path: Path, at_rest: AtRest) -> None:
        self._store = store
        self._path = path
        self._at_rest = at_rest
        self._out: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._waiting = bytearray()
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        with _full_disk():
            self._out = await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self._close)

    async def write(self, data: bytes) -> None:
        self.size_bytes += len(data)
        self._waiting += data
        while len(self._waiting) >= PIECE_BYTES:
            await self._put_down(PIECE_BYTES, durable=False)

    async def finish(self) -> str:
        await self._put_down(len(self._waiting), durable=True)
        return self._hash.hexdigest()

    async def keep(self, origin: FileOrigin, most: int) -> FileOrigin:
        return await self._store.adopt(self._path, origin, most)

    async def _put_down(self, count: int, *, durable: bool) -> None:
        piece = bytes(self._waiting[:count])
        del self._waiting[:count]
        with _full_disk():
            await asyncio.to_thread(self._write, piece, durable=durable)

    # ---- in threads

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._path.open("wb")

    def _write(self, piece: bytes, *, durable: bool) -> None:
        assert self._out is not None
        self._hash.update(piece)
        if piece:
            self._out.write(self._at_rest.seal(piece))
        if durable:
            self._out.flush()
            os.fsync(self._out.fileno())

    def _close(self) -> None:
        if self._out is not None:
            self._out.close()
        self._path.unlink(missing_ok=True)  # it has another name where it was kept


def class_of(kind: FileKind) -> DataClass:
    """A film must not hold up the pictures that a hospital waits for."""
    return DataClass.VIDEO if kind is FileKind.BODY_CAMERA else DataClass.IMAGES


@contextmanager
def _full_disk() -> Iterator[None]:
    """A full disk is told to the person; anything else that a disk can do is no ordinary day."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFullError(str(error)) from error
        raise
