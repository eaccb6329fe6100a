"""The bytes of what terminals took, in a folder of the centre.

    UNIT/SHA256.bin     as they came
    UNIT/SHA256.erased  they went on purpose, after their retention

Rule 1: nothing is overwritten, so that a file is as old as its first upload; the same bytes of a
        unit are kept once.
"""

import asyncio
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from goldenhour.adapters.kept import standing, write_durably
from goldenhour.app.files import FileStanding

_HASH: Final = re.compile(r"[0-9a-f]{64}")


class MediaFolder:
    """An `app.terminal_media.MediaFiles`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = asyncio.Lock()
        """Two uploads of the same bytes must not write the same file at once."""

    async def keep(self, unit_id: str, sha256: str, data: bytes) -> None:
        async with self._writing:
            await asyncio.to_thread(self._keep, self._path(unit_id, sha256), data)

    async def find(self, unit_id: str, sha256: str) -> bytes | None:
        # What is no hash might lead out of the folder.
        if not _HASH.fullmatch(sha256):
            return None
        return await asyncio.to_thread(_find, self._path(unit_id, sha256))

    async def list_erased(self, files: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        return await asyncio.to_thread(
            lambda: {one for one in files if _is_erased(self._path(*one))}
        )

    def _path(self, unit_id: str, sha256: str) -> Path:
        return self._folder / unit_id.replace("/", "-") / f"{sha256}.bin"

    def _keep(self, path: Path, data: bytes) -> None:
        if path.exists() or _is_erased(path):
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path, data)


def _find(path: Path) -> bytes | None:
    return None if _is_erased(path) or not path.is_file() else path.read_bytes()


def _is_erased(path: Path) -> bool:
    return standing(path.parent, path.stem) is FileStanding.ERASED
