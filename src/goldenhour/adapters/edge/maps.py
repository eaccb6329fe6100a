"""The map of a vehicle's computer that has none of its own: fetched, proved, put in place whole.

Rule 1: each map lies in a folder of its digest; `current` names the one in use and is replaced
        durably, so that a power cut leaves the old map or the new one.
Rule 2: a file comes in slices and goes on where it stopped, after a restart too. What has another
        hash than was offered is thrown away and begun again.
Rule 3: what the map before has by hash is linked, not fetched. The map before goes when the new one
        is in use.
Rule 4: what would take the room that the journal and the ECG need is not fetched.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec
import structlog

from goldenhour.adapters.edge.errands import Ask
from goldenhour.adapters.edge.uploads import ProtocolError
from goldenhour.adapters.kept import lacks_room, sync_folder, write_durably
from goldenhour.app.maps import MapFile, MapOffer, MapStatus
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import DataClass

_log = structlog.get_logger(__name__)
_OFFER: Final = msgspec.json.Decoder(MapOffer)
_CURRENT: Final = "current"
_PARTS: Final = "parts"
_DESCRIPTION: Final = "map.json"


class MapFolder:
    """What of maps lies on this computer's disk."""

    def __init__(self, folder: Path, keep_free_bytes: int) -> None:
        self._folder = folder
        self._parts = folder / _PARTS
        self._keep_free_bytes = keep_free_bytes

    def find_current(self) -> tuple[Path, MapOffer] | None:
        """The city folder in use and what it is."""
        try:
            digest = (self._folder / _CURRENT).read_text(encoding="ascii")
            city = self._folder / digest
            return city, _OFFER.decode((city / _DESCRIPTION).read_bytes())
        except (OSError, ValueError):
            return None

    def held(self, file: MapFile) -> int:
        """How many of its bytes are here."""
        part = self._parts / file.sha256
        return part.stat().st_size if part.is_file() else 0

    def begin(self, offer: MapOffer) -> bool:
        """Link what is here already, drop what no map needs; whether there is room for the rest."""
        self._parts.mkdir(parents=True, exist_ok=True)
        wanted = {file.sha256: file for file in offer.files}
        for part in self._parts.iterdir():
            if part.name not in wanted or part.stat().st_size > wanted[part.name].size_bytes:
                part.unlink()
        city, before = self.find_current() or (self._folder, None)
        for file in before.files if before else ():
            if file.sha256 in wanted and not (self._parts / file.sha256).exists():
                with suppress(OSError):  # what cannot be linked is fetched
                    os.link(city / file.path, self._parts / file.sha256)
        missing_bytes = sum(file.size_bytes - self.held(file) for file in wanted.values())
        return not missing_bytes or not lacks_room(
            self._folder, missing_bytes, self._keep_free_bytes
        )

    def append(self, file: MapFile, data: bytes) -> None:
        with (self._parts / file.sha256).open("ab") as out:
            out.write(data)

    def finish(self, offer: MapOffer) -> None:
        """Put it in use. Raises ProtocolError where a file is another than was offered."""
        new = self._folder / f".{offer.digest}"
        shutil.rmtree(new, ignore_errors=True)
        for file in offer.files:
            part = self._parts / file.sha256
            with part.open("rb") as read:
                if file_digest(read, "sha256").hexdigest() != file.sha256:
                    part.unlink()
                    raise ProtocolError("map", f"{file.path} is not what was offered")
                os.fsync(read.fileno())
            target = new / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(part, target)
        write_durably(new / _DESCRIPTION, msgspec.json.encode(offer))
        for folder in {(new / file.path).parent for file in offer.files}:
            sync_folder(folder)
        city = self._folder / offer.digest
        shutil.rmtree(city, ignore_errors=True)
        new.rename(city)
        sync_folder(self._folder)
        write_durably(self._folder / _CURRENT, offer.digest.encode())
        shutil.rmtree(self._parts, ignore_errors=True)

    def drop_others(self) -> None:
        """Maps that are not in use: nobody has them open any more."""
        found = self.find_current()
        for one in self._folder.glob("*/") if found else ():
            if one.name not in (found[0].name if found else "", _PARTS):
                shutil.rmtree(one, ignore_errors=True)


class FetchMap:
    """Asks for the centre's map, and fetches it when it is another."""

    name = "map"
    data = DataClass.VIDEO

    def __init__(
        self,
        folder: MapFolder,
        clock: Clock,
        on_new: Callable[[], None],
        every_s: float = 3_600.0,
    ) -> None:
        """`on_new`: a newer map is in place, to be opened when that disturbs nobody."""
        self._folder = folder
        self._clock = clock
        self._on_new = on_new
        self._every_s = every_s
        found = folder.find_current()
        self._digest = found[1].digest if found else ""
        self._status = MapStatus(
            state="fetched" if found else "none",
            built_ms=found[1].built_ms if found else None,
            looked_ms=None,
        )

    def status(self) -> MapStatus:
        return self._status

    async def run(self, ask: Ask) -> None:
        while True:
            if content := await ask("GET", "/api/edge/map"):
                offer = _OFFER.decode(content)
                if offer.digest == self._digest:
                    self._tell(looked_ms=self._clock.now_ms())
                else:
                    await self._fetch(ask, offer)
            await asyncio.sleep(self._every_s)

    async def _fetch(self, ask: Ask, offer: MapOffer) -> None:
        folder = self._folder
        whole = sum(file.size_bytes for file in offer.files)
        if not await asyncio.to_thread(folder.begin, offer):
            _log.warning("edge.no_room_for_map", bytes=whole)
            self._tell(no_room=True)
            return
        for file in offer.files:
            while (at := folder.held(file)) < file.size_bytes:
                held = sum(folder.held(one) for one in offer.files)
                self._tell(no_room=False, fetched_bytes=held, fetching_bytes=whole)
                size = min(ask.slice_bytes(), file.size_bytes - at)
                asked = {"sha256": file.sha256, "offset": at, "size": size}
                data = await ask("GET", "/api/edge/map/file", params=asked)
                if not data:
                    raise ProtocolError("map", f"{file.path} is offered no more")
                await asyncio.to_thread(folder.append, file, data[:size])
        await asyncio.to_thread(folder.finish, offer)
        self._digest = offer.digest
        _log.info("edge.map_fetched", digest=offer.digest, bytes=whole)
        self._tell(looked_ms=self._clock.now_ms(), fetched_bytes=0, fetching_bytes=0)
        self._on_new()

    def _tell(self, **changes: object) -> None:
        self._status = msgspec.structs.replace(self._status, **changes)
