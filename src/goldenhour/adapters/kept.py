"""What every store of files has in common: OWNER/SHA256.json stands where the bytes do.

Rule 1: erasing leaves SHA256.erased, an empty file, for ever: it says that the bytes are gone on
        purpose, and keeps a vehicle from carrying them here again.
Rule 2: the mark is durable before anything goes, and the .json goes last: a run that was broken off
        finds the same file again and ends the same.
Rule 3: a vehicle lets its copy go when the centre has it (SHA256.carried) and its right to the
        owner has ended; what was not carried stays.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from goldenhour.app.files import FileStanding

_log: Final = structlog.get_logger(__name__)


class Damaged:
    """A file that cannot be read stays where it is, hides no other, and is told of once.

    Once, since a vehicle lists its files every few seconds.
    """

    def __init__(self) -> None:
        self._told: set[Path] = set()

    def skip[T](self, paths: Iterable[Path], read: Callable[[Path], T]) -> Iterator[T]:
        for path in paths:
            try:
                yield read(path)
            except (OSError, ValueError) as error:
                self.tell(path, error)

    def tell(self, path: Path, error: Exception) -> None:
        if path not in self._told:
            self._told.add(path)
            _log.error("kept.not_readable", file=path.name, reason=repr(error))


def standing(folder: Path, sha256: str) -> FileStanding:
    """`folder` is the owner's."""
    if (folder / f"{sha256}.erased").exists():
        return FileStanding.ERASED
    return FileStanding.HERE if (folder / f"{sha256}.json").is_file() else FileStanding.AWAITED


def erase(folder: Path, sha256: str) -> None:
    write_durably(folder / f"{sha256}.erased", b"")
    meta, mark = folder / f"{sha256}.json", folder / f"{sha256}.erased"
    for path in folder.glob(f"{sha256}.*"):
        if path not in (meta, mark):
            path.unlink(missing_ok=True)
    meta.unlink(missing_ok=True)
    sync_folder(folder)


def list_owners(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*/")]


def let_go(folder: Path) -> None:
    """What the centre has of an owner that this vehicle has no right to any more."""
    for carried in folder.glob("*.carried"):
        for path in folder.glob(f"{carried.stem}.*"):
            if path != carried:
                path.unlink(missing_ok=True)
        carried.unlink(missing_ok=True)  # last: what was broken off is found again
    with suppress(OSError):
        folder.rmdir()  # not where something waits


def lacks_room(folder: Path, size_bytes: int, keep_free_bytes: int) -> bool:
    """Whether so much more would take what the journal and the ECG need of the disk."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free - size_bytes < keep_free_bytes


def write_durably(path: Path, data: bytes) -> None:
    """Whole or not at all, and on the disk when it returns."""
    part = path.with_suffix(f"{path.suffix}.new")
    try:
        with part.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)  # a full disk is not filled further
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
