"""A city folder as its vehicles are offered it: `app.maps.MapShelf`.

Rule 1: the files are hashed once, and again when one of them is another than before.
Rule 2: only what the offer names is read, by its hash and never by a path of the asker's.
"""

import asyncio
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from goldenhour.adapters.city.files import (
    ADDRESSES_FILE,
    CITY_FILE,
    ROADS_FILE,
    TILES_FILE,
    VALHALLA_FOLDER,
)
from goldenhour.app.maps import MapFile, MapOffer

_FILES: Final = (CITY_FILE, ADDRESSES_FILE, ROADS_FILE, TILES_FILE)
_MS_PER_NS: Final = 1_000_000
Stand = tuple[tuple[str, int, int], ...]
"""Of each file its path, size and time of change."""


class CityShelf:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashing = asyncio.Lock()
        self._stand: Stand = ()
        self._offer: MapOffer | None = None
        self._paths: dict[str, Path] = {}

    async def find_offer(self) -> MapOffer | None:
        async with self._hashing:
            await asyncio.to_thread(self._look)
        return self._offer

    async def read(self, sha256: str, offset: int, size: int) -> bytes | None:
        path = self._paths.get(sha256)
        return None if path is None else await asyncio.to_thread(_read, path, offset, size)

    def _look(self) -> None:
        stand = self._list()
        if stand == self._stand:
            return
        files: list[MapFile] = []
        paths: dict[str, Path] = {}
        for name, size, _ in stand:
            path = self._folder / name
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            paths[digest] = path
            files.append(MapFile(path=name, size_bytes=size, sha256=digest))
        whole = sha256("".join(f"{file.sha256} {file.path}\n" for file in files).encode())
        self._offer = (
            MapOffer(
                digest=whole.hexdigest(),
                built_ms=max(changed_ns for _, _, changed_ns in stand) // _MS_PER_NS,
                files=tuple(files),
            )
            if files
            else None
        )
        self._paths, self._stand = paths, stand

    def _list(self) -> Stand:
        if not (self._folder / CITY_FILE).is_file():
            return ()
        found = [path for name in _FILES if (path := self._folder / name).is_file()]
        found += sorted((self._folder / VALHALLA_FOLDER).rglob("*.gph"))
        stats = [(path, path.stat()) for path in found]
        return tuple(
            (path.relative_to(self._folder).as_posix(), stat.st_size, stat.st_mtime_ns)
            for path, stat in stats
            if stat.st_size
        )


def _read(path: Path, offset: int, size: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)
    except OSError:
        return None  # the folder was replaced: the next offer names what is there
