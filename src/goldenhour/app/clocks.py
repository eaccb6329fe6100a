"""How far each vehicle's clock was from the centre's, and when: its times are proved by it.

Rule 1: the vehicle measures it over its link (`app.uplinks.clock_offset`) and says it with what it
        uploads; the centre keeps what it heard and by its own clock when. Nothing is corrected.
Rule 2: kept is what is new: nothing yet, another offset than the uncertainty of both allows, or
        nothing for a while.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from goldenhour.app.handle import fold
from goldenhour.app.journal import Envelope
from goldenhour.domain.case import kind_of
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.views.answers import VehicleClock

AGAIN_MS: Final = 10 * MINUTE_MS
"""A clock that goes right is said to do so as often."""


class ClockSeen(Record):
    unit_id: str
    heard_ms: int
    """By the centre's clock."""
    offset_ms: int
    """To be added to the vehicle's clock."""
    uncertainty_ms: int


class ClockStore(Protocol):
    """Test double: none, the tests have a PostgreSQL."""

    async def append(self, seen: ClockSeen) -> None: ...
    async def list_around(self, unit_id: str, from_ms: int, to_ms: int) -> list[ClockSeen]:
        """Those heard between, and the nearest before and after; oldest first."""
        ...


def is_news(before: ClockSeen | None, seen: ClockSeen) -> bool:
    if before is None or seen.heard_ms - before.heard_ms >= AGAIN_MS:
        return True
    apart_ms = abs(seen.offset_ms - before.offset_ms)
    return apart_ms > seen.uncertainty_ms + before.uncertainty_ms


class VehicleClocks:
    """The newest of each vehicle is known since this process began; one more is no harm."""

    def __init__(self, store: ClockStore) -> None:
        self._store = store
        self._newest: dict[str, ClockSeen] = {}

    async def hear(self, seen: ClockSeen) -> None:
        if is_news(self._newest.get(seen.unit_id), seen):
            await self._store.append(seen)
            self._newest[seen.unit_id] = seen

    async def list_around(self, unit_id: str, from_ms: int, to_ms: int) -> list[ClockSeen]:
        return await self._store.list_around(unit_id, from_ms, to_ms)


async def clocks_of(
    clocks: VehicleClocks | None, envelopes: Iterable[Envelope]
) -> tuple[VehicleClock, ...]:
    """Of each vehicle that ran for the case, from its order to its last event."""
    if clocks is None:
        return ()
    runs: dict[str, list[Envelope]] = {}
    for envelope in envelopes:
        if kind_of(envelope.stream) == "mission":
            runs.setdefault(envelope.stream, []).append(envelope)
    found: dict[tuple[str, int], VehicleClock] = {}
    for stream, own in runs.items():
        run = fold(stream, own)
        if not isinstance(run, Mission):
            continue
        span = (min(e.received_ms for e in own), max(e.received_ms for e in own))
        for seen in await clocks.list_around(run.unit_id, *span):
            found[seen.unit_id, seen.heard_ms] = VehicleClock(
                unit_id=seen.unit_id,
                call_sign=run.call_sign,
                heard_ms=seen.heard_ms,
                offset_ms=seen.offset_ms,
                uncertainty_ms=seen.uncertainty_ms,
            )
    return tuple(found[key] for key in sorted(found))
