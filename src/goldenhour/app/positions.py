"""The newest live position of every unit, and where on the roads it is.

Rule 1: neither history nor a report that comes late moves a unit back.
Rule 2: a position is found on the roads when it arrives, never inside a question: `place_for_ever`
        does it after each burst of arrivals, as one array. A question that comes first places what
        still waits, so it never answers for an older position than `fixes` shows.
        All of it stands in one table besides: to read a thousand spots one by one out of as many
        objects took a question longer than to rank them.
Rule 3: what is not believed (`domain/dispatch/credible.py`) moves nothing. The unit keeps its last
        believed position, with its growing age, and stands in `doubted`.
Rule 4: where the crew's tablet speaks for the unit, a doubt about its terminal is not told: the
        unit does not stand where the terminal was last believed.
"""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from goldenhour.app.ports import OFF_ROAD, Place, Spot
from goldenhour.domain.dispatch.credible import Credible, Track, leads, weigh
from goldenhour.kernel.telemetry import Fix

COLUMNS: Final = 7
"""Of a row of the table, as `row_of` has them."""

Locate = Callable[[Sequence[Place]], Sequence[Spot]]


def without_roads(places: Sequence[Place]) -> list[Spot]:
    """For a process that never asks for a travel time, and for tests."""
    return [Spot(point=place.point, sides=OFF_ROAD) for place in places]


class Positions:
    def __init__(self, locate: Locate = without_roads, credible: Credible | None = None) -> None:
        """Without `credible` every report is believed: for positions that nobody decides by."""
        self.fixes: dict[str, Fix] = {}
        self.doubted: dict[str, int] = {}
        """Units whose newest report is not believed, and since when, by our clock."""
        self.rows: dict[str, int] = {}
        """Of each unit that was placed; a row stays its own."""
        self.table = array("d")
        """Its spot and when that was true, as `row_of` has them, one row after the other."""
        self._credible = credible
        self._tracks: dict[tuple[str, bool], Track] = {}
        """By unit, and whether it is the tablet's."""
        self._locate = locate
        self._spots: dict[str, Spot] = {}
        self._waiting: dict[str, Place] = {}
        self._arrived = asyncio.Event()

    def take(self, fix: Fix) -> bool:
        """True: it is believed, and newer than what was known."""
        if fix.catch_up or fix.point is None:
            return False
        known = self.fixes.get(fix.unit_id)
        if known and (fix == known or not self._leads(fix, known)):
            return False
        if not self._believes(fix, known):
            if fix.tablet or not (known and known.tablet):
                self.doubted.setdefault(fix.unit_id, fix.received_ms)
            return False
        self.doubted.pop(fix.unit_id, None)
        self.fixes[fix.unit_id] = fix
        self._waiting[fix.unit_id] = Place(
            point=fix.point, heading_deg=fix.heading_deg, speed_kmh=fix.speed_kmh
        )
        self._arrived.set()
        return True

    def _leads(self, fix: Fix, known: Fix) -> bool:
        if self._credible is None:
            # A clock ahead of ours must not shut out what comes after it.
            return _moment_of(fix) >= _moment_of(known)
        return leads(fix, known, self._credible)

    def _believes(self, fix: Fix, known: Fix | None) -> bool:
        if self._credible is None:
            return True
        key = fix.unit_id, fix.tablet
        before = self._tracks.get(key)
        if fix.tablet and known and not (before and before.believed is known):
            before = Track(believed=known)
        track = weigh(before, fix, self._credible)
        self._tracks[key] = track
        return track.believed is fix

    def find_spot(self, unit_id: str) -> Spot | None:
        """None: the unit was never seen."""
        self.place()
        return self._spots.get(unit_id)

    async def place_for_ever(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            self.place()

    def place(self) -> None:
        """What still waits."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        spots = self._locate(tuple(waiting.values()))
        self._spots.update(zip(waiting, spots, strict=True))
        for unit_id, spot in zip(waiting, spots, strict=True):
            row = row_of(spot, true_ms(self.fixes[unit_id]))
            at = self.rows.setdefault(unit_id, len(self.rows)) * COLUMNS
            self.table[at : at + COLUMNS] = array("d", row)


def row_of(spot: Spot, seen_ms: int) -> tuple[float, ...]:
    """Latitude, longitude in degrees; the arc and the fraction of each way that one may drive."""
    (arc, at), (other_arc, other_at) = spot.sides
    return spot.point.lat, spot.point.lon, arc, at, other_arc, other_at, seen_ms


def true_ms(fix: Fix) -> int:
    """A device clock ahead of ours cannot make a position younger than its arrival."""
    return min(fix.device_ms, fix.received_ms)


def _moment_of(fix: Fix) -> tuple[int, int]:
    return true_ms(fix), fix.device_ms
