"""The map of a vehicle's computer: its own where one was put there, else its centre's."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from goldenhour.adapters.city.files import CITY_FILE
from goldenhour.adapters.edge import FetchMap, MapFolder
from goldenhour.app.maps import MapStatus
from goldenhour.app.ports import Clock
from goldenhour.kernel.time import SECOND_MS
from goldenhour.main.settings import Settings

MAPS: Final = "edge/maps"
_LOOK_S: Final = 5.0
_log = structlog.get_logger(__name__)
RunNow = Callable[[], Awaitable[str]]


class BoxMap:
    """Which city folder to open, and what fetches a newer one."""

    def __init__(self, settings: Settings, clock: Clock, keep_free_bytes: int) -> None:
        self._own = settings.city_dir / CITY_FILE
        self._renewed = asyncio.Event()
        self.folder: Path = settings.city_dir
        self.fetch: FetchMap | None = None
        """None: it has a map of its own, as a demo's has its centre's."""
        if self._own.is_file():
            return
        maps = MapFolder(settings.state_dir / MAPS, keep_free_bytes)
        maps.drop_others()
        if (found := maps.find_current()) is not None:
            self.folder = found[0]
            _log.info("vehicle.map_opened", digest=found[1].digest)
        self.fetch = FetchMap(maps, clock, self._renewed.set)

    def status(self) -> MapStatus:
        if self.fetch is not None:
            return self.fetch.status()
        built_ms = round(self._own.stat().st_mtime * SECOND_MS)
        return MapStatus(state="own", built_ms=built_ms, looked_ms=None)

    async def watch(self, runs: Sequence[RunNow], changed: asyncio.Event) -> None:
        """Have everything opened anew with the newer map, once no vehicle is on a run.

        It takes a moment, in which no monitor would be heard.
        """
        await self._renewed.wait()
        while any([await run_now() for run_now in runs]):  # noqa: ASYNC110 (a run tells nobody that it ends)
            await asyncio.sleep(_LOOK_S)
        changed.set()
