"""Positions of the crew's tablet, where the vehicle's terminal is silent or there is none.

Rule 1: what is used of them `domain/dispatch/credible.py` says, at the vehicle and once more at the
        centre, which may have heard the terminal where the vehicle has not.
Rule 2: an old position is worth nothing: no store keeps it for the centre, and no queue.
Rule 3: the centre has it on the disk before it shows it, as a terminal's.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from goldenhour.app.ports import Clock, TelemetryStore
from goldenhour.app.positions import Positions
from goldenhour.domain.dispatch.credible import Credible, Unheard, hear
from goldenhour.kernel.geo import distance_m
from goldenhour.kernel.telemetry import Fix, TabletPosition
from goldenhour.kernel.time import SECOND_MS

KMH_IN_M_S: Final = 3.6


class Ear(Protocol):
    """Takes what tablets say. Test double: none, both ears are small."""

    async def take(self, position: TabletPosition) -> Unheard | None: ...


def fix_of(position: TabletPosition, known: Fix | None, received_ms: int) -> Fix:
    """`known`: the unit's position before."""
    return Fix(
        unit_id=position.unit_id,
        point=position.point,
        speed_kmh=_speed_kmh(position, known),
        heading_deg=_heading_deg(position, known),
        altitude_m=0,
        device_ms=position.device_ms,
        received_ms=received_ms,
        catch_up=False,
        mileage_km=None,
        satellites=None,
        alarms=(),
        tablet=True,
        accuracy_m=position.accuracy_m,
    )


def _speed_kmh(position: TabletPosition, known: Fix | None) -> float:
    """Many tablets tell none: then by the way since, less what they may be wrong by."""
    if position.speed_kmh is not None:
        return position.speed_kmh
    if known is None or known.point is None or known.device_ms >= position.device_ms:
        return 0.0
    metres = distance_m(known.point, position.point) - position.accuracy_m
    return max(0.0, metres) / (position.device_ms - known.device_ms) * SECOND_MS * KMH_IN_M_S


def _heading_deg(position: TabletPosition, known: Fix | None) -> int:
    """By the way since as well, where it is longer than the tablet may be wrong by."""
    if position.heading_deg is not None:
        return position.heading_deg
    if known is None or known.point is None:
        return 0
    start, end = known.point, position.point
    if distance_m(start, end) <= position.accuracy_m:
        return known.heading_deg
    east = (end.lon - start.lon) * math.cos(math.radians(start.lat))
    return round(math.degrees(math.atan2(east, end.lat - start.lat))) % 360


def _listen(
    position: TabletPosition, positions: Positions, now_ms: int, rules: Credible
) -> Fix | Unheard:
    known = positions.fixes.get(position.unit_id)
    return hear(position, known, now_ms, rules) or fix_of(position, known, now_ms)


class VehicleEar:
    """At the vehicle's own computer, which shows it to its crew and tells the centre."""

    def __init__(
        self,
        positions: Positions,
        tell: Callable[[TabletPosition, int], object],
        clock: Clock,
        rules: Credible,
    ) -> None:
        """`tell` has the position, and the time after which it is worth nothing."""
        self._positions = positions
        self._tell = tell
        self._clock = clock
        self._rules = rules

    async def take(self, position: TabletPosition) -> Unheard | None:
        fix = _listen(position, self._positions, self._clock.now_ms(), self._rules)
        if isinstance(fix, Unheard):
            return fix
        self._positions.take(fix)
        self._tell(position, position.device_ms + self._rules.tablet_s * SECOND_MS)
        return None


class CentreEar:
    """At the centre."""

    def __init__(
        self,
        positions: Positions,
        store: TelemetryStore,
        tell: Callable[[Sequence[Fix]], Awaitable[object]],
        clock: Clock,
        rules: Credible,
    ) -> None:
        """`tell`: the other processes that go by positions."""
        self._positions = positions
        self._store = store
        self._tell = tell
        self._clock = clock
        self._rules = rules

    async def take(self, position: TabletPosition) -> Unheard | None:
        fix = _listen(position, self._positions, self._clock.now_ms(), self._rules)
        if isinstance(fix, Unheard):
            return fix
        await self._store.append_fixes([fix])
        self._positions.take(fix)
        await self._tell([fix])
        return None
