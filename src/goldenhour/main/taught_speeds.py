"""A vehicle's travel times at what its centre has learnt, with a link and without one."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
import structlog

from goldenhour.adapters.kept import write_durably
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.ports import Clock
from goldenhour.app.taught_speeds import TaughtSpeeds, update_at
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.learn import bin_of

_log = structlog.get_logger(__name__)
_TURN_S: Final = 60.0
_DECODER: Final = msgspec.json.Decoder(TaughtSpeeds)


class VehicleSpeeds:
    """What the vehicles of this process were taught; it is no secret and lies in the open."""

    def __init__(self, network: RoadNetwork, travel: RoadTravel, clock: Clock, path: Path) -> None:
        self.network = network.digest()
        self._roads = network
        self._travel = travel
        self._clock = clock
        self._path = path
        self._taught: TaughtSpeeds | None = None
        self._bin = -1
        """Of the week, at which the travel times are."""

    @property
    def known_ms(self) -> int:
        """When that was learnt; 0: nothing is known."""
        return self._taught.learnt_ms if self._taught else 0

    async def take(self, content: bytes) -> None:
        """The centre's word; raises msgspec.DecodeError for what is none."""
        taught = _DECODER.decode(content)
        if taught.learnt_ms > self.known_ms and await self._drive(taught):
            await asyncio.to_thread(self._write, content)

    async def run(self) -> None:
        """First what was kept, then hour by hour."""
        if self._path.is_file():
            try:
                await self._drive(_DECODER.decode(self._path.read_bytes()))
            except (OSError, msgspec.DecodeError) as error:
                _log.warning("taught_speeds.unreadable", reason=str(error))
        while True:
            await asyncio.sleep(_TURN_S)
            await self.turn()

    async def turn(self) -> None:
        """Another hour has other speeds."""
        if self._taught is not None and bin_of(self._clock.now_ms()) != self._bin:
            await self._drive(self._taught)

    async def _drive(self, taught: TaughtSpeeds) -> bool:
        at = bin_of(self._clock.now_ms())
        try:
            update = update_at(taught, self._roads, at)
        except ValueError as error:
            # It goes on at what it has.
            _log.error("taught_speeds.unusable", reason=str(error))
            return False
        await self._travel.change_speeds(update)
        self._taught, self._bin = taught, at
        return True

    def _write(self, content: bytes) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, content)
        except OSError as error:
            _log.warning("taught_speeds.not_kept", reason=str(error))
